"""YAML, as far as packs need it: mappings, lists and texts, with the place of every key and value.

Every scalar stays text: what `no`, `12:30` or `010` mean is for the models to say. Anchors, aliases, tags, merge keys
and second documents are refused. Works on events, not on nodes, so that an alias is refused before it is followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from bodycopy import schema
from bodycopy.errors import Fault, RuleFileError
from bodycopy.schema import Text, shown

__all__ = ["YamlFile"]

_DEEPEST = 20
_TOO_DEEP: Final = f"nested deeper than {_DEEPEST} levels"
_LINE_END: Final = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_YAML: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WRITE_OUT: Final = "packs have none; write the text out, and a pattern that begins so in a block (|)"
_SIGNS: Final = "put a pattern with signs of YAML in a block (|), any other text in quotes"
_Place = tuple[int, int]


class YamlFile:
    """One file being read; the mistakes that reading can go on after are in `faults`."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.lines = _LINE_END.split(text)
        self.faults: list[Fault] = []
        self.keys: dict[schema.Path, _Place] = {}
        self.values: dict[schema.Path, _Place] = {}
        self.events: Iterator[Any] = iter(())

    def read(self) -> object:
        """Return the data of the file. Raises RuleFileError where nothing after a fault can be trusted."""
        if found := _UNPRINTABLE.search(self.text):
            before = _LINE_END.split(self.text[: found.start()])
            raise self._stop(
                (len(before), len(before[-1]) + 1), f"control character U+{ord(found[0]):04X} in the file; delete it"
            )
        try:
            self.events = yaml.parse(self.text, Loader=_YAML)
            return self._document()
        except yaml.MarkedYAMLError as error:
            raise self._stop(*_syntax_fault(error)) from None

    def fault_of(self, problem: schema.Problem) -> Fault:
        """Give a problem its place: its own, or that of its path or of the nearest mapping or list around it."""
        if problem.line:
            return Fault(self.file, problem.line, problem.column, problem.message)
        path = problem.path
        places = self.keys if problem.at_key else self.values
        while path not in places:
            path, places = path[:-1], self.values
        return Fault(self.file, *places[path], problem.message)

    def _stop(self, place: _Place, message: str) -> RuleFileError:
        return RuleFileError([*self.faults, Fault(self.file, *place, message)])

    def _document(self) -> object:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise RuleFileError([Fault(self.file, 0, 0, "the file is empty; a pack needs a category and rules")])
        data = self._value(next(self.events), ())
        next(self.events)
        if not isinstance(event := next(self.events), yaml.StreamEndEvent):
            raise self._stop(_place(event.start_mark), "a second document begins here; write one pack a file")
        return data

    def _value(self, event: Any, path: schema.Path) -> object:
        self.values[path] = _place(event.start_mark)
        self._refuse_references(event)
        if len(path) > _DEEPEST:
            raise self._stop(_place(event.start_mark), _TOO_DEEP)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        return self._list(path) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(path)

    def _refuse_references(self, event: Any) -> None:
        place = _place(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            raise self._stop(place, f"*{event.anchor} is an alias; {_WRITE_OUT}")
        if event.anchor is not None:
            self.faults.append(Fault(self.file, *place, f"&{event.anchor} is an anchor; {_WRITE_OUT}"))
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.faults.append(Fault(self.file, *place, f"{tag} is a tag; {_WRITE_OUT}"))

    def _list(self, path: schema.Path) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: schema.Path) -> dict[str, object]:
        data: dict[str, object] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key, place = self._key(event), _place(event.start_mark)
            if key in data:
                message = f"key {shown(key)} stands here twice; the first is in line {self.keys[*path, key][0]}"
                self.faults.append(Fault(self.file, *place, message))
            self.keys[*path, key] = place
            data[key] = self._value(next(self.events), (*path, key))
        return data

    def _key(self, event: Any) -> str:
        self._refuse_references(event)
        if not isinstance(event, yaml.ScalarEvent):
            raise self._stop(_place(event.start_mark), "a key must be a text, not a list or a mapping")
        if not event.value:
            raise self._stop(_place(event.start_mark), "the key before the colon is missing")
        if event.value == "<<":
            raise self._stop(_place(event.start_mark), "merge key << is not allowed; write its keys out")
        return str(event.value)

    def _scalar(self, event: Any) -> Text | None:
        """Make a `Text`; None stands for a key without a value."""
        if not event.style and not event.value:
            return None
        text = Text(event.value, *_place(event.start_mark), self.file)
        text.flaw = self._flaw(event)
        if event.style == "|":
            text.block, text.origin = True, self._first_column(text)
        elif event.style:
            text.origin += 1
            text.exact = event.end_mark.column - event.start_mark.column == len(text) + 2
        return text

    def _flaw(self, event: Any) -> str:
        """Say why a scalar cannot be a pattern, if so."""
        end = event.end_mark
        if event.style == ">":
            return "a folded text (>) joins lines, and a pattern is one line"
        if event.style != "|" and event.start_mark.line != end.line:
            return "a pattern is one line"
        if not event.style and self.lines[end.line][end.column :].lstrip().startswith("#"):
            return 'YAML drops what follows " #" as a comment'
        return ""

    def _first_column(self, block: Text) -> int:
        """Return the column in the file, from 1, where the lines of a block begin."""
        for number, line in enumerate(block.split("\n"), block.line):
            if line.strip():
                return _indent_of(self.lines[number]) - _indent_of(line) + 1
        return block.column


def _syntax_fault(error: yaml.MarkedYAMLError) -> tuple[_Place, str]:
    """Say what the parser says; of a quote or a bracket that is not closed, say where it opens."""
    context = error.context or ""
    unclosed = "quoted" in context or "flow" in context
    mark = (error.context_mark if unclosed else None) or error.problem_mark
    if "nesting depth" in (error.problem or ""):  # The parser looks ahead, and has a limit of its own.
        return _place(mark), _TOO_DEEP
    return _place(mark) if mark else (1, 1), f"not YAML: {error.problem} {context}".rstrip() + f"; {_SIGNS}"


def _place(mark: Any) -> _Place:
    return mark.line + 1, mark.column + 1


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())

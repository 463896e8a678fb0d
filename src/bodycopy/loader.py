"""Read rule packs: YAML files become rules, and every mistake in them a fault with its place.

The order is: find the files, read each (`yamlfile`), check each (`schema`), build its rules, then look across the
files (equal ids, changes, selectors, what is switched off). All faults are collected; nothing is returned half.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from bodycopy import schema
from bodycopy.errors import BodycopyError, Fault, RuleFileError, nearest
from bodycopy.rules import (
    AnyLines,
    Block,
    Example,
    Finder,
    Guards,
    Item,
    Keep,
    LineOf,
    Lines,
    Patterns,
    Repeat,
    Rule,
    Shape,
    SpanOf,
    selects,
)
from bodycopy.schema import Text, shown
from bodycopy.yamlfile import YamlFile

__all__ = ["builtin_root", "load_rules"]

_MOST_BYTES = 5_000_000
_BLOCK_LINES = 50
_SUFFIXES: Final = frozenset({".yaml", ".yml"})
_STEM: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_PATTERNS_OF: Final[Mapping[type[Finder], str]] = {
    SpanOf: "patterns",
    LineOf: "patterns",
    Keep: "patterns",
    Block: "start",
}


def builtin_root() -> Path:
    """Return the folder of the built-in packs: in an installed package its own, else that of the checkout.

    Raises BodycopyError if there is none.
    """
    here = Path(__file__).resolve().parent
    for root in (here / "rulepacks", here.parents[1] / "rules"):
        if root.is_dir():
            return root
    raise BodycopyError(f"the built-in rules are missing: no folder {here / 'rulepacks'}; install bodycopy again")


def load_rules(paths: Sequence[str | os.PathLike[str]] = (), *, builtin: bool = True) -> tuple[Rule, ...]:
    """Return the built-in rules and those of `paths` (files, or folders with packs anywhere below), sorted by id.

    The order of paths, files and rules is immaterial; a file that is reached twice is read once.
    Raises RuleFileError with every mistake of every file.
    """
    faults: list[Fault] = []
    packs = _load_each(_find(paths, builtin, faults), faults)
    rules = _unique_rules(packs, faults)
    if not faults:  # A name that leads into a file with a fault would be a second fault for the same mistake.
        faults += _dangling_selectors(packs, rules)
        rules = _changed_rules(packs, rules, faults)
    if faults:
        raise RuleFileError(faults)
    off = [selector for pack in packs for selector in pack.content.disable]
    return tuple(rules[i] for i in sorted(rules) if not any(selects(selector, i) for selector in off))


# Finding and reading files


def _find(paths: Iterable[str | os.PathLike[str]], builtin: bool, faults: list[Fault]) -> list[tuple[str, Path]]:
    """Return each pack file once, with the name that reports call it by, sorted by that name."""
    given = sorted((os.fspath(path) for path in paths), reverse=True)
    searches: list[Callable[[], dict[Path, str]]] = [partial(_files_at, path) for path in given]
    names: dict[Path, str] = {}
    for search in (*searches, _builtin_files) if builtin else searches:
        try:
            names |= search()
        except RuleFileError as error:
            faults += error.faults
    return sorted((name, file) for file, name in names.items())


def _builtin_files() -> dict[Path, str]:
    root = builtin_root()
    return {file.resolve(): f"rules/{file.relative_to(root).as_posix()}" for file in _packs_below(root)}


def _files_at(path: str) -> dict[Path, str]:
    start = Path(path)
    try:
        if start.is_dir():
            return {file.resolve(): str(file) for file in _packs_below(start)}
        if start.is_file():
            return {start.resolve(): path}
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}") from None
    raise _refusal(path, "no such file or folder")


def _packs_below(folder: Path) -> list[Path]:
    found = [file for file in folder.rglob("*") if file.suffix in _SUFFIXES and file.is_file()]
    if not found:
        raise _refusal(str(folder), "no packs in this folder; a pack is a file that ends in .yaml or .yml")
    return found


def _refusal(file: str, message: str) -> RuleFileError:
    return RuleFileError([Fault(file, 0, 0, message)])


@dataclass(frozen=True, slots=True)
class _Pack:
    """A file that is right in itself."""

    file: str
    content: schema.Pack

    @property
    def name(self) -> str:
        return f"{self.content.category}/{Path(self.file).stem}"

    @property
    def entries(self) -> Iterator[schema.Entry]:
        return (rule for rule in self.content.rules if isinstance(rule, schema.Entry))

    @property
    def changes(self) -> Iterator[schema.Change]:
        return (rule for rule in self.content.rules if isinstance(rule, schema.Change))


def _load_each(files: Iterable[tuple[str, Path]], faults: list[Fault]) -> list[_Pack]:
    packs = []
    for name, file in files:
        try:
            packs.append(_load(name, _text_of(name, file)))
        except RuleFileError as error:
            faults += error.faults
    return packs


def _text_of(name: str, file: Path) -> str:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise _refusal(name, f"larger than {_MOST_BYTES // 1_000_000} MB; split it into several packs")
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _refusal(name, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _refusal(name, f"not UTF-8: byte {error.start} cannot be decoded; save the file as UTF-8") from None


def _load(name: str, text: str) -> _Pack:
    reader = YamlFile(name, text)
    content, problems = schema.check(reader.read())
    faults = [*reader.faults, *map(reader.fault_of, problems)]
    if not _STEM.fullmatch(stem := Path(name).stem):
        message = f'the file name is the name of the pack; "{stem}" is not made of small letters, digits and hyphens'
        faults.append(Fault(name, 0, 0, message))
    if content is None or faults:
        raise RuleFileError(faults)
    return _Pack(name, content)


# Building rules


def _rule(pack: _Pack, entry: schema.Entry) -> Rule:
    return Rule(
        id=f"{pack.name}/{entry.id}",
        finder=_finder(entry),
        file=pack.file,
        line=entry.id.line,
        guards=_guards(pack, entry),
        score=None if entry.score is None else int(entry.score * 100),
        trial=entry.status == "trial",
        default=pack.content.is_on,
        lang=pack.content.lang,
        about=entry.about or pack.content.about,
        source=entry.source,
        examples=tuple(map(_example, entry.examples)),
    )


def _finder(entry: schema.Entry) -> Finder:
    if entry.from_ is not None:
        return _block(entry, entry.from_)
    if entry.lines is not None:
        return Lines(tuple(map(_member, entry.lines)))
    if entry.shape is not None:
        return _shape(entry.shape)
    if entry.repeat is not None:
        return Repeat(**dict(entry.repeat))
    if entry.keep is not None:
        return Keep(entry.keep)
    return SpanOf(entry.span) if entry.span is not None else LineOf(entry.line or ())


def _block(entry: schema.Entry, start: Patterns) -> Block:
    end = entry.to or entry.until or ()
    most = entry.max_lines or (_BLOCK_LINES if end else None)
    return Block(start, end, with_end=entry.until is None, max_lines=most)


def _member(item: Patterns | schema.Member) -> Item | AnyLines:
    if not isinstance(item, schema.Member):
        return Item(item)
    if item.any is not None:
        return AnyLines(int(item.any.low), int(item.any.high))
    return Item(item.optional or (), optional=True)


def _shape(keys: schema.ShapeKeys) -> Shape:
    conditions = dict(keys)
    indent = conditions.pop("indent")
    return Shape(**conditions, other_indent=True if indent else None)


def _guards(pack: _Pack, entry: schema.Entry) -> Guards:
    return Guards(
        where=entry.where,
        after=tuple(map(str, entry.after)),
        before=tuple(map(str, entry.before)),
        near=tuple(map(str, entry.near)),
        words=entry.words,
        sentence=entry.sentence,
        unless=entry.unless,
        share=entry.share,
        site=entry.site,
        fingerprint=pack.content.fingerprint if entry.site and entry.keep is None else (),
    )


def _example(keys: schema.ExampleKeys) -> Example:
    if keys.remove is not None:
        return Example(str(keys.remove), leaves="", carried=True, line=keys.remove.line)
    if keys.keep is not None:
        return Example(str(keys.keep), leaves=str(keys.keep), carried=True, line=keys.keep.line)
    text = keys.text or Text("")
    return Example(str(text), leaves=keys.leaves or "", carried=False, line=text.line)


# Looking across files


def _unique_rules(packs: Iterable[_Pack], faults: list[Fault]) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for pack in packs:
        for entry in pack.entries:
            rule = _rule(pack, entry)
            first = rules.setdefault(rule.id, rule)
            if first is not rule:
                message = (
                    f'the id "{rule.id}" is taken: {first.file}:{first.line} has it; to change that rule write "extend"'
                )
                faults.append(Fault(pack.file, entry.id.line, entry.id.column, message))
    return rules


def _dangling_selectors(packs: Iterable[_Pack], rules: Mapping[str, Rule]) -> Iterator[Fault]:
    """Yield a fault for each `after`, `before` and `near` that names no rule."""
    used = [
        (pack.file, selector)
        for pack in packs
        for entry in pack.entries
        for selector in (*entry.after, *entry.before, *entry.near)
    ]
    known = {rule.category for rule in rules.values()} | rules.keys()
    dangling = {name for name in {str(s) for _, s in used} if not any(selects(name, i) for i in rules)}
    for file, name in used:
        if name in dangling:
            hint = _nearest_if_any(name, known, "write a category, a full id or a glob that names a loaded rule")
            yield Fault(file, name.line, name.column, f"no rule, category or glob {shown(name)}; {hint}")


def _nearest_if_any(word: str, known: Iterable[str], otherwise: str) -> str:
    """Hint at the nearest word, but do not list hundreds where none is near."""
    hint = nearest(word, known)
    return hint if hint.startswith("did") else otherwise


_Changes = list[tuple[str, schema.Change]]


def _changed_rules(packs: Iterable[_Pack], rules: Mapping[str, Rule], faults: list[Fault]) -> dict[str, Rule]:
    changes: dict[str, _Changes] = defaultdict(list)
    for pack in packs:
        for change in pack.changes:
            if change.extend in rules:
                changes[change.extend].append((pack.file, change))
            else:
                hint = _nearest_if_any(change.extend, rules, "write the full id of a loaded rule")
                faults.append(_fault_at(pack.file, change.extend, f"no rule {shown(change.extend)}; {hint}"))
    return {**rules, **{i: _changed(rules[i], of_rule, faults) for i, of_rule in changes.items()}}


def _changed(base: Rule, changes: _Changes, faults: list[Fault]) -> Rule:
    """Return the rule less what any change drops, plus what any adds, in an order that files do not alter."""
    field = _PATTERNS_OF.get(type(base.finder))
    if field is None:
        message = f'"extend" changes rules with span, line, keep or from; "{base.id}" has none of them'
        faults += (_fault_at(file, change.extend, message) for file, change in changes)
        return base
    old: Patterns = getattr(base.finder, field)
    faults += _idle_drops(base, old, changes)
    dropped = {pattern for _, change in changes for pattern in change.drop}
    kept = [pattern for pattern in old if pattern not in dropped]
    added = {pattern for _, change in changes for pattern in change.add if pattern not in kept}
    new = (*kept, *sorted(added, key=lambda pattern: pattern.source))
    if not new:
        message = f'no pattern of "{base.id}" is left; to switch the rule off write "disable"'
        faults += (_fault_at(file, change.extend, message) for file, change in changes)
    finder: Any = base.finder
    examples = (*base.examples, *(_example(keys) for _, change in changes for keys in change.examples))
    return replace(base, finder=replace(finder, **{field: new}), examples=examples)


def _idle_drops(base: Rule, old: Patterns, changes: _Changes) -> Iterator[Fault]:
    for file, change in changes:
        for pattern in change.drop:
            if pattern not in old:
                hint = _nearest_if_any(
                    pattern.source, (p.source for p in old), f"its patterns stand in {base.file}:{base.line}"
                )
                message = f'"{base.id}" has no pattern {shown(pattern.source)}; {hint}'
                yield Fault(file, pattern.line, pattern.column, message)


def _fault_at(file: str, text: Text, message: str) -> Fault:
    return Fault(file, text.line, text.column, message)

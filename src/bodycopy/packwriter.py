"""A checked pack → its YAML, in the form that people write: patterns and long texts as blocks.

What a pack holds is read from the models of `schema`, so a new key is written without a word here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import regex
import yaml
from pydantic import BaseModel

from bodycopy.patterns import Pattern
from bodycopy.rules import Range
from bodycopy.schema import Pack

__all__ = ["to_yaml"]

_WORDS: Final = regex.compile(r"\p{L}+(?: \p{L}+)*")
_NOT_IN_A_BLOCK: Final = regex.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_yaml(pack: Pack) -> str:
    """Return the text of a file that reads as this pack. Keys with their default value are left out."""
    text: str = yaml.serialize(_mapping(pack), Dumper=_Dumper, allow_unicode=True, width=float("inf"))
    return text


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent the items of a list, too."""
        super().increase_indent(flow, False)

    def choose_scalar_style(self) -> str:
        """Leave a block a block: what cannot stand in one was not made one."""
        wanted: str | None = getattr(self.event, "style", None)
        return "|" if wanted == "|" else str(super().choose_scalar_style())


def _mapping(model: BaseModel) -> yaml.MappingNode:
    fields = type(model).model_fields
    given = {field.alias or name: getattr(model, name) for name, field in fields.items()}
    defaults = {field.alias or name: field.default for name, field in fields.items()}
    return _node_of_dict({key: value for key, value in given.items() if value != defaults[key]})


def _node_of_dict(values: Mapping[str, Any]) -> yaml.MappingNode:
    return yaml.MappingNode("tag:yaml.org,2002:map", [(_text(key), _node(value)) for key, value in values.items()])


def _node(value: Any) -> yaml.Node:
    """Return what a value is in YAML, by its type."""
    return next(write for kind, write in _WRITERS.items() if isinstance(value, kind))(value)


def _list(values: tuple[Any, ...]) -> yaml.Node:
    """Write patterns as a block of them, and anything else as a list."""
    if values and all(isinstance(value, Pattern) for value in values):
        return _patterns([pattern.source for pattern in values])
    return yaml.SequenceNode("tag:yaml.org,2002:seq", list(map(_node, values)))


def _patterns(sources: list[str]) -> yaml.Node:
    if len(sources) == 1 and _WORDS.fullmatch(sources[0]):
        return _text(sources[0])
    return _scalar("\n".join([*sources, ""]), style="|")


def _text(value: str) -> yaml.Node:
    if _NOT_IN_A_BLOCK.search(value) or value.startswith("\t") or not value.strip():  # YAML indents by spaces alone.
        return _scalar(value, style='"')
    return _scalar(value, style="|" if "\n" in value else None)


def _range(value: Range) -> yaml.Node:
    if value.low == value.high:
        return _number(value.low)
    low, high = ("" if abs(end) == float("inf") else _digits(end) for end in (value.low, value.high))
    return _text(f"{low}..{high}")


def _number(value: float | Decimal) -> yaml.Node:
    digits = _digits(value)
    return _scalar(digits, kind="float" if "." in digits else "int")


def _digits(value: float | Decimal) -> str:
    """Return a number without an exponent, and a whole one without a point."""
    digits = format(Decimal(str(value)), "f")
    return digits.removesuffix(".0")


def _truth(value: bool) -> yaml.Node:
    return _scalar(str(value).lower(), kind="bool")


def _scalar(value: str, *, kind: str = "str", style: str | None = None) -> yaml.Node:
    return yaml.ScalarNode(f"tag:yaml.org,2002:{kind}", value, style=style)


_WRITERS: Final[Mapping[type, Callable[[Any], yaml.Node]]] = {
    BaseModel: _mapping,
    dict: _node_of_dict,
    tuple: _list,
    Range: _range,
    bool: _truth,
    Enum: lambda value: _text(value.value),
    str: _text,
    int: _number,
    float: _number,
    Decimal: _number,
}
"""How each type of value is written; the first that fits counts, so a narrow type stands before a wide one."""

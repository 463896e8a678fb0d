"""JSON lines: a record a line. Of a record only the string of its text is replaced, in the bytes as they stand.

So numbers of any size, the order of keys, white space and the other fields stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]  # the C one where there is one
from typing import Any, BinaryIO, Final, NamedTuple

from bodycopy.formats.compression import skip
from bodycopy.formats.lines import Bytes, blocks, decoded, split_lines
from bodycopy.formats.records import Fields, Filler, Mark, Piece, Record, RecordError

__all__ = ["JsonLines"]

# Numbers are passed over and never worked out: one of a million digits would take minutes.
_SKIPPER: Final = json.JSONDecoder(parse_int=str, parse_float=str)
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_MARK: Final = "\ufeff"


class _Value(NamedTuple):
    """A value of an object and its place in the line; None is any value that is no string."""

    string: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _JsonRecord:
    line: str
    end: int
    """The place of the brace that ends the object."""
    place: _Value
    url: str | None
    fields: Fields
    encoding: str = "utf-8"

    @property
    def text(self) -> str:
        return self.place.string or ""

    def replaced(self, text: str, removals: Sequence[Mapping[str, Any]]) -> bytes:
        start, end = self.place.start, self.place.end
        literal = self.line[start:end]
        if text != self.text:
            literal = json.dumps(text, ensure_ascii=literal.isascii())
        added = ""
        if self.fields.removals is not None:
            ascii_only = self.line.isascii()
            value = json.dumps(removals, ensure_ascii=ascii_only)
            added = f", {json.dumps(self.fields.removals, ensure_ascii=ascii_only)}: {value}"
        line = "".join((self.line[:start], literal, self.line[end : self.end], added, self.line[self.end :]))
        # A lone surrogate has no bytes in UTF-8, and as an escape it is legal JSON.
        return line.encode("utf-8", "backslashreplace")

    def row(self) -> dict[str, Any]:
        try:
            row: dict[str, Any] = json.loads(self.line.removeprefix(_MARK))
        except ValueError as error:  # a whole number of thousands of digits
            raise RecordError(f"no value for a table: {error}") from error
        return row


@dataclass(frozen=True, slots=True)
class JsonLines(Bytes):
    """JSON lines in UTF-8. Blank lines are no records, and stay."""

    fields: Fields

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        skip(file, start.read)
        first = start.records
        for data, end, fault in blocks(file, start.read):
            count = 1 if fault else sum(1 for line in data.split(b"\n") if line and not line.isspace())
            yield Piece(first, count, data, end, fault)
            first += count
        if first == 0:
            yield Piece(0, 0, b"", 0)

    def records(self, content: Any) -> Iterable[Any]:
        for line in split_lines(content, b"\n"):
            yield Filler(line) if line.isspace() else line

    def parse(self, raw: Any) -> Record:
        line = decoded(raw)
        values, end = _values(line.removesuffix("\n"))
        place = values.get(self.fields.text)
        if place is None:
            raise RecordError(f'there is no field "{self.fields.text}"')
        if place.string is None:
            raise RecordError(f'the field "{self.fields.text}" is no string')
        if self.fields.removals in values:
            raise RecordError(f'there is a field "{self.fields.removals}" already')
        url = values.get(self.fields.url) if self.fields.url is not None else None
        return _JsonRecord(line, end, place, url.string if url else None, self.fields)


def _values(line: str) -> tuple[dict[str, _Value], int]:
    """Return the values of the object on a line, and where it ends. Of equal keys the last counts."""
    try:
        values, end = _object(line)
    except (ValueError, StopIteration, IndexError) as error:
        raise RecordError(f"no JSON: {_in_words(error)}") from error
    except RecursionError as error:
        raise RecordError("nested too deeply") from error
    return values, end


def _object(line: str) -> tuple[dict[str, _Value], int]:
    values: dict[str, _Value] = {}
    at = _past_space(line, 1 if line.startswith(_MARK) else 0)
    if line[at] != "{":
        _SKIPPER.raw_decode(line, at)
        raise RecordError("no object")
    at = _past_space(line, at + 1)
    while line[at] != "}":
        if values:
            at = _past_space(line, _past(line, at, ","))
        start = _past(line, at, '"')
        key, at = scanstring(line, start)
        at = _past_space(line, _past(line, _past_space(line, at), ":"))
        values[key] = _value(line, at)
        at = _past_space(line, values[key].end)
    if _past_space(line, at + 1) != len(line):
        raise json.JSONDecodeError("Extra data", line, at + 1)
    return values, at


def _value(line: str, at: int) -> _Value:
    if line[at] == '"':
        string, end = scanstring(line, at + 1)
        return _Value(string, at, end)
    _, end = _SKIPPER.raw_decode(line, at)
    return _Value(None, at, end)


def _past(line: str, at: int, sign: str) -> int:
    if line[at] != sign:
        raise json.JSONDecodeError(f"Expecting {sign!r}", line, at)
    return at + 1


def _past_space(line: str, at: int) -> int:
    found = _SPACE.match(line, at)
    return found.end() if found else at


def _in_words(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.lower().removesuffix(' at')} at character {error.pos + 1:,}"
    return "it is cut off"

"""Another format than the one that was read: each record becomes a row, and the rows are written anew.

A table wants to know its columns before its first row is written. They are those of the first records, some 1 MB of
them; a later record that does not fit fails alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isnan
from typing import Any, BinaryIO, NamedTuple, Protocol

from bodycopy.errors import BodycopyError
from bodycopy.formats.records import Fields, Filler, Format, Mark, Piece, Record, RecordError

__all__ = ["Converted", "DelimitedRows", "JsonRows", "Row", "Rows", "json_of", "names_of"]

Row = dict[str, Any]


class Rows(Protocol):
    """A format that rows are written in. It can be pickled."""

    @property
    def has_columns(self) -> bool:
        """Whether the first rows say what the others may hold."""

    def columns(self, rows: Sequence[Row]) -> Any:
        """Return what the first rows say."""

    def encode(self, row: Row, columns: Any) -> Any:
        """Return what is written of a row. Raises RecordError for one that does not fit the columns."""

    def join(self, encoded: Sequence[Any], columns: Any, *, first: bool) -> Any:
        """Return what is written of a piece, as Format.join does; the first begins the file."""

    def writer(self, target: BinaryIO) -> AbstractContextManager[Callable[[Any], object]]:
        """Return what writes the joined pieces to the target, in their order."""


class _Sheet(NamedTuple):
    """A piece of the file that is read, with what the first said; of one without records there is no content."""

    content: Any
    columns: Any
    first: bool


class _RawRow(NamedTuple):
    raw: Any
    columns: Any


@dataclass(frozen=True, slots=True)
class _ConvertedRecord:
    record: Record
    columns: Any
    rows: Rows
    fields: Fields

    @property
    def text(self) -> str:
        return self.record.text

    @property
    def url(self) -> str | None:
        return self.record.url

    @property
    def encoding(self) -> str:
        return self.record.encoding

    def row(self) -> Row:
        return self.record.row()

    def replaced(self, text: str, removals: Sequence[Mapping[str, Any]]) -> Any:
        row = _row(self.record, self.fields, text)
        if self.fields.removals is not None:
            if self.fields.removals in row:
                raise RecordError(f'there is a field "{self.fields.removals}" already')
            row[self.fields.removals] = list(removals)
        return self.rows.encode(row, self.columns)


@dataclass(frozen=True, slots=True)
class Converted:
    """A format that is read, and another that is written."""

    read: Format
    rows: Rows
    fields: Fields
    rereads = False

    @property
    def single(self) -> bool:
        return self.read.single

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        columns, first, behind = None, start.records == 0, 0
        for piece in self.read.pieces(file, start):
            behind = piece.first + piece.count
            if piece.fault is not None:
                yield piece
                continue
            if columns is None and self.rows.has_columns:
                columns = self._columns(list(self._beginning(piece)))
            begins = first and (columns is not None or not self.rows.has_columns)
            # Who goes on in the midst of a table does not know its columns.
            end = None if self.rows.has_columns else piece.end
            yield replace(piece, content=_Sheet(piece.content, columns, begins), end=end)
            first = first and not begins
        if first:
            yield Piece(behind, 0, _Sheet(None, self._columns([_row(None, self.fields, "")]), first=True))

    def records(self, content: Any) -> Iterable[Any]:
        raws = self.read.records(content.content) if content.content is not None else ()
        return (_RawRow(raw, content.columns) for raw in raws if not isinstance(raw, Filler))

    def parse(self, raw: Any) -> Record:
        return _ConvertedRecord(self.read.parse(raw.raw), raw.columns, self.rows, self.fields)

    def shown(self, raw: Any) -> str | None:
        return self.read.shown(raw.raw if isinstance(raw, _RawRow) else raw)

    def join(self, content: Any, records: Sequence[Any]) -> Any:
        if content.columns is None and self.rows.has_columns:
            return []
        return self.rows.join(records, content.columns, first=content.first)

    def writer(self, source: BinaryIO | None, target: BinaryIO) -> AbstractContextManager[Callable[[Any], object]]:
        return self.rows.writer(target)

    def _columns(self, rows: Sequence[Row]) -> Any:
        if not rows or not self.rows.has_columns:
            return None
        added: Row = {} if self.fields.removals is None else {self.fields.removals: []}
        return self.rows.columns([row | added for row in rows])

    def _beginning(self, piece: Piece) -> Iterator[Row]:
        for raw in self.read.records(piece.content):
            if not isinstance(raw, Filler):
                try:
                    record = self.read.parse(raw)
                    yield _row(record, self.fields, record.text)
                except BodycopyError:  # it is named when its turn comes
                    continue


def _row(record: Record | None, fields: Fields, text: str) -> Row:
    others = record.row() if record else {}
    return {**others, fields.text: text} if fields.text in others else {fields.text: text, **others}


def names_of(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the names of all fields, in the order in which they are met."""
    return tuple(dict.fromkeys(name for row in rows for name in row))


def json_of(value: Any) -> str:
    """Return a value as JSON. Raises RecordError for one that JSON has no form for."""
    try:
        return json.dumps(None if _is_missing(value) else value, ensure_ascii=False, allow_nan=False, default=_plain)
    except (ValueError, TypeError) as error:
        raise RecordError(f"{str(value)[:40]} has no form in JSON") from error


def _is_missing(value: Any) -> bool:
    # Tables have NaN for it.
    return value is None or (isinstance(value, float) and isnan(value))


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError


@dataclass(frozen=True, slots=True)
class JsonRows:
    """JSON lines, in UTF-8."""

    has_columns = False

    def columns(self, rows: Sequence[Row]) -> Any:
        return None

    def encode(self, row: Row, columns: Any) -> bytes:
        line = ", ".join(f"{json_of(name)}: {json_of(value)}" for name, value in row.items())
        # A lone surrogate has no bytes in UTF-8, and as an escape it is legal JSON.
        return f"{{{line}}}\n".encode("utf-8", "backslashreplace")

    def join(self, encoded: Sequence[Any], columns: Any, *, first: bool) -> Any:
        return [b"".join(encoded)]

    def writer(self, target: BinaryIO) -> AbstractContextManager[Callable[[Any], object]]:
        return nullcontext(target.write)


@dataclass(frozen=True, slots=True)
class DelimitedRows:
    """CSV, or with a tab TSV. A string stands as it is, another value as its JSON, and nothing for what is missing."""

    delimiter: str
    has_columns = True

    def columns(self, rows: Sequence[Row]) -> tuple[str, ...]:
        return names_of(rows)

    def encode(self, row: Row, columns: Any) -> bytes:
        if other := next((name for name in row if name not in columns), None):
            raise RecordError(f'there is a field "{other}", which the first records have not')
        return self._line([row.get(name) for name in columns])

    def join(self, encoded: Sequence[Any], columns: Any, *, first: bool) -> Any:
        return [b"".join((self._line(columns) if first else b"", *encoded))]

    def writer(self, target: BinaryIO) -> AbstractContextManager[Callable[[Any], object]]:
        return nullcontext(target.write)

    def _line(self, values: Sequence[Any]) -> bytes:
        # The one field of a line is quoted, or an empty one would be no line.
        line = self.delimiter.join(self._field(value, quoted=len(values) == 1) for value in values)
        try:
            return f"{line}\n".encode()
        except UnicodeEncodeError as error:
            raise RecordError(f"not text: a lone surrogate at character {error.start:,} of its line") from error

    def _field(self, value: Any, *, quoted: bool) -> str:
        if _is_missing(value):
            return '""' if quoted else ""
        text = value if isinstance(value, str) else json_of(value).strip('"')
        if quoted or not text or any(sign in text for sign in (self.delimiter, '"', "\r", "\n")):
            return '"' + text.replace('"', '""') + '"'
        return text

"""CSV and TSV: the first record names the fields. Of a record only the one field is replaced, in the line as it stands.

So the delimiter, what is quoted, and line ends stay as they are.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, NamedTuple

from bodycopy.formats.lines import Bytes, blocks, decoded, split_lines
from bodycopy.formats.records import LARGEST_RECORD, Fields, Filler, Mark, Piece, Record, RecordError

__all__ = ["Delimited"]

_SIZE: Final = 1 << 20
_DELIMITERS: Final = ",;\t|"
_QUOTE: Final = '"'
_MARK: Final = b"\xef\xbb\xbf"


class _Layout(NamedTuple):
    """What the header says."""

    delimiter: str
    names: tuple[str, ...]


class _Rows(NamedTuple):
    """Some records, as their bytes; the header comes with the first."""

    layout: _Layout
    header: bytes
    rows: tuple[bytes, ...]


class _Row(NamedTuple):
    layout: _Layout
    data: bytes


@dataclass(frozen=True, slots=True)
class _DelimitedRecord:
    line: str
    text: str
    url: str | None
    start: int
    end: int
    """Where the field with the text stands in the line."""
    delimiter: str
    travels: bool
    """Whether the removals are to be in the record."""
    values: Mapping[str, str]
    encoding: str = "utf-8"

    def replaced(self, text: str, removals: Sequence[Mapping[str, Any]]) -> bytes:
        written = self.line[self.start : self.end]
        if text != self.text:
            written = _written(text, self.delimiter, quoted=written.startswith(_QUOTE))
        line = f"{self.line[: self.start]}{written}{self.line[self.end :]}"
        if self.travels:
            line = _with_field(line, json.dumps(removals), self.delimiter)
        return line.encode("utf-8")

    def row(self) -> dict[str, Any]:
        return dict(self.values)


@dataclass(frozen=True, slots=True)
class Delimited(Bytes):
    """Records of delimited fields in UTF-8, with a header. The delimiter is the one that the header has most of."""

    fields: Fields

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        # A text may be longer than the module allows.
        csv.field_size_limit(LARGEST_RECORD)
        lines = _Lines(file)
        layout, header = self._header(lines)
        reader = csv.reader(lines, delimiter=layout.delimiter)
        rows: list[bytes] = []
        first = count = size = 0
        while True:
            fault = None
            try:
                row = next(reader, None)
            except _LineError as error:
                row, fault = [], str(error)
            except csv.Error as error:
                row, fault = [], f"no CSV: {str(error).partition(' - ')[0]}"
            data = lines.take()
            if data and not fault:
                rows.append(data)
                size += len(data)
                count += bool(row)
            if row is None or fault or size >= _SIZE:
                if first >= start.records and (rows or header):
                    yield Piece(first, count, _Rows(layout, header, tuple(rows)), lines.end)
                first, header, rows, count, size = first + count, b"", [], 0, 0
            if fault:
                yield Piece(first, 1, _Row(layout, data), lines.end, fault)
                first += 1
            if row is None:
                return

    def _header(self, lines: _Lines) -> tuple[_Layout, bytes]:
        line = next(lines, "")
        delimiter = max(_DELIMITERS, key=line.count)
        lines.again(line)
        names = tuple(next(csv.reader(lines, delimiter=delimiter), ()))
        header = lines.take()
        if self.fields.text not in names:
            raise RecordError(f'the header has no field "{self.fields.text}"')
        if self.fields.removals in names:
            raise RecordError(f'there is a field "{self.fields.removals}" already')
        if self.fields.removals is not None:
            header = _with_field(header.decode("utf-8", "surrogateescape"), self.fields.removals, delimiter).encode(
                "utf-8", "surrogateescape"
            )
        return _Layout(delimiter, names), lines.mark + header

    def records(self, content: Any) -> Iterable[Any]:
        if content.header:
            yield Filler(content.header)
        for row in content.rows:
            yield _Row(content.layout, row) if row.strip(b"\r\n") else Filler(row)

    def shown(self, raw: Any) -> str | None:
        return super(Delimited, self).shown(raw.data)

    def parse(self, raw: Any) -> Record:
        csv.field_size_limit(LARGEST_RECORD)
        (delimiter, names), data = raw
        line = decoded(data)
        row = next(csv.reader(split_lines(line, "\n"), delimiter=delimiter))
        if len(row) != len(names):
            raise RecordError(f"{len(row)} fields, and the header has {len(names)}")
        spans = _spans(line, delimiter)
        index = names.index(self.fields.text)
        if len(spans) != len(row) or _value(line[slice(*spans[index])]) != row[index]:
            raise RecordError("its quotes are not those of CSV")
        url = row[names.index(self.fields.url)] if self.fields.url in names else None
        travels = self.fields.removals is not None
        start, end = spans[index]
        values = dict(zip(names, row, strict=True))
        return _DelimitedRecord(line, row[index], url, start, end, delimiter, travels, values)


class _LineError(RecordError):
    """A line that cannot be read."""


class _Lines:
    """The lines of a file for the csv module, which remembers what was taken of them."""

    def __init__(self, file: BinaryIO) -> None:
        self.mark = b""
        """The byte order mark."""
        self.end = 0
        """The place in the file behind what was taken."""
        self._blocks = blocks(file, 0)
        self._lines: Iterator[bytes] = iter(())
        self._again: list[str] = []
        self._taken: list[bytes] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._again:
            return self._again.pop()
        line = next(self._lines, None)
        while line is None:
            data, _, fault = next(self._blocks)
            if fault:
                self._take(data)
                raise _LineError(fault)
            if self.end == 0 and data.startswith(_MARK):
                self.mark, data = _MARK, data[len(_MARK) :]
                self.end = len(_MARK)
            self._lines = split_lines(data, b"\n")
            line = next(self._lines, None)
        self._take(line)
        return line.decode("utf-8", "surrogateescape")

    def again(self, line: str) -> None:
        """Give a line that was taken once more."""
        if line:
            self._again.append(line)

    def take(self) -> bytes:
        """Return the bytes that were taken since the last time."""
        data = b"".join(self._taken)
        self._taken.clear()
        return data

    def _take(self, line: bytes) -> None:
        self._taken.append(line)
        self.end += len(line)


def _spans(line: str, delimiter: str) -> list[tuple[int, int]]:
    """Return where the fields of a record stand."""
    other = f"[^{re.escape(delimiter)}\r\n]*+"
    field = re.compile(f'"[^"]*+(?:""[^"]*+)*+"{other}|{other}')
    spans, at = [], 0
    while found := field.match(line, at):
        spans.append(found.span())
        at = found.end() + 1
        if line[found.end() : at] != delimiter:
            break
    return spans


def _value(written: str) -> str:
    return written[1:-1].replace('""', _QUOTE) if written.startswith(_QUOTE) else written


def _written(text: str, delimiter: str, *, quoted: bool) -> str:
    if quoted or any(sign in text for sign in (delimiter, _QUOTE, "\r", "\n")):
        return '"' + text.replace(_QUOTE, '""') + '"'
    return text


def _with_field(line: str, text: str, delimiter: str) -> str:
    """Put a field behind the last of a record."""
    body = line.rstrip("\r\n")
    return f"{body}{delimiter}{_written(text, delimiter, quoted=False)}{line[len(body) :]}"

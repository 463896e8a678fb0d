"""WET: the text of a crawl, as the `conversion` records of a WARC file. Records of other types stay as they are.

The length and the digests of a record that changes are worked out anew. Compressed, each record is a member of its own,
as the standard wants it. (Read by hand: FastWARC 2.0 ends the process where a stream cannot seek.)
"""

from __future__ import annotations

import io
import re
from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Any, BinaryIO, Final, NamedTuple, cast

from bodycopy.formats.compression import DamagedError
from bodycopy.formats.lines import Bytes, decoded
from bodycopy.formats.records import LARGEST_RECORD, Fields, Filler, Mark, Piece, Record, RecordError

__all__ = ["Wet"]

_SIZE: Final = 1 << 20
_LONGEST_HEAD: Final = 1 << 20
_BLANK: Final = (b"\r\n", b"\n")
_END: Final = b"\r\n\r\n"
_FIELD: Final = re.compile(rb"(?m)^([A-Za-z-]+)(:[ \t]*)([^\r\n]*)")
_DIGESTS: Final = (b"warc-block-digest", b"warc-payload-digest")


class _Raw(NamedTuple):
    """A record as it stands in the file."""

    head: bytes
    body: bytes

    def value(self, name: bytes) -> bytes | None:
        return next((value for key, _, value in _FIELD.findall(self.head) if key.lower() == name), None)

    def is_text(self) -> bool:
        return self.value(b"warc-type") == b"conversion"

    def to_bytes(self) -> bytes:
        return b"".join((self.head, self.body, _END))


@dataclass(frozen=True, slots=True)
class _WetRecord:
    raw: _Raw
    text: str
    encoding: str = "utf-8"

    @property
    def url(self) -> str | None:
        address = self.raw.value(b"warc-target-uri")
        return None if address is None else address.decode("utf-8", "replace")

    def replaced(self, text: str, removals: Sequence[Mapping[str, Any]]) -> bytes:
        if text == self.text:
            return self.raw.to_bytes()
        body = text.encode("utf-8")
        new = {b"content-length": str(len(body)).encode()}
        new |= dict.fromkeys(_DIGESTS, b"sha1:" + b32encode(sha1(body, usedforsecurity=False).digest()))

        def field(found: re.Match[bytes]) -> bytes:
            key, colon, value = found.groups()
            return b"".join((key, colon, new.get(key.lower(), value)))

        return _Raw(_FIELD.sub(field, self.raw.head), body).to_bytes()


@dataclass(frozen=True, slots=True)
class Wet(Bytes):
    """WET files in UTF-8. The address of a text is in its record."""

    fields: Fields

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        if self.fields.removals is not None:
            raise RecordError("a WET record has no fields to write removals into")
        held = _Held()
        try:
            for raw, fault in _records(file if hasattr(file, "peek") else _buffered(file)):
                if fault is None:
                    held.add(raw)
                if fault or held.size >= _SIZE:
                    yield from held.piece(start)
                if fault:
                    yield Piece(held.first, 1, raw, None, fault)
                    held.first += 1
        except (OSError, RecordError, DamagedError):
            yield from held.piece(start)
            raise
        yield from held.piece(start)

    def records(self, content: Any) -> Iterable[Any]:
        return (raw if raw.is_text() else Filler(raw.to_bytes()) for raw in content)

    def parse(self, raw: Any) -> Record:
        return _WetRecord(raw, decoded(raw.body))

    def shown(self, raw: Any) -> str | None:
        return super(Wet, self).shown(raw.to_bytes())

    def join(self, content: Any, records: Sequence[Any]) -> Any:
        return list(records)


class _Held:
    """The records that the next piece is made of."""

    def __init__(self) -> None:
        self.first = 0
        self.size = 0
        self._records: list[_Raw] = []

    def add(self, raw: _Raw) -> None:
        self._records.append(raw)
        self.size += len(raw.body)

    def piece(self, start: Mark) -> Iterator[Piece]:
        records, self._records, self.size = self._records, [], 0
        count = sum(raw.is_text() for raw in records)
        first, self.first = self.first, self.first + count
        if records and first >= start.records:
            yield Piece(first, count, tuple(records))


def _buffered(file: BinaryIO) -> BinaryIO:
    return io.BufferedReader(cast(io.RawIOBase, file))


def _records(file: BinaryIO) -> Iterator[tuple[_Raw, str | None]]:
    """Yield the records of a file, each with what is wrong with it. Raises RecordError where none begins."""
    while head := _head(file):
        raw = _Raw(head, b"")
        length = int(raw.value(b"content-length") or -1)
        if not head.endswith(b"\n") or length < 0:
            yield raw, "its head is cut off"
            return
        if length > LARGEST_RECORD:
            yield raw, f"longer than {LARGEST_RECORD >> 20} MB"
            while length > 0 and (block := file.read(min(length, _SIZE))):
                length -= len(block)
        else:
            raw = raw._replace(body=file.read(length))
            yield raw, "it is cut off" if len(raw.body) < length else None


def _head(file: BinaryIO) -> bytes:
    """Read the head of the next record with the blank line that ends it; what is cut off has none."""
    line = file.readline(_LONGEST_HEAD)
    while line in _BLANK:
        line = file.readline(_LONGEST_HEAD)
    if line and not line.startswith(b"WARC/"):
        raise RecordError("no WARC record begins where one should")
    head = [line]
    size = len(line)
    while line and line not in _BLANK and size <= _LONGEST_HEAD:
        line = file.readline(_LONGEST_HEAD)
        head.append(line)
        size += len(line)
    return b"".join(head) if line in _BLANK else b"".join(head).rstrip(b"\r\n")

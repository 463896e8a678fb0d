"""The records of WARC files, which WET files are too.

They are cut by hand: FastWARC 2.0 ends the process where a stream cannot seek, and says nothing of one that is cut off.
Compressed, each record that is written is a member of its own, as the standard wants it.
"""

from __future__ import annotations

import io
import re
from base64 import b32encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha1
from typing import Any, BinaryIO, Final, NamedTuple, cast

from bodycopy.formats.compression import DamagedError
from bodycopy.formats.records import LARGEST_RECORD, Fields, Mark, Piece, RecordError

__all__ = ["Raw", "RawText", "digest_of", "pieces", "refuse_removals"]

_SIZE: Final = 1 << 20
_LONGEST_HEAD: Final = 1 << 20
_BEGINNING: Final = 1 << 16
_BLANK: Final = (b"\r\n", b"\n")
_END: Final = b"\r\n\r\n"
_FIELD: Final = re.compile(rb"(?m)^([A-Za-z-]+)(:[ \t]*)([^\r\n]*)")


class Raw(NamedTuple):
    """A record as it stands in the file."""

    head: bytes
    body: bytes

    def value(self, name: bytes) -> bytes | None:
        """Return the value of a field, whose name is in small letters."""
        return next((value for key, _, value in _FIELD.findall(self.head) if key.lower() == name), None)

    def with_values(self, new: dict[bytes, bytes], body: bytes) -> Raw:
        """Return the record with another body, and other values of the fields that it has."""

        def field(found: re.Match[bytes]) -> bytes:
            key, colon, value = found.groups()
            return b"".join((key, colon, new.get(key.lower(), value)))

        return Raw(_FIELD.sub(field, self.head), body)

    def address(self) -> str | None:
        address = self.value(b"warc-target-uri")
        # Early crawlers put it between angles.
        return None if address is None else address.decode("utf-8", "replace").strip("<>")

    def row(self) -> dict[str, Any]:
        """Return what is known of the text in it."""
        date, name = (self.value(field) for field in (b"warc-date", b"warc-record-id"))
        known = {"date": date, "id": name}
        return {"url": self.address()} | {
            key: value and value.decode("utf-8", "replace") for key, value in known.items()
        }

    def to_bytes(self) -> bytes:
        return b"".join((self.head, self.body, _END))


@dataclass(frozen=True, slots=True)
class RawText:
    """A record and the text in it."""

    raw: Raw
    text: str
    encoding: str = "utf-8"

    @property
    def url(self) -> str | None:
        return self.raw.address()

    def row(self) -> dict[str, Any]:
        return self.raw.row()


_Test = Callable[[Raw], bool]


def refuse_removals(fields: Fields) -> None:
    """Refuse what a record of WET cannot have. Raises RecordError."""
    if fields.removals is not None:
        raise RecordError("a record of WET has no fields for removals; --to jsonl writes some that have")


def digest_of(body: bytes) -> bytes:
    """Return the digest of a body as a record has it."""
    return b"sha1:" + b32encode(sha1(body, usedforsecurity=False).digest())


def pieces(file: BinaryIO, start: Mark, stays: _Test, counts: _Test, largest: int = LARGEST_RECORD) -> Iterator[Piece]:
    """Cut a file into pieces of records; their content is a tuple of Raws.

    Of a record whose beginning does not pass `stays` nothing is kept; one that passes `counts` holds a text, of at most
    so many bytes. Raises RecordError, OSError and DamagedError; what came before stands.
    """
    held = _Held(counts)
    try:
        for raw, fault in _records(file if hasattr(file, "peek") else _buffered(file), stays, largest):
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


class _Held:
    """The records that the next piece is made of."""

    def __init__(self, counts: _Test) -> None:
        self.first = 0
        self.size = 0
        self._counts = counts
        self._records: list[Raw] = []

    def add(self, raw: Raw) -> None:
        self._records.append(raw)
        self.size += len(raw.body)

    def piece(self, start: Mark) -> Iterator[Piece]:
        records, self._records, self.size = self._records, [], 0
        count = sum(map(self._counts, records))
        first, self.first = self.first, self.first + count
        if records and first >= start.records:
            yield Piece(first, count, tuple(records))


def _buffered(file: BinaryIO) -> BinaryIO:
    return io.BufferedReader(cast(io.RawIOBase, file))


def _records(file: BinaryIO, stays: _Test, largest: int) -> Iterator[tuple[Raw, str | None]]:
    """Yield the records of a file, each with what is wrong with it. Raises RecordError where none begins."""
    while head := _head(file):
        raw = Raw(head, b"")
        value = raw.value(b"content-length") or b""
        if not head.endswith(b"\n") or not value.strip().isdigit():
            yield raw, "its head is cut off, or tells no length"
            return
        length = int(value)
        raw = raw._replace(body=file.read(min(length, _BEGINNING)))
        left = length - len(raw.body)
        if not stays(raw):
            if _pass_over(file, left):
                yield raw, "it is cut off"
        elif length > largest:
            yield raw._replace(body=b""), f"longer than {largest >> 20} MB"
            _pass_over(file, left)
        else:
            raw = raw._replace(body=raw.body + file.read(left))
            yield raw, "it is cut off" if len(raw.body) < length else None


def _pass_over(file: BinaryIO, size: int) -> int:
    """Pass over the next bytes; return how many of them are missing."""
    while size > 0 and (block := file.read(min(size, _SIZE))):
        size -= len(block)
    return size


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

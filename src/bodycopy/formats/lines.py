"""Files whose records are lines, or made of lines: cut into blocks of whole lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, AnyStr, BinaryIO, Final, NamedTuple

from bodycopy.formats.compression import DamagedError
from bodycopy.formats.records import LARGEST_RECORD, RecordError

__all__ = ["Block", "Bytes", "blocks", "decoded", "split_lines"]

_SIZE: Final = 1 << 20
_LARGEST_IN_WORDS: Final = f"longer than {LARGEST_RECORD >> 20} MB"


class Block(NamedTuple):
    """Some whole lines, or one that could not be read, with the reason."""

    data: bytes
    end: int
    """The place after them in the file."""
    fault: str | None = None


class Bytes:
    """What formats have in common whose pieces are written as bytes, one after the other."""

    single = False
    rereads = False

    def shown(self, raw: Any) -> str | None:
        """Return the record; a byte that is not UTF-8 comes as a lone surrogate."""
        return bytes(raw).decode("utf-8", "surrogateescape")

    def join(self, content: Any, records: Sequence[Any]) -> Any:
        return [b"".join(records)]

    def writer(self, source: BinaryIO | None, target: BinaryIO) -> AbstractContextManager[Callable[[Any], object]]:
        return nullcontext(target.write)


def blocks(file: BinaryIO, start: int) -> Iterator[Block]:
    """Yield the lines of a file that is read from a place on, some 1 MB at a time.

    A line that is too long, and one that the file is cut off in, come alone and with a fault. Nothing comes after the
    latter. Raises OSError, and DamagedError where not even the beginning can be read.
    """
    at, held = start, _Held()
    while True:
        try:
            data = file.read(_SIZE)
        except (OSError, DamagedError) as error:
            if at == 0 and not held.size:
                raise
            yield Block(held.joined(), at + held.size, _reason(error))
            return
        if not data:
            break
        cut = data.rfind(b"\n") + 1
        if cut and held.size > LARGEST_RECORD:
            first = data.find(b"\n") + 1
            held.add(data[:first])
            at += held.size
            yield Block(held.joined(), at, _LARGEST_IN_WORDS)
            held, data, cut = _Held(), data[first:], cut - first
        if cut:
            held.add(data[:cut])
            at += held.size
            yield Block(held.joined(), at)
            held = _Held()
        held.add(data[cut:])
    if held.size:
        fault = _LARGEST_IN_WORDS if held.size > LARGEST_RECORD else None
        yield Block(held.joined(), at + held.size, fault)


def split_lines(data: AnyStr, feed: AnyStr) -> Iterator[AnyStr]:
    """Split at line feeds alone, where `splitlines` would split at carriage returns too."""
    lines = data.split(feed)
    for line in lines[:-1]:
        yield line + feed
    if lines[-1]:
        yield lines[-1]


def decoded(data: bytes) -> str:
    """Decode a record. Raises RecordError."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordError(f"not in UTF-8 at byte {error.start:,} ({error.reason})") from error


class _Held:
    """The beginning of a line whose end has not been read; no more of it is held than a record may have."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        if self.size <= LARGEST_RECORD:
            self._pieces.append(piece)
        self.size += len(piece)

    def joined(self) -> bytes:
        return b"".join(self._pieces)


def _reason(error: OSError | DamagedError) -> str:
    return f"cannot be read: {error.strerror or error}" if isinstance(error, OSError) else str(error)

"""What a format is: how a file is cut into pieces, a piece into records, and what is written of them.

A piece is a few hundred records as they stand in the file, cheap to cut and fit to be handed to another process. The
runner does the rest, and knows no format beyond this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, NamedTuple, Protocol

from bodycopy.errors import BodycopyError

__all__ = ["LARGEST_RECORD", "START", "Fields", "Filler", "Format", "Mark", "Piece", "Record", "RecordError"]

LARGEST_RECORD: Final = 2**28
"""Bytes. A compressed file may hold a thousand times its size, and memory is to stay bounded."""


class RecordError(BodycopyError):
    """Why a record, or a file that is one text, cannot be cleaned."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of the fields that matter in a record."""

    text: str = "text"
    url: str | None = None
    """The address that the text is from, for the rules of a site."""
    removals: str | None = None
    """A new field that what was removed is written to."""


class Mark(NamedTuple):
    """How far a file is done: its records, its decompressed bytes, and the bytes written of it."""

    records: int = 0
    read: int = 0
    written: int = 0


START: Final = Mark()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some records of a file."""

    first: int
    """The number of the first of them, from 0."""
    count: int
    content: Any
    end: int | None = None
    """The place after them in the decompressed file, if reading can begin there."""
    fault: str | None = None
    """Why the one record that this piece stands for cannot be read; the content is what there is of it."""


class Filler(NamedTuple):
    """What stands between the records, and is written as it is."""

    content: Any


class Record(Protocol):
    """A record with its text found."""

    @property
    def text(self) -> str: ...
    @property
    def url(self) -> str | None: ...
    @property
    def encoding(self) -> str: ...

    def replaced(self, text: str, removals: Sequence[Mapping[str, Any]]) -> Any:
        """Return what is written of the record: this text in place of the other, the rest as it was."""

    def row(self) -> dict[str, Any]:
        """Return its fields; of a record that has none, what is known of it beside its text."""


class Format(Protocol):
    """A format, with the fields that a run asks for. It can be pickled."""

    @property
    def single(self) -> bool:
        """Whether a file is one text, so that its removals need no record number."""

    @property
    def rereads(self) -> bool:
        """Whether the writer looks at the source; to others it is not given."""

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        """Cut a file from a mark on. Raises RecordError, OSError and DamagedError; what came before stands."""

    def records(self, content: Any) -> Iterable[Any]:
        """Yield the raw records of a piece, and Fillers."""

    def parse(self, raw: Any) -> Record:
        """Find the text in a raw record. Raises RecordError and DecodeError."""

    def shown(self, raw: Any) -> str | None:
        """Return a raw record as text from which nothing is missing, for the list of what failed."""

    def join(self, content: Any, records: Sequence[Any]) -> Any:
        """Return what is written of a piece: a list of bytes, each compressed by itself, or what the writer takes."""

    def writer(self, source: BinaryIO | None, target: BinaryIO) -> AbstractContextManager[Callable[[Any], object]]:
        """Return what writes the joined pieces of the source to the target, in their order."""

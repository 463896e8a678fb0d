"""What is done with a file or a piece of one, in this process or in one that was begun for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from bodycopy.formats.records import Piece
from bodycopy.work import Cleaned, Job, Processed, Work

__all__ = ["Worker", "clean_piece", "process_all", "process_one"]


class Worker:
    """The state of a process that works."""

    work: ClassVar[Work]
    under_way: ClassVar[Any] = None
    """The number of the record that it is at, shared with its parent, if that wants to know."""


def process_all(jobs: Sequence[Job]) -> list[Processed]:
    """Process whole files."""
    return [process_one(job) for job in jobs]


def process_one(job: Job, skip: frozenset[int] = frozenset()) -> Processed:
    """Process a whole file, but for the records to skip."""
    _announce(-1)
    return Worker.work.process(job, skip, _announce)


def clean_piece(job: Job, piece: Piece, skip: frozenset[int] = frozenset()) -> Cleaned:
    """Clean a piece of a file, but for the records to skip."""
    _announce(-1)
    return Worker.work.clean_piece(job, piece, skip, _announce)


def _announce(record: int) -> None:
    if Worker.under_way is not None:
        Worker.under_way.value = record

"""A run cut into tasks, what is under way of them, and what becomes of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from threading import Event
from typing import Any, Final, NamedTuple, Protocol

from bodycopy.formats.files import details_of
from bodycopy.formats.kinds import make
from bodycopy.formats.records import Piece
from bodycopy.work import Job, Processed, Transfer, Work, sweep
from bodycopy.worker import clean_piece, process_all

__all__ = [
    "LARGE",
    "Answer",
    "Files",
    "Flight",
    "Part",
    "Submit",
    "Task",
    "abandon",
    "fly",
    "landed",
    "size_of",
    "tasks_of",
]

LARGE: Final = 4_000_000
"""Bytes from which on the pieces of a file are shared out, rather than whole files."""

_LARGEST_BATCH: Final = 16
_BATCHES_A_WORKER: Final = 8


class Answer(Protocol):
    """What will have come of a call."""

    def result(self) -> Any:
        """Wait for what it returns, and return it; or raise what it raised."""


class Files(NamedTuple):
    """Files that a worker reads and writes by itself."""

    jobs: Sequence[Job]


class Part(NamedTuple):
    """A piece of a file that is read and written here; None if there is none, or no more is to be done."""

    transfer: Transfer
    piece: Piece | None
    size: int
    last: bool


Task = Files | Part
Submit = Callable[..., Answer]
Flight = tuple[Task, Answer | None]


def size_of(job: Job) -> int:
    """Return the bytes of a source; 0 if that is not known."""
    try:
        return details_of(job.source)[0] if job.source else 0
    except OSError:  # it will fail by name
        return 0


# What there is to do


def tasks_of(jobs: Sequence[Job], work: Work, workers: int, stop: Event) -> Generator[Task, None, None]:
    """Cut the jobs into tasks: handing over a small file costs more than cleaning it."""
    most = 1 if workers == 1 else max(1, min(_LARGEST_BATCH, len(jobs) // (workers * _BATCHES_A_WORKER)))
    batch: list[Job] = []
    for job in jobs:
        if stop.is_set():
            return
        if len(jobs) == 1 or _is_shared_out(job, work):
            if batch:
                yield Files(batch)
                batch = []
            yield from _parts(job, work, stop)
        else:
            batch.append(job)
            if len(batch) == most:
                yield Files(batch)
                batch = []
    if batch and not stop.is_set():
        yield Files(batch)


def _is_shared_out(job: Job, work: Work) -> bool:
    return size_of(job) >= LARGE and not make(job.kind.format, work.fields).single


def _parts(job: Job, work: Work, stop: Event) -> Iterator[Part]:
    transfer = Transfer(job, work)
    try:
        held: Part | None = None
        for piece, size in transfer.pieces():
            if held:
                yield held
                held = None
            if stop.is_set():
                yield Part(transfer, None, 0, last=False)
                return
            if transfer.over:
                break
            held = Part(transfer, piece, size, last=False)
        yield held._replace(last=True) if held else Part(transfer, None, 0, last=True)
    except GeneratorExit:
        transfer.abandon()
        raise


# Doing it


def fly(submit: Submit, tasks: Iterator[Task], flying: deque[Flight], most: int) -> Iterator[Processed]:
    """Keep at most so many tasks under way. A task stays in `flying` until all of it has been yielded."""
    for task in tasks:
        flying.append((task, None))
        flying[-1] = (task, _begin(submit, task))
        if len(flying) == most:
            yield from _land(flying)
    while flying:
        yield from _land(flying)


def _begin(submit: Submit, task: Task) -> Answer | None:
    if isinstance(task, Files):
        return submit(process_all, task.jobs)
    return submit(clean_piece, task.transfer.job, task.piece) if task.piece else None


def _land(flying: deque[Flight]) -> Iterator[Processed]:
    task, future = flying[0]
    yield from landed(task, future.result() if future else None)
    flying.popleft()


def landed(task: Task, answer: Any) -> Iterator[Processed]:
    """Yield what became of a task, given what came of it."""
    if isinstance(task, Files):
        yield from answer
        return
    transfer, piece, size, last = task
    processed = Processed(transfer.job.name, done=False)
    if piece is not None:
        processed = transfer.land(piece, answer, size)
    if last:
        yield transfer.end(processed)
    elif piece is not None:
        yield processed
    else:
        yield from _stopped(transfer)


def _stopped(transfer: Transfer) -> Iterator[Processed]:
    """End a file before its end. What is not gone on with leaves nothing, and is named."""
    transfer.abandon()
    if not transfer.resumes:
        yield Processed(transfer.job.name, failed="stopped before its end")


def abandon(task: Task, work: Work) -> None:
    """Leave nothing of a task that is not finished."""
    if isinstance(task, Part):
        task.transfer.abandon()
        return
    for job in task.jobs:
        sweep(job, work)

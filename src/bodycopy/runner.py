"""A run over many files, and over the pieces of large ones: one process or several, in the order of the plan.

A worker process that dies takes no document with it but the one that kills it twice.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from threading import Event, Thread
from typing import Any, ClassVar, Final, NamedTuple

from bodycopy.formats.files import details_of
from bodycopy.formats.kinds import make
from bodycopy.formats.records import Piece
from bodycopy.work import Cleaned, Count, Job, Located, Processed, Transfer, Work, locate, sweep

__all__ = ["LARGE", "Count", "Job", "Located", "Processed", "Work", "locate", "run", "size_of"]

LARGE: Final = 4_000_000
"""Bytes from which on the pieces of a file are shared out, rather than whole files."""

_LARGEST_BATCH: Final = 16
_BATCHES_A_WORKER: Final = 8
_MOST_DEATHS: Final = 20
_DIED: Final = "its process died twice, perhaps for want of memory"


class _Files(NamedTuple):
    """Files that a worker reads and writes by itself."""

    jobs: Sequence[Job]


class _Part(NamedTuple):
    """A piece of a file that is read and written here; None if there is none, or no more is to be done."""

    transfer: Transfer
    piece: Piece | None
    size: int
    last: bool


_Task = _Files | _Part
_Submit = Callable[..., "Future[Any]"]
_Flight = tuple[_Task, "Future[Any] | None"]


def run(jobs: Sequence[Job], work: Work, workers: int, stop: Event) -> Generator[Processed, None, None]:
    """Process the jobs and yield what became of each, in their order; of large ones, what became of each part.

    Once `stop` is set no more is begun; what is under way is finished and yielded. Closing the iterator early ends
    the workers at once.
    """
    tasks = _tasks(jobs, work, workers, stop)
    flying: deque[_Flight] = deque()
    try:
        if workers == 1:
            yield from _fly(_here(work), tasks, flying, 1)
        else:
            yield from _fly_in_pools(tasks, flying, work, workers)
    finally:
        tasks.close()
        for task, _ in flying:
            _abandon(task, work)


def size_of(job: Job) -> int:
    """Return the bytes of a source; 0 if that is not known."""
    try:
        return details_of(job.source)[0] if job.source else 0
    except OSError:  # it will fail by name
        return 0


# What there is to do


def _tasks(jobs: Sequence[Job], work: Work, workers: int, stop: Event) -> Generator[_Task, None, None]:
    """Cut the jobs into tasks: handing over a small file costs more than cleaning it."""
    most = 1 if workers == 1 else max(1, min(_LARGEST_BATCH, len(jobs) // (workers * _BATCHES_A_WORKER)))
    batch: list[Job] = []
    for job in jobs:
        if stop.is_set():
            return
        if len(jobs) == 1 or _is_shared_out(job, work):
            if batch:
                yield _Files(batch)
                batch = []
            yield from _parts(job, work, stop)
        else:
            batch.append(job)
            if len(batch) == most:
                yield _Files(batch)
                batch = []
    if batch and not stop.is_set():
        yield _Files(batch)


def _is_shared_out(job: Job, work: Work) -> bool:
    return size_of(job) >= LARGE and not make(job.kind.format, work.fields).single


def _parts(job: Job, work: Work, stop: Event) -> Iterator[_Part]:
    transfer = Transfer(job, work)
    try:
        held: _Part | None = None
        for piece, size in transfer.pieces():
            if held:
                yield held
                held = None
            if stop.is_set():
                yield _Part(transfer, None, 0, last=False)
                return
            if transfer.over:
                break
            held = _Part(transfer, piece, size, last=False)
        yield held._replace(last=True) if held else _Part(transfer, None, 0, last=True)
    except GeneratorExit:
        transfer.abandon()
        raise


# Doing it


def _fly(submit: _Submit, tasks: Iterator[_Task], flying: deque[_Flight], most: int) -> Iterator[Processed]:
    """Keep at most so many tasks under way. A task stays in `flying` until all of it has been yielded."""
    for task in tasks:
        flying.append((task, None))
        flying[-1] = (task, _begin(submit, task))
        if len(flying) == most:
            yield from _land(flying)
    while flying:
        yield from _land(flying)


def _begin(submit: _Submit, task: _Task) -> Future[Any] | None:
    if isinstance(task, _Files):
        return submit(_process_all, task.jobs)
    return submit(_clean_piece, task.transfer.job, task.piece) if task.piece else None


def _land(flying: deque[_Flight]) -> Iterator[Processed]:
    task, future = flying[0]
    yield from _landed(task, future.result() if future else None)
    flying.popleft()


def _landed(task: _Task, answer: Any) -> Iterator[Processed]:
    if isinstance(task, _Files):
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


def _abandon(task: _Task, work: Work) -> None:
    if isinstance(task, _Part):
        task.transfer.abandon()
        return
    for job in task.jobs:
        sweep(job, work)


# Doing it here, or in other processes


def _here(work: Work) -> _Submit:
    _Worker.work = work

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(function(*arguments))
        return future

    return submit


def _fly_in_pools(
    tasks: Iterator[_Task], flying: deque[_Flight], work: Work, workers: int
) -> Generator[Processed, None, None]:
    while True:
        try:
            with _pool(work, workers) as pool:
                yield from _fly(_submitting(pool), tasks, flying, 2 * workers)
            return
        except BrokenProcessPool:
            yield from _rescue(flying, work)


def _rescue(flying: deque[_Flight], work: Work) -> Iterator[Processed]:
    """Yield what was under way when a worker died: what had come back, and the rest tried again one by one."""
    while flying:
        task, future = flying[0]
        if _has_landed(task, future):
            yield from _landed(task, future.result() if future else None)
        else:
            yield from _again(task, work)
        flying.popleft()


def _has_landed(task: _Task, future: Future[Any] | None) -> bool:
    if future is None:
        return isinstance(task, _Part) and task.piece is None
    return future.done() and not future.exception()


def _again(task: _Task, work: Work) -> Iterator[Processed]:
    if isinstance(task, _Part):
        job = task.transfer.job
        cleaned = Cleaned(Processed(job.name, failed=_DIED), None)
        for answer in _one_by_one(_clean_piece, [(job, task.piece)], work):
            cleaned = answer or cleaned
        yield from _landed(task, cleaned)
        return
    for job in task.jobs:
        sweep(job, work)
    answers = _one_by_one(_process_one, [(job,) for job in task.jobs], work)
    for job, answer in zip(task.jobs, answers, strict=True):
        if answer is None:
            sweep(job, work)
        yield answer or Processed(job.name, failed=_DIED)


def _one_by_one(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]], work: Work) -> Iterator[Any]:
    """Yield what each call returns, or None if it cannot be done; records that kill the process are skipped."""
    under_way = _CONTEXT.Value("q", -1, lock=False)
    waiting = deque(calls)
    skip: set[int] = set()
    while waiting:
        try:
            with _pool(work, 1, under_way) as pool:
                while waiting:
                    yield _submitting(pool)(function, *waiting[0], frozenset(skip)).result()
                    waiting.popleft()
                    skip.clear()
        except BrokenProcessPool:
            record = under_way.value
            if record < 0 or record in skip or len(skip) == _MOST_DEATHS:
                yield None
                waiting.popleft()
                skip.clear()
            else:
                skip.add(record)


# Not forked: a forked worker inherits the locks of threads that it does not have.
_CONTEXT: Final = multiprocessing.get_context("spawn")


class _Worker:
    """The state of a worker process."""

    work: ClassVar[Work]
    under_way: ClassVar[Any] = None
    """The number of the record that it is at, shared with its parent, if that wants to know."""


@contextmanager
def _pool(work: Work, workers: int, under_way: Any = None) -> Iterator[ProcessPoolExecutor]:
    pool = ProcessPoolExecutor(workers, _CONTEXT, _enter, (work, under_way))
    try:
        yield pool
    except BaseException:
        for child in multiprocessing.active_children():
            child.kill()
        raise
    finally:
        pool.shutdown()


def _enter(work: Work, under_way: Any) -> None:
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _Worker.work = work
    _Worker.under_way = under_way


def _end_with_parent() -> None:
    """End this process when the one that began it is killed: it would write files that the next run writes too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _process_all(jobs: Sequence[Job]) -> list[Processed]:
    return [_process_one(job) for job in jobs]


def _process_one(job: Job, skip: frozenset[int] = frozenset()) -> Processed:
    _announce(-1)
    return _Worker.work.process(job, skip, _announce)


def _clean_piece(job: Job, piece: Piece, skip: frozenset[int] = frozenset()) -> Cleaned:
    _announce(-1)
    return _Worker.work.clean_piece(job, piece, skip, _announce)


def _announce(record: int) -> None:
    if _Worker.under_way is not None:
        _Worker.under_way.value = record


def _submitting(pool: ProcessPoolExecutor) -> _Submit:
    """Return what submits to a pool.

    A process begun by it inherits that Ctrl-C is blocked, or it would die of one as it starts.
    """

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        if not hasattr(signal, "pthread_sigmask"):
            return pool.submit(function, *arguments)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return pool.submit(function, *arguments)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    return submit

"""Tasks done by other processes. One that dies takes no document with it but the one that kills it twice."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any, Final

from bodycopy.tasks import Answer, Flight, Part, Submit, Task, fly, landed
from bodycopy.work import Cleaned, Processed, Work, sweep
from bodycopy.worker import Worker, clean_piece, process_one

__all__ = ["fly_in_pools"]

_MOST_DEATHS: Final = 20
_DIED: Final = "its process died twice, perhaps for want of memory"


def fly_in_pools(
    tasks: Iterator[Task], flying: deque[Flight], work: Work, workers: int
) -> Generator[Processed, None, None]:
    """Do the tasks in other processes and yield what becomes of each, in their order; what dies is tried again."""
    while True:
        try:
            with _pool(work, workers) as pool:
                yield from fly(_submitting(pool), tasks, flying, 2 * workers)
            return
        except BrokenProcessPool:
            yield from _rescue(flying, work)


def _rescue(flying: deque[Flight], work: Work) -> Iterator[Processed]:
    """Yield what was under way when a worker died: what had come back, and the rest tried again one by one."""
    while flying:
        task, future = flying[0]
        if _has_landed(task, future):
            yield from landed(task, future.result() if future else None)
        else:
            yield from _again(task, work)
        flying.popleft()


def _has_landed(task: Task, future: Answer | None) -> bool:
    if future is None:
        return isinstance(task, Part) and task.piece is None
    assert isinstance(future, Future)
    return future.done() and not future.exception()


def _again(task: Task, work: Work) -> Iterator[Processed]:
    if isinstance(task, Part):
        job = task.transfer.job
        cleaned = Cleaned(Processed(job.name, failed=_DIED), None)
        for answer in _one_by_one(clean_piece, [(job, task.piece)], work):
            cleaned = answer or cleaned
        yield from landed(task, cleaned)
        return
    for job in task.jobs:
        sweep(job, work)
    answers = _one_by_one(process_one, [(job,) for job in task.jobs], work)
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


@contextmanager
def _pool(work: Work, workers: int, under_way: Any = None) -> Iterator[ProcessPoolExecutor]:
    with _handed_over(work) as file:
        pool = ProcessPoolExecutor(workers, _CONTEXT, _enter, (file, under_way))
        try:
            yield pool
        except BaseException:
            for child in multiprocessing.active_children():
                child.kill()
            raise
        finally:
            pool.shutdown()


@contextmanager
def _handed_over(work: Work) -> Iterator[Path]:
    """Put the work into a file that nobody else can write, from which the processes take it.

    It has megabytes of rules: through a pipe, a process is begun only when the one before has read them all.
    """
    with TemporaryDirectory(prefix="bodycopy-") as folder:
        file = Path(folder) / "work"
        file.write_bytes(pickle.dumps(work, pickle.HIGHEST_PROTOCOL))
        yield file


def _enter(file: Path, under_way: Any) -> None:
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    Worker.work = pickle.loads(file.read_bytes())
    Worker.under_way = under_way


def _end_with_parent() -> None:
    """End this process when the one that began it is killed: it would write files that the next run writes too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _submitting(pool: ProcessPoolExecutor) -> Submit:
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

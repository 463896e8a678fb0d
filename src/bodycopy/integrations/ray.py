"""A run on Ray: a task for each file, on the cores of this machine or on those of a cluster.

A task does what the local runner does with a small file, so a file is written whole or not at all, and its bytes are
the same. All nodes must see the files under the same paths, and have bodycopy installed; the rules travel with the run.
"""

from __future__ import annotations

import logging
import os
import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from threading import Event
from typing import Any, Final

import ray
from ray.exceptions import RayError, RayTaskError

from bodycopy.errors import BodycopyError
from bodycopy.formats.remote import AnyPath
from bodycopy.work import Job, Processed, Work, sweep

__all__ = ["EngineError", "run"]


_RETRIES: Final = 3
_DIED: Final = f"its process died {_RETRIES + 1} times, perhaps for want of memory"
_AHEAD: Final = 4
"""Tasks under way for each processor, so that none is idle while the first of them is waited for."""
_GRACE: Final = 10.0
"""Seconds in which tasks that are told to stop may clear up."""


class EngineError(BodycopyError):
    """A cluster that cannot be reached, or that cannot run a task at all."""


def run(jobs: Sequence[Job], work: Work, processors: int | None, stop: Event) -> Generator[Processed, None, None]:
    """Process the jobs and yield what became of each, in their order, as `runner.run` does.

    `processors` is the size of a Ray that is begun here. The cluster at RAY_ADDRESS has its own. A task whose
    process or node dies is tried again; if it dies each time, its file is named. Raises EngineError.
    """
    with _connected(processors):
        held = (ray.put(work),)
        waiting, flying = iter(jobs), deque[tuple[Job, Any]]()
        try:
            for job in waiting:
                flying.append((job, _process.remote(held, _anywhere(job))))
                while len(flying) >= _most():
                    yield _landed(*flying[0], work)
                    flying.popleft()
                if stop.is_set():
                    break
            while flying:
                yield _landed(*flying[0], work)
                flying.popleft()
        finally:
            _abandon(flying, work)


@contextmanager
def _connected(processors: int | None) -> Iterator[None]:
    # Ray sends statistics about its use to its makers, unless it is told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    handler = signal.getsignal(signal.SIGTERM)
    address = os.environ.get("RAY_ADDRESS") or "local"
    try:
        ray.init(address, num_cpus=processors, logging_level=logging.ERROR, log_to_driver=False)
    except (RayError, ValueError, RuntimeError, OSError) as error:
        raise EngineError(f"Ray cannot be begun or reached: {error}") from error
    # Ray puts its own in place, and the run has one by which it stops cleanly.
    signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        ray.shutdown()


def _most() -> int:
    """Return how many tasks may be under way; a cluster may grow while it runs."""
    return _AHEAD * max(1, int(ray.cluster_resources().get("CPU", 1)))


def _anywhere(job: Job) -> Job:
    """Return the job with paths that do not depend on the folder that a process is in."""
    return replace(job, source=_absolute(job.source), target=_absolute(job.target))


def _absolute(path: AnyPath | None) -> AnyPath | None:
    return path.absolute() if path else None


def _process_file(held: tuple[Any], job: Job) -> Processed:
    work = _work(held[0])
    if not work.resumes:  # What an attempt that was killed has left is in the way of this one.
        sweep(job, work)
    return work.process(job)


# Not a decorator, whose result mypy does not know. Within a tuple a reference is passed on as it is.
_process: Final = ray.remote(max_retries=_RETRIES)(_process_file)


@cache
def _work(reference: Any) -> Work:
    """Return the work, which is made from its pickle once in a process."""
    return ray.get(reference)  # type: ignore[no-any-return]


def _landed(job: Job, reference: Any, work: Work) -> Processed:
    try:
        return ray.get(reference)  # type: ignore[no-any-return]
    except RayTaskError as error:  # A file's own faults are in the answer, so this is one of the cluster.
        raise EngineError(f"a task on Ray failed: {error.cause or error}; is bodycopy on every node?") from error
    except RayError:
        sweep(job, work)
        return Processed(job.name, failed=_DIED)


def _abandon(flying: Sequence[tuple[Job, Any]], work: Work) -> None:
    """Stop what is under way. It clears up after itself, and where it was killed, this does."""
    if not flying:
        return
    references = [reference for _, reference in flying]
    for reference in references:
        ray.cancel(reference)
    ray.wait(references, num_returns=len(references), timeout=_GRACE)
    for job, _ in flying:
        if not work.resumes:
            sweep(job, work)

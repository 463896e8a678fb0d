"""A run over many files, and over the pieces of large ones: one process or several, in the order of the plan."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from threading import Event
from typing import Any, NamedTuple

from bodycopy.tasks import Flight, Submit, abandon, fly, tasks_of
from bodycopy.work import Job, Processed, Work
from bodycopy.worker import Worker

__all__ = ["run"]


def run(jobs: Sequence[Job], work: Work, workers: int, stop: Event) -> Generator[Processed, None, None]:
    """Process the jobs and yield what became of each, in their order; of large ones, what became of each part.

    Once `stop` is set no more is begun; what is under way is finished and yielded. Closing the iterator early ends
    the workers at once.
    """
    tasks = tasks_of(jobs, work, workers, stop)
    flying: deque[Flight] = deque()
    try:
        if workers == 1:
            yield from fly(_here(work), tasks, flying, 1)
        else:
            from bodycopy.pools import fly_in_pools  # noqa: PLC0415 - heavy

            yield from fly_in_pools(tasks, flying, work, workers)
    finally:
        tasks.close()
        for task, _ in flying:
            abandon(task, work)


class _Returned(NamedTuple):
    """What came of a call."""

    value: Any

    def result(self) -> Any:
        return self.value


def _here(work: Work) -> Submit:
    Worker.work = work

    def submit(function: Callable[..., Any], *arguments: Any) -> _Returned:
        return _Returned(function(*arguments))

    return submit

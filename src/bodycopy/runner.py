"""A run over many documents: read, decode, clean, write; one process or several, in the order of the plan.

A document fails alone and with a reason. Nothing half-written ever stands under its final name. A worker process
that dies takes no document with it but the one that kills it twice.
"""

from __future__ import annotations

import multiprocessing
import secrets
import signal
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from bodycopy.errors import BodycopyError
from bodycopy.formats.files import read, replacing, temporary_of, write_stdout
from bodycopy.formats.txt import decode
from bodycopy.model import Removal, Result

if TYPE_CHECKING:
    from bodycopy.cleaner import Cleaner

__all__ = ["Count", "Job", "Located", "Processed", "Work", "digest_of", "locate", "run"]

_LARGEST_BATCH: Final = 16
_BATCHES_A_WORKER: Final = 8

_Batch = Sequence["Job"]
_Flight = tuple[_Batch, Future[list["Processed"]] | None]


@dataclass(frozen=True, slots=True)
class Job:
    """One document of a run: where it is read, what the run calls it, where it goes.

    None stands for standard input and standard output.
    """

    source: Path | None
    name: str
    target: Path | None


class Count(NamedTuple):
    """How much was removed; `lines` counts the lines with something on them that went whole."""

    characters: int
    lines: int


class Located(NamedTuple):
    """A removal with the number, from 1, of the line that its first visible character is on."""

    line: int
    removal: Removal


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of one document. If `failed` is a reason, nothing was written and the rest is empty."""

    name: str
    characters: int = 0
    counts: dict[str, Count] = field(default_factory=dict)
    """What was removed, by category."""
    digest: str = ""
    """The digest of the text that was read; it and the removals are filled only where the work is to report them."""
    removals: tuple[Located, ...] = ()
    result: Result | None = None
    """Filled only where the work is to show what became of the text."""
    flagged: str | None = None
    encoding: str = "utf-8"
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to every document; a worker process gets it once."""

    cleaner: Cleaner
    writes: bool = True
    reports: bool = False
    """Whether the removals come back with the counts."""
    shows: bool = False
    """Whether the whole result comes back."""
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    """What tells the temporary files of this run from those of another."""

    def process(self, job: Job) -> Processed:
        """Read, clean and write one document. What goes wrong is in the answer; nothing is raised."""
        try:
            return self._clean(job)
        except BodycopyError as error:
            return Processed(job.name, failed=str(error))
        except Exception as error:  # one document must not stop a run, whatever is wrong with it or with us
            return Processed(job.name, failed=f"{type(error).__name__}: {error}")

    def _clean(self, job: Job) -> Processed:
        with _failing("cannot be read"):
            data = read(job.source)
        text, encoding = decode(data)
        result = self.cleaner.clean(text)
        if result.restore() != text:
            raise _StepError("the removals do not give the text back; this is a fault of bodycopy, please report it")
        processed = Processed(
            job.name,
            len(text),
            _count(text, result),
            digest_of(text) if self.reports else "",
            locate(text, result) if self.reports else (),
            result if self.shows else None,
            result.flagged,
            encoding,
        )
        if self.writes:
            with _failing("cannot be written"):
                self._write(job.target, result.text.encode("utf-8"))
        return processed

    def _write(self, target: Path | None, data: bytes) -> None:
        if target is None:
            write_stdout(data)
            return
        with replacing(target, self.token) as file:
            file.write(data)


def run(jobs: Sequence[Job], work: Work, workers: int, stop: Event) -> Generator[Processed, None, None]:
    """Process the jobs and yield what became of each, in their order.

    Once `stop` is set no more is begun; what is under way is finished and yielded. Closing the iterator early ends
    the workers at once.
    """
    if workers == 1:
        return _run_here(jobs, work, stop)
    return _run_in_pools(jobs, work, workers, stop)


def digest_of(text: str) -> str:
    """Return what tells a text from every other: the first 16 digits of the SHA-256 of its UTF-8."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def locate(text: str, result: Result) -> tuple[Located, ...]:
    """Give each removal of a result the number of its line in the text."""
    located, line, at = [], 1, 0
    for removal in result.removals:
        visible = removal.end - len(removal.text.lstrip())
        line += text.count("\n", at, visible)
        at = visible
        located.append(Located(line, removal))
    return tuple(located)


class _StepError(BodycopyError):
    """Why a document failed, in words."""


@contextmanager
def _failing(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _StepError(f"{what}: {error.strerror or error}") from error


def _sweep(batch: _Batch, work: Work) -> None:
    """Remove what a killed process left half-written."""
    for job in batch:
        if job.target:
            temporary_of(job.target, work.token).unlink(missing_ok=True)


def _count(text: str, result: Result) -> dict[str, Count]:
    characters: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for removal in result.removals:
        characters[removal.category] += removal.end - removal.start
        lines[removal.category] += _whole_lines(text, removal)
    return {category: Count(number, lines[category]) for category, number in characters.items()}


def _whole_lines(text: str, removal: Removal) -> int:
    """Count the lines of a removal, less a first and a last one of which something visible stays."""
    visible = [bool(line.strip()) for line in removal.text.split("\n")]
    if _stands_before(text, removal.start):
        visible[0] = False
    if _stands_after(text, removal.end):
        visible[-1] = False
    return sum(visible)


# Both look no further than the next visible character: a line may be 50 MB long and hold a thousand removals.
def _stands_before(text: str, at: int) -> bool:
    while at > 0 and text[at - 1] != "\n":
        if not text[at - 1].isspace():
            return True
        at -= 1
    return False


def _stands_after(text: str, at: int) -> bool:
    while at < len(text) and text[at] != "\n":
        if not text[at].isspace():
            return True
        at += 1
    return False


def _run_here(jobs: Sequence[Job], work: Work, stop: Event) -> Generator[Processed, None, None]:
    for job in jobs:
        if stop.is_set():
            return
        yield work.process(job)


def _run_in_pools(jobs: Sequence[Job], work: Work, workers: int, stop: Event) -> Generator[Processed, None, None]:
    batches = _batches(jobs, workers, stop)
    flying: deque[_Flight] = deque()
    try:
        while True:
            try:
                with _pool(work, workers) as pool:
                    yield from _fly(pool, batches, flying, 2 * workers)
                return
            except BrokenProcessPool:
                yield from _rescue(flying, work)
    finally:
        for batch, _ in flying:
            _sweep(batch, work)


def _batches(jobs: Sequence[Job], workers: int, stop: Event) -> Iterator[_Batch]:
    """Cut the jobs into batches: handing over a small document costs more than cleaning it."""
    size = max(1, min(_LARGEST_BATCH, len(jobs) // (workers * _BATCHES_A_WORKER)))
    for at in range(0, len(jobs), size):
        if stop.is_set():
            return
        yield jobs[at : at + size]


def _fly(
    pool: ProcessPoolExecutor, batches: Iterator[_Batch], flying: deque[_Flight], most: int
) -> Iterator[Processed]:
    """Keep at most so many batches under way. A batch stays in `flying` until all of it has been yielded."""
    for batch in batches:
        flying.append((batch, None))
        flying[-1] = (batch, _submit(pool, batch))
        if len(flying) == most:
            yield from _land(flying)
    while flying:
        yield from _land(flying)


def _land(flying: deque[_Flight]) -> Iterator[Processed]:
    _, future = flying[0]
    if future is not None:
        yield from future.result()
    flying.popleft()


def _rescue(flying: deque[_Flight], work: Work) -> Iterator[Processed]:
    """Yield what was under way when a worker died: what had come back, and the rest tried again one by one."""
    while flying:
        batch, future = flying[0]
        if future is not None and future.done() and not future.exception():
            yield from future.result()
        else:
            _sweep(batch, work)
            yield from _one_by_one(batch, work)
        flying.popleft()


def _one_by_one(batch: _Batch, work: Work) -> Iterator[Processed]:
    waiting = deque(batch)
    while waiting:
        try:
            with _pool(work, 1) as pool:
                while waiting:
                    yield from _submit(pool, [waiting[0]]).result()
                    waiting.popleft()
        except BrokenProcessPool:
            killer = waiting.popleft()
            _sweep([killer], work)
            yield Processed(killer.name, failed="its process died twice, perhaps for want of memory")


class _Worker:
    """The state of a worker process."""

    work: ClassVar[Work]


@contextmanager
def _pool(work: Work, workers: int) -> Iterator[ProcessPoolExecutor]:
    # Not forked: a forked worker inherits the locks of threads that it does not have.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _begin, (work,))
    try:
        yield pool
    except BaseException:
        for child in multiprocessing.active_children():
            child.kill()
        raise
    finally:
        pool.shutdown()


def _begin(work: Work) -> None:
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _Worker.work = work


def _process_batch(batch: _Batch) -> list[Processed]:
    return [_Worker.work.process(job) for job in batch]


def _submit(pool: ProcessPoolExecutor, batch: _Batch) -> Future[list[Processed]]:
    """Submit a batch. A process begun by it inherits that Ctrl-C is blocked, or it would die of one as it starts."""
    if not hasattr(signal, "pthread_sigmask"):
        return pool.submit(_process_batch, batch)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_process_batch, batch)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

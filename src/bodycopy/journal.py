"""What a run has finished, written down beside its output so that a run that was killed can be gone on with.

The journal is JSON lines. The first says what the run is: its rules, its options. Each other says what became of a
file or of a part of one, and how long the logs were then. Whatever stands in the logs behind that, and whatever was
written of a file behind its last part, is done again; so nothing is done twice or lost, at whatever moment a run dies.
Files that have changed since are done again, and after the end of a run those that failed for want of room, of memory
or of leave; a file that is at fault itself would only fail again.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, NamedTuple

from bodycopy.errors import BodycopyError
from bodycopy.formats.files import details_of, temporary_of
from bodycopy.formats.records import START, Mark
from bodycopy.work import Count, Failure, Job, Note, Processed, is_passing

__all__ = ["Journal", "JournalError", "Place"]

_Stamp = list[int | str]


class JournalError(BodycopyError):
    """A journal of another run, or one that does not fit its logs."""


class Place(NamedTuple):
    """Where a log is gone on with, and where in it the file under way begins."""

    size: int = 0
    begun: int = 0


@dataclass(slots=True)
class _Past:
    """What the lines of a journal say."""

    finished: dict[str, _Stamp] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    """Those of the finished that may do better now."""
    unfinished: str | None = None
    """The file under way at the end."""
    stamp: _Stamp = field(default_factory=list)
    mark: Mark | None = None
    end: int = 0
    """The place behind the last whole line; the next is where the file under way begins."""
    begun: int = 0
    sizes: list[int] = field(default_factory=list)
    """How long the logs are, and were where the file under way begins."""
    sizes_begun: list[int] = field(default_factory=list)
    ended: bool = False
    redo: list[str] | None = None
    """What an earlier attempt was about to forget when it died."""


class Journal:
    """The journal of a run; made at its beginning, or found and gone on with."""

    def __init__(self, path: Path, run: dict[str, Any], logs: Sequence[Path], jobs: Sequence[Job]) -> None:
        """Open a journal. Raises JournalError for one of a run that is not like `run`, and OSError."""
        self._path = path
        self._logs = logs
        self.ended = False
        """Whether the run it is of came to its end, and nothing is to be done."""
        self.token = secrets.token_hex(4)
        self.places = [Place() for _ in logs]
        self.remaining: Sequence[Job] = jobs
        """The jobs that are not finished, with how far they are."""
        if path.exists():
            self._go_on(run, jobs)
            self._file: IO[bytes] = path.open("ab")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb")
            self._write({"run": run, "token": self.token})
        self._stamps = {job.name: _stamp(job) for job in self.remaining if job.start != START}

    def processed(self) -> Iterator[Processed]:
        """Yield what became of the files and parts that are done, without their removals."""
        with self._path.open("rb") as file:
            for line in file:
                entry = json.loads(line)
                if "doc" in entry:
                    yield _read(entry)

    def record(self, processed: Processed, job: Job, sizes: Iterable[int]) -> None:
        """Write down what became of a file or a part of it, now that the logs are so long."""
        # Taken once for a file: if it changes while it is read, it is read again in the end.
        stamp = self._stamps.setdefault(processed.name, _stamp(job))
        if processed.done:
            del self._stamps[processed.name]
        self._write(_entry(processed) | {"stamp": stamp, "logs": list(sizes)})

    def end(self) -> None:
        """Write down that the run came to its end."""
        self._write({"ended": True})

    def close(self) -> None:
        self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry).encode() + b"\n")
        self._file.flush()

    # Going on with an earlier run

    def _go_on(self, run: dict[str, Any], jobs: Sequence[Job]) -> None:
        self._compare(run)
        past = self._past()
        todo = {job.name: job for job in jobs}
        changed = [name for name, stamp in past.finished.items() if name in todo and _stamp(todo[name]) != stamp]
        redo = past.redo or [*changed, *(past.failed & todo.keys() if past.ended else ())]
        self.ended = past.ended and not redo and past.finished.keys() >= todo.keys()
        for log in self._logs if not self.ended else ():
            self._unpublish(log)
        start = self._start(past, todo)
        if start is None and past.unfinished is not None:
            past.end, past.sizes = past.begun, past.sizes_begun
        with self._path.open("r+b") as file:
            file.truncate(past.end)
        if redo:
            past = self._forget(redo, past)
        self._measure(past)
        if start is not None and past.unfinished is not None:
            todo[past.unfinished] = replace(todo[past.unfinished], start=start)
        self.remaining = [job for name, job in todo.items() if name not in past.finished]

    def _compare(self, run: dict[str, Any]) -> None:
        with self._path.open("rb") as file:
            line = file.readline()
        try:
            header = json.loads(line)
            before, self.token = header["run"], header["token"]
        except (ValueError, KeyError, TypeError) as error:
            raise JournalError(f"{self._path} is no journal of a run; remove it, or give another -o") from error
        differing = [key for key in run if run[key] != before.get(key)]
        if differing:
            was = ", ".join(f"{key} was {before.get(key)!r} and is {run[key]!r}" for key in differing)
            raise JournalError(f"{self._path} is of another run: {was}; give the same, or another -o")

    def _past(self) -> _Past:
        past = _Past(sizes=[0] * len(self._logs), sizes_begun=[0] * len(self._logs))
        with self._path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):  # the run died as it wrote it
                    break
                if past.unfinished is None:
                    past.begun, past.sizes_begun = past.end, past.sizes
                past.end += len(line)
                _learn(json.loads(line), past)
        return past

    def _start(self, past: _Past, todo: dict[str, Job]) -> Mark | None:
        """Return where to go on in the file under way, if that can be done."""
        job = todo.get(past.unfinished or "")
        if job is None or not isinstance(job.target, Path) or past.mark is None or _stamp(job) != past.stamp:
            return None
        written = _size(temporary_of(job.target, self.token))
        return past.mark if written is not None and written >= past.mark.written else None

    def _unpublish(self, log: Path) -> None:
        partial = temporary_of(log, self.token)
        if not partial.exists() and log.exists():
            log.replace(partial)

    def _forget(self, redo: Sequence[str], past: _Past) -> _Past:
        """Take files out of the journal and the logs. If this is cut short, the next run begins with it."""
        if past.redo is None:
            for log, size in zip(self._logs, past.sizes, strict=True):
                _truncate(temporary_of(log, self.token), size)
            with self._path.open("ab") as file:
                file.write(json.dumps({"redo": redo}).encode() + b"\n")
        gone = set(redo)
        for log in self._logs:
            _filter(temporary_of(log, self.token), gone)
        _filter(self._path, gone, last={"logs": [_size(temporary_of(log, self.token)) or 0 for log in self._logs]})
        return self._past()

    def _measure(self, past: _Past) -> None:
        under_way = past.sizes_begun if past.unfinished is not None else past.sizes
        self.places = [Place(size, begun) for size, begun in zip(past.sizes, under_way, strict=True)]
        for log, place in zip(self._logs, self.places, strict=True):
            size = _size(temporary_of(log, self.token))
            if self.ended:
                size = _size(log)
            if (size or 0) < place.size:
                raise JournalError(f"{log} is shorter than {self._path} says; remove both and {log}, and begin anew")


def _learn(entry: dict[str, Any], past: _Past) -> None:
    past.ended = "ended" in entry
    past.redo = entry.get("redo")
    past.sizes = entry.get("logs", past.sizes)
    name = entry.get("doc")
    if name is None:
        return
    past.unfinished = None if entry["done"] else name
    past.stamp, past.mark = entry["stamp"], Mark(*entry["mark"]) if entry["mark"] else None
    if entry["done"]:
        past.finished[name] = past.stamp
        if entry["failed"] is not None and is_passing(entry["failed"]):
            past.failed.add(name)


def _entry(processed: Processed) -> dict[str, Any]:
    return {
        "doc": processed.name,
        "done": processed.done,
        "mark": processed.mark,
        "documents": processed.documents,
        "characters": processed.characters,
        "counts": processed.counts,
        "flagged": processed.flagged,
        "encoding": processed.encoding,
        "failures": [(record, reason, None) for record, reason, _ in processed.failures],
        "failed": processed.failed,
    }


def _read(entry: dict[str, Any]) -> Processed:
    return Processed(
        entry["doc"],
        entry["documents"],
        entry["characters"],
        {category: Count(*count) for category, count in entry["counts"].items()},
        flagged=tuple(Note(*note) for note in entry["flagged"]),
        encoding=entry["encoding"],
        failures=tuple(Failure(*failure) for failure in entry["failures"]),
        failed=entry["failed"],
        done=entry["done"],
    )


def _stamp(job: Job) -> _Stamp:
    """Return what changes when a source is changed."""
    try:
        return [*details_of(job.source)] if job.source else []
    except OSError:  # it fails by name
        return []


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _truncate(path: Path, size: int) -> None:
    with suppress(FileNotFoundError), path.open("r+b") as file:
        file.truncate(size)


def _filter(path: Path, gone: set[str], last: dict[str, Any] | None = None) -> None:
    """Take the lines of some files out of a file of JSON lines, and put a last one instead of what is no file's."""
    if not path.exists():
        return
    beside = path.with_name(f"{path.name}~")
    with path.open("rb") as before, beside.open("wb") as after:
        for line in before:
            entry = json.loads(line)
            if entry.get("doc") not in gone and (last is None or "doc" in entry or "run" in entry):
                after.write(line)
        if last is not None:
            after.write(json.dumps(last).encode() + b"\n")
    beside.replace(path)

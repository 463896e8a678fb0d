"""A run of `bodycopy clean`: its plan carried out, with progress, log, summary and a clean stop."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import astuple, replace
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Final, cast

import click

from bodycopy import __version__
from bodycopy.cli.engine import Engine
from bodycopy.cli.plan import Plan
from bodycopy.cli.program import ExitCode
from bodycopy.cli.progress import with_rate
from bodycopy.formats.remote import Remote
from bodycopy.journal import Journal
from bodycopy.report.findings import Findings
from bodycopy.report.log import Log, failure, log, removals
from bodycopy.report.summary import Tally
from bodycopy.report.terminal import counted
from bodycopy.runner import run
from bodycopy.tasks import LARGE, size_of
from bodycopy.work import Job, Processed, Work

__all__ = ["clean_documents"]

# A second process takes 0.4 s to begin, and one process cleans some 2.5 MB a second.
_SMALL: Final = 2_000_000
"""Bytes of input below which one process is done before two would be."""
_UNKNOWN: Final = 2**40


def clean_documents(plan: Plan, work: Work, engine: Engine, *, quiet: bool) -> ExitCode:
    """Carry out a plan with an engine and print the summary.

    Raises KeyboardInterrupt after that if the run was interrupted, OSError if a log or the report cannot be
    written, JournalError if the journal that it would go on with is of another run, and EngineError if the engine
    cannot be reached.
    """
    tally, findings = Tally(), Findings()
    sums = (tally, findings) if plan.report else (tally,)
    for name, why in plan.unlisted:
        for each in sums:
            each.add(Processed(name, failed=why, done=False))
    with closing(_journal(plan, work)) if plan.journal else nullcontext() as journal:
        if journal:
            plan, work = replace(plan, jobs=tuple(journal.remaining)), replace(work, token=journal.token)
            for processed in journal.processed():
                tally.add(processed)
        before, total = tally.files, tally.files + len(plan.jobs)
        interrupted = not (journal and journal.ended) and _process(plan, work, engine, sums, journal, shows=not quiet)
    if plan.report:
        from bodycopy.report.webpage import write_page  # noqa: PLC0415 - heavy

        write_page(plan.report, work.token, tally, findings, _rules_line(work))
    for line in tally.lines_of_failures() if quiet else _summary(plan, tally, work, before, total):
        click.echo(line, err=True)
    if interrupted:
        raise KeyboardInterrupt
    return ExitCode.FAILED if tally.failed.number else ExitCode.DONE


def _journal(plan: Plan, work: Work) -> Journal:
    logs = [path for path in plan.logs if path]
    run = {
        "bodycopy": __version__,
        "rules": work.cleaner.rules.digest,
        "fields": list(astuple(work.fields)),
        "logs": [None if path is None else str(path) for path in plan.logs],
        "output": plan.remote,
        "to": plan.to,
    }
    return Journal(cast(Path, plan.journal), run, logs, plan.jobs)


def _workers_for(jobs: Sequence[Job], asked: int | None) -> int:
    """Return how many processes to use: as many as were asked for, or one if there is little; never idle ones.

    What is in the memory of this process is not seen by others.
    """
    if any(isinstance(place, Remote) and not place.outlives for job in jobs for place in (job.source, job.target)):
        return 1
    size = shares = 0
    for job in jobs:
        # Nobody knows how much will come by standard input; a text is cleaned by one process in any case.
        of_job = size_of(job) if job.source or job.kind.format == "txt" else _UNKNOWN
        size += of_job
        shares += max(1, of_job // LARGE * 2)
    return max(1, min(asked or (_cores() if size >= _SMALL else 1), shares))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _process(  # noqa: PLR0913 - what a run is made of
    plan: Plan,
    work: Work,
    engine: Engine,
    sums: Sequence[Tally | Findings],
    journal: Journal | None,
    *,
    shows: bool,
) -> bool:
    """Run the plan; return whether it was interrupted. What was done till then is counted and logged."""
    stop = Event()
    jobs = {job.name: job for job in plan.jobs} if journal else {}
    try:
        with (
            _logs(plan, work, journal) as logs,
            _finishing_first(stop) if _takes_long(plan.jobs) else nullcontext(),
            closing(_results(plan.jobs, work, engine, stop)) as results,
        ):
            try:
                for processed in _shown(results, plan.jobs) if shows else results:
                    for each in sums:
                        each.add(processed)
                    for write in logs:
                        write(processed)
                    if journal:
                        journal.record(processed, jobs[processed.name], [log.size() for log in logs])
            except KeyboardInterrupt:
                stop.set()
            if journal and stop.is_set():
                raise _PausedError
    except _PausedError:
        return True
    if journal:
        journal.end()
    return stop.is_set()


def _results(jobs: Sequence[Job], work: Work, engine: Engine, stop: Event) -> Generator[Processed, None, None]:
    if engine.name == "ray":
        from bodycopy.integrations import ray  # noqa: PLC0415 - an extra

        return ray.run(jobs, work, engine.jobs, stop)
    return run(jobs, work, _workers_for(jobs, engine.jobs), stop)


class _PausedError(Exception):
    """A run that another one is to go on with: its logs do not get their names yet."""


@contextmanager
def _logs(plan: Plan, work: Work, journal: Journal | None) -> Iterator[list[Log]]:
    entries = {plan.logs.removed: removals, plan.logs.failed: failure}
    paths = [path for path in plan.logs if path]
    places = journal.places if journal else [None] * len(paths)
    with ExitStack() as stack:
        yield [
            stack.enter_context(log(path, work.token, entries[path], place))
            for path, place in zip(paths, places, strict=True)
        ]


def _shown(results: Iterable[Processed], jobs: Sequence[Job]) -> Iterable[Processed]:
    return with_rate(results, sum(map(size_of, jobs))) if _takes_long(jobs) else results


def _takes_long(jobs: Sequence[Job]) -> bool:
    """Whether there is more than one text."""
    return len(jobs) != 1 or jobs[0].kind.format != "txt"


@contextmanager
def _finishing_first(stop: Event) -> Iterator[None]:
    """Let the first Ctrl-C, or a request to end, wait for the documents under way; the second does not wait."""

    def stopping(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[number])

    handlers = {number: signal.getsignal(number) for number in map(int, (signal.SIGINT, signal.SIGTERM))}
    # A run in the background of a shell is told to ignore Ctrl-C.
    before = {number: handler for number, handler in handlers.items() if handler is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, stopping)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _summary(plan: Plan, tally: Tally, work: Work, before: int, total: int) -> Iterator[str]:
    if before:
        yield f"{counted(before, 'file')} done before, of {total:,}"
    if tally.files < total:
        yield f"stopped after {tally.files:,} of {counted(total, 'file')}"
    if not work.writes:
        yield "a dry run: no document was written"
    yield from tally.lines_of_summary()
    if plan.skipped:
        yield f"{counted(plan.skipped, 'file')} skipped, in no format that is read"
    yield _rules_line(work)


def _rules_line(work: Work) -> str:
    rules = work.cleaner.rules
    return f"bodycopy {__version__}, {counted(len(rules), 'rule')}, digest {rules.digest}"

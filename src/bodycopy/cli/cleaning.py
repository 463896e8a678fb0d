"""A run of `bodycopy clean`: its plan carried out, with progress, log, summary and a clean stop."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Final

import click

from bodycopy import __version__
from bodycopy.cli.plan import Plan
from bodycopy.cli.program import ExitCode
from bodycopy.report.findings import Findings
from bodycopy.report.log import removal_log
from bodycopy.report.summary import Tally
from bodycopy.report.terminal import counted
from bodycopy.runner import Job, Processed, Work, run

if TYPE_CHECKING:
    from bodycopy.cleaner import Cleaner

__all__ = ["clean_documents"]

# A second process takes 0.4 s to begin, and one process cleans some 2.5 MB a second.
_SMALL: Final = 2_000_000
"""Bytes of input below which one process is done before two would be."""


def clean_documents(plan: Plan, cleaner: Cleaner, jobs: int | None, *, writes: bool, quiet: bool) -> ExitCode:
    """Carry out a plan with so many processes and print the summary.

    Raises KeyboardInterrupt after that if the run was interrupted, and OSError if the log or the report cannot be
    written.
    """
    work = Work(cleaner, writes=writes, reports=plan.removed is not None, shows=plan.report is not None)
    tally, findings = Tally(), Findings()
    tally.failed += plan.unlisted
    workers = min(jobs or _workers_for(plan.jobs), len(plan.jobs))
    interrupted = _process(plan, work, workers, (tally, findings), shows=not quiet)
    if plan.report:
        from bodycopy.report.webpage import write_page  # noqa: PLC0415 - heavy

        write_page(plan.report, work.token, tally, findings, _rules_line(work))
    for line in tally.lines_of_failures() if quiet else _summary(plan, tally, work):
        click.echo(line, err=True)
    if interrupted:
        raise KeyboardInterrupt
    return ExitCode.FAILED if tally.failed else ExitCode.DONE


def _workers_for(jobs: Sequence[Job]) -> int:
    size = 0
    for job in jobs:
        size += _size(job)
        if size >= _SMALL:
            return _cores()
    return 1


def _size(job: Job) -> int:
    try:
        return job.source.stat().st_size if job.source else 0
    except OSError:  # it will fail by name
        return 0


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _process(plan: Plan, work: Work, workers: int, sums: Sequence[Tally | Findings], *, shows: bool) -> bool:
    """Run the plan; return whether it was interrupted. What was done till then is counted and logged."""
    stop = Event()
    with (
        removal_log(plan.removed, work.token) if plan.removed else nullcontext(_log_nothing) as log,
        _finishing_first(stop) if len(plan.jobs) > 1 else nullcontext(),
        closing(run(plan.jobs, work, workers, stop)) as results,
    ):
        try:
            for processed in _with_progress(results, len(plan.jobs)) if shows else results:
                for each in sums:
                    each.add(processed)
                log(processed)
        except KeyboardInterrupt:
            stop.set()
    return stop.is_set()


def _log_nothing(_: Processed) -> None:
    """Stand in for a log that nobody asked for."""


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


def _with_progress(results: Iterable[Processed], total: int) -> Iterable[Processed]:
    if total == 1 or not sys.stderr.isatty():
        return results
    from rich.console import Console  # noqa: PLC0415 - heavy
    from rich.progress import track  # noqa: PLC0415 - heavy

    return track(results, "cleaning", total, console=Console(stderr=True), transient=True)


def _summary(plan: Plan, tally: Tally, work: Work) -> Iterator[str]:
    begun = tally.documents + len(tally.failed) - len(plan.unlisted)
    if begun < len(plan.jobs):
        yield f"stopped after {begun:,} of {counted(len(plan.jobs), 'document')}"
    if not work.writes:
        yield "a dry run: no document was written"
    yield from tally.lines_of_summary()
    if plan.skipped:
        yield f"{counted(plan.skipped, 'file')} skipped, not .txt"
    yield _rules_line(work)


def _rules_line(work: Work) -> str:
    rules = work.cleaner.rules
    return f"bodycopy {__version__}, {counted(len(rules), 'rule')}, digest {rules.digest}"

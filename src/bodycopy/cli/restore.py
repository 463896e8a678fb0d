"""`bodycopy restore`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bodycopy.cli.options import LocalFile, PathOrUrl
from bodycopy.cli.program import ExitCode
from bodycopy.formats.kinds import FORMATS
from bodycopy.report.terminal import counted, visible

if TYPE_CHECKING:
    from bodycopy.cli.plan import Plan
    from bodycopy.report.log import RemovalLog
    from bodycopy.restorer import Restored
    from bodycopy.work import Job

__all__ = ["restore"]

_EPILOG = """\b
Examples:
  bodycopy clean articles -o cleaned --removed removed.jsonl
  bodycopy restore cleaned --removed removed.jsonl -o articles-again
"""


@click.command(epilog=_EPILOG)
@click.argument("out", type=PathOrUrl(exists=True, readable=False))
@click.option(
    "--removed",
    metavar="LOG",
    required=True,
    type=LocalFile(exists=True, dir_okay=False),
    help="The removal log that `bodycopy clean` wrote with OUT.",
)
@click.option(
    "--failed",
    metavar="LIST",
    type=LocalFile(exists=True, dir_okay=False),
    help="The list of failures of that run, if records failed.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    help="Read files as this, whatever they are called; of folders, take no files of other formats.",
)
@click.option("--field", default="text", show_default=True, metavar="NAME", help="The field that was cleaned.")
@click.option("-o", "--output", metavar="DIR", help="The folder to write to, or the file if OUT is one.")
@click.option("--force", is_flag=True, help="Write over files that are already there.")
def restore(  # noqa: PLR0913 - an argument for each option
    *,
    out: str,
    removed: Path,
    failed: Path | None,
    format_name: str | None,
    field: str,
    output: str | None,
    force: bool,
) -> None:
    """Put the removals back into the cleaned texts in OUT, a file or a folder.

    What comes out is what was read, character for character, in UTF-8. A file with a text that was changed after it
    was cleaned is named and not written. One file without -o goes to standard output.
    """
    from secrets import token_hex  # noqa: PLC0415 - heavy

    from bodycopy.cli.plan import Logs, make_plan  # noqa: PLC0415 - heavy
    from bodycopy.formats.remote import place_of  # noqa: PLC0415 - heavy
    from bodycopy.report.log import read_failures, read_log  # noqa: PLC0415 - heavy
    from bodycopy.restorer import restore as restored  # noqa: PLC0415 - heavy

    untouched = [path for path in (removed, failed) if path]
    plan = make_plan((out,), output, Logs(), format_name, untouched=untouched, force=force)
    log = read_log(removed)
    jobs, unrestored = _jobs(plan, log) if place_of(out).is_dir() else ([_as_the_log_calls_it(plan.jobs[0], log)], [])
    results = restored(jobs, log, read_failures(failed) if failed else {}, field, token_hex(4))
    files, removals = _count(results, unrestored)
    click.echo(f"{counted(files, 'document')} restored, {counted(removals, 'removal')} put back", err=True)
    if unrestored:
        click.echo(f"{counted(len(unrestored), 'document')} failed and not written:", err=True)
    for name, why in unrestored:
        click.echo(f"  {visible(name)}: {visible(why)}", err=True)
    sys.exit(ExitCode.FAILED if unrestored else ExitCode.DONE)


def _jobs(plan: Plan, log: RemovalLog) -> tuple[list[Job], list[tuple[str, str]]]:
    """Return the files of a folder by the names that the log has for them, and what is not there, with the reason."""
    names = _names(log)
    jobs = [replace(job, name=names.get(job.name, job.name)) for job in plan.jobs]
    return jobs, [*plan.unlisted, *_missing(jobs, log)]


def _names(log: RemovalLog) -> dict[str, str]:
    """Return the names that the log has, by those that the files may have been written under."""
    from bodycopy.formats.kinds import (  # noqa: PLC0415 - heavy
        PLAIN,
        TARGETS,
        ConversionError,
        converted,
        kind_of,
        written_name,
    )

    kinds = {name: kind_of(name) or PLAIN for name in log.groups}
    names = {written_name(name, kind): name for name, kind in kinds.items()}
    for to in TARGETS:
        for name, kind in kinds.items():
            with suppress(ConversionError):
                names.setdefault(written_name(name, kind, converted(name, kind, to)), name)
    return names


def _as_the_log_calls_it(job: Job, log: RemovalLog) -> Job:
    """A single output may have got another name than its input, but then the log is about nothing else."""
    if job.name in log.groups or not log.groups:
        return job
    if len(log.groups) > 1:
        raise click.UsageError(
            f"{log.path} is about {len(log.groups):,} documents, and none of them is called {visible(job.name)}; "
            "name the folder that they were written to."
        )
    return replace(job, name=next(iter(log.groups)))


def _missing(jobs: Sequence[Job], log: RemovalLog) -> Iterator[tuple[str, str]]:
    there = {job.name for job in jobs}
    for name, group in log.groups.items():
        if name not in there:
            yield name, f"missing, though line {group.number:,} of the log is about it"


def _count(results: Iterator[Restored], failed: list[tuple[str, str]]) -> tuple[int, int]:
    """Return how many documents were restored and how many removals were put back; failures are added to the list."""
    documents = removals = 0
    for result in results:
        if result.failed is not None:
            failed.append((result.name, result.failed))
        else:
            documents, removals = documents + 1, removals + result.removals
    return documents, removals

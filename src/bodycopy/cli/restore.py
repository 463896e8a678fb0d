"""`bodycopy restore`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bodycopy.cli.program import ExitCode
from bodycopy.report.terminal import counted, visible

if TYPE_CHECKING:
    from bodycopy.report.log import Log
    from bodycopy.restorer import Restored
    from bodycopy.runner import Job

__all__ = ["restore"]

_EPILOG = """\b
Examples:
  bodycopy clean articles -o cleaned --removed removed.jsonl
  bodycopy restore cleaned --removed removed.jsonl -o articles-again
"""


@click.command(epilog=_EPILOG)
@click.argument("out", type=click.Path(exists=True, readable=False))
@click.option(
    "--removed",
    metavar="LOG",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The removal log that `bodycopy clean` wrote with OUT.",
)
@click.option("-o", "--output", metavar="DIR", help="The folder to write to, or the file if OUT is one.")
@click.option("--force", is_flag=True, help="Write over files that are already there.")
def restore(*, out: str, removed: Path, output: str | None, force: bool) -> None:
    """Put the removals back into the cleaned texts in OUT.

    What comes out is what was read, character for character, in UTF-8. A text that was changed after it was cleaned
    is named and not written. One file without -o goes to standard output.
    """
    from secrets import token_hex  # noqa: PLC0415 - heavy

    from bodycopy.cli.plan import make_plan  # noqa: PLC0415 - heavy
    from bodycopy.report.log import read_log  # noqa: PLC0415 - heavy
    from bodycopy.restorer import restore as restored  # noqa: PLC0415 - heavy

    plan = make_plan((out,), output, untouched=(removed,), force=force)
    log = read_log(removed)
    if Path(out).is_dir():
        jobs = plan.jobs
        failed = [*plan.unlisted, *_missing(jobs, log)]
    else:
        jobs = (_as_the_log_calls_it(plan.jobs[0], log),)
        failed = []
    done = _count(restored(jobs, log, token_hex(4)), failed)
    click.echo(f"{counted(done[0], 'document')} restored, {counted(done[1], 'removal')} put back", err=True)
    if failed:
        click.echo(f"{counted(len(failed), 'document')} failed and not written:", err=True)
    for name, why in failed:
        click.echo(f"  {visible(name)}: {visible(why)}", err=True)
    sys.exit(ExitCode.FAILED if failed else ExitCode.DONE)


def _as_the_log_calls_it(job: Job, log: Log) -> Job:
    """A single output may have got another name than its input, but then the log is about nothing else."""
    if job.name in log.groups or not log.groups:
        return job
    if len(log.groups) > 1:
        raise click.UsageError(
            f"{log.path} is about {len(log.groups):,} documents, and none of them is called {visible(job.name)}; "
            "name the folder that they were written to."
        )
    return replace(job, name=next(iter(log.groups)))


def _missing(jobs: Sequence[Job], log: Log) -> Iterator[tuple[str, str]]:
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

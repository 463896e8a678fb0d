"""`bodycopy clean`: its arguments."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bodycopy.cli.engine import ENGINES, Engine
from bodycopy.cli.options import Choice, LocalFile, PathOrUrl, choice_options
from bodycopy.formats.kinds import FORMATS, TARGETS

__all__ = ["clean"]

_EPILOG = """\b
Examples:
  bodycopy clean articles -o cleaned
  bodycopy clean page.txt > body.txt
  bodycopy clean articles -o cleaned --rules my-rules --removed removed.jsonl
  bodycopy clean articles --dry-run --report report.html
  bodycopy clean articles --dry-run --only comments --only 'video/*'
  bodycopy clean crawl -o cleaned --resume --removed removed.jsonl --failed failed.jsonl
  bodycopy clean crawl -o cleaned --engine ray
  bodycopy clean crawl.jsonl.gz -o clean.jsonl.gz --field body --url-field url
  bodycopy clean s3://crawl/warc -o s3://crawl/text --to parquet --resume
"""


@click.command(epilog=_EPILOG)
@click.argument("src", nargs=-1, required=True, type=PathOrUrl(exists=True, readable=False, allow_dash=True))
@click.option("-o", "--output", metavar="OUT", help="The file or folder to write to; a folder if there are several.")
@choice_options
@click.option(
    "--jobs", metavar="N", type=click.IntRange(min=1), help="Processes; all cores, or one if there is little."
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="local",
    show_default=True,
    help="Run here, or as tasks on Ray: one that is begun here, or the cluster at RAY_ADDRESS.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    help="Read files as this, whatever they are called; of folders, take no files of other formats.",
)
@click.option("--to", type=click.Choice(TARGETS), help="Write in this format, whatever is read.")
@click.option("--field", default="text", show_default=True, metavar="NAME", help="The field of a record to clean.")
@click.option("--url-field", metavar="NAME", help="The field with a record's address, for the rules of a site.")
@click.option("--removals-field", metavar="NAME", help="Write what was removed into this new field of each record.")
@click.option("--removed", metavar="FILE", type=LocalFile(), help="Write every removal to FILE, as JSON lines.")
@click.option("--failed", metavar="FILE", type=LocalFile(), help="Write what failed to FILE, as JSON lines.")
@click.option(
    "--resume",
    is_flag=True,
    help="Keep a journal beside OUT, and go on with the run that it is of. With other rules or options it is refused.",
)
@click.option("--report", metavar="FILE", type=LocalFile(), help="Write a report for a browser to FILE, as HTML.")
@click.option("--dry-run", is_flag=True, help="Write no documents, only report.")
@click.option("--force", is_flag=True, help="Write over files that are already there.")
@click.option("--quiet", is_flag=True, help="No progress and no summary; only what failed.")
def clean(  # noqa: PLR0913 - an argument for each option
    *,
    src: tuple[str, ...],
    output: str | None,
    choice: Choice,
    jobs: int | None,
    engine: str,
    format_name: str | None,
    to: str | None,
    field: str,
    url_field: str | None,
    removals_field: str | None,
    removed: Path | None,
    failed: Path | None,
    resume: bool,
    report: Path | None,
    dry_run: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Clean files of texts, and folders of them, and write them with the bodies to OUT.

    SRC is a file or folder, a URL that fsspec reads, or - for standard input. A folder is mirrored under OUT, which may
    be a URL too. One file without -o goes to standard output. What is written has the format of what is read, if --to
    does not say otherwise; a file's name says which, also before .gz or .zst. In files of records (.jsonl, .csv,
    .parquet, .wet) one field is cleaned, and all else stays.
    """
    from bodycopy.cli.cleaning import clean_documents  # noqa: PLC0415 - heavy
    from bodycopy.cli.plan import Logs, make_plan  # noqa: PLC0415 - heavy
    from bodycopy.formats.records import Fields  # noqa: PLC0415 - heavy
    from bodycopy.work import Work  # noqa: PLC0415 - heavy

    logs = Logs(removed, failed)
    plan = make_plan(
        src, output, logs, format_name, to=to, report=report, writes=not dry_run, force=force, resume=resume
    )
    chosen = Engine(engine, jobs)
    chosen.refuse(plan.jobs, writes=not dry_run)
    fields = Fields(field, url_field, removals_field)
    work = Work(
        choice.cleaner(),
        fields,
        writes=not dry_run,
        reports=removed is not None,
        shows=report is not None,
        resumes=resume,
    )
    sys.exit(clean_documents(plan, work, chosen, quiet=quiet))

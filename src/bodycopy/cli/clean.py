"""`bodycopy clean`: its arguments."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bodycopy.cli.options import Choice, choice_options

__all__ = ["clean"]

_EPILOG = """\b
Examples:
  bodycopy clean articles -o cleaned
  bodycopy clean page.txt > body.txt
  bodycopy clean articles -o cleaned --rules my-rules --removed removed.jsonl
  bodycopy clean articles --dry-run --report report.html
  bodycopy clean articles --dry-run --only comments --only 'video/*'
"""


@click.command(epilog=_EPILOG)
@click.argument("src", nargs=-1, required=True, type=click.Path(exists=True, readable=False, allow_dash=True))
@click.option("-o", "--output", metavar="OUT", help="The file or folder to write to; a folder if there are several.")
@choice_options
@click.option(
    "--jobs", metavar="N", type=click.IntRange(min=1), help="Processes; all cores, or one if there is little."
)
@click.option(
    "--removed", metavar="FILE", type=click.Path(path_type=Path), help="Write every removal to FILE, as JSON lines."
)
@click.option(
    "--report", metavar="FILE", type=click.Path(path_type=Path), help="Write a report for a browser to FILE, as HTML."
)
@click.option("--dry-run", is_flag=True, help="Write no documents, only report.")
@click.option("--force", is_flag=True, help="Write over files that are already there.")
@click.option("--quiet", is_flag=True, help="No progress and no summary; only what failed.")
def clean(  # noqa: PLR0913 - an argument for each option
    *,
    src: tuple[str, ...],
    output: str | None,
    choice: Choice,
    jobs: int | None,
    removed: Path | None,
    report: Path | None,
    dry_run: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Clean text files, and folders of them, and write the bodies to OUT.

    SRC is a file or folder of .txt, or - for standard input. A folder is mirrored under OUT. One file without
    -o goes to standard output.
    """
    from bodycopy.cli.cleaning import clean_documents  # noqa: PLC0415 - heavy
    from bodycopy.cli.plan import make_plan  # noqa: PLC0415 - heavy

    plan = make_plan(src, output, removed=removed, report=report, writes=not dry_run, force=force)
    sys.exit(clean_documents(plan, choice.cleaner(), jobs, writes=not dry_run, quiet=quiet))

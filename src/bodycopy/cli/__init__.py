"""The command line. It translates: arguments to calls, results to text, errors to messages and exit codes."""

from __future__ import annotations

import click

from bodycopy import __version__
from bodycopy.cli.program import Program

__all__ = ["main"]

_EPILOG = """\b
Examples:
  bodycopy clean articles -o cleaned
  bodycopy explain articles/one.txt
  bodycopy rules list --category comments

Exit codes: 0 done, 1 a document failed or a rule was found wrong, 2 wrong usage or a wrong rule file,
130 interrupted.
"""


@click.group(
    cls=Program,
    homes={
        "clean": "bodycopy.cli.clean:clean",
        "eval": "bodycopy.cli.evaluate:evaluate",
        "explain": "bodycopy.cli.explain:explain",
        "restore": "bodycopy.cli.restore:restore",
        "rules": "bodycopy.cli.rules:rules",
    },
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="bodycopy", message="%(prog)s %(version)s")
def main() -> None:
    """Delete from scraped text what is not the article, by rules that anyone can read, test and add."""

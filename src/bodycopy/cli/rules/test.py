"""`bodycopy rules test`."""

from __future__ import annotations

import sys

import click

from bodycopy.cli.options import Packs
from bodycopy.cli.program import ExitCode
from bodycopy.cli.rules.common import rules_at, write_lines
from bodycopy.report.terminal import counted

__all__ = ["test"]

_EPILOG = """\b
Examples:
  bodycopy rules test
  bodycopy rules test my-rules/video.yaml
"""


@click.command(epilog=_EPILOG)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True))
def test(paths: tuple[str, ...]) -> None:
    """Run the examples of the packs at PATH, or of the built-in ones.

    The built-in rules act along with those of PATH. A rule that no example fires fails.
    """
    from bodycopy.examples import run_examples  # noqa: PLC0415 - heavy

    loaded = Packs(paths, builtin=True).load()
    tested = rules_at(paths, loaded) if paths else list(loaded)
    failures = list(run_examples(loaded, tested))
    examples = sum(len(rule.examples) for rule in tested)
    totals = (counted(len(tested), "rule"), counted(examples, "example"), counted(len(failures), "failure"))
    write_lines([*map(str, failures), ", ".join(totals)])
    sys.exit(ExitCode.FAILED if failures else ExitCode.DONE)

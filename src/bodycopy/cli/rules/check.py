"""`bodycopy rules check`."""

from __future__ import annotations

import sys

import click

from bodycopy.cli.options import Packs
from bodycopy.cli.program import ExitCode
from bodycopy.cli.rules.common import rules_at, write_lines
from bodycopy.errors import RuleFileError
from bodycopy.report.terminal import counted

__all__ = ["check"]

_EPILOG = """\b
Example:
  bodycopy rules check my-rules
"""


@click.command(epilog=_EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True))
def check(paths: tuple[str, ...]) -> None:
    """Check the packs at PATH: what is wrong with them, and what is likely to be."""
    from bodycopy import checks  # noqa: PLC0415 - heavy

    try:
        checked = rules_at(paths, Packs(paths, builtin=True).load())
    except RuleFileError as error:
        write_lines([str(error)])
        sys.exit(ExitCode.FAILED)
    findings = checks.check_rules(checked)
    write_lines([*map(str, findings), f"{counted(len(checked), 'rule')}, {counted(len(findings), 'finding')}"])
    sys.exit(ExitCode.FAILED if findings else ExitCode.DONE)

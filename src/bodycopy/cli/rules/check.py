"""`bodycopy rules check`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from bodycopy.cli.options import Packs, pack_options
from bodycopy.cli.program import ExitCode
from bodycopy.cli.rules.common import files_at, rules_at, write_lines
from bodycopy.errors import RuleFileError
from bodycopy.report.terminal import counted

if TYPE_CHECKING:
    from bodycopy.loader import Loaded
    from bodycopy.rules import Rule

__all__ = ["check", "check_packs"]

_EPILOG = """\b
Examples:
  bodycopy rules check my-rules
  bodycopy rules check --explain BC401

Exit codes: 0 nothing found, 1 something found, 2 wrong usage.
"""


@click.command(epilog=_EPILOG)
@click.argument("checked", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True))
@click.option("--explain", metavar="CODE", help="Say what a finding means, with a wrong and a right example.")
@pack_options
def check(checked: tuple[str, ...], explain: str | None, packs: Packs) -> None:
    """Check the packs at PATH, or those of the project file: what is wrong with them, and what is likely to be.

    The built-in rules, the packs of the project file and those of --rules are there for comparison. A finding that is
    meant so is silenced in the file: `allow: {CODE: the reason}` on a rule or on the pack.
    """
    if explain is not None:
        _explain(explain)
        return
    sys.exit(check_packs(checked, packs))


def check_packs(paths: tuple[str, ...], packs: Packs) -> ExitCode:
    """Print what is wrong with the packs at the paths, or with those of the project file, among the others."""
    paths = paths or packs.config.rules
    if not paths:
        raise click.UsageError("Missing argument 'PATH...', and no project file names packs.")
    try:
        loaded = packs.beside(paths).load_all()
    except RuleFileError as error:
        write_lines([str(error)])
        return ExitCode.FAILED
    return _check(loaded, rules_at(paths, loaded), paths)


def _explain(word: str) -> None:
    from bodycopy.codes import UnknownCodeError, code_named  # noqa: PLC0415 - only for this

    try:
        write_lines([code_named(word).explanation])
    except UnknownCodeError as error:
        raise click.BadParameter(str(error), param_hint="--explain") from None


def _check(loaded: Loaded, rules: Sequence[Rule], paths: Iterable[str]) -> ExitCode:
    from bodycopy.checks import check_loaded  # noqa: PLC0415 - heavy

    findings = check_loaded(loaded, rules, files_at(paths, loaded))
    write_lines([*map(str, findings), f"{counted(len(rules), 'rule')}, {counted(len(findings), 'finding')}"])
    return ExitCode.FAILED if findings else ExitCode.DONE

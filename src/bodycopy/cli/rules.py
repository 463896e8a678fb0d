"""`bodycopy rules`: what the rules are, and whether they are right."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bodycopy.cli.options import Packs, pack_options
from bodycopy.cli.program import ExitCode
from bodycopy.errors import RuleChoiceError, RuleFileError, nearest
from bodycopy.formats.files import naming, write_stdout
from bodycopy.report.terminal import counted, visible

if TYPE_CHECKING:
    from bodycopy.rules import Rule

__all__ = ["rules"]

_EPILOG = """\b
Example:
  bodycopy rules list
"""
_LIST_EPILOG = """\b
Examples:
  bodycopy rules list
  bodycopy rules list --category comments --rules my-rules
"""
_SHOW_EPILOG = """\b
Example:
  bodycopy rules show 'comments/*'
"""
_TEST_EPILOG = """\b
Examples:
  bodycopy rules test
  bodycopy rules test my-rules/video.yaml
"""
_CHECK_EPILOG = """\b
Example:
  bodycopy rules check my-rules
"""


@click.group(epilog=_EPILOG)
def rules() -> None:
    """List, show, test and check rules."""


@rules.command("list", epilog=_LIST_EPILOG)
@click.option("--category", metavar="C", help="Only the rules of this category.")
@pack_options
def list_rules(category: str | None, packs: Packs) -> None:
    """List the rules: id, whether on by default, language, place."""
    loaded = packs.load()
    categories = {rule.category for rule in loaded}
    if category is not None and category not in categories:
        raise RuleChoiceError(f'no category "{category}"; {nearest(category, categories)}')
    chosen = [rule for rule in loaded if category in (None, rule.category)]
    _write(_aligned([(rule.id, _state(rule), rule.lang or "-", f"{rule.file}:{rule.line}") for rule in chosen]))


@rules.command("show", epilog=_SHOW_EPILOG)
@click.argument("name", metavar="ID")
@pack_options
def show_rules(name: str, packs: Packs) -> None:
    """Show a rule as it stands in its file. ID may be a glob."""
    from bodycopy.rules import choose, selects  # noqa: PLC0415 - heavy

    loaded = packs.load()
    choose(loaded, only=[name])  # for its error
    builtin = _builtin_ids()
    parts = [line for rule in loaded if selects(name, rule.id) for line in (*_shown(rule, builtin), "")]
    _write(parts[:-1])


@rules.command("test", epilog=_TEST_EPILOG)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True))
def test_rules(paths: tuple[str, ...]) -> None:
    """Run the examples of the packs at PATH, or of the built-in ones.

    The built-in rules act along with those of PATH. A rule that no example fires fails.
    """
    from bodycopy.examples import run_examples  # noqa: PLC0415 - heavy

    loaded = Packs(paths, builtin=True).load()
    tested = _rules_at(paths, loaded) if paths else list(loaded)
    failures = list(run_examples(loaded, tested))
    examples = sum(len(rule.examples) for rule in tested)
    totals = (counted(len(tested), "rule"), counted(examples, "example"), counted(len(failures), "failure"))
    _write([*map(str, failures), ", ".join(totals)])
    sys.exit(ExitCode.FAILED if failures else ExitCode.DONE)


@rules.command("check", epilog=_CHECK_EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True))
def check_rules(paths: tuple[str, ...]) -> None:
    """Check the packs at PATH: what is wrong with them, and what is likely to be."""
    from bodycopy import checks  # noqa: PLC0415 - heavy

    try:
        checked = _rules_at(paths, Packs(paths, builtin=True).load())
    except RuleFileError as error:
        _write([str(error)])
        sys.exit(ExitCode.FAILED)
    findings = checks.check_rules(checked)
    _write([*map(str, findings), f"{counted(len(checked), 'rule')}, {counted(len(findings), 'finding')}"])
    sys.exit(ExitCode.FAILED if findings else ExitCode.DONE)


def _write(lines: Iterable[str]) -> None:
    text = "".join(f"{visible(part)}\n" for line in lines for part in line.split("\n"))
    write_stdout(text.encode("utf-8"))


def _state(rule: Rule) -> str:
    if rule.trial:
        return "trial"
    return "on" if rule.default else "off"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()


def _shown(rule: Rule, builtin: frozenset[str]) -> Iterator[str]:
    yield rule.id
    yield f"{rule.file}:{rule.line}  {_state(rule)}  {rule.lang}".rstrip()
    yield ""
    yield from _excerpt(rule, _file_of(rule, builtin))


def _excerpt(rule: Rule, file: Path) -> Iterator[str]:
    """Yield the rule's lines in its file: down to the next line that is no deeper than its first."""
    with naming(file):
        first, *rest = file.read_text(encoding="utf-8-sig").split("\n")[rule.line - 1 :]
    end = next((n for n, line in enumerate(rest) if line.strip() and _depth(line) <= _depth(first)), len(rest))
    yield from "\n".join([first, *rest[:end]]).rstrip().split("\n")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _builtin_ids() -> frozenset[str]:
    return frozenset(rule.id for rule in Packs((), builtin=True).load())


def _file_of(rule: Rule, builtin: frozenset[str]) -> Path:
    """Return the file of a rule; the name of a built-in one counts from the root of its packs."""
    from bodycopy.loader import builtin_root  # noqa: PLC0415 - heavy

    return builtin_root() / rule.file.removeprefix("rules/") if rule.id in builtin else Path(rule.file)


def _rules_at(paths: Iterable[str], loaded: Sequence[Rule]) -> list[Rule]:
    """Return the rules that stand in the packs at the paths, and those that the packs change."""
    builtin = {rule.id: rule for rule in Packs((), builtin=True).load()}
    places = [Path(path).resolve() for path in paths]

    def stands_there(rule: Rule) -> bool:
        file = _file_of(rule, frozenset(builtin)).resolve()
        return builtin.get(rule.id) != rule or any(file.is_relative_to(place) for place in places)

    return [rule for rule in loaded if stands_there(rule)]

"""`bodycopy rules show`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bodycopy.cli.options import Packs, pack_options
from bodycopy.cli.rules.common import builtin_ids, file_of, state_of, write_lines
from bodycopy.formats.files import naming

if TYPE_CHECKING:
    from bodycopy.rules import Rule

__all__ = ["show"]

_EPILOG = """\b
Example:
  bodycopy rules show 'comments/*'
"""


@click.command(epilog=_EPILOG)
@click.argument("name", metavar="ID")
@pack_options
def show(name: str, packs: Packs) -> None:
    """Show a rule as it stands in its file. ID may be a glob."""
    from bodycopy.rules import choose, selects  # noqa: PLC0415 - heavy

    loaded = packs.load()
    choose(loaded, only=[name])  # for its error
    builtin = builtin_ids()
    parts = [line for rule in loaded if selects(name, rule.id) for line in (*_shown(rule, builtin), "")]
    write_lines(parts[:-1])


def _shown(rule: Rule, builtin: frozenset[str]) -> Iterator[str]:
    yield rule.id
    yield f"{rule.file}:{rule.line}  {state_of(rule)}  {rule.lang}".rstrip()
    yield ""
    yield from _excerpt(rule, file_of(rule, builtin))


def _excerpt(rule: Rule, file: Path) -> Iterator[str]:
    """Yield the rule's lines in its file: down to the next line that is no deeper than its first."""
    with naming(file):
        first, *rest = file.read_text(encoding="utf-8-sig").split("\n")[rule.line - 1 :]
    end = next((n for n, line in enumerate(rest) if line.strip() and _depth(line) <= _depth(first)), len(rest))
    yield from "\n".join([first, *rest[:end]]).rstrip().split("\n")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())

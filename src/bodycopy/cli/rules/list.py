"""`bodycopy rules list`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from bodycopy.cli.options import Packs, pack_options
from bodycopy.cli.rules.common import state_of, write_lines
from bodycopy.errors import RuleChoiceError, nearest

__all__ = ["list_rules"]

_EPILOG = """\b
Examples:
  bodycopy rules list
  bodycopy rules list --category comments --rules my-rules
"""


@click.command("list", epilog=_EPILOG)
@click.option("--category", metavar="C", help="Only the rules of this category.")
@pack_options
def list_rules(category: str | None, packs: Packs) -> None:
    """List the rules: id, whether on by default, language, place."""
    loaded = packs.load()
    categories = {rule.category for rule in loaded}
    if category is not None and category not in categories:
        raise RuleChoiceError(f'no category "{category}"; {nearest(category, categories)}')
    chosen = [rule for rule in loaded if category in (None, rule.category)]
    write_lines(_aligned([(rule.id, state_of(rule), rule.lang or "-", f"{rule.file}:{rule.line}") for rule in chosen]))


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()

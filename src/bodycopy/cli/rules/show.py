"""`bodycopy rules show`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bodycopy.cli.options import Packs, notices, pack_options
from bodycopy.cli.rules.common import every_rule, write_lines
from bodycopy.formats.files import naming

if TYPE_CHECKING:
    from bodycopy.catalogue import Listed

__all__ = ["show"]

_EPILOG = """\b
Examples:
  bodycopy rules show comments/wordpress/form
  bodycopy rules show 'comments/*' --rules my-rules
"""


@click.command(epilog=_EPILOG)
@click.argument("name", metavar="ID")
@pack_options
def show(name: str, packs: Packs) -> None:
    """Show a rule as it stands in its file, and what extends it or switches it off. ID may be a glob."""
    loaded = packs.load_all()
    shown = _named(name, every_rule(loaded))
    write_lines([line for one in shown for line in (*_shown(one, loaded.files), "")][:-1])


def _named(name: str, rules: Sequence[Listed]) -> list[Listed]:
    from bodycopy.rules import choose, current_names, selects  # noqa: PLC0415 - heavy

    known = [one.rule for one in rules]
    with notices():
        (name,) = current_names([name], known)
    choose(known, only=[name])  # for its error
    return [one for one in rules if selects(name, one.rule.id)]


def _shown(one: Listed, files: Mapping[str, Path]) -> Iterator[str]:
    rule = one.rule
    yield rule.id
    yield f"{rule.file}:{rule.line}  {one.status}  {rule.lang}".rstrip()
    yield from (f"switched off in {place}" for place in one.disabled)
    yield from (f"was {former}" for former in rule.was)
    yield ""
    yield from _excerpt(one.path, rule.line)
    for place in one.changes:
        yield from ("", f"changed in {place}", "", *_excerpt(files[place.file], place.line))


def _excerpt(file: Path, line: int) -> Iterator[str]:
    """Yield the item of a list in which a line of a file stands: down to the next line that is no deeper."""
    with naming(file):
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    start = next((at for at in range(line - 1, -1, -1) if _begins_item(lines[at], lines[line - 1])), line - 1)
    first, *rest = lines[start:]
    end = next((n for n, text in enumerate(rest) if text.strip() and _depth(text) <= _depth(first)), len(rest))
    yield from "\n".join([first, *rest[:end]]).rstrip().split("\n")


def _begins_item(text: str, line: str) -> bool:
    """Say whether an item that reaches to a line below, or to this line, begins here."""
    return text.lstrip().startswith("- ") and (text is line or _depth(text) < _depth(line))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())

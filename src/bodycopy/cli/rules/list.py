"""`bodycopy rules list`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from bodycopy.cli.options import Packs, pack_options
from bodycopy.cli.rules.common import every_rule, write_lines
from bodycopy.errors import RuleChoiceError, nearest
from bodycopy.formats.files import write_stdout

if TYPE_CHECKING:
    from bodycopy.catalogue import Listed

__all__ = ["list_rules"]

_EPILOG = """\b
Examples:
  bodycopy rules list
  bodycopy rules list --category comments --lang de
  bodycopy rules list --status off

The status of a rule is on; off, if it acts only when asked for with --also; trial, if it reports and removes nothing;
disabled, if a pack switches it off; available, if its package is installed and acts only when named with --rules.
"""


@click.command("list", epilog=_EPILOG)
@click.option("--category", metavar="C", help="Only the rules of this category.")
@click.option("--lang", metavar="L", help="Only the rules of this language; - for those without one.")
@click.option("--status", metavar="S", help="Only the rules of this status.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line for each rule.")
@pack_options
def list_rules(category: str | None, lang: str | None, status: str | None, as_json: bool, packs: Packs) -> None:
    """List the rules: id, category, language, status, place."""
    from bodycopy.report.log import to_json  # noqa: PLC0415 - heavy
    from bodycopy.report.rulelist import as_dict, table  # noqa: PLC0415 - heavy

    rules = _chosen(every_rule(packs.load_all()), category, lang, status)
    if as_json:
        write_stdout(b"".join(to_json(as_dict(one)) for one in rules))
    else:
        write_lines(table(rules))


def _chosen(rules: Sequence[Listed], category: str | None, lang: str | None, status: str | None) -> list[Listed]:
    from bodycopy.catalogue import Status  # noqa: PLC0415 - heavy
    from bodycopy.report.rulelist import NO_LANGUAGE  # noqa: PLC0415 - heavy

    _refuse_unknown("category", category, {one.rule.category for one in rules})
    _refuse_unknown("language", lang, {one.rule.lang or NO_LANGUAGE for one in rules})
    _refuse_unknown("status", status, set(Status))
    return [
        one
        for one in rules
        if category in (None, one.rule.category)
        and lang in (None, one.rule.lang or NO_LANGUAGE)
        and status in (None, one.status)
    ]


def _refuse_unknown(kind: str, name: str | None, known: set[str]) -> None:
    if name is not None and name not in known:
        raise RuleChoiceError(f'no {kind} "{name}"; {nearest(name, known)}')

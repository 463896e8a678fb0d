"""`bodycopy rules new`."""

from __future__ import annotations

import re
import secrets
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bodycopy.cli.options import Packs, pack_options
from bodycopy.cli.program import ExitCode
from bodycopy.cli.rules.comparing import SAMPLES, Texts, texts_at
from bodycopy.cli.rules.seen import seen_at
from bodycopy.errors import BodycopyError
from bodycopy.formats.files import naming, replacing, write_stdout
from bodycopy.report.terminal import visible

if TYPE_CHECKING:
    from bodycopy.building import PackFile
    from bodycopy.drafting import Draft
    from bodycopy.rules import Rule

__all__ = ["new"]

_CATEGORY: Final = "custom"

_EPILOG = """\b
Examples:
  bodycopy rules new --from "Sign up for the Harbour Letter" --category newsletter
  bodycopy rules new --from texts/one.txt:12 -o mine.yaml --try texts
  bodycopy rules new --from texts/pages.jsonl:3:12 -o mine.yaml

A line is named by its file and its number, a line of a record by file, row and line, as `rules try` prints them.
"""


class OutputError(BodycopyError):
    """A pack that the rule cannot be written to."""


def _checked_category(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch("[a-z0-9][a-z0-9-]*", value):
        raise click.BadParameter(f'"{value}" is not a name of small letters, digits and hyphens')
    return value


@click.command(epilog=_EPILOG)
@click.option("--from", "place", required=True, metavar="TEXT|FILE:LINE", help="The line: what it says, or its place.")
@click.option(
    "--category", metavar="C", callback=_checked_category, help=f"The category: that of PACK, or else {_CATEGORY}."
)
@click.option(
    "-o",
    "--output",
    metavar="PACK",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this pack, after its other rules; without it a new pack goes to standard output.",
)
@click.option(
    "--try", "folder", metavar="DIR", type=click.Path(exists=True), help="Say what the rule would remove in DIR."
)
@pack_options
def new(*, place: str, category: str | None, output: Path | None, folder: str | None, packs: Packs) -> None:
    """Write a rule for a line, with its examples.

    The rule is proved before it is written: it finds the line in its own text, and its examples hold among all other
    rules. They are the line, and what must stay: a sentence of the text that is like it, and one that quotes it. DIR is
    what it is for `rules try`.
    """
    seen = seen_at(place)
    texts = texts_at(folder) if folder else None
    before = _pack_at(output)
    rules = Packs((*packs.paths, *([str(output)] if before else [])), packs.builtin, packs.config).load()
    from bodycopy.drafting import Origin, draft  # noqa: PLC0415 - heavy

    origin = Origin(_category(category, before), str(output or "new.yaml"), rules)
    drafted = draft(seen, origin)
    rule = _write(drafted, output)
    if category is None and before is None:
        _say(f'notice: the category is "{origin.category}"; --category names another')
    for notice in _notices(drafted):
        _say(f"notice: {notice}")
    sys.exit(_try(rule, rules, texts, str(folder)) if texts else ExitCode.DONE)


def _pack_at(output: Path | None) -> PackFile | None:
    """Return the pack that is there already. Raises RuleFileError for one that is wrong."""
    from bodycopy.building import read_pack  # noqa: PLC0415 - heavy
    from bodycopy.packfiles import text_of  # noqa: PLC0415 - heavy

    if output is None:
        return None
    if output.suffix not in (".yaml", ".yml"):
        raise click.UsageError(f"-o names a pack, a file that ends in .yaml, and {output} does not.")
    return read_pack(str(output), text_of(str(output), output)) if output.exists() else None


def _category(wanted: str | None, before: PackFile | None) -> str:
    if before is None:
        return wanted or _CATEGORY
    has = str(before.content.category)
    if wanted not in (None, has):
        raise OutputError(f"{before.file}: the category of this pack is {has}, not {wanted}; name another file with -o")
    return has


def _write(drafted: Draft, output: Path | None) -> Rule:
    """Write the rule to a pack that is there, to a new one, or to standard output; return it as it stands there."""
    if output is None:
        write_stdout(drafted.yaml.encode("utf-8"))
        return drafted.rule
    from bodycopy.drafting import added_to  # noqa: PLC0415 - heavy

    text, rule = drafted.yaml, drafted.rule
    if is_there := output.exists():
        text, rule = added_to(output.read_bytes().decode("utf-8"), str(output), drafted)
    with replacing(output.resolve(), secrets.token_hex(4)) as file, naming(output):
        file.write(text.encode("utf-8"))
    _say(f"{output}:{rule.line}: {'added' if is_there else 'a new pack with'} {rule.id}")
    return rule


def _notices(drafted: Draft) -> Iterator[str]:
    """Yield what the author should know of the rule."""
    from bodycopy.checks import check_rules  # noqa: PLC0415 - heavy
    from bodycopy.form import is_prose  # noqa: PLC0415 - heavy

    if drafted.shortened_by:
        yield f"a part of the line is removed by {', '.join(drafted.shortened_by)}; the rule is for the rest"
    if is_prose(drafted.line):
        yield "the line reads like running text; make sure that no article says it"
    yield from (f"{finding.code} {finding.message}" for finding in check_rules([drafted.rule]))


def _try(rule: Rule, rules: Sequence[Rule], texts: Texts, folder: str) -> ExitCode:
    """Tell what a rule adds to the others."""
    from bodycopy.report.comparison import lines_of_comparison  # noqa: PLC0415 - heavy
    from bodycopy.rules import RuleSet, choose  # noqa: PLC0415 - heavy

    base = choose(rules)
    compared = texts.compare(base, RuleSet([*base, rule]), SAMPLES)
    for line in lines_of_comparison(compared, f"in {folder} it would remove:", f"in {folder} it would spare:"):
        _say(line)
    return texts.tell_the_rest()


def _say(line: str) -> None:
    click.echo(visible(line), err=True)

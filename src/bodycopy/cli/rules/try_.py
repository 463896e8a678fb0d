"""`bodycopy rules try`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bodycopy.cli.options import Packs
from bodycopy.cli.rules.common import write_lines
from bodycopy.cli.rules.comparing import samples_option, texts_at

if TYPE_CHECKING:
    from bodycopy.comparison import Comparison
    from bodycopy.rules import Rule

__all__ = ["try_rules"]

_EPILOG = """\b
Examples:
  bodycopy rules try mine.yaml texts
  bodycopy rules try my-rules texts/pages.jsonl.gz --samples 20

Exit codes: 0 done, 1 a document could not be read, 2 wrong usage or a wrong rule file.
"""


@click.command("try", epilog=_EPILOG)
@click.argument("pack", type=click.Path(exists=True))
@click.argument("folder", metavar="DIR", type=click.Path(exists=True))
@samples_option
def try_rules(pack: str, folder: str, samples: int) -> None:
    """Try a pack on texts: what it adds to what the built-in rules remove.

    PACK is a pack or a folder of packs, DIR a folder (or a file) of .txt, and of JSON lines (.jsonl, .jsonl.gz,
    .jsonl.zst) with a text in each row. All rules of PACK act, also those on trial or off by default.

    The rules come by how often they act, and of each those removals first that look most like running text: among them
    are the mistakes.
    """
    texts = texts_at(folder)
    base, own, loaded = _rules_of(pack)
    from bodycopy.report.comparison import lines_of_comparison  # noqa: PLC0415 - heavy
    from bodycopy.rules import RuleSet, choose  # noqa: PLC0415 - heavy

    acting = {rule.id: rule for rule in (*choose(loaded), *(replace(r, default=True, trial=False) for r in own))}
    compared = texts.compare(choose(base), RuleSet(acting.values()), samples)
    titles = f"{pack} adds to the built-in rules:", f"{pack} keeps, of what the built-in rules remove:"
    write_lines([*lines_of_comparison(compared, *titles), *(_idle(own, compared) if compared.documents else ())])
    sys.exit(texts.tell_the_rest())


def _rules_of(pack: str) -> tuple[Sequence[Rule], Sequence[Rule], Sequence[Rule]]:
    """Return the built-in rules that are not of the pack, the rules that are, and all with the changes of the pack."""
    builtin = Packs((), builtin=True).load_all()
    place = Path(pack).resolve()
    base = [rule for rule in builtin.rules if not builtin.files[rule.file].resolve().is_relative_to(place)]
    loaded = Packs((pack,), builtin=True).load()
    others = {rule.id for rule in base}
    return base, [rule for rule in loaded if rule.id not in others], loaded


def _idle(own: Iterable[Rule], compared: Comparison) -> Iterator[str]:
    """Name the rules that add nothing."""
    from bodycopy.report.comparison import lines_of_rules  # noqa: PLC0415 - heavy
    from bodycopy.rules import Keep  # noqa: PLC0415 - heavy

    adding = {rule.rule for rule in compared.added.rules}
    idle = [rule for rule in own if rule.id not in adding and not isinstance(rule.finder, Keep)]
    yield from lines_of_rules("finds nothing", [rule for rule in idle if rule.id not in compared.found])
    yield from lines_of_rules("finds only what goes already", [rule for rule in idle if rule.id in compared.found])

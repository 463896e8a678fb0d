"""`bodycopy rules diff`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from bodycopy.cli.options import Packs
from bodycopy.cli.rules.common import write_lines
from bodycopy.cli.rules.comparing import samples_option, texts_at

if TYPE_CHECKING:
    from bodycopy.rules import RuleSet

__all__ = ["diff"]

_BUILTIN: Final = "builtin"

_EPILOG = """\b
Examples:
  bodycopy rules diff builtin my-rules texts
  bodycopy rules diff my-rules/old.yaml my-rules/new.yaml texts
  bodycopy rules diff ../before/rules rules texts --no-builtin

Exit codes: 0 done, 1 a document could not be read, 2 wrong usage or a wrong rule file.
"""


@click.command(epilog=_EPILOG)
@click.argument("a")
@click.argument("b")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True))
@click.option("--no-builtin", is_flag=True, help="Leave the built-in rules out where A or B is a path.")
@samples_option
def diff(a: str, b: str, folder: str, no_builtin: bool, samples: int) -> None:
    """Compare two rule sets on texts: what only A removes, and what only B.

    A and B are packs, folders of packs or package:NAME, each on top of the built-in rules, as `clean --rules` would use
    them; or the word "builtin", the built-in rules alone. DIR is what it is for `rules try`.
    """
    texts = texts_at(folder)
    first, second = (_rules_named(name, builtin=not no_builtin) for name in (a, b))
    from bodycopy.report.comparison import lines_of_comparison  # noqa: PLC0415 - heavy

    compared = texts.compare(first, second, samples)
    write_lines(lines_of_comparison(compared, f"only {b} removes:", f"only {a} removes:"))
    sys.exit(texts.tell_the_rest())


def _rules_named(name: str, *, builtin: bool) -> RuleSet:
    from bodycopy.rules import choose  # noqa: PLC0415 - heavy

    packs = Packs((), builtin=True) if name == _BUILTIN else Packs((name,), builtin=builtin)
    return choose(packs.load())

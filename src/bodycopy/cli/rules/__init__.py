"""`bodycopy rules`: what the rules are, and whether they are right."""

from __future__ import annotations

import click

from bodycopy.cli.rules.check import check
from bodycopy.cli.rules.diff import diff
from bodycopy.cli.rules.list import list_rules
from bodycopy.cli.rules.merged import merged
from bodycopy.cli.rules.new import new
from bodycopy.cli.rules.schema import schema
from bodycopy.cli.rules.show import show
from bodycopy.cli.rules.test import test
from bodycopy.cli.rules.try_ import try_rules

__all__ = ["rules"]

_EPILOG = """\b
Example:
  bodycopy rules list
"""


@click.group(epilog=_EPILOG)
def rules() -> None:
    """List, show, write, try, compare, test, check and merge rules; help an editor with them."""


for _command in (check, diff, list_rules, merged, new, schema, show, test, try_rules):
    rules.add_command(_command)

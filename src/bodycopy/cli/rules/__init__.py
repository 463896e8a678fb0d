"""`bodycopy rules`: what the rules are, and whether they are right."""

from __future__ import annotations

import click

from bodycopy.cli.rules.check import check
from bodycopy.cli.rules.list import list_rules
from bodycopy.cli.rules.merged import merged
from bodycopy.cli.rules.schema import schema
from bodycopy.cli.rules.show import show
from bodycopy.cli.rules.test import test

__all__ = ["rules"]

_EPILOG = """\b
Example:
  bodycopy rules list
"""


@click.group(epilog=_EPILOG)
def rules() -> None:
    """List, show, test, check and merge rules; help an editor with them."""


for _command in (check, list_rules, merged, schema, show, test):
    rules.add_command(_command)

"""`bodycopy rules schema`."""

from __future__ import annotations

import json

import click

from bodycopy.formats.files import write_stdout

__all__ = ["schema"]

_EPILOG = """\b
Example:
  bodycopy rules schema > schema.json

Then let the packs beside it begin with this line:

\b
  # yaml-language-server: $schema=schema.json
"""


@click.command(epilog=_EPILOG)
def schema() -> None:
    """Print the JSON Schema of packs, for editors."""
    from bodycopy.editor import json_schema  # noqa: PLC0415 - heavy

    write_stdout(f"{json.dumps(json_schema(), indent=2, ensure_ascii=False)}\n".encode())

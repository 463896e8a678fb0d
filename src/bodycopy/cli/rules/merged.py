"""`bodycopy rules merged`."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bodycopy.cli.options import Packs, pack_options
from bodycopy.errors import BodycopyError
from bodycopy.formats.files import replacing
from bodycopy.report.terminal import counted

if TYPE_CHECKING:
    from bodycopy.schema import Pack

__all__ = ["merged"]

_EPILOG = """\b
Examples:
  bodycopy rules merged -o all-rules --rules my-rules
  bodycopy clean articles -o clean --no-builtin --rules all-rules
"""


@click.command(epilog=_EPILOG)
@click.option(
    "-o", "--output", required=True, metavar="FOLDER", type=click.Path(file_okay=False), help="A new or empty folder."
)
@pack_options
def merged(output: str, packs: Packs) -> None:
    """Write the rules as they act together as packs: changed where packs change them, without those switched off.

    With --no-builtin and --rules FOLDER they do the same as the packs that they are from.
    """
    from bodycopy.merger import merge  # noqa: PLC0415 - heavy

    loaded = packs.load_all()
    folder = Path(output)
    _refuse_content(folder)
    contents = merge(loaded)
    _write(folder, contents)
    click.echo(
        f"{counted(len(loaded.rules), 'rule')} in {counted(len(contents), 'pack')} written to {output}", err=True
    )


def _refuse_content(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise BodycopyError(f"{folder} is not empty, and all packs in a folder act together; name a new one")


def _write(folder: Path, contents: Mapping[str, Pack]) -> None:
    from bodycopy.packwriter import to_yaml  # noqa: PLC0415 - heavy

    token = secrets.token_hex(4)
    for path, content in contents.items():
        with replacing(folder / path, token) as file:
            file.write(to_yaml(content).encode("utf-8"))

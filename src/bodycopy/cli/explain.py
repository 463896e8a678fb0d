"""`bodycopy explain`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bodycopy.cli.options import Choice, choice_options
from bodycopy.errors import DecodeError
from bodycopy.formats.files import opened, write_stdout
from bodycopy.formats.txt import decode, read_whole

if TYPE_CHECKING:
    from bodycopy.model import Match, Result

__all__ = ["explain"]

_EPILOG = """\b
Examples:
  bodycopy explain articles/one.txt
  bodycopy explain articles/one.txt --json
"""


@click.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=False, allow_dash=True))
@choice_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object: the removals, and all that the rules found.")
def explain(file: str, choice: Choice, as_json: bool) -> None:
    """Show a text with what goes struck out and the rule beside it.

    FILE is a text file, or - for standard input.
    """
    cleaner = choice.cleaner()
    text = _text_of(file)
    result = cleaner.clean(text)
    if as_json:
        write_stdout(_as_json(Path(file).name, text, result))
    else:
        from bodycopy.report.explanation import explanation  # noqa: PLC0415 - heavy

        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        write_stdout(explanation(text, result, colour=colour).encode("utf-8"))


def _text_of(file: str) -> str:
    try:
        with opened(None if file == "-" else Path(file)) as source:
            return decode(read_whole(source)).text
    except DecodeError as error:
        raise DecodeError(f"{file}: {error}") from error


def _as_json(doc: str, text: str, result: Result) -> bytes:
    from bodycopy.report.log import entry, to_json  # noqa: PLC0415 - heavy
    from bodycopy.work import locate  # noqa: PLC0415 - heavy

    removals = [entry(doc, located) for located in locate(text, result)]
    matches = [_match(match) for match in result.matches]
    return to_json({"doc": doc, "flagged": result.flagged, "removals": removals, "matches": matches})


def _match(match: Match) -> dict[str, Any]:
    return {
        "start": match.start,
        "end": match.end,
        "rule": match.rule,
        "outcome": match.outcome,
    } | ({"evidence": match.evidence} if match.evidence else {})

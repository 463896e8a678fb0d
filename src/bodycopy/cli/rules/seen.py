"""The line that `--from` names: a text of its own, or a line of a file in its surroundings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from bodycopy.errors import BodycopyError

if TYPE_CHECKING:
    from bodycopy.drafting import Seen
    from bodycopy.model import Document

__all__ = ["seen_at"]

_PLACE: Final = re.compile(r"(?P<file>.+?)(?::(?P<row>[0-9]{1,9}))?:(?P<line>[0-9]{1,9})")


class PlaceError(BodycopyError):
    """A line that is not there."""


def seen_at(place: str) -> Seen:
    """Return a line, given as TEXT, FILE:LINE or FILE:ROW:LINE.

    What ends in a number is a text too if no such file is there and its name is not that of a document.
    Raises BodycopyError for a line or a file that is not there, OSError, and click.UsageError for what is no line.
    """
    from bodycopy.drafting import Seen  # noqa: PLC0415 - heavy
    from bodycopy.model import Document  # noqa: PLC0415 - heavy

    if _is_file(place):
        raise click.UsageError(f"--from names the file {place}; name a line of it, as in {place}:12.")
    found = _PLACE.fullmatch(place)
    if found and (_is_file(found["file"]) or _is_name_of_document(found["file"])):
        document = _document(Path(found["file"]), found["row"])
        _refuse_no_line(document, place, int(found["line"]))
        return Seen(document, int(found["line"]), place)
    if len(lines := [line for line in place.split("\n") if line.strip()]) != 1:
        raise click.UsageError(f"--from takes one line with something on it, and this text has {len(lines)}.")
    return Seen(Document(lines[0]))


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:  # a text may be longer than a name can be
        return False


def _is_name_of_document(name: str) -> bool:
    from bodycopy.formats.kinds import kind_of  # noqa: PLC0415 - heavy

    return kind_of(name) is not None and not re.search(r"\s", name)


def _document(file: Path, row: str | None) -> Document:
    from bodycopy.sources import document_at  # noqa: PLC0415 - heavy

    try:
        return document_at(file, int(row) if row else None)
    except BodycopyError as error:
        raise PlaceError(f"{file}: {error}") from error


def _refuse_no_line(document: Document, place: str, number: int) -> None:
    from bodycopy.segmenter import segment  # noqa: PLC0415 - heavy

    lines = segment(document.text)
    if not 1 <= number <= len(lines):
        raise PlaceError(f"{place}: there is no such line; the text has {len(lines):,}")
    line = lines[number - 1]
    if not document.text[line.start : line.end].strip():
        raise PlaceError(f"{place}: this line is blank; name one with something on it")

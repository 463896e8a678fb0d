"""Files and folders → the documents in them, and their texts one after another.

A folder is walked in the order of names, so every run has the same order. A document that cannot be read is named and
the rest goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from bodycopy.errors import BodycopyError, DecodeError
from bodycopy.formats import jsonl, txt
from bodycopy.formats.files import read
from bodycopy.model import Document

__all__ = ["STDIN", "SUFFIXES", "Found", "SourceError", "Text", "document_at", "find", "real_path", "texts_of"]

STDIN: Final = "-"

SUFFIXES: Final = (txt.SUFFIX, *jsonl.SUFFIXES)
"""How the names of files end that hold texts."""


class SourceError(BodycopyError):
    """A folder that leads elsewhere, or that holds no documents."""


@dataclass(slots=True)
class Found:
    """What sources hold, as it is found."""

    documents: list[tuple[Path | None, str]] = field(default_factory=list)
    """Each with its name: below its folder, or "-" for standard input."""
    skipped: int = 0
    """Files that are no documents."""
    unlisted: list[tuple[str, str]] = field(default_factory=list)
    """Folders that could not be looked into, with the reason."""


class Text(NamedTuple):
    """A document and what to call it: its file, and in JSON lines the number of its row too."""

    name: str
    document: Document


def find(sources: Iterable[str], suffixes: tuple[str, ...]) -> Found:
    """Return the documents that files and folders hold, those whose names end so.

    Raises SourceError for a link that leads out of its folder, and where there are no documents.
    """
    found = Found()
    for source in sources:
        path = Path(source)
        if source == STDIN:
            found.documents.append((None, STDIN))
        elif path.is_dir():
            _walk(path, suffixes, found)
        elif _is_document(path, suffixes):
            found.documents.append((path, path.name))
        else:
            found.skipped += 1
    if not found.documents:
        reasons = [f"{name} {why}" for name, why in found.unlisted]
        raise SourceError("; ".join([f"no documents found: nothing here ends in {', '.join(suffixes)}", *reasons]))
    return found


def texts_of(files: Iterable[Path], failed: Callable[[str, str], None]) -> Iterator[Text]:
    """Yield the texts of files one by one; what cannot be read is told to `failed` with the reason."""
    for file in files:
        try:
            yield from _texts_in(file, failed)
        except OSError as error:
            failed(str(file), f"cannot be read: {error.strerror or error}")
        except BodycopyError as error:
            failed(str(file), str(error))


def document_at(file: Path, row: int | None) -> Document:
    """Return the text of a file, or of the row with this number, from 1, if it holds JSON lines.

    Raises BodycopyError, and OSError.
    """
    if not file.name.lower().endswith(jsonl.SUFFIXES):
        if row is not None:
            raise SourceError("this file has no rows; name a line of it as FILE:LINE")
        return _document_in(file)
    if row is None:
        raise SourceError("this file has rows; name a line of one as FILE:ROW:LINE")
    for number, line in jsonl.read_lines(file):
        if number == row:
            return _document_of(line)
    raise SourceError(f"there is no row {row:,} in this file, or it is blank")


def real_path(path: Path) -> Path:
    """Return where a path leads."""
    # Path.resolve raises on a link that leads to itself.
    return Path(os.path.realpath(path))


def _walk(root: Path, suffixes: tuple[str, ...], found: Found) -> None:
    """Find the documents below a folder, sorted by name."""

    def unlisted(error: OSError) -> None:
        name = Path(error.filename).relative_to(root).as_posix()
        found.unlisted.append((f"{name}/", f"cannot be listed: {error.strerror}"))

    documents: list[tuple[str, Path]] = []
    for here, folders, files in os.walk(root, onerror=unlisted):
        for name in folders:
            _refuse_leading_out(Path(here, name), root)
        for name in files:
            path = Path(here, name)
            if _is_document(path, suffixes):
                _refuse_leading_out(path, root)
                documents.append((path.relative_to(root).as_posix(), path))
            else:
                found.skipped += 1
    found.documents += [(path, name) for name, path in sorted(documents)]


def _is_document(path: Path, suffixes: tuple[str, ...]) -> bool:
    """A link that leads nowhere is a document too: one that fails and is named."""
    return path.name.lower().endswith(suffixes) and (path.is_file() or not path.exists())


def _refuse_leading_out(path: Path, root: Path) -> None:
    if path.is_symlink() and not (place := real_path(path)).is_relative_to(real_path(root)):
        raise SourceError(f"{path} leads out of {root}, to {place}; name that as a source, or remove the link")


def _texts_in(file: Path, failed: Callable[[str, str], None]) -> Iterator[Text]:
    if not file.name.lower().endswith(jsonl.SUFFIXES):
        yield Text(str(file), _document_in(file))
        return
    for number, line in jsonl.read_lines(file):
        name = f"{file}:{number}"
        try:
            yield Text(name, _document_of(line))
        except DecodeError as error:
            failed(name, str(error))


def _document_in(file: Path) -> Document:
    return Document(txt.decode(read(file)).text)


def _document_of(line: bytes) -> Document:
    row = jsonl.row_of(line)
    url = row.get("url")
    return Document(row["text"], url if isinstance(url, str) else None)

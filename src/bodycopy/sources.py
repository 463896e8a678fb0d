"""Files and folders → the documents in them, and their texts one after another.

A folder is walked in the order of names, so every run has the same order. A document that cannot be read is named and
the rest goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Final, NamedTuple

from bodycopy.errors import BodycopyError
from bodycopy.formats.compression import SUFFIXES as COMPRESSIONS
from bodycopy.formats.compression import decompressing
from bodycopy.formats.files import opened
from bodycopy.formats.kinds import PLAIN, Kind, kind_of, make, missing, suffixes
from bodycopy.formats.records import START, Fields, Filler, Format, Record, RecordError
from bodycopy.formats.remote import AnyPath, Remote, place_of
from bodycopy.model import Document

__all__ = [
    "STDIN",
    "Found",
    "SourceError",
    "Text",
    "document_at",
    "find",
    "parsed",
    "raw_records",
    "real_path",
    "texts_of",
]

STDIN: Final = "-"

_FIELDS: Final = Fields(url="url")


class SourceError(BodycopyError):
    """A folder that leads elsewhere, or that holds no documents."""


@dataclass(slots=True)
class Found:
    """What sources hold, as it is found."""

    documents: list[tuple[AnyPath | None, str, Kind]] = field(default_factory=list)
    """Each with its name: below its folder, or "-" for standard input."""
    skipped: int = 0
    """Files that are no documents."""
    unlisted: list[tuple[str, str]] = field(default_factory=list)
    """Folders that could not be looked into, with the reason."""


class Text(NamedTuple):
    """A document and what to call it: its file, and in files of records the number of its row too, from 1."""

    name: str
    document: Document


def find(sources: Iterable[str], format_name: str | None = None) -> Found:
    """Return the documents that files and folders hold.

    `format_name` is the format of all files that are sources themselves, and the only one looked for in folders.

    Raises SourceError for a link that leads out of its folder, for a URL under which nothing is, where there are no
    documents, and where the extra that one needs is not installed; RemoteError for other URLs, and OSError.
    """
    found = Found()
    for source in sources:
        path = place_of(source)
        if source == STDIN:
            found.documents.append((None, STDIN, Kind(format_name or "txt")))
        elif isinstance(path, Remote):
            _list(path, format_name, found)
        elif path.is_dir():
            _walk(path, format_name, found)
        elif kind := _kind_of_file(path, format_name):
            found.documents.append((path, path.name, kind))
        else:
            found.skipped += 1
    _refuse_no_documents(found)
    _refuse_missing_extras(found)
    return found


def texts_of(files: Iterable[tuple[AnyPath, Kind]], failed: Callable[[str, str], None]) -> Iterator[Text]:
    """Yield the texts of files one by one; what cannot be read is told to `failed` with the reason."""
    for file, kind in files:
        try:
            yield from _texts_in(file, kind, failed)
        except OSError as error:
            failed(str(file), f"cannot be read: {error.strerror or error}")
        except BodycopyError as error:
            failed(str(file), str(error))


def document_at(file: Path, row: int | None) -> Document:
    """Return the text of a file, or of the row with this number, from 1, if it holds records.

    Raises BodycopyError, and OSError.
    """
    kind = kind_of(file.name) or PLAIN
    _refuse_missing_extra(file.name, kind)
    form = make(kind.format, _FIELDS)
    if form.single and row is not None:
        raise SourceError("this file has no rows; name a line of it as FILE:LINE")
    if not form.single and row is None:
        raise SourceError("this file has rows; name a line of one as FILE:ROW:LINE")
    for number, raw in raw_records(form, file, kind):
        if number == (row or 1):
            return _document(parsed(form, raw))
    raise SourceError(f"there is no row {row:,} in this file")


def raw_records(form: Format, file: AnyPath, kind: Kind) -> Iterator[tuple[int, Any]]:
    """Yield the raw records of a file with their numbers from 1; one that cannot be read is its error.

    Raises BodycopyError where nothing can be read on, and OSError.
    """
    _refuse_missing_extra(file.name, kind)
    with opened(file) as data:
        for piece in form.pieces(decompressing(data, kind.compression), START):
            if piece.fault is not None:
                yield piece.first + 1, RecordError(piece.fault)
                continue
            raws = (raw for raw in form.records(piece.content) if not isinstance(raw, Filler))
            yield from enumerate(raws, piece.first + 1)


def parsed(form: Format, raw: Any) -> Record:
    """Return a raw record with its text found. Raises BodycopyError."""
    if isinstance(raw, RecordError):
        raise raw
    return form.parse(raw)


def real_path(path: AnyPath) -> AnyPath:
    """Return where a path leads."""
    if isinstance(path, Remote):
        return path
    # Path.resolve raises on a link that leads to itself.
    return Path(os.path.realpath(path))


# Finding them


def _kind_of_file(path: Path, format_name: str | None) -> Kind | None:
    return _kind_named(path.name, format_name) if _is_document(path) else None


def _kind_named(name: str, format_name: str | None) -> Kind | None:
    if format_name is None:
        return kind_of(name)
    suffix = PurePath(name).suffix.lower()
    return Kind(format_name, suffix if suffix in COMPRESSIONS else "")


def _walk(root: Path, format_name: str | None, found: Found) -> None:
    """Find the documents below a folder, sorted by name."""

    def unlisted(error: OSError) -> None:
        name = Path(error.filename).relative_to(root).as_posix()
        found.unlisted.append((f"{name}/", f"cannot be listed: {error.strerror}"))

    documents: list[tuple[str, Path, Kind]] = []
    for here, folders, files in os.walk(root, onerror=unlisted):
        for name in folders:
            _refuse_leading_out(Path(here, name), root)
        for name in files:
            path = Path(here, name)
            kind = kind_of(name)
            if kind and format_name in (None, kind.format) and _is_document(path):
                _refuse_leading_out(path, root)
                documents.append((path.relative_to(root).as_posix(), path, kind))
            else:
                found.skipped += 1
    found.documents += [(path, name, kind) for name, path, kind in sorted(documents)]


def _list(root: Remote, format_name: str | None, found: Found) -> None:
    """Find the documents under a URL, sorted by name."""
    if root.is_file():
        _take(root, root.name, _kind_named(root.name, format_name), found)
        return
    there = False
    for name, path in root.files():
        there = True
        kind = kind_of(name)
        _take(path, name, kind if kind and format_name in (None, kind.format) else None, found)
    if not there:
        raise SourceError(f"nothing is there: {root}")


def _take(path: Remote, name: str, kind: Kind | None, found: Found) -> None:
    if kind is None:
        found.skipped += 1
    elif {"", ".", ".."} & set(name.split("/")):  # an object may be called anything
        found.unlisted.append((name, "its name would lead elsewhere as a path; give it another"))
    else:
        found.documents.append((path, name, kind))


def _is_document(path: Path) -> bool:
    """A link that leads nowhere is a document too: one that fails and is named."""
    return path.is_file() or not path.exists()


def _refuse_leading_out(path: Path, root: Path) -> None:
    if path.is_symlink() and real_path(root) not in (place := real_path(path), *place.parents):
        raise SourceError(f"{path} leads out of {root}, to {place}; name that as a source, or remove the link")


def _refuse_no_documents(found: Found) -> None:
    if not found.documents:
        reasons = [f"{name} {why}" for name, why in found.unlisted]
        raise SourceError("; ".join([f"no documents found: nothing here ends in {_listed(suffixes())}", *reasons]))


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


def _refuse_missing_extras(found: Found) -> None:
    named = {kind: name for _, name, kind in reversed(found.documents)}
    for kind, name in named.items():
        _refuse_missing_extra(name, kind)


def _refuse_missing_extra(name: str, kind: Kind) -> None:
    if extra := missing(kind):
        raise SourceError(f"{name} needs what the extra {extra} installs: pip install 'bodycopy[{extra}]'")


# Reading them


def _texts_in(file: AnyPath, kind: Kind, failed: Callable[[str, str], None]) -> Iterator[Text]:
    _refuse_missing_extra(file.name, kind)
    form = make(kind.format, _FIELDS)
    for number, raw in raw_records(form, file, kind):
        name = str(file) if form.single else f"{file}:{number}"
        try:
            yield Text(name, _document(parsed(form, raw)))
        except BodycopyError as error:
            failed(name, str(error))


def _document(record: Record) -> Document:
    return Document(record.text, record.url)

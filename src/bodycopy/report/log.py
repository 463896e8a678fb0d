"""The removal log: JSON lines, one object for each removal, enough to put every document together again."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from bodycopy.errors import BodycopyError
from bodycopy.formats.files import naming, replacing
from bodycopy.journal import Place
from bodycopy.model import Removal
from bodycopy.report.terminal import visible
from bodycopy.work import Located, Processed, described

__all__ = [
    "Entry",
    "Log",
    "LogError",
    "RemovalLog",
    "entry",
    "failure",
    "log",
    "read_failures",
    "read_log",
    "removals",
    "to_json",
]

_Entries = Callable[[Processed], Iterable[dict[str, Any]]]


_KINDS: Final[dict[str, type]] = {
    "doc": str,
    "doc_digest": str,
    "start": int,
    "end": int,
    "doc_line": int,
    "rule": str,
    "rule_file": str,
    "rule_line": int,
    "category": str,
    "text": str,
}


class LogError(BodycopyError):
    """A file that is no removal log, or a damaged one; the message says in which line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a log, read back."""

    number: int
    """The number of the line in the log, from 1."""
    doc: str
    located: Located


class _Group(NamedTuple):
    """Where the entries of a document stand in a log."""

    offset: int
    number: int
    entries: int


@dataclass(frozen=True, slots=True)
class RemovalLog:
    """A log whose every line has been looked at. Of each document it holds the place of its entries, not them."""

    path: Path
    groups: dict[str, _Group]

    def entries(self, doc: str) -> Generator[Entry, None, None]:
        """Yield the entries of a document; of one that the log does not name there are none. Raises OSError."""
        if doc not in self.groups:
            return
        group = self.groups[doc]
        with self.path.open("rb") as file:
            file.seek(group.offset)
            for number in range(group.number, group.number + group.entries):
                yield _parse(self.path, number, file.readline())


def entry(doc: str, located: Located) -> dict[str, Any]:
    """Return a removal as the log has it; `record` is there only if the file is of records."""
    return {"doc": doc} | _numbered(located.record) | described(located)


def to_json(value: dict[str, Any]) -> bytes:
    """Return a line of JSON in UTF-8."""
    # A file name that is no UTF-8 holds lone surrogates; as backslash escapes they are legal JSON.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def failure(processed: Processed) -> Iterator[dict[str, Any]]:
    """Yield what failed, as the list of failures has it; `content` is the whole of a record."""
    if processed.failed is not None:
        yield {"doc": processed.name, "reason": processed.failed}
    for record, reason, content in processed.failures:
        whole = {} if content is None else {"content": content}
        yield {"doc": processed.name, "record": record, "reason": reason} | whole


def removals(processed: Processed) -> Iterator[dict[str, Any]]:
    """Yield what was removed, as the removal log has it."""
    return (entry(processed.name, located) for located in processed.removals)


@contextmanager
def log(path: Path, token: str, entries: _Entries, place: Place | None = None) -> Iterator[Log]:
    """Open a log, which appears under its name when the block ends well. Raises OSError.

    With a place the log of an earlier run is gone on with, and stays for a later one if the block does not end well.
    """
    with replacing(path, token, keep=place.size if place else None) as file:
        yield Log(path, file, entries, place)


class Log:
    """A file of JSON lines that grows with a run."""

    def __init__(self, path: Path, file: IO[bytes], entries: _Entries, place: Place | None = None) -> None:
        self._path = path
        self._file = file
        self._entries = entries
        self._begun = place.begun if place else self._place()

    def __call__(self, processed: Processed) -> None:
        """Write what is to be said of a part of a file. Of a file that fails in the end, nothing said before stays."""
        with naming(self._path):
            if processed.failed is not None and self._begun is not None:
                self._file.seek(self._begun)
                self._file.truncate()
            self._file.writelines(to_json(each) for each in self._entries(processed))
            if processed.done:
                self._begun = self._place()

    def size(self) -> int:
        """Return how long the log is, all of it written."""
        with naming(self._path):
            self._file.flush()
        return self._file.tell()

    def _place(self) -> int | None:
        return self._file.tell() if self._file.seekable() else None


def _numbered(record: int | None) -> dict[str, int]:
    return {} if record is None else {"record": record}


def read_log(path: Path) -> RemovalLog:
    """Read a log through. Memory grows with the number of its documents, not with that of its entries.

    Raises LogError for the first line that is no entry, or a document whose entries stand in two places, and OSError.
    """
    groups: dict[str, _Group] = {}
    with path.open("rb") as file:
        doc: str | None = None
        for number, offset, line in _lines(file):
            found = _parse(path, number, line).doc
            if found != doc and found in groups:
                where = f"they begin in line {groups[found].number:,}"
                raise LogError(
                    f"{path}:{number}: entries of {visible(found)} again, {where}; are these two logs put together?"
                )
            doc = found
            begun = groups.get(doc, _Group(offset, number, 0))
            groups[doc] = begun._replace(entries=begun.entries + 1)
    return RemovalLog(path, groups)


def read_failures(path: Path) -> dict[str, set[int]]:
    """Read a list of failures: the numbers of the records of each document. Raises LogError and OSError."""
    numbers: dict[str, set[int]] = {}
    with path.open("rb") as file:
        for number, _, line in _lines(file):
            value = _object(path, number, line, "a list of failures")
            doc, record = value.get("doc"), value.get("record")
            if not isinstance(doc, str) or not isinstance(record, int | None):
                raise LogError(f"{path}:{number}: no failure; is this the list of `bodycopy clean --failed`?")
            if record is not None:
                numbers.setdefault(doc, set()).add(record)
    return numbers


def _lines(file: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    offset = 0
    for number, line in enumerate(file, start=1):
        yield number, offset, line
        offset += len(line)


def _parse(path: Path, number: int, line: bytes) -> Entry:
    value = _object(path, number, line, "a removal log")
    for key, kind in _KINDS.items():
        if type(value.get(key)) is not kind:
            what = "a number" if kind is int else "a text"
            fault = "is missing" if key not in value else f"is not {what}"
            raise LogError(f'{path}:{number}: "{key}" {fault}; is this the log of `bodycopy clean --removed`?')
    if type(value.get("record", 0)) is not int:
        raise LogError(f'{path}:{number}: "record" is not a number; is this the log of `bodycopy clean --removed`?')
    removal = Removal(
        value["start"],
        value["end"],
        value["text"],
        value["rule"],
        value["category"],
        value["rule_file"],
        value["rule_line"],
    )
    located = Located(value["doc_line"], removal, value["doc_digest"], value.get("record"))
    return Entry(number, value["doc"], located)


def _object(path: Path, number: int, line: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        reason = "no JSON" if line.endswith(b"\n") else "no JSON and no line end, so it is cut off"
        raise LogError(f"{path}:{number}: {reason}; {what} has one JSON object in each line") from error
    if not isinstance(value, dict):
        raise LogError(f"{path}:{number}: no object; {what} has one JSON object in each line")
    return value

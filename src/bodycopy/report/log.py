"""The removal log: JSON lines, one object for each removal, enough to put every document together again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bodycopy.formats.files import naming, replacing
from bodycopy.journal import Place
from bodycopy.work import Located, Processed, described

__all__ = ["Log", "entry", "failure", "log", "removals", "to_json"]

_Entries = Callable[[Processed], Iterable[dict[str, Any]]]


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

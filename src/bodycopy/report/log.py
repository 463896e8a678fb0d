"""The removal log: JSON lines, one object for each removal, enough to put every document together again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from bodycopy.formats.files import naming, replacing
from bodycopy.work import Located, Processed, described

__all__ = ["Log", "entry", "removal_log", "to_json"]


def entry(doc: str, located: Located) -> dict[str, Any]:
    """Return a removal as the log has it; `record` is there only if the file is of records."""
    return {"doc": doc} | _numbered(located.record) | described(located)


def to_json(value: dict[str, Any]) -> bytes:
    """Return a line of JSON in UTF-8."""
    # A file name that is no UTF-8 holds lone surrogates; as backslash escapes they are legal JSON.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


@contextmanager
def removal_log(path: Path, token: str) -> Iterator[Log]:
    """Open a log of what is removed, which appears under its name when the block ends well. Raises OSError."""
    with replacing(path, token) as file:
        yield Log(path, file, lambda processed: (entry(processed.name, located) for located in processed.removals))


class Log:
    """A file of JSON lines that grows with a run."""

    def __init__(self, path: Path, file: IO[bytes], entries: Callable[[Processed], Iterable[dict[str, Any]]]) -> None:
        self._path = path
        self._file = file
        self._entries = entries
        self._begun = self._place()

    def __call__(self, processed: Processed) -> None:
        """Write what is to be said of a part of a file. Of a file that fails in the end, nothing said before stays."""
        with naming(self._path):
            if processed.failed is not None and self._begun is not None:
                self._file.seek(self._begun)
                self._file.truncate()
            self._file.writelines(to_json(each) for each in self._entries(processed))
            if processed.done:
                self._begun = self._place()

    def _place(self) -> int | None:
        return self._file.tell() if self._file.seekable() else None


def _numbered(record: int | None) -> dict[str, int]:
    return {} if record is None else {"record": record}

"""The removal log: JSON lines, one object for each removal, enough to put every document together again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from bodycopy.errors import BodycopyError
from bodycopy.formats.files import naming, replacing
from bodycopy.model import Removal
from bodycopy.report.terminal import visible
from bodycopy.runner import Located, Processed

__all__ = ["Entry", "Log", "LogError", "entry", "read_log", "removal_log", "to_json"]

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
    digest: str
    """The digest of the text as it was before anything was removed."""
    located: Located


class _Group(NamedTuple):
    """Where the entries of a document stand in a log."""

    offset: int
    number: int
    entries: int


@dataclass(frozen=True, slots=True)
class Log:
    """A log whose every line has been looked at. Of each document it holds the place of its entries, not them."""

    path: Path
    groups: dict[str, _Group]

    def entries(self, doc: str) -> Iterator[Entry]:
        """Yield the entries of a document; of one that the log does not name there are none. Raises OSError."""
        if doc not in self.groups:
            return
        group = self.groups[doc]
        with self.path.open("rb") as file:
            file.seek(group.offset)
            for number in range(group.number, group.number + group.entries):
                yield _parse(self.path, number, file.readline())


def entry(doc: str, digest: str, located: Located) -> dict[str, Any]:
    """Return a removal as the log has it; `evidence` is there only if weak rules added up."""
    line, removal = located
    return {
        "doc": doc,
        "doc_digest": digest,
        "start": removal.start,
        "end": removal.end,
        "doc_line": line,
        "rule": removal.rule,
        "rule_file": removal.file,
        "rule_line": removal.line,
        "category": removal.category,
        "text": removal.text,
    } | ({"evidence": removal.evidence} if removal.evidence else {})


def to_json(value: dict[str, Any]) -> bytes:
    """Return a line of JSON in UTF-8."""
    # A file name that is no UTF-8 holds lone surrogates; as backslash escapes they are legal JSON.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


@contextmanager
def removal_log(path: Path, token: str) -> Iterator[Callable[[Processed], None]]:
    """Open a log that appears under its name when the block ends well. Raises OSError."""
    with replacing(path, token) as file:

        def write(processed: Processed) -> None:
            with naming(path):
                file.writelines(
                    to_json(entry(processed.name, processed.digest, located)) for located in processed.removals
                )

        yield write


def read_log(path: Path) -> Log:
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
    return Log(path, groups)


def _lines(file: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    offset = 0
    for number, line in enumerate(file, start=1):
        yield number, offset, line
        offset += len(line)


def _parse(path: Path, number: int, line: bytes) -> Entry:
    try:
        value = json.loads(line)
    except ValueError as error:
        reason = "no JSON" if line.endswith(b"\n") else "no JSON and no line end, so the log is cut off"
        raise LogError(f"{path}:{number}: {reason}; a removal log has one JSON object in each line") from error
    if not isinstance(value, dict):
        raise LogError(f"{path}:{number}: no object; a removal log has one JSON object in each line")
    for key, kind in _KINDS.items():
        if type(value.get(key)) is not kind:
            what = "a number" if kind is int else "a text"
            fault = "is missing" if key not in value else f"is not {what}"
            raise LogError(f'{path}:{number}: "{key}" {fault}; is this the log of `bodycopy clean --removed`?')
    removal = Removal(
        value["start"],
        value["end"],
        value["text"],
        value["rule"],
        value["category"],
        value["rule_file"],
        value["rule_line"],
    )
    return Entry(number, value["doc"], value["doc_digest"], Located(value["doc_line"], removal))

"""Cleaned texts + the removal log → the texts that were read, character for character.

Each text is proved by the digest that the log has of it. A text that does not fit the log is not written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bodycopy.errors import BodycopyError
from bodycopy.formats.files import read, replacing, write_stdout
from bodycopy.model import Result
from bodycopy.report.log import Entry, Log
from bodycopy.runner import Job, digest_of, locate

__all__ = ["MisfitError", "Restored", "restore", "restore_text"]


class MisfitError(BodycopyError):
    """A text and its entries in the log do not belong together."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of one document; if `failed` is a reason, nothing was written."""

    name: str
    removals: int = 0
    """How many were put back."""
    failed: str | None = None


def restore(jobs: Iterable[Job], log: Log, token: str) -> Iterator[Restored]:
    """Restore the documents and yield what became of each; one of which the log says nothing is copied."""
    for job in jobs:
        try:
            entries = list(log.entries(job.name))
            _write(job, restore_text(_text(job), entries), token)
            yield Restored(job.name, len(entries))
        except MisfitError as error:
            yield Restored(job.name, failed=str(error))
        except OSError as error:
            yield Restored(job.name, failed=f"{error.strerror or error}")


def restore_text(cleaned: str, entries: Sequence[Entry]) -> str:
    """Put back what the entries say was removed from one text. Raises MisfitError.

    Entries are in the order of the log, and all of them are of this text.
    """
    if not entries:
        return cleaned
    _refuse_overlaps(entries)
    _refuse_beyond_the_end(cleaned, entries)
    result = Result(cleaned, tuple(entry.located.removal for entry in entries))
    restored = result.restore()
    if digest_of(restored) != entries[0].digest:
        raise MisfitError(_difference(restored, result, entries))
    return restored


def _refuse_overlaps(entries: Sequence[Entry]) -> None:
    for entry in entries:
        removal = entry.located.removal
        if removal.start < 0 or removal.end - removal.start != len(removal.text):
            raise MisfitError(f"line {entry.number:,} of the log is damaged: its text is not as long as its place")
    for above, below in pairwise(entries):
        if below.located.removal.start < above.located.removal.end:
            raise MisfitError(f"line {below.number:,} of the log is damaged: its removal overlaps the one before")


def _refuse_beyond_the_end(cleaned: str, entries: Sequence[Entry]) -> None:
    """Refuse a text that ends before the place of a removal."""
    put_back = 0
    for entry in entries:
        line, removal = entry.located
        if removal.start > len(cleaned) + put_back:
            short = removal.start - put_back - len(cleaned)
            raise MisfitError(
                f"changed after it was cleaned: it ends {short:,} characters before the place on line {line:,} from "
                f"which {removal.rule} removed something (line {entry.number:,} of the log)"
            )
        put_back += len(removal.text)


def _difference(restored: str, result: Result, entries: Sequence[Entry]) -> str:
    """Say where a text that the positions fit differs from what was read, as far as line numbers tell."""
    for entry, (line, removal) in zip(entries, locate(restored, result), strict=True):
        if line != entry.located.line:
            return (
                f"changed after it was cleaned, above what {removal.rule} removed: that was on line "
                f"{entry.located.line:,} and would now be on line {line:,} (line {entry.number:,} of the log)"
            )
    return (
        "changed after it was cleaned: with its removals it is not the text that was read, though they fall on the "
        f"right lines (from line {entries[0].number:,} of the log)"
    )


def _text(job: Job) -> str:
    try:
        return read(job.source).decode("utf-8")  # not `decode`: what looks like a byte order mark is text here
    except UnicodeDecodeError as error:
        raise MisfitError(f"not UTF-8 at byte {error.start:,}, so not as it was written") from error


def _write(job: Job, text: str, token: str) -> None:
    data = text.encode("utf-8")
    if job.target is None:
        write_stdout(data)
        return
    with replacing(job.target, token) as file:
        file.write(data)

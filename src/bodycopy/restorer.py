"""Cleaned texts + the removal log → the texts that were read, character for character.

Each text is proved by the digest that the log has of it. A file with one that does not fit the log is not written.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any, BinaryIO, cast

from bodycopy.errors import BodycopyError
from bodycopy.formats.compression import decompressing
from bodycopy.formats.files import Stdout, opened, replacing
from bodycopy.formats.kinds import make, written_name
from bodycopy.formats.records import START, Fields, Filler, Format, Piece, Record
from bodycopy.model import Result
from bodycopy.report.log import Entry, RemovalLog
from bodycopy.work import Job, digest_of, locate, packed

__all__ = ["MisfitError", "Restored", "restore", "restore_text"]


class MisfitError(BodycopyError):
    """A text and its entries in the log do not belong together."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of one file; if `failed` is a reason, nothing was written."""

    name: str
    removals: int = 0
    """How many were put back."""
    failed: str | None = None


def restore(
    jobs: Iterable[Job], log: RemovalLog, failed: Mapping[str, Set[int]], field: str, token: str
) -> Iterator[Restored]:
    """Restore the files and yield what became of each; a text of which the log says nothing is copied.

    `failed` has the numbers of the records that failed, and that the cleaned files are without; `field` is the one
    that was cleaned.
    """
    for job in jobs:
        try:
            with closing(_Entries(log.entries(job.name), failed.get(job.name, set()))) as entries:
                _restore(job, entries, field, token)
                yield Restored(job.name, entries.taken)
        except BodycopyError as error:
            yield Restored(job.name, failed=str(error))
        except OSError as error:
            yield Restored(job.name, failed=f"{error.strerror or error}")


class _Entries:
    """The entries of a file, handed out text by text."""

    def __init__(self, entries: Generator[Entry, None, None], skip: Set[int]) -> None:
        self.taken = 0
        """How many have been handed out."""
        self.hint = "" if skip else "; if records failed in that run, give its list of them with --failed"
        self._entries = entries
        self._next = next(entries, None)
        self._numbers = (number for number in count() if number not in skip)

    def number(self) -> int:
        """Return the number that the next record had before some failed."""
        return next(self._numbers)

    def of(self, record: int | None) -> list[Entry]:
        """Take the entries of the next text."""
        found = []
        # A file of one text may have been written as a file of one record.
        while self._next is not None and (self._next.located.record or 0) == (record or 0):
            found.append(self._next)
            self._next = next(self._entries, None)
        self.taken += len(found)
        return found

    def refuse_rest(self) -> None:
        """Refuse entries that no text has taken."""
        if self._next is not None:
            record = self._next.located.record
            what = "a whole file" if record is None else f"record {record}"
            raise MisfitError(f"line {self._next.number:,} of the log is about {what}, which is not in it{self.hint}")

    def close(self) -> None:
        self._entries.close()


def _restore(job: Job, entries: _Entries, field: str, token: str) -> None:
    name = job.source.name if job.source else job.name
    if written_name(name, job.kind) != name:
        raise MisfitError("not a file as `bodycopy clean` writes it, so nothing can be put back")
    form = make(job.kind.format, Fields(field))
    with ExitStack() as stack:
        source = decompressing(stack.enter_context(opened(job.source)), job.kind.compression)
        target = stack.enter_context(replacing(job.target, token)) if job.target else cast(BinaryIO, Stdout())
        read = stack.enter_context(opened(job.source)) if form.rereads else None
        write = stack.enter_context(form.writer(read, cast(BinaryIO, target)))
        for piece in form.pieces(source, START):
            if piece.fault is not None:
                raise MisfitError(f"record {piece.first}: {piece.fault}")
            write(packed(form.join(piece.content, list(_restored(form, piece, entries))), job.kind))
        entries.refuse_rest()


def _restored(form: Format, piece: Piece, entries: _Entries) -> Iterator[Any]:
    """Yield what is written of the records of a piece."""
    for raw in form.records(piece.content):
        if isinstance(raw, Filler):
            yield raw.content
        elif form.single:
            yield restore_text(_text(raw), entries.of(None)).encode("utf-8")
        else:
            yield _restored_record(form.parse(raw), entries.number(), entries)


def _restored_record(record: Record, number: int, entries: _Entries) -> Any:
    try:
        return record.replaced(restore_text(record.text, entries.of(number)), [])
    except MisfitError as error:
        raise MisfitError(f"record {number}: {error}{entries.hint}") from error


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
    if digest_of(restored) != entries[0].located.digest:
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
        line, removal = entry.located.line, entry.located.removal
        if removal.start > len(cleaned) + put_back:
            short = removal.start - put_back - len(cleaned)
            raise MisfitError(
                f"changed after it was cleaned: it ends {short:,} characters before the place on line {line:,} from "
                f"which {removal.rule} removed something (line {entry.number:,} of the log)"
            )
        put_back += len(removal.text)


def _difference(restored: str, result: Result, entries: Sequence[Entry]) -> str:
    """Say where a text that the positions fit differs from what was read, as far as line numbers tell."""
    for entry, (line, removal, *_) in zip(entries, locate(restored, result), strict=True):
        if line != entry.located.line:
            return (
                f"changed after it was cleaned, above what {removal.rule} removed: that was on line "
                f"{entry.located.line:,} and would now be on line {line:,} (line {entry.number:,} of the log)"
            )
    return (
        "changed after it was cleaned: with its removals it is not the text that was read, though they fall on the "
        f"right lines (from line {entries[0].number:,} of the log)"
    )


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")  # not `decode`: what looks like a byte order mark is text here
    except UnicodeDecodeError as error:
        raise MisfitError(f"not UTF-8 at byte {error.start:,}, so not as it was written") from error

"""One file of a run: read, cut into pieces, cleaned record by record, and written whole or not at all.

A record fails alone and with a reason; a file that is one text fails as a whole. What reads and writes a file in one
process, and what cleans its pieces in others, are the same few steps.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from bodycopy.errors import BodycopyError
from bodycopy.formats.compression import compressed, decompressing
from bodycopy.formats.files import Stdout, opened, replacing, temporary_of
from bodycopy.formats.kinds import PLAIN, Kind, make
from bodycopy.formats.records import START, Fields, Filler, Format, Mark, Piece, Record, RecordError
from bodycopy.formats.remote import AnyPath, Remote
from bodycopy.model import Removal, Result

if TYPE_CHECKING:
    from bodycopy.cleaner import Cleaner

__all__ = [
    "Cleaned",
    "Count",
    "Failure",
    "Job",
    "Located",
    "Note",
    "Processed",
    "Shown",
    "Transfer",
    "Work",
    "described",
    "digest_of",
    "is_passing",
    "locate",
    "merged",
    "packed",
    "sweep",
]

_Begin = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """One file of a run: where it is read, what the run calls it, where it goes.

    None stands for standard input and standard output.
    """

    source: AnyPath | None
    name: str
    target: AnyPath | None
    kind: Kind = PLAIN
    start: Mark = START
    """How far an earlier run has come with it."""
    to: Kind | None = None
    """As what it is written, where that is not as what it is read."""


class Count(NamedTuple):
    """How much was removed; `lines` counts the lines with something on them that went whole."""

    characters: int
    lines: int


class Located(NamedTuple):
    """A removal with the number, from 1, of the line of its text that its first visible character is on."""

    line: int
    removal: Removal
    digest: str = ""
    """The digest of the text."""
    record: int | None = None
    """The number, from 0, of the record whose text this is; None if the file is one text."""


class Shown(NamedTuple):
    """What became of a text, to be shown."""

    record: int | None
    result: Result


class Failure(NamedTuple):
    """A record that is not written."""

    record: int
    reason: str
    content: str | None
    """All of it."""


class Note(NamedTuple):
    """Something to be known of a text."""

    record: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of one file, or of a part of it. If `failed` is a reason, nothing was written of the file."""

    name: str
    documents: int = 0
    """The texts that were cleaned."""
    characters: int = 0
    counts: dict[str, Count] = field(default_factory=dict)
    """What was removed, by category."""
    removals: tuple[Located, ...] = ()
    """Filled only where the work is to report them."""
    results: tuple[Shown, ...] = ()
    """Filled only where the work is to show what became of the texts."""
    flagged: tuple[Note, ...] = ()
    encoding: str = "utf-8"
    failures: tuple[Failure, ...] = ()
    failed: str | None = None
    size: int = 0
    """Bytes read of the source."""
    done: bool = True
    """Whether nothing comes after this of its file."""
    mark: Mark | None = None
    """How far the file is done with this, if another run could go on there."""


class Cleaned(NamedTuple):
    """A piece with its records cleaned: what became of it, and what is to be written; None is nothing."""

    processed: Processed
    output: Any


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to every file; a worker process gets it once."""

    cleaner: Cleaner
    fields: Fields = field(default_factory=Fields)
    writes: bool = True
    reports: bool = False
    """Whether the removals come back with the counts."""
    shows: bool = False
    """Whether the whole results come back."""
    resumes: bool = False
    """Whether what is half written stays for another run to go on with."""
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    """What tells the temporary files of this run from those of another."""

    def process(self, job: Job, skip: frozenset[int] = frozenset(), begin: _Begin = lambda _: None) -> Processed:
        """Read, clean and write one file. What goes wrong is in the answer; nothing is raised."""
        transfer = Transfer(job, self)
        try:
            parts = []
            for piece, size in transfer.pieces():
                parts.append(transfer.land(piece, self.clean_piece(job, piece, skip, begin), size))
                if transfer.over:
                    break
            return transfer.end(merged(job.name, parts))
        finally:
            transfer.abandon()

    def clean_piece(
        self, job: Job, piece: Piece, skip: frozenset[int] = frozenset(), begin: _Begin = lambda _: None
    ) -> Cleaned:
        """Clean the records of a piece, less those to be skipped. Each is announced by its number as it is begun."""
        try:
            return self._clean_piece(job, piece, skip, begin)
        except Exception as error:  # one file must not stop a run, whatever is wrong with it or with us
            return Cleaned(Processed(job.name, failed=_in_words(error)), None)

    def _clean_piece(self, job: Job, piece: Piece, skip: frozenset[int], begin: _Begin) -> Cleaned:
        form = make(job.kind.format, self.fields, job.to)
        sums = _Sums(job.name)
        if piece.fault is not None:
            content = form.shown(piece.content) if piece.content is not None else None
            sums.failures.append(Failure(piece.first, piece.fault, content))
            return Cleaned(sums.processed(), None)
        written: list[Any] = []
        number = piece.first
        for raw in form.records(piece.content):
            if isinstance(raw, Filler):
                written.append(raw.content)
                continue
            begin(number)
            try:
                if number in skip:
                    raise RecordError("its process died twice, perhaps for want of memory")
                written.append(self._clean_record(form, raw, number, sums))
            except Exception as error:  # a record must not stop its file
                if form.single:
                    raise
                sums.failures.append(Failure(number, _in_words(error), form.shown(raw)))
            number += 1
        output = form.join(piece.content, written) if self.writes else None
        return Cleaned(sums.processed(), packed(output, job.to or job.kind))

    def _clean_record(self, form: Format, raw: Any, number: int, sums: _Sums) -> Any:
        record = form.parse(raw)
        text = record.text
        result = self.cleaner.clean(text, record.url)
        if result.restore() != text:
            raise RecordError("the removals do not give the text back; this is a fault of bodycopy, please report it")
        shown = None if form.single else number
        located = locate(text, result, shown) if self.reports or self.fields.removals is not None else ()
        written = record.replaced(result.text, [described(each) for each in located])
        sums.add(record, result, shown, located if self.reports else ())
        if self.shows:
            sums.results.append(Shown(shown, result))
        return written


class Transfer:
    """A file on its way from its source to its target."""

    def __init__(self, job: Job, work: Work) -> None:
        self.job = job
        self.failed: str | None = None
        self._work = work
        self._form = make(job.kind.format, work.fields, job.to)
        self._stack = ExitStack()
        self._target: BinaryIO | None = None
        self._write: Callable[[Any], object] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more need be read: it has failed, or nobody wants the rest."""
        return self.failed is not None or (isinstance(self._target, Stdout) and self._target.unread)

    @property
    def resumes(self) -> bool:
        """Whether another run can go on with it."""
        return self._work.resumes

    @property
    def _keeps(self) -> bool:
        """Whether what is half written of it stays."""
        return self._work.resumes and not isinstance(self.job.target, Remote)

    def pieces(self) -> Iterator[tuple[Piece, int]]:
        """Yield the pieces of the source, each with the number of bytes read for it.

        Where reading fails behind the first record, a last piece stands for the fault, and what came before it stands.
        """
        behind = self.job.start.records
        try:
            with _failing("cannot be read"), opened(self.job.source) as raw:
                at = 0
                for piece in self._form.pieces(decompressing(raw, self.job.kind.compression), self.job.start):
                    place = _place(raw)
                    yield piece, place - at
                    at, behind = place, piece.first + piece.count
        except Exception as error:  # one file must not stop a run
            if behind:
                yield Piece(behind, 1, None, None, _in_words(error)), 0
            else:
                self.failed = _in_words(error)

    def land(self, piece: Piece, cleaned: Cleaned, size: int) -> Processed:
        """Write a piece, in the order of the pieces; return what became of it."""
        processed, output = cleaned
        if self.failed is None:
            self.failed = processed.failed
        if output is not None and not self.over:
            self._attempt(lambda: self._put(output))
        mark = None
        if self._keeps and piece.end is not None and self._target is not None and not self.over:
            mark = Mark(piece.first + piece.count, piece.end, self._target.tell())
        return replace(processed, size=size, done=False, mark=mark)

    def end(self, last: Processed) -> Processed:
        """Put the target under its name, if nothing failed; return what became of the last part, or of the file."""
        if self.failed is None and self._work.writes:
            self._attempt(self._close)
        if self.failed is not None:
            return Processed(self.job.name, failed=self.failed, size=last.size)
        return replace(last, done=True, mark=None)

    def abandon(self) -> None:
        """Leave nothing half-written, if the file has not come to its end, but for a run that is to go on with it."""
        stopped = _StoppedError()
        with suppress(_StoppedError, OSError):
            self._stack.__exit__(type(stopped), stopped, None)
        if self.failed is not None:
            sweep(self.job, self._work)

    def _put(self, output: Any) -> None:
        if self._write is None:
            self._open()
        if self._write is not None:
            self._write(output)

    def _open(self) -> None:
        source, target = self.job.source, self.job.target
        if target is None:
            self._target = cast(BinaryIO, Stdout())
        else:
            keep = self.job.start.written if self._keeps else None
            self._target = cast(BinaryIO, self._stack.enter_context(replacing(target, self._work.token, keep=keep)))
        read = self._stack.enter_context(opened(source)) if source and self._form.rereads else None
        self._write = self._stack.enter_context(self._form.writer(read, self._target))

    def _close(self) -> None:
        if self._write is None:
            self._open()
        self._stack.close()

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            with _failing("cannot be written"):
                step()
        except Exception as error:  # one file must not stop a run
            self.failed = _in_words(error)
            self.abandon()


class _StoppedError(BodycopyError):
    """A file that is not to be written."""


class _Sums:
    """What became of the records of a piece so far."""

    def __init__(self, name: str) -> None:
        self.failures: list[Failure] = []
        self.results: list[Shown] = []
        self._name = name
        self._documents = 0
        self._size = 0
        self._characters: Counter[str] = Counter()
        self._lines: Counter[str] = Counter()
        self._removals: list[Located] = []
        self._flagged: list[Note] = []
        self._encoding = "utf-8"

    def add(self, record: Record, result: Result, number: int | None, located: Iterable[Located]) -> None:
        self._documents += 1
        self._size += len(record.text)
        _count(record.text, result, self._characters, self._lines)
        self._removals += located
        self._encoding = record.encoding
        if result.flagged is not None:
            self._flagged.append(Note(number, result.flagged))

    def processed(self) -> Processed:
        return Processed(
            self._name,
            self._documents,
            self._size,
            {category: Count(number, self._lines[category]) for category, number in self._characters.items()},
            tuple(self._removals),
            tuple(self.results),
            tuple(self._flagged),
            self._encoding,
            tuple(self.failures),
        )


def merged(name: str, parts: Sequence[Processed]) -> Processed:
    """Return what became of a file whose parts are these."""
    if len(parts) == 1:
        return parts[0]
    characters: Counter[str] = Counter()
    lines: Counter[str] = Counter()
    for part in parts:
        for category, count in part.counts.items():
            characters[category] += count.characters
            lines[category] += count.lines
    return Processed(
        name,
        sum(part.documents for part in parts),
        sum(part.characters for part in parts),
        {category: Count(number, lines[category]) for category, number in characters.items()},
        tuple(removal for part in parts for removal in part.removals),
        tuple(shown for part in parts for shown in part.results),
        tuple(note for part in parts for note in part.flagged),
        failures=tuple(failure for part in parts for failure in part.failures),
        size=sum(part.size for part in parts),
    )


def packed(output: Any, kind: Kind) -> Any:
    """Return what a format has joined as it is written: each of a list of bytes is compressed by itself."""
    return b"".join(compressed(each, kind.compression) for each in output) if isinstance(output, list) else output


def is_passing(reason: str) -> bool:
    """Whether a file that failed so may be done another time though it has not changed."""
    return reason.startswith(("cannot be read", "cannot be written", "its process died", "MemoryError"))


def sweep(job: Job, work: Work) -> None:
    """Remove what a killed process left half-written."""
    if job.target:
        with suppress(OSError):
            temporary_of(job.target, work.token).unlink()


def described(located: Located) -> dict[str, Any]:
    """Return a removal as logs and records have it; `evidence` is there only if weak rules added up."""
    line, removal, digest, _ = located
    return {
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


def digest_of(text: str) -> str:
    """Return what tells a text from every other: the first 16 digits of the SHA-256 of its UTF-8."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def locate(text: str, result: Result, record: int | None = None) -> tuple[Located, ...]:
    """Give each removal of a result the number of its line in the text, and of the record that the text is from."""
    digest = digest_of(text) if result.removals else ""
    located, line, at = [], 1, 0
    for removal in result.removals:
        visible = removal.end - len(removal.text.lstrip())
        line += text.count("\n", at, visible)
        at = visible
        located.append(Located(line, removal, digest, record))
    return tuple(located)


def _in_words(error: Exception) -> str:
    return str(error) if isinstance(error, BodycopyError) else f"{type(error).__name__}: {error}"


@contextmanager
def _failing(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordError(f"{what}: {error.strerror or error}") from error


def _place(file: BinaryIO) -> int:
    try:
        return file.tell()
    except OSError:  # a pipe
        return 0


def _count(text: str, result: Result, characters: Counter[str], lines: Counter[str]) -> None:
    for removal in result.removals:
        characters[removal.category] += removal.end - removal.start
        lines[removal.category] += _whole_lines(text, removal)


def _whole_lines(text: str, removal: Removal) -> int:
    """Count the lines of a removal, less a first and a last one of which something visible stays."""
    visible = [bool(line.strip()) for line in removal.text.split("\n")]
    if _stands_before(text, removal.start):
        visible[0] = False
    if _stands_after(text, removal.end):
        visible[-1] = False
    return sum(visible)


# Both look no further than the next visible character: a line may be 50 MB long and hold a thousand removals.
def _stands_before(text: str, at: int) -> bool:
    while at > 0 and text[at - 1] != "\n":
        if not text[at - 1].isspace():
            return True
        at -= 1
    return False


def _stands_after(text: str, at: int) -> bool:
    while at < len(text) and text[at] != "\n":
        if not text[at].isspace():
            return True
        at += 1
    return False

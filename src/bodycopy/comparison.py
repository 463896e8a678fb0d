"""What two rule sets do to the same texts: what only one of them removes, by rule, with samples.

Only spans count: a piece that both remove is no difference, whatever rule says so. The texts are gone through one by
one, and of each rule only sums and a few samples are kept: those that look most like running text, since in them the
mistakes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heappush, heappushpop
from typing import Any, Final, NamedTuple, TypeVar

from bodycopy.cleaner import clean_document
from bodycopy.form import count_words, ends_sentence, is_prose, same_form
from bodycopy.matcher import Program
from bodycopy.model import Removal, Result, Span
from bodycopy.sources import Text

__all__ = ["LOSSES", "Comparison", "Loss", "RuleTotal", "Sample", "Side", "compare"]

LOSSES: Final = (0.01, 0.1, 0.3, 0.9)
"""Shares of a document's words; it is counted how many documents lose more than each."""

_MOST_NAMED = 5
_LONGEST_SHOWN = 2000

T = TypeVar("T", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True)
class Sample:
    """A piece that goes, in its surroundings; `times` counts the pieces of this rule that say the same.

    `lead` and `trail` stand before and after it on its line, `above` and `below` are the nearest lines with something
    on them. Each is cut where it is too long to read.
    """

    doc: str
    line: int
    text: str
    lead: str
    trail: str
    above: str
    below: str
    times: int


@dataclass(frozen=True, slots=True)
class RuleTotal:
    """What a rule removes that the other rule set does not.

    `prose` counts the removals that hold a line of running text, or leave something on both sides of their line.
    """

    rule: str
    file: str
    line: int
    removals: int
    documents: int
    characters: int
    prose: int
    samples: tuple[Sample, ...]


class Loss(NamedTuple):
    """How many of its words a document loses; `words` is what the other rule set leaves of it."""

    share: float
    lost: int
    doc: str
    words: int


@dataclass(frozen=True, slots=True)
class Side:
    """What one of two rule sets removes and the other does not.

    `over` counts the documents that lose more than each of `LOSSES`, `worst` names those that lose most. `flagged`
    counts those that this rule set flags and the other does not so, and `reasons` names the first with the reason.
    """

    rules: tuple[RuleTotal, ...]
    documents: int
    over: tuple[int, ...]
    worst: tuple[Loss, ...]
    flagged: int
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changes from one rule set to another over so many documents."""

    documents: int
    added: Side
    """What only the second removes."""
    dropped: Side
    """What only the first removes."""
    found: frozenset[str]
    """The rules of the second that found something, whether or not the first removes it too."""


def compare(first: Program, second: Program, texts: Iterable[Text], samples: int) -> Comparison:
    """Clean the texts with both rule sets and return what differs, with so many samples for each rule."""
    added, dropped = _SideTally(samples), _SideTally(samples)
    found: set[str] = set()
    documents = 0
    for text in texts:
        documents += 1
        before = clean_document(first, text.document)
        after = clean_document(second, text.document)
        found |= {rule for match in after.matches for rule in (match.rule, *match.evidence)}
        added.add(text, after, before)
        dropped.add(text, before, after)
    return Comparison(documents, added.total(), dropped.total(), frozenset(found))


class _SideTally:
    """The sums of one side so far."""

    def __init__(self, samples: int) -> None:
        self._samples = samples
        self._rules: dict[str, _RuleTally] = {}
        self._documents = 0
        self._over = [0] * len(LOSSES)
        self._worst: list[Loss] = []
        self._flagged = 0
        self._reasons: list[tuple[str, str]] = []

    def add(self, text: Text, mine: Result, other: Result) -> None:
        """Count what `mine` removes of a text and `other` does not."""
        if mine.flagged and mine.flagged != other.flagged:
            self._flagged += 1
            self._reasons += [(text.name, mine.flagged)] if len(self._reasons) < _MOST_NAMED else []
        whole = text.document.text
        pieces = [(removal, _trimmed(whole, span)) for removal, span in _only(mine.removals, other.removals)]
        pieces = [(removal, piece) for removal, piece in pieces if piece.start < piece.end]
        for removal, piece in pieces:
            self._rules.setdefault(removal.rule, _RuleTally(removal, self._samples)).add(text, piece)
        if pieces:
            self._documents += 1
            lost = sum(count_words(whole[piece.start : piece.end]) for _, piece in pieces)
            words = max(lost, count_words(other.text))
            self._note(Loss(lost / max(words, 1), lost, text.name, words))

    def total(self) -> Side:
        """Return the sums."""
        return Side(
            rules=tuple(sorted((t.total() for t in self._rules.values()), key=lambda r: (-r.removals, r.rule))),
            documents=self._documents,
            over=tuple(self._over),
            worst=tuple(sorted(self._worst, key=lambda loss: (-loss.share, -loss.lost, loss.doc))),
            flagged=self._flagged,
            reasons=tuple(self._reasons),
        )

    def _note(self, loss: Loss) -> None:
        for number, least in enumerate(LOSSES):
            self._over[number] += loss.share > least
        if loss.lost:
            _push(self._worst, loss, _MOST_NAMED)


class _RuleTally:
    """The sums of one rule so far, and its samples: one for each thing that its removals say."""

    def __init__(self, removal: Removal, samples: int) -> None:
        self._rule = RuleTotal(removal.rule, removal.file, removal.line, 0, 0, 0, 0, ())
        self._most = samples
        self._removals = self._documents = self._characters = self._prose = 0
        self._last: str | None = None
        self._samples: list[tuple[_Interest, Sample]] = []
        self._times: dict[str, int] = {}

    def add(self, text: Text, piece: Span) -> None:
        """Count a piece of a text."""
        self._removals += 1
        self._characters += piece.end - piece.start
        self._documents += text.name != self._last
        self._last = text.name
        interest = _interest(text.document.text, piece)
        self._prose += interest.prose
        if interest.form in self._times:
            self._times[interest.form] += 1
        elif self._most and (len(self._samples) < self._most or interest > self._samples[0][0]):
            self._times[interest.form] = 1
            # What falls out never comes in again, since those that stay only get more interesting: `times` is right.
            if fallen := _push(self._samples, (interest, _sample(text, piece)), self._most):
                del self._times[fallen[0].form]

    def total(self) -> RuleTotal:
        """Return the sums."""
        chosen = sorted(self._samples, key=lambda s: (not s[0].prose, -s[0].words, not s[0].ends, s[0].form))
        return replace(
            self._rule,
            removals=self._removals,
            documents=self._documents,
            characters=self._characters,
            prose=self._prose,
            samples=tuple(replace(sample, times=self._times[interest.form]) for interest, sample in chosen),
        )


class _Interest(NamedTuple):
    """How much a piece looks like running text; the greater, the more."""

    prose: bool
    words: int
    ends: bool
    form: str


def _interest(whole: str, piece: Span) -> _Interest:
    text = whole[piece.start : min(piece.end, piece.start + _LONGEST_SHOWN)]
    prose = any(map(is_prose, text.split("\n"))) or all(map(str.strip, _beside(whole, piece)))
    return _Interest(prose, count_words(text), ends_sentence(text), same_form(text))


def _beside(whole: str, piece: Span) -> tuple[str, str]:
    """Return what stands before and after a piece on its line."""
    lead = whole[max(0, piece.start - _LONGEST_SHOWN) : piece.start].rpartition("\n")[2]
    return lead.lstrip(), whole[piece.end : piece.end + _LONGEST_SHOWN].partition("\n")[0].rstrip()


def _push(heap: list[T], item: T, most: int) -> T | None:
    """Put an item on a heap of the greatest ones, and return what falls out of it."""
    if len(heap) == most:
        return heappushpop(heap, item)
    heappush(heap, item)
    return None


def _only(mine: Sequence[Removal], others: Sequence[Removal]) -> Iterator[tuple[Removal, Span]]:
    """Yield the pieces of my removals that are in none of the others; both are disjoint and sorted."""
    first = 0
    for removal in mine:
        while first < len(others) and others[first].end <= removal.start:
            first += 1
        start, at = removal.start, first
        while at < len(others) and others[at].start < removal.end:
            if start < others[at].start:
                yield removal, Span(start, others[at].start)
            start, at = others[at].end, at + 1
        if start < removal.end:
            yield removal, Span(start, removal.end)


def _trimmed(text: str, span: Span) -> Span:
    """Return a span without the white space at its ends."""
    piece = text[span.start : span.end]
    start = span.end - len(piece.lstrip())
    return Span(start, max(start, span.start + len(piece.rstrip())))


def _sample(text: Text, piece: Span) -> Sample:
    whole = text.document.text
    start = whole.rfind("\n", 0, piece.start) + 1
    end = whole.find("\n", piece.end)
    end = len(whole) if end < 0 else end
    lead, trail = _beside(whole, piece)
    return Sample(
        doc=text.name,
        line=whole.count("\n", 0, start) + 1,
        text=whole[piece.start : min(piece.end, piece.start + _LONGEST_SHOWN)],
        lead=lead,
        trail=trail,
        above=_filled_line(whole[max(0, start - _LONGEST_SHOWN) : start].split("\n")[::-1]),
        below=_filled_line(whole[end : end + _LONGEST_SHOWN].split("\n")),
        times=1,
    )


def _filled_line(lines: Iterable[str]) -> str:
    return next((line.strip() for line in lines if line.strip()), "")

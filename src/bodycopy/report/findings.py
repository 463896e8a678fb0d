"""What a report to look at shows of a run: sums for each rule, a few samples, the documents that lost most.

Memory grows with the number of rules, never with that of documents: of everything else only so much is kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from heapq import heappush, heappushpop
from itertools import islice
from typing import Any, Final, Generic, NamedTuple, TypeVar

from bodycopy.model import Outcome, Removal, Result
from bodycopy.report.terminal import called, visible
from bodycopy.work import Located, Processed, locate

__all__ = ["Findings", "Rule", "Sample", "Shown", "Stretch"]

_T = TypeVar("_T")

_SAMPLES: Final = 5
_MOST: Final = 40
"""Documents that are kept of those that lost most characters, and of those that lost the greatest share."""
_NAMED: Final = 100
"""Flagged and failed documents that are kept."""
_MARKS: Final = 80
"""Removals of a document that are shown."""
_AROUND: Final = 160
_KEPT: Final = (240, 240)
"""Characters that are shown of the start and of the end of a stretch that stays."""
_GONE: Final = (900, 300)
"""Characters that are shown of what a removal took from a document, and below of that in a sample."""
_GONE_IN_SAMPLE: Final = (240, 80)
_COMPARED: Final = 200
"""Characters in which the removals of a rule must differ to be two samples."""


class Stretch(NamedTuple):
    """A piece of a text as it is shown: all of it, or its start and its end with so many characters left out."""

    start: str
    left_out: int = 0
    end: str = ""
    rule: str | None = None
    """The rule that takes it; None: it stays."""
    evidence: tuple[str, ...] = ()
    is_whole: bool = False
    """Whether it is whole lines that go."""

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that take it, the heaviest first."""
        return (self.rule, *self.evidence) if self.rule else ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A removal with what stands around it."""

    doc: str
    line: int
    before: tuple[Stretch, ...]
    removed: Stretch
    after: tuple[Stretch, ...]
    is_head: bool
    """Whether nothing stands before what is shown."""
    is_tail: bool


@dataclass(slots=True)
class Rule:
    """What a rule removed."""

    id: str
    category: str
    place: str
    """The file that it stands in, and the line."""
    removals: int = 0
    characters: int = 0
    documents: int = 0
    largest: Largest[Sample] = field(default_factory=lambda: Largest(_SAMPLES))

    @property
    def samples(self) -> list[Sample]:
        """A few removals of different texts."""
        return self.largest.items()


@dataclass(frozen=True, slots=True)
class Shown:
    """A document with its removals in context."""

    name: str
    characters: int
    lost: int
    removals: int
    rules: tuple[str, ...]
    text: tuple[Stretch, ...]
    more: int
    """Removals that are not shown."""
    flagged: str | None
    is_spared: bool
    """Whether the removals are those that would have been made."""

    @property
    def share(self) -> float:
        """The part of it that is gone."""
        return self.lost / self.characters if self.characters else 0.0


class Largest(Generic[_T]):
    """So many items, those with the greatest weights; of equal weights the first that came."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[tuple[Any, int, _T]] = []
        self._added = 0

    def __contains__(self, weight: object) -> bool:
        return any(weight == held for held, _, _ in self._heap)

    def admits(self, weight: Any) -> bool:
        """Say whether an item of this weight would be kept, before it is made."""
        return len(self._heap) < self._size or weight > self._heap[0][0]

    def add(self, weight: Any, item: _T) -> None:
        """Keep the item if its weight is great enough."""
        self._added += 1
        entry = (weight, -self._added, item)
        if len(self._heap) < self._size:
            heappush(self._heap, entry)
        else:
            heappushpop(self._heap, entry)

    def items(self) -> list[_T]:
        """Return them, the greatest first."""
        return [item for _, _, item in sorted(self._heap, key=lambda entry: entry[:2], reverse=True)]


class Findings:
    """What is gathered while documents come in."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self.documents: Counter[str] = Counter()
        """How many documents each category took something from."""
        self.flagged: list[Shown] = []
        self.failed: list[tuple[str, str]] = []
        self.encodings: Counter[str] = Counter()
        self._by_characters: Largest[Shown] = Largest(_MOST)
        self._by_share: Largest[Shown] = Largest(_MOST)

    def add(self, processed: Processed) -> None:
        """Take what is worth showing from a file, or from a part of it."""
        if processed.failed is not None:
            self._add_failed(processed.name, processed.failed)
        for failure in processed.failures:
            self._add_failed(called(processed.name, failure.record), failure.reason)
        for record, result in processed.results:
            name = called(processed.name, record)
            self.encodings[processed.encoding] += 1
            self.documents.update({removal.category for removal in result.removals})
            self._add_to_rules(name, result)
            self._add_document(name, result)

    def most(self) -> list[Shown]:
        """Return the documents that lost most, by characters; those that lost the greatest share are among them."""
        shown = {id(one): one for one in (*self._by_characters.items(), *self._by_share.items())}
        return sorted(shown.values(), key=lambda one: (-one.lost, one.name))

    def _add_failed(self, name: str, why: str) -> None:
        if len(self.failed) < _NAMED:
            self.failed.append((name, why))

    def _add_to_rules(self, doc: str, result: Result) -> None:
        reader = _Reader(result)
        for number, removal in enumerate(result.removals):
            if (rule := self.rules.get(removal.rule)) is None:
                place = f"{removal.file}:{removal.line}"
                rule = self.rules[removal.rule] = Rule(removal.rule, removal.category, place)
            rule.removals += 1
            rule.characters += removal.end - removal.start
            # The texts with the greatest hashes are a fair choice of all that a rule removes, whatever their order.
            weight = _hash(removal.text)
            if rule.largest.admits(weight) and weight not in rule.largest:
                rule.largest.add(weight, reader.sample(doc, number))
        for name in {removal.rule for removal in result.removals}:
            self.rules[name].documents += 1

    def _add_document(self, name: str, result: Result) -> None:
        lost = sum(removal.end - removal.start for removal in result.removals)
        characters = len(result.text) + lost
        by_share = (lost / characters if characters else 0.0, lost)
        is_most = lost > 0 and (self._by_characters.admits(lost) or self._by_share.admits(by_share))
        is_flagged = result.flagged is not None and len(self.flagged) < _NAMED
        if not (is_most or is_flagged):
            return
        shown = _shown(name, result, lost)
        if is_most:
            self._by_characters.add(lost, shown)
            self._by_share.add(by_share, shown)
        if is_flagged:
            self.flagged.append(shown)


class _Mark(NamedTuple):
    """A place in a text that a rule takes."""

    start: int
    end: int
    rule: str
    evidence: tuple[str, ...]


class _Reader:
    """A result from which pieces are cut to be shown; what that takes is worked out when it is first needed."""

    def __init__(self, result: Result) -> None:
        self._result = result

    @cached_property
    def _text(self) -> str:
        return self._result.restore()

    @cached_property
    def _located(self) -> tuple[Located, ...]:
        return locate(self._text, self._result)

    @cached_property
    def _marks(self) -> list[_Mark]:
        return _marks(self._result)

    def sample(self, doc: str, number: int) -> Sample:
        """Return a removal with what stands around it."""
        text = self._text
        line, removal = self._located[number][:2]
        start, end = _around(text, removal)
        return Sample(
            doc,
            line,
            tuple(_stretches(text, self._marks, start, removal.start)),
            _gone(text, removal.start, removal.end, self._marks[number], _GONE_IN_SAMPLE),
            tuple(_stretches(text, self._marks, removal.end, end)),
            is_head=not text[:start].strip(),
            is_tail=not text[end:].strip(),
        )


def _around(text: str, removal: Removal) -> tuple[int, int]:
    """Return from where to where a text is shown around a removal, in whole words if they are not too long."""
    start, end = max(0, removal.start - _AROUND), min(len(text), removal.end + _AROUND)
    if start and (space := text.find(" ", start, removal.start)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", removal.end, end)) >= 0:
        end = space
    return start, end


def _marks(result: Result) -> list[_Mark]:
    """Return what goes, or, of a text that was left whole, what would have gone."""
    if result.removals:
        return [_Mark(removal.start, removal.end, removal.rule, removal.evidence) for removal in result.removals]
    marks, at = [], 0
    for match in sorted(match for match in result.matches if match.outcome is Outcome.SPARED):
        if match.end > at:
            marks.append(_Mark(max(at, match.start), match.end, match.rule, match.evidence))
            at = match.end
    return marks


def _shown(name: str, result: Result, lost: int) -> Shown:
    text, marks = result.restore(), _marks(result)
    # Where not all marks are shown, the text is shown to the last of them.
    end = marks[_MARKS - 1].end if len(marks) > _MARKS else len(text)
    return Shown(
        name,
        len(text),
        lost,
        len(marks),
        tuple(sorted({rule for mark in marks for rule in (mark.rule, *mark.evidence)})),
        tuple(_stretches(text, marks, 0, end)),
        max(0, len(marks) - _MARKS),
        result.flagged,
        is_spared=not result.removals and bool(marks),
    )


def _stretches(text: str, marks: Sequence[_Mark], start: int, end: int) -> Iterator[Stretch]:
    """Cut a piece of a text where marks begin and end."""
    at, is_below_whole = start, False
    first = bisect_right(marks, start, key=lambda mark: mark.end)
    for mark in islice(marks, first, None):
        if mark.start >= end:
            break
        yield from _kept(text[at : mark.start], is_below_whole)
        at = min(end, mark.end)
        gone = _gone(text, max(start, mark.start), at, mark)
        yield gone
        is_below_whole = gone.is_whole
    yield from _kept(text[at:end], is_below_whole)


def _kept(piece: str, is_below_whole: bool) -> Iterator[Stretch]:
    """Yield what stays, if it is anything; below whole lines that go, without the line end that may be left of them."""
    if is_below_whole:
        piece = piece.removeprefix("\r").removeprefix("\n")
    if piece:
        yield _shortened(piece, _KEPT)


def _gone(text: str, start: int, end: int, mark: _Mark, limits: tuple[int, int] = _GONE) -> Stretch:
    """Return what a mark takes, without the line ends around it where whole lines go."""
    piece = text[start:end]
    begins = text[start - 1 : start] in ("", "\n") or piece[0] in "\r\n"
    ends = text[end : end + 1] in ("", "\r", "\n") or piece[-1] == "\n"
    shown = piece.lstrip("\r\n").rstrip() if begins and ends else piece
    return _shortened(shown, limits)._replace(rule=mark.rule, evidence=mark.evidence, is_whole=begins and ends)


def _shortened(piece: str, limits: tuple[int, int]) -> Stretch:
    first, last = limits
    if len(piece) <= first + last:
        return Stretch(_readable(piece))
    start, end = (piece[:first].rsplit(None, 1) or [""])[0], (piece[-last:].split(None, 1) or [""])[-1]
    return Stretch(_readable(start), len(piece) - len(start) - len(end), _readable(end))


def _readable(piece: str) -> str:
    """Write control characters, line ends and tabs aside, as escapes."""
    return "\n".join(visible(line.removesuffix("\r")) for line in piece.split("\n"))


def _hash(text: str) -> int:
    compared = text.strip()[:_COMPARED].encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(compared, digest_size=8).digest())

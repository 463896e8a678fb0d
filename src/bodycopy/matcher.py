"""Candidate lines → what each line matches by itself.

A `Program` is a rule set made ready for matching: its patterns numbered and behind a filter. A `Reading` is one
document being read by it. Reading a line tells whether a `keep` rule protects it, takes out what the `span` rules
find until none matches, and lists the slots that fit what is left. A slot is one block of patterns of one rule.
Neighbours play no part here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property
from itertools import count
from time import perf_counter
from typing import NamedTuple, TypeVar
from urllib.parse import urlsplit

from bodycopy import form
from bodycopy.errors import BodycopyError
from bodycopy.model import Document, Span
from bodycopy.patterns import Pattern, anywhere, covering, key_of_line, key_of_phrase
from bodycopy.prefilter import EveryLine, Filter, Hits, LiteralFilter, Place
from bodycopy.rows import Row
from bodycopy.rules import (
    Block,
    Finder,
    Guards,
    Item,
    Keep,
    LineOf,
    Lines,
    Patterns,
    Region,
    Repeat,
    Rule,
    RuleSet,
    Selector,
    Shape,
    SpanOf,
    selects,
)

__all__ = ["Found", "GaveUpError", "Program", "Reading", "Role"]

TIME_LIMIT = 10.0
"""Seconds that one rule may spend on one document."""

MOST_ROUNDS = 50
"""Times that `span` rules may find something new in what is left of a line."""

_SHORT = 80
_MOST_KNOWN = 50_000

T = TypeVar("T")


class GaveUpError(BodycopyError):
    """A document is left whole, because cleaning it has no end in sight; the message says why."""


class Role(Enum):
    """How the patterns of a slot are tried on a line."""

    KEEP = auto()
    FINGERPRINT = auto()
    SPAN = auto()
    COVER = auto()
    """They cover the whole line."""
    HINT = auto()
    """They may match a part of the line; whoever asks tries them on that part."""


_SETTLING = frozenset({Role.KEEP, Role.SPAN, Role.FINGERPRINT})


@dataclass(frozen=True, slots=True)
class Slot:
    """One block of patterns of the rule with the number `rule`."""

    rule: int
    role: Role
    patterns: Patterns


class Found(NamedTuple):
    """A rule, by its number, found a piece of the original text."""

    rule: int
    span: Span
    evidence: tuple[int, ...] = ()
    overlapped: bool = False


class Program:
    """A rule set made ready for matching."""

    def __init__(self, rules: RuleSet, *, prefilter: bool = True) -> None:
        self.rules = rules
        self.slots: list[Slot] = []
        self.slots_of: list[list[int]] = []
        for number, rule in enumerate(rules):
            slots = [Slot(number, role, patterns) for role, patterns in _blocks(rule)]
            self.slots_of.append(list(range(len(self.slots), len(self.slots) + len(slots))))
            self.slots += slots
        self.patterns = [(slot, p) for slot, s in enumerate(self.slots) for p in s.patterns]
        bits, self.signals = _signals(rules)
        self.regions = tuple(number for number, rule in enumerate(rules) if isinstance(rule.finder, Region))
        self.formal = frozenset(number for number, rule in enumerate(rules) if _goes_by_form(rule.finder))
        """The rules that may find something without any of the patterns."""
        self.beside = [_beside(rule.guards, bits) for rule in rules]
        """For each rule the pairs of bits of which it needs one: to be had right above it, or right below."""
        self.by_form_alone = any(not self.beside[number] for number in self.formal)
        """Whether any rule may be the first to act on a text that fits none of the patterns."""
        self.sited = [number for number, rule in enumerate(rules) if rule.guards.site]
        self._without_slots = frozenset(n for n, rule in enumerate(rules) if isinstance(rule.finder, Keep | Region))
        """The rules that find nothing by their slots: those protect lines, or mark some."""
        self.unsettled = frozenset(n for n, slot in enumerate(self.slots) if slot.role in _SETTLING)
        """The slots that may protect a line, take something out of it, or switch rules on."""
        places = [_place(slot.role, rules[slot.rule]) for slot in self.slots]
        placed = [(pattern, places[slot]) for slot, pattern in self.patterns]
        self.filter: Filter = LiteralFilter(placed) if prefilter else EveryLine(placed)
        self._prefilter = prefilter
        self._filters: dict[Patterns, Filter] = {}
        self._needed = [_needed(rule.finder, slots) for rule, slots in zip(rules, self.slots_of, strict=True)]
        self.may_be_first = frozenset(n for n in range(len(rules)) if not self.beside[n]) - self._without_slots
        """The rules that may act where nothing is gone yet."""
        self._trials: dict[int, tuple[str | None, Callable[..., object] | None]] = {}
        self.known: dict[str, frozenset[int]] = {}
        """The slots that fit short lines seen before, which are often those of every page of a site."""

    def trial(self, pattern: int) -> tuple[str | None, Callable[..., object] | None]:
        """Return how a pattern that must cover a line is tried: by the key of the line, if it has one, or a matcher."""
        known = self._trials.get(pattern)
        if known is None:
            slot, one = self.patterns[pattern]
            known = (None, None)
            if self.slots[slot].role is Role.COVER:
                known = key_of_phrase(one), None
                if known[0] is None:
                    known = None, covering(one).fullmatch
            self._trials[pattern] = known
        return known

    def filter_of(self, patterns: Patterns) -> Filter:
        """Return a filter for patterns that are in no slot, since they are seldom asked for, and then on many lines."""
        if patterns not in self._filters:
            placed = [(pattern, Place.ANYWHERE) for pattern in patterns]
            self._filters[patterns] = LiteralFilter(placed) if self._prefilter else EveryLine(placed)
        return self._filters[patterns]

    def able(self, slots: Set[int], acted: Iterable[int] = ()) -> set[int]:
        """Return the rules that may find something in a text, given the slots that fit its lines.

        These have all that they need there. A rule that acts only beside what others remove needs one of those too,
        or one that has `acted`, and a region needs any rule at all.
        """
        named = {self.slots[slot].rule for slot in slots} - self._without_slots
        having = self.formal.union(rule for rule in named if self.has_all(rule, slots))
        able = {rule for rule in having if not self.beside[rule]}
        fresh = able.union(acted)
        if fresh:
            able.update(self.regions)
            fresh.update(self.regions)
        waiting = having - able
        news = 0
        while waiting and fresh:
            for rule in fresh:
                news |= self.signals[rule]
            fresh = {rule for rule in waiting if all(news & (above | below) for above, below in self.beside[rule])}
            able |= fresh
            waiting -= fresh
        return able

    def has_all(self, rule: int, slots: Set[int]) -> bool:
        """Say whether all that a rule needs to find anything is among the slots that fit lines of a text."""
        return all(slot in slots for slot in self._needed[rule])


class Reading:
    """One document being read: the sites it is known to be from, and the time that each rule has spent on it."""

    def __init__(self, program: Program, document: Document) -> None:
        self.program = program
        self.spans: list[Found] = []
        """What the `span` rules found so far."""
        self._document = document
        self._spent: defaultdict[int, float] = defaultdict(float)

    @cached_property
    def _inactive(self) -> set[int]:
        """The rules of sites that the document is not known to be from."""
        host, program = _host_of(self._document.url), self.program
        return {number for number in program.sited if not _is_from(host, program.rules[number].guards.site)}

    def active(self, rule: int) -> bool:
        """Say whether a rule may act on this document, as far as `site` goes."""
        return rule not in self._inactive

    def scan(self, rows: Iterable[Row], hits: Hits) -> None:
        """Find the slots that fit each row: of the patterns that `hits` names for its line, and of those to be
        tried on every line.
        """
        always = self.program.filter.always
        for row in rows:
            if always or row.number in hits:
                row.slots = self.fitting(row.text, hits.get(row.number, ()))

    def settle(self, rows: Sequence[Row]) -> list[Row]:
        """Decide which rows are protected, and take out what `span` rules find in the others until none matches."""
        unsettled = self.program.unsettled
        for row in rows:
            if not row.slots.isdisjoint(unsettled):
                self._learn_sites(row.slots)
        return [row if row.slots.isdisjoint(unsettled) else self._settle_row(row) for row in rows]

    def fitting(self, text: str, patterns: Iterable[int]) -> frozenset[int]:
        """Return the slots that fit a line, among those of the patterns that the filter names for it and of those to
        be tried on every line.
        """
        text = text.strip()
        known = self.program.known
        if (fitting := known.get(text)) is not None:
            return fitting
        fitting = self.tried(text, (*self.program.filter.always, *patterns))
        if len(text) <= _SHORT:
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[text] = fitting
        return fitting

    def tried(self, text: str, patterns: Iterable[int]) -> frozenset[int]:
        """Return the slots that fit a stripped text, among those of the patterns."""
        program = self.program
        fitting: set[int] = set()
        key = key_of_line(text) if len(text) <= _SHORT else None
        for number in patterns:
            slot, pattern = program.patterns[number]
            if slot in fitting:
                continue
            wanted, matcher = program.trial(number)
            if wanted is not None and key is not None:
                fits = wanted == key
            elif matcher is not None:
                fits = self._timed(program.slots[slot].rule, matcher, text) is not None
            else:
                fits = self._fits_slot(program.slots[slot], pattern, text)
            if fits:
                fitting.add(slot)
        return frozenset(fitting)

    def covers(self, rule: int, patterns: Patterns, text: str) -> bool:
        """Say whether one of the patterns of a rule covers all of a text."""
        return any(self._covers(rule, pattern, text.strip()) for pattern in patterns)

    def begins(self, rule: int, pattern: Pattern, text: str) -> bool:
        """Say whether a text begins with what a pattern covers."""
        return self._timed(rule, covering(pattern).match, text) is not None

    def occurs(self, rule: int, patterns: Patterns, text: str) -> bool:
        """Say whether one of the patterns of a rule matches anywhere in a text."""
        return any(self._timed(rule, anywhere(p).search, text) is not None for p in patterns)

    def occurring(self, rule: int, patterns: Patterns, rows: Sequence[Row]) -> frozenset[int]:
        """Return the places of the rows on which one of the patterns of a rule matches."""
        chosen = self.program.filter_of(patterns)
        places = range(len(rows)) if chosen.always else chosen.lines_of("\n".join(row.text for row in rows))
        return frozenset(place for place in places if self.occurs(rule, patterns, rows[place].text))

    def fits(self, rule: int, row: Row) -> bool:
        """Say whether a line meets those guards of a rule that look at nothing but the line."""
        guards = self.program.rules[rule].guards
        return (
            (guards.words is None or row.words in guards.words)
            and (guards.sentence is None or form.ends_sentence(row.text) == guards.sentence)
            and not (guards.unless and self.occurs(rule, guards.unless, row.text))
        )

    def _fits_slot(self, slot: Slot, pattern: Pattern, text: str) -> bool:
        if slot.role in (Role.HINT, Role.SPAN):
            return True
        if slot.role is Role.COVER:
            return self._covers(slot.rule, pattern, text)
        return self.occurs(slot.rule, (pattern,), text)

    def _covers(self, rule: int, pattern: Pattern, text: str) -> bool:
        """Say whether a pattern covers a stripped text."""
        matcher = covering(pattern).fullmatch
        return (matcher(text) if pattern.fixed else self._timed(rule, matcher, text)) is not None

    def _settle_row(self, row: Row) -> Row:
        used: set[int] = set()
        for rounds in count():
            if self._protect(row):
                break
            found = self._spans_in(row, trial=False)
            if rounds > MOST_ROUNDS:
                raise GaveUpError(f"line {row.number + 1} needs more than {MOST_ROUNDS} rounds of span rules")
            if not found:
                tried = self._spans_in(row, trial=True)
                self.spans += (Found(rule, row.part(start, -minus_end)) for start, minus_end, rule in tried)
                break
            row = self._cut(row, found, used)
        return row

    def _protect(self, row: Row) -> bool:
        row.kept = any(True for _ in self._acting(row, Role.KEEP, trial=False))
        return row.kept

    def _acting(self, row: Row, role: Role, *, trial: bool) -> Iterator[Slot]:
        """Yield the slots of a role that fit a row and whose rules act on this document."""
        for slot in map(self.program.slots.__getitem__, sorted(row.slots)):
            if slot.role is role and self.active(slot.rule) and self.program.rules[slot.rule].trial is trial:
                yield slot

    def _spans_in(self, row: Row, *, trial: bool) -> list[tuple[int, int, int]]:
        """Return (start, minus end, rule) of what span rules find in what is left of a line."""
        return [span for slot in self._acting(row, Role.SPAN, trial=trial) for span in self._spans_of(slot, row)]

    def _spans_of(self, slot: Slot, row: Row) -> list[tuple[int, int, int]]:
        if not self.fits(slot.rule, row):
            return []

        def every(pattern: Pattern) -> Callable[..., list[tuple[int, int]]]:
            return lambda text, timeout: [m.span() for m in anywhere(pattern).finditer(text, timeout=timeout)]

        spans = [span for p in slot.patterns for span in self._timed(slot.rule, every(p), row.text)]
        return [(start, -end, slot.rule) for start, end in spans if end > start]

    def _cut(self, row: Row, found: list[tuple[int, int, int]], used: set[int]) -> Row:
        """Take out what was found; of two that overlap, the one that starts first, then the longer one."""
        cuts: list[Span] = []
        for start, minus_end, rule in sorted(found):
            overlapped = bool(cuts) and start < cuts[-1].end
            self.spans.append(Found(rule, row.part(start, -minus_end), overlapped=overlapped))
            if not overlapped:
                used.add(rule)
                cuts.append(Span(start, -minus_end))
        left = row.without([_with_space(row.text, cut) for cut in _joined(row.text, cuts)])
        if left.text and not left.text.isspace():
            left.slots = self.fitting(left.text, self.program.filter.of_line(left.text))
            return left
        spent = Row(row.number, row.pieces, "")
        spent.spent_by = frozenset(used)
        return spent

    def _learn_sites(self, slots: Iterable[int]) -> None:
        """Switch on the rules of the sites whose fingerprint is there; they stay on for this document."""
        for slot in slots:
            if self.program.slots[slot].role is Role.FINGERPRINT:
                self._inactive.discard(self.program.slots[slot].rule)

    def _timed(self, rule: int, call: Callable[..., T], text: str) -> T:
        started = perf_counter()
        left = TIME_LIMIT - self._spent[rule]
        try:
            if left <= 0:
                raise TimeoutError
            return call(text, timeout=left)
        except TimeoutError:
            raise GaveUpError(f"rule {self.program.rules[rule].id} took more than {TIME_LIMIT:g} s") from None
        except MemoryError:  # `regex` gives one search a gigabyte
            raise GaveUpError(f"rule {self.program.rules[rule].id} needs too much memory") from None
        finally:
            self._spent[rule] += perf_counter() - started


def _goes_by_form(finder: Finder) -> bool:
    if isinstance(finder, Repeat):
        return not (finder.prefix or finder.suffix or finder.without)
    return isinstance(finder, Shape)


def _needed(finder: Finder, slots: Sequence[int]) -> list[int]:
    """Return the slots of a rule that must all fit a line somewhere for it to find anything."""
    if isinstance(finder, Lines):
        items = [item for item in finder.items if isinstance(item, Item)]
        return [slot for slot, item in zip(slots, items, strict=False) if not item.optional]
    if isinstance(finder, Block):
        return list(slots[: 2 if finder.end else 1])
    return list(slots[:1])


def _signals(rules: RuleSet) -> tuple[dict[Selector, int], list[int]]:
    """Give each selector of `after`, `before` and `near` a bit; return them, and the bits that each rule answers to."""
    asked = sorted({s for rule in rules for s in (*rule.guards.after, *rule.guards.before, *rule.guards.near)})
    bits = {selector: 1 << number for number, selector in enumerate(asked)}
    signals = [0] * len(rules)
    of_category: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        of_category.setdefault(rule.category, []).append(number)
    for selector, bit in bits.items():
        category = selector.partition("/")[0]
        for number in of_category.get(category, range(len(rules))):
            if selects(selector, rules[number].id):
                signals[number] |= bit
    return bits, signals


def _beside(guards: Guards, bits: Mapping[Selector, int]) -> list[tuple[int, int]]:
    """Return the bits that a rule with these guards waits for, above and below."""
    after, before, near = (
        sum(bits[selector] for selector in set(group)) for group in (guards.after, guards.before, guards.near)
    )
    return [pair for pair in ((after, 0), (0, before), (near, near)) if any(pair)]


def _place(role: Role, rule: Rule) -> Place:
    if role is Role.COVER:
        return Place.WHOLE
    if role is not Role.HINT or not isinstance(rule.finder, Repeat):
        return Place.ANYWHERE
    return Place.START if rule.finder.prefix else Place.END if rule.finder.suffix else Place.EITHER_END


def _blocks(rule: Rule) -> list[tuple[Role, Patterns]]:
    """Return the blocks of patterns of a rule in a fixed order: those of its finder, then the fingerprint."""
    blocks: list[tuple[Role, Patterns]] = []
    match rule.finder:
        case Keep(patterns):
            blocks = [(Role.KEEP, patterns)]
        case SpanOf(patterns):
            blocks = [(Role.SPAN, patterns)]
        case LineOf(patterns):
            blocks = [(Role.COVER, patterns)]
        case Lines(items):
            blocks = [(Role.COVER, item.patterns) for item in items if isinstance(item, Item)]
        case Block(start, end):
            blocks = [(Role.COVER, start), (Role.COVER, end)]
        case Repeat(_, prefix, suffix, without):
            blocks = [(Role.HINT, prefix or suffix or without)]
        case Region(comments=comments):
            blocks = [(Role.COVER, comments)]
    return [*blocks, (Role.FINGERPRINT, rule.guards.fingerprint)]


def _host_of(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").lower()
    except ValueError:
        return ""


def _is_from(host: str, sites: Iterable[str]) -> bool:
    return any(host == site or host.endswith(f".{site}") for site in sites)


def _joined(text: str, cuts: Sequence[Span]) -> list[Span]:
    """Join pieces, sorted and disjoint, between which there is nothing but white space."""
    joined: list[Span] = []
    for cut in cuts:
        if joined and not text[joined[-1].end : cut.start].strip():
            joined[-1] = Span(joined[-1].start, cut.end)
        else:
            joined.append(cut)
    return joined


def _with_space(text: str, cut: Span) -> Span:
    """Widen a piece by the white space that its removal would leave doubled, or hanging at the end of the line."""
    start, end = cut
    if start > 0 and not text[start - 1].isspace():
        return cut
    while end < len(text) and text[end].isspace():
        end += 1
    while end == len(text) and start > 0 and text[start - 1].isspace():
        start -= 1
    return Span(start, end)

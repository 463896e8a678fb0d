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
from functools import cached_property, reduce
from itertools import accumulate, chain, count, product, repeat
from operator import or_
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
    AnyLines,
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
    Where,
    selects,
)

__all__ = ["Condition", "Found", "GaveUpError", "Group", "Program", "Reading", "Role", "Sorted", "Variant"]

TIME_LIMIT = 10.0
"""Seconds that one rule may spend on one document."""

MOST_ROUNDS = 50
"""Times that `span` rules may find something new in what is left of a line."""

_SHORT = 80
_MOST_KNOWN = 50_000

_MANY = 1000
"""Patterns from which on it pays to keep what is known of them."""

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
    patterns: Sequence[Pattern]


Found = tuple[int, int, int, bool, tuple[int, ...]]
"""A piece of the original text, from its start to its end, which is negative; the number of the rule that found it;
whether it is overlapped; and other rules as evidence. Sorted, these are in the order of precedence.

Not a named tuple, because a page has hundreds of them, and those are made and sorted in several times the time.
"""


class Condition(NamedTuple):
    """What a rule of lines asks of the rest of the text; rules with the same one go together."""

    where: Where | None
    """None is anywhere."""
    beside: tuple[tuple[int, int], ...]
    """Pairs of signals of which it needs one: to be had right above it, or right below."""
    score: int | None


class Group(NamedTuple):
    """Rules that find a line by itself and ask the same of its neighbours, so that one look does for all of them."""

    rules: tuple[int, ...]
    condition: Condition
    asks: bool
    """Whether they ask anything of other lines."""
    signals: int
    """What they tell others when they remove a line."""
    acts: bool
    """Not on trial."""
    guarded: bool
    """Some ask something of the line itself."""


class Sorted(NamedTuple):
    """What fits a line."""

    lines: tuple[Group, ...]
    """The rules that find it by itself."""
    others: tuple[int, ...]
    """The slots of all other rules."""


class Variant(NamedTuple):
    """A sequence without its optional members, or with them: slots, and gaps between them and at its ends."""

    leading: AnyLines | None
    first: int
    rest: tuple[int | AnyLines, ...]
    plain: tuple[int, ...] | None
    """The rest, if there is no gap at all."""


class Program:
    """A rule set made ready for matching."""

    def __init__(self, rules: RuleSet, *, prefilter: bool = True) -> None:
        self.rules = rules
        self.slots, self.slots_of = _slots(rules)
        sizes = [len(slot.patterns) for slot in self.slots]
        self.slot_of = [*chain.from_iterable(map(repeat, range(len(sizes)), sizes))]
        """The slot of each pattern; patterns are numbered slot by slot."""
        self._first = [*accumulate(sizes, initial=0)]
        """The first pattern of each slot."""
        bits, self.signals = _signals(rules)
        self.regions = tuple(number for number, rule in enumerate(rules) if isinstance(rule.finder, Region))
        self.formal = frozenset(number for number, rule in enumerate(rules) if _goes_by_form(rule.finder))
        """The rules that may find something without any of the patterns."""
        self.conditions = [_condition(rule, bits) for rule in rules]
        """For each rule what it asks of other lines."""
        kinds: dict[tuple[Condition, bool], int] = {}
        self._lines = {
            self.slots_of[number][0]: (number, kinds.setdefault((self.conditions[number], rule.trial), len(kinds)))
            for number, rule in enumerate(rules)
            if isinstance(rule.finder, LineOf)
        }
        """By slot the rules that find one line, and a number that those have in common that go together."""
        self.of_one_line = frozenset(number for number, _ in self._lines.values())
        self._sorted: dict[frozenset[int], Sorted] = {}
        self.guarded = frozenset(n for n, rule in enumerate(rules) if _looks_at_form(rule.guards))
        """The rules that ask something of a line besides their patterns."""
        self.waiting = frozenset(number for number, condition in enumerate(self.conditions) if condition.beside)
        """The rules that act only beside what others remove."""
        self.asking = frozenset(
            n for n, condition in enumerate(self.conditions) if condition.where is not None or condition.beside
        )
        """The rules that ask anything of other lines."""
        self.trials = frozenset(number for number, rule in enumerate(rules) if rule.trial)
        self._asked = [tuple(above | below for above, below in condition.beside) for condition in self.conditions]
        self.by_form_alone = any(not self._asked[number] for number in self.formal)
        """Whether any rule may be the first to act on a text that fits none of the patterns."""
        self.sited = [number for number, rule in enumerate(rules) if rule.guards.site]
        self._without_slots = frozenset(n for n, rule in enumerate(rules) if isinstance(rule.finder, Keep | Region))
        """The rules that find nothing by their slots: those protect lines, or mark some."""
        self.unsettled = frozenset(n for n, slot in enumerate(self.slots) if slot.role in _SETTLING)
        """The slots that may protect a line, take something out of it, or switch rules on."""
        places = [_place(slot.role, rules[slot.rule]) for slot in self.slots]
        placed = ((p, place) for slot, place in zip(self.slots, places, strict=True) for p in slot.patterns)
        made_from = [rule.digest for rule in rules] if len(self.slot_of) >= _MANY else []
        self.filter: Filter = LiteralFilter(placed, made_from) if prefilter else EveryLine(len(self.slot_of))
        self._prefilter = prefilter
        self._filters: dict[Patterns, Filter] = {}
        self._needed = [frozenset(_needed(r.finder, slots)) for r, slots in zip(rules, self.slots_of, strict=True)]
        self.variants = {
            number: tuple(_variants(rule.finder.items, self.slots_of[number]))
            for number, rule in enumerate(rules)
            if isinstance(rule.finder, Lines)
        }
        """The sequences that each rule of sequences finds."""
        self.may_be_first = frozenset(n for n in range(len(rules)) if not self._asked[n]) - self._without_slots
        """The rules that may act where nothing is gone yet."""
        self._trials: dict[int, tuple[str | None, Callable[..., object] | None]] = {}
        self.known: dict[str, frozenset[int]] = {}
        """The slots that fit short lines seen before, which are often those of every page of a site."""
        self._fitting: dict[frozenset[int], frozenset[int]] = {}
        """Each set of them once."""

    def pattern(self, number: int) -> Pattern:
        """Return a pattern by its number."""
        slot = self.slot_of[number]
        return self.slots[slot].patterns[number - self._first[slot]]

    def trial(self, pattern: int) -> tuple[str | None, Callable[..., object] | None]:
        """Return how a pattern that must cover a line is tried: by the key of the line, if it has one, or a matcher."""
        known = self._trials.get(pattern)
        if known is None:
            one = self.pattern(pattern)
            known = (None, None)
            if self.slots[self.slot_of[pattern]].role is Role.COVER:
                known = key_of_phrase(one), None
                if known[0] is None:
                    known = None, covering(one).fullmatch
            self._trials[pattern] = known
        return known

    def remember(self, text: str, slots: frozenset[int]) -> None:
        """Remember which slots fit a short line."""
        if len(self.known) >= _MOST_KNOWN:
            self.known.clear()
            self._fitting.clear()
        # Most lines fit the same few, and a set takes more memory than a line.
        self.known[text] = self._fitting.setdefault(slots, slots)

    def filter_of(self, patterns: Patterns) -> Filter:
        """Return a filter for patterns that are in no slot, since they are seldom asked for, and then on many lines."""
        if patterns not in self._filters:
            placed = ((pattern, Place.ANYWHERE) for pattern in patterns)
            self._filters[patterns] = LiteralFilter(placed) if self._prefilter else EveryLine(len(patterns))
        return self._filters[patterns]

    def able(self, slots: Set[int], acted: Iterable[int] = ()) -> set[int]:
        """Return the rules that may find something in a text, given the slots that fit its lines.

        These have all that they need there. A rule that acts only beside what others remove needs one of those too,
        or one that has `acted`, and a region needs any rule at all.
        """
        named = {self.slots[slot].rule for slot in slots} - self._without_slots
        having = self.formal.union(rule for rule in named if self.has_all(rule, slots))
        able = {rule for rule in having if not self._asked[rule]}
        fresh = able.union(acted)
        if fresh:
            able.update(self.regions)
            fresh.update(self.regions)
        waiting = having - able
        news = 0
        while waiting and fresh:
            for rule in fresh:
                news |= self.signals[rule]
            fresh = {rule for rule in waiting if all(map(news.__and__, self._asked[rule]))}
            able |= fresh
            waiting -= fresh
        return able

    def has_all(self, rule: int, slots: Set[int]) -> bool:
        """Say whether all that a rule needs to find anything is among the slots that fit lines of a text."""
        return self._needed[rule] <= slots

    def sorted_slots(self, slots: frozenset[int]) -> Sorted:
        """Sort what fits a line."""
        known = self._sorted.get(slots)
        if known is None:
            groups: dict[int, list[int]] = {}
            for rule, kind in (self._lines[slot] for slot in slots if slot in self._lines):
                groups.setdefault(kind, []).append(rule)
            others = tuple(slot for slot in slots if slot not in self._lines)
            known = Sorted(tuple(self.group(tuple(rules)) for _, rules in sorted(groups.items())), others)
            if len(self._sorted) >= _MOST_KNOWN:
                self._sorted.clear()
            self._sorted[slots] = known
        return known

    def group(self, rules: tuple[int, ...]) -> Group:
        """Return rules that ask the same of other lines as a group."""
        signals = reduce(or_, map(self.signals.__getitem__, rules))
        first = rules[0]
        acts, guarded = first not in self.trials, not self.guarded.isdisjoint(rules)
        return Group(rules, self.conditions[first], first in self.asking, signals, acts, guarded)

    def asked_of(self, rules: Iterable[int]) -> int:
        """Return the signals that some of the rules ask for."""
        return reduce(or_, chain.from_iterable(map(self._asked.__getitem__, rules)), 0)


class Reading:
    """One document being read: the sites it is known to be from, and the time that each rule has spent on it."""

    def __init__(self, program: Program, document: Document) -> None:
        self.program = program
        self.spans: list[Found] = []
        """What the `span` rules found so far."""
        self._document = document
        self._spent: defaultdict[int, float] = defaultdict(float)
        self._able: tuple[frozenset[int], frozenset[int], set[int]] | None = None

    @cached_property
    def _inactive(self) -> set[int]:
        """The rules of sites that the document is not known to be from."""
        host, program = _host_of(self._document.url), self.program
        return {number for number in program.sited if not _is_from(host, program.rules[number].guards.site)}

    def active(self, rule: int) -> bool:
        """Say whether a rule may act on this document, as far as `site` goes."""
        return rule not in self._inactive

    def active_among(self, rules: set[int]) -> set[int]:
        """Return those of the rules that are active."""
        return rules - self._inactive

    def able(self, slots: frozenset[int], acted: frozenset[int] = frozenset()) -> set[int]:
        """Return what the program says, and remember it: the first pass asks the same again."""
        if self._able is None or self._able[:2] != (slots, acted):
            self._able = slots, acted, self.program.able(slots, acted)
        return self._able[2]

    def scan(self, rows: Iterable[Row], hits: Hits) -> None:
        """Find the slots that fit each row: of the patterns that `hits` names for its line, and of those to be
        tried on every line.
        """
        always = self.program.filter.always
        for row in rows:
            if always or row.number in hits:
                row.slots = self.fitting(row.text, hits.get(row.number, ()))

    def settle(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Decide which rows are protected, and take out what `span` rules find in the others until none matches."""
        unsettled = self.program.unsettled
        found = {row.number for row in rows if row.slots and not row.slots.isdisjoint(unsettled)}
        if not found:
            return rows
        for row in rows:
            if row.number in found:
                self._learn_sites(row.slots)
        return [self._settle_row(row) if row.number in found else row for row in rows]

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
            self.program.remember(text, fitting)
        return fitting

    def tried(self, text: str, patterns: Iterable[int]) -> frozenset[int]:
        """Return the slots that fit a stripped text, among those of the patterns."""
        program = self.program
        fitting: set[int] = set()
        key, keyed = None, len(text) > _SHORT
        for number in patterns:
            slot = program.slot_of[number]
            if slot in fitting:
                continue
            wanted, matcher = program.trial(number)
            if wanted is not None and not keyed:
                key, keyed = key_of_line(text), True  # Most lines need none, and it takes as long as a try.
            if wanted is not None and key is not None:
                fits = wanted == key
            elif matcher is not None:
                fits = self._timed(program.slots[slot].rule, matcher, text) is not None
            else:
                fits = self._fits_slot(program.slots[slot], program.pattern(number), text)
            if fits:
                fitting.add(slot)
        return frozenset(fitting)

    def covers(self, rule: int, patterns: Patterns, text: str) -> bool:
        """Say whether one of the patterns of a rule covers all of a text."""
        return any(self._covers(rule, pattern, text.strip()) for pattern in patterns)

    def begins(self, rule: int, pattern: Pattern, text: str) -> bool:
        """Say whether a text begins with what a pattern covers."""
        return self._timed(rule, covering(pattern).match, text) is not None

    def occurs(self, rule: int, patterns: Iterable[Pattern], text: str) -> bool:
        """Say whether one of the patterns of a rule matches anywhere in a text."""
        return any(self._timed(rule, anywhere(p).search, text) is not None for p in patterns)

    def candidates(self, patterns: Patterns, rows: Sequence[Row]) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield which of the rows some of the patterns may match, with the places of these among the patterns."""
        chosen = self.program.filter_of(patterns)
        hits = chosen.lines_of("\n".join([row.text for row in rows]))
        for at in range(len(rows)) if chosen.always else hits:
            yield at, (*chosen.always, *hits.get(at, ()))

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
                self.spans += (self._found(row, *one) for one in tried)
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
            self.spans.append(self._found(row, start, minus_end, rule, overlapped=overlapped))
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

    @staticmethod
    def _found(row: Row, start: int, minus_end: int, rule: int, *, overlapped: bool = False) -> Found:
        part = row.part(start, -minus_end)
        return part.start, -part.end, rule, overlapped, ()

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


def _looks_at_form(guards: Guards) -> bool:
    return guards.words is not None or guards.sentence is not None or bool(guards.unless)


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


def _variants(items: Sequence[Item | AnyLines], slots: Sequence[int]) -> Iterator[Variant]:
    """Yield a sequence with and without each optional member, patterns as slots."""
    numbers = iter(slots)
    choices: list[tuple[tuple[int | AnyLines, ...], ...]] = []
    for item in items:
        if isinstance(item, AnyLines):
            choices.append(((item,),))
        else:
            member = (next(numbers),)
            choices.append((member, ()) if item.optional else (member,))
    for members in dict.fromkeys(tuple(chain.from_iterable(choice)) for choice in product(*choices)):
        leading = members[0] if isinstance(members[0], AnyLines) else None
        first, *rest = members[1:] if leading else members
        if isinstance(first, int):
            slots = tuple(member for member in rest if isinstance(member, int))
            yield Variant(leading, first, tuple(rest), None if leading or len(slots) < len(rest) else slots)


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


def _condition(rule: Rule, bits: Mapping[Selector, int]) -> Condition:
    where = rule.guards.where
    return Condition(None if where is Where.ANYWHERE else where, _beside(rule.guards, bits), rule.score)


def _beside(guards: Guards, bits: Mapping[Selector, int]) -> tuple[tuple[int, int], ...]:
    """Return the bits that a rule with these guards waits for, above and below."""
    if not (guards.after or guards.before or guards.near):
        return ()
    after, before, near = (
        sum(bits[selector] for selector in set(group)) for group in (guards.after, guards.before, guards.near)
    )
    return tuple(pair for pair in ((after, 0), (0, before), (near, near)) if any(pair))


def _place(role: Role, rule: Rule) -> Place:
    if role is Role.COVER:
        return Place.WHOLE
    if role is not Role.HINT or not isinstance(rule.finder, Repeat):
        return Place.ANYWHERE
    return Place.START if rule.finder.prefix else Place.END if rule.finder.suffix else Place.EITHER_END


def _slots(rules: RuleSet) -> tuple[list[Slot], list[list[int]]]:
    """Return the slots of all rules, and for each rule the numbers of its own, block by block; equal ones are one."""
    slots: list[Slot] = []
    slots_of: list[list[int]] = []
    for number, rule in enumerate(rules):
        blocks = _blocks(rule)
        distinct = [block for at, block in enumerate(blocks) if block not in blocks[:at]]
        slots_of.append([len(slots) + distinct.index(block) for block in blocks])
        slots += [Slot(number, role, patterns) for role, patterns in distinct]
    return slots, slots_of


def _blocks(rule: Rule) -> list[tuple[Role, Sequence[Pattern]]]:
    """Return the blocks of patterns of a rule in a fixed order: those of its finder, then the fingerprint."""
    blocks: list[tuple[Role, Sequence[Pattern]]] = []
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
    return [*blocks, (Role.FINGERPRINT, rule.guards.fingerprint)] if rule.guards.fingerprint else blocks


def _host_of(url: str | None) -> str:
    try:
        return (urlsplit(url).hostname or "").lower() if url else ""
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

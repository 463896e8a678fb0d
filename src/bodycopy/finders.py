"""What each kind of finder may remove, as tasks for the fixed point.

A task checks first what can never change (forms, patterns, what is where), then waits for what can: that other
lines go. Where a sequence, a repeat or a block looks for "the next line that is …", that line is chosen by form
alone, so the choice never depends on what is gone, only whether the way to it is free.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import groupby, product
from typing import cast

from bodycopy import form
from bodycopy.fixpoint import Event, Happening, Measures, State, Task
from bodycopy.matcher import Found, Reading
from bodycopy.model import Span
from bodycopy.page import Marks, Page
from bodycopy.repeats import Repeats
from bodycopy.rows import Row
from bodycopy.rules import (
    AnyLines,
    Block,
    Item,
    LineOf,
    Lines,
    Of,
    Region,
    Repeat,
    Rule,
    Shape,
    SpanOf,
    Where,
)
from bodycopy.runs import Runs

__all__ = ["Finders"]

ENOUGH = 100
"""Hundredths of weak evidence that remove a line, as SpamAssassin adds up its tests."""

REACH = 20
"""Lines that a sequence may pass over between two of its members, because they are gone."""

Condition = Generator[Iterable[Event], None, bool]
Step = int  # 1 downwards, -1 upwards
Variant = tuple[int | AnyLines, ...]  # a sequence without its optional members, or with them: slots and gaps


class Finders:
    """Everything that the line rules may find in the rows of one pass."""

    def __init__(self, rows: Sequence[Row], reading: Reading) -> None:
        self.rows = rows
        self.reading = reading
        self.rules = reading.program.rules
        self.measures = Measures(rows)
        self.state = State(self.measures, reading.program.signals)
        self.found: list[Found] = []
        self._evidence: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self._covered: dict[tuple[int, int], int] = {}
        self._open = [not (row.kept or row.spent_by) for row in rows]
        self._places = self._places_of_slots()
        spent_by = frozenset[int]().union(*(row.spent_by for row in rows))
        self._able = reading.program.able(self._places.keys(), spent_by)

    def run(self) -> None:
        """Remove what the rules remove; what they find is then in `found`, what goes in `state.gone`."""
        for number, row in enumerate(self.rows):
            if row.spent_by:
                for rule in sorted(row.spent_by):
                    self.state.drop(number, rule)
        self._spawn_all(trial=False)
        self.state.run()
        self._cut_regions()
        self.state.run()
        self.state.close()
        self._spawn_all(trial=True)
        self.state.run()
        self._note_blocks()
        self.found += self._weighed()

    def is_last(self) -> bool:
        """Say whether another pass, over the rows that are left, is sure to find nothing new.

        A rule of one line that did not act now will not act then: the rows that are gone are no longer there, and
        nothing else that it asks for changes. Of any other rule that may be so, but is not known. A region is cut only
        where another rule removes something.
        """
        gone = self.state.gone
        standing = {slot for slot, rows in self._places.items() if not all(gone[row] for row in rows)}
        able = self.reading.program.able(standing)
        return (
            self.measures.has_edges  # A text that loses all of its little prose gets a head and a tail.
            and all(isinstance(self.rules[rule].finder, LineOf | SpanOf | Region) for rule in able)
        )

    def _places_of_slots(self) -> dict[int, list[int]]:
        """For each slot the rows that it fits, in order; protected rows are seen by no rule."""
        places: dict[int, list[int]] = {}
        for number, row in enumerate(self.rows):
            if self._open[number]:
                for slot in row.slots:
                    places.setdefault(slot, []).append(number)
        return places

    def _spawn_all(self, *, trial: bool) -> None:
        for number in sorted(self._able):
            rule = self.rules[number]
            if rule.trial is trial and self.reading.active(number):
                for task in self._tasks(number, rule):
                    self.state.spawn(task)
                    self.state.run()  # Most tasks end at once; a million that wait for their turn take a gigabyte.

    def _tasks(self, number: int, rule: Rule) -> Iterator[Task]:
        slots = self.reading.program.slots_of[number]
        match rule.finder:
            case LineOf():
                fitting = (row for row in self._places.get(slots[0], ()) if self._fits(number, row))
                yield from self._lines(number, fitting)
            case Lines(items):
                yield from self._sequences(number, items, slots)
            case Block():
                yield from self._blocks(number, rule.finder, slots)
            case Shape():
                yield from self._shapes(number, rule.finder)
            case Repeat():
                yield from self._repeated(number, rule.finder, slots[0])

    def _fits(self, rule: int, row: int) -> bool:
        return self.reading.fits(rule, self.rows[row])

    # What can become true while lines go.

    def _unmet(self, rule: int, first: int, last: int) -> list[Event] | None:
        """Return what a rule waits for before it may act on the rows from first to last; None if it never may."""
        where = self.rules[rule].guards.where
        if where is not Where.ANYWHERE:
            if not self.measures.has_edges:
                return None
            if not self.state.in_place(where, first, last):
                return _place_events(where, first, last)
        for above, below in self.reading.program.beside[rule]:
            if not (self.state.above[first] & above or self.state.below[last] & below):
                events = [(Happening.NEWS_ABOVE, first)] if above else []
                return events + ([(Happening.NEWS_BELOW, last)] if below else [])
        return []

    def _guarded(self, rule: int, first: int, last: int) -> Condition:
        """Wait until the guards of a rule let it act on the rows from first to last; False if they never will."""
        while events := self._unmet(rule, first, last):
            yield events
        return events is not None

    def _free(self, rows: Iterable[int]) -> Generator[Iterable[Event], None, None]:
        """Wait until the rows are gone."""
        for row in rows:
            while not self.state.gone[row]:
                yield [(Happening.GONE, row)]

    # One line.

    def _line(self, rule: int, row: int) -> Iterable[Event]:
        """Remove a line if the guards let a rule do so now, or return what it waits for; nothing if it never may."""
        self.state.steps += 1
        unmet = self._unmet(rule, row, row)
        if unmet is None:
            return ()
        if not unmet:
            self._remove_line(rule, row)
        return unmet

    def _lines(self, rule: int, rows: Iterable[int]) -> Iterator[Task]:
        """Remove lines, and yield a task for each that has to wait."""
        for row in rows:
            if self._line(rule, row):
                yield _WaitingLine(self, rule, row)

    def _remove_line(self, rule: int, row: int) -> None:
        score = self.rules[rule].score
        if score is None or self.rules[rule].trial:
            self._remove(rule, [row])
            return
        evidence = self._evidence[row]
        evidence[rule] = score
        if sum(evidence.values()) >= ENOUGH:
            for known in evidence:
                self.state.drop(row, known)

    def _remove(self, rule: int, members: Sequence[int]) -> None:
        """Note what a rule found, and let it go unless the rule is on trial."""
        self._note(rule, members)
        if not self.rules[rule].trial:
            for row in members:
                self.state.drop(row, rule)

    def _note(self, rule: int, members: Sequence[int]) -> None:
        """Note a match for each run of neighbours."""
        if len(members) == 1:
            self.found.append(Found(rule, self.rows[members[0]].span))
            return
        for _, run in groupby(enumerate(members), lambda pair: pair[1] - pair[0]):
            rows = [row for _, row in run]
            self.found.append(Found(rule, Span(self.rows[rows[0]].span.start, self.rows[rows[-1]].span.end)))

    def _weighed(self) -> Iterator[Found]:
        """Yield what weak evidence removed, in the name of the heaviest rule."""
        for row, evidence in sorted(self._evidence.items()):
            if sum(evidence.values()) >= ENOUGH:
                heaviest, *others = sorted(evidence, key=lambda rule: (-evidence[rule], rule))
                yield Found(heaviest, self.rows[row].span, tuple(others))

    # A sequence of lines.

    def _sequences(self, rule: int, items: Sequence[Item | AnyLines], slots: Sequence[int]) -> Iterator[Task]:
        for variant in _variants(items, slots):
            leading = variant[0] if isinstance(variant[0], AnyLines) else None
            anchor, *rest = variant[1:] if leading else variant
            for row in self._places.get(anchor, ()) if isinstance(anchor, int) else ():
                if self._fits(rule, row):
                    yield self._sequence(rule, leading, rest, row)

    def _sequence(self, rule: int, leading: AnyLines | None, rest: Sequence[int | AnyLines], row: int) -> Task:
        members, gap = [row], cast("AnyLines | None", None)
        for member in rest:
            if isinstance(member, AnyLines):
                gap = member
            elif not (yield from self._next_member(members, member, gap)):
                return
            else:
                gap = None
        ends = [(leading, -1), (gap, 1)]
        self.state.spawn(self._grown(rule, members, [(any_lines, step) for any_lines, step in ends if any_lines]))

    def _next_member(self, members: list[int], slot: int, gap: AnyLines | None) -> Condition:
        """Add the next row that the slot fits once the way to it is free; False if there is none in reach."""
        low, high = (gap.low, gap.high) if gap else (0, 0)
        last, between = members[-1], list[int]()
        for row in range(last + 1, min(last + high + REACH + 2, len(self.rows))):
            if len(between) >= low and slot in self.rows[row].slots and self._open[row]:
                break
            between += [row] * self._open[row]
        else:
            return False
        yield from self._free(r for r in between if gap is None or self.measures.stops[r])
        while len(standing := [r for r in between if not self.state.gone[r]]) > high:
            yield [(Happening.GONE, r) for r in standing]
        members += [*(between if gap else ()), row]
        return True

    def _grown(self, rule: int, members: list[int], gaps: list[tuple[AnyLines, Step]]) -> Task:
        """Grow a sequence at its ends by the lines that `any` allows; every length counts."""
        if not gaps:
            if (yield from self._guarded(rule, members[0], members[-1])):
                self._remove(rule, members)
            return
        (gap, step), *others = gaps
        taken: list[int] = []
        if gap.low == 0:
            self.state.spawn(self._grown(rule, members, others))
        at = members[0] if step < 0 else members[-1]
        for row in range(at + step, at + step * (gap.high + REACH + 1), step):
            if not 0 <= row < len(self.rows) or len(taken) == gap.high:
                return
            if self._open[row]:
                yield from self._free([row] if self.measures.stops[row] else [])
                taken.append(row)
                if len(taken) >= gap.low:
                    self.state.spawn(self._grown(rule, sorted([*members, *taken]), others))

    # From one line to another.

    def _blocks(self, rule: int, block: Block, slots: Sequence[int]) -> Iterator[Task]:
        share = self.rules[rule].guards.share or 0.0
        starts = [
            row
            for row in self._places.get(slots[0], ())
            if self.measures.share_above(row) >= share and self._fits(rule, row)
        ]
        if not block.end:
            yield self._nested(rule, block, starts[::-1], len(self.rows) - 1)
            return
        for end, group in _by_end(starts, self._places.get(slots[1], ())).items():
            yield self._nested(rule, block, group[::-1], end if block.with_end else end - 1)

    def _nested(self, rule: int, block: Block, starts: Sequence[int], last: int) -> Task:
        """Let the blocks that share an end go on, nearest start first, as soon as few enough of their lines stand."""
        standing, counted, unwatched = 0, last + 1, list[int]()
        for start in starts:
            if block.max_lines is not None:
                fresh = [row for row in range(start, counted) if self._open[row] and not self.state.gone[row]]
                standing, counted, unwatched = standing + len(fresh), start, unwatched + fresh
                while standing > block.max_lines:
                    yield [(Happening.GONE, row) for row in unwatched]
                    unwatched = []
                    standing -= 1
            self.state.spawn(self._block(rule, block, start, last))

    def _block(self, rule: int, block: Block, start: int, last: int) -> Task:
        # A block to the end of the text has nothing below it: its place is that of its first line.
        if (yield from self._guarded(rule, start, last if block.end else start)):
            until = self._covered.get((rule, last), last + 1)
            self._covered[rule, last] = min(start, until)
            if not self.rules[rule].trial:
                for row in range(start, until):
                    if self._open[row]:
                        self.state.drop(row, rule)

    def _note_blocks(self) -> None:
        for (rule, last), first in self._covered.items():
            self._note(rule, [row for row in range(first, last + 1) if self._open[row]])

    # Lines by their form.

    def _shapes(self, rule: int, shape: Shape) -> Iterator[Task]:
        fitting = [
            number
            for number, row in enumerate(self.rows)
            if self._open[number] and self._has_shape(shape, row) and self._fits(rule, number)
        ]
        runs = Runs(fitting, shape.run)
        yield from self._lines(rule, runs.long_enough())
        for left, gap in enumerate(runs.gaps()):
            yield self._bridge(rule, runs, left, gap)

    def _has_shape(self, shape: Shape, row: Row) -> bool:
        text = row.text
        return (
            not form.ends_unmarked(text)
            and (shape.words is None or row.words in shape.words)
            and (shape.sentence is None or form.ends_sentence(text) == shape.sentence)
            and (shape.bullet is None or form.has_bullet(text) == shape.bullet)
            and (shape.capitals is None or form.share_of_capitals(text) in shape.capitals)
            and (shape.digits is None or form.share_of_digits(text) in shape.digits)
            and (not shape.other_indent or form.indent_of(text) != self.measures.body_indent)
        )

    def _bridge(self, rule: int, runs: Runs, left: int, gap: range) -> Task:
        """Join two runs once what stands between them is gone."""
        yield from self._free(gap)
        for task in self._lines(rule, runs.join(left, left + 1)):
            self.state.spawn(task)

    # A line that repeats another.

    def _repeated(self, rule: int, repeat: Repeat, slot: int) -> Iterator[Task]:
        hinted = self._places.get(slot, ())
        if not hinted and rule not in self.reading.program.formal:
            return
        for found, other in self._repeats.pairs(rule, repeat, hinted):
            if self._fits(rule, found):
                yield self._repeat(rule, repeat.of, found, other)

    @cached_property
    def _repeats(self) -> Repeats:
        return Repeats(self.rows, self._open, self.reading)

    def _repeat(self, rule: int, of: Of, found: int, other: int) -> Task:
        if of is Of.HEAD:
            if not self.measures.has_edges:
                return
            while not self.state.in_place(Where.HEAD, other, other):
                yield _place_events(Where.HEAD, other, other)
        elif of in (Of.ABOVE, Of.BELOW):
            yield from self._free(range(min(found, other) + 1, max(found, other)))
        while events := self._line(rule, found):
            yield events

    # What stands around the article of a whole page.

    def _cut_regions(self) -> None:
        """Remove what stands around the article, in a text that is a whole page.

        That is measured once in a pass, when the other rules have come to their end. What they removed then no longer
        depends on the order of work, so the region does not either; what it removes may let them go on.
        """
        numbers = [number for number in self.reading.program.regions if self.reading.active(number)]
        if not (numbers and any(self.state.gone)):
            return
        kinds = len({self.rules[number].category for number in self.state.acted})
        outside = [(number, self._around(number, kinds)) for number in numbers]
        for number, rows in outside:
            if rows:
                self._remove(number, rows)

    def _around(self, number: int, kinds: int) -> list[int]:
        """Return the rows that stand around the article, as one rule sees it."""
        region = self.rules[number].finder
        assert isinstance(region, Region)
        page = Page(self.rows, self.state.gone, kinds)
        if not page.may_be(region.page):
            return []
        slot = self.reading.program.slots_of[number][0]
        comments = frozenset(self._places.get(slot, ()))
        dated, addressed = (
            self.reading.occurring(number, patterns, self.rows) for patterns in (region.dates, region.addresses)
        )
        marks = Marks(comments, dated, addressed)
        return [row for row in page.around(region, marks) if self._open[row]]


class _WaitingLine:
    """The task of one line: there may be a million that wait, and a generator takes ten times the memory."""

    __slots__ = ("_finders", "_row", "_rule")

    def __init__(self, finders: Finders, rule: int, row: int) -> None:
        self._finders, self._rule, self._row = finders, rule, row

    def __next__(self) -> Iterable[Event]:
        return self._finders._line(self._rule, self._row)

    def __iter__(self) -> Iterator[Iterable[Event]]:
        return self


def _by_end(starts: Sequence[int], ends: Sequence[int]) -> dict[int, list[int]]:
    """Group the starts by the first end after them; a start without one is left out."""
    groups: dict[int, list[int]] = {}
    for start in starts:
        at = bisect_right(ends, start)
        if at < len(ends):
            groups.setdefault(ends[at], []).append(start)
    return groups


def _place_events(where: Where, first: int, last: int) -> list[Event]:
    events: list[Event] = []
    if where is not Where.TAIL:
        events.append((Happening.IN_HEAD, first))
    if where is not Where.HEAD:
        events.append((Happening.IN_TAIL, last))
    return events


def _variants(items: Sequence[Item | AnyLines], slots: Sequence[int]) -> Iterator[Variant]:
    """Yield a sequence with and without each optional member, patterns as slots."""
    numbers = iter(slots)
    choices: list[tuple[Variant, ...]] = []
    for item in items:
        if isinstance(item, AnyLines):
            choices.append(((item,),))
        else:
            member: Variant = (next(numbers),)
            choices.append((member, ()) if item.optional else (member,))
    yield from dict.fromkeys(tuple(m for part in choice for m in part) for choice in product(*choices))

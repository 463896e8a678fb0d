"""What each kind of finder may remove, now or as a task for the fixed point.

What can never change is looked at first (forms, patterns, what is where). What can is that other lines go: an attempt
says what it waits for, and only then is a task. Where a sequence, a repeat or a block looks for "the next line that is
…", that line is chosen by form alone, so the choice never depends on what is gone, only whether the way to it is free.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress, groupby, pairwise
from typing import Any, cast

from bodycopy import form
from bodycopy.fixpoint import GONE, IN_HEAD, IN_TAIL, NEWS_ABOVE, NEWS_BELOW, Event, Measures, State, Task
from bodycopy.matcher import Condition, Found, Group, Reading, Sorted, Variant
from bodycopy.page import DATED_WORDS, Marks, Page
from bodycopy.repeats import Repeats
from bodycopy.rows import Row
from bodycopy.rules import (
    AnyLines,
    Block,
    Finder,
    LineOf,
    Lines,
    Of,
    Region,
    Repeat,
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

Events = Sequence[Event]
Attempt = Callable[..., Events]
Met = Generator[Iterable[Event], None, bool]
Step = int  # 1 downwards, -1 upwards


class Finders:
    """Everything that the line rules may find in the rows of one pass."""

    def __init__(self, rows: Sequence[Row], reading: Reading) -> None:
        self.rows = rows
        self.reading = reading
        self.rules = reading.program.rules
        self.measures = Measures(rows)
        self.state = State(self.measures)
        self.found: list[Found] = []
        self.acted: set[int] = set()
        """The rules that removed a row, or would have if another had not been first."""
        self._evidence: defaultdict[int, dict[int, int]] = defaultdict(dict)
        self._covered: dict[tuple[int, int], int] = {}
        self._open = [not (row.kept or row.spent_by) for row in rows]
        self._marked = [number for number, row in enumerate(rows) if row.slots and self._open[number]]
        """The rows that anything fits and that rules may see."""
        spent_by = frozenset[int]().union(*[row.spent_by for row in rows if row.spent_by])
        self._able = reading.active_among(reading.able(self._slots_of(self._marked), spent_by))
        self._asked = reading.program.asked_of(self._able)
        self._groups: dict[tuple[int, ...], Group] = {}

    def run(self) -> None:
        """Remove what the rules remove; what they find is then in `found`, what goes in `state.gone`."""
        for number, row in enumerate(self.rows):
            for rule in row.spent_by:
                self._drop(rule, (number,))
        self._spawn_all(trial=False)
        self._cut_regions()
        self.state.run()
        self.state.close()
        self._spawn_all(trial=True)
        self._note_blocks()
        self.found += self._weighed()

    def is_last(self) -> bool:
        """Say whether another pass, over the rows that are left, is sure to find nothing new.

        A rule of one line that did not act now will not act then: the rows that are gone are no longer there, and
        nothing else that it asks for changes. Of any other rule that may be so, but is not known. A region is cut only
        where another rule removes something, and what acts beside what others remove is never the first to act.
        """
        standing = self._slots_of(row for row in self._marked if not self.state.gone[row])
        program = self.reading.program
        first = self.reading.able(standing) - program.waiting
        return all(isinstance(self.rules[rule].finder, LineOf | SpanOf | Region) for rule in first) and (
            # A text that loses all of its little prose gets a head and a tail.
            first.isdisjoint(program.asking) or self.measures.has_edges
        )

    def _slots_of(self, chosen: Iterable[int]) -> frozenset[int]:
        """Return the slots that fit any of the chosen rows."""
        return frozenset().union(*{self.rows[row].slots for row in chosen})

    def _spawn_all(self, *, trial: bool) -> None:
        program = self.reading.program
        chosen = self._able & program.trials if trial else self._able - program.trials
        # Those that need no neighbour first: then others need not wait for what they remove.
        for some in (chosen - program.waiting, chosen & program.waiting):
            if some:
                self._find_lines(some)
                self.state.run()
            for rule in sorted(some - program.of_one_line):
                self._find(rule, self.rules[rule].finder)
                self.state.run()

    def _find(self, rule: int, finder: Finder) -> None:
        slots = self.reading.program.slots_of[rule]
        match finder:
            case Lines():
                self._sequences(rule)
            case Block():
                self._blocks(rule, finder, slots)
            case Shape():
                self._shapes(rule, finder)
            case Repeat():
                self._repeated(rule, finder, slots[0])

    def _spawn(self, task: Task) -> None:
        """Begin with a task at once: a million that wait for their turn take a gigabyte."""
        self.state.spawn(task)
        self.state.run()

    def _attempt(self, attempt: Attempt, *values: Any) -> None:
        """Do what may have to wait: it returns what it waits for, and is tried again then."""
        if events := attempt(*values):
            self.state.wait(_Retried(attempt, values), events)

    def _fits(self, rule: int, row: int) -> bool:
        return self.reading.fits(rule, self.rows[row])

    @cached_property
    def _places(self) -> dict[int, list[int]]:
        """For each slot, but of rules of one line, the rows that it fits, in order; no rule sees protected rows."""
        places: dict[int, list[int]] = {}
        for number, fitting in self._fitting:
            for slot in fitting.others:
                places.setdefault(slot, []).append(number)
        return places

    @cached_property
    def _fitting(self) -> list[tuple[int, Sorted]]:
        """The rows that anything fits, with that."""
        fitting = self.reading.program.sorted_slots
        return [(number, fitting(self.rows[number].slots)) for number in self._marked]

    # What can become true while lines go.

    def _unmet(self, condition: Condition, first: int, last: int) -> Events | None:
        """Return what a rule waits for before it may act on the rows from first to last; None if it never may."""
        where, beside, _ = condition
        if where is not None:
            if not self.measures.has_edges:
                return None
            if not self.state.in_place(where, first, last):
                return _place_events(where, first, last)
        for above, below in beside:
            if not (self.state.above[first] & above or self.state.below[last] & below):
                events = [(NEWS_ABOVE, first)] if above else []
                return events + ([(NEWS_BELOW, last)] if below else [])
        return ()

    def _guarded(self, rule: int, first: int, last: int) -> Met:
        """Wait until the guards of a rule let it act on the rows from first to last; False if they never will."""
        condition = self.reading.program.conditions[rule]
        while events := self._unmet(condition, first, last):
            yield events
        return events is not None

    def _standing(self, rows: Iterable[int]) -> Events:
        """Return what to wait for until rows are gone. From an iterator it takes those that are, and the next one."""
        gone = self.state.gone
        for row in rows:
            if not gone[row]:
                return [(GONE, row)]
        return ()

    def _free(self, rows: Iterable[int]) -> Generator[Iterable[Event], None, None]:
        """Wait until the rows are gone."""
        rows = iter(rows)
        while events := self._standing(rows):
            yield events

    # One line.

    def _find_lines(self, chosen: set[int]) -> None:
        """Let the chosen rules that find a line by itself act."""
        unmet: list[tuple[Group, int]] = []
        for number, fitting in self._fitting:
            for whole in fitting.lines:
                group = self._part(whole, number, chosen)
                if group and self._line(group, number):
                    unmet.append((group, number))
        # Once more upwards: much of what has to wait has been removed below by now, and to wait is work.
        for group, number in reversed(unmet):
            self._attempt(self._line, group, number)

    def _part(self, group: Group, row: int, chosen: set[int]) -> Group | None:
        """Return those rules of a group that are chosen and that a row fits, or None if there are none."""
        rules = group.rules
        if not chosen.issuperset(rules):
            rules = tuple(filter(chosen.__contains__, rules))
        if rules and group.guarded:
            rules = tuple([rule for rule in rules if self._fits(rule, row)])
        return group if len(rules) == len(group.rules) else self._group(rules) if rules else None

    def _group(self, rules: tuple[int, ...]) -> Group:
        known = self._groups.get(rules)
        if known is None:
            known = self._groups[rules] = self.reading.program.group(rules)
        return known

    def _line(self, group: Group, row: int) -> Events:
        """Remove a line if the guards let rules do so now, or return what they wait for; nothing if they never may."""
        self.state.steps += 1
        unmet = self._unmet(group.condition, row, row) if group.asks else ()
        if unmet is None:
            return ()
        if not unmet:
            self._remove_line(group, row)
        return unmet

    def _remove_line(self, group: Group, row: int) -> None:
        if group.condition.score is not None and group.acts:
            self._weigh(group, row)
            return
        start, minus_end = self.rows[row].start, -self.rows[row].end
        self.found += [(start, minus_end, rule, False, ()) for rule in group.rules]
        if group.acts:
            self.acted.update(group.rules)
            self.state.drop(row, group.signals & self._asked)

    def _weigh(self, group: Group, row: int) -> None:
        """Add weak evidence against a line; enough of it removes the line."""
        evidence = self._evidence[row]
        evidence.update(dict.fromkeys(group.rules, group.condition.score or 0))
        if sum(evidence.values()) >= ENOUGH:
            for rule in evidence:
                self._drop(rule, (row,))

    def _remove(self, rule: int, members: Sequence[int]) -> None:
        """Note what a rule found, and let it go unless the rule is on trial."""
        self._note(rule, members)
        if not self.rules[rule].trial:
            self._drop(rule, members)

    def _drop(self, rule: int, members: Iterable[int]) -> None:
        self.acted.add(rule)
        signals = self.reading.program.signals[rule] & self._asked
        for row in members:
            self.state.drop(row, signals)

    def _note(self, rule: int, members: Sequence[int]) -> None:
        """Note a match for each run of neighbours."""
        if members[-1] - members[0] == len(members) - 1:
            self.found.append(self._match(rule, members[0], members[-1]))
            return
        for _, run in groupby(enumerate(members), lambda pair: pair[1] - pair[0]):
            rows = [row for _, row in run]
            self.found.append(self._match(rule, rows[0], rows[-1]))

    def _match(self, rule: int, first: int, last: int, evidence: tuple[int, ...] = ()) -> Found:
        return self.rows[first].start, -self.rows[last].end, rule, False, evidence

    def _weighed(self) -> Iterator[Found]:
        """Yield what weak evidence removed, in the name of the heaviest rule."""
        for row, evidence in sorted(self._evidence.items()):
            if sum(evidence.values()) >= ENOUGH:
                heaviest, *others = sorted(evidence, key=lambda rule: (-evidence[rule], rule))
                yield self._match(heaviest, row, row, tuple(others))

    # A sequence of lines.

    def _sequences(self, rule: int) -> None:
        for variant in self.reading.program.variants[rule]:
            starts = self._places.get(variant.first, ())
            if variant.plain is None:
                for row in starts:
                    if self._fits(rule, row):
                        self._spawn(self._sequence(rule, variant, row))
                continue
            for members in self._chains(starts, variant.plain):
                if self._fits(rule, members[0]):
                    self._attempt(self._plain_sequence, rule, members, self._between(members))

    def _between(self, members: Sequence[int]) -> Iterator[int]:
        """Yield the rows between members that are not protected."""
        for above, below in pairwise(members):
            yield from compress(range(above + 1, below), self._open[above + 1 : below])

    def _chains(self, starts: Iterable[int], slots: Sequence[int]) -> Iterator[list[int]]:
        """Yield with each start the next row in reach that fits the first of the slots, and so on; all have one."""
        columns = [self._places.get(slot, ()) for slot in slots]
        if not all(columns):
            return
        for row in starts:
            members = [row]
            for places in columns:
                at = bisect_right(places, members[-1])
                if at == len(places) or places[at] > members[-1] + REACH + 1:
                    break
                members.append(places[at])
            else:
                yield members

    def _plain_sequence(self, rule: int, members: Sequence[int], between: Iterator[int]) -> Events:
        """Remove a sequence without `any` once all that stands between its members is gone."""
        self.state.steps += 1
        if events := self._standing(between):
            return events
        unmet = self._unmet(self.reading.program.conditions[rule], members[0], members[-1])
        if unmet is None:
            return ()
        if not unmet:
            self._remove(rule, members)
        return unmet

    def _sequence(self, rule: int, variant: Variant, row: int) -> Task:
        members, gap = [row], cast("AnyLines | None", None)
        for member in variant.rest:
            if isinstance(member, AnyLines):
                gap = member
            elif not (yield from self._next_member(members, member, gap)):
                return
            else:
                gap = None
        ends = [(variant.leading, -1), (gap, 1)]
        self.state.spawn(self._grown(rule, members, [(any_lines, step) for any_lines, step in ends if any_lines]))

    def _next_member(self, members: list[int], slot: int, gap: AnyLines | None) -> Met:
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
            yield [(GONE, r) for r in standing]
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

    def _blocks(self, rule: int, block: Block, slots: Sequence[int]) -> None:
        share = self.rules[rule].guards.share or 0.0
        starts = [
            row
            for row in self._places.get(slots[0], ())
            if self.measures.share_above(row) >= share and self._fits(rule, row)
        ]
        if not block.end:
            self._spawn(self._nested(rule, block, starts[::-1], len(self.rows) - 1))
            return
        for end, group in _by_end(starts, self._places.get(slots[1], ())).items():
            self._spawn(self._nested(rule, block, group[::-1], end if block.with_end else end - 1))

    def _nested(self, rule: int, block: Block, starts: Sequence[int], last: int) -> Task:
        """Let the blocks that share an end go on, nearest start first, as soon as few enough of their lines stand."""
        standing, counted, unwatched = 0, last + 1, list[int]()
        for start in starts:
            if block.max_lines is not None:
                fresh = [row for row in range(start, counted) if self._open[row] and not self.state.gone[row]]
                standing, counted, unwatched = standing + len(fresh), start, unwatched + fresh
                while standing > block.max_lines:
                    yield [(GONE, row) for row in unwatched]
                    unwatched = []
                    standing -= 1
            self.state.spawn(self._block(rule, block, start, last))

    def _block(self, rule: int, block: Block, start: int, last: int) -> Task:
        # A block to the end of the text has nothing below it: its place is that of its first line.
        if (yield from self._guarded(rule, start, last if block.end else start)):
            until = self._covered.get((rule, last), last + 1)
            self._covered[rule, last] = min(start, until)
            if not self.rules[rule].trial:
                self._drop(rule, filter(self._open.__getitem__, range(start, until)))

    def _note_blocks(self) -> None:
        for (rule, last), first in self._covered.items():
            self._note(rule, [row for row in range(first, last + 1) if self._open[row]])

    # Lines by their form.

    def _shapes(self, rule: int, shape: Shape) -> None:
        rows = self.rows
        fitting = list(compress(range(len(rows)), self._open))
        for test in self._tests(rule, shape):
            fitting = [number for number in fitting if test(rows[number])]
            if len(fitting) < shape.run:
                return
        group, runs = self._group((rule,)), Runs(fitting, shape.run)
        for row in runs.long_enough():
            self._attempt(self._line, group, row)
        for left, gap in enumerate(runs.gaps()):
            self._attempt(self._bridge, group, runs, left, iter(gap))

    def _bridge(self, group: Group, runs: Runs, left: int, gap: Iterator[int]) -> Events:
        """Join two runs once what stands between them is gone."""
        self.state.steps += 1
        if events := self._standing(gap):
            return events
        for row in runs.join(left, left + 1):
            self._attempt(self._line, group, row)
        return ()

    def _tests(self, rule: int, shape: Shape) -> Iterator[Callable[[Row], bool]]:
        """Yield what a line must be to have a shape, beginning with what is quickly told."""
        if shape.bullet is not None:
            yield lambda row: form.has_bullet(row.text) is shape.bullet
        if (words := shape.words) is not None:
            yield lambda row: row.words in words
        if shape.sentence is not None:
            yield lambda row: form.ends_sentence(row.text) is shape.sentence
        if (digits := shape.digits) is not None:
            yield lambda row: form.share_of_digits(row.text) in digits
        if (capitals := shape.capitals) is not None:
            yield lambda row: form.share_of_capitals(row.text) in capitals
        if shape.other_indent:
            yield lambda row: form.indent_of(row.text) != self.measures.body_indent
        yield lambda row: not form.ends_unmarked(row.text)
        if rule in self.reading.program.guarded:
            yield lambda row: self.reading.fits(rule, row)

    # A line that repeats another.

    def _repeated(self, rule: int, repeat: Repeat, slot: int) -> None:
        hinted = self._places.get(slot, ())
        if not hinted and rule not in self.reading.program.formal:
            return
        group = self._group((rule,))
        for found, other in self._repeats.pairs(rule, repeat, hinted):
            if self._fits(rule, found):
                between = range(min(found, other) + 1, max(found, other)) if repeat.of in (Of.ABOVE, Of.BELOW) else ()
                self._attempt(self._repeat, group, repeat.of, found, other, iter(between))

    @cached_property
    def _repeats(self) -> Repeats:
        return Repeats(self.rows, self._open, self.reading)

    def _repeat(self, group: Group, of: Of, found: int, other: int, between: Iterator[int]) -> Events:
        if of is Of.HEAD:
            if not self.measures.has_edges:
                return ()
            if not self.state.in_place(Where.HEAD, other, other):
                return _place_events(Where.HEAD, other, other)
        return self._standing(between) or self._line(group, found)

    # What stands around the article of a whole page.

    def _cut_regions(self) -> None:
        """Remove what stands around the article, in a text that is a whole page.

        That is measured once in a pass, when the other rules have come to their end. What they removed then no longer
        depends on the order of work, so the region does not either; what it removes may let them go on.
        """
        numbers = [number for number in self.reading.program.regions if self.reading.active(number)]
        if not (numbers and any(self.state.gone)):
            return
        kinds = len({self.rules[number].category for number in self.acted})
        outside = [(number, self._around(number, kinds)) for number in numbers]
        for number, rows in outside:
            if rows:
                self._remove(number, rows)

    def _around(self, number: int, kinds: int) -> list[int]:
        """Return the rows that stand around the article, as one rule sees it."""
        region = self.rules[number].finder
        assert isinstance(region, Region)
        page = Page(self.rows, self.state.gone, kinds)
        if not page.may_be(region):
            return []
        return [row for row in page.around(region, self._marks(number, region)) if self._open[row]]

    def _marks(self, number: int, region: Region) -> Marks:
        slot = self.reading.program.slots_of[number][0]
        dated, addressed = set[int](), set[int]()
        patterns, dates = region.dates + region.addresses, len(region.dates)
        standing = [row for row, gone in enumerate(self.state.gone) if not gone]
        for at, some in self.reading.candidates(patterns, [self.rows[row] for row in standing]):
            row = self.rows[standing[at]]
            of_dates = [patterns[one] for one in some if one < dates]
            if of_dates and row.words <= DATED_WORDS and self.reading.occurs(number, of_dates, row.text):
                dated.add(standing[at])
            if self.reading.occurs(number, [patterns[one] for one in some if one >= dates], row.text):
                addressed.add(standing[at])
        return Marks(frozenset(self._places.get(slot, ())), frozenset(dated), frozenset(addressed))


class _Retried:
    """A task that is one attempt after another: a million may wait, and a generator takes ten times the memory."""

    __slots__ = ("_attempt", "_values")

    def __init__(self, attempt: Attempt, values: tuple[Any, ...]) -> None:
        self._attempt: Attempt | None = attempt
        self._values = values

    def __next__(self) -> Iterable[Event]:
        events = self._attempt(*self._values) if self._attempt else ()
        if not events:
            self._attempt = None  # It may be waited for at two places, and is done.
        return events

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


def _place_events(where: Where, first: int, last: int) -> Events:
    events: list[Event] = []
    if where is not Where.TAIL:
        events.append((IN_HEAD, first))
    if where is not Where.HEAD:
        events.append((IN_TAIL, last))
    return events

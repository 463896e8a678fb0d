"""Whether a text is sure to stay as it is, found out with little work: of articles, most do.

The first rule to remove anything does so while every line stands. So where no rule could be the first, none acts at
all. That asks for less than the fixed point does: a rule for the tail cannot be the first above a line of prose, and
one that acts beside what others remove never is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from bodycopy import form
from bodycopy.matcher import Program, Reading
from bodycopy.prefilter import Hits
from bodycopy.rules import Guards, LineOf, Repeat, SpanOf, Where

__all__ = ["Places", "first_rules", "is_untouched"]

Places = list[tuple[int, int]]
"""Lines, each with the number of a pattern that may match there."""


def first_rules(program: Program, hits: Hits) -> dict[int, Places]:
    """Return the rules that may be the first to act, as far as the filter tells, with the places of their patterns."""
    rules: dict[int, Places] = {}
    slots: set[int] = set()
    for line, patterns in hits.items():
        for pattern in patterns:
            slot = program.slot_of[pattern]
            rule = program.slots[slot].rule
            if rule in program.may_be_first:
                slots.add(slot)
                rules.setdefault(rule, []).append((line, pattern))
    return {rule: places for rule, places in rules.items() if program.has_all(rule, slots)}


def is_untouched(reading: Reading, lines: Sequence[str], rules: Mapping[int, Places]) -> bool:
    """Say whether no rule can find anything in a text, given its lines and what `first_rules` returned.

    False says nothing: then the text is to be cleaned.
    """
    outset = _Outset(reading, lines)
    # Those of repeats last: they ask what all lines say, and mostly another one tells it before.
    ordered = sorted(rules, key=lambda rule: isinstance(reading.program.rules[rule].finder, Repeat))
    return not any(outset.allows(rule, rules[rule]) for rule in ordered)


class _Outset:
    """A text of which every line stands."""

    def __init__(self, reading: Reading, lines: Sequence[str]) -> None:
        self._reading = reading
        self._lines = lines
        self._counted: dict[int, int] = {}

    def allows(self, rule: int, places: Places) -> bool:
        """Say whether a rule may act, given the patterns of it that may match."""
        program = self._reading.program
        finder, guards = program.rules[rule].finder, program.rules[rule].guards
        if isinstance(finder, LineOf | SpanOf):
            return any(self._allows_line(guards, line) and self._fitting(line, pattern) for line, pattern in places)
        if isinstance(finder, Repeat):
            return any(self._may_repeat(finder, line) for line, _ in places)
        numbers = [line for line, _ in places]
        if not self._in_place(guards.where, min(numbers), max(numbers)):
            return False
        return program.has_all(rule, frozenset().union(*(self._fitting(*place) for place in places)))

    def _allows_line(self, guards: Guards, line: int) -> bool:
        return (
            (guards.sentence is None or form.ends_sentence(self._lines[line]) == guards.sentence)
            and self._in_place(guards.where, line, line)
            and (guards.words is None or self._words(line) in guards.words)
        )

    def _fitting(self, line: int, pattern: int) -> frozenset[int]:
        """Return the slot of a pattern if it fits a line."""
        return self._reading.tried(self._lines[line].strip(), (pattern,))

    def _may_repeat(self, repeat: Repeat, line: int) -> bool:
        """Say whether a line is cut off, or says what another does and more before or after it."""
        if repeat.cut:
            return form.cut_stem(self._lines[line]) is not None
        said, times = self._said[line], self._times
        if times[said] > 1:
            return True
        # Not line by line: a text may have a million, and as many that are candidates.
        return any(said[:size] in times or said[-size:] in times for size in self._sizes if size < len(said))

    @cached_property
    def _said(self) -> list[str]:
        """What each line says."""
        return [form.same_form(line) for line in self._lines]

    @cached_property
    def _times(self) -> Counter[str]:
        """How often something is said."""
        return Counter(filter(None, self._said))

    @cached_property
    def _sizes(self) -> list[int]:
        """The lengths of what is said."""
        return sorted(set(map(len, self._times)))

    def _words(self, line: int) -> int:
        """Return the words of a line; what finds one line is seldom alone."""
        if line not in self._counted:
            self._counted[line] = form.count_words(self._lines[line])
        return self._counted[line]

    def _in_place(self, where: Where, first: int, last: int) -> bool:
        """Say whether lines may be in the head or the tail, as `State.in_place` does."""
        if where is Where.ANYWHERE:
            return True
        head = where is not Where.TAIL and first <= self._first_stop
        return head or (where is not Where.HEAD and last >= self._last_stop)

    @cached_property
    def _first_stop(self) -> int:
        """The line at which the head ends."""
        return next((number for number, line in enumerate(self._lines) if _stops(line)), len(self._lines))

    @cached_property
    def _last_stop(self) -> int:
        return next((number for number in reversed(range(len(self._lines))) if _stops(self._lines[number])), -1)


def _stops(line: str) -> bool:
    if form.ends_sentence(line) and form.begins_with_words(line, form.PROSE_WORDS):
        return True
    return form.is_prose(line) or form.ends_unmarked(line)

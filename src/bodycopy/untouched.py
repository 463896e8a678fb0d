"""Whether a text is sure to stay as it is, found out with little work: of articles, most do.

The first rule to remove anything does so while every line stands. So where no rule could be the first, none acts at
all. That asks for less than the fixed point does: a rule for the tail cannot be the first above a line of prose, and
one that acts beside what others remove never is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from bodycopy import form
from bodycopy.matcher import Reading
from bodycopy.prefilter import Candidates
from bodycopy.rules import LineOf, Repeat, SpanOf, Where

__all__ = ["is_untouched"]

_Places = list[tuple[int, int]]
"""Lines, each with the number of a pattern that may match there."""


def is_untouched(reading: Reading, lines: Sequence[str], found: Candidates) -> bool:
    """Say whether no rule can find anything in a text, given its lines and what the filter says of them.

    False says nothing: then the text is to be cleaned.
    """
    program = reading.program
    if program.filter.always or program.by_form_alone:
        return False
    of_rule: dict[int, _Places] = {}
    for line, patterns in found.patterns.items():
        for pattern in patterns:
            rule = program.slots[program.patterns[pattern][0]].rule
            if rule in program.may_be_first:
                of_rule.setdefault(rule, []).append((line, pattern))
    outset = _Outset(reading, lines, found)
    return not any(outset.allows(rule, places) for rule, places in of_rule.items())


class _Outset:
    """A text of which every line stands."""

    def __init__(self, reading: Reading, lines: Sequence[str], found: Candidates) -> None:
        self._reading = reading
        self._lines = lines
        self._found = found
        self._counted: dict[int, int] = {}

    def allows(self, rule: int, places: _Places) -> bool:
        """Say whether a rule may act, given the patterns of it that may match."""
        program = self._reading.program
        finder = program.rules[rule].finder
        if isinstance(finder, LineOf | SpanOf):
            return any(self._allows_line(rule, line, pattern) for line, pattern in places)
        if isinstance(finder, Repeat):
            return any(self._found.allow(*place) and self._may_repeat(finder, place[0]) for place in places)
        where = program.rules[rule].guards.where
        numbers = [line for line, _ in places]
        if not program.has_all(rule, {program.patterns[pattern][0] for _, pattern in places}):
            return False
        if not self._in_place(where, min(numbers), max(numbers)):
            return False
        fitting = (self._fitting(line, pattern) for line, pattern in places)
        return program.has_all(rule, frozenset().union(*fitting))

    def _allows_line(self, rule: int, line: int, pattern: int) -> bool:
        guards, text = self._reading.program.rules[rule].guards, self._lines[line]
        return (
            (guards.sentence is None or form.ends_sentence(text) == guards.sentence)
            and (guards.words is None or self._words(line) in guards.words)
            and self._in_place(guards.where, line, line)
            and bool(self._fitting(line, pattern))
        )

    def _fitting(self, line: int, pattern: int) -> frozenset[int]:
        """Return the slot of a pattern if it fits a line. A look into the line tells of most that it does not."""
        if not self._found.allow(line, pattern):
            return frozenset()
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
    return form.is_prose(line) or form.ends_unmarked(line)

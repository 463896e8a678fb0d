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
from bodycopy.prefilter import Hits
from bodycopy.rules import LineOf, Repeat, SpanOf, Where

__all__ = ["is_untouched"]

_Candidates = list[tuple[int, int]]
"""Lines, each with the number of a pattern that may match there."""


def is_untouched(reading: Reading, lines: Sequence[str], hits: Hits) -> bool:
    """Say whether no rule can find anything in a text, given its lines and what the filter says of them.

    False says nothing: then the text is to be cleaned.
    """
    program = reading.program
    if program.filter.always or program.by_form_alone:
        return False
    of_rule: dict[int, _Candidates] = {}
    for line, patterns in hits.items():
        for pattern in patterns:
            rule = program.slots[program.slot_of[pattern]].rule
            if rule in program.may_be_first:
                of_rule.setdefault(rule, []).append((line, pattern))
    outset = _Outset(reading, lines)
    return not any(outset.allows(rule, found) for rule, found in of_rule.items())


class _Outset:
    """A text of which every line stands."""

    def __init__(self, reading: Reading, lines: Sequence[str]) -> None:
        self._reading = reading
        self._lines = lines
        self._counted: dict[int, int] = {}

    def allows(self, rule: int, candidates: _Candidates) -> bool:
        """Say whether a rule may act, given the patterns of it that may match."""
        program = self._reading.program
        finder = program.rules[rule].finder
        if isinstance(finder, LineOf | SpanOf):
            return any(self._allows_line(rule, line, pattern) for line, pattern in candidates)
        if isinstance(finder, Repeat):
            return any(self._may_repeat(finder, line) for line, _ in candidates)
        where = program.rules[rule].guards.where
        numbers = [line for line, _ in candidates]
        if not program.has_all(rule, {program.slot_of[pattern] for _, pattern in candidates}):
            return False
        if not self._in_place(where, min(numbers), max(numbers)):
            return False
        fitting = (self._reading.tried(self._lines[line].strip(), (pattern,)) for line, pattern in candidates)
        return program.has_all(rule, frozenset().union(*fitting))

    def _allows_line(self, rule: int, line: int, pattern: int) -> bool:
        guards, text = self._reading.program.rules[rule].guards, self._lines[line]
        return (
            (guards.sentence is None or form.ends_sentence(text) == guards.sentence)
            and (guards.words is None or self._words(line) in guards.words)
            and self._in_place(guards.where, line, line)
            and bool(self._reading.tried(text.strip(), (pattern,)))
        )

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

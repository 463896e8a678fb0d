"""What is gone so far, and who waits for more to go.

Line rules are applied until nothing changes. Every condition that depends on other lines becomes easier as more
lines go, never harder, so there is one least fixed point and the order of work is immaterial. It is computed from a
work list: what a rule might remove and cannot yet is a task, an iterator that gives the events it waits for and is
resumed when one of them happens. No line is ever looked at again without a reason, so the work grows with the lines.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

from bodycopy.form import ends_unmarked, indent_of
from bodycopy.rows import Row
from bodycopy.rules import Where

__all__ = ["GONE", "IN_HEAD", "IN_TAIL", "NEWS_ABOVE", "NEWS_BELOW", "Event", "Measures", "State", "Task"]

LEAST_PROSE = 100
"""Words of prose below which a text has no head and no tail (unless it has no prose at all)."""


GONE: Final = 0
"""A task can wait for this at a row: the row goes."""
IN_HEAD: Final = 1
"""No prose row before it stands any more."""
IN_TAIL: Final = 2
"""No prose row after it stands any more."""
NEWS_ABOVE: Final = 3
"""Something that a rule asks for was removed right above it."""
NEWS_BELOW: Final = 4
"""Something that a rule asks for was removed right below it."""

Event = tuple[int, int]
"""What happens, and at which row."""
Task = Iterator[Iterable[Event]]


class Stops:
    """For each row whether head and tail end at it; told row by row, since most are never asked for."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __getitem__(self, number: int) -> bool:
        row = self._rows[number]
        return row.prose or ends_unmarked(row.text)


@dataclass(frozen=True)
class Measures:
    """What is measured once in a pass, on the text as the pass found it (less what `span` rules took)."""

    rows: Sequence[Row]

    @cached_property
    def prose(self) -> list[int]:
        """Words of prose, row by row."""
        return [row.words if row.prose else 0 for row in self.rows]

    @cached_property
    def stops(self) -> Stops:
        """Whether a row is prose, or may be prose though its form cannot tell; head and tail end at it."""
        return Stops(self.rows)

    @cached_property
    def prose_above(self) -> list[int]:
        """Words of prose above each row, and in all as the last item."""
        return list(accumulate(self.prose, initial=0))

    @cached_property
    def body_indent(self) -> int:
        """The indent that most words of prose have; of equals the smallest."""
        words: Counter[int] = Counter()
        for row, prose in zip(self.rows, self.prose, strict=True):
            words[indent_of(row.text)] += prose
        return min(words, key=lambda indent: (-words[indent], indent), default=0)

    @cached_property
    def has_edges(self) -> bool:
        """Whether the text has a head and a tail."""
        words = 0
        for row in self.rows:  # In most texts the first few rows are enough.
            words += row.words if row.prose else 0
            if words >= LEAST_PROSE:
                return True
        return not words

    def share_above(self, row: int) -> float:
        """The share of the prose that stands above a row; 1 in a text without prose."""
        total = self.prose_above[-1]
        return self.prose_above[row] / total if total else 1.0


class State:
    """The rows of a pass, which of them are gone, and the tasks that wait."""

    def __init__(self, measures: Measures) -> None:
        self.measures = measures
        size = len(measures.rows)
        self.gone = bytearray(size)
        self.above = [0] * size
        """For each row the signals of the rules that removed something right above it: bits by which others ask."""
        self.below = [0] * size
        self.steps = 0
        """How much was done so far: tasks that were resumed, attempts, news that were told."""
        self._bits = [0] * size
        self._front, self._back = 0, size - 1
        self._edges_asked_for = False
        self._queue: deque[Task] = deque()
        self._waiting: dict[int, dict[int, list[Task]]] = {kind: {} for kind in range(NEWS_BELOW + 1)}
        self._closed = False

    def spawn(self, task: Task) -> None:
        """Put a task on the work list."""
        self._queue.append(task)

    def run(self) -> None:
        """Work until nothing changes."""
        while self._queue:
            task = self._queue.popleft()
            self.steps += 1
            self.wait(task, next(task, ()))

    def wait(self, task: Task, events: Iterable[Event]) -> None:
        """Let a task wait until one of the events happens."""
        if not self._closed:
            for happening, row in events:
                self._waiting[happening].setdefault(row, []).append(task)

    def close(self) -> None:
        """From now on nothing goes: a task that would have to wait is dropped, and so are those that wait.

        They know who made them, who knows this state: such a circle would be left to the garbage collector.
        """
        self._closed = True
        for tasks in self._waiting.values():
            tasks.clear()

    def drop(self, row: int, signals: int) -> None:
        """Note that rules with these signals remove a row; also of a row that is gone, since others may ask for it."""
        known = self._bits[row]
        bits = self._bits[row] = known | signals
        if not self.gone[row]:
            self.gone[row] = True
            self._happens(GONE, row)
            if self._edges_asked_for and row in (self._front, self._back):
                self._move_edges()
        elif bits == known:
            return
        self._carry(row, self.above, 1, NEWS_ABOVE)
        self._carry(row, self.below, -1, NEWS_BELOW)

    def in_place(self, where: Where, first: int, last: int) -> bool:
        """Say whether rows are in the head or the tail: no other prose row stands before, or after, them."""
        if not self._edges_asked_for:  # In most texts no rule ever asks, and the form of all lines is work.
            self._edges_asked_for = True
            self._move_edges()
        if where is Where.HEAD:
            return self._front >= first
        if where is Where.TAIL:
            return self._back <= last
        return self._front >= first or self._back <= last

    def _carry(self, row: int, news: list[int], step: int, happening: int) -> None:
        """Tell the neighbours what removed this row, as far as rows are gone and it is news to them."""
        bits, waiting = self._bits[row] | news[row], self._waiting[happening]
        row += step
        while 0 <= row < len(news) and (more := news[row] | bits) != news[row]:
            self.steps += 1
            news[row] = more
            if row in waiting:
                self._queue.extend(waiting.pop(row))
            if not self.gone[row]:
                return
            bits = more | self._bits[row]
            row += step

    def _move_edges(self) -> None:
        stops, size = self.measures.stops, len(self.gone)
        while self._front < size and (self.gone[self._front] or not stops[self._front]):
            self._front += 1
            self._happens(IN_HEAD, self._front)
        while self._back >= 0 and (self.gone[self._back] or not stops[self._back]):
            self._back -= 1
            self._happens(IN_TAIL, self._back)

    def _happens(self, happening: int, row: int) -> None:
        self.steps += 1
        if tasks := self._waiting[happening].pop(row, None):
            self._queue.extend(tasks)

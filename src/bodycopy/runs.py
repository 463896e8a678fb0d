"""Runs of neighbouring lines, which grow together as what separates them goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

__all__ = ["Runs"]


class Runs:
    """Lines by number, in runs of neighbours; of interest are runs of `least` lines or more."""

    def __init__(self, rows: Sequence[int], least: int) -> None:
        self._segments = [
            [row for _, row in run] for _, run in groupby(enumerate(rows), lambda pair: pair[1] - pair[0])
        ]
        self._least = least
        self._sizes = [len(segment) for segment in self._segments]
        self._parents = list(range(len(self._segments)))
        self._short = [list(segment) for segment in self._segments]

    def long_enough(self) -> Iterator[int]:
        """Yield the rows of runs that need no joining."""
        for segment in range(len(self._segments)):
            yield from self._release(segment)

    def gaps(self) -> list[range]:
        """Return what lies between each run and the next; nothing needs joining where a run is one line."""
        if self._least == 1:
            return []
        return [range(left[-1] + 1, right[0]) for left, right in pairwise(self._segments)]

    def join(self, left: int, right: int) -> list[int]:
        """Join two runs; return the rows that are now in a run that is long enough, and were in none before."""
        left, right = self._root(left), self._root(right)
        if len(self._short[left]) < len(self._short[right]):
            left, right = right, left
        self._parents[right] = left
        self._sizes[left] += self._sizes[right]
        self._short[left] += self._short[right]
        return self._release(left)

    def _release(self, segment: int) -> list[int]:
        if self._sizes[segment] < self._least:
            return []
        rows, self._short[segment] = self._short[segment], []
        return rows

    def _root(self, segment: int) -> int:
        while self._parents[segment] != segment:
            self._parents[segment] = self._parents[self._parents[segment]]
            segment = self._parents[segment]
        return segment

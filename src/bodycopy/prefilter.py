"""RuleSet → one database of literals; text → the few lines worth a look.

Every pattern needs one of its literals (`patterns.literals`), so a line without any of them cannot match. The whole
text is searched for all literals at once with Hyperscan. `EveryLine` is the plain, slow filter that the fast one is
tested against; both answer the same questions.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

import hyperscan

from bodycopy.form import fold
from bodycopy.patterns import Pattern, literals

__all__ = ["EveryLine", "Filter", "LiteralFilter"]

Hits = dict[int, set[int]]
"""Line number (from 0) → the numbers of the patterns that may match there."""

_LONGEST_LITERAL = 48


class Filter(Protocol):
    """Tells which patterns are worth a try, and where; patterns are named by their numbers."""

    always: tuple[int, ...]
    """Patterns to be tried on every line."""

    def lines_of(self, text: str) -> Hits:
        """Return the lines of a text that hold a literal, with the patterns that they may match."""

    def of_line(self, text: str) -> set[int]:
        """Return the patterns whose literals one line holds."""


class EveryLine:
    """The plain filter: every pattern is tried on every line."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.always = tuple(range(len(patterns)))

    def lines_of(self, text: str) -> Hits:
        """Return nothing beyond `always`."""
        return {}

    def of_line(self, text: str) -> set[int]:
        """Return nothing beyond `always`."""
        return set()


class LiteralFilter:
    """The fast filter: one search of the folded text for the literals of all patterns."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        owners: dict[str, set[int]] = {}
        always = []
        for number, pattern in enumerate(patterns):
            needed = literals(pattern)
            if not needed:
                always.append(number)
            for literal in needed:
                owners.setdefault(literal[:_LONGEST_LITERAL], set()).add(number)
        self.always = tuple(always)
        self._owners = [owners[literal] for literal in sorted(owners)]
        self._database = _compile([_encode(literal) for literal in sorted(owners)])
        self._own = threading.local()

    def lines_of(self, text: str) -> Hits:
        """Return the lines of a text that hold a literal, with the patterns that they may match."""
        data = _encode(fold(text))
        hits: Hits = {}
        line = counted = 0
        for end, literal in sorted(self._scan(data)):
            line += data.count(b"\n", counted, end)
            counted = end
            hits.setdefault(line, set()).update(self._owners[literal])
        return hits

    def of_line(self, text: str) -> set[int]:
        """Return the patterns whose literals one line holds."""
        found: set[int] = set()
        for _, literal in self._scan(_encode(fold(text))):
            found |= self._owners[literal]
        return found

    def _scan(self, data: bytes) -> list[tuple[int, int]]:
        """Return (end, literal), in bytes, of the first occurrence of each literal on each line."""
        found: list[tuple[int, int]] = []
        known_line: dict[int, tuple[int, int]] = {}

        def note(literal: int, _start: int, end: int, _flags: int, _context: object) -> None:
            low, high = known_line.get(literal, (0, -1))
            if low < end <= high:
                return
            stop = data.find(b"\n", end)
            known_line[literal] = (data.rfind(b"\n", 0, end) + 1, len(data) if stop < 0 else stop)
            found.append((end, literal))

        if self._database is not None and data:
            self._database.scan(data, match_event_handler=note, scratch=self._scratch())
        return found

    def _scratch(self) -> hyperscan.Scratch:
        """Return the working memory of this thread: Hyperscan refuses to share it."""
        if not hasattr(self._own, "scratch"):
            self._own.scratch = hyperscan.Scratch(self._database)
        scratch: hyperscan.Scratch = self._own.scratch
        return scratch


def _compile(needles: list[bytes]) -> hyperscan.Database | None:
    if not needles:
        return None
    database = hyperscan.Database()
    database.compile(expressions=needles, ids=list(range(len(needles))), flags=0, literal=True)
    return database


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")

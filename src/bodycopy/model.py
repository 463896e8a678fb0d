"""The vocabulary: what goes in, what is found, what comes out. Frozen, without I/O.

Positions are half-open and count the characters of the original text. Line numbers are worked out for reports only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

__all__ = ["Document", "Line", "Match", "Outcome", "Removal", "Result", "Span"]


class Span(NamedTuple):
    """A half-open piece of the original text."""

    start: int
    end: int


class Line(NamedTuple):
    """A line of the original text: its content is `start:end`, its line end is `end:stop`."""

    start: int
    end: int
    stop: int


@dataclass(frozen=True, slots=True)
class Document:
    """A text and, where it is known, the address that it was fetched from."""

    text: str
    url: str | None = None


class Outcome(StrEnum):
    """What became of a match."""

    REMOVED = "removed"
    """It gave a removal, whole or in part."""
    OVERLAPPED = "overlapped"
    """Another match starts before it, or is longer, and covers all of it."""
    TRIAL = "trial"
    """Its rule is on trial: it reports and removes nothing."""
    SPARED = "spared"
    """The text was left whole, so nothing was removed; the reason is in `Result.flagged`."""


class Match(NamedTuple):
    """A rule found something: the piece of the original text from the first to the last character of it.

    A match of a later pass may span what an earlier pass removed.
    """

    start: int
    end: int
    rule: str
    outcome: Outcome = Outcome.REMOVED
    evidence: tuple[str, ...] = ()


class Removal(NamedTuple):
    """A piece of the original text that goes, and why.

    Removals are disjoint and sorted. `rule` is the full id; `file` and `line` say where the rule stands.
    `evidence` lists the other rules where weak ones added up.
    """

    start: int
    end: int
    text: str
    rule: str
    category: str
    file: str
    line: int
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A cleaned text with everything that was removed from it.

    `flagged` is None, or says in words why the text needs a look. `matches` is the whole report: also what was
    overlapped, is on trial, or was spared.
    """

    text: str
    removals: tuple[Removal, ...] = ()
    flagged: str | None = None
    matches: tuple[Match, ...] = field(default=(), repr=False)

    def restore(self) -> str:
        """Give back the text that went in, character for character."""
        pieces, taken, at = [], 0, 0
        for removal in self.removals:
            keep = removal.start - at
            pieces += [self.text[taken : taken + keep], removal.text]
            taken, at = taken + keep, removal.end
        return "".join([*pieces, self.text[taken:]])

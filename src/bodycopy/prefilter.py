"""RuleSet → tables of what its patterns need; text → the few lines worth a look.

A line that a pattern covers has one of some skeletons as a whole, or begins or ends with one of some pieces, or its
outline holds one (`literals.py`). Skeletons and their ends are looked up in tables, and the outline of the text is
searched once for all other pieces with Hyperscan. `EveryLine` is the plain, slow filter that the fast one is tested
against; both answer the same questions.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from itertools import chain
from math import inf
from typing import NamedTuple, Protocol

import hyperscan

from bodycopy.literals import implies, likelihood
from bodycopy.patterns import Pattern, language, outlines
from bodycopy.skeleton import bare, outline
from bodycopy.store import kept

__all__ = ["EveryLine", "Filter", "LiteralFilter", "Place", "needles"]

Hits = dict[int, tuple[int, ...]]
"""Line number (from 0) → the numbers of the patterns that may match there."""

_SHORT_END = 3
_LONG_END = 6
"""Bytes at the start or the end of a line that are looked up first."""

_LONGEST_END = 8
"""Bytes of a piece at the start or the end of a line that are looked up in the end."""

_LONGEST_PIECE = 10
"""Bytes of a piece that are searched for: longer ones make the database slower and find little less."""

_MOST_CHECKED = 24
"""Pieces that are looked for in a line that is a candidate; many take longer than trying the pattern."""

_MANY = 1000
"""Patterns from which on it pays to keep what is known of them."""


class Limits(NamedTuple):
    """What a line has besides: its skeleton is no longer, begins and ends so, and its outline holds one of each group.

    What is empty says nothing.
    """

    longest: float = inf
    heads: tuple[bytes, ...] = (b"",)
    tails: tuple[bytes, ...] = (b"",)
    groups: tuple[tuple[bytes, ...], ...] = ()

    def allow(self, skeleton: bytes, outline: bytes) -> bool:
        """Say whether a line is worth a try."""
        longest, heads, tails, groups = self
        if len(skeleton) > longest or not (skeleton.startswith(heads) and skeleton.endswith(tails)):
            return False
        for group in groups:  # Loops, because this is asked of every candidate, and a generator takes longer.
            for piece in group:
                if piece in outline:
                    break
            else:
                return False
        return True


_NO_LIMITS = Limits()


class Needles(NamedTuple):
    """What a line needs: one of these things."""

    whole: frozenset[bytes]
    """Its skeleton is one of them."""
    pieces: frozenset[bytes]
    """One of them is in its outline, or, if a line end stands before or after it, its skeleton begins or ends so."""
    limits: Limits = _NO_LIMITS
    """What holds besides."""


class Place(Enum):
    """Where on a line a pattern must match."""

    ANYWHERE = auto()
    WHOLE = auto()
    """It covers the line."""
    START = auto()
    END = auto()
    EITHER_END = auto()


class Filter(Protocol):
    """Tells which patterns are worth a try, and where; patterns are named by their numbers."""

    @property
    def always(self) -> tuple[int, ...]:
        """Patterns to be tried on every line."""

    def lines_of(self, text: str) -> Hits:
        """Return the lines of a text, blank ones left out, with the patterns that they may match."""

    def of_line(self, text: str) -> tuple[int, ...]:
        """Return the patterns that one line may match."""


class EveryLine:
    """The plain filter: every pattern is tried on every line."""

    def __init__(self, patterns: Sequence[tuple[Pattern, Place]]) -> None:
        self.always = tuple(range(len(patterns)))

    def lines_of(self, text: str) -> Hits:
        """Return nothing beyond `always`."""
        return {}

    def of_line(self, text: str) -> tuple[int, ...]:
        """Return nothing beyond `always`."""
        return ()


class _Ends(NamedTuple):
    """Pieces with which lines begin, or end, and the patterns that need them."""

    gate: frozenset[bytes]
    """The first, or last, 1, `_SHORT_END` or `_LONG_END` bytes of the pieces; most lines have none of them."""
    patterns: dict[bytes, tuple[int, ...]]
    sizes: tuple[int, ...]
    """Of the pieces."""


@dataclass(frozen=True, slots=True)
class _Tables:
    """What the patterns need, by what is looked for; patterns are named by their numbers."""

    always: tuple[int, ...]
    whole: dict[bytes, tuple[int, ...]]
    of_signs: tuple[int, ...]
    """The patterns that may cover a line without letters and digits."""
    heads: _Ends
    tails: _Ends
    limits: list[Limits]
    """Of each pattern."""
    owners: list[tuple[int, ...]]
    """The patterns that need a piece, for each piece by its number in the database."""
    database: bytes | None


class LiteralFilter:
    """The fast filter: one look at the skeleton of a text for what all patterns need."""

    def __init__(self, patterns: Sequence[tuple[Pattern, Place]]) -> None:
        make = partial(_tables, patterns)
        if len(patterns) < _MANY:
            self._tables = make()
        else:
            self._tables = kept(
                "filter", ["\n".join(f"{place.name} {pattern.source}" for pattern, place in patterns)], make
            )
        database = self._tables.database
        self._database = hyperscan.loadb(database, hyperscan.HS_MODE_BLOCK) if database else None
        self._own = threading.local()

    @property
    def always(self) -> tuple[int, ...]:
        """Patterns to be tried on every line."""
        return self._tables.always

    def lines_of(self, text: str) -> Hits:
        """Return the lines of a text, blank ones left out, with the patterns that they may match."""
        tables = self._tables
        outlined = outline(text)
        lines = bare(outlined).split(b"\n")
        ends = self._whole_and_ends(lines)
        found: dict[int, set[int]] = {}
        number = counted = 0
        for end, piece in sorted(self._scan(outlined)):
            number += outlined.count(b"\n", counted, end)
            counted = end
            found.setdefault(number, set()).update(tables.owners[piece])
        outlines = outlined.split(b"\n") if ends or found or tables.of_signs else []
        if tables.of_signs and b"" in lines:
            for number, (line, signs) in enumerate(zip(lines, outlines, strict=True)):
                if signs and not line:
                    ends[number] = ()
        return self._confirmed(ends, found, lines, outlines)

    def _whole_and_ends(self, lines: Sequence[bytes]) -> Hits:
        """Return the lines that are as a pattern needs them, with the patterns that need their start or their end."""
        whole = self._tables.whole
        head_gate, heads, head_sizes = self._tables.heads
        tail_gate, tails, tail_sizes = self._tables.tails
        if not (whole or heads or tails):
            return {}
        near = [
            (number, line)
            for number, line in enumerate(lines)
            if line[:_SHORT_END] in head_gate
            or line[-_SHORT_END:] in tail_gate
            or line[:1] in head_gate
            or line[-1:] in tail_gate
            or line in whole
            or line[:_LONG_END] in head_gate
            or line[-_LONG_END:] in tail_gate
        ]
        ends: Hits = {}
        for number, line in near:
            patterns = [
                *(heads[line[:size]] for size in head_sizes if line[:size] in heads),
                *(tails[line[-size:]] for size in tail_sizes if line[-size:] in tails),
            ]
            if patterns or line in whole:
                ends[number] = tuple(chain(*patterns))
        return ends

    def _confirmed(
        self, ends: Hits, found: dict[int, set[int]], lines: Sequence[bytes], outlines: Sequence[bytes]
    ) -> Hits:
        """Return for each line the patterns that need all of it, and of the others those whose limits it keeps."""
        limits, whole = self._tables.limits, self._tables.whole
        confirmed: Hits = {}
        for number in ends | found if found else ends:
            line, outlined = lines[number], outlines[number]
            patterns = whole.get(line, () if line else self._tables.of_signs)
            others = found[number].union(ends.get(number, ())) if number in found else ends[number]
            if others:
                patterns = (*patterns, *(one for one in others if limits[one].allow(line, outlined)))
            if patterns and outlined:
                confirmed[number] = patterns
        return confirmed

    def of_line(self, text: str) -> tuple[int, ...]:
        """Return the patterns that one line may match."""
        return self.lines_of(text).get(0, ())

    def _scan(self, data: bytes) -> list[tuple[int, int]]:
        """Return (end, piece) of the first occurrence of each piece on each line."""
        found: list[tuple[int, int]] = []
        known_line: dict[int, int] = {}

        def note(piece: int, _start: int, end: int, _flags: int, _context: object) -> None:
            if known_line.get(piece, 0) < end:
                known_line[piece] = data.find(b"\n", end - 1) + 1
                found.append((end, piece))

        if self._database is not None:
            self._database.scan(data, match_event_handler=note, scratch=self._scratch())
        return found

    def _scratch(self) -> hyperscan.Scratch:
        """Return the working memory of this thread: Hyperscan refuses to share it."""
        if not hasattr(self._own, "scratch"):
            self._own.scratch = hyperscan.Scratch(self._database)
        scratch: hyperscan.Scratch = self._own.scratch
        return scratch


def needles(pattern: Pattern, place: Place) -> Needles:
    """Return what a line needs for a pattern to match on it.

    >>> needles(Pattern("Read more"), Place.WHOLE).whole, needles(Pattern("View all *"), Place.WHOLE).pieces
    (frozenset({b'readmore'}), frozenset({b'\\nviewall'}))
    """
    known = language(pattern)
    whole_line = place is Place.WHOLE
    if whole_line and known.rest is None:
        return Needles(known.exact, frozenset())
    whole, pieces = (known.exact, known.rest or known.pieces) if whole_line else (frozenset(), known.pieces)
    at_start = _fewest(frozenset(b"\n" + piece for piece in pieces.head))
    at_end = _fewest(frozenset(piece + b"\n" for piece in pieces.tail))
    outlined = outlines(pattern)
    inside = _fewest(min(outlined.pieces, key=likelihood))
    choices: list[tuple[float, frozenset[bytes]]] = []
    if place in (Place.START, Place.WHOLE):
        choices.append((likelihood(pieces.head, anchored=True), at_start))
    if place in (Place.END, Place.WHOLE):
        choices.append((likelihood(pieces.tail, anchored=True), at_end))
    if place is Place.EITHER_END:
        choices.append((likelihood([*pieces.head, *pieces.tail], anchored=True), at_start | at_end))
    choices.append((likelihood(inside), inside))
    _, best = min(choices, key=lambda choice: choice[0])
    limits = Limits(known.longest, _plain(at_start), _plain(at_end)) if whole_line else _NO_LIMITS
    others = outlined.also if best is inside or len(inside) > _MOST_CHECKED else (inside, *outlined.also)
    groups = (_plain(_fewest(group)) for group in others if b"" not in group and not implies(best, group))
    return Needles(whole, best, limits._replace(groups=tuple(groups)))


def _fewest(pieces: frozenset[bytes]) -> frozenset[bytes]:
    """Leave out the pieces that hold another one."""
    sizes = sorted(set(map(len, pieces)))
    return frozenset(piece for piece in pieces if not _holds_another(piece, pieces, sizes))


def _holds_another(piece: bytes, pieces: frozenset[bytes], sizes: Sequence[int]) -> bool:
    shorter = sizes[: bisect_left(sizes, len(piece))]
    return any(piece[at : at + size] in pieces for size in shorter for at in range(len(piece) - size + 1))


def _plain(pieces: frozenset[bytes]) -> tuple[bytes, ...]:
    return tuple(piece.strip(b"\n") for piece in sorted(pieces))


def _ends(pieces: dict[bytes, list[int]], *, at_start: bool) -> _Ends:
    gate: set[bytes] = set()
    for piece in pieces:
        if 1 < len(piece) < _SHORT_END:
            more = [bytes([byte]) for byte in range(256)]
            gate.update((piece, *(piece + byte if at_start else byte + piece for byte in more)))
        else:
            size = _LONG_END if len(piece) >= _LONG_END else min(_SHORT_END, len(piece))
            gate.add(piece[:size] if at_start else piece[-size:])
    sizes = tuple(sorted(set(map(len, pieces))))
    return _Ends(frozenset(gate), {piece: tuple(owners) for piece, owners in pieces.items()}, sizes)


def _note(table: dict[bytes, list[int]], piece: bytes, number: int) -> None:
    owners = table.setdefault(piece, [])
    if number not in owners[-1:]:
        owners.append(number)


def _tables(patterns: Sequence[tuple[Pattern, Place]]) -> _Tables:
    whole: dict[bytes, list[int]] = {}
    pieces: dict[bytes, list[int]] = {}
    heads: dict[bytes, list[int]] = {}
    tails: dict[bytes, list[int]] = {}
    limits: list[Limits] = []
    always = []
    for number, (pattern, place) in enumerate(patterns):
        needed = needles(pattern, place)
        limits.append(needed.limits)
        if b"" in needed.pieces or b"\n" in needed.pieces:
            always.append(number)
            continue
        for line in needed.whole:
            whole.setdefault(line, []).append(number)
        for piece in needed.pieces:
            plain = piece.strip(b"\n")
            if plain == piece:
                _note(pieces, piece[:_LONGEST_PIECE], number)
            elif piece.endswith(plain):
                _note(heads, plain[:_LONGEST_END], number)
            else:
                _note(tails, plain[-_LONGEST_END:], number)
    return _Tables(
        always=tuple(always),
        of_signs=tuple(whole.pop(b"", ())),
        whole={line: tuple(owners) for line, owners in whole.items()},
        heads=_ends(heads, at_start=True),
        tails=_ends(tails, at_start=False),
        limits=limits,
        owners=[tuple(pieces[piece]) for piece in sorted(pieces)],
        database=_compile(sorted(pieces)),
    )


def _compile(pieces: list[bytes]) -> bytes | None:
    if not pieces:
        return None
    database = hyperscan.Database()
    database.compile(expressions=pieces, ids=list(range(len(pieces))), flags=0, literal=True)
    return bytes(hyperscan.dumpb(database))

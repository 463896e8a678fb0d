"""RuleSet → tables of what its patterns need; text → the few lines worth a look.

A line that a pattern covers has one of some skeletons as a whole, or begins or ends with one of some pieces, or its
outline holds one (`literals.py`). Skeletons and their ends are looked up in tables, and the outline of the text is
searched once for all other pieces with Hyperscan. `EveryLine` is the plain, slow filter that the fast one is tested
against; both answer the same questions.
"""

from __future__ import annotations

import marshal
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache, partial
from math import inf
from operator import itemgetter
from typing import NamedTuple, Protocol

import hyperscan

from bodycopy.literals import Pieces, cost, covering_line, implies, likelihood, windows
from bodycopy.patterns import Pattern, language, outlines
from bodycopy.skeleton import bare, outline
from bodycopy.store import kept, kept_each

__all__ = ["EveryLine", "Filter", "LiteralFilter", "Place", "needles"]

Hits = dict[int, tuple[int, ...]]
"""Line number (from 0) → the numbers of the patterns that may match there."""

_BEGIN = 4
"""Bytes at the start or the end of a line that are looked up first; most lines begin and end with others."""

_SHORT = 2
"""Bytes by which pieces are looked up that are shorter than `_BEGIN`."""

_LONGEST_END = 8
"""Bytes of a piece at the start or the end of a line that are looked up in the end."""

_MOST_CHECKED = 24
"""Pieces that are looked for in a line that is a candidate; many take longer than trying the pattern."""

_RARE = 1e-4
"""Share of the lines from which down on it does not pay to find out what else a line must hold."""

_SEARCHED = 1.15
"""How much more a hit of the search costs than one in the tables."""

_ANY = frozenset({b""})
"""What every line begins and ends with."""

_BYTES = [bytes([byte]) for byte in range(256)]


class Limits(NamedTuple):
    """What a line has besides: its skeleton is no longer, begins and ends so, and its outline holds one of each group.

    What is empty says nothing. All heads have one size, and so have all tails: a set is looked up at once.
    """

    longest: float = inf
    heads: frozenset[bytes] = _ANY
    tails: frozenset[bytes] = _ANY
    groups: tuple[tuple[str, ...], ...] = ()
    """Bytes as characters: Python finds a text in a text two to four times as fast as bytes in bytes."""
    head_size: int = 0
    tail_size: int = 0

    def allow(self, skeleton: bytes, outline: bytes) -> bool:
        """Say whether a line is worth a try."""
        longest, heads, tails, groups, head_size, tail_size = self
        size = len(skeleton)
        if size > longest or skeleton[:head_size] not in heads or skeleton[max(size - tail_size, 0) :] not in tails:
            return False
        characters = _characters(b"\n%b\n" % outline) if groups else ""
        for group in groups:  # Loops, because this is asked of every candidate, and a generator takes longer.
            for piece in group:
                if piece in characters:
                    break
            else:
                return False
        return True


class Needles(NamedTuple):
    """What a line needs: one of these things."""

    whole: frozenset[bytes]
    """Its skeleton is one of them."""
    heads: frozenset[bytes] = frozenset()
    """Its skeleton begins with one of them."""
    tails: frozenset[bytes] = frozenset()
    """Its skeleton ends with one of them."""
    pieces: frozenset[bytes] = frozenset()
    """One of them is in its outline, which has a line end before and after it."""
    limits: Limits = Limits()
    """What holds besides."""

    @property
    def tell_nothing(self) -> bool:
        """Whether every line has what is needed."""
        return b"" in self.heads or b"" in self.tails or not {b"", b"\n"}.isdisjoint(self.pieces)


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

    def __init__(self, patterns: int) -> None:
        """Take the number of patterns."""
        self.always = tuple(range(patterns))

    def lines_of(self, text: str) -> Hits:
        """Return nothing beyond `always`."""
        return {}

    def of_line(self, text: str) -> tuple[int, ...]:
        """Return nothing beyond `always`."""
        return ()


_Owners = tuple[tuple[float, int, Limits | None], ...]
"""Patterns, each after the length of the longest skeleton that it can cover, which falls from one to the next, and
with what else is to be looked at, if there is anything."""

_Owned = tuple[int, _Owners]
"""The number of a line, with patterns."""

_Begin = tuple[bytes, tuple[int, ...]]
"""What lines are as a whole, with the patterns that need it, packed; and the sizes of pieces with which lines begin."""


@dataclass(frozen=True, slots=True)
class _Tables:
    """What the patterns need, by what is looked for; patterns are named by their numbers."""

    always: tuple[int, ...]
    begins: dict[bytes, _Begin]
    """By the first bytes of lines what to look up."""
    heads: dict[bytes, _Owners]
    """Pieces with which lines begin."""
    ends: dict[bytes, tuple[int, ...]]
    """By the last bytes of lines the sizes of pieces to look up."""
    tails: dict[bytes, _Owners]
    """Pieces with which lines end."""
    of_signs: tuple[int, ...]
    """The patterns that may cover a line without letters and digits."""
    owners: list[_Owners]
    """The patterns that need a piece, for each piece by its number in the database."""
    database: bytes | None


class LiteralFilter:
    """The fast filter: one look at the skeleton of a text for what all patterns need."""

    def __init__(self, patterns: Iterable[tuple[Pattern, Place]], made_from: Sequence[bytes] = ()) -> None:
        """Take patterns, and what they are told from others by if their tables are to be kept for the next start.

        The patterns are looked at only if nothing is kept that was made from the same.
        """
        make = partial(_tables, patterns)
        self._tables = kept("filter", made_from, make) if made_from else make()
        database = self._tables.database
        self._database = hyperscan.loadb(database, hyperscan.HS_MODE_BLOCK) if database else None
        self._own = threading.local()
        self._unpacked: dict[bytes, dict[bytes, tuple[int, ...]]] = {}

    @property
    def always(self) -> tuple[int, ...]:
        """Patterns to be tried on every line."""
        return self._tables.always

    def lines_of(self, text: str) -> Hits:
        """Return the lines of a text, blank ones left out, with the patterns that they may match."""
        outlined = b"\n%b\n" % outline(text)
        lines, outlines = bare(outlined).split(b"\n"), outlined.split(b"\n")  # The first and the last are none.
        whole, at_start = self._at_starts(lines)
        found = {number: dict.fromkeys(patterns) for number, patterns in whole}
        if (of_signs := self._tables.of_signs) and lines.count(b"") > outlines.count(b""):
            signs = (number for number, line in enumerate(outlines) if line and not lines[number])
            found |= {number: dict.fromkeys(of_signs) for number in signs}
        for number, owners in (*at_start, *self._at_ends(lines), *self._inside(outlined)):
            line = lines[number]
            size = len(line)
            for longest, pattern, besides in owners:
                if size > longest:
                    break
                if besides is None or besides.allow(line, outlines[number]):
                    found.setdefault(number, {})[pattern] = None
        return {number - 1: tuple(patterns) for number, patterns in found.items()}

    def _at_starts(self, lines: Sequence[bytes]) -> tuple[list[tuple[int, tuple[int, ...]]], list[_Owned]]:
        """Return the lines that are as patterns need them, and those that begin so, with these patterns."""
        begins, heads, unpacked = self._tables.begins, self._tables.heads, self._unpacked
        whole: list[tuple[int, tuple[int, ...]]] = []
        owned: list[_Owned] = []
        # Four look-ups, here and below, written out: this is done for every line, and a call takes as long as one.
        for number, line in enumerate(lines):
            if (key := line[:_BEGIN]) in begins:
                packed, sizes = begins[key]
                if key not in unpacked:
                    unpacked[key] = marshal.loads(packed) if packed else {}
                if line in unpacked[key]:
                    whole.append((number, unpacked[key][line]))
                for size in sizes:
                    if (piece := line[:size]) in heads:
                        owned.append((number, heads[piece]))
            if (key := line[:_SHORT]) in begins:
                for size in begins[key][1]:
                    if (piece := line[:size]) in heads:
                        owned.append((number, heads[piece]))
        return whole, owned

    def _at_ends(self, lines: Sequence[bytes]) -> list[_Owned]:
        """Return the lines that end as patterns need it, with these patterns."""
        ends, tails = self._tables.ends, self._tables.tails
        owned: list[_Owned] = []
        for number, line in enumerate(lines):
            if (key := line[-_BEGIN:]) in ends:
                for size in ends[key]:
                    if (piece := line[-size:]) in tails:
                        owned.append((number, tails[piece]))
            if (key := line[-_SHORT:]) in ends:
                for size in ends[key]:
                    if (piece := line[-size:]) in tails:
                        owned.append((number, tails[piece]))
        return owned

    def _inside(self, outlined: bytes) -> Iterator[_Owned]:
        """Yield the lines that hold a piece that patterns need, with these patterns."""
        owners = self._tables.owners
        number = counted = 0
        for end, piece in sorted(self._scan(outlined)):
            number += outlined.count(b"\n", counted, end - 1)  # The last byte may be the line end behind the line.
            counted = end - 1
            yield number, owners[piece]

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


def _characters(some: bytes) -> str:
    """Return bytes as the characters of the same numbers."""
    return some.decode("latin-1")


def needles(pattern: Pattern, place: Place) -> Needles:
    """Return what a line needs for a pattern to match on it.

    >>> needles(Pattern("Read more"), Place.WHOLE).whole, needles(Pattern("View all *"), Place.WHOLE).heads
    (frozenset({b'readmore'}), frozenset({b'viewall'}))
    """
    known = language(pattern)
    whole_line = place is Place.WHOLE
    if whole_line and known.rest is None:
        return Needles(known.exact)
    whole, pieces = (known.exact, known.rest or known.pieces) if whole_line else (frozenset(), known.pieces)
    limits = _limits(known.longest, pieces) if whole_line else Limits()
    at_ends, best = min(_choices_at_ends(whole, pieces, place), key=itemgetter(0), default=(inf, Needles(whole)))
    if at_ends < _RARE:
        return best._replace(limits=limits)
    groups = _groups_inside(pattern, whole_line)
    inside = min(groups, key=cost)
    if _SEARCHED * cost(inside) <= at_ends:
        best = Needles(whole, pieces=inside)
    told = [best.pieces] if best.pieces else []
    for group in sorted(groups, key=lambda group: (len(group), cost(group))):
        if len(group) <= _MOST_CHECKED and likelihood(group) < 1 and not any(implies(one, group) for one in told):
            told.append(group)
    checked = tuple(tuple(map(_characters, sorted(group))) for group in told if group != best.pieces)
    return best._replace(limits=limits._replace(groups=checked))


def _choices_at_ends(whole: frozenset[bytes], pieces: Pieces, place: Place) -> Iterator[tuple[float, Needles]]:
    """Yield what may be looked up at the ends of lines, each after how often lines have it."""
    heads = frozenset(_shortest_starts(piece[:_LONGEST_END] for piece in pieces.head))
    tails = frozenset(end[::-1] for end in _shortest_starts(piece[-_LONGEST_END:][::-1] for piece in pieces.tail))
    if place in (Place.START, Place.WHOLE):
        yield likelihood(heads, anchored=True), Needles(whole, heads=heads)
    if place in (Place.END, Place.WHOLE):
        yield likelihood(tails, anchored=True), Needles(whole, tails=tails)
    if place is Place.EITHER_END:
        yield likelihood([*heads, *tails], anchored=True), Needles(whole, heads, tails)


def _groups_inside(pattern: Pattern, whole_line: bool) -> dict[frozenset[bytes], None]:
    """Return groups of pieces, of each of which the outline of a line must hold one."""
    outlined = outlines(pattern)
    if whole_line and pattern.expression is not None:  # Signs that do not count may stand around a phrase.
        outlined = covering_line(outlined)
    known_pieces = (*outlined.pieces, *outlined.also)
    cheapest = min(known_pieces, key=cost)
    # To make pieces few is work, and worth it for what may be searched for, or looked for in a line.
    chosen = [some for some in known_pieces if some is cheapest or len(some) <= _MOST_CHECKED]
    return dict.fromkeys(map(windows, chosen))


def _needles_of(patterns: Sequence[tuple[Pattern, Place]]) -> Iterator[Needles]:
    """Yield what a line needs for each pattern; what takes long to find out is kept for the next start."""
    slow = list(dict.fromkeys((pattern, place) for pattern, place in patterns if not pattern.fixed))
    written = [f"{place.name} {pattern.source}" for pattern, place in slow]
    known = dict(zip(slow, kept_each("needles", written, lambda number: needles(*slow[number])), strict=True))
    return (known.get(one) or needles(*one) for one in patterns)


def _limits(longest: float, pieces: Pieces) -> Limits:
    head_size, tail_size = (min(map(len, some), default=0) for some in (pieces.head, pieces.tail))
    heads = frozenset(piece[:head_size] for piece in pieces.head)
    tails = frozenset(piece[len(piece) - tail_size :] for piece in pieces.tail)
    return Limits(longest, heads, tails, head_size=head_size, tail_size=tail_size)


def _shortest_starts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out the pieces that start with another one, which stands right before them when they are sorted."""
    shortest: bytes | None = None
    for piece in sorted(pieces):
        if shortest is None or not piece.startswith(shortest):
            shortest = piece
            yield piece


def _sizes(pieces: Iterable[bytes], *, at_start: bool) -> dict[bytes, tuple[int, ...]]:
    """Return the sizes of pieces by the bytes that lines have at their start, or end, which have such a piece there."""
    sizes: dict[bytes, set[int]] = {}
    for piece in pieces:
        key = _SHORT if len(piece) < _BEGIN else _BEGIN
        keys = [piece[:key] if at_start else piece[-key:]]
        if len(piece) < _SHORT:
            keys += [piece + byte if at_start else byte + piece for byte in _BYTES]
        for one in keys:
            sizes.setdefault(one, set()).add(len(piece))
    return {key: tuple(sorted(some)) for key, some in sizes.items()}


def _begins(whole: dict[bytes, list[int]], heads: Iterable[bytes]) -> dict[bytes, _Begin]:
    lines: dict[bytes, dict[bytes, tuple[int, ...]]] = {}
    for line, owners in whole.items():
        lines.setdefault(line[:_BEGIN], {})[line] = tuple(owners)
    sizes = _sizes(heads, at_start=True)
    return {
        begin: (marshal.dumps(lines[begin]) if begin in lines else b"", sizes.get(begin, ()))
        for begin in lines.keys() | sizes.keys()
    }


def _owners(
    pieces: dict[bytes, list[int]], limits: Sequence[Limits], *, at_start: bool = False, at_end: bool = False
) -> dict[bytes, _Owners]:
    besides = cache(_besides)  # What is the same is one object: there are ten times as many owners.

    def sorted_by_length(piece: bytes, owners: Iterable[int]) -> Iterator[tuple[float, int, Limits | None]]:
        for owner in sorted(owners, key=lambda owner: -limits[owner].longest):
            limit = limits[owner]
            told = at_start and limit.head_size <= len(piece), at_end and limit.tail_size <= len(piece)
            yield limit.longest, owner, besides(limit, *told)

    return {piece: tuple(sorted_by_length(piece, owners)) for piece, owners in pieces.items()}


def _besides(limits: Limits, start_told: bool, end_told: bool) -> Limits | None:
    """Return what is to be looked at but for the length, if how a line begins, or ends, is told."""
    if start_told:
        limits = limits._replace(heads=_ANY, head_size=0)
    if end_told:
        limits = limits._replace(tails=_ANY, tail_size=0)
    return limits if limits.head_size or limits.tail_size or limits.groups else None


def _tables(patterns: Iterable[tuple[Pattern, Place]]) -> _Tables:
    whole: dict[bytes, list[int]] = {}
    pieces: dict[bytes, list[int]] = {}
    heads: dict[bytes, list[int]] = {}
    tails: dict[bytes, list[int]] = {}
    limits: list[Limits] = []
    always = []
    for number, needed in enumerate(_needles_of(list(patterns))):
        limits.append(needed.limits)
        if needed.tell_nothing:
            always.append(number)
            continue
        for some, table in (
            (needed.whole, whole),
            (needed.heads, heads),
            (needed.tails, tails),
            (needed.pieces, pieces),
        ):
            for one in some:
                table.setdefault(one, []).append(number)
    of_signs = tuple(whole.pop(b"", ()))
    return _Tables(
        always=tuple(always),
        of_signs=of_signs,
        begins=_begins(whole, heads),
        heads=_owners(heads, limits, at_start=True),
        ends=_sizes(tails, at_start=False),
        tails=_owners(tails, limits, at_end=True),
        owners=[owners for _, owners in sorted(_owners(pieces, limits).items())],
        database=_compile(sorted(pieces)),
    )


def _compile(pieces: list[bytes]) -> bytes | None:
    if not pieces:
        return None
    database = hyperscan.Database()
    database.compile(expressions=pieces, ids=list(range(len(pieces))), flags=0, literal=True)
    return bytes(hyperscan.dumpb(database))

"""Which lines of a long text are, begin or end as something known: many lines in one step, with arrays.

A line has a key for all of it, one for each number of its first bytes, and one for each of its last. The keys of what
is known are marked in tables, each at two places (Bloom filters). So a line that is, begins or ends so is never missed,
and a few are named in vain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["AT_ONCE", "LONGEST", "Edges", "Lines", "Marks", "marks_of"]

_Words: TypeAlias = NDArray[np.uint64]
_Numbers: TypeAlias = NDArray[np.int64]

Marks: TypeAlias = tuple[tuple[int, ...], bytes]
"""What is known, marked in a table for each of `_PARTS`: as powers of 2 how many places each has, and all of them one
after another, with a bit for each place. To load it takes no numpy."""

LONGEST: Final = 8
"""Bytes at the start or the end of a line that have a key together: as many as fit into a number."""

_PARTS: Final = (0, *range(1, LONGEST + 1), *range(-1, -LONGEST - 1, -1))
"""What a line has keys for: 0 is all of it, 3 its first three bytes, and -3 its last."""

_PLACES: Final = (8, *[64] * 2 * LONGEST)
"""Places in the table of each part for a key, at least. Most keys are of whole lines, so that a table as sparse as the
others would fit no cache. One line in forty is named in vain."""

_FACTORS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
"""They are odd, and their bits are in no order."""

AT_ONCE: Final = 4096
"""Lines that are looked at together; what is worked out for them fits the cache of a processor."""


class Lines:
    """The lines of a text that has a line end before and after each; they are cut out as they are asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.ends: _Numbers = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        self.sizes: _Numbers = np.diff(self.ends) - 1
        self._ends = self.ends.tolist()

    def __getitem__(self, number: int) -> bytes:
        return self.data[self._ends[number] + 1 : self._ends[number + 1]]

    def with_ends(self, number: int) -> bytes:
        """Return a line with the line ends around it."""
        return self.data[self._ends[number] : self._ends[number + 1] + 1]

    def emptied(self, before: Lines) -> list[int]:
        """Return the lines that are empty here and were not before."""
        return np.flatnonzero((self.sizes == 0) & (before.sizes > 0)).tolist()


def marks_of(whole: Iterable[bytes], heads: Iterable[bytes], tails: Iterable[bytes]) -> Marks:
    """Return what `Edges` asks for, given lines, and the pieces with which lines begin and end, of up to `LONGEST`."""
    known: dict[int, list[bytes]] = {part: [] for part in _PARTS}
    known[0] += whole
    for piece in heads:
        known[len(piece)].append(piece)
    for piece in tails:
        known[-len(piece)].append(piece)
    bits = tuple((many * len(pieces) | 1).bit_length() for many, pieces in zip(_PLACES, known.values(), strict=True))
    places = _Places(bits)
    table = np.zeros(places.count, np.bool_)
    for column, pieces in enumerate(known.values()):
        if pieces:
            lines = Lines(b"\n%b\n" % b"\n".join(pieces))
            keys = _keys(_words(lines), lines.ends)[:, column]
            for factor in _FACTORS:
                table[places.of(keys, factor, column)] = True
    return bits, np.packbits(table).tobytes()


class Edges:
    """Tells which lines are, begin or end as something known."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    @cached_property
    def _tables(self) -> tuple[_Places, NDArray[np.bool_]]:
        bits, packed = self._marks
        return _Places(bits), np.unpackbits(np.frombuffer(packed, np.uint8)).view(np.bool_)

    def named(self, lines: Lines) -> Iterator[tuple[int, int]]:
        """Yield lines by their numbers, in order, each with a part of it that may be known."""
        places, table = self._tables
        words = _words(lines)
        for start in range(0, len(lines.sizes), AT_ONCE):
            keys = _keys(words, lines.ends[start : start + AT_ONCE + 1])
            marked = np.flatnonzero(table[places.of(keys, _FACTORS[0])])
            numbers, columns = np.divmod(marked, len(_PARTS))
            sure = table[places.of(keys[numbers, columns], _FACTORS[1], columns)]
            for number, column in zip(numbers[sure].tolist(), columns[sure].tolist(), strict=True):
                yield start + number, _PARTS[column]


class _Places:
    """Where in the tables keys are marked."""

    def __init__(self, bits: tuple[int, ...]) -> None:
        sizes = np.left_shift(1, np.array(bits, np.uint64))
        self.count = int(sizes.sum())
        self._starts = np.cumsum(sizes) - sizes
        self._shifts = 64 - np.array(bits, np.uint64)

    def of(self, keys: _Words, factor: int, columns: Any = slice(None)) -> _Numbers:
        """Return the places of the keys of some parts of lines, which are all unless `columns` says another."""
        places = keys * factor
        places >>= self._shifts[columns]
        places += self._starts[columns]
        return places.view(np.int64)


def _words(lines: Lines) -> _Words:
    """Return for each place in a text, and the one behind it, the `LONGEST` bytes before it; it goes on after it."""
    around = bytes(LONGEST)
    data = b"%b%b%b" % (around, lines.data, around)
    return np.ndarray(len(data) - LONGEST + 1, "<u8", data, strides=(1,))


def _keys(words: _Words, ends: _Numbers) -> _Words:
    """Return the keys of the lines between some ends of lines: a row for each, with a column for each of `_PARTS`.

    What is beyond a short line begins, or ends, with a line end, and nothing that is known has one.
    """
    first, last, sizes = words[ends[:-1] + 1 + LONGEST], words[ends[1:]], np.diff(ends) - 1
    of_first, of_last = _masks()
    held = np.minimum(sizes, LONGEST)
    keys = np.empty((len(sizes), len(_PARTS)), np.uint64)
    keys[:, 0] = (first & of_first[held]) * _FACTORS[0] ^ (last & of_last[held]) * _FACTORS[1] ^ sizes.view(np.uint64)
    np.bitwise_and(first[:, np.newaxis], of_first[1:], out=keys[:, 1 : LONGEST + 1])
    np.bitwise_and(last[:, np.newaxis], of_last[1:], out=keys[:, LONGEST + 1 :])
    return keys


@cache
def _masks() -> tuple[_Words, _Words]:
    """Return for each number of bytes what leaves so many of the first of a word, and of the last."""
    ones = [(1 << 8 * size) - 1 for size in range(LONGEST + 1)]
    return np.array(ones, np.uint64), np.array(
        [one << 8 * (LONGEST - size) for size, one in enumerate(ones)], np.uint64
    )

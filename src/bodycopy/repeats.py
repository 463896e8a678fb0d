"""Which lines of a document say the same as others, whole or with something before, after or cut off."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

import regex

from bodycopy import form
from bodycopy.matcher import Reading
from bodycopy.patterns import Pattern, language
from bodycopy.rows import Row
from bodycopy.rules import Of, Repeat
from bodycopy.skeleton import skeleton

__all__ = ["Repeats"]

WINDOW = 8
"""Lines that `of: above` and `of: below` look through, over lines that are gone."""

LONGEST = 2000
"""Characters of the longest line that is split to find its prefix or suffix."""

_MOST_KEYS = 64
_OPPOSITE = {Of.ABOVE: Of.BELOW, Of.BELOW: Of.ABOVE}
_PART_START = regex.compile(r"(?<=\s|^)\S")


class Repeats:
    """The lines of a pass by what they say."""

    def __init__(self, rows: Sequence[Row], seen: Sequence[bool], reading: Reading) -> None:
        """Take the rows, and which of them rules may see."""
        self._rows = rows
        self._seen = seen
        self._reading = reading

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for number, row in enumerate(self._rows):
            if self._seen[number] and row.key:
                places.setdefault(row.key, []).append(number)
        return places

    def pairs(self, rule: int, repeat: Repeat, hinted: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield (the line that the rule finds, the line that it repeats), by what they say and how far apart they are.

        `hinted` are the lines that may hold the rule's prefix, suffix or `without`.
        """
        if repeat.without:
            yield from self._with_less(rule, repeat, hinted)
        elif repeat.prefix or repeat.suffix or repeat.cut:
            for found in hinted if repeat.prefix or repeat.suffix else self._cut:
                for key in self._rests(rule, repeat, found):
                    other = self._begun(repeat.of, key, found) if repeat.cut else self._other(repeat.of, key, found)
                    if other is not None:
                        yield found, other
        else:
            yield from self._equal(repeat.of)

    def _equal(self, of: Of) -> Iterator[tuple[int, int]]:
        for places in self._places.values():
            if of in (Of.ABOVE, Of.BELOW):
                yield from ((later, earlier) for earlier, later in pairwise(places) if later - earlier <= WINDOW)
            else:
                yield from ((later, places[0]) for later in places[1:])

    def _with_less(self, rule: int, repeat: Repeat, hinted: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Yield the lines that say what a longer line says, less the pattern at its start or end."""
        first: dict[str, int] = {}
        for other in hinted:
            text = self._rows[other].text.strip()
            for rest in self._split(rule, text, repeat, at_start=True) | self._split(
                rule, text, repeat, at_start=False
            ):
                first.setdefault(rest, other)
                found = self._other(_OPPOSITE[repeat.of], rest, other) if repeat.of in _OPPOSITE else None
                if found is not None:
                    yield found, other
        if repeat.of not in _OPPOSITE:
            for rest, other in first.items():
                yield from ((f, other) for f in self._places.get(rest, ()) if _related(repeat.of, f, other))

    def _rests(self, rule: int, repeat: Repeat, found: int) -> set[str]:
        """Return what a line may repeat: itself less prefix, suffix and ellipsis."""
        text = self._rows[found].text.strip()
        if repeat.cut:
            stem = form.cut_stem(text)
            if stem is None:
                return set()
            text = stem
        if repeat.prefix or repeat.suffix:
            return self._split(rule, text, repeat, at_start=bool(repeat.prefix))
        return {form.same_form(text)} - {""}

    def _split(self, rule: int, text: str, repeat: Repeat, *, at_start: bool) -> set[str]:
        """Return what is left of a text without a part that the patterns cover, at its start or at its end."""
        patterns = repeat.prefix or repeat.suffix or repeat.without
        rests = set()
        if len(text) <= LONGEST:
            bare = skeleton(text)
            patterns = tuple(p for p in patterns if _may_stand(p, bare, at_start=at_start))
        if len(text) <= LONGEST and not all(at_start and self._begins_otherwise(rule, p, text) for p in patterns):
            for split in (found.start() for found in _PART_START.finditer(text)):
                part, rest = (text[:split], text[split:]) if at_start else (text[split:], text[:split])
                if part and rest and self._reading.covers(rule, patterns, part):
                    rests.add(form.same_form(rest))
        return rests - {""}

    def _begins_otherwise(self, rule: int, pattern: Pattern, text: str) -> bool:
        """Say whether no part at the start of a text can be the phrase, so that no part need be tried."""
        return pattern.expression is None and not self._reading.begins(rule, pattern, text)

    def _other(self, of: Of, key: str, found: int) -> int | None:
        """Return the line with that key that stands to the found one as `of` says, or None."""
        places = self._places.get(key, [])
        if of is Of.ABOVE:
            at = bisect_left(places, found) - 1
            return places[at] if at >= 0 and found - places[at] <= WINDOW else None
        if of is Of.BELOW:
            at = bisect_right(places, found)
            return places[at] if at < len(places) and places[at] - found <= WINDOW else None
        return next((place for place in places[:2] if _related(of, found, place)), None)

    def _begun(self, of: Of, stem: str, found: int) -> int | None:
        """Return the line that goes on where the stem is cut off and stands as `of` says, or None."""
        first = bisect_left(self._keys, stem)
        longer: Iterable[str] = self._keys[first : first + _MOST_KEYS]
        others = [self._other(of, key, found) for key in longer if key.startswith(stem) and key != stem]
        known = [other for other in others if other is not None]
        return min(known, default=None, key=lambda other: abs(other - found) if of in _OPPOSITE else other)

    @cached_property
    def _keys(self) -> list[str]:
        return sorted(self._places)

    @cached_property
    def _cut(self) -> list[int]:
        """The lines that end in an ellipsis."""
        return sorted(
            place
            for places in self._places.values()
            for place in places
            if form.cut_stem(self._rows[place].text) is not None
        )


def _may_stand(pattern: Pattern, bare: bytes, *, at_start: bool) -> bool:
    """Say whether a text with this skeleton may begin, or end, with what a pattern covers."""
    pieces = language(pattern).pieces
    return any(map(bare.startswith, pieces.head)) if at_start else any(map(bare.endswith, pieces.tail))


def _related(of: Of, found: int, other: int) -> bool:
    return found > other or (of is Of.HEAD and found != other)

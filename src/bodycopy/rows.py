"""What is left of a line, while rules act on it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate, pairwise

from bodycopy import form
from bodycopy.model import Span

__all__ = ["Row"]


class Row:
    """What is left of a line in a pass; its form depends on that alone."""

    def __init__(self, number: int, pieces: tuple[Span, ...], text: str) -> None:
        self.number = number
        """The number of its line in the original text, from 0."""
        self.pieces = pieces
        self.text = text
        self.slots: frozenset[int] = frozenset()
        self.kept = False
        self.spent_by: frozenset[int] = frozenset()
        """The span rules that left nothing of the line."""

    @property
    def span(self) -> Span:
        """From the first to the last character that is left, in the original text."""
        return Span(self.pieces[0].start, self.pieces[-1].end)

    @cached_property
    def words(self) -> int:
        """The number of words."""
        return form.count_words(self.text)

    @cached_property
    def prose(self) -> bool:
        """Whether this is running text."""
        return not self.spent_by and form.is_prose(self.text)

    @cached_property
    def key(self) -> str:
        """What counts when this line is compared with another."""
        return form.same_form(self.text)

    def part(self, start: int, end: int) -> Span:
        """Translate a piece of `text` to the original, from its first to its last character."""
        return Span(self._original(start), self._original(end - 1) + 1)

    def without(self, cuts: Sequence[Span]) -> Row:
        """Return the row that is left without the cuts, which are disjoint, sorted pieces of `text`."""
        size = len(self.text)
        stays = [Span(a.end, b.start) for a, b in pairwise([Span(0, 0), *cuts, Span(size, size)])]
        pieces = tuple(piece for stay in stays if stay.end > stay.start for piece in self._original_pieces(stay))
        return Row(self.number, pieces, "".join(self.text[a:b] for a, b in stays))

    @cached_property
    def _offsets(self) -> list[int]:
        """Where in `text` each piece begins."""
        return list(accumulate((p.end - p.start for p in self.pieces[:-1]), initial=0))

    def _original(self, at: int) -> int:
        piece = bisect_right(self._offsets, at) - 1
        return self.pieces[piece].start + at - self._offsets[piece]

    def _original_pieces(self, stay: Span) -> Iterable[Span]:
        for number in range(bisect_right(self._offsets, stay.start) - 1, bisect_left(self._offsets, stay.end)):
            start, end = self.pieces[number]
            offset = self._offsets[number]
            yield Span(max(start, start + stay.start - offset), min(end, start + stay.end - offset))

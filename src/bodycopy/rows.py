"""What is left of a line, while rules act on it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise

from bodycopy import form
from bodycopy.model import Span

__all__ = ["Row", "paired", "rows_of"]

_NO_SLOTS: frozenset[int] = frozenset()
_NO_RULES: frozenset[int] = frozenset()


class Row:
    """What is left of a line in a pass; its form depends on that alone, and is worked out once."""

    __slots__ = (
        "_key",
        "_offsets",
        "_pieces",
        "_prose",
        "_words",
        "end",
        "kept",
        "number",
        "slots",
        "spent_by",
        "start",
        "text",
    )

    def __init__(
        self, number: int, pieces: int | tuple[Span, ...], text: str, slots: frozenset[int] = frozenset()
    ) -> None:
        """Take a line by its number, from 0, and the place or places in the original text that its text is from."""
        self.number = number
        self._pieces = pieces
        self.text = text
        # The first character that is left, and the end of the last one, in the original text; of no text there is none.
        if isinstance(pieces, int):
            self.start, self.end = pieces, pieces + len(text)
        elif pieces:
            self.start, self.end = pieces[0].start, pieces[-1].end
        self.slots = slots
        """The slots of the program that fit it."""
        self.kept = False
        self.spent_by: frozenset[int] = _NO_RULES
        """The span rules that left nothing of it."""
        self._words: int | None = None
        self._prose: bool | None = None
        self._key: str | None = None
        self._offsets: list[int] | None = None

    @property
    def pieces(self) -> tuple[Span, ...]:
        """The places in the original text that its text is from."""
        at = self._pieces
        return (Span(at, at + len(self.text)),) if isinstance(at, int) else at

    @property
    def span(self) -> Span:
        """From the first to the last character that is left, in the original text."""
        return Span(self.start, self.end)

    @property
    def words(self) -> int:
        """The number of words."""
        if self._words is None:
            self._words = form.count_words(self.text)
        return self._words

    def has_words(self, number: int) -> bool:
        """Say whether there are so many words; of a long line the first may be enough to see it."""
        return (self._words is None and form.begins_with_words(self.text, number)) or self.words >= number

    @property
    def prose(self) -> bool:
        """Whether this is running text."""
        if self._prose is None:
            self._prose = form.is_prose(self.text, self.words)
        return self._prose

    @property
    def key(self) -> str:
        """What counts when this line is compared with another."""
        if self._key is None:
            self._key = form.same_form(self.text)
        return self._key

    def part(self, start: int, end: int) -> Span:
        """Translate a piece of `text` to the original, from its first to its last character."""
        return Span(self._original(start), self._original(end - 1) + 1)

    def without(self, cuts: Sequence[Span]) -> Row:
        """Return the row that is left without the cuts, which are disjoint, sorted pieces of `text`."""
        size = len(self.text)
        stays = [Span(a.end, b.start) for a, b in pairwise([Span(0, 0), *cuts, Span(size, size)])]
        pieces = tuple(piece for stay in stays if stay.end > stay.start for piece in self._original_pieces(stay))
        return Row(self.number, pieces, "".join(self.text[a:b] for a, b in stays))

    def _starts(self) -> list[int]:
        """Return where in `text` each piece begins."""
        if self._offsets is None:
            self._offsets = list(accumulate((p.end - p.start for p in self.pieces[:-1]), initial=0))
        return self._offsets

    def _original(self, at: int) -> int:
        piece = bisect_right(self._starts(), at) - 1
        return self.pieces[piece].start + at - self._starts()[piece]

    def _original_pieces(self, stay: Span) -> Iterable[Span]:
        offsets = self._starts()
        for number in range(bisect_right(offsets, stay.start) - 1, bisect_left(offsets, stay.end)):
            start, end = self.pieces[number]
            offset = offsets[number]
            yield Span(max(start, start + stay.start - offset), min(end, start + stay.end - offset))


def rows_of(contents: Sequence[str], slots: Mapping[int, frozenset[int]]) -> list[Row]:
    """Return a row for each line that is not blank, given a text split at `\\n` and the slots that fit lines."""
    rows, start, last = [], 0, len(contents) - 1
    for number, content in enumerate(contents):
        if content and not content.isspace():
            text = content[:-1] if content[-1] == "\r" and number != last else content
            rows.append(Row(number, start, text, slots.get(number, _NO_SLOTS)))
        start += len(content) + 1
    return rows


def paired(before: Iterable[Row], after: Iterable[Row]) -> Iterator[tuple[Row, Row | None]]:
    """Pair each row with what is left of its line, or with None; both are sorted by line."""
    rest = iter(after)
    left = next(rest, None)
    for row in before:
        if left is None or left.number != row.number:
            yield row, None
        else:
            yield row, left
            left = next(rest, None)

"""Text − removals.

Of the runs of blank lines around removed lines between two lines that stay the longest stays; at the head and the
tail of the text none does. A final line end stays if there was one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bodycopy.model import Line, Removal, Span
from bodycopy.rows import Row, paired

__all__ = ["pieces_gone", "render"]


def render(text: str, removals: Iterable[Removal]) -> str:
    """Return the text without the removals, which are disjoint and sorted."""
    pieces, at = [], 0
    for removal in removals:
        pieces.append(text[at : removal.start])
        at = removal.end
    return "".join([*pieces, text[at:]])


def pieces_gone(text: str, lines: Sequence[Line], before: Iterable[Row], after: Iterable[Row]) -> list[Span]:
    """Return the pieces of the text that go, given the rows that it had and those that are left of them, in order."""
    return _merged(_pieces(text, lines, before, after))


def _pieces(text: str, lines: Sequence[Line], before: Iterable[Row], after: Iterable[Row]) -> Iterator[Span]:
    above, removed = -1, list[int]()
    for row, left in paired(before, after):
        if left is None:
            removed.append(row.number)
            continue
        if removed:
            yield from _gap(text, lines, removed, above, row.number)
        if left is not row:
            yield from _cut_from(lines[row.number], left)
        above, removed = row.number, []
    if removed:
        yield from _gap(text, lines, removed, above, len(lines))


def _cut_from(line: Line, row: Row) -> Iterator[Span]:
    """Yield what is cut from a line that stays."""
    edges = [Span(line.start, line.start), *row.pieces, Span(line.end, line.end)]
    return (Span(left.end, right.start) for left, right in pairwise(edges) if left.end < right.start)


def _gap(text: str, lines: Sequence[Line], removed: Sequence[int], above: int, below: int) -> Iterator[Span]:
    """Yield what goes between two lines that stay; `above` is -1 at the head, `below` len(lines) at the tail."""
    if below == len(lines):
        final = text.endswith("\n")
        yield Span((lines[above].stop if final else lines[above].end) if above >= 0 else 0, len(text))
        return
    start, end = lines[above].stop if above >= 0 else 0, lines[below].start
    stays = _longest_blank_run(removed, above, below) if above >= 0 else range(0)
    if stays:
        yield Span(start, lines[stays[0]].start)
        start = lines[stays[-1]].stop
    yield Span(start, end)


def _longest_blank_run(removed: Sequence[int], above: int, below: int) -> range:
    """Return the first of the longest runs of lines between two lines that are not removed, so blank."""
    runs = [range(left + 1, right) for left, right in pairwise([above, *removed, below])]
    return max(runs, key=len)


def _merged(pieces: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in pieces:
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        elif end > start:
            merged.append(Span(start, end))
    return merged

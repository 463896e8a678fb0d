"""Text − removals.

Of the runs of blank lines around removed lines between two lines that stay the longest stays; at the head and the
tail of the text none does. A final line end stays if there was one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import pairwise

from bodycopy.model import Line, Removal, Span
from bodycopy.rows import Row

__all__ = ["pieces_gone", "render"]


def render(text: str, removals: Iterable[Removal]) -> str:
    """Return the text without the removals, which are disjoint and sorted."""
    pieces, at = [], 0
    for removal in removals:
        pieces.append(text[at : removal.start])
        at = removal.end
    return "".join([*pieces, text[at:]])


def pieces_gone(text: str, lines: Sequence[Line], before: Sequence[Row], after: Sequence[Row]) -> list[Span]:
    """Return the pieces of the text that go, given the rows that it had and those that are left of them."""
    whole = {row.number: row for row in before}
    pieces = [piece for row in after if whole[row.number] is not row for piece in _cut_from(lines[row.number], row)]
    left = [row.number for row in after]
    removed = whole.keys() - set(left)
    reached = -1
    for number in sorted(removed):
        if number > reached:
            at = bisect_left(left, number)
            above, below = left[at - 1] if at else -1, left[at] if at < len(left) else len(lines)
            pieces += _gap(text, lines, removed, above, below)
            reached = below
    return _merged(pieces)


def _cut_from(line: Line, row: Row) -> Iterator[Span]:
    """Yield what is cut from a line that stays."""
    edges = [Span(line.start, line.start), *row.pieces, Span(line.end, line.end)]
    return (Span(left.end, right.start) for left, right in pairwise(edges) if left.end < right.start)


def _gap(text: str, lines: Sequence[Line], removed: Set[int], above: int, below: int) -> Iterator[Span]:
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


def _longest_blank_run(removed: Set[int], above: int, below: int) -> range:
    """Return the first of the longest runs of lines between two lines that are not removed, so blank."""
    edges = [above, *(number for number in range(above + 1, below) if number in removed), below]
    runs = [range(left + 1, right) for left, right in pairwise(edges)]
    return max(runs, key=len)


def _merged(pieces: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(pieces):
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        elif end > start:
            merged.append(Span(start, end))
    return merged

"""Many texts at once: they are searched together, as one text, for what rules need."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from bodycopy.prefilter import Filter, Hits

__all__ = ["hits_of_each", "hits_of_joined", "portions"]

PORTION = 1_000_000
"""Characters that are searched together, or one text if it is longer."""


def portions(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts in order, some at a time."""
    some: list[str] = []
    size = 0
    for text in texts:
        some.append(text)
        size += len(text)
        if size >= PORTION:
            yield some
            some, size = [], 0
    if some:
        yield some


def hits_of_each(chosen: Filter, texts: Sequence[str]) -> dict[int, Hits]:
    """Return for the texts in which rules may find something, by their number, what the filter says of their lines."""
    return hits_of_joined(chosen, "\n".join(texts), [text.count("\n") + 1 for text in texts])


def hits_of_joined(chosen: Filter, joined: str, sizes: Iterable[int]) -> dict[int, Hits]:
    """Do so for texts that are joined by line ends, given the number of lines of each."""
    starts = list(accumulate(sizes, initial=0))
    found: dict[int, Hits] = {}
    for line, patterns in chosen.lines_of(joined).items():
        text = bisect_right(starts, line) - 1
        found.setdefault(text, {})[line - starts[text]] = patterns
    return found

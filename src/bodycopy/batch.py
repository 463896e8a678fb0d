"""Many texts at once: they are searched together, as one text, for what rules need."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from bodycopy.prefilter import Candidates, Filter

__all__ = ["candidates_of_each", "candidates_of_joined", "portions"]

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


def candidates_of_each(chosen: Filter, texts: Sequence[str]) -> dict[int, Candidates]:
    """Return for the texts in which rules may find something, by their number, what the filter says of their lines."""
    return candidates_of_joined(chosen, "\n".join(texts), [text.count("\n") + 1 for text in texts])


def candidates_of_joined(chosen: Filter, joined: str, sizes: Iterable[int]) -> dict[int, Candidates]:
    """Do so for texts that are joined by line ends, given the number of lines of each."""
    starts = list(accumulate(sizes, initial=0))
    together = chosen.candidates(joined)
    found: dict[int, dict[int, dict[int, bool]]] = {}
    for line, patterns in together.patterns.items():
        text = bisect_right(starts, line) - 1
        found.setdefault(text, {})[line - starts[text]] = patterns
    return {text: together.part(patterns, starts[text]) for text, patterns in found.items()}

"""Document → lines.

A line ends at `\\n` or `\\r\\n`. Every other break (`\\r`, form feed, U+2028, …) is white space inside a line:
`str.splitlines` would split at ten separators and move every line number.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import overload

from bodycopy.model import Line

__all__ = ["Lines", "segment"]


class Lines(Sequence[Line]):
    """The lines of a text. A text may have a million, so each is made when it is asked for."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str, contents: Sequence[str]) -> None:
        """Take a text, and the same split at line ends, `\\n`."""
        self._text = text
        sizes = [len(content) + 1 for content in contents]
        if sizes[-1] == 1:
            sizes.pop()  # No line follows the last line end.
        else:
            sizes[-1] -= 1
        self._starts = list(accumulate(sizes, initial=0))

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, at: int) -> Line: ...

    @overload
    def __getitem__(self, at: slice) -> list[Line]: ...

    def __getitem__(self, at: int | slice) -> Line | list[Line]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        number = range(len(self))[at]
        start, stop = self._starts[number], self._starts[number + 1]
        ending = self._text[max(start, stop - 2) : stop]
        return Line(start, stop - (2 if ending == "\r\n" else ending.endswith("\n")), stop)


def segment(text: str) -> Lines:
    """Split a text into lines that follow each other without a gap and cover all of it.

    >>> list(segment("a\\r\\n\\nb"))
    [Line(start=0, end=1, stop=3), Line(start=3, end=3, stop=4), Line(start=4, end=5, stop=5)]
    """
    return Lines(text, text.split("\n"))

"""Document → lines.

A line ends at `\\n` or `\\r\\n`. Every other break (`\\r`, form feed, U+2028, …) is white space inside a line:
`str.splitlines` would split at ten separators and move every line number.
"""

from __future__ import annotations

from itertools import accumulate

from bodycopy.model import Line

__all__ = ["segment"]


def segment(text: str) -> list[Line]:
    """Split a text into lines that follow each other without a gap and cover all of it.

    >>> segment("a\\r\\n\\nb")
    [Line(start=0, end=1, stop=3), Line(start=3, end=3, stop=4), Line(start=4, end=5, stop=5)]
    """
    contents = text.split("\n")
    starts = list(accumulate(map(len, contents), lambda start, size: start + size + 1, initial=0))
    ends = [start + len(content) - content.endswith("\r") for start, content in zip(starts, contents, strict=False)]
    stops = starts[1:]
    stops[-1] -= 1  # no line end after the last line
    if not contents[-1]:
        del stops[-1]
    elif contents[-1].endswith("\r"):
        ends[-1] += 1
    return list(map(Line, starts, ends, stops))

"""Document → lines.

A line ends at `\\n` or `\\r\\n`. Every other break (`\\r`, form feed, U+2028, …) is white space inside a line:
`str.splitlines` would split at ten separators and move every line number.
"""

from __future__ import annotations

from bodycopy.model import Line

__all__ = ["segment"]


def segment(text: str) -> list[Line]:
    """Split a text into lines that follow each other without a gap and cover all of it.

    >>> segment("a\\r\\n\\nb")
    [Line(start=0, end=1, stop=3), Line(start=3, end=3, stop=4), Line(start=4, end=5, stop=5)]
    """
    lines, start = [], 0
    while (newline := text.find("\n", start)) >= 0:
        end = newline - 1 if newline > start and text[newline - 1] == "\r" else newline
        lines.append(Line(start, end, newline + 1))
        start = newline + 1
    if start < len(text):
        lines.append(Line(start, len(text), len(text)))
    return lines

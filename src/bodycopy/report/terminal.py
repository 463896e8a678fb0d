"""Text for people: what a stranger wrote must not drive the terminal, and numbers come with their nouns."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["called", "counted", "visible"]

_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Return one line of text with its control characters, tabs aside, written as escapes.

    >>> print(visible("\x1b[2J gone?"))
    \x1b[2J gone?
    """
    return _UNPRINTABLE.sub(lambda found: ascii(found.group())[1:-1], text)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "line"), counted(1200, "line")
    ('1 line', '1,200 lines')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def called(name: str, record: int | None) -> str:
    """Return what a text is called: by its file, and by the number of its record if it is one of many.

    >>> called("a.txt", None), called("a.jsonl", 3)
    ('a.txt', 'a.jsonl, record 3')
    """
    return name if record is None else f"{name}, record {record}"

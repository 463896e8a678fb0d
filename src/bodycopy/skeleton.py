"""The letters and digits of a text, one byte each: what all ways to write a phrase have in common.

White space, quotes, dashes, bullets and all other signs but © are left out, and letter case does not count, so a line
that a phrase covers has the skeleton of the phrase. The outline of a text has its other signs too, and lacks only the
white space. Different characters may share a byte: equal skeletons are a reason to look closer, different ones a proof
that there is nothing to see.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import regex

from bodycopy.form import DASHES, QUOTES, fold
from bodycopy.store import kept

__all__ = ["COPYRIGHT", "DIGIT", "Lookup", "bare", "outline", "skeleton"]

DIGIT: Final = b"0"
"""Stands for every digit."""

COPYRIGHT: Final = b"\x01"
"""Stands for ©: what is around it says little, and it says much."""

_PART: Final = 1 << 14
"""Characters of a long text that are looked up together: one emoji makes all of them take longer."""

_LAST: Final = 0x20000  # from here on there are rare ideographs, and signs: all are left out
_GONE: Final = b"\0"
_SIGNS: Final = bytes(code for code in range(2, 128) if not chr(code).isalnum() and chr(code) != "\n")
"""The bytes that stand for signs: ASCII for itself, and the control characters for all that are not ASCII."""
_CONTROLS: Final = _SIGNS[: _SIGNS.index(b" ")]


def skeleton(text: str) -> bytes:
    """Return the letters, digits, copyright signs and line ends of a text, one byte each.

    What `regex` takes as equal when it ignores case has the same skeleton, and what it calls no word character (`\\W`)
    has none, © aside. The skeleton of a text is that of its parts put together.

    >>> skeleton("» READ  More (12)\\n") == skeleton("Read-more 99 …\\n") == b"readmore00\\n"
    True
    """
    return bare(outline(text))


def bare(outlined: bytes) -> bytes:
    """Return the skeleton of a text, given its outline."""
    return outlined.translate(None, _SIGNS)


def outline(text: str) -> bytes:
    """Return the skeleton of a text with its other signs, of which all quotes are one, and so are all dashes.

    >>> outline("“READ  More” (12)\\n") == outline("'Read more' (99)\\n") == b"'readmore'(00)\\n"
    True
    """
    if len(text) <= _PART:
        return _outline_of_part(text)
    return b"".join([_outline_of_part(text[at : at + _PART]) for at in range(0, len(text), _PART)])


def _outline_of_part(text: str) -> bytes:
    try:
        table, gone = _latin_table()
        return text.encode("latin-1").translate(table, gone)
    except UnicodeEncodeError:
        return _outline_of_any(text)


class Lookup:
    """Outlines of all texts: numpy is quicker than Python by far, and takes longer to import than a file to clean."""

    def __init__(self, few: int) -> None:
        """Take the number of characters that are looked up one by one before numpy is imported."""
        self._left = few

    def outline(self, text: str) -> bytes:
        """Return the outline of any text."""
        if len(text) <= self._left:
            self._left -= len(text)
            return self._outline_of_few(text)
        import numpy as np  # noqa: PLC0415 - heavy, and a short run may never need it

        codes = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
        if len(codes) != len(text):
            codes = np.minimum(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32), _LAST)
        return np.frombuffer(_table(), np.uint8).take(codes).tobytes().translate(None, _GONE)

    @staticmethod
    def _outline_of_few(text: str) -> bytes:
        table = _table()
        return bytes([table[min(ord(sign), _LAST)] for sign in text]).translate(None, _GONE)


_outline_of_any = Lookup(few=100_000).outline


@cache
def _table() -> bytes:
    """Return the byte of every character up to `_LAST`."""
    return kept("outline", (), lambda: _bytes_of("".join(map(chr, range(_LAST))))) + _GONE


@cache
def _latin_table() -> tuple[bytes, bytes]:
    """Return the byte of every character of Latin-1, and the characters that are left out."""
    table = _bytes_of("".join(map(chr, range(256))))
    return table, bytes(code for code, byte in enumerate(table) if byte == 0)


def _bytes_of(signs: str) -> bytes:
    table = bytearray(map(_byte_of, map(ord, signs)))
    for sign in signs:
        if (folded := fold(sign)) != sign:
            table[ord(sign)] = _byte_of(ord(folded[0]))
    # What is white space to Python alone is none to `regex`, and `str.strip` takes it off a line.
    for found in regex.finditer(r"(?P<digit>\d)|(?P<space>[\s\x1c-\x1f])|(?P<sign>\W|_)", signs, regex.IGNORECASE):
        table[found.start()] = DIGIT[0] if found["digit"] else 0 if found["space"] else _byte_of_sign(found["sign"])
    table[ord("\n")] = ord("\n")
    table[ord("©")] = COPYRIGHT[0]
    return bytes(table)


def _byte_of(code: int) -> int:
    """Return ASCII as it is, and anything else as one of the other 128 bytes."""
    return code if code < 128 else 128 | (code ^ code >> 7) & 127


def _byte_of_sign(sign: str) -> int:
    sign = "'" if sign in QUOTES else "-" if sign in DASHES else sign
    return ord(sign) if " " < sign < "\x7f" else _CONTROLS[ord(sign) % len(_CONTROLS)]

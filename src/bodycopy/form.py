"""The form of one line: words, prose, capitals, digits, bullet, indent; and when two lines say the same.

Everything here depends on the line alone, never on its neighbours. That is what makes the order of rules and
lines immaterial (docs/rules.md, "Meaning").
"""

from __future__ import annotations

import re
from typing import Final

import regex

__all__ = [
    "BULLET",
    "BULLETS",
    "DASHES",
    "ORNAMENT",
    "PROSE_WORDS",
    "QUOTES",
    "begins_with_words",
    "count_words",
    "cut_stem",
    "ends_sentence",
    "ends_unmarked",
    "fold",
    "has_bullet",
    "has_digit",
    "indent_of",
    "is_prose",
    "same_form",
    "share_of_capitals",
    "share_of_digits",
]

BULLETS: Final = "-–—*+•·▪▫●○◦‣⁃■□▸►▶▷»›>→✓✔|"
BULLET: Final = rf"(?:[{BULLETS}])"
"""A mark that may stand before a phrase and does not count."""

ORNAMENT: Final = r"(?:[:…»›>→*]|\.{3})"
"""A mark that may stand after a phrase and does not count. A full stop and an exclamation mark do."""

QUOTES: Final = "'\"‘’‚‛“”„‟«»‹›′″´`＂＇「」『』"
"""Quotation marks and apostrophes; one matches any other."""

DASHES: Final = "-‐‑‒–—―−－"
"""Hyphens and dashes; one matches any other."""

_WORD: Final = re.compile(r"\w\S*")
_WESTERN: Final = "cp1252"
"""The code page that has, beside the letters of Latin-1, the quotes, dashes and the ellipsis of most texts."""
_OF_BYTES: Final = [bytes([byte]).decode(_WESTERN, "replace") for byte in range(256)]
_WORDS_ONLY: Final = b"".join(b"a" if sign.isalnum() or sign == "_" else b" " for sign in _OF_BYTES)
_NO_WORDS: Final = bytes(b for b, s in enumerate(_OF_BYTES) if not (s.isalnum() or s == "_" or s.isspace()))
_IDEOGRAPH: Final = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_UNMARKED: Final = regex.compile(r"[\p{Thai}\p{Lao}]")
_UNMARKED_LEAD: Final = 0xE0  # begins every Thai and Lao letter in UTF-8; as bytes it is looked for in thrice the time
_CLOSERS: Final = r"""(?:["'”’“»«›‹」』）)\]*]|\[\d{1,3}\])"""
_SENTENCE_END: Final = regex.compile(rf"(?:(?<!\.\.)[.!?。！？．؟۔।॥։።။።;]|…(?={_CLOSERS})){_CLOSERS}*\Z")
_INNER_SENTENCE_END: Final = re.compile(r"""[.!?؟।۔]["”’»)]?\s|[。！？]""")
_DIGIT: Final = re.compile("[0-9]")
_CUT: Final = regex.compile(r"\s*(?:…|\.{3}|\[(?:…|\.{3})\])\s*\Z")
_BULLET_SIGNS: Final = frozenset(BULLETS)
_ORNAMENTS: Final = tuple(":…»›>→*")
_ENDS: Final = frozenset(".!?。！？．؟۔।॥։။።;")
_CLOSING: Final = frozenset("'\"”’“«»‹›」』）)]*")
_ELLIPSES: Final = ("…", "...", "]")
_SIGNS: Final = dict.fromkeys(QUOTES, "'") | dict.fromkeys(DASHES, "-")
_PLAIN_SIGNS: Final = tuple((sign, plain) for sign, plain in _SIGNS.items() if sign.isascii() and sign != plain)
_OTHER_SIGNS: Final = tuple((sign, plain) for sign, plain in _SIGNS.items() if not sign.isascii())

PROSE_WORDS: Final = 5
"""Words of the shortest line of prose."""

_LONG_WORDS = 20
_HUGE = 100_000  # characters above which a list of all words would be too much at once
_BEGIN = 80  # characters of a long line whose words are counted first; to count all takes a while
_TAIL = 80  # characters that are enough to see how a line ends; a line may be 50 MB long


def fold(text: str) -> str:
    """Map every letter to one that stands for all that `regex` takes as equal when it ignores case.

    Maps character by character and never touches a line end, so lines keep their order and number; their lengths
    may change, so no position may be carried over.

    >>> fold("İSTANBUL ſtraße") == fold("istanbul strasse")
    True
    """
    return text.lower() if text.isascii() else text.replace("İ", "i").replace("ı", "i").casefold()


def same_form(text: str) -> str:
    """Reduce a line to what counts when two lines are compared.

    Letter case, the kind of quotes and dashes, the amount of white space and ornaments at the end do not count.

    >>> same_form("  “Who’s  there?”  → ") == same_form('"WHO\\'S THERE?"')
    True
    """
    text = _without_ornaments(text)
    for sign, plain in _PLAIN_SIGNS if text.isascii() else (*_PLAIN_SIGNS, *_OTHER_SIGNS):
        if sign in text:
            text = text.replace(sign, plain)
    return " ".join(fold(text).split())


def _without_ornaments(text: str) -> str:
    while True:
        text = text.rstrip()
        if text.endswith(_ORNAMENTS):
            text = text[:-1]
        elif text.endswith("..."):
            text = text[:-3]
        else:
            return text


def count_words(text: str) -> int:
    """Count the words of a line: runs without white space that hold a letter or a digit.

    In Chinese and Japanese, which do not separate words, two characters count as one word.

    >>> count_words("Home | World – News")
    3
    >>> count_words("今天天气很好。")
    3
    """
    try:  # Of bytes the words are counted in a third of the time.
        western = text.encode("ascii" if text.isascii() else _WESTERN)
    except UnicodeEncodeError:
        return _count_of_any_script(text)
    return (b" " + western.translate(_WORDS_ONLY, _NO_WORDS)).count(b" a")


def begins_with_words(text: str, number: int) -> bool:
    """Say whether the beginning of a long line has so many words; then all of it has."""
    return len(text) > _BEGIN and count_words(text[:_BEGIN]) >= number


def _count_of_any_script(text: str) -> int:
    if len(text) >= _HUGE:
        words = _count_long(text)
    else:
        parts = text.split()
        words = len(parts) - len([part for part in parts if not part[0].isalnum() and not _WORD.search(part)])
    if not words or _bytes_more(text) // 4 <= words:
        return words
    ideographs = sum(1 for _ in _IDEOGRAPH.finditer(text))
    return max(words, ideographs // 2) if ideographs else words


def _count_long(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))


def _bytes_more(text: str) -> int:
    """Return how many bytes a text has more than characters: an ideograph has two more."""
    return len(text.encode("utf-8", "surrogatepass")) - len(text)


def ends_sentence(text: str) -> bool:
    """Say whether a line ends as a sentence does; one that trails off in an ellipsis does not.

    >>> ends_sentence('"So be it."'), ends_sentence("Read more"), ends_sentence("The minister said …")
    (True, False, False)
    """
    text = text.rstrip()
    last = text[-1:]
    if last in _ENDS:
        return text[-3:-1] != ".."
    return last in _CLOSING and _SENTENCE_END.search(text[-_TAIL:]) is not None


def is_prose(text: str, words: int | None = None) -> bool:
    """Say whether a line is running text; `words` is how many it has, if that is known already.

    It ends a sentence and has five words or more, or it has twenty and a sentence ends inside; a teaser that ends
    in an ellipsis is no prose.
    """
    if words is None:
        words = count_words(text)
    if words < PROSE_WORDS:
        return False
    if ends_sentence(text):
        return True
    return words >= _LONG_WORDS and cut_stem(text) is None and _INNER_SENTENCE_END.search(text) is not None


def ends_unmarked(text: str) -> bool:
    """Say whether a line is in a script that does not mark the end of a sentence (Thai, Lao).

    Such a line may be running text, and its form does not tell.
    """
    if text.isascii() or _UNMARKED_LEAD not in text.encode("utf-8", "surrogatepass"):
        return False
    unmarked = sum(1 for _ in _UNMARKED.finditer(text))
    return unmarked > 0 and 2 * unmarked >= sum(map(str.isalpha, text))


def cut_stem(text: str) -> str | None:
    """Return what stands before the ellipsis that a line ends in, or None if it ends in none.

    >>> cut_stem("Putin calls for end to...")
    'Putin calls for end to'
    """
    text = text.rstrip()
    if not text.endswith(_ELLIPSES):
        return None
    found = _CUT.search(text, max(0, len(text) - _TAIL))
    return text[: found.start()] if found else None


def has_bullet(text: str) -> bool:
    """Say whether a line begins with a bullet."""
    text = text.lstrip()
    return text[:1] in _BULLET_SIGNS and text[1:2].isspace()


def indent_of(text: str) -> int:
    """Count the white space before the first other character."""
    return len(text) - len(text.lstrip())


def share_of_capitals(text: str) -> float:
    """Return the capitals among the letters of a line, 0 to 1; 0 if it has no letter."""
    letters = sum(map(str.isalpha, text))
    return sum(map(str.isupper, text)) / letters if letters else 0.0


def has_digit(text: str) -> bool:
    """Say whether a line holds a digit."""
    return _DIGIT.search(text) is not None or (not text.isascii() and any(map(str.isdigit, text)))


def share_of_digits(text: str) -> float:
    """Return the digits among the letters and digits of a line, 0 to 1; 0 if it has neither."""
    if not has_digit(text):
        return 0.0
    signs = sum(map(str.isalnum, text))
    return sum(map(str.isdigit, text)) / signs if signs else 0.0

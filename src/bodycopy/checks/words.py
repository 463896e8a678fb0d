"""How common words are, in many languages. The table is described in `data/README.md`; only `rules check` reads it."""

from __future__ import annotations

import gzip
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import regex

from bodycopy.form import fold

__all__ = ["Count", "count_of", "pieces"]

_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*")
_OTHER = regex.compile(r"[^\p{L}\p{M}\s.,:;!?¡¿…»>→*。，！？'’-]")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]+")


class Count(NamedTuple):
    """The decimal logarithm of how often a word stands in 10⁹, in the language that has it most often."""

    zipf: float
    language: str


def count_of(word: str) -> Count | None:
    """Return how common a word is, or None if it is rare in every language.

    >>> count_of("The")
    Count(zipf=7.7, language='en')
    """
    return _table().get(fold(word).replace("’", "'"))


def pieces(phrase: str) -> list[str] | None:
    """Return the words of a phrase, or None if it holds more than words and the signs of a sentence.

    Chinese and Japanese are split into the fewest words of the table.

    >>> pieces("Read more …"), pieces("评论区"), pieces("Top 10")
    (['Read', 'more'], ['评论', '区'], None)
    """
    if _OTHER.search(phrase):
        return None
    return [piece for word in _WORD.findall(phrase) for piece in _split(word)]


def _split(word: str) -> list[str]:
    if not _UNSPACED.fullmatch(word) or count_of(word):
        return [word]
    for at in range(len(word) - 1, 0, -1):
        if count_of(word[:at]):
            return [word[:at], *_split(word[at:])]
    return [word]


@cache
def _table() -> dict[str, Count]:
    packed = (files("bodycopy") / "data" / "words.txt.gz").read_bytes()
    table: dict[str, Count] = {}
    for line in gzip.decompress(packed).decode("utf-8").split("\n"):
        language, tenths, *words = line.split(" ")
        count = Count(int(tenths) / 10, language)
        for word in map(fold, words):
            if word not in table or table[word] < count:
                table[word] = count
    return table

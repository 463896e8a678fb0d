"""How common words are, in many languages. The table is described in `data/README.md`; only `rules check` reads it."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import regex

from bodycopy.form import fold

__all__ = ["counts_of", "pieces"]

_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*")
_OTHER = regex.compile(r"[^\p{L}\p{M}\s.,:;!?¡¿…»>→*。，！？'’-]")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]+")


def counts_of(word: str) -> Mapping[str, float]:
    """Return how common a word is, in each language where it is not rare: the decimal logarithm of its count in 10⁹.

    >>> counts_of("The")["en"]
    7.7
    """
    return _table().get(fold(word).replace("’", "'"), {})


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
    if not _UNSPACED.fullmatch(word) or counts_of(word):
        return [word]
    for at in range(len(word) - 1, 0, -1):
        if counts_of(word[:at]):
            return [word[:at], *_split(word[at:])]
    return [word]


@cache
def _table() -> dict[str, dict[str, float]]:
    packed = (files("bodycopy") / "data" / "words.txt.gz").read_bytes()
    table: dict[str, dict[str, float]] = {}
    for line in gzip.decompress(packed).decode("utf-8").split("\n"):
        language, tenths, *words = line.split(" ")
        for word in map(fold, words):
            counts = table.setdefault(word, {})
            counts[language] = max(int(tenths) / 10, counts.get(language, 0))
    return table

"""Phrases that an article may say too: a few common words without a guard, or an open end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bodycopy.checks.finding import Finding, finding_at
from bodycopy.checks.texts import own_texts
from bodycopy.checks.words import counts_of, pieces
from bodycopy.patterns import Pattern
from bodycopy.rules import Block, Item, LineOf, Lines, Rule, SpanOf, Where
from bodycopy.schema import shown

__all__ = ["find_unsafe"]

COMMON_ALONE = 4.4
"""A Zipf frequency: a word is common by itself if it stands 25 times in a million words."""

COMMON_IN_COMPANY = 5.0
MOST_COMMON_IN_COMPANY = 6.0
"""Two or three words are common if, in one language, each stands 100 times in a million and one of them 1,000 times."""

_SHORT = 2
_LONGEST_LINE = 2
_LONGEST_SPAN = 3
_GUARDS = "`where`, `after`, `before`, `near`, `site`, `score` or `words` with `sentence`"
_GUARDS_OF_SPAN = "`site`, or `words` with `sentence`, or write it as a `line`"


def find_unsafe(rule: Rule) -> Iterator[Finding]:
    """Yield the phrases of a rule that may hit an article."""
    if not _is_guarded(rule):
        is_span = isinstance(rule.finder, SpanOf)
        longest, guards = (_LONGEST_SPAN, _GUARDS_OF_SPAN) if is_span else (_LONGEST_LINE, _GUARDS)
        for pattern in _judged(rule):
            if common := _common(pattern, longest):
                message = f"{shown(pattern.source)} may stand in an article ({common}); add {guards}"
                yield finding_at(rule, pattern, "BC401", message)
    yield from _open_ended(rule)


def _judged(rule: Rule) -> Sequence[Pattern]:
    """Return the patterns that are enough by themselves for the rule to remove something."""
    match rule.finder:
        case LineOf(patterns) | SpanOf(patterns) | Lines((Item(patterns),)) | Block(patterns, ()):
            return patterns
    return ()


def _is_guarded(rule: Rule) -> bool:
    guards = rule.guards
    by_place = guards.where is not Where.ANYWHERE or guards.after or guards.before or guards.near or guards.share
    by_form = guards.words is not None and guards.sentence is not None
    return bool(by_place or by_form or guards.site) or rule.score is not None


def _common(pattern: Pattern, longest: int) -> str | None:
    """Name the words of a pattern, or of one of its few texts, with their counts if all are common, and few."""
    if "(?-i" in pattern.source:  # who asks for capitals has seen what else there is
        return None
    return next((reason for text in own_texts(pattern) if (reason := _common_text(text, longest))), None)


def _common_text(text: str, longest: int) -> str | None:
    if sum(map(str.isalpha, text)) <= 1 and (len(text) <= _SHORT or text.isdigit()):
        return f"{shown(text)} is no word"
    words = pieces(text)
    if not words or len(words) > longest:
        return None
    counts = list(map(counts_of, words))
    languages = [name for name in counts[0] if _are_common([of_word.get(name, 0) for of_word in counts])]
    if not languages:
        return None
    best = max(languages, key=lambda name: (min(of_word[name] for of_word in counts), name))
    return ", ".join(_in_words(word, of_word[best], best) for word, of_word in zip(words, counts, strict=True))


def _are_common(zipfs: Sequence[float]) -> bool:
    if len(zipfs) == 1:
        return zipfs[0] >= COMMON_ALONE
    return min(zipfs) >= COMMON_IN_COMPANY and max(zipfs) >= MOST_COMMON_IN_COMPANY


def _in_words(word: str, zipf: float, language: str) -> str:
    return f"{shown(word)} is {_rounded(10 ** (zipf - 3)):,} in a million words of {language}"


def _rounded(number: float) -> int:
    """Round to one digit that counts: the counts are rough."""
    return int(float(f"{number:.0e}"))


def _open_ended(rule: Rule) -> Iterator[Finding]:
    guards = rule.guards
    if isinstance(rule.finder, LineOf) and guards.words is None and guards.sentence is not False:
        for pattern in rule.finder.patterns:
            if pattern.open_ended:
                message = f"{shown(pattern.source)} may hit a sentence; add `words: 1..8` or `sentence: false`"
                yield finding_at(rule, pattern, "BC402", message)

"""The texts that a pattern is about, as far as it says one thing only, and what else matches them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Final

import regex

from bodycopy.checks.syntax import NotUnderstoodError, every_text, read
from bodycopy.form import count_words, fold
from bodycopy.matcher import Program, Role, Slot
from bodycopy.patterns import Pattern, anywhere, covering
from bodycopy.rules import Block, Item, LineOf, Lines, Rule, RuleSet

__all__ = ["COVERING", "Bench", "first_line", "forms", "matches", "own_text", "own_texts", "shortest_text"]

PATIENCE = 0.1
"""Seconds that one pattern may take on one text; one that takes longer is said not to match."""

COVERING: Final = frozenset({Role.COVER, Role.HINT})
"""Roles of patterns that match all of a line, or all of a part of it, or nothing."""

_STAR: Final = regex.compile(r"(?<!\\)\*")


@cache
def own_texts(pattern: Pattern) -> tuple[str, ...]:
    r"""Return the few texts that a pattern is, letter case aside, or nothing if they are many.

    >>> own_texts(Pattern("Name \\*")), own_texts(Pattern(r"/1\.5 votes?/")), own_texts(Pattern("More from *"))
    (('Name *',), ('1.5 vote', '1.5 votes'), ())
    """
    if pattern.expression is None:
        return () if _STAR.search(pattern.source) else (pattern.source.replace("\\*", "*"),)
    try:
        texts = every_text(read(pattern.expression))
    except NotUnderstoodError:
        return ()
    return texts if all(map(str.strip, texts)) else ()


def own_text(pattern: Pattern) -> str | None:
    """Return the one text that a pattern is, or None if it is more than one."""
    texts = own_texts(pattern)
    return texts[0] if len(texts) == 1 else None


def shortest_text(pattern: Pattern) -> str | None:
    """Return the text of a phrase whose stars are nothing, or the shortest of the few of a regular expression."""
    if pattern.expression is not None:
        return min(own_texts(pattern), key=count_words, default=None)
    return _STAR.sub("", pattern.source).replace("\\*", "*").strip()


def forms(pattern: Pattern, role: Role) -> tuple[str, ...]:
    """Return texts on which a pattern of few texts matches and that stand for all: each with what may be around it."""
    texts = [form for text in own_texts(pattern) for form in _in_every_case(pattern, text)]
    if role not in COVERING:
        return tuple(form for text in texts for form in (text, f"¶ {text} ¶"))
    if pattern.expression is not None:
        return tuple(texts)
    return tuple(form for text in texts for form in (text, f"• {text}", f"{text} »", f"{text}:"))


def _in_every_case(pattern: Pattern, text: str) -> Iterator[str]:
    """Yield a text as it is, and in capitals and small letters if these may differ."""
    yield text
    if "(?-i" not in pattern.source:
        yield from {text.upper(), text.lower()} - {text}


def matches(pattern: Pattern, role: Role, text: str) -> Iterator[tuple[int, int]]:
    """Yield the pieces of a text, stripped, that a pattern matches; a covering one matches all of it or nothing."""
    if role in COVERING and _letters_of(pattern) not in (None, _letters(text)):
        return  # seen without compiling, which takes a millisecond
    try:
        if role in COVERING:
            found = covering(pattern).fullmatch(text.strip(), timeout=PATIENCE)
            yield from [found.span()] if found else []
        else:
            yield from [match.span() for match in anywhere(pattern).finditer(text.strip(), timeout=PATIENCE)]
    except (TimeoutError, MemoryError):
        return


def first_line(rule: Rule) -> Sequence[Pattern]:
    """Return the patterns of the line that `words`, `sentence` and `unless` look at, of rules that find whole lines."""
    match rule.finder:
        case LineOf(patterns) | Block(patterns):
            return patterns
        case Lines(items):
            first = next(item for item in items if isinstance(item, Item))
            return () if first.optional else first.patterns
    return ()


class Bench:
    """All rules together, made ready for trying texts on them."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.program = Program(rules)
        self._number_of = {rule.id: number for number, rule in enumerate(rules)}

    def slots_of(self, rule: Rule) -> list[Slot]:
        """Return the blocks of patterns of a rule."""
        numbers = self.program.slots_of[self._number_of[rule.id]]
        return [self.program.slots[number] for number in numbers]

    def hits(self, text: str, role: Role) -> Iterator[tuple[Slot, Pattern]]:
        """Yield the patterns of a role that match on a text."""
        numbers = {*self.program.filter.always, *self.program.filter.of_line(text)}
        for number in sorted(numbers):
            found, pattern = self.program.slots[self.program.slot_of[number]], self.program.pattern(number)
            if found.role is role and any(matches(pattern, role, text)):
                yield found, pattern


@cache
def _letters_of(pattern: Pattern) -> str | None:
    """Return the letters and digits that any text covered by a pattern has, if it is one text."""
    text = own_text(pattern)
    return None if text is None else _letters(text)


@lru_cache(maxsize=1000)
def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))

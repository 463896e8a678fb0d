"""The texts that a pattern is about, as far as it says one thing only, and what else matches them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

import regex

from bodycopy.form import fold
from bodycopy.matcher import Program, Role, Slot
from bodycopy.patterns import Pattern, anywhere, covering
from bodycopy.rules import Block, Item, LineOf, Lines, Patterns, Rule, RuleSet

__all__ = ["COVERING", "Bench", "first_line", "forms", "matches", "own_text", "shortest_text"]

PATIENCE = 0.1
"""Seconds that one pattern may take on one text; one that takes longer is said not to match."""

COVERING: Final = frozenset({Role.COVER, Role.HINT})
"""Roles of patterns that match all of a line, or all of a part of it, or nothing."""

_FIXED: Final = regex.compile(r"(?:[^\\.^$*+?{}\[\]|()]|\\[^\p{L}\p{N}])+")
_STAR: Final = regex.compile(r"(?<!\\)\*")


def own_text(pattern: Pattern) -> str | None:
    r"""Return the one text that a pattern is, or None if it is more than one.

    >>> own_text(Pattern("Name \\*")), own_text(Pattern(r"/1\.5 votes/")), own_text(Pattern("More from *"))
    ('Name *', '1.5 votes', None)
    """
    if pattern.expression is None:
        return None if _STAR.search(pattern.source) else pattern.source.replace("\\*", "*")
    if _FIXED.fullmatch(pattern.expression):
        return regex.sub(r"\\(.)", r"\1", pattern.expression)
    return None


def shortest_text(pattern: Pattern) -> str | None:
    """Return the text of a phrase whose stars are nothing, or that of a fixed regular expression."""
    if pattern.expression is not None:
        return own_text(pattern)
    return _STAR.sub("", pattern.source).replace("\\*", "*").strip()


def forms(pattern: Pattern, role: Role) -> tuple[str, ...]:
    """Return texts on which a pattern of one text matches and that stand for all: each with what may be around it."""
    text = own_text(pattern)
    if text is None:
        return ()
    if role not in COVERING:
        return text, f"¶ {text} ¶"
    return (text,) if pattern.expression is not None else (text, f"• {text}", f"{text} »", f"{text}:")


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


def first_line(rule: Rule) -> Patterns:
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
        for slot, pattern in map(self.program.patterns.__getitem__, sorted(numbers)):
            found = self.program.slots[slot]
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

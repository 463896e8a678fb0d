"""Which patterns the examples fire.

A pattern has fired where it fits a line of an example on which its rule acted. What prevents a rule from acting
(`unless`) or says where a text is from (`fingerprint`) does not count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import regex

from bodycopy.examples.settings import Attempt
from bodycopy.matcher import Program, Reading, Role
from bodycopy.patterns import Pattern
from bodycopy.rows import Row
from bodycopy.rules import LineOf, Rule, RuleSet, SpanOf
from bodycopy.segmenter import segment

__all__ = ["Coverage", "coverage_of", "fired_patterns"]

_WORD_START = regex.compile(r"(?<=\s)\S")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many patterns there are, and which of them no example fires."""

    patterns: int
    idle: tuple[tuple[Rule, Pattern], ...]

    @property
    def fired(self) -> int:
        """The number of patterns that an example fires."""
        return self.patterns - len(self.idle)

    @property
    def percent(self) -> float:
        """The share of the patterns that an example fires, in percent."""
        return 100 * self.fired / self.patterns if self.patterns else 100.0


class _Run(Protocol):
    @property
    def rule(self) -> Rule: ...
    @property
    def fired(self) -> frozenset[int]: ...


def coverage_of(rules: Sequence[Rule], proofs: Iterable[_Run]) -> Coverage:
    """Add up what the proofs of the rules fired."""
    fired: defaultdict[str, set[int]] = defaultdict(set)
    for proof in proofs:
        fired[proof.rule.id] |= proof.fired
    patterns = 0
    idle: list[tuple[Rule, Pattern]] = []
    for rule in rules:
        alone = Program(RuleSet([rule]), prefilter=False)
        for number, (_, pattern) in enumerate(_patterns(alone, 0)):
            patterns += 1
            idle += [(rule, pattern)] if number not in fired[rule.id] else []
    return Coverage(patterns, tuple(idle))


def fired_patterns(program: Program, rule: int, attempt: Attempt) -> frozenset[int]:
    """Return the patterns of a rule that fit a line of an example on which it acted, by their numbers."""
    reading = Reading(program, attempt.setting.document)
    texts = list(_texts(program, rule, reading, attempt))
    return frozenset(
        number
        for number, (role, pattern) in enumerate(_patterns(program, rule))
        if any(_fits(reading, rule, role, pattern, text) for text in texts)
    )


def _patterns(program: Program, rule: int) -> Iterator[tuple[Role, Pattern]]:
    """Yield the patterns with which a rule finds something, in a fixed order."""
    for slot in map(program.slots.__getitem__, program.slots_of[rule]):
        if slot.role is not Role.FINGERPRINT:
            yield from ((slot.role, pattern) for pattern in slot.patterns)


def _texts(program: Program, rule: int, reading: Reading, attempt: Attempt) -> Iterator[str]:
    """Yield the lines of the example that count, as they are and as `span` rules leave them."""
    text = attempt.setting.document.text
    rows = [Row(n, line.start, text[line.start : line.end]) for n, line in enumerate(segment(text))]
    reading.scan(rows, program.filter.lines_of(text))
    for row, left in zip(rows, reading.settle(rows), strict=True):
        if _counts(program.rules[rule], row, attempt):
            yield from {row.text.strip(), left.text.strip()} - {""}


def _counts(rule: Rule, row: Row, attempt: Attempt) -> bool:
    """Say whether a line is part of the example, and, where a rule finds single lines, was found by it."""
    if not attempt.setting.holds(row.span):
        return False
    found = (m for m in attempt.result.matches if rule.id in (m.rule, *m.evidence))
    single = isinstance(rule.finder, LineOf | SpanOf)
    return not single or any(m.start < row.span.end and m.end > row.span.start for m in found)


def _fits(reading: Reading, rule: int, role: Role, pattern: Pattern, text: str) -> bool:
    if role in (Role.KEEP, Role.SPAN):
        return reading.occurs(rule, (pattern,), text)
    if role is Role.COVER:
        return reading.covers(rule, (pattern,), text)
    return any(reading.covers(rule, (pattern,), part) for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    """Yield what a line may begin or end with."""
    for start in _WORD_START.finditer(text):
        yield text[: start.start()]
        yield text[start.start() :]

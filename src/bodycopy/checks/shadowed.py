"""Patterns whose own text another pattern finds anyway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bodycopy import form
from bodycopy.checks.finding import Finding, finding_at, place_of
from bodycopy.checks.texts import Bench, forms, matches, own_texts
from bodycopy.matcher import Role, Slot
from bodycopy.patterns import Pattern
from bodycopy.rules import Block, Guards, Keep, LineOf, Rule, SpanOf, Where
from bodycopy.schema import shown

__all__ = ["find_shadowed"]

_COMPARED = (LineOf, SpanOf, Keep)
"""Finders that remove, or protect, the same wherever their pattern matches the same; so do blocks that end alike."""


def find_shadowed(rule: Rule, bench: Bench) -> Iterator[Finding]:
    """Yield the patterns of a rule that another of their block, or of another rule, makes idle."""
    for slot in bench.slots_of(rule):
        for pattern in slot.patterns:
            if other := _in_block(slot, pattern):
                message = f"{shown(pattern.source)} is contained in {_named(other)}; delete it"
                yield finding_at(rule, pattern, "BC201", message)
            elif by := _in_other_rule(rule, slot, pattern, bench):
                yield finding_at(rule, pattern, "BC202", _message(pattern, *by))


def _named(pattern: Pattern) -> str:
    return f"{shown(pattern.source)} in {place_of(pattern)}"


def _message(pattern: Pattern, by: Rule, other: Pattern) -> str:
    return (
        f"{shown(pattern.source)} is found by {by.id} anyway, under no stronger guards ({_named(other)}); "
        "delete one, or give this rule a guard that the other lacks"
    )


def _in_block(slot: Slot, pattern: Pattern) -> Pattern | None:
    """Return the pattern of the same block that contains this one; of two that say the same, the first stays."""
    at, role = slot.patterns.index(pattern), slot.role
    for number, other in enumerate(slot.patterns):
        if number != at and _contains(other, pattern, role) and (number < at or not _contains(pattern, other, role)):
            return other
    return None


def _in_other_rule(rule: Rule, slot: Slot, pattern: Pattern, bench: Bench) -> tuple[Rule, Pattern] | None:
    texts = own_texts(pattern)
    if not texts or slot.role is Role.FINGERPRINT or not _begins_with(rule, slot):
        return None
    for hit, other in bench.hits(texts[0], slot.role):
        by = bench.rules[hit.rule]
        if by.id == rule.id or not _begins_with(by, hit) or not _covers(by, other, rule, pattern, slot.role):
            continue
        mutual = _covers(rule, pattern, by, other, slot.role)
        if not mutual or (by.id, other.line) < (rule.id, pattern.line):
            return by, other
    return None


def _begins_with(rule: Rule, slot: Slot) -> bool:
    """Say whether all that a rule finds begins with a match of these patterns."""
    finder = rule.finder
    return slot.patterns == finder.start if isinstance(finder, Block) else isinstance(finder, _COMPARED)


def _covers(by: Rule, other: Pattern, rule: Rule, pattern: Pattern, role: Role) -> bool:
    """Say whether whatever a pattern of one rule finds, that of the other finds too."""
    return (
        type(by.finder) is type(rule.finder)
        and _end(by) == _end(rule)
        and _acts(by, rule)
        and _is_weaker(by.guards, rule.guards, pattern)
        and _contains(other, pattern, role)
    )


def _end(rule: Rule) -> Block | None:
    """Return a block less the patterns that it begins with."""
    return replace(rule.finder, start=()) if isinstance(rule.finder, Block) else None


def _acts(by: Rule, rule: Rule) -> bool:
    """Say whether one rule acts wherever the other does; categories and languages are chosen, and written, apart."""
    together = by.category == rule.category and (by.lang == rule.lang or not (by.lang and rule.lang))
    return together and not by.trial and by.score is None and (by.default or by.pack == rule.pack)


def _contains(other: Pattern, pattern: Pattern, role: Role) -> bool:
    """Say whether one pattern matches whatever another, of few texts, matches, by trying these."""
    texts = forms(pattern, role)
    return bool(texts) and all(_takes_in(other, pattern, role, text) for text in texts)


def _takes_in(other: Pattern, pattern: Pattern, role: Role, text: str) -> bool:
    found = list(matches(other, role, text))
    if role is not Role.SPAN:
        return bool(found)
    return any(start <= a and b <= end for start, end in found for a, b in matches(pattern, role, text))


def _is_weaker(other: Guards, guards: Guards, pattern: Pattern) -> bool:
    """Say whether guards hold wherever others do, for lines that a pattern of few texts matches."""
    wheres = {Where.ANYWHERE, guards.where} | ({Where.EDGE} if guards.where in (Where.HEAD, Where.TAIL) else set())
    return (
        other.where in wheres
        and other.share in (None, guards.share)
        and all(a in ((), b) for a, b in zip(_neighbours(other), _neighbours(guards), strict=True))
        and (not other.site or (other.site, other.fingerprint) == (guards.site, guards.fingerprint))
        and _form_is_weaker(other, guards, pattern)
    )


def _neighbours(guards: Guards) -> tuple[tuple[str, ...], ...]:
    return guards.after, guards.before, guards.near


def _form_is_weaker(other: Guards, guards: Guards, pattern: Pattern) -> bool:
    return all(
        (other.words in (None, guards.words) or form.count_words(text) in other.words)
        and (other.sentence in (None, guards.sentence) or form.ends_sentence(text) == other.sentence)
        and not any(any(matches(p, Role.KEEP, text)) for p in other.unless if p not in guards.unless)
        for text in own_texts(pattern)
    )

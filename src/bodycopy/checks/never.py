"""Patterns that can never act: no line matches them, a guard forbids them, or a `keep` rule protects their text."""

from __future__ import annotations

from collections.abc import Iterator

from bodycopy import form
from bodycopy.checks.finding import Finding, finding_at, place_of
from bodycopy.checks.syntax import (
    Node,
    NotUnderstoodError,
    closes_with_space,
    dead,
    full,
    least,
    opens_with_space,
    read,
)
from bodycopy.checks.texts import COVERING, Bench, first_line, forms, matches, own_text, own_texts, shortest_text
from bodycopy.matcher import Role, Slot
from bodycopy.patterns import Pattern
from bodycopy.rules import Guards, Range, Rule, SpanOf
from bodycopy.schema import shown

__all__ = ["find_never"]


def find_never(rule: Rule, bench: Bench) -> Iterator[Finding]:
    """Yield the patterns of a rule that never act, each once."""
    for slot in bench.slots_of(rule):
        for pattern in slot.patterns:
            if reason := _impossible(pattern, slot.role):
                yield finding_at(rule, pattern, "BC101", f"{shown(pattern.source)} matches no line: {reason}")
            elif keep := _protected(slot, pattern, bench):
                yield finding_at(rule, pattern, "BC103", _protection(pattern, *keep, bench))
    for pattern in rule.guards.unless:
        if reason := _impossible(pattern, Role.KEEP):
            yield finding_at(rule, pattern, "BC101", f"{shown(pattern.source)} matches no line: {reason}")
    yield from _unmet_guards(rule)


def _impossible(pattern: Pattern, role: Role) -> str | None:
    """Say why no line can match an expression. What follows from its syntax is tried before it is said."""
    if pattern.expression is None:
        return None
    try:
        tree = read(pattern.expression)
    except NotUnderstoodError:
        return None
    reason = _needs(tree, role)
    text = full(tree).strip()
    return None if reason and "\n" not in text and any(matches(pattern, role, text)) else reason


def _needs(tree: Node, role: Role) -> str | None:
    if dead(tree):
        if "\n" in full(tree):
            return "it needs a line break, and a line has none; write a sequence (`lines`)"
        return "it wants the start or the end of the line inside of it; delete the ^ or $"
    if role in COVERING and least(tree):
        for borders, end in ((opens_with_space, "begin with"), (closes_with_space, "end in")):
            if borders(tree):
                return f"it must {end} white space, and it is tried on the line without any around; delete that"
    return None


def _protected(slot: Slot, pattern: Pattern, bench: Bench) -> tuple[Rule, Pattern] | None:
    """Return the `keep` rule, and its pattern, that protects whatever a pattern of one text matches."""
    role = slot.role
    if role not in (Role.COVER, Role.SPAN) or not (texts := forms(pattern, role)):
        return None
    for keep, by in bench.hits(texts[0], Role.KEEP):
        rule = bench.rules[keep.rule]
        acts = rule.default and not rule.trial and not rule.guards.site
        if acts and all(any(matches(by, Role.KEEP, text)) for text in texts):
            return rule, by
    return None


def _protection(pattern: Pattern, rule: Rule, by: Pattern, bench: Bench) -> str:
    return (
        f"{shown(pattern.source)} never acts: {rule.id} protects it by {shown(by.source)} in "
        f"{place_of(by)}; drop the pattern or narrow that one"
    )


def _unmet_guards(rule: Rule) -> Iterator[Finding]:
    if isinstance(rule.finder, SpanOf):
        reasons = ((pattern, _unmet_by_span(rule, pattern)) for pattern in rule.finder.patterns)
    else:
        reasons = ((pattern, _unmet_by_line(rule, pattern)) for pattern in first_line(rule))
    for pattern, reason in reasons:
        if reason:
            yield finding_at(rule, pattern, "BC102", f"{shown(pattern.source)} never acts: {reason}")


def _unmet_by_line(rule: Rule, pattern: Pattern) -> str | None:
    if reason := _too_long(rule, pattern):
        return reason
    reasons = [_unmet_by_text(rule.guards, text) for text in own_texts(pattern)]
    if not reasons:
        return None
    return reasons[0] if all(reasons) else _excepted(rule, forms(pattern, Role.COVER))


def _unmet_by_text(guards: Guards, text: str) -> str | None:
    words = form.count_words(text)
    if guards.words and words not in guards.words:
        return f"it has {words} words, and `words` allows {_in_words(guards.words)}; widen the range"
    if guards.sentence is not None and form.ends_sentence(text) != guards.sentence:
        ends = "ends no sentence" if guards.sentence else "ends a sentence"
        return f"it {ends}, and the rule says `sentence: {str(guards.sentence).lower()}`; write it in a rule of its own"
    return None


def _unmet_by_span(rule: Rule, pattern: Pattern) -> str | None:
    """Judge by what surely holds for the whole line, whatever else stands on it."""
    return _too_long(rule, pattern) or (_excepted(rule, forms(pattern, Role.SPAN)) if own_texts(pattern) else None)


def _too_long(rule: Rule, pattern: Pattern) -> str | None:
    allowed, text = rule.guards.words, shortest_text(pattern)
    if allowed is None or text is None or (words := form.count_words(text)) <= allowed.high:
        return None
    least_words = "at least " * (own_text(pattern) is None)
    return f"it has {least_words}{words} words, and `words` allows {_in_words(allowed)}; widen the range"


def _excepted(rule: Rule, texts: tuple[str, ...]) -> str | None:
    for unless in rule.guards.unless:
        if all(any(matches(unless, Role.KEEP, text)) for text in texts):
            return f"`unless` excepts it by {shown(unless.source)} in line {unless.line}; narrow that one"
    return None


def _in_words(allowed: Range) -> str:
    low, high = ("" if abs(end) == float("inf") else f"{end:g}" for end in (allowed.low, allowed.high))
    return low if low == high else f"{low}..{high}"

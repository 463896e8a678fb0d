"""Matches → disjoint removals.

The lines that are gone say which pieces of the text go; the matches say why. Where two matches overlap, the one
that starts first keeps its span, then the longer, then the smaller id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bodycopy.matcher import Found
from bodycopy.model import Match, Outcome, Removal, Span
from bodycopy.rules import RuleSet

__all__ = ["explain", "spare"]

_REMOVED, _OVERLAPPED, _TRIAL = Outcome.REMOVED, Outcome.OVERLAPPED, Outcome.TRIAL


class _Claim(NamedTuple):
    """The part of a match that no earlier one has taken."""

    start: int
    end: int
    rule: int
    evidence: tuple[int, ...]


def explain(
    text: str, rules: RuleSet, gone: Iterable[Span], found: Sequence[Found]
) -> tuple[tuple[Removal, ...], tuple[Match, ...]]:
    """Name a rule for every piece of the text that goes; return the removals and the report of all matches."""
    claims: list[_Claim] = []
    matches: list[Match] = []
    reached = 0
    for start, minus_end, number, overlapped, others in _distinct(found):
        rule, end, outcome = rules[number], -minus_end, _REMOVED
        if rule.trial:
            outcome = _TRIAL
        elif overlapped or end <= reached:
            outcome = _OVERLAPPED
        else:
            claims.append(_Claim(_begin(text, start, end, reached), end, number, others))
            reached = end
        matches.append(Match(start, end, rule.id, outcome, _names(rules, others) if others else ()))
    return tuple(_removals(text, rules, gone, claims)), tuple(matches)


def _begin(text: str, start: int, end: int, reached: int) -> int:
    """Return where a match begins of which an earlier one has a part: not with the line end between the two."""
    if start >= reached:
        return start
    while reached + 1 < end and text[reached].isspace():
        reached += 1
    return reached


def spare(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Return the report of a text that is left whole after all."""
    return tuple(
        Match(m.start, m.end, m.rule, Outcome.SPARED if m.outcome is Outcome.REMOVED else m.outcome, m.evidence)
        for m in matches
    )


def _distinct(found: Iterable[Found]) -> Iterator[Found]:
    """Yield matches in the order of precedence, without those that lie inside another of the same rule."""
    reached: dict[int, int] = {}
    for one in sorted(found):
        _, minus_end, rule, overlapped, _ = one
        if overlapped:  # It took nothing, so it hides nothing.
            yield one
        elif -minus_end > reached.get(rule, -1):
            reached[rule] = -minus_end
            yield one


def _removals(text: str, rules: RuleSet, gone: Iterable[Span], claims: Sequence[_Claim]) -> Iterator[Removal]:
    """Cut the pieces that go where one claim ends and the next begins; blank lines go with the claim before them."""
    at = 0
    for piece in gone:
        while at < len(claims) and claims[at].end <= piece.start:
            at += 1
        start, last = piece.start, at
        while last + 1 < len(claims) and claims[last + 1].start < piece.end:
            end = claims[last + 1].start
            yield _removal(text, rules, Span(start, end), claims[last])
            start, last = end, last + 1
        yield _removal(text, rules, Span(start, piece.end), claims[last])


def _removal(text: str, rules: RuleSet, span: Span, claim: _Claim) -> Removal:
    rule = rules[claim.rule]
    return Removal(
        span.start,
        span.end,
        text[span.start : span.end],
        rule.id,
        rule.category,
        rule.file,
        rule.line,
        _names(rules, claim.evidence),
    )


def _names(rules: RuleSet, numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple([rules[number].id for number in numbers]) if numbers else ()

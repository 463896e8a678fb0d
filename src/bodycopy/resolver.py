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


class _Claim(NamedTuple):
    """The part of a match that no earlier one has taken."""

    span: Span
    found: Found


def explain(
    text: str, rules: RuleSet, gone: Iterable[Span], found: Sequence[Found]
) -> tuple[tuple[Removal, ...], tuple[Match, ...]]:
    """Name a rule for every piece of the text that goes; return the removals and the report of all matches."""
    claims: list[_Claim] = []
    matches: list[Match] = []
    for one in _distinct(found):
        reached = claims[-1].span.end if claims else 0
        if rules[one.rule].trial:
            outcome = Outcome.TRIAL
        elif one.overlapped or one.span.end <= reached:
            outcome = Outcome.OVERLAPPED
        else:
            outcome = Outcome.REMOVED
            claims.append(_Claim(Span(_begin(text, one.span, reached), one.span.end), one))
        evidence = tuple(rules[other].id for other in one.evidence)
        matches.append(Match(*one.span, rules[one.rule].id, outcome, evidence))
    return tuple(_removals(text, rules, gone, claims)), tuple(matches)


def _begin(text: str, span: Span, reached: int) -> int:
    """Return where a match begins of which an earlier one has a part: not with the line end between the two."""
    start = max(span.start, reached)
    while start > span.start and start + 1 < span.end and text[start].isspace():
        start += 1
    return start


def spare(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Return the report of a text that is left whole after all."""
    return tuple(
        Match(m.start, m.end, m.rule, Outcome.SPARED if m.outcome is Outcome.REMOVED else m.outcome, m.evidence)
        for m in matches
    )


def _distinct(found: Iterable[Found]) -> Iterator[Found]:
    """Yield matches in the order of precedence, without those that lie inside another of the same rule."""
    reached: dict[int, int] = {}
    for one in sorted(found, key=lambda f: (f.span.start, -f.span.end, f.rule, f.overlapped, f.evidence)):
        if one.overlapped:  # It took nothing, so it hides nothing.
            yield one
        elif one.span.end > reached.get(one.rule, -1):
            reached[one.rule] = one.span.end
            yield one


def _removals(text: str, rules: RuleSet, gone: Iterable[Span], claims: Sequence[_Claim]) -> Iterator[Removal]:
    """Cut the pieces that go where one claim ends and the next begins; blank lines go with the claim before them."""
    at = 0
    for piece in gone:
        while at < len(claims) and claims[at].span.end <= piece.start:
            at += 1
        start, last = piece.start, at
        while last + 1 < len(claims) and claims[last + 1].span.start < piece.end:
            end = claims[last + 1].span.start
            yield _removal(text, rules, Span(start, end), claims[last].found)
            start, last = end, last + 1
        yield _removal(text, rules, Span(start, piece.end), claims[last].found)


def _removal(text: str, rules: RuleSet, span: Span, found: Found) -> Removal:
    rule = rules[found.rule]
    evidence = tuple(rules[other].id for other in found.evidence)
    return Removal(
        span.start, span.end, text[span.start : span.end], rule.id, rule.category, rule.file, rule.line, evidence
    )

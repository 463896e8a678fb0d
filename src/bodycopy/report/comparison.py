"""A comparison of two rule sets, for a terminal: the rules with their samples, then the documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rich.cells import cell_len, chop_cells

from bodycopy.comparison import LOSSES, Comparison, RuleTotal, Sample, Side
from bodycopy.report.terminal import counted, visible
from bodycopy.rules import Rule

__all__ = ["WIDTH", "lines_of_comparison", "lines_of_rules"]

WIDTH: Final = 80

_MOST_LINES = 6
_MOST_RULES = 20
_CUT: Final = "…"
_SPACE: Final = re.compile(r"\s+")


def lines_of_comparison(comparison: Comparison, added: str, dropped: str) -> Iterator[str]:
    """Yield a comparison line by line under the titles of its sides.

    No line is wider than a terminal, but for names of documents and rules, which can be copied as they stand.
    """
    sides = [(comparison.added, added), (comparison.dropped, dropped)]
    for side, title in sides:
        if side.documents or side.flagged:
            yield from (title, "")
            yield from _side(side, comparison.documents)
            yield ""
    if not comparison.documents:
        yield "no document was compared"
    elif not any(side.documents for side, _ in sides):
        yield f"no difference in {counted(comparison.documents, 'document')}"


def lines_of_rules(verdict: str, rules: Sequence[Rule]) -> Iterator[str]:
    """Yield the rules of which something is to be said, the first of many; nothing if there are none."""
    for rule in rules[:_MOST_RULES]:
        yield f"{rule.id}  {visible(rule.file)}:{rule.line}  {verdict}"
    if len(rules) > _MOST_RULES:
        yield f"and {counted(len(rules) - _MOST_RULES, 'more rule')}: {verdict}"


def _side(side: Side, documents: int) -> Iterator[str]:
    for rule in side.rules:
        yield from _rule(rule)
        yield ""
    yield from _losses(side, documents)
    yield from _flagged(side)


def _rule(rule: RuleTotal) -> Iterator[str]:
    yield f"{rule.rule}  {visible(rule.file)}:{rule.line}"
    sums = ((rule.removals, "removal"), (rule.characters, "character"))
    prose = f"; {rule.prose:,} in running text" if rule.prose else ""
    yield f"  {', '.join(counted(*one) for one in sums)} in {counted(rule.documents, 'document')}{prose}"
    for sample in rule.samples:
        yield from _sample(sample)


def _sample(sample: Sample) -> Iterator[str]:
    times = f"  ×{sample.times:,}" if sample.times > 1 else ""
    yield f"  {visible(sample.doc)}:{sample.line}{times}"
    if sample.above:
        yield _fitted(f"      {_on_one_line(sample.above)}", WIDTH)
    yield from _piece(sample)
    if sample.below:
        yield _fitted(f"      {_on_one_line(sample.below)}", WIDTH)


def _piece(sample: Sample) -> Iterator[str]:
    """Yield what goes, line by line; a piece of a line stands in `[-` and `-]`."""
    first, *rest = (_on_one_line(line.strip()) for line in sample.text.split("\n") if line.strip())
    if sample.lead or sample.trail:
        yield _inside(_on_one_line(sample.lead), " ".join([first, *rest]), _on_one_line(sample.trail))
        return
    for line in (first, *rest[: _MOST_LINES - 1]):
        yield _fitted(f"    - {line}", WIDTH)
    if len(rest) >= _MOST_LINES:
        yield f"      ({counted(len(rest) - _MOST_LINES + 1, 'more line')})"


def _inside(lead: str, piece: str, trail: str) -> str:
    """Show a piece of a line with as much before and after it as there is room for."""
    room = WIDTH - len("    - [--]")
    piece = _fitted(piece, room // 2)
    left = room - cell_len(piece)
    lead = _fitted_end(lead, max(left // 2, left - cell_len(trail)))
    trail = _fitted(trail, left - cell_len(lead))
    return f"    - {lead}[-{piece}-]{trail}"


def _on_one_line(text: str) -> str:
    """Return a text with single spaces, so that its width is known."""
    return visible(_SPACE.sub(" ", text))


def _fitted(text: str, width: int) -> str:
    """Cut a text at its end to a width."""
    return text if cell_len(text) <= width else f"{chop_cells(text, width - 1)[0]}{_CUT}"


def _fitted_end(text: str, width: int) -> str:
    """Cut a text at its beginning to a width."""
    return _fitted(text[::-1], width)[::-1]


def _losses(side: Side, documents: int) -> Iterator[str]:
    yield f"documents that lose something: {side.documents:,} of {documents:,}"
    over = (f"{least:.0%}: {number:,}" for least, number in zip(LOSSES, side.over, strict=True))
    yield f"  by share of their words, over {', '.join(over)}"
    for loss in side.worst:
        yield f"  {loss.share:6.1%}  {loss.lost:,} of {counted(loss.words, 'word')}  {visible(loss.doc)}"


def _flagged(side: Side) -> Iterator[str]:
    if side.flagged:
        yield f"{counted(side.flagged, 'document')} flagged:"
        yield from (f"  {visible(name)}: {visible(why)}" for name, why in side.reasons)
    if side.flagged > len(side.reasons):
        yield f"  and {side.flagged - len(side.reasons):,} more"

"""One text explained: every line of it, what goes struck out, and the rule beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from bodycopy.model import Line, Removal, Result
from bodycopy.report.terminal import counted, visible
from bodycopy.segmenter import segment

__all__ = ["explanation"]


def explanation(text: str, result: Result, *, colour: bool) -> str:
    """Return the text with its removals.

    Without colour a removed line has a `-` in front, and a removed piece stands in `[-` and `-]`.
    """
    lines = [_line(text, line, removals, colour) for line, removals in _by_line(text, result.removals)]
    head = [f"flagged: {visible(result.flagged)}", ""] if result.flagged else []
    return "\n".join([*head, *lines, "", _closing(text, result), ""])


def _by_line(text: str, removals: Sequence[Removal]) -> Iterator[tuple[Line, list[Removal]]]:
    """Pair each line with the removals that take something of it, or of its end if there is nothing on it."""
    first = 0
    for line in segment(text):
        while first < len(removals) and removals[first].end <= line.start:
            first += 1
        end = line.end if text[line.start : line.end].strip() else line.stop
        last = first
        while last < len(removals) and removals[last].start < end:
            last += 1
        yield line, list(removals[first:last])


def _line(text: str, line: Line, removals: list[Removal], colour: bool) -> str:
    content = visible(text[line.start : line.end])
    if not removals:
        return f"  {content}".rstrip()
    pieces = list(_pieces(text, line, removals))
    beside = _beside(removals, colour) if content.strip() else ""
    if any(stays and piece.strip() for piece, stays in pieces):
        shown = (visible(piece) if stays else _struck(piece, colour) for piece, stays in pieces)
        return f"  {''.join(shown)}{beside}"
    struck = click.style(content, fg="red", strikethrough=True) if colour and content.strip() else content
    return f"- {struck}{beside}".rstrip()


def _pieces(text: str, line: Line, removals: list[Removal]) -> Iterator[tuple[str, bool]]:
    """Cut a line where removals begin and end; True is a piece that stays."""
    at = line.start
    for removal in removals:
        start, end = max(at, removal.start), min(line.end, removal.end)
        yield text[at:start], True
        yield text[start:end], False
        at = max(at, end)
    yield text[at : line.end], True


def _struck(piece: str, colour: bool) -> str:
    return click.style(visible(piece), fg="red", strikethrough=True) if colour else f"[-{visible(piece)}-]"


def _beside(removals: list[Removal], colour: bool) -> str:
    named = dict.fromkeys(rule for removal in removals for rule in (removal.rule, *removal.evidence))
    note = f"  ← {', '.join(named)}"
    return click.style(note, fg="cyan") if colour else note


def _closing(text: str, result: Result) -> str:
    characters = sum(removal.end - removal.start for removal in result.removals)
    rules = len({removal.rule for removal in result.removals})
    return f"{characters:,} of {counted(len(text), 'character')} removed by {counted(rules, 'rule')}"

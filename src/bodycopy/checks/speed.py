"""Patterns that cost too much: tried on every line, or lost in backtracking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from time import process_time
from typing import Any, Final

import regex

from bodycopy.checks.finding import Finding, finding_at
from bodycopy.checks.syntax import NotUnderstoodError, full, loops, read
from bodycopy.checks.texts import COVERING, Bench, own_text
from bodycopy.matcher import Role
from bodycopy.patterns import Pattern, anywhere, covering, outlines
from bodycopy.prefilter import Place, needles
from bodycopy.rules import Rule
from bodycopy.schema import shown
from bodycopy.skeleton import DIGIT

__all__ = ["Trials", "find_slow"]

EXCEEDED = 0.1
"""Seconds on one text that are too many; twice that many are then given once more, so that no busy machine counts."""

PER_PATTERN = 0.3
PER_RUN = 30.0
"""Seconds of processor time for trying one pattern, and all of them: on a busy machine no less is tried."""

_COPIES: Final = (30, 200)
_ALWAYS: Final = ("a", "a ", " ", "1", "1 ", "-")
_NO_MATCH: Final = "\x01"
_MOST_BRANCHES = 3
_LONGEST = 1500


def find_slow(rule: Rule, bench: Bench, trials: Trials) -> Iterator[Finding]:
    """Yield the patterns of a rule that are slow."""
    for slot in bench.slots_of(rule):
        for pattern in slot.patterns:
            if _needs_no_letters(pattern, slot.role):
                message = (
                    f"{shown(pattern.source)} needs no fixed letters, so it is tried on every line, which is slow; "
                    "add letters that must be there"
                )
                yield finding_at(rule, pattern, "BC301", message)
            yield from trials.find(rule, pattern, slot.role)
    for pattern in rule.guards.unless:
        yield from trials.find(rule, pattern, Role.KEEP)


def _needs_no_letters(pattern: Pattern, role: Role) -> bool:
    needed = needles(pattern, Place.WHOLE if role in COVERING else Place.ANYWHERE)
    if b"" in needed.whole and covering(pattern).fullmatch(""):
        return True
    known = outlines(pattern)
    if any(all(piece.strip(DIGIT) for piece in group) for group in (*known.pieces, *known.also)):
        return False
    pieces = (*needed.heads, *needed.tails, *needed.pieces)
    return bool(pieces) and (needed.tell_nothing or not any(piece.strip(DIGIT + b"\n") for piece in pieces))


class Trials:
    """Patterns being tried on texts made to keep them busy, within a time for all of them together."""

    def __init__(self) -> None:
        self.left = PER_RUN
        self._told = False

    def find(self, rule: Rule, pattern: Pattern, role: Role) -> Iterator[Finding]:
        """Yield a finding for a pattern that takes too long, or for the first that there was no time to try."""
        if self.left <= 0:
            if not self._told:
                yield finding_at(rule, pattern, "BC302", _untried(pattern))
            self._told = True
            return
        started = process_time()
        text = _hard_text(pattern, role)
        self.left -= process_time() - started
        if text is not None:
            yield finding_at(rule, pattern, "BC302", _backtracks(pattern, text))


def _untried(pattern: Pattern) -> str:
    return (
        f"{shown(pattern.source)} and what comes after it was not tried for backtracking, because other patterns took "
        f"{PER_RUN:g} s; correct those and check again"
    )


def _backtracks(pattern: Pattern, text: str) -> str:
    return (
        f"{shown(pattern.source)} takes more than {2 * EXCEEDED:g} s on a text of {len(text)} characters such as "
        f"{shown(text.rstrip(_NO_MATCH))}; let no repeated part match what the part after it matches"
    )


def _hard_text(pattern: Pattern, role: Role) -> str | None:
    """Return a text on which a pattern exceeds its time, twice, or None."""
    if own_text(pattern) is not None:
        return None
    compiled = covering(pattern) if role in COVERING else anywhere(pattern)
    call = partial(_exceeds, compiled.fullmatch if role in COVERING else compiled.search)
    started = process_time()
    for text in _texts(pattern):
        if call(text, EXCEEDED):
            return text if call(text, 2 * EXCEEDED) else None
        if process_time() - started > PER_PATTERN:
            return None
    return None


def _exceeds(call: Callable[..., Any], text: str, seconds: float) -> bool:
    try:
        call(text, timeout=seconds)
    except (TimeoutError, MemoryError):
        return True
    return False


def _texts(pattern: Pattern) -> Iterator[str]:
    """Yield texts that repeat the parts of a pattern and do not fit at the end."""
    starts, whole = _starts(pattern)
    ends = (_NO_MATCH, _NO_MATCH + whole, "", f" {_NO_MATCH}")
    for copies, (start, piece), end in product(_COPIES, starts, ends):
        if len(text := start + piece * copies + end) <= _LONGEST:
            yield text


def _starts(pattern: Pattern) -> tuple[list[tuple[str, str]], str]:
    """Return pairs of a text that leads to a repeat and a piece to repeat there, and a text that fits."""
    if pattern.expression is None:
        parts = [part.strip() for part in regex.split(r"(?<!\\)\*", pattern.source)]
        pairs = [(parts[0], f" {part}") for part in parts if part] if len(parts) > 2 else []
        return pairs, " ".join(parts)
    try:
        tree = read(pattern.expression)
    except NotUnderstoodError:
        pieces = dict.fromkeys((*_ALWAYS, *regex.findall(r"\p{L}{2,}", pattern.expression)))
        return [("", piece) for piece in pieces], ""
    pairs = []
    for before, body in loops(tree):
        pieces = dict.fromkeys((*(full(body, n) for n in range(_MOST_BRANCHES)), *_ALWAYS))
        pairs += [(before, piece) for piece in pieces if piece]
    return list(dict.fromkeys(pairs)), full(tree)

"""One finding of `rules check`."""

from __future__ import annotations

from dataclasses import dataclass, field

from bodycopy.patterns import Pattern
from bodycopy.rules import Rule

__all__ = ["Finding", "finding_at", "place_of"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is likely to be wrong, with its place, counted from 1; `code` is explained in `codes.CODES`."""

    file: str
    line: int
    column: int
    code: str
    message: str
    rule: str = field(default="", compare=False)
    """The full id of the rule that it is about; "" if it is about the pack."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.code} {self.message}"


def finding_at(rule: Rule, pattern: Pattern, code: str, message: str) -> Finding:
    """Return a finding at a pattern of a rule, which may stand in the file of a pack that changes the rule."""
    return Finding(pattern.file, pattern.line, pattern.column, code, message, rule.id)


def place_of(pattern: Pattern) -> str:
    """Return the place of a pattern as a message names it."""
    return f"{pattern.file}:{pattern.line}:{pattern.column}"

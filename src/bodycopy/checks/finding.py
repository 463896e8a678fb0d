"""One finding of `rules check`, and where the patterns of a rule stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bodycopy.building import PackFile
from bodycopy.patterns import Pattern
from bodycopy.rules import Rule

__all__ = ["Finding", "Places"]


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


class Places:
    """Where each pattern of a rule stands: in the rule's own file, or in that of a pack that adds it."""

    def __init__(self, packs: Iterable[PackFile]) -> None:
        self._added: dict[int, str] = {}
        for pack in packs:
            for change in pack.changes:
                self._added.update((id(pattern), pack.file) for pattern in change.add)
        self._packs = packs  # an id is that of a pattern only as long as the pattern lives

    def file_of(self, rule: Rule, pattern: Pattern) -> str:
        """Return the file of a pattern."""
        return self._added.get(id(pattern), rule.file)

    def place_of(self, rule: Rule, pattern: Pattern) -> str:
        """Return the place of a pattern as a message names it."""
        return f"{self.file_of(rule, pattern)}:{pattern.line}:{pattern.column}"

    def at(self, rule: Rule, pattern: Pattern, code: str, message: str) -> Finding:
        """Return a finding at a pattern."""
        return Finding(self.file_of(rule, pattern), pattern.line, pattern.column, code, message, rule.id)

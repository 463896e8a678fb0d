"""The list of rules: a table for people, and JSON lines for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from bodycopy.catalogue import Listed, Status
from bodycopy.report.terminal import counted

__all__ = ["NO_LANGUAGE", "as_dict", "table"]

NO_LANGUAGE: Final = "-"
"""What stands in the table for a rule without a language."""

_HEADER: Final = ("ID", "CATEGORY", "LANG", "STATUS", "FROM")


def table(rules: Sequence[Listed]) -> Iterator[str]:
    """Yield a header, a line for each rule and how many there are of each status."""
    yield from _aligned([_HEADER, *map(_row, rules)])
    counts = Counter(one.status for one in rules)
    numbers = [f"{counts[status]:,} {status}" for status in Status if counts[status]]
    yield ""
    yield f"{counted(len(rules), 'rule')}{': ' * bool(numbers)}{', '.join(numbers)}"
    if packages := sorted({one.rule.file.partition("/")[0] for one in rules if one.status is Status.AVAILABLE}):
        named = ", ".join(f"--rules {package}" for package in packages)
        yield f"Available rules are installed, and act only when named: {named}"


def as_dict(one: Listed) -> dict[str, Any]:
    """Return what the table says of a rule, and what it is for, as JSON has it."""
    rule = one.rule
    return {
        "id": rule.id,
        "category": rule.category,
        "lang": rule.lang,
        "status": one.status,
        "file": rule.file,
        "line": rule.line,
        "about": rule.about,
    }


def _row(one: Listed) -> tuple[str, ...]:
    rule = one.rule
    return rule.id, rule.category, rule.lang or NO_LANGUAGE, one.status, f"{rule.file}:{rule.line}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip()

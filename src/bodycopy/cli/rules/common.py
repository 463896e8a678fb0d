"""What the commands about rules share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bodycopy.cli.options import Packs
from bodycopy.formats.files import write_stdout
from bodycopy.report.terminal import visible

if TYPE_CHECKING:
    from bodycopy.rules import Rule

__all__ = ["builtin_ids", "file_of", "rules_at", "state_of", "write_lines"]


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to standard output, control characters as escapes."""
    text = "".join(f"{visible(part)}\n" for line in lines for part in line.split("\n"))
    write_stdout(text.encode("utf-8"))


def state_of(rule: Rule) -> str:
    """Say whether a rule acts by default."""
    if rule.trial:
        return "trial"
    return "on" if rule.default else "off"


def builtin_ids() -> frozenset[str]:
    """Return the ids of the built-in rules."""
    return frozenset(rule.id for rule in Packs((), builtin=True).load())


def file_of(rule: Rule, builtin: frozenset[str]) -> Path:
    """Return the file of a rule; the name of a built-in one counts from the root of its packs."""
    from bodycopy.loader import builtin_root  # noqa: PLC0415 - heavy

    return builtin_root() / rule.file.removeprefix("rules/") if rule.id in builtin else Path(rule.file)


def rules_at(paths: Iterable[str], loaded: Sequence[Rule]) -> list[Rule]:
    """Return the rules that stand in the packs at the paths, and those that the packs change."""
    builtin = {rule.id: rule for rule in Packs((), builtin=True).load()}
    places = [Path(path).resolve() for path in paths]

    def stands_there(rule: Rule) -> bool:
        file = file_of(rule, frozenset(builtin)).resolve()
        return builtin.get(rule.id) != rule or any(file.is_relative_to(place) for place in places)

    return [rule for rule in loaded if stands_there(rule)]

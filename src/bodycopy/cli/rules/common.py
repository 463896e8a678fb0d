"""What the commands about rules share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from bodycopy.formats.files import write_stdout
from bodycopy.report.terminal import visible

if TYPE_CHECKING:
    from bodycopy.catalogue import Listed
    from bodycopy.loader import Loaded
    from bodycopy.rules import Rule

__all__ = ["every_rule", "files_at", "rules_at", "write_lines"]


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to standard output, control characters as escapes."""
    text = "".join(f"{visible(part)}\n" for line in lines for part in line.split("\n"))
    write_stdout(text.encode("utf-8"))


def every_rule(loaded: Loaded) -> list[Listed]:
    """Return the loaded rules, and those of installed packages that were not named.

    What is wrong with the latter stops nobody who does not use them, and is printed as notices.
    """
    from bodycopy.catalogue import available, listed  # noqa: PLC0415 - heavy

    others, faults = available(loaded)
    for fault in faults:
        click.echo(f"notice: {visible(str(fault))}", err=True)
    return [*listed(loaded), *others]


def files_at(paths: Iterable[str], loaded: Loaded) -> set[str]:
    """Return the packs that the paths reach, by the names that reports call them by."""
    from bodycopy.packfiles import find_packs  # noqa: PLC0415 - heavy

    reached = {path for _, path in find_packs(tuple(paths), None, [])}
    return {name for name, path in loaded.files.items() if path in reached}


def rules_at(paths: Iterable[str], loaded: Loaded) -> list[Rule]:
    """Return the rules that stand in the packs at the paths, and those that these packs change."""
    files = files_at(paths, loaded)

    def stands_there(rule: Rule) -> bool:
        return rule.file in files or any(place.file in files for place in loaded.changes.get(rule.id, ()))

    return list(filter(stands_there, loaded.rules))

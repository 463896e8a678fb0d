"""All rules that there are: those that were loaded, and those of installed packages that were not named.

The latter act only when named; so what is wrong with one of their packs is told and does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bodycopy.building import build_rule, read_pack
from bodycopy.errors import Fault, RuleFileError
from bodycopy.loader import Loaded
from bodycopy.packages import PREFIX, installed_packages
from bodycopy.packfiles import find_packs, text_of
from bodycopy.rules import Place, Rule

__all__ = ["Listed", "Status", "available", "listed"]


class Status(StrEnum):
    """Whether a rule acts."""

    ON = "on"
    OFF = "off"
    """Only when asked for, as with `--also`."""
    TRIAL = "trial"
    """It reports, and removes nothing."""
    DISABLED = "disabled"
    """A pack switches it off."""
    AVAILABLE = "available"
    """Its package is installed, and was not named."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule, whether it acts, and where packs change that."""

    rule: Rule
    status: Status
    path: Path
    """The file in which it stands."""
    disabled: tuple[Place, ...] = ()
    changes: tuple[Place, ...] = ()


def listed(loaded: Loaded) -> list[Listed]:
    """Return the rules that were loaded, those that are switched off too, sorted by id."""
    return [
        Listed(
            rule,
            Status.DISABLED if rule.id in loaded.disabled else _status(rule),
            loaded.files[rule.file],
            loaded.disabled.get(rule.id, ()),
            loaded.changes.get(rule.id, ()),
        )
        for rule in loaded.every
    ]


def _status(rule: Rule) -> Status:
    if rule.trial:
        return Status.TRIAL
    return Status.ON if rule.default else Status.OFF


def available(loaded: Loaded) -> tuple[list[Listed], tuple[Fault, ...]]:
    """Return the rules of installed packages that were not loaded, sorted by id, and what is wrong with their packs."""
    found: list[Listed] = []
    faults: list[Fault] = []
    for name, path in _files_not_in(loaded, faults):
        try:
            pack = read_pack(name, text_of(name, path))
        except RuleFileError as error:
            faults += error.faults
        else:
            found += (Listed(build_rule(pack, entry), Status.AVAILABLE, path) for entry in pack.entries)
    return sorted(found, key=lambda one: (one.rule.id, one.rule.file)), tuple(sorted(faults))


def _files_not_in(loaded: Loaded, faults: list[Fault]) -> Iterator[tuple[str, Path]]:
    known = set(loaded.files.values())
    for name in installed_packages():
        files = find_packs([f"{PREFIX}{name}"], None, faults)
        yield from ((name, path) for name, path in files if path not in known)

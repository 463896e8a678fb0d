"""The rules of packs, from an earlier run if no pack has changed since; then nothing of YAML is even imported."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import partial

from bodycopy.errors import Fault, RuleFileError
from bodycopy.packfiles import Paths, builtin_root, bytes_of, find_packs
from bodycopy.patterns import PackedPatterns
from bodycopy.rules import Finder, LineOf, RenamedWarning, Rule
from bodycopy.store import kept

__all__ = ["ready_rules"]


def ready_rules(paths: Paths = (), *, builtin: bool = True) -> tuple[Rule, ...]:
    """Return what `load_rules` returns, without the examples, raise what it raises, and warn of what it warns of."""
    faults: list[Fault] = []
    files = find_packs(paths, builtin_root() if builtin else None, faults)
    if faults:
        raise RuleFileError(faults)
    made_from = [some for name, file in files for some in (name, bytes_of(name, file))]
    rules, warned = kept("rules", made_from, partial(_rules_and_warnings, paths, builtin))
    for message in warned:
        warnings.warn(message, RenamedWarning, stacklevel=3)
    return rules


def _rules_and_warnings(paths: Paths, builtin: bool) -> tuple[tuple[Rule, ...], list[str]]:
    from bodycopy.loader import load_quietly  # noqa: PLC0415 - heavy

    loaded, warned = load_quietly(paths, builtin=builtin)
    rules = tuple(replace(rule, finder=_packed(rule.finder), examples=(), allow=()) for rule in loaded.rules)
    for rule in rules:
        rule.digest  # noqa: B018 - asked for at the end of every run, and kept with the rule
    return rules, warned


def _packed(finder: Finder) -> Finder:
    """Return a finder that is quick to load; nearly all patterns are of rules for one line."""
    return LineOf(PackedPatterns(finder.patterns)) if isinstance(finder, LineOf) else finder

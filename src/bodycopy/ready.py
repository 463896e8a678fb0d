"""The rules of packs, from an earlier run if no pack has changed since; then nothing of YAML is even imported."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bodycopy.errors import Fault, RuleFileError
from bodycopy.packfiles import builtin_root, find_packs, text_of
from bodycopy.rules import RenamedWarning, Rule
from bodycopy.store import kept

__all__ = ["ready_rules"]


def ready_rules(paths: Sequence[str | os.PathLike[str]] = (), *, builtin: bool = True) -> tuple[Rule, ...]:
    """Return what `load_rules` returns, without the examples, raise what it raises, and warn of what it warns of."""
    faults: list[Fault] = []
    files = find_packs(paths, builtin_root() if builtin else None, faults)
    if faults:
        raise RuleFileError(faults)
    made_from = [text for name, file in files for text in (name, text_of(name, file))]
    rules, warned = kept("rules", made_from, partial(_rules_and_warnings, paths, builtin))
    for message in warned:
        warnings.warn(message, RenamedWarning, stacklevel=3)
    return rules


def _rules_and_warnings(paths: Sequence[str | os.PathLike[str]], builtin: bool) -> tuple[tuple[Rule, ...], list[str]]:
    from bodycopy.loader import load_quietly  # noqa: PLC0415 - heavy

    loaded, warned = load_quietly(paths, builtin=builtin)
    return tuple(replace(rule, examples=(), allow=()) for rule in loaded.rules), warned

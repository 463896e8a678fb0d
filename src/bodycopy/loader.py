"""Read rule packs: YAML files become rules, and every mistake in them a fault with its place.

The order is: find the files (`packfiles`), read each (`yamlfile`), check each (`schema`), build its rules (`building`),
then look across the files: equal ids, former ids, selectors, changes, what is switched off. All faults are collected;
nothing is returned half.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from bodycopy import schema
from bodycopy.building import PackFile, build_example, build_rule, former_ids, read_pack
from bodycopy.errors import Fault, RuleFileError, nearest
from bodycopy.packfiles import Paths, builtin_root, find_packs, text_of
from bodycopy.rules import (
    Block,
    Finder,
    Keep,
    LineOf,
    Patterns,
    Place,
    RenamedWarning,
    Rule,
    SpanOf,
    renamed,
    selects,
)
from bodycopy.schema import Text, shown
from bodycopy.store import kept_each

__all__ = ["Loaded", "builtin_root", "load", "load_quietly", "load_rules"]

_PATTERNS_OF: Final[Mapping[type[Finder], str]] = {
    SpanOf: "patterns",
    LineOf: "patterns",
    Keep: "patterns",
    Block: "start",
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What packs say together."""

    every: tuple[Rule, ...]
    """All rules, sorted by id, after every change; also those that are switched off."""
    disabled: Mapping[str, tuple[Place, ...]]
    """The ids of the rules that are switched off, and where a pack does so."""
    changes: Mapping[str, tuple[Place, ...]]
    """The ids of the rules that packs extend, and where."""
    files: Mapping[str, Path]
    """The packs, by the names that reports call them by."""
    packs: tuple[PackFile, ...] = ()
    """What stands in them, before any change."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that are not switched off."""
        return tuple(rule for rule in self.every if rule.id not in self.disabled)


def load_rules(paths: Paths = (), *, builtin: bool = True) -> tuple[Rule, ...]:
    """Return the built-in rules and those of `paths`, sorted by id, without what a pack switches off.

    A path is a file, a folder with packs anywhere below, or `package:NAME`, the packs of an installed distribution; one
    may stand by itself. The order of paths, files and rules is immaterial; a file that is reached twice is read once.
    Raises RuleFileError with every mistake of every file; warns with RenamedWarning of ids that are no longer current.
    """
    return load(paths, builtin=builtin).rules


def load(paths: Paths = (), *, builtin: bool = True) -> Loaded:
    """Return what `load_rules` does, and with it the rules that are switched off, and who changes what."""
    loaded, warned = load_quietly(paths, builtin=builtin)
    for message in warned:
        warnings.warn(message, RenamedWarning, stacklevel=3)
    return loaded


def load_quietly(paths: Paths, *, builtin: bool) -> tuple[Loaded, list[str]]:
    """Return what packs say, and what to warn of."""
    faults: list[Fault] = []
    root = builtin_root().resolve() if builtin else None
    files = find_packs(paths, root, faults)
    packs = _read(files, faults)
    rules = _unique_rules(packs, faults)
    former = _former_ids(packs, rules, faults)
    if not faults:  # A name that leads into a file with a fault would be a second fault for the same mistake.
        rules = {i: _with_current_names(rule, former) for i, rule in rules.items()}
        faults += _dangling_selectors(packs, rules, former)
        rules = _changed_rules(packs, rules, former, faults)
    if faults:
        raise RuleFileError(faults)
    loaded = Loaded(
        every=tuple(rules[i] for i in sorted(rules)),
        disabled=_disabled(packs, rules, former),
        changes=_places((former.get(c.extend, str(c.extend)), pack, c.extend) for pack in packs for c in pack.changes),
        files=dict(files),
        packs=tuple(packs),
    )
    return loaded, list(_uses_of_former_ids(packs, former))


def _read(files: Iterable[tuple[str, Path]], faults: list[Fault]) -> list[PackFile]:
    """Return the packs, each from an earlier run if it has not changed since."""
    texts = []
    for name, file in files:
        try:
            texts.append((name, text_of(name, file)))
        except RuleFileError as error:
            faults += error.faults
    read = kept_each(
        "packs", [f"{name}\n{text}" for name, text in texts], lambda number: _pack_or_faults(*texts[number])
    )
    faults += chain.from_iterable(found for found in read if isinstance(found, tuple))
    return [found for found in read if isinstance(found, PackFile)]


def _pack_or_faults(name: str, text: str) -> PackFile | tuple[Fault, ...]:
    try:
        return read_pack(name, text)
    except RuleFileError as error:
        return error.faults


def _places(uses: Iterable[tuple[str, PackFile, Text]]) -> dict[str, tuple[Place, ...]]:
    places: dict[str, list[Place]] = defaultdict(list)
    for rule_id, pack, text in uses:
        places[rule_id].append(Place(pack.file, text.line))
    return {i: tuple(sorted(found)) for i, found in places.items()}


# Ids


def _unique_rules(packs: Iterable[PackFile], faults: list[Fault]) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for pack in packs:
        for entry in pack.entries:
            rule = build_rule(pack, entry)
            first = rules.setdefault(rule.id, rule)
            if first is not rule:
                message = (
                    f'the id "{rule.id}" is taken: {first.file}:{first.line} has it; to change that rule write "extend"'
                )
                faults.append(_fault_at(pack.file, entry.id, message))
    return rules


def _former_ids(packs: Iterable[PackFile], rules: Mapping[str, Rule], faults: list[Fault]) -> dict[str, str]:
    """Return the current id for each former one; a former id leads to one rule, and is no current one."""
    current: dict[str, str] = {}
    for pack in packs:
        for entry in pack.entries:
            for former, text in former_ids(pack, entry).items():
                owner = rules.get(former) or rules.get(current.get(former, ""))
                if owner:
                    kind = "id" if owner.id == former else "former id"
                    message = f'"{former}" is the {kind} of the rule in {owner.file}:{owner.line}; name it only once'
                    faults.append(_fault_at(pack.file, text, message))
                current[former] = f"{pack.name}/{entry.id}"
    return current


def _selectors_of(entry: schema.Entry) -> tuple[Text, ...]:
    return (*entry.after, *entry.before, *entry.near)


def _with_current_names(rule: Rule, former: Mapping[str, str]) -> Rule:
    guards = rule.guards
    if former.keys().isdisjoint((*guards.after, *guards.before, *guards.near)):
        return rule
    after, before, near = (
        tuple(former.get(name, name) for name in names) for names in (guards.after, guards.before, guards.near)
    )
    return replace(rule, guards=replace(guards, after=after, before=before, near=near))


def _uses_of_former_ids(packs: Iterable[PackFile], former: Mapping[str, str]) -> Iterator[str]:
    for pack in packs:
        used = [
            *pack.content.disable,
            *(change.extend for change in pack.changes),
            *(name for entry in pack.entries for name in _selectors_of(entry)),
        ]
        for name in used:
            if name in former:
                yield f"{renamed(name, former[name])}; write so in {pack.file}:{name.line}:{name.column}"


# Selectors


def _dangling_selectors(
    packs: Iterable[PackFile], rules: Mapping[str, Rule], former: Mapping[str, str]
) -> Iterator[Fault]:
    """Yield a fault for each `after`, `before` and `near` that names no rule."""
    used = [(pack.file, name) for pack in packs for entry in pack.entries for name in _selectors_of(entry)]
    known = {rule.category for rule in rules.values()} | rules.keys()
    names = {str(name) for _, name in used} - former.keys()
    dangling = {name for name in names if not any(selects(name, i) for i in rules)}
    for file, name in used:
        if name in dangling:
            hint = _nearest_if_any(name, known, "write a category, a full id or a glob that names a loaded rule")
            yield _fault_at(file, name, f"no rule, category or glob {shown(name)}; {hint}")


def _disabled(
    packs: Iterable[PackFile], rules: Iterable[str], former: Mapping[str, str]
) -> dict[str, tuple[Place, ...]]:
    disabling = [(pack, text, former.get(text, str(text))) for pack in packs for text in pack.content.disable]
    return _places((i, pack, text) for i in rules for pack, text, selector in disabling if selects(selector, i))


def _nearest_if_any(word: str, known: Iterable[str], otherwise: str) -> str:
    """Hint at the nearest word, but do not list hundreds where none is near."""
    hint = nearest(word, known)
    return hint if hint.startswith("did") else otherwise


# Changes

_Changes = list[tuple[str, schema.Change]]


def _changed_rules(
    packs: Iterable[PackFile], rules: Mapping[str, Rule], former: Mapping[str, str], faults: list[Fault]
) -> dict[str, Rule]:
    changes: dict[str, _Changes] = defaultdict(list)
    for pack in packs:
        for change in pack.changes:
            rule_id = former.get(change.extend, str(change.extend))
            if rule_id in rules:
                changes[rule_id].append((pack.file, change))
            else:
                hint = _nearest_if_any(change.extend, rules, "write the full id of a loaded rule")
                faults.append(_fault_at(pack.file, change.extend, f"no rule {shown(change.extend)}; {hint}"))
    return {**rules, **{i: _changed(rules[i], of_rule, faults) for i, of_rule in changes.items()}}


def _changed(base: Rule, changes: _Changes, faults: list[Fault]) -> Rule:
    """Return the rule less what any change drops, plus what any adds, in an order that files do not alter."""
    field = _PATTERNS_OF.get(type(base.finder))
    if field is None:
        message = f'"extend" changes rules with span, line, keep or from; "{base.id}" has none of them'
        faults += (_fault_at(file, change.extend, message) for file, change in changes)
        return base
    old: Patterns = getattr(base.finder, field)
    faults += _idle_drops(base, old, changes)
    dropped = {pattern for _, change in changes for pattern in change.drop}
    kept = [pattern for pattern in old if pattern not in dropped]
    added = {pattern for _, change in changes for pattern in change.add if pattern not in kept}
    new = (*kept, *sorted(added, key=lambda pattern: pattern.source))
    if not new:
        message = f'no pattern of "{base.id}" is left; to switch the rule off write "disable"'
        faults += (_fault_at(file, change.extend, message) for file, change in changes)
    finder: Any = base.finder
    examples = (*base.examples, *(build_example(keys) for _, change in changes for keys in change.examples))
    return replace(base, finder=replace(finder, **{field: new}), examples=examples)


def _idle_drops(base: Rule, old: Patterns, changes: _Changes) -> Iterator[Fault]:
    for file, change in changes:
        for pattern in change.drop:
            if pattern not in old:
                hint = _nearest_if_any(
                    pattern.source, (p.source for p in old), f"its patterns stand in {base.file}:{base.line}"
                )
                message = f'"{base.id}" has no pattern {shown(pattern.source)}; {hint}'
                yield Fault(file, pattern.line, pattern.column, message)


def _fault_at(file: str, text: Text, message: str) -> Fault:
    return Fault(file, text.line, text.column, message)

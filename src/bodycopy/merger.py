"""What packs say together → packs that say it by themselves.

Changes are made, and what is switched off is left out. A rule that is switched off stays, switched off, where a
selector of another rule names nothing else: `after: X` must name a rule, and without it the other would act anywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import count
from typing import Any, Final

from bodycopy import schema
from bodycopy.building import PackFile
from bodycopy.loader import Loaded
from bodycopy.rules import Guards, Rule, selects

__all__ = ["merge"]

_NEIGHBOURS: Final = ("after", "before", "near")
_CHANGED: Final = {"span": "patterns", "line": "patterns", "keep": "patterns", "from_": "start"}
"""The keys of which `extend` changes the patterns, with what the finder calls these."""

_Examples = tuple[schema.ExampleKeys, ...]


def merge(loaded: Loaded) -> dict[str, schema.Pack]:
    """Return packs, by their paths, that loaded without any other give the rules that are not switched off.

    Each stands for one that was loaded, so ids and what a pack says of all its rules stay.
    """
    rules = {rule.id: rule for rule in loaded.every}
    kept = _kept(rules, loaded.disabled)
    added = _added_examples(loaded)
    merged: dict[str, schema.Pack] = {}
    for pack in sorted(loaded.packs, key=lambda pack: pack.file):
        own = [(f"{pack.name}/{entry.id}", entry) for entry in pack.entries]
        entries = tuple(_entry(entry, rules[i], added.get(i, ())) for i, entry in own if i in kept)
        if entries:
            off = tuple(i for i, _ in own if i in kept and i in loaded.disabled)
            merged[_path(pack, merged)] = _pack(pack.content, entries, off)
    return merged


def _kept(rules: Mapping[str, Rule], disabled: Collection[str]) -> set[str]:
    """Return the rules that act, and for each selector that names none of them one that is switched off."""
    kept = rules.keys() - disabled
    new = kept
    while new:
        selectors = {name for i in new for name in _selectors(rules[i].guards)}
        idle = [name for name in selectors if not any(selects(name, i) for i in kept)]
        new = {next(i for i in rules if selects(name, i)) for name in idle}
        kept |= new
    return kept


def _selectors(guards: Guards) -> tuple[str, ...]:
    return (*guards.after, *guards.before, *guards.near)


def _added_examples(loaded: Loaded) -> dict[str, _Examples]:
    current = {former: rule.id for rule in loaded.every for former in rule.was}
    added: dict[str, _Examples] = defaultdict(tuple)
    for pack in loaded.packs:
        for change in pack.changes:
            added[current.get(change.extend, str(change.extend))] += change.examples
    return added


def _entry(entry: schema.Entry, rule: Rule, added: _Examples) -> schema.Entry:
    """Return the entry with what packs change of its rule, and with the current ids of others."""
    update: dict[str, Any] = {key: names for key in _NEIGHBOURS if (names := getattr(rule.guards, key))}
    for key, attribute in _CHANGED.items():
        if getattr(entry, key) is not None:
            update[key] = getattr(rule.finder, attribute)
    return entry.model_copy(update=update | {"examples": (*entry.examples, *added)})


def _pack(content: schema.Pack, entries: tuple[schema.Entry, ...], off: tuple[str, ...]) -> schema.Pack:
    update: dict[str, Any] = {"rules": entries, "disable": off}
    if not any(entry.site and entry.keep is None for entry in entries):
        update["fingerprint"] = ()
    return content.model_copy(update=update)


def _path(pack: PackFile, taken: Collection[str]) -> str:
    """Return the path of a pack; one of a name that is taken lies in a folder of its own, since files give names."""
    category, stem = pack.name.split("/")
    paths = (f"{category}/{number}/{stem}.yaml" if number else f"{category}/{stem}.yaml" for number in count())
    return next(path for path in paths if path not in taken)

"""What stands in a pack and does nothing: an `unless`, a `disable`, a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bodycopy import schema
from bodycopy.building import PackFile, former_ids
from bodycopy.checks.finding import Finding, finding_at
from bodycopy.checks.texts import first_line, forms, matches
from bodycopy.errors import nearest
from bodycopy.matcher import Role
from bodycopy.rules import Rule, selects
from bodycopy.schema import shown

__all__ = ["find_idle_changes", "find_idle_disables", "find_idle_unless"]


def find_idle_unless(rule: Rule) -> Iterator[Finding]:
    """Yield the `unless` patterns that match on nothing that the rule finds, where it finds fixed phrases only."""
    texts = [_around(forms(pattern, Role.COVER)) for pattern in first_line(rule)]
    if not texts or not all(texts):
        return
    for pattern in rule.guards.unless:
        if not any(any(matches(pattern, Role.KEEP, text)) for found in texts for text in found):
            message = f"{shown(pattern.source)} matches on none of the texts that the rule finds; delete or correct it"
            yield finding_at(rule, pattern, "BC501", message)


def _around(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Add what else a phrase may look like on a line."""
    more = {"'": "’", '"': "”", "-": "–", " ": "\u00a0"}
    return (*texts, *(text.replace(a, b) for text in texts[:1] for a, b in more.items()))


def find_idle_disables(packs: Iterable[PackFile], known: Mapping[str, Rule]) -> Iterator[Finding]:
    """Yield the `disable` selectors that select no loaded rule, present or former."""
    ids = {*known, *(former for rule in known.values() for former in rule.was)}
    names = ids | {rule.category for rule in known.values()}
    for pack in packs:
        for name in pack.content.disable:
            if not any(selects(name, rule_id) for rule_id in ids):
                hint = nearest(name, names)
                hint = hint if hint.startswith("did") else "see `bodycopy rules list` for what is loaded"
                message = f"`disable` switches nothing off: no rule, category or glob {shown(name)}; {hint}"
                yield Finding(pack.file, name.line, name.column, "BC502", message)


def find_idle_changes(packs: Iterable[PackFile], every: Iterable[PackFile], active: set[str]) -> Iterator[Finding]:
    """Yield the changes of rules that are switched off, and the patterns that are added to a rule that has them."""
    changed = dict(_by_any_id(every))
    for pack in packs:
        for change in pack.changes:
            rule_id, entry = changed[change.extend]
            if rule_id not in active:
                message = f"{rule_id} is switched off by a pack, so this changes nothing; delete one of the two"
                yield Finding(pack.file, change.extend.line, change.extend.column, "BC503", message, rule_id)
                continue
            has = entry.span or entry.line or entry.keep or entry.from_ or ()
            for pattern in change.add:
                if pattern in has and pattern not in change.drop:
                    message = f"{rule_id} has the pattern {shown(pattern.source)} already; delete it here"
                    yield Finding(pack.file, pattern.line, pattern.column, "BC503", message, rule_id)


def _by_any_id(packs: Iterable[PackFile]) -> Iterator[tuple[str, tuple[str, schema.Entry]]]:
    """Yield each rule that stands in the packs by its id and by its former ones."""
    for pack in packs:
        for entry in pack.entries:
            rule_id = f"{pack.name}/{entry.id}"
            yield from ((name, (rule_id, entry)) for name in (rule_id, *former_ids(pack, entry)))

"""What is wrong with rules that load: mistakes that only show when they meet a text.

`check_rules` returns the findings; each has a code, which `bodycopy.codes` explains. What can be tried is tried: a
phrase is turned into its own text, and the other patterns and the guards are run on that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bodycopy.building import PackFile
from bodycopy.checks.finding import Finding
from bodycopy.checks.idle import find_idle_changes, find_idle_disables, find_idle_unless
from bodycopy.checks.never import find_never
from bodycopy.checks.proof import find_unproved
from bodycopy.checks.shadowed import find_shadowed
from bodycopy.checks.silence import silenced
from bodycopy.checks.speed import Trials, find_slow
from bodycopy.checks.texts import Bench
from bodycopy.checks.unsafe import find_unsafe
from bodycopy.loader import Loaded
from bodycopy.rules import Rule, RuleSet

__all__ = ["Finding", "check_loaded", "check_rules"]


def check_rules(
    rules: Sequence[Rule], packs: Iterable[PackFile] = (), among: Sequence[Rule] | None = None
) -> list[Finding]:
    """Return the findings for the rules, sorted by place, without those that are allowed.

    `among` are all rules that act together with them; without it no pattern is compared with another (BC201, BC202).
    `packs` are those that the rules are from; without them nothing is said of an `allow` that silences nothing.
    """
    packs = list(packs)
    bench = Bench(RuleSet({rule.id: rule for rule in (*(among or ()), *rules)}.values()))
    findings = list(_of_rules(rules, bench))
    if among is not None:
        findings += _shadowed(rules, bench)
    return sorted(set(silenced(findings, rules, packs)))


def check_loaded(loaded: Loaded, rules: Sequence[Rule], files: Iterable[str]) -> list[Finding]:
    """Return the findings for some of the loaded rules and for the packs in some of the loaded files."""
    files = set(files)
    packs = [pack for pack in loaded.packs if pack.file in files]
    bench = Bench(RuleSet(loaded.rules))
    findings = [
        *_of_rules(rules, bench),
        *_shadowed(rules, bench),
        *find_idle_disables(packs, {rule.id: rule for rule in loaded.every}),
        *find_idle_changes(packs, loaded.packs, {rule.id for rule in loaded.rules}),
    ]
    return sorted(set(silenced(findings, rules, packs)))


def _shadowed(rules: Iterable[Rule], bench: Bench) -> Iterator[Finding]:
    return (finding for rule in rules for finding in find_shadowed(rule, bench))


def _of_rules(rules: Iterable[Rule], bench: Bench) -> Iterator[Finding]:
    trials = Trials()
    for rule in rules:
        yield from find_never(rule, bench)
        yield from find_slow(rule, bench, trials)
        yield from find_unsafe(rule)
        yield from find_idle_unless(rule)
        yield from find_unproved(rule)

"""What is wrong with rules that load: mistakes that only show when they meet a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bodycopy.errors import Fault
from bodycopy.matcher import Program
from bodycopy.patterns import literals
from bodycopy.rules import Keep, LineOf, Rule, RuleSet

__all__ = ["check_rules"]


def check_rules(rules: Sequence[Rule]) -> list[Fault]:
    """Return the findings for the rules, sorted by place."""
    return sorted(fault for rule in rules for fault in (*_examples(rule), *_open_ended(rule), *_slow(rule)))


def _examples(rule: Rule) -> Iterator[Fault]:
    if not rule.examples:
        yield Fault(rule.file, rule.line, 1, f"{rule.id} has no example; add one that it removes and one that it keeps")
        return
    if isinstance(rule.finder, Keep):
        return
    if all(example.leaves == example.text for example in rule.examples):
        yield Fault(rule.file, rule.line, 1, f"{rule.id} has no example of what it removes; add a `remove`")
    if all(not example.leaves for example in rule.examples):
        yield Fault(rule.file, rule.line, 1, f"{rule.id} has no example of what stays; add the nearest innocent `keep`")


def _open_ended(rule: Rule) -> Iterator[Fault]:
    guards = rule.guards
    if isinstance(rule.finder, LineOf) and guards.words is None and guards.sentence is not False:
        for pattern in rule.finder.patterns:
            if pattern.open_ended:
                message = f'"{pattern.source}" may hit a sentence; add `words: 1..8` or `sentence: false`'
                yield Fault(rule.file, pattern.line, pattern.column, message)


def _slow(rule: Rule) -> Iterator[Fault]:
    for slot in Program(RuleSet([rule]), prefilter=False).slots:
        for pattern in slot.patterns:
            if not literals(pattern):
                yield Fault(
                    rule.file,
                    pattern.line,
                    pattern.column,
                    f'"{pattern.source}" needs no fixed letters, so it is tried on every line, which is slow; '
                    "add letters that must be there",
                )

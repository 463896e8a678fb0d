"""Rules whose examples prove too little."""

from __future__ import annotations

from collections.abc import Iterator

from bodycopy.checks.finding import Finding
from bodycopy.rules import Keep, Rule

__all__ = ["find_unproved"]


def find_unproved(rule: Rule) -> Iterator[Finding]:
    """Yield what a rule's examples lack. Those of a `keep` rule need no text that goes."""
    if not rule.examples:
        yield _lack(rule, "BC601", "has no example; add one that it removes and one that it keeps")
    elif not isinstance(rule.finder, Keep):
        if all(example.leaves == example.text for example in rule.examples):
            yield _lack(rule, "BC602", "has no example of what it removes; add a `remove`")
        if all(not example.leaves for example in rule.examples):
            yield _lack(rule, "BC603", "has no example of what stays; add the nearest innocent `keep`")


def _lack(rule: Rule, code: str, message: str) -> Finding:
    return Finding(rule.file, rule.line, 1, code, f"{rule.id} {message}", rule.id)

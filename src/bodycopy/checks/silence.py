"""Findings that a pack or a rule allows, with a reason; and what they allow in vain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bodycopy.building import PackFile
from bodycopy.checks.finding import Finding
from bodycopy.rules import Rule
from bodycopy.schema import Text

__all__ = ["silenced"]


def silenced(findings: Sequence[Finding], rules: Iterable[Rule], packs: Sequence[PackFile]) -> list[Finding]:
    """Return the findings that nothing allows, and one for each `allow` of the packs that silences nothing."""
    allowed = {(rule.id, code) for rule in rules for code, _ in rule.allow}
    allowed |= {(pack.file, code) for pack in packs for code in pack.content.allow}
    loud = [f for f in findings if (f.rule, f.code) not in allowed and (f.file, f.code) not in allowed]
    return loud + [finding for pack in packs for finding in _idle(pack, findings)]


def _idle(pack: PackFile, findings: Sequence[Finding]) -> Iterator[Finding]:
    codes_of_rules = {(finding.rule, finding.code) for finding in findings}
    codes = {f.code for f in findings if f.file == pack.file or f.rule.startswith(f"{pack.name}/")}
    for code, reason in pack.content.allow.items():
        if code not in codes:
            yield _in_vain(pack, code, reason)
    for entry in pack.entries:
        for code, reason in entry.allow.items():
            if (f"{pack.name}/{entry.id}", code) not in codes_of_rules:
                yield _in_vain(pack, code, reason, f"{pack.name}/{entry.id}")


def _in_vain(pack: PackFile, code: str, reason: Text, rule: str = "") -> Finding:
    whose = f"for {rule}" if rule else "in this pack"
    message = f"`allow` silences nothing: there is no {code} {whose}; delete it"
    return Finding(pack.file, reason.line, reason.column, "BC504", message, rule)

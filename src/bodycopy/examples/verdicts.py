"""A rule on the bench: what becomes of its examples, and what that disproves."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from bodycopy.cleaner import clean_document
from bodycopy.examples.settings import Attempt, Kind, Setting, kind_of
from bodycopy.matcher import Program, Reading
from bodycopy.model import Outcome, Result
from bodycopy.patterns import anywhere
from bodycopy.rules import Example, Keep, Rule, RuleSet

__all__ = ["Bench", "Benches", "acting_in", "loss"]


class Bench:
    """A rule in the program that it is tried in."""

    def __init__(self, program: Program, rule: Rule) -> None:
        self.program = program
        self.rule = rule

    @property
    def number(self) -> int:
        """The rule's number in the program."""
        return bisect_left(self.program.rules, self.rule.id, key=lambda rule: rule.id)

    def attempt(self, setting: Setting) -> Attempt:
        """Try an example in one setting."""
        return Attempt(setting, clean_document(self.program, setting.document, fail_safe=False))

    def fires(self, attempt: Attempt) -> bool:
        """Say whether the rule acts on the example."""
        if isinstance(self.rule.finder, Keep):
            return _occurs(self.rule, attempt.setting.text)
        return self.rule.id in acting_in(attempt.result)

    def fault(self, example: Example, attempt: Attempt) -> str | None:
        """Say what an example disproves, or None."""
        if attempt.result.flagged and not attempt.result.matches:
            return attempt.result.flagged
        match kind_of(example):
            case Kind.TEXT:
                return _difference(example, attempt)
            case Kind.KEEP:
                return loss(attempt)
            case Kind.REMOVE:
                return self._rest(example, attempt)

    def _rest(self, example: Example, attempt: Attempt) -> str | None:
        """Say what stays of a text of which every line must go, and why."""
        has = _lines(attempt.result.text)
        stays = next((line for line in _lines(example.text) if line in has), None)
        if stays is not None:
            return f'must go, and stays: "{stays}"; {self._why(stays, attempt)}'
        if self.fires(attempt):
            return None
        return f"its text is {_removed(attempt)} alone; write a text that this rule removes"

    def _why(self, line: str, attempt: Attempt) -> str:
        reading = Reading(self.program, attempt.setting.document)
        for number, rule in enumerate(self.program.rules):
            if isinstance(rule.finder, Keep) and reading.active(number) and _occurs(rule, line):
                return f"{rule.id} ({rule.file}:{rule.line}) protects it"
        return "this rule acts, but not on that" if self.fires(attempt) else "this rule does not act on it"


class Benches:
    """The benches of rules that act along with all that are on by default.

    A rule that is on by default itself shares the program of these; one that is off has one with its whole pack, and
    one on trial has its own.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._latest = ("", Program(_active(rules, None)))
        self.main = self._latest[1]

    def of(self, rule: Rule) -> Bench:
        """Return the bench of a rule; cheap if the one before it was of the same pack."""
        key = rule.id if rule.trial else "" if rule.default else rule.pack
        if not key:
            return Bench(self.main, rule)
        if self._latest[0] != key:
            self._latest = (key, Program(_active(self._rules, rule)))
        return Bench(self._latest[1], rule)


def acting_in(result: Result) -> set[str]:
    """Return the ids of the rules that acted on a text, those of weak evidence too."""
    return {id for m in result.matches if m.outcome is not Outcome.TRIAL for id in (m.rule, *m.evidence)}


def loss(attempt: Attempt) -> str | None:
    """Say what goes of a document of which nothing may go, and by which rules."""
    whole, has = _lines(attempt.setting.document.text), _lines(attempt.result.text)
    return None if has == whole else f"{_quoted(whole, has)} must stay, and is {_removed(attempt)}"


def _active(rules: Sequence[Rule], tested: Rule | None) -> RuleSet:
    """Return the rules that are on by default, with the tested one, and its pack, switched on."""
    pack = tested.pack if tested else None
    active = {rule.id: rule for rule in rules if (rule.default or rule.pack == pack) and not rule.trial}
    return RuleSet((active | ({tested.id: replace(tested, trial=False)} if tested else {})).values())


def _difference(example: Example, attempt: Attempt) -> str | None:
    has, wants = _lines(attempt.result.text), _lines(example.leaves)
    if has == wants:
        return None
    return f"leaves {_quoted(has, wants)}, and the example says {_quoted(wants, has)}; {_removed(attempt)}"


def _removed(attempt: Attempt) -> str:
    """Name the rules that removed something, with their places."""
    by = sorted({f"{removal.rule} ({removal.file}:{removal.line})" for removal in attempt.result.removals})
    return f"removed by {', '.join(by) or 'no rule'}"


def _occurs(rule: Rule, text: str) -> bool:
    patterns = rule.finder.patterns if isinstance(rule.finder, Keep) else ()
    return any(anywhere(pattern).search(line) for line in text.split("\n") for pattern in patterns)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _quoted(lines: Sequence[str], others: Sequence[str]) -> str:
    """Quote the first line that the others lack."""
    return next((f'"{line}"' for line in lines if line not in others), f"{len(lines)} lines")

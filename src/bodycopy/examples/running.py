"""Rules → proofs: each example tried in its settings, among all rules that are on by default."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bodycopy.examples.coverage import fired_patterns
from bodycopy.examples.settings import Attempt, Kind, kind_of, settings
from bodycopy.examples.verdicts import Bench, Benches, acting_in, loss
from bodycopy.matcher import Program
from bodycopy.rules import Example, Keep, Place, Rule, RuleSet

__all__ = ["Failure", "Proof", "Proving", "run_examples"]


@dataclass(frozen=True, slots=True)
class Failure:
    """An example, or the lack of one, that disproves a rule, with its place."""

    rule: Rule
    place: Place
    message: str
    attempt: Attempt | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.place}: {self.rule.id}: {self.message}"


@dataclass(frozen=True, slots=True)
class Proof:
    """An example that was run. With `example` None: the finding that no example fires the rule."""

    rule: Rule
    example: Example | None
    failure: Failure | None = None
    fires: bool = False
    """Whether the rule acted."""
    fired: frozenset[int] = frozenset()
    """The patterns of the rule that acted, by their numbers; empty unless coverage was asked for."""
    across: bool = False
    """This is an example of a rule that is not tested itself; those that are tested must respect it."""

    @property
    def kind(self) -> Kind | None:
        """What the example says."""
        return kind_of(self.example) if self.example else None

    @property
    def place(self) -> Place:
        """The place of the example, which may stand in a pack that changes the rule; without one, of the rule."""
        return _place_of(self.example) if self.example else Place(self.rule.file, self.rule.line)


def run_examples(rules: Sequence[Rule], tested: Sequence[Rule]) -> Iterator[Failure]:
    """Run the examples of the tested rules among all rules that are on by default, and yield what fails."""
    return (proof.failure for proof in Proving(rules, tested) if proof.failure)


class Proving:
    """The examples of the tested rules, and the `keep` examples of all others, which the tested rules must respect.

    Iterating runs them, pack by pack. With `coverage` each proof tells which patterns fired.
    """

    def __init__(self, rules: Sequence[Rule], tested: Sequence[Rule], *, coverage: bool = False) -> None:
        ids = {rule.id for rule in tested}
        removing = [rule for rule in tested if rule.default and not (rule.trial or isinstance(rule.finder, Keep))]
        self.tested = sorted(tested, key=_order)
        self.examples = sum(len(rule.examples) for rule in tested)
        self._removing = RuleSet(removing)
        self._others = sorted((rule for rule in rules if removing and rule.id not in ids), key=_order)
        self._benches = Benches(rules)
        self._coverage = coverage

    @property
    def total(self) -> int:
        """The number of examples that are run: `examples` of the tested rules, and those of the others."""
        return self.examples + sum(1 for _ in self._promises())

    def __iter__(self) -> Iterator[Proof]:
        for rule in self.tested:
            yield from self._of_rule(self._benches.of(rule))
        if self._others:
            alone = Program(self._removing)
            for rule, example in self._promises():
                yield Proof(rule, example, self._broken(alone, rule, example), across=True)

    def _of_rule(self, bench: Bench) -> Iterator[Proof]:
        proofs = [self._proof(bench, example) for example in bench.rule.examples]
        yield from proofs
        # An example that should fire the rule and does not has said so already.
        told = any(proof.failure and proof.kind is not Kind.KEEP for proof in proofs)
        if not told and not any(proof.fires for proof in proofs):
            message = "no example fires this rule; add one that shows what it is for"
            yield Proof(bench.rule, None, Failure(bench.rule, Place(bench.rule.file, bench.rule.line), message))

    def _proof(self, bench: Bench, example: Example) -> Proof:
        fired: set[int] = set()
        fires, failure = False, None
        for attempt in map(bench.attempt, settings(bench.rule, example)):
            if bench.fires(attempt):
                fires = True
                fired |= fired_patterns(bench.program, bench.number, attempt) if self._coverage else set()
            if message := bench.fault(example, attempt):
                failure = _failure(bench.rule, example, message, attempt)
                break
        return Proof(bench.rule, example, failure, fires, frozenset(fired))

    def _promises(self) -> Iterator[tuple[Rule, Example]]:
        for rule in self._others:
            yield from ((rule, example) for example in rule.examples if kind_of(example) is Kind.KEEP)

    def _broken(self, alone: Program, rule: Rule, example: Example) -> Failure | None:
        """Say that a tested rule takes something of another one's example, or None.

        `alone` holds the tested rules. In a text that keeps all, one of them must be the first to act, and none can
        where all of their literals are missing; so nearly every text need not be cleaned.
        """
        bench = Bench(self._benches.main, rule)
        for setting in settings(rule, example):
            if alone.by_form_alone or alone.filter.always or alone.filter.lines_of(setting.text):
                attempt = bench.attempt(setting)
                if attempt.takes_own and acting_in(attempt.result) & {one.id for one in self._removing}:
                    return _failure(rule, example, loss(attempt) or "", attempt)
        return None


def _failure(rule: Rule, example: Example, message: str, attempt: Attempt) -> Failure:
    return Failure(rule, _place_of(example), f"{message}; tried {attempt.setting.place}", attempt)


def _place_of(example: Example) -> Place:
    return Place(example.file, example.line)


def _order(rule: Rule) -> tuple[str, int, str]:
    return rule.file, rule.line, rule.id

"""The work grows with the lines: steps of the work list are counted, never seconds."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from bodycopy import cleaner, finders, fixpoint, matcher
from bodycopy.cleaner import clean_document
from bodycopy.matcher import Program
from bodycopy.model import Document, Result
from bodycopy.patterns import Pattern
from bodycopy.rules import (
    AnyLines,
    Block,
    Finder,
    Guards,
    Item,
    LineOf,
    Lines,
    Of,
    Patterns,
    Range,
    Repeat,
    Rule,
    RuleSet,
    Shape,
    SpanOf,
    Where,
)
from strategies import make_rule

BODY = "On this day the storm moved on along the northern coast.\n" * 12
SIZES = (50, 100, 200)


def p(*sources: str) -> Patterns:
    return tuple(map(Pattern, sources))


def rule(name: str, finder: Finder, guards: Guards = Guards(), **more: object) -> Rule:  # noqa: B008
    return make_rule(f"legal/a/{name}", finder, guards, **more)


X = rule("x", LineOf(p("x")))


@dataclass
class Work:
    """What was done for one text."""

    steps: int = 0
    waits: int = 0
    passes: int = 0
    tried: int = 0
    result: Result = field(default_factory=lambda: Result(""))

    @property
    def all(self) -> int:
        return self.steps + self.waits + self.tried


def work_of(rules: list[Rule], text: str) -> Work:
    work = Work()

    class CountingState(fixpoint.State):
        def wait(self, task: fixpoint.Task, events: Iterable[fixpoint.Event]) -> None:
            events = list(events)
            work.waits += len(events)
            super().wait(task, events)

    class CountingFinders(finders.Finders):
        def run(self) -> None:
            work.passes += 1
            super().run()
            work.steps += self.state.steps

    class CountingReading(matcher.Reading):
        def _timed(self, rule: int, call: Callable[..., matcher.T], text: str) -> matcher.T:
            work.tried += 1
            return super()._timed(rule, call, text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finders, "State", CountingState)
        patch.setattr(cleaner, "Finders", CountingFinders)
        patch.setattr(cleaner, "Reading", CountingReading)
        work.result = clean_document(Program(RuleSet(rules)), Document(text), fail_safe=False)
    return work


SELF = Guards(after=("legal",))
SELF_BEFORE = Guards(before=("legal",))
ABX = Lines((Item(p("a")), Item(p("b"))))

TEXTS: dict[str, tuple[list[Rule], Callable[[int], str]]] = {
    "a chain downwards": ([X, rule("y", LineOf(p("y")), SELF)], lambda n: "x\n" + "y\n" * n),
    "a chain upwards": ([X, rule("y", LineOf(p("y")), SELF_BEFORE)], lambda n: "y\n" * n + "x\n"),
    "two chains that cross": (
        [X, rule("y", LineOf(p("y")), SELF), rule("z", LineOf(p("y")), SELF_BEFORE)],
        lambda n: "x\n" + "y\n" * n + "x\n",
    ),
    "chains for many selectors": (
        [X, *(rule(f"y{i}", LineOf(p("y")), Guards(after=("legal/a/x", f"legal/a/y{i}"))) for i in range(8))],
        lambda n: "x\n" + "y\n" * n,
    ),
    "the tail moves up": ([rule("y", LineOf(p("/On .*/")), Guards(where=Where.TAIL))], lambda n: BODY * n),
    "the head moves down": ([rule("y", LineOf(p("/On .*/")), Guards(where=Where.HEAD))], lambda n: BODY * n),
    "both edges move": ([rule("y", LineOf(p("/On .*/")), Guards(where=Where.EDGE))], lambda n: BODY * n),
    "blocks that share an end": ([rule("b", Block(p("a"), p("b")))], lambda n: "a\nz\n" * n + "b\n"),
    "blocks that share an end, bounded": (
        [X, rule("b", Block(p("a"), p("b"), max_lines=3))],
        lambda n: "a\nx\nx\n" * n + "b\n",
    ),
    "blocks that are all too long": ([rule("b", Block(p("a"), p("b"), max_lines=3))], lambda n: "a\nz\n" * n + "b\n"),
    "blocks to the end": ([rule("b", Block(p("a")))], lambda n: "a\nz\n" * n),
    "blocks to the end, as the tail moves": (
        [rule("b", Block(p("Comments")), Guards(where=Where.TAIL)), rule("y", LineOf(p("/On .*/")), SELF_BEFORE)],
        lambda n: (BODY + "Comments\n") * n,
    ),
    "runs joined by removals": (
        [rule("s", Shape(words=Range(1, 1), run=10_000)), rule("l", LineOf(p("one two")))],
        lambda n: "one\none two\n" * n,
    ),
    "runs joined into a long one": (
        [rule("s", Shape(words=Range(1, 1), run=50)), rule("l", LineOf(p("one two")), SELF), X],
        lambda n: "x\n" + "one two\none\n" * n,
    ),
    "repeats": ([rule(of, Repeat(of)) for of in Of], lambda n: "a\nb\nc\n" * n),
    "repeats with a prefix": ([rule(of, Repeat(of, prefix=p("n"))) for of in Of], lambda n: "a\nn a\nn n a\n" * n),
    "repeats without": ([rule(of, Repeat(of, without=p("n"))) for of in Of], lambda n: "n a\na\nn n a\n" * n),
    "repeats that are cut off": (
        [rule(of, Repeat(of, cut=True)) for of in Of],
        lambda n: "".join(f"word{i} and more\nword{i} and…\nword…\n" for i in range(n)),
    ),
    "sequences with many anchors": (
        [rule("l", Lines((Item(p("a")), AnyLines(0, 3), Item(p("a")), Item(p("b"), True), AnyLines(1, 3))))],
        lambda n: "a\n" * n,
    ),
    "sequences that wait for the next": (
        [X, rule("l", ABX), rule("m", LineOf(p("a")), SELF)],
        lambda n: "x\n" + "a\nz\nb\n" * n,
    ),
    "sequences of many optional members": (
        [rule("l", Lines((Item(p("a")), *(Item(p(f"o{i}"), True) for i in range(5)))))],
        lambda n: "a\no1\no4\n" * n,
    ),
    "weak evidence": (
        [rule(f"y{i}", LineOf(p("y")), SELF, score=50) for i in range(4)] + [X],
        lambda n: "x\n" + "y\n" * n,
    ),
    "spans on many lines": ([rule("s", SpanOf(p("ad", "beacon")))], lambda n: "one ad two beacon\nad\n" * n),
    "spans on one line": ([rule("s", SpanOf(p("ad", "beacon")))], lambda n: "one ad two beacon " * n),
    "blank lines": ([X], lambda n: "a\n" + "\n\nx\n" * n + "b\n"),
    "rules on trial": ([X, rule("y", LineOf(p("y")), SELF, trial=True)], lambda n: "x\ny\n" * n),
}


@pytest.mark.parametrize("name", TEXTS)
def test_work_grows_with_the_lines(name: str) -> None:
    rules, text = TEXTS[name]
    small, middle, large = (work_of(rules, text(size)) for size in SIZES)
    assert large.passes <= cleaner.MOST_PASSES
    assert large.all - middle.all <= 2.2 * (middle.all - small.all) + 20


@pytest.mark.parametrize("name", TEXTS)
def test_a_line_takes_a_bounded_number_of_steps(name: str) -> None:
    rules, text = TEXTS[name]
    work = work_of(rules, text(200))
    assert work.steps <= 100 * len(rules) * text(200).count("\n") + 100


def test_lines_of_a_chain_do_not_wait_for_each_other() -> None:
    for name in ("a chain downwards", "a chain upwards"):
        rules, text = TEXTS[name]
        assert work_of(rules, text(200)).waits == 0, name


def test_the_steps_are_counted() -> None:
    counted = []

    class Watched(finders.Finders):
        def run(self) -> None:
            super().run()
            counted.append(self.state.steps)

    rules, text = TEXTS["a chain downwards"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleaner, "Finders", Watched)
        clean_document(Program(RuleSet(rules)), Document(text(100)), fail_safe=False)
    assert 100 <= counted[0] <= 1000


def test_a_text_that_no_literal_touches_is_not_even_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaner, "rows_of", None)
    assert clean_document(Program(RuleSet([X])), Document("a\nb\n")).text == "a\nb\n"


def test_a_rule_by_form_beside_what_others_remove_waits_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [X, rule("name", Shape(words=Range(1, 2), sentence=False), Guards(before=("legal/a/x",)))]
    assert clean_document(Program(RuleSet(rules)), Document("a.\nb\nx\n")).text == "a.\n"
    monkeypatch.setattr(cleaner, "rows_of", None)
    assert clean_document(Program(RuleSet(rules)), Document("a\nb\n")).text == "a\nb\n"


def test_rules_that_wait_for_each_other_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = [rule("a", LineOf(p("a")), Guards(after=("legal/a/b",))), rule("b", LineOf(p("b")), Guards(before=("*",)))]
    monkeypatch.setattr(cleaner, "rows_of", None)
    assert clean_document(Program(RuleSet(rules)), Document("b\na\nb\n")).text == "b\na\nb\n"


def test_a_pattern_is_tried_only_where_its_literal_stands() -> None:
    rules = [rule(f"r{number}", LineOf(p(f"label{number}x"))) for number in range(200)]
    work = work_of(rules, "label7x\nsomething else\n" * 100)
    assert work.tried <= 200
    assert work.result.text == "something else\n" * 100


def test_members_of_a_sequence_with_the_same_patterns_are_tried_together() -> None:
    text = "".join(f"label {n}\n" for n in range(100))
    two, four = (work_of([rule("l", Lines((Item(p(r"/label \d+/")),) * members))], text) for members in (2, 4))
    assert two.tried == four.tried > 0
    assert two.result.text == four.result.text == ""


def test_what_waits_goes_with_its_pass() -> None:
    """Without the garbage collector, which a text of many lines would keep busy."""
    states: list[weakref.ref[fixpoint.State]] = []

    class Known(fixpoint.State):
        def __init__(self, measures: fixpoint.Measures) -> None:
            super().__init__(measures)
            states.append(weakref.ref(self))

    rules = [X, rule("y", LineOf(p("y")), SELF), rule("l", Lines((Item(p("c")), Item(p("d")))))]
    collects = gc.isenabled()
    gc.disable()
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(finders, "State", Known)
            result = clean_document(Program(RuleSet(rules)), Document("x\nOpen\ny\nc\nOpen\nd"), fail_safe=False)
        assert result.text == "Open\ny\nc\nOpen\nd"
        assert states
        assert [state() for state in states] == [None] * len(states)
    finally:
        if collects:
            gc.enable()

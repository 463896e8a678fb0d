"""The comparison with the plain matcher finds what the filter does wrong (`benchmarks/identical.py`)."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bodycopy import prefilter
from bodycopy.literals import Language, literal
from bodycopy.loader import load_rules
from bodycopy.matcher import Program
from bodycopy.patterns import Pattern
from bodycopy.rules import LineOf, Rule, RuleSet

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "identical.py"

if not SCRIPT.is_file():
    pytest.skip("the benchmarks are only in the checkout", allow_module_level=True)


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("identical", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["identical"] = module
    spec.loader.exec_module(module)
    return module


identical = _loaded()

PATTERNS = (
    "Read more",
    "Share",
    "Shared by *",
    "* of ten",
    "/reads?: \\d+/",
    "/(?-i:READ) more/",
    "/(.+) and \\1/",
    "/(?s)all.of it/",
    "/(?:ten){e<=1}/",
    "/(?=.{4,9}$)s\\w+|stop/",
    "/no\\(?(?:te|w)\\)?/",
)


def program_of(*rules: tuple[str, ...]) -> Program:
    finders = (LineOf(tuple(map(Pattern, patterns))) for patterns in rules)
    return Program(RuleSet(Rule(id=f"a/b/{n}", finder=finder, file="a", line=1) for n, finder in enumerate(finders)))


def faults(program: Program, *lines: str) -> list[str]:
    return list(identical.faults(program, identical.groups_of(program), lines))


def plant(monkeypatch: pytest.MonkeyPatch, name: str, source: str) -> None:
    """Let the filter take a pattern for one that says something else."""
    right = getattr(prefilter, name)

    def wrong(pattern: Pattern) -> Language:
        return literal("something else") if pattern.source == source else right(pattern)

    monkeypatch.setattr(prefilter, name, wrong)


LINES = ("Read more", "» SHARE …", "Shared by Ann", "reads: 12", "READ more", "now", "Ann and Ann", "ton", "stop")


def test_what_is_right_has_no_fault() -> None:
    assert faults(program_of(PATTERNS), *LINES) == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [("Read more", ["Read more", "READ more"]), ("Share", ["» SHARE …"]), ("/no\\(?(?:te|w)\\)?/", ["now"])],
)
def test_a_literal_that_the_filter_gets_wrong_is_found(
    monkeypatch: pytest.MonkeyPatch, source: str, lines: list[str]
) -> None:
    plant(monkeypatch, "language", source)
    message = f"{source} matches on a line for which it is not named: "
    assert faults(program_of(PATTERNS), *LINES) == [message + line for line in lines]


def test_each_rule_with_a_pattern_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    program = program_of(("Read more",), ("Read more", "Share"))
    assert faults(program, *LINES) == []
    hits = program.filter.lines_of("\n".join(LINES))
    monkeypatch.setattr(program.filter, "lines_of", lambda text: {at: some[:1] for at, some in hits.items()})
    assert [fault.partition(" matches")[0] for fault in faults(program, *LINES)] == ["Read more", "Read more"]


def test_patterns_that_are_something_else_together_are_found() -> None:
    program = program_of(("Read more", "Share"))
    (group,) = identical.groups_of(program)
    for fits in (lambda line: None, lambda line: True):
        (fault,) = identical.faults(program, [group._replace(fits=fits)], ["Share" if fits("") is None else "Other"])
        assert fault.startswith("Read more to Share are something else together than one by one")


@given(st.lists(st.sampled_from((*LINES, *"Rrs. 1*", "read", "more", "•", "of ten", "and")), max_size=6).map(" ".join))
def test_patterns_are_the_same_together_as_one_by_one(line: str) -> None:
    for group in GROUPS:
        assert (group.fits(line) is not None) is any(one.fits(line) is not None for one in group.patterns)


GROUPS = identical.groups_of(program_of(PATTERNS))


def test_only_what_means_the_same_anywhere_is_tried_together() -> None:
    assert [[one.source for one in group.patterns] for group in GROUPS] == [
        ["* of ten", "Read more", "Share", "Shared by *"],
        ["/(?-i:READ) more/", "/(?=.{4,9}$)s\\w+|stop/", "/no\\(?(?:te|w)\\)?/", "/reads?: \\d+/"],
        ["/(.+) and \\1/"],
        ["/(?:ten){e<=1}/"],
        ["/(?s)all.of it/"],
    ]


def test_a_fault_is_printed_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(json.dumps({"text": text}) + "\n" for text in ("A storm.\n\nRead more\n", "Share\nRead more"))
    (tmp_path / "some.jsonl.zst").write_bytes(zstandard.compress(rows.encode()))
    pack = tmp_path / "own.yaml"
    pack.write_text("category: comments\nrules:\n  - id: a\n    line: |\n      Read more\n      Share\n")
    monkeypatch.setattr(identical, "load_rules", lambda: load_rules([pack], builtin=False))
    assert identical.compare_lines(tmp_path, every=1, only=()) == 0
    assert "3 of 3 different lines, 2 patterns: 0 faults" in capsys.readouterr().out
    plant(monkeypatch, "language", "Share")
    assert identical.compare_lines(tmp_path, every=1, only=()) == 1
    assert "Share matches on a line for which it is not named: Share\n" in capsys.readouterr().out

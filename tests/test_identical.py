"""The comparison with the plain matcher finds what the filter does wrong (`benchmarks/identical.py`)."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bodycopy import Cleaner, prefilter
from bodycopy.literals import Language, literal
from bodycopy.matcher import Program
from bodycopy.patterns import Pattern
from bodycopy.prefilter import Filter
from bodycopy.rules import Finder, Keep, LineOf, Of, Repeat, Rule, RuleSet, SpanOf

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
    "/(?=\\w{4,9}$)s\\w+|stop/",
    "/no\\(?(?:te|w)\\)?/",
    "/(?:.{2,9} )?sails?/",
)


def rules_of(*rules: tuple[str, ...]) -> RuleSet:
    return rules_with(*(LineOf(tuple(map(Pattern, patterns))) for patterns in rules))


def rules_with(*finders: Finder) -> RuleSet:
    return RuleSet(Rule(id=f"a/b/{n}", finder=finder, file="a", line=1) for n, finder in enumerate(finders))


def faults(rules: RuleSet, *lines: str, chosen: Filter | None = None) -> list[str]:
    """Return what is wrong on lines, as far as it is told without cleaning."""
    told: list[str] = []
    plain = identical.ByRegex(rules, told.append)
    return [*identical.misses(chosen or Program(rules).filter, plain, "\n".join(lines)), *told]


def compared(rules: RuleSet, *texts: str, one_by_one: bool = False) -> int:
    rows = ({"text": text} for text in texts)
    faults: int = identical.compare(rules, [("some", enumerate(rows, 1))], one_by_one=one_by_one)
    return faults


def plant(monkeypatch: pytest.MonkeyPatch, name: str, source: str) -> None:
    """Let the filter take a pattern for one that says something else."""
    right = getattr(prefilter, name)

    def wrong(pattern: Pattern) -> Language:
        return literal("something else") if pattern.source == source else right(pattern)

    monkeypatch.setattr(prefilter, name, wrong)


LINES = ("Read more", "» SHARE …", "Shared by Ann", "reads: 12", "READ more", "now", "Ann and Ann", "ton", "stop")


def test_what_is_right_has_no_fault() -> None:
    assert faults(rules_of(PATTERNS), *LINES) == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [("Read more", ["Read more", "READ more"]), ("Share", ["» SHARE …"]), ("/no\\(?(?:te|w)\\)?/", ["now"])],
)
def test_a_literal_that_the_filter_gets_wrong_is_found(
    monkeypatch: pytest.MonkeyPatch, source: str, lines: list[str]
) -> None:
    plant(monkeypatch, "language", source)
    message = f"{source} matches on a line for which it is not named: "
    assert faults(rules_of(PATTERNS), *LINES) == [message + line for line in lines]


def test_each_rule_with_a_pattern_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = rules_of(("Read more",), ("Read more", "Share"))
    assert faults(rules, *LINES) == []
    chosen = Program(rules).filter
    hits = chosen.lines_of("\n".join(LINES))
    monkeypatch.setattr(chosen, "lines_of", lambda text: {at: some[:1] for at, some in hits.items()})
    found = faults(rules, *LINES, chosen=chosen)
    assert [fault.partition(" matches")[0] for fault in found] == ["Read more", "Read more"]


def test_patterns_that_are_something_else_together_are_found() -> None:
    for fits, line in ((lambda line: None, "Share"), (lambda line: True, "Other")):
        told: list[str] = []
        plain = identical.ByRegex(rules_of(("Read more", "Share")), told.append)
        (group,) = plain.filter.groups
        plain.filter.groups = [group._replace(fits=fits)]
        plain.filter.of_line(line)
        (fault,) = told
        assert fault.startswith("Read more to Share are something else together than one by one")


@given(st.lists(st.sampled_from((*LINES, *"Rrs. 1*", "read", "more", "•", "of ten", "and")), max_size=6).map(" ".join))
def test_patterns_are_the_same_together_as_one_by_one(line: str) -> None:
    for group in GROUPS:
        assert (group.fits(line) is not None) is any(one.fits(line) is not None for one in group.patterns)


GROUPS = identical.groups_of(Program(rules_of(PATTERNS)))


def test_only_what_means_the_same_anywhere_is_tried_together() -> None:
    assert [[one.source for one in group.patterns] for group in GROUPS] == [
        ["* of ten", "Read more", "Share", "Shared by *"],
        ["/(?-i:READ) more/", "/(?=\\w{4,9}$)s\\w+|stop/", "/no\\(?(?:te|w)\\)?/", "/reads?: \\d+/"],
        ["/(.+) and \\1/"],
        ["/(?:.{2,9} )?sails?/"],
        ["/(?:ten){e<=1}/"],
        ["/(?s)all.of it/"],
    ]


FINDERS = (
    SpanOf((Pattern("[edit]"),)),
    LineOf((Pattern("Read more"), Pattern("Share"))),
    Keep((Pattern("stay"),)),
    Repeat(Of.BEFORE, prefix=(Pattern("/(?:photo|image):/"),)),
)
TEXTS = (
    "A storm.\n\n  Read more [edit]\nRead [edit] more\r\nShare\n\tShare \nRead more to stay",
    "A ship sails away at dawn.\nphoto: A ship sails away at dawn.",
    "Nothing of all this.\n",
    "",
)


@pytest.mark.parametrize("one_by_one", [False, True])
def test_texts_come_out_the_same(one_by_one: bool, capsys: pytest.CaptureFixture[str]) -> None:
    spaces = SpanOf((Pattern("/\\s+$/"),))
    assert compared(rules_with(*FINDERS, spaces), *TEXTS, one_by_one=one_by_one) == 0
    assert "some: 4 texts compared, with 7 removals\n" in capsys.readouterr().out


@pytest.mark.parametrize("one_by_one", [False, True])
def test_what_the_filter_gets_wrong_is_found_in_texts_too(
    one_by_one: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(monkeypatch, "language", "Share")
    assert compared(rules_of(("Read more", "Share")), "A storm.\nShare", "Read more", one_by_one=one_by_one) > 0
    told = capsys.readouterr().out.splitlines()
    assert [line for line in told if line.endswith("differs")] == ["some: row 1 differs"]
    assert ("Share matches on a line for which it is not named: Share" in told) is not one_by_one


@pytest.mark.parametrize(
    ("name", "wrong", "finders"),
    [
        ("matcher.key_of_phrase", lambda _: "something else", FINDERS),
        ("cleaner.is_untouched", lambda *_: True, FINDERS[1:2]),
        ("prefilter.LiteralFilter.of_line", lambda *_: (), FINDERS),
    ],
    ids=["key", "early exit", "rest of a line"],
)
def test_what_goes_wrong_after_the_filter_is_found(
    name: str,
    wrong: object,
    finders: Sequence[Finder],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(f"bodycopy.{name}", wrong)
    assert compared(rules_with(*finders), "A storm.\nRead [edit] more\nShare") == 1
    assert "some: row 1 differs\n" in capsys.readouterr().out


def test_what_goes_wrong_with_one_of_many_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(identical, "hits_of_each", lambda *_: {0: {0: (0,)}})
    assert compared(rules_of(("Share", "Read more")), "Share\nA storm.", "Read more") == 1
    assert "some: row 2 differs where it is one of many\n" in capsys.readouterr().out


def test_the_command_says_what_was_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"text": "A storm.\n\nRead more\n"}, {"text": "Share\nRead more"}, {"text": "x" * 99}, {"text": "Share"}]
    packed = zstandard.compress("".join(json.dumps(row) + "\n" for row in rows).encode())
    for name in ("some", "others"):
        (tmp_path / f"{name}.jsonl.zst").write_bytes(packed)
    pack = tmp_path / "own.yaml"
    pack.write_text("category: comments\nrules:\n  - id: a\n    line: |\n      Read more\n      Share\n")
    monkeypatch.setattr(identical, "Cleaner", lambda also: Cleaner([pack], builtin=False))
    assert command(monkeypatch, tmp_path) == 0
    assert capsys.readouterr().out == (
        "others: 4 texts compared, with 4 removals\n"
        "some: 4 texts compared, with 4 removals\n"
        "8 texts, 2 patterns on 4 different lines: 0 faults\n"
    )
    assert command(monkeypatch, tmp_path, "--every", "2", "--most-characters", "50", "--only", "some") == 0
    assert "\n1 texts, 2 patterns on 2 different lines: 0 faults\n" in capsys.readouterr().out
    plant(monkeypatch, "language", "Share")
    assert command(monkeypatch, tmp_path) == 1
    assert capsys.readouterr().out.endswith(": 5 faults\n")


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> object:
    monkeypatch.setattr(sys, "argv", ["identical.py", *map(str, arguments)])
    with pytest.raises(SystemExit) as left:
        identical.main()
    return left.value.code

"""The proof of rules: what is run, what is found, and how it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bodycopy import examples
from bodycopy.cli import main
from bodycopy.examples import Attempt, Failure, Proof, Proving, coverage_of, run_examples
from bodycopy.examples.settings import Setting
from bodycopy.loader import load_rules
from bodycopy.matcher import Program
from bodycopy.model import Document, Span
from bodycopy.model import Result as Cleaned
from bodycopy.report.proof import junit, progress
from bodycopy.rules import Example, LineOf, Place, Rule

BUILTIN = """\
category: comments
rules:
  - id: form
    line: Leave a Reply
    examples:
      - remove: Leave a Reply
      - keep: He asked her to leave a reply at the front desk.
"""
GREEDY = """\
category: sharing
{pack}rules:
  - id: desk
    line: /.* front desk\\./
    {rule}examples:
      - remove: Ask at the front desk.
      - keep: Ask at the desk.
"""
BAD = """\
category: trackers
rules:
  - id: beacon
    span: image beacon
    examples:
      - remove: image beacon
      - keep: "An image beacon\\e[2J was lit."
  - id: rest
    line: a line of two
    examples:
      - text: |
          a line of two
          a line of three
        leaves: a line of four
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder where one pack stands in for the built-in ones."""
    monkeypatch.chdir(tmp_path)
    put({"builtin/comments/basic.yaml": BUILTIN})
    monkeypatch.setattr("bodycopy.loader.builtin_root", lambda: tmp_path / "builtin")
    monkeypatch.setattr("bodycopy.ready.builtin_root", lambda: tmp_path / "builtin")
    monkeypatch.setattr("bodycopy.packfiles.builtin_root", lambda: tmp_path / "builtin", raising=False)


def put(files: Mapping[str, str]) -> None:
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", "test", *arguments])


def failures(pack: str) -> list[str]:
    """Return what is found in a pack by itself."""
    put({"own.yaml": pack})
    rules = load_rules(["own.yaml"], builtin=False)
    return [str(failure) for failure in run_examples(rules, rules)]


def rule_with(keys: str) -> str:
    return f"category: sharing\nrules:\n  - id: one\n{keys}"


# What an example disproves

ONE = {
    "nothing": ("    line: a\n    examples:\n      - remove: a\n      - keep: b\n", []),
    "it does not act": (
        "    line: a\n    where: head\n    examples:\n      - remove: b\n",
        [
            'own.yaml:7: sharing/own/one: must go, and stays: "b"; this rule does not act on it; '
            "tried at the head of an article"
        ],
    ),
    "it acts on another line": (
        "    line: a\n    examples:\n      - remove: |\n          a\n          b\n",
        [
            'own.yaml:6: sharing/own/one: must go, and stays: "b"; this rule acts, but not on that; '
            "tried in the middle of an article"
        ],
    ),
    "another rule protects it": (
        "    line: a\n    examples:\n      - remove: a\n  - id: two\n    keep: a\n    examples:\n      - keep: a\n",
        [
            'own.yaml:6: sharing/own/one: must go, and stays: "a"; sharing/own/two (own.yaml:7) protects it; '
            "tried in the middle of an article"
        ],
    ),
    "another rule removes it": (
        "    line: a\n    where: tail\n    examples:\n      - text: a\n        leaves: ''\n      - remove: b\n"
        "  - id: two\n    line: b\n    examples:\n      - remove: b\n",
        [
            "own.yaml:9: sharing/own/one: its text is removed by sharing/own/two (own.yaml:10) alone; "
            "write a text that this rule removes; tried at the tail of an article"
        ],
    ),
    "another rule removes what stays": (
        "    line: a\n    examples:\n      - remove: a\n      - keep: the b\n"
        "  - id: two\n    span: b\n    examples:\n      - remove: b\n",
        [
            'own.yaml:7: sharing/own/one: "the b" must stay, and is removed by sharing/own/two (own.yaml:8); '
            "tried at the head of an article"
        ],
    ),
    "it takes the article around": (
        "    line: /The baker.*/\n    examples:\n      - remove: The baker.\n      - keep: b\n",
        [
            'own.yaml:7: sharing/own/one: "The baker drove the long way round through the hills and sold his bread '
            'from the back of the van." must stay, and is removed by sharing/own/one (own.yaml:3); '
            "tried at the head of an article"
        ],
    ),
    "something else is left": (
        "    line: a\n    examples:\n      - text: |\n          a\n          b\n        leaves: c\n",
        [
            'own.yaml:6: sharing/own/one: leaves "b", and the example says "c"; removed by sharing/own/one '
            "(own.yaml:3); tried as a text of its own"
        ],
    ),
    "no example fires it": (
        "    line: a\n    examples:\n      - keep: b\n",
        ["own.yaml:3: sharing/own/one: no example fires this rule; add one that shows what it is for"],
    ),
    "a keep rule that fits nothing": (
        "    keep: The baker *\n    examples:\n      - keep: b\n",
        ["own.yaml:3: sharing/own/one: no example fires this rule; add one that shows what it is for"],
    ),
}


@pytest.mark.parametrize(("keys", "found"), ONE.values(), ids=ONE)
def test_what_an_example_disproves(keys: str, found: list[str]) -> None:
    assert failures(rule_with(keys)) == found


@pytest.mark.parametrize("change", [("rules:", "default: off\nrules:"), ("line: a", "line: a\n    status: trial")])
def test_a_rule_that_is_off_or_on_trial_is_tried_as_if_it_were_on(change: tuple[str, str]) -> None:
    pack = rule_with("    line: a\n    examples:\n      - remove: a\n      - keep: an a\n").replace(*change)
    assert failures(pack) == []
    (failure,) = failures(pack.replace("an a", "a"))
    assert "must stay, and is removed by sharing/own/one" in failure


def test_a_rule_of_a_site_is_tried_on_a_text_of_that_site() -> None:
    assert failures(rule_with("    line: a\n    site: example.org\n    examples:\n      - remove: a\n")) == []


def test_a_rule_that_takes_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodycopy.matcher.TIME_LIMIT", 0.0)
    (failure,) = failures(rule_with("    span: /a+/\n    examples:\n      - remove: a\n"))
    assert "left whole: rule sharing/own/one took more than 0 s" in failure


# Across packs


def test_a_new_rule_must_not_remove_what_a_builtin_one_keeps() -> None:
    put({"greedy.yaml": GREEDY.format(pack="", rule="")})
    result = call("greedy.yaml", "--quiet")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == (
        'rules/comments/basic.yaml:7: comments/basic/form: "He asked her to leave a reply at the front desk." '
        "must stay, and is removed by sharing/greedy/desk (greedy.yaml:3); tried at the head of an article"
    )
    assert result.stdout.splitlines()[1].startswith("1 rule, 2 examples, 1 failure in ")


@pytest.mark.parametrize(
    "harmless", [{"pack": "default: off\n", "rule": ""}, {"pack": "", "rule": "status: trial\n    "}]
)
def test_a_new_rule_that_does_not_act_by_itself_may(harmless: dict[str, str]) -> None:
    put({"greedy.yaml": GREEDY.format(**harmless)})
    assert call("greedy.yaml").exit_code == 0


def test_a_builtin_pack_is_tried_against_the_others_too() -> None:
    put({"builtin/sharing/greedy.yaml": GREEDY.format(pack="", rule="")})
    everything = call("--quiet").stdout
    assert "comments/basic/form: " in everything
    assert "sharing/greedy/desk (rules/sharing/greedy.yaml:3)" in everything
    assert "comments/basic/form: " in call("builtin/sharing/greedy.yaml", "--quiet").stdout


def test_a_rule_that_takes_the_article_around_is_not_blamed_once_for_each_example_of_the_others() -> None:
    put(
        {"own.yaml": rule_with("    line: /The baker.*/\n    examples:\n      - remove: The baker.\n      - keep: b\n")}
    )
    assert "1 rule, 2 examples, 1 failure in " in call("own.yaml").stdout


def test_rules_that_are_on_share_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    begin = Program.__init__

    def counting(self: Program, rules: object, **options: bool) -> None:
        made.append(1)
        begin(self, rules, **options)  # type: ignore[arg-type]

    rule = "  - id: r{0}\n    line: phrase {0}\n    examples:\n      - remove: phrase {0}\n      - keep: a phrase {0}\n"
    rules = "rules:\n" + "".join(map(rule.format, range(20)))
    put({"many.yaml": f"category: sharing\n{rules}", "off.yaml": f"category: sharing\ndefault: off\n{rules}"})
    loaded = load_rules(["many.yaml", "off.yaml"], builtin=False)
    monkeypatch.setattr(Program, "__init__", counting)
    assert [proof for proof in Proving(loaded, loaded) if proof.failure] == []
    assert len(made) == 2


# Coverage

COVERED = {
    "line": ("    line: |\n      a\n      b\n      c*\n", "remove: |\n          A:\n          C 3\n", ["b"]),
    "line not where it acts": ("    line: |\n      a\n      b\n    where: tail\n", "remove: a\n", ["b"]),
    "span": ("    span: |\n      a\n      b\n", "text: the a\n        leaves: the\n", ["b"]),
    "keep": ("    keep: |\n      a\n      b\n", "keep: the b\n", ["a"]),
    "lines": (
        "    lines:\n      - a\n      - any: 1\n      - optional: b\n      - |\n        c\n        d\n",
        "remove: |\n          a\n          x\n          d\n",
        ["b", "c"],
    ),
    "from until": (
        "    from: |\n      a\n      b\n    until: |\n      c\n      d\n",
        "text: |\n          a\n          x\n          c\n        leaves: c\n",
        ["b", "d"],
    ),
    "repeat with prefix": (
        "    repeat:\n      of: above\n      prefix: |\n        Image:\n        Photo:\n",
        "text: |\n          The ferry\n          Photo: The ferry\n        leaves: The ferry\n",
        ["Image:"],
    ),
    "repeat with suffix": (
        "    repeat:\n      of: above\n      suffix: |\n        (AP)\n        (dpa)\n",
        "text: |\n          The ferry\n          The ferry (dpa)\n        leaves: The ferry\n",
        ["(AP)"],
    ),
    "unless does not count": ("    line: a\n    unless: b\n", "remove: a\n", []),
    "a form has no patterns": ("    shape:\n      words: 1\n    where: edge\n", "remove: a\n", []),
}


@pytest.mark.parametrize(("keys", "example", "idle"), COVERED.values(), ids=COVERED)
def test_coverage_names_the_patterns_that_no_example_fires(keys: str, example: str, idle: list[str]) -> None:
    put({"own.yaml": rule_with(f"{keys}    examples:\n      - {example}      - keep: The end.\n")})
    rules = load_rules(["own.yaml"], builtin=False)
    coverage = coverage_of(rules, Proving(rules, rules, coverage=True))
    assert [pattern.source for _, pattern in coverage.idle] == idle


def test_coverage_counts_a_pattern_only_where_its_rule_acted() -> None:
    example = "text: |\n          a\n          b c\n        leaves: b c\n"
    put({"own.yaml": rule_with(f"    line: |\n      a\n      b c\n    words: 1\n    examples:\n      - {example}")})
    rules = load_rules(["own.yaml"], builtin=False)
    coverage = coverage_of(rules, Proving(rules, rules, coverage=True))
    assert [pattern.source for _, pattern in coverage.idle] == ["b c"]


def test_coverage_sees_a_line_as_spans_leave_it() -> None:
    span = "  - id: two\n    span: image beacon\n    examples:\n      - remove: image beacon\n"
    put({"own.yaml": rule_with(f"    line: a b\n    examples:\n      - remove: a image beacon b\n{span}")})
    rules = load_rules(["own.yaml"], builtin=False)
    assert coverage_of(rules, Proving(rules, rules, coverage=True)).idle == ()


def test_coverage_is_told_and_does_not_fail_unless_asked_to() -> None:
    put({"own.yaml": rule_with("    line: |\n      a\n      b\n    examples:\n      - remove: a\n      - keep: c\n")})
    result = call("own.yaml", "--coverage", "--quiet")
    told = 'own.yaml:6:7: sharing/own/one: no example fires "b"\n1 of 2 patterns fired\n1 rule, 2 examples, 0 failures'
    assert (result.exit_code, result.stdout.partition(" in ")[0]) == (0, told)
    assert call("own.yaml", "--fail-under", "50").exit_code == 0
    result = call("own.yaml", "--fail-under", "50.1")
    told = "error: examples fire 50.00% of the patterns; --fail-under asks for 50.1%\n"
    assert (result.exit_code, result.stderr) == (1, told)
    assert call("own.yaml", "--fail-under", "101").exit_code == 2


# How it is told


def test_the_report_reads_like_that_of_pytest() -> None:
    put({"bad.yaml": BAD})
    result = call("bad.yaml", "--coverage")
    assert result.exit_code == 1
    assert re.sub(r"in \d+\.\d\d s", "in 0.00 s", result.stdout) == (
        "bad.yaml .FF                                                              [ 75%]\n"
        "keep examples of other rules .                                            [100%]\n"
        "\n"
        "=================================== FAILURES ===================================\n"
        'bad.yaml:7: trackers/bad/beacon: "An image beacon\\x1b[2J was lit." must stay, and is removed by '
        "trackers/bad/beacon (bad.yaml:3); tried at the head of an article\n"
        "      An [-image beacon-]\\x1b[2J was lit.  ← trackers/bad/beacon\n"
        "\n"
        "    12 of 28 characters removed by 1 rule\n"
        "\n"
        'bad.yaml:11: trackers/bad/rest: leaves "a line of three", and the example says "a line of four"; removed by '
        "trackers/bad/rest (bad.yaml:8); tried as a text of its own\n"
        "    - a line of two  ← trackers/bad/rest\n"
        "      a line of three\n"
        "\n"
        "    14 of 30 characters removed by 1 rule\n"
        "\n"
        "=================================== coverage ===================================\n"
        "2 of 2 patterns fired\n"
        "\n"
        "================================ short summary =================================\n"
        "FAILED bad.yaml:7: trackers/bad/beacon keep\n"
        "FAILED bad.yaml:11: trackers/bad/rest text\n"
        "2 rules, 3 examples, 2 failures in 0.00 s\n"
    )


def test_where_nothing_fails_there_is_a_line_for_each_pack_and_the_closing_line() -> None:
    first, last = call().stdout.splitlines()
    assert first == f"{'rules/comments/basic.yaml ..':<73} [100%]"
    assert last.startswith("1 rule, 2 examples, 0 failures in ")


def test_a_pack_with_many_examples_takes_several_lines() -> None:
    rule = Rule(id="a/b/c", finder=LineOf(()), file="a/b.yaml", line=1)
    proofs = [Proof(rule, Example("x", "", carried=True, line=2))] * 200
    assert list(progress(proofs, 200)) == [
        f"a/b.yaml {'.' * 64} [ 32%]",
        f"{'.' * 73} [ 68%]",
        f"{'.' * 63}           [100%]",
    ]


def test_a_wrong_file_ends_the_run_with_its_faults() -> None:
    put({"wrong.yaml": BUILTIN.replace("line:", "lin:").replace("id: form", "id: Form")})
    result = call("wrong.yaml", "--junit", "out.xml")
    assert (result.exit_code, result.stdout) == (2, "")
    places = {":".join(line.split(":")[:4]) for line in result.stderr.splitlines()}
    assert places == {"error: wrong.yaml:3:5", "error: wrong.yaml:3:9", "error: wrong.yaml:4:5"}
    assert not Path("out.xml").exists()


def test_check_comes_first_if_asked_for() -> None:
    put({"own.yaml": rule_with("    line: leave your note\n")})
    result = call("own.yaml", "--check")
    assert result.exit_code == 1
    assert "has no example" in result.stdout
    assert "failure" not in result.stdout
    assert call("builtin/comments/basic.yaml", "--check").exit_code == 0


# JUnit


def test_junit_has_a_suite_for_each_pack_and_a_case_for_each_example() -> None:
    put({"bad.yaml": BAD, "out.xml": "old"})
    assert call("bad.yaml", "--junit", "out.xml").exit_code == 1
    root = ElementTree.parse("out.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    assert {suite.get("name"): suite.get("tests") for suite in root} == {
        "bad.yaml": "3",
        "keep examples of other rules": "1",
    }
    assert [(case.get("name"), case.find("failure") is not None) for case in root.iter("testcase")] == [
        ("trackers/bad/beacon remove 6", False),
        ("trackers/bad/beacon keep 7", True),
        ("trackers/bad/rest text 11", True),
        ("comments/basic/form keep 7", False),
    ]
    (failure, _) = root.iter("failure")
    assert (failure.get("message") or "").startswith('bad.yaml:7: trackers/bad/beacon: "An image beacon\\x1b[2J was')
    assert "An [-image beacon-]" in (failure.text or "")
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(exclude_categories=[])))
def test_junit_is_valid_for_any_text(text: str) -> None:
    rule = Rule(id="a/b/c", finder=LineOf(()), file=text, line=1)
    attempt = Attempt(Setting(Document(text), Span(0, len(text)), "here"), Cleaned(text))
    proof = Proof(
        rule, Example(text, "", carried=True, line=2, file=text), Failure(rule, Place(text, 2), text, attempt)
    )
    assert len(list(ElementTree.fromstring(junit([proof], 0.1)).iter("failure"))) == 1


@pytest.mark.parametrize("name", ["own.yaml", "own.YML"])
def test_junit_does_not_write_over_a_pack(name: str) -> None:
    put({name: "precious"})
    result = call("--junit", name)
    assert result.exit_code == 2
    assert f"{name} would be a pack" in result.stderr
    assert Path(name).read_text() == "precious"


def test_junit_that_cannot_be_written_is_an_error_with_its_name() -> None:
    put({"file": ""})
    result = call("--junit", "file/out.xml")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert "file" in result.stderr


def test_the_door_of_the_package_holds_what_it_names() -> None:
    assert all(hasattr(examples, name) for name in examples.__all__)

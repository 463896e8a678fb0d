"""Packs that change others, on the command line: `extend`, `disable`, ids that were renamed, and the project file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from bodycopy.cli import main

BASE = """\
category: comments
rules:
  - id: gate
    was: [door, sharing/doors/door]
    line: Join the talk below the fold
    examples:
      - remove: Join the talk below the fold
      - keep: Join the talk below the fold, the sign on the gate said.
"""
EXTENDS = """\
category: mine
rules:
  - extend: comments/base/gate
    add: |
      Join the talk above the fold
      JOIN the talk below the fold
      Never shown at all
    examples:
      - remove: Join the talk above the fold
      - keep: Join the talk above the fold
      - remove: Join the talk beside the fold
"""
TEXT = "The ferry runs again.\nJoin the talk below the fold\n"
KEPT = "The ferry runs again.\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder where one pack stands in for the built-in ones."""
    monkeypatch.chdir(tmp_path)
    put({"builtin/comments/base.yaml": BASE, "page.txt": TEXT})
    monkeypatch.setattr("bodycopy.loader.builtin_root", lambda: tmp_path / "builtin")
    monkeypatch.setattr("bodycopy.ready.builtin_root", lambda: tmp_path / "builtin")


def put(files: Mapping[str, str]) -> None:
    for name, content in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def clean(*options: str) -> Result:
    return call("clean", "page.txt", "--quiet", *options)


# What a pack adds to a rule of another is told at its own place


def test_a_failing_example_is_told_where_it_stands() -> None:
    put({"mine.yaml": EXTENDS})
    result = call("rules", "test", "mine.yaml", "--coverage")
    lines = result.stdout.splitlines()
    assert [line.split(": ")[0] for line in lines if re.match(r"mine.yaml:\d+: ", line)] == [
        "mine.yaml:10",
        "mine.yaml:11",
    ]
    assert [line for line in lines if line.startswith("FAILED")] == [
        "FAILED mine.yaml:10: comments/base/gate keep",
        "FAILED mine.yaml:11: comments/base/gate remove",
    ]
    assert 'mine.yaml:7:7: comments/base/gate: no example fires "Never shown at all"' in lines


def test_junit_names_the_file_of_each_example() -> None:
    put({"mine.yaml": EXTENDS})
    call("rules", "test", "mine.yaml", "--quiet", "--junit", "proof.xml")
    cases = ElementTree.parse("proof.xml").getroot().iter("testcase")
    assert [f"{case.get('file')}:{case.get('line')}" for case in cases] == [
        "rules/comments/base.yaml:7",
        "rules/comments/base.yaml:8",
        "mine.yaml:9",
        "mine.yaml:10",
        "mine.yaml:11",
    ]


def test_a_finding_is_told_where_its_pattern_stands() -> None:
    put({"mine.yaml": EXTENDS})
    found = [line for line in call("rules", "check", "mine.yaml").stdout.splitlines() if "BC2" in line]
    assert found == [
        'mine.yaml:6:7: BC201 "JOIN the talk below the fold" is contained in "Join the talk below the fold" in '
        "rules/comments/base.yaml:5:11; delete it"
    ]


# An id that was renamed stays known, and says so

NOTICE = "notice: {} was renamed to comments/base/gate"


@pytest.mark.parametrize("former", ["comments/base/door", "sharing/doors/door"])
def test_a_choice_by_a_former_id(former: str) -> None:
    assert clean().stdout == KEPT
    result = clean("--skip", former)
    assert (result.exit_code, result.stdout, result.stderr) == (0, TEXT, f"{NOTICE.format(former)}\n")
    result = clean("--only", former)
    assert (result.exit_code, result.stdout, result.stderr) == (0, KEPT, f"{NOTICE.format(former)}\n")


@pytest.mark.parametrize(
    ("pack", "place", "cleaned"),
    [
        ("category: mine\ndisable: sharing/doors/door\n", "mine.yaml:2:10", TEXT),
        ("category: mine\nrules:\n  - extend: sharing/doors/door\n    add: Never mind\n", "mine.yaml:3:13", KEPT),
        (
            "category: mine\nrules:\n  - id: a\n    line: Never mind\n    after: sharing/doors/door\n",
            "mine.yaml:5:12",
            KEPT,
        ),
    ],
)
def test_a_pack_that_uses_a_former_id(pack: str, place: str, cleaned: str) -> None:
    put({"mine.yaml": pack})
    result = clean("--rules", "mine.yaml")
    assert (result.exit_code, result.stdout) == (0, cleaned)
    assert result.stderr == f"{NOTICE.format('sharing/doors/door')}; write so in {place}\n"


def test_a_former_id_in_the_project_file() -> None:
    put({"bodycopy.toml": 'skip = ["sharing/doors/door"]\n'})
    result = clean()
    assert (result.exit_code, result.stdout, result.stderr) == (0, TEXT, f"{NOTICE.format('sharing/doors/door')}\n")


@pytest.mark.parametrize(
    ("was", "message"),
    [
        ("comments/base/gate", '"comments/base/gate" is the id of the rule in rules/comments/base.yaml:3'),
        ("sharing/doors/door", '"sharing/doors/door" is the former id of the rule in rules/comments/base.yaml:3'),
    ],
)
def test_a_former_id_names_one_rule(was: str, message: str) -> None:
    put({"mine.yaml": f"category: mine\nrules:\n  - id: a\n    line: Never mind\n    was: {was}\n"})
    result = clean("--rules", "mine.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"error: mine.yaml:5:10: {message}; name it only once\n"


def test_an_id_that_is_taken_is_a_mistake_of_the_pack_that_is_not_built_in() -> None:
    put({"comments/base.yaml": BASE.replace("    was: [door, sharing/doors/door]\n", "")})
    assert clean("--rules", "comments").stderr == (
        'error: comments/base.yaml:3:9: the id "comments/base/gate" is taken: rules/comments/base.yaml:3 has it; '
        'to change that rule write "extend"\n'
    )


# The packs of the project file act along

GREEDY = """\
category: mine
rules:
  - id: all
    line: /Join the talk.*/
    examples:
      - remove: Join the talk
      - keep: They join the talk.
"""
NEEDS_IT = """\
category: mine
rules:
  - extend: mine/greedy/all
    add: Leave the talk
    examples:
      - remove: Leave the talk
"""


def test_the_packs_of_the_project_file_are_tested_and_checked_where_no_path_is_given() -> None:
    assert "1 rule, 2 examples, 0 failures" in call("rules", "test").stdout
    assert call("rules", "check").exit_code == 2
    put({"packs/greedy.yaml": GREEDY, "bodycopy.toml": 'rules = ["packs"]\n'})
    result = call("rules", "test", "--quiet")
    assert result.exit_code == 1
    assert 'Join the talk below the fold, the sign on the gate said." must stay, and is removed by mine/greedy/all' in (
        result.stdout
    )
    assert result.stdout.splitlines()[-1].startswith("1 rule, 2 examples, 1 failure in ")
    assert call("rules", "check").stdout.splitlines()[-1].startswith("1 rule, ")
    assert "1 rule, 2 examples, 0 failures" in call("rules", "test", "--no-config").stdout


@pytest.mark.parametrize("command", ["test", "check"])
def test_the_packs_of_the_project_file_are_there_for_those_that_need_them(command: str) -> None:
    put({"packs/greedy.yaml": GREEDY, "new.yaml": NEEDS_IT})
    alone = call("rules", command, "new.yaml")
    assert 'new.yaml:3:13: no rule "mine/greedy/all"' in alone.output
    with_packs = call("rules", command, "new.yaml", "--rules", "packs")
    put({"bodycopy.toml": 'rules = ["packs"]\n'})
    with_file = call("rules", command, "new.yaml")
    for result in (with_packs, with_file):
        assert result.stdout.splitlines()[-1].startswith("1 rule, ")
        assert "no rule" not in result.output


def test_a_wrong_project_file_stops_a_test() -> None:
    put({"bodycopy.toml": 'rules = ["absent"]\n'})
    result = call("rules", "test")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == 'error: bodycopy.toml: "rules" names absent: no such file or folder\n'

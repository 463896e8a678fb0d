"""`rules list` and `rules show`: what there is, whether it acts, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bodycopy.cli import main

BASE = """\
category: trackers
about: What trackers leave in the text.
rules:
  - id: beacon
    span: /(image beacon\\s*)+/
    examples:
      - remove: image beaconimage beacon
      - keep: The beacon on the hill was lit.

  # What follows is a comment on the next rule.
  - line: Share this
    id: share
    was: [tell, trackers/old/tell]
  - {id: pixel, line: Pixel}
"""
WEAK = """\
category: sharing
lang: en
default: off
rules:
  - id: bar
    line: Share
"""
MINE = """\
category: trackers
disable: trackers/base/pixel
rules:
  - id: new
    line: New
    status: trial
  - extend: trackers/base/beacon
    add: Beacon
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with a pack, where two others stand in for the built-in ones."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"builtin/trackers/base": BASE, "builtin/sharing/weak": WEAK, "mine": MINE}.items():
        Path(f"{name}.yaml").parent.mkdir(parents=True, exist_ok=True)
        Path(f"{name}.yaml").write_text(text)
    monkeypatch.setattr("bodycopy.loader.builtin_root", lambda: tmp_path / "builtin")
    monkeypatch.setattr("bodycopy.ready.builtin_root", lambda: tmp_path / "builtin")


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", *arguments, "--rules", "mine.yaml"])


def test_the_list_is_a_table_with_the_counts_below() -> None:
    assert call("list").stdout == (
        "ID                    CATEGORY  LANG  STATUS    FROM\n"
        "sharing/weak/bar      sharing   en    off       rules/sharing/weak.yaml:5\n"
        "trackers/base/beacon  trackers  -     on        rules/trackers/base.yaml:4\n"
        "trackers/base/pixel   trackers  -     disabled  rules/trackers/base.yaml:14\n"
        "trackers/base/share   trackers  -     on        rules/trackers/base.yaml:12\n"
        "trackers/mine/new     trackers  -     trial     mine.yaml:4\n"
        "\n"
        "5 rules: 2 on, 1 off, 1 trial, 1 disabled\n"
    )


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--category", "sharing"], ["sharing/weak/bar"]),
        (["--lang", "en"], ["sharing/weak/bar"]),
        (["--lang", "-", "--status", "on"], ["trackers/base/beacon", "trackers/base/share"]),
        (["--status", "disabled"], ["trackers/base/pixel"]),
        (["--status", "available"], []),
        (["--category", "sharing", "--status", "on"], []),
    ],
)
def test_filters_choose_among_the_rules(options: list[str], found: list[str]) -> None:
    _, *rows, blank, counts = call("list", *options).stdout.splitlines()
    assert [row.split()[0] for row in rows] == found
    assert (blank, counts.partition(":")[0]) == ("", "1 rule" if len(found) == 1 else f"{len(found)} rules")
    objects = [json.loads(line) for line in call("list", *options, "--json").stdout.splitlines()]
    assert [one["id"] for one in objects] == found


def test_json_has_what_the_table_has() -> None:
    (line,) = call("list", "--status", "off", "--json").stdout.splitlines()
    assert json.loads(line) == {
        "id": "sharing/weak/bar",
        "category": "sharing",
        "lang": "en",
        "status": "off",
        "file": "rules/sharing/weak.yaml",
        "line": 5,
        "about": "",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--category", "sharin"], 'no category "sharin"; did you mean "sharing"?'),
        (["--lang", "german"], 'no language "german"; allowed: -, en'),
        (["--status", "offf"], 'no status "offf"; did you mean "off"?'),
    ],
)
def test_a_filter_that_names_nothing_is_refused(options: list[str], message: str) -> None:
    result = call("list", *options)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"error: {message}\n")


def test_a_rule_is_shown_as_it_stands_in_its_file() -> None:
    assert call("show", "sharing/weak/bar").stdout == (
        "sharing/weak/bar\nrules/sharing/weak.yaml:5  off  en\n\n  - id: bar\n    line: Share\n"
    )
    assert call("show", "trackers/base/share").stdout == (
        "trackers/base/share\n"
        "rules/trackers/base.yaml:12  on\n"
        "was trackers/base/tell\n"
        "was trackers/old/tell\n"
        "\n"
        "  - line: Share this\n"
        "    id: share\n"
        "    was: [tell, trackers/old/tell]\n"
    )


def test_a_rule_is_shown_with_what_changes_it_and_what_switches_it_off() -> None:
    assert call("show", "trackers/base/[bp]*").stdout == (
        "trackers/base/beacon\n"
        "rules/trackers/base.yaml:4  on\n"
        "\n"
        "  - id: beacon\n"
        "    span: /(image beacon\\s*)+/\n"
        "    examples:\n"
        "      - remove: image beaconimage beacon\n"
        "      - keep: The beacon on the hill was lit.\n"
        "\n"
        "changed in mine.yaml:7\n"
        "\n"
        "  - extend: trackers/base/beacon\n"
        "    add: Beacon\n"
        "\n"
        "trackers/base/pixel\n"
        "rules/trackers/base.yaml:14  disabled\n"
        "switched off in mine.yaml:2\n"
        "\n"
        "  - {id: pixel, line: Pixel}\n"
    )


def test_a_former_id_shows_the_rule_and_says_what_it_is_called_now() -> None:
    result = call("show", "trackers/old/tell")
    assert result.stdout == call("show", "trackers/base/share").stdout
    assert result.stderr == "notice: trackers/old/tell was renamed to trackers/base/share\n"


def test_what_names_no_rule_is_refused() -> None:
    result = call("show", "sharing/weak/bra")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == 'error: no rule, category or glob "sharing/weak/bra"; did you mean "sharing/weak/bar"?\n'

"""The project file, on the command line and from Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bodycopy import Cleaner
from bodycopy.cli import main

PACK = """\
category: custom
rules:
  - id: bread
    line: He sold the bread
"""
BUILTIN = "category: comments\nrules:\n  - id: all\n    line: View all comments\n"
TEXT = "The storm came.\nHe sold the bread\nView all comments\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a pack of its own; another one stands in for the built-in packs."""
    for name in ("bodycopy.loader", "bodycopy.ready"):
        monkeypatch.setattr(f"{name}.builtin_root", lambda: tmp_path / "builtin")
    (tmp_path / "builtin" / "comments").mkdir(parents=True)
    (tmp_path / "builtin" / "comments" / "basic.yaml").write_text(BUILTIN)
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "mine.yaml").write_text(PACK)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "page.txt").write_text(TEXT)
    monkeypatch.chdir(tmp_path / "below")
    return tmp_path


def clean(*options: str) -> Result:
    return CliRunner().invoke(main, ["clean", "page.txt", "--quiet", *options])


def test_it_is_found_from_the_working_folder_upwards(project: Path) -> None:
    assert clean().stdout == "The storm came.\nHe sold the bread\n"
    (project / "bodycopy.toml").write_text('rules = ["packs"]\n')
    assert clean().stdout == "The storm came.\n"
    assert clean("--no-config").stdout == "The storm came.\nHe sold the bread\n"


def test_the_command_line_wins(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.bodycopy]\nrules = ["packs"]\nonly = ["custom"]\n')
    assert clean().stdout == "The storm came.\nView all comments\n"
    assert clean("--only", "comments").stdout == "The storm came.\nHe sold the bread\n"


def test_python_reads_it_when_it_is_named(project: Path) -> None:
    (project / "bodycopy.toml").write_text('rules = ["packs"]\nbuiltin = false\n')
    assert Cleaner.from_config(project / "bodycopy.toml").clean(TEXT).text == "The storm came.\nView all comments\n"
    assert Cleaner().clean(TEXT).text == "The storm came.\nHe sold the bread\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('rule = ["packs"]', 'unknown key "rule"; did you mean "rules"?'),
        ('rules = "packs"', "rules"),
        ("rules = [", "not TOML: "),
        ('rules = ["absent"]', "absent"),
        ('only = ["coments"]', 'no rule, category or glob "coments"; did you mean "comments"?'),
    ],
)
def test_a_wrong_one_is_refused_with_its_name(project: Path, content: str, message: str) -> None:
    (project / "bodycopy.toml").write_text(content + "\n")
    result = clean()
    assert result.exit_code == 2
    assert "bodycopy.toml" in result.stderr
    assert message in result.stderr
    assert result.stdout == ""

"""What the documents say is true: their packs load and prove themselves, their commands run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bodycopy import load_rules
from bodycopy.examples import run_examples

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language, without the indent of a list that they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.M | re.S)
    return [re.sub(rf"^{indent}", "", block, flags=re.M) for indent, block in found]


PACKS = [pack for pack in blocks((ROOT / "docs" / "rules.md").read_text(), "yaml") if pack.startswith("category:")]
SETUP, EXPLAIN, RULES_TEST, CLEAN, TESTS = blocks(README, "sh")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what git would give, with the environment of this test run as its `.venv`."""
    for name in ("seeds", "rules", "src", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run(command: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(folder / "home")}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("number", range(len(PACKS)))
def test_a_pack_of_the_reference_proves_itself(number: int, tmp_path: Path) -> None:
    file = tmp_path / "documented.yaml"
    file.write_text(PACKS[number])
    documented = load_rules([file], builtin="extend:" in PACKS[number])
    own = [rule for rule in documented if rule.file == str(file)]
    assert [str(failure) for failure in run_examples(own, own)] == []


def test_the_first_command_sets_up_and_cleans_the_seeds(checkout: Path) -> None:
    run(SETUP, checkout)
    for seed in sorted((ROOT / "seeds").iterdir()):
        golden = ROOT / "tests" / "test_seeds" / f"{seed.stem}.body.txt"
        assert (checkout / "clean" / seed.name).read_bytes() == golden.read_bytes()


def test_the_other_commands_run(checkout: Path) -> None:
    (checkout / "mine.yaml").write_text(blocks(README, "yaml")[0])
    assert "video/pangea/player" in run(EXPLAIN.replace(".venv/bin/", ""), checkout)
    run(RULES_TEST, checkout)
    run(CLEAN, checkout)
    assert len(list((checkout / "clean-mine").iterdir())) == 5


def test_what_a_run_leaves_behind_can_be_looked_at_and_taken_back(checkout: Path) -> None:
    for command in blocks((ROOT / "docs" / "reports.md").read_text(), "sh"):
        run(command, checkout)
    assert "<h1>What was removed</h1>" in (checkout / "report.html").read_text()
    keys = set().union(*map(json.loads, (checkout / "removed.jsonl").read_text().splitlines()))
    described = re.findall(r"^\| (`.*?`) \|", (ROOT / "docs" / "reports.md").read_text(), re.M)
    assert keys - {"evidence"} == set(re.findall(r"\w+", " ".join(described))) - {"evidence"}
    for seed in (ROOT / "seeds").iterdir():
        assert (checkout / "seeds-again" / seed.name).read_bytes() == seed.read_bytes()


def test_the_library_example_prints_what_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(blocks(README, "python")[0])
    assert run(f'"{sys.executable}" example.py', tmp_path) == blocks(README, "text")[0]


def test_the_picture_at_the_top_is_what_happens(tmp_path: Path) -> None:
    shown = blocks(README, "diff")[0].splitlines()
    (tmp_path / "page.txt").write_text("\n".join(line[2:] for line in shown))
    explained = run("bodycopy explain page.txt", tmp_path).splitlines()
    assert [line[:1] for line in explained[: len(shown)]] == [line[:1] for line in shown]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert TESTS.strip().split("&& ")[-1] in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*"))])
def test_links_lead_to_files(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []

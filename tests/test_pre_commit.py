"""The hooks, as pre-commit runs them in a repository with packs of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FOLDERS = ("src", "rules")
FILES = (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE")
HOOKS = ("bodycopy-rules", "bodycopy-rules-check", "bodycopy-rules-test")
USER = {f"GIT_{role}_{what}": "test@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}

RIGHT = """\
category: comments
rules:
  - id: gate
    line: |
      Join the talk below the fold
    examples:
      - remove: Join the talk below the fold
      - keep: Join the talk below the fold, the sign on the gate said.
"""
UNPROVEN = RIGHT.replace("remove: Join the talk below the fold", "remove: Join the talk above the fold")
MISTYPED = RIGHT.replace("    line:", "    lin:")

pytestmark = [
    pytest.mark.usefixtures("cleaner"),
    pytest.mark.skipif(shutil.which("git") is None, reason="git is missing, and pre-commit needs it"),
]


class Repository:
    """A git repository with packs, and its pre-commit."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.root = root
        self.environment = environment

    def put(self, name: str, content: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def git(self, *arguments: str) -> str:
        done = self._run("git", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def pre_commit(self, hook: str, *arguments: str) -> tuple[int, str]:
        """Run a hook on the files that git knows; return its exit code and what it says."""
        self.git("add", ".")
        done = self._run(sys.executable, "-m", "pre_commit", "run", hook, "--color", "never", *arguments)
        return done.returncode, done.stdout + done.stderr

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository whose pre-commit takes the hooks from a commit of the files that are here now."""
    folder = tmp_path_factory.mktemp("pre-commit")
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHONPATH"))}
    environment = outer | USER | {"PRE_COMMIT_HOME": str(folder / "home"), "GIT_CONFIG_GLOBAL": os.devnull}
    source = Repository(folder / "bodycopy", environment)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source.root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source.root)
    source.git("init", "--quiet")
    source.git("add", ".")
    source.git("commit", "--quiet", "--message", "As it is now")
    hooks = [{"id": hook, "files": "^packs/"} for hook in HOOKS]
    config = {"repos": [{"repo": str(source.root), "rev": source.git("rev-parse", "HEAD"), "hooks": hooks}]}
    user = Repository(folder / "user", environment)
    user.put(".pre-commit-config.yaml", yaml.safe_dump(config))
    user.git("init", "--quiet")
    return user


@pytest.fixture
def repository(prepared: Repository) -> Repository:
    """The repository with a right pack, and a file that is no pack."""
    shutil.rmtree(prepared.root / "packs", ignore_errors=True)
    prepared.put("packs/gate.yaml", RIGHT)
    prepared.put("deploy/values.yaml", "replicas: 3\n")
    return prepared


@pytest.mark.parametrize("hook", HOOKS)
def test_a_right_pack_passes(repository: Repository, hook: str) -> None:
    code, said = repository.pre_commit(hook, "--all-files")
    assert code == 0, said
    assert "Passed" in said


@pytest.mark.parametrize(
    ("hook", "pack", "place"),
    [
        ("bodycopy-rules", MISTYPED, "packs/gate.yaml:4:5: "),
        ("bodycopy-rules", UNPROVEN, "packs/gate.yaml:7: comments/gate/gate: must go, and stays: "),
        ("bodycopy-rules", RIGHT.partition("    examples:")[0], "packs/gate.yaml:"),
        ("bodycopy-rules-check", MISTYPED, "packs/gate.yaml:4:5: "),
        ("bodycopy-rules-test", UNPROVEN, "packs/gate.yaml:7: comments/gate/gate: must go, and stays: "),
    ],
)
def test_a_wrong_pack_fails_and_its_place_is_named(repository: Repository, hook: str, pack: str, place: str) -> None:
    repository.put("packs/gate.yaml", pack)
    code, said = repository.pre_commit(hook, "--files", "packs/gate.yaml")
    assert code == 1, said
    assert any(line.removeprefix("error: ").startswith(place) for line in said.splitlines()), said


def test_other_files_are_none_of_its_business(repository: Repository) -> None:
    code, said = repository.pre_commit("bodycopy-rules", "--files", "deploy/values.yaml")
    assert code == 0, said
    assert "(no files to check)Skipped" in said

"""Packs in installed distributions: the layout of docs/packs.md, and what can be wrong with one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bodycopy import Cleaner, load_rules
from bodycopy.cli import main

GUIDE = (Path(__file__).parents[1] / "docs" / "packs.md").read_text()
TEXT = "The ferry runs again.\nJoin the talk on the quay (12 replies)\n"
CLEANED = "The ferry runs again.\n"


def documented_files() -> dict[str, str]:
    """Return the files that the guide shows, each below its name."""
    return dict(re.findall(r"^`(\S+)`:\n\n```\w+\n(.*?)^```$", GUIDE, re.M | re.S))


def put(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"PYTHONPATH": str(path)} if path else {}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.usefixtures("cleaner")
def test_the_documented_layout_can_be_built_installed_listed_and_named(tmp_path: Path) -> None:
    project, site = tmp_path / "harbour-rules", tmp_path / "site"
    files = documented_files()
    assert sorted(files) == ["pyproject.toml", "src/harbour_rules/comments/harbour-forum.yaml"]
    put(project, files)
    bodycopy = (sys.executable, "-m", "bodycopy")
    run(*bodycopy, "rules", "test", "--check", "src/harbour_rules", cwd=project)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, project, cwd=tmp_path)
    (wheel,) = tmp_path.glob("*.whl")
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", site, wheel, cwd=tmp_path)

    place = "package:harbour/comments/harbour-forum.yaml:5"
    not_named = run(*bodycopy, "rules", "list", "--no-builtin", cwd=tmp_path, path=site)
    assert re.search(rf"^comments/harbour-forum/join +comments +en +available +{place}$", not_named, re.M)
    assert not_named.endswith("Available rules are installed, and act only when named: --rules package:harbour\n")
    show = ("rules", "show", "comments/harbour-forum/join", "--no-builtin")
    assert "  - id: join\n" in run(*bodycopy, *show, cwd=tmp_path, path=site)
    named = run(*bodycopy, "rules", "list", "--no-builtin", "--rules", "package:harbour", cwd=tmp_path, path=site)
    assert re.search(rf"^comments/harbour-forum/join +comments +en +on +{place}$", named, re.M)
    assert "vailable" not in named

    put(tmp_path, {"page.txt": TEXT})
    assert run(*bodycopy, "clean", "page.txt", cwd=tmp_path, path=site) == TEXT
    assert run(*bodycopy, "clean", "page.txt", "--rules", "package:harbour", cwd=tmp_path, path=site) == CLEANED
    put(tmp_path, {"bodycopy.toml": 'rules = ["package:harbour"]\n'})
    assert run(*bodycopy, "clean", "page.txt", cwd=tmp_path, path=site) == CLEANED


# What can be wrong, with distributions that are put there by hand


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from which Python imports, with an installed distribution."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "site")
    install(tmp_path / "site", "harbour-rules", "harbour = harbour_rules")
    put(tmp_path / "site/harbour_rules", {"a.yaml": "category: quay\nrules:\n  - {id: a, line: Join the talk}\n"})
    return tmp_path / "site"


def install(site: Path, name: str, entry_point: str) -> None:
    put(
        site / f"{name.replace('-', '_')}-1.0.dist-info",
        {
            "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            "entry_points.txt": f"[bodycopy.rules]\n{entry_point}\n",
        },
    )


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_from_python_it_acts_only_when_named(site: Path) -> None:
    text = "The ferry runs again.\nJoin the talk"
    assert Cleaner(builtin=False).clean(text).text == text
    result = Cleaner(rules=["package:harbour"], builtin=False).clean(text)
    assert [(r.rule, r.file, r.line) for r in result.removals] == [("quay/a/a", "package:harbour/a.yaml", 3)]


def test_it_is_found_without_running_its_code(site: Path) -> None:
    put(site, {"harbour_rules/__init__.py": "raise SystemExit"})
    assert len(load_rules(["package:harbour"], builtin=False)) == 1


def test_one_that_is_named_by_its_folder_is_not_listed_twice(site: Path) -> None:
    listed = call("rules", "list", "--no-builtin", "--rules", "site/harbour_rules").stdout
    assert listed.count("quay/a/a") == 1
    assert "available" not in listed


def test_a_wrong_pack_that_nobody_named_is_a_notice(site: Path) -> None:
    put(site, {"harbour_rules/b.yaml": "category: quay\nrules:\n  - {id: b, lin: c, line: d}\n"})
    result = call("rules", "list", "--no-builtin")
    assert (result.exit_code, "quay/a/a" in result.stdout) == (0, True)
    assert result.stderr == 'notice: package:harbour/b.yaml:3:13: unknown key "lin"; did you mean "line"?\n'
    result = call("rules", "list", "--no-builtin", "--rules", "package:harbour")
    assert (result.exit_code, result.stdout) == (2, "")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("harbor", 'no such package of rules is installed; did you mean "harbour"?'),
        ("x", "no such package of rules is installed; installed: harbour"),
    ],
)
def test_a_name_that_is_not_installed(site: Path, name: str, message: str) -> None:
    result = call("rules", "list", "--no-builtin", "--rules", f"package:{name}")
    assert (result.exit_code, result.stderr) == (2, f"error: package:{name}: {message}\n")


def test_a_name_that_two_distributions_install(site: Path) -> None:
    install(site, "other-rules", "harbour = other_rules")
    message = "harbour-rules and other-rules both install a package of rules of this name; uninstall all but one\n"
    result = call("rules", "list", "--no-builtin", "--rules", "package:harbour")
    assert (result.exit_code, result.stderr) == (2, f"error: package:harbour: {message}")
    result = call("rules", "list", "--no-builtin")
    assert (result.exit_code, result.stderr) == (0, f"notice: package:harbour: {message}")


@pytest.mark.parametrize("folder", ["absent_rules", "harbour_rules.absent"])
def test_an_entry_point_that_leads_nowhere(site: Path, folder: str) -> None:
    install(site, "other-rules", f"other = {folder}")
    result = call("rules", "list", "--no-builtin", "--rules", "package:other")
    assert result.exit_code == 2
    assert f'its entry point names the package "{folder}", which is no folder with packs' in result.stderr


def test_a_package_without_packs(site: Path) -> None:
    (site / "harbour_rules/a.yaml").unlink()
    result = call("rules", "list", "--no-builtin", "--rules", "package:harbour")
    assert result.exit_code == 2
    assert "no packs in this folder; a pack is a file that ends in .yaml or .yml" in result.stderr

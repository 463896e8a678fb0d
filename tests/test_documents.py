"""What the documents say is true: their packs load and prove themselves, their commands run."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bodycopy import load_rules
from bodycopy.examples import CARRIER, run_examples

pytestmark = pytest.mark.usefixtures("cleaner")

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
FORMATS = (ROOT / "docs" / "formats.md").read_text()


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of a language, without the indent of a list that they stand in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.M | re.S)
    return [re.sub(rf"^{indent}", "", block, flags=re.M) for indent, block in found]


RULES = (ROOT / "docs" / "rules.md").read_text()
FIRST_RULE = RULES.partition("## The first rule, step by step\n")[2].partition("\n## ")[0]
PACKS = [pack for pack in blocks(RULES, "yaml") if pack.startswith("category:")]
TIDE = "Tide table loading …"
MORE = "Something to add about the ferry? Tell the harbour desk."
ANNA = ">> Write to Anna Harbour (@annaharbour) on Ferrygram"
BEN = ">> Write to Ben Miller (@benmiller) on Ferrygram"
SCALING = (ROOT / "docs" / "scaling.md").read_text()
RECIPES = blocks((ROOT / "docs" / "recipes.md").read_text(), "python")
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


@pytest.fixture
def crawl(tmp_path: Path) -> Path:
    """What the commands of docs/formats.md clean."""
    (tmp_path / "articles").mkdir()
    text = "The ferry will run again on Sunday.\n\nimage beaconimage beacon\n"
    (tmp_path / "articles" / "one.txt").write_text(text)
    record = {"body": text, "url": "https://example.org/ferry"}
    (tmp_path / "crawl.jsonl.gz").write_bytes(gzip.compress(f"{json.dumps(record)}\n".encode() * 3))
    (tmp_path / "crawl.csv").write_text(f'text,id\n"{text}",1\n')
    return tmp_path


def test_the_commands_of_the_formats_run(crawl: Path) -> None:
    for command in "".join(blocks(FORMATS, "sh")).splitlines():
        run(command, crawl)
    for name in ("cleaned/one.txt", "clean.jsonl.gz", "clean.jsonl", "clean.csv", "all/crawl.jsonl.gz"):
        written = (crawl / name).read_bytes()
        assert b"image beacon" not in (gzip.decompress(written) if name.endswith(".gz") else written).split(b"[{")[0]
        assert written
    assert len((crawl / "removed.jsonl").read_text().splitlines()) == 4
    assert (crawl / "failed.jsonl").read_text() == ""
    again = gzip.decompress((crawl / "again" / "crawl.jsonl.gz").read_bytes())
    assert again == gzip.decompress((crawl / "crawl.jsonl.gz").read_bytes())


def test_what_a_run_leaves_behind_can_be_looked_at_and_taken_back(checkout: Path) -> None:
    for command in blocks((ROOT / "docs" / "reports.md").read_text(), "sh"):
        run(command, checkout)
    assert "<h1>What was removed</h1>" in (checkout / "report.html").read_text()
    keys = set().union(*map(json.loads, (checkout / "removed.jsonl").read_text().splitlines()))
    described = re.findall(r"^\| (`.*?`) \|", (ROOT / "docs" / "reports.md").read_text(), re.M)
    assert keys - {"evidence"} == set(re.findall(r"\w+", " ".join(described))) - {"evidence", "record"}
    for seed in (ROOT / "seeds").iterdir():
        assert (checkout / "seeds-again" / seed.name).read_bytes() == seed.read_bytes()


@pytest.mark.parametrize("recipe", RECIPES, ids=[recipe.split()[1] for recipe in RECIPES])
def test_a_recipe_runs(recipe: str, tmp_path: Path) -> None:
    library = recipe.split()[1].split(".", maxsplit=1)[0]
    if find_spec(library) is None:
        pytest.skip(f"needs {library}")
    if library == "pyspark" and (shutil.which("java") is None or find_spec("pandas") is None):
        pytest.skip("needs Java, on which Spark runs, and pandas")
    (tmp_path / "recipe.py").write_text(recipe)
    assert run(f'"{sys.executable}" recipe.py', tmp_path) == "The ferry will run again on Sunday.\n"


@pytest.fixture
def folder_of_a_crawl(tmp_path: Path) -> Path:
    """What the commands of docs/scaling.md clean; its output folders have the same bytes."""
    (tmp_path / "crawl").mkdir()
    for number in range(2):
        record = {
            "text": "The ferry will run again on Sunday.\n\nimage beaconimage beacon\n",
            "id": f"{number}",
            "url": "https://a.org",
        }
        line = json.dumps(record, separators=(",", ":"))
        (tmp_path / "crawl" / f"0000{number}.jsonl").write_text(f"{line}\n")
    return tmp_path


CLEANED = b'{"text":"The ferry will run again on Sunday.\\n","id":"%d","url":"https://a.org"}\n'


@pytest.mark.parametrize("command", blocks(SCALING, "sh"), ids=["here", "ray"])
def test_the_commands_of_scaling_run(command: str, folder_of_a_crawl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "--engine ray" in command and find_spec("ray") is None:
        pytest.skip("needs the extra ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    run(command, folder_of_a_crawl)
    (folder,) = folder_of_a_crawl.glob("cleaned*/")
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == [CLEANED % 0, CLEANED % 1]


@pytest.mark.skipif(find_spec("datatrove") is None or find_spec("orjson") is None, reason="needs datatrove and orjson")
def test_the_pipeline_of_scaling_runs(folder_of_a_crawl: Path) -> None:
    (folder_of_a_crawl / "pipeline.py").write_text(blocks(SCALING, "python")[0])
    run(f'"{sys.executable}" pipeline.py', folder_of_a_crawl)
    written = sorted((folder_of_a_crawl / "cleaned-by-datatrove").iterdir())
    assert [gzip.decompress(path.read_bytes()) for path in written] == [CLEANED % 0, CLEANED % 1]


def test_the_arithmetic_of_scaling_is_right() -> None:
    numbers = r"([\d.,]+)"
    rows = re.findall(rf"^\|[^|]+\| {numbers} TB \| {numbers} \|{rf' {numbers} .' * 4}$", SCALING, re.M)
    assert len(rows) == 4
    for row in rows:
        size, speed, hours, *shared = (float(number.replace(",", "")) for number in row)
        assert hours == round(1e6 * size / speed / 3600)
        for cores, told in zip((2, 64, 1000), shared, strict=True):
            assert told == pytest.approx(1e6 * size / speed / 3600 / cores, abs=0.5 if cores == 2 else 0.05)


def test_the_library_example_prints_what_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "example.py").write_text(blocks(README, "python")[0])
    assert run(f'"{sys.executable}" example.py', tmp_path) == blocks(README, "text")[0]


def test_the_picture_at_the_top_is_what_happens(tmp_path: Path) -> None:
    shown = blocks(README, "diff")[0].splitlines()
    (tmp_path / "page.txt").write_text("\n".join(line[2:] for line in shown))
    explained = run("bodycopy explain page.txt", tmp_path).splitlines()
    assert [line[:1] for line in explained[: len(shown)]] == [line[:1] for line in shown]


LEFT_OVER = {
    "baker": [MORE, TIDE, ANNA],
    "council": [MORE, TIDE],
    "engineer": [TIDE, ANNA],
    "ferryman": [TIDE, BEN],
    "miller": [MORE],
}


def test_the_first_rule_step_by_step(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    for name, lines in LEFT_OVER.items():
        article = "".join(CARRIER).replace(".\n", f", the {name} said.\n")
        (tmp_path / "texts" / f"{name}.txt").write_text(article + "".join(f"{line}\n" for line in lines))
    pack = tmp_path / "mine.yaml"
    look, write, add, prove, use = blocks(FIRST_RULE, "sh")
    listing, tried = blocks(FIRST_RULE, "text")

    assert run(look, tmp_path) == listing
    place, _, told = run(f"({write}) 2>&1", tmp_path).partition(f":{TIDE}")
    assert f"--from {place} " in write
    assert tried in told
    assert pack.read_text() == blocks(FIRST_RULE, "yaml")[0]
    run(add, tmp_path)
    narrow, wide = (line[1:] for line in blocks(FIRST_RULE, "diff")[0].splitlines(keepends=True))
    assert narrow in pack.read_text()
    pack.write_text(pack.read_text().replace(narrow, wide))
    run(prove, tmp_path)
    run(use, tmp_path)
    left = "".join(file.read_text() for file in (tmp_path / "better").iterdir())
    assert not any(line in left for line in (TIDE, MORE, ANNA, BEN))


def test_the_commands_on_texts_of_ones_own(tmp_path: Path) -> None:
    (command,) = blocks(RULES.partition("## Rules on your own texts\n")[2].partition("\n## ")[0], "sh")
    for folder, name in (("texts", "one.txt"), ("my-rules", "mine.yaml"), (".", "old.yaml"), (".", "new.yaml")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_text(TIDE if name == "one.txt" else PACKS[0])
    assert "comments/mine/form  my-rules/mine.yaml:5  finds nothing" in run(command, tmp_path)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert TESTS.strip().split("&& ")[-1] in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*"))])
def test_links_lead_to_files(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []

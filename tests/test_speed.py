"""The benchmarks measure what docs/performance.md and docs/scaling.md have (`benchmarks/speed.py`, `scale.py`)."""

from __future__ import annotations

import doctest
import importlib
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import zstandard

from bodycopy import Cleaner

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"

if not BENCHMARKS.is_dir():
    pytest.skip("the benchmarks are only in the checkout", allow_module_level=True)

pytest.importorskip("resource")
sys.path.insert(0, str(BENCHMARKS))
charts, measures, peers, speed, tables, texts = map(
    importlib.import_module, ("charts", "measures", "peers", "speed", "tables", "texts")
)
sys.path.remove(str(BENCHMARKS))

CHANCE = random.Random(1)
KNOWN = texts.words(CHANCE)
MADE_UP = ["articles of 4 kB, made up", "whole pages, made up, half of the lines furniture"]
OWN_WAYS = ["`clean`", "`clean_many`", "`clean_batch`"]


@pytest.fixture
def few_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder whose project has one pack alone; nothing is kept from runs before."""
    (tmp_path / "own.yaml").write_text(
        "category: comments\nrules:\n  - id: a\n    line: |\n      Share\n      Read more\n"
    )
    (tmp_path / "bodycopy.toml").write_text('builtin = false\nrules = ["own.yaml"]\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for module in (measures, speed):
        monkeypatch.setattr(module, "Cleaner", lambda rules=(): Cleaner(["own.yaml", *rules], builtin=False))
    return tmp_path


def put_real_texts(folder: Path) -> None:
    folder.mkdir()
    article = texts.article(CHANCE, KNOWN)
    rows = {
        "articles_site": [{"text": article, "source": "trafilatura"}, {"text": "Short.", "source": "trafilatura"}],
        "raw_site": [{"text": article}] * 3,
        "clean_site": [{"text": article, "source": "gold"}],
    }
    for name, some in rows.items():
        content = "".join(json.dumps(row) + "\n" for row in some)
        (folder / f"{name}.jsonl.zst").write_bytes(zstandard.compress(content.encode()))


def printed_tables(printed: str) -> list[list[list[str]]]:
    """Return the cells of each line of each table."""
    return [
        [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
        for table in printed.strip().split("\n\n")
    ]


def column(table: list[list[str]], number: int) -> list[str]:
    return [line[number] for line in table[2:]]


def test_one_run_measures_every_row(
    few_rules: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_real_texts(few_rules / "data")
    monkeypatch.setattr(peers, "find_spec", lambda name: name != "datatrove" or None)
    monkeypatch.setattr(peers.shutil, "which", lambda name: None)
    command = "speed.py --quick --rounds 1 --data data --json speed.json --svg speed.svg"
    monkeypatch.setattr(sys, "argv", command.split())
    speed.main()

    made_up, real, one_text, html, growth, starts, folders = printed_tables(capsys.readouterr().out)
    tools = ["plain C4 loop", "the search alone", *OWN_WAYS]
    assert column(made_up, 0) == [MADE_UP[0], *[""] * 4, MADE_UP[1], *[""] * 4]
    assert column(made_up, 1) == tools * 2
    assert real[0] == ["real texts, MB/s", *tools, "of C4, the best", "µs a text"]
    assert column(real, 0) == ["articles_site/trafilatura", "clean_site/gold", "raw_site"]
    names = ["articles, made up", "`articles_*/trafilatura`", "`raw_*`", "nothing, by the same clock"]
    assert column(one_text, 0) == names
    assert column(one_text, 1) == ["100", "1", "3", ""]
    readers = ["trafilatura, `extract`", "jusText, `justext`"]
    cleaned = ["`clean`, the text of the pages", "`clean_many`, the text of the pages"]
    assert column(html, 0) == readers + cleaned
    assert column(html, 1)[2:] == ["", ""]
    assert column(growth, 0) == [
        "1 → 1,001 → 3,001 rules",
        *(f"{kind}, 10 kB → 100 kB → 1 MB" for kind in ("one document", "one line", "short lines")),
    ]
    first_start = "the same with an empty cache folder, as on the first start"
    assert column(starts, 0) == ["`bodycopy --version`", "`bodycopy clean`, one small file", first_start]
    assert list(zip(column(folders, 0), column(folders, 1), strict=True)) == [
        (size, jobs) for size in ("1 MB", "4 MB") for jobs in "12"
    ]
    for table in (made_up, real, one_text, html, growth, starts, folders):
        assert {len(line) for line in table} == {len(table[0])}

    report = json.loads(Path("speed.json").read_text())
    assert list(report) == [
        *("made_up", "real", "one_text", "clock_us", "html", "over_rules", "over_size", "starts", "folders")
    ]
    assert [(row["texts"], row["tool"]) for row in report["made_up"]] == [(t, tool) for t in MADE_UP for tool in tools]
    assert [row["tool"] for row in report["html"]] == column(html, 0)
    assert [row["texts"] for row in report["one_text"]] == names[:-1]
    assert [row["number"] for row in report["one_text"]] == [100, 1, 3]
    assert all(figure > 0 for figure in figures_of(report))
    if sys.platform == "linux":
        assert all(row["peak_mb"] > 10 for row in report["folders"])

    drawn = ElementTree.parse("speed.svg").getroot()
    said = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"built-in and more", "one document", "one line", "short lines", "1,001", "100 kB"} <= set(said)
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}polyline"))) == 4


def figures_of(report: Any) -> list[float]:
    """Return all numbers but the memory, which is known on Linux alone."""
    if isinstance(report, dict):
        return [figure for name, value in report.items() if name != "peak_mb" for figure in figures_of(value)]
    if isinstance(report, list):
        return [figure for value in report for figure in figures_of(value)]
    return [report] if isinstance(report, int | float) else []


def test_peers_that_are_not_installed_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    monkeypatch.setattr(peers.shutil, "which", lambda name: None)
    assert list(peers.text_tools(["A storm."])) == ["plain C4 loop"]
    assert peers.search_tools(["A storm."], ["Share"], tmp_path) == {}
    assert peers.html_tools(()) == {}


@pytest.mark.parametrize("name", ["trafilatura", "justext"])
def test_a_tool_that_reads_html_finds_the_article_of_a_page(name: str) -> None:
    pytest.importorskip(name)
    (tool,) = (call for said, call in peers.html_tools(KNOWN[: measures.MOST_STOP_WORDS]).items() if name in said)
    page = texts.page(CHANCE, KNOWN)
    found = tool(texts.html_of(page, CHANCE, KNOWN)).split("\n")
    paragraphs = [line for line in page.article.split("\n") if line.count(" ") > 12]
    assert set(paragraphs) <= set(found)
    assert not {*page.menu, *page.footer}.intersection(found)


def test_the_html_of_a_page_has_all_its_lines_and_is_mostly_something_else() -> None:
    page = texts.page(CHANCE, KNOWN)
    html = texts.html_of(page, CHANCE, KNOWN)
    shown = html.replace("<", "\n<").replace(">", ">\n").split("\n")
    assert set(page.text.split("\n")) <= set(map(str.strip, shown))
    assert len(html) > 8 * len(page.text)


@pytest.mark.parametrize("module", [charts, tables], ids=["charts", "tables"])
def test_the_examples_of_the_docstrings_hold(module: Any) -> None:
    tried = doctest.testmod(module)
    assert tried.attempted
    assert not tried.failed


def test_the_memory_of_a_long_run(few_rules: Path) -> None:
    command = [sys.executable, str(BENCHMARKS / "scale.py"), "memory", "--gb", "0.002", "--jobs", "1", "--csv", "m.csv"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "exit code 0" in run.stdout
    assert "peak of all processes together" in run.stdout
    assert (few_rules / "m.csv").read_text().startswith("0.0,")

"""`bodycopy eval` on small labelled texts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bodycopy.cli import main

PACK = """\
category: custom
rules:
  - id: junk
    line: |
      Share this page
      He sold the bread
"""
ARTICLE = {
    "id": "one",
    "url": "https://example.org/a",
    "source": "scraper",
    "text": "The storm came in the night\nShare this page\nHe sold the bread\nMore stories",
    "gold": "The storm came in the night\nHe sold the bread",
}
SNIPPETS = {
    "id": "two",
    "source": "scraper",
    "text": "A storm\nShare this page",
    "with": ["A storm"],
    "without": ["Share this"],
}
WHOLE = {"id": "three", "source": "gold", "text": "word " * 60 + "\nHe sold the bread"}


def evaluate(folder: Path, *options: str) -> list[str]:
    (folder / "pack.yaml").write_text(PACK)
    command = ["eval", str(folder / "data"), "--no-builtin", "--rules", str(folder / "pack.yaml"), *options]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def write(folder: Path, name: str, *rows: dict[str, object]) -> None:
    (folder / "data").mkdir(exist_ok=True)
    text = "".join(json.dumps(row) + "\n" for row in rows)
    file = folder / "data" / name
    file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())


def test_figures_of_every_kind_of_row(tmp_path: Path) -> None:
    write(tmp_path, "articles.jsonl", ARTICLE)
    write(tmp_path, "snippets.jsonl.gz", SNIPPETS)
    write(tmp_path, "clean.jsonl", WHOLE)
    # The body has 7 shingles. Before there are 12, of which 4 are the body's; after 5 and 3.
    assert [" ".join(line.split()) for line in evaluate(tmp_path, "--most", "0")] == [
        "articles/scraper docs 1 f0 0.421 p 0.600 r 0.429 f 0.500 lost 0.143",
        "clean docs 1 words 64 removed_per_million 62500.000 touched 1 over30 0",
        "snippets/scraper wanted 1 kept 1.000 unwanted 1 gone 1.000",
    ]


def test_rules_at_fault_and_leftovers(tmp_path: Path) -> None:
    write(tmp_path, "articles.jsonl", ARTICLE, {**ARTICLE, "id": "other", "url": "https://example.com/b"})
    output = "\n".join(evaluate(tmp_path))
    assert "8        6  custom/pack/junk" in output
    assert "He sold the bread  (one)" in output
    assert "4  articles/scraper one" in output
    assert "2 sites  More stories" in output


def test_a_set_can_be_chosen(tmp_path: Path) -> None:
    write(tmp_path, "articles.jsonl", ARTICLE)
    write(tmp_path, "clean.jsonl", WHOLE)
    assert len(evaluate(tmp_path, "--most", "0", "--set", "clean")) == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("no json", "data.jsonl:1: no JSON: "),
        ('{"id": "x"}', 'data.jsonl:1: there is no field "text"'),
        ('{"text": 5}', 'data.jsonl:1: the field "text" is no string'),
        ("[]", "data.jsonl:1: no object"),
    ],
)
def test_a_row_that_is_none_is_named(tmp_path: Path, row: str, message: str) -> None:
    (tmp_path / "data.jsonl").write_text(row + "\n")
    (tmp_path / "pack.yaml").write_text(PACK)
    rules = ["--no-builtin", "--rules", str(tmp_path / "pack.yaml")]
    result = CliRunner().invoke(main, ["eval", str(tmp_path), *rules])
    assert (result.exit_code, message in result.output) == (2, True)


def test_a_folder_without_data_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["eval", str(tmp_path)])
    assert result.exit_code == 2
    assert result.output == f"error: {tmp_path}: no data; a file of rows ends in .jsonl, .jsonl.gz, .jsonl.zst\n"


def test_figures_by_language_and_by_category(tmp_path: Path) -> None:
    write(tmp_path, "articles.jsonl", ARTICLE | {"lang": "en"}, ARTICLE | {"id": "four", "lang": "de"})
    lines = [" ".join(line.split()) for line in evaluate(tmp_path, "--most", "5")]
    assert lines[lines.index("by language") + 1 : lines.index("by language") + 3] == [
        "articles/scraper de docs 1 f0 0.421 p 0.600 r 0.429 f 0.500 lost 0.143",
        "articles/scraper en docs 1 f0 0.421 p 0.600 r 0.429 f 0.500 lost 0.143",
    ]
    assert lines[lines.index("words that categories removed: of the article, of the rest") + 1] == "8 6 custom"

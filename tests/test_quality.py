"""A gate against regressions of what the rules do: no figure may fall below what is written here.

`quality/` holds pages and clean texts that were written for this. Where the texts are that the rules are developed with
(see `test_real_texts`), a tenth of them is measured too; docs/evaluation.md has the figures of all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path

import pytest

from bodycopy import Cleaner
from bodycopy.evaluation import evaluate, read_rows
from test_real_texts import FILES, FOLDER

QUALITY = Path(__file__).parent / "quality"

LEAST_F1 = {"extract": 0.99, "page": 0.99}
MOST_OF_THE_ARTICLE_LOST = 0.0

REAL_LEAST_F1 = {
    "articles_aeb/html-text": 0.86,
    "articles_aeb/naive-paras": 0.85,
    "articles_aeb/trafilatura": 0.94,
    "articles_fundus/naive-paras": 0.83,
    "articles_fundus/page-text": 0.84,
    "articles_fundus/trafilatura": 0.94,
    "articles_wcxb/naive-paras": 0.85,
    "articles_wcxb/page-text": 0.86,
    "articles_wcxb/trafilatura": 0.89,
}
"""Of a tenth of the texts, so well below the figures of all."""
REAL_MOST_REMOVED = {
    "clean_bbc": 100,
    "clean_dragnet": 6000,
    "clean_nltk": 50,
    "clean_policies": 600,
    "clean_ud": 300,
}
"""Words per million; of a tenth of the texts, so up to twice or three times what is allowed of all."""


Figures = Mapping[str, Mapping[str, float | int]]


@pytest.fixture(scope="module")
def figures(cleaner: Cleaner, headline_cleaner: Cleaner) -> Callable[[Path], Figures]:
    def of_folder(folder: Path) -> Figures:
        measured = evaluate(folder, cleaner, headline_cleaner)
        return {name: figure.columns() for name, figure in measured.figures.items()}

    return of_folder


@pytest.fixture(scope="module")
def written(figures: Callable[[Path], Figures]) -> Figures:
    return figures(QUALITY)


@pytest.mark.parametrize("source", LEAST_F1)
def test_articles_written_for_this(source: str, written: Figures) -> None:
    measured = written[f"articles/{source}"]
    assert measured["lost"] <= MOST_OF_THE_ARTICLE_LOST
    assert measured["f"] >= LEAST_F1[source]


def test_nothing_goes_from_clean_texts(written: Figures) -> None:
    assert written["clean"]["touched"] == 0


@pytest.mark.skipif(not FILES, reason=f"no real texts in {FOLDER}; set BODYCOPY_EVAL to their folder")
def test_a_tenth_of_the_real_texts(tmp_path: Path, figures: Callable[[Path], Figures]) -> None:
    for file in FILES:
        if not file.name.startswith("raw_"):
            rows = [
                {"id": row.id, "url": row.url, "source": row.source, "text": row.text}
                | ({} if row.gold is None else {"gold": row.gold})
                | ({"with": row.wanted, "without": row.unwanted} if row.wanted or row.unwanted else {})
                for row in islice(read_rows(file), 0, None, 10)
            ]
            (tmp_path / f"{file.name.partition('.')[0]}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    measured = figures(tmp_path)
    low = {name: measured[name]["f"] for name, least in REAL_LEAST_F1.items() if measured[name]["f"] < least}
    high = {
        name: measured[name]["removed_per_million"]
        for name, most in REAL_MOST_REMOVED.items()
        if measured[name]["removed_per_million"] > most
    }
    assert (low, high) == ({}, {})

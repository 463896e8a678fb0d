"""The promises, on a tenth of the real texts that the rules are developed with.

They are no part of the repository. BODYCOPY_EVAL names their folder; without it they are looked for beside the
checkout.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path

import pytest
import zstandard

from bodycopy import Cleaner, Result

FOLDER = Path(os.environ.get("BODYCOPY_EVAL", Path(__file__).parents[2] / "shared" / "eval" / "dev"))
FILES = sorted(FOLDER.glob("*.jsonl.zst"))
PLAIN_EVERY = int(os.environ.get("BODYCOPY_EVAL_PLAIN_EVERY", "40"))
"""Of these texts, how many to the one that is also cleaned without the prefilter, which takes minutes for all."""
PLAIN_MOST = 6_000
"""Characters of such a text: where the one whose turn it is has more, the next one that has not is taken."""

pytestmark = pytest.mark.skipif(not FILES, reason=f"no real texts in {FOLDER}; set BODYCOPY_EVAL to their folder")


@pytest.fixture(scope="module")
def plain() -> Cleaner:
    return Cleaner(also=["headline"], prefilter=False)


def a_tenth(path: Path) -> Iterator[tuple[str, str | None]]:
    with path.open("rb") as raw:
        rows = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), "utf-8")
        for row in map(json.loads, islice(rows, 0, None, 10)):
            yield row["text"], row.get("url")


def check(text: str, result: Result) -> None:
    assert result.restore() == text
    ends = [(removal.start, removal.end) for removal in result.removals]
    assert all(start < end for start, end in ends)
    assert all(left[1] <= right[0] for left, right in pairwise(ends))
    assert all(text[r.start : r.end] == r.text and r.rule and r.file and r.line for r in result.removals)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.partition(".")[0])
def test_promises(path: Path, headline_cleaner: Cleaner, plain: Cleaner) -> None:
    turn = 0
    for number, (text, url) in enumerate(a_tenth(path)):
        result = headline_cleaner.clean(text, url)
        check(text, result)
        assert headline_cleaner.clean(result.text, url).text == result.text
        if number >= turn and len(text) <= PLAIN_MOST:
            assert plain.clean(text, url) == result
            turn = number + PLAIN_EVERY

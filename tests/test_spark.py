"""The recipe for Spark does what `bodycopy clean` does to the same records."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = [
    pytest.mark.usefixtures("cleaner"),
    pytest.mark.skipif(
        find_spec("pyspark") is None or find_spec("pandas") is None or shutil.which("java") is None,
        reason="needs pyspark and pandas, and Java to run them",
    ),
]


def test_the_records_are_those_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    seeds = [path.read_text() for path in sorted((ROOT / "seeds").iterdir())]
    texts = [*seeds, 'Grüße 中文 \\ "\t\u2028\n', "image beacon"]
    for number in range(2):
        records = ({"id": f"é{n}", "text": text} for n, text in enumerate(texts[number::2]))
        lines = (json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n" for each in records)
        Path(f"in/{number}.jsonl").write_text("".join(lines))
    recipe = (
        (ROOT / "docs" / "recipes.md").read_text().partition("## Spark\n")[2].split("```")[1].removeprefix("python")
    )
    on_files, number = re.subn(r"= spark\.createDataFrame\(.*\)", '= spark.read.json("in")', recipe)
    assert number == 1
    end = 'assert frame.rdd.getNumPartitions() == 2\ncleaned.drop("removals").write.json("there")\n'
    Path("recipe.py").write_text(on_files + end)
    subprocess.run([sys.executable, "recipe.py"], check=True)
    subprocess.run([sys.executable, "-m", "bodycopy", "clean", "in", "-o", "here"], check=True)
    there = b"".join(path.read_bytes() for path in Path("there").glob("part-*"))
    here = b"".join(path.read_bytes() for path in Path("here").iterdir())
    assert sorted(there.splitlines()) == sorted(here.splitlines())

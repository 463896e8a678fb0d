#!/usr/bin/env python3
"""Show that the filter changes nothing: clean texts with it and without it, and compare all that comes out.

    python benchmarks/identical.py FOLDER [--every N] [--most-characters N] [--only NAME ...]

FOLDER holds *.jsonl.zst files that have a `text` in each row, and perhaps a `url`; --only names some of them. Without
the filter every expression is tried on every line, which takes seconds for a long text: --every takes only each Nth
text, and --most-characters leaves out longer ones. Compared are the text, the removals, the flag and all matches. A
line is printed for each file, one for each text that differs, and the exit code is 1 if there is one.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard

from bodycopy import Cleaner


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as raw:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), "utf-8"):
            yield json.loads(line)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--every", type=int, default=1)
    ask.add_argument("--most-characters", type=int, default=1_000_000_000)
    ask.add_argument("--only", nargs="*", default=())
    said = ask.parse_args()
    quick, plain = Cleaner(also=["headline"]), Cleaner(also=["headline"], prefilter=False)
    differ = 0
    for path in sorted(said.folder.glob("*.jsonl.zst")):
        name = path.name.split(".")[0]
        if said.only and name not in said.only:
            continue
        compared = every = removed = 0
        for number, row in enumerate(rows_of(path)):
            every += 1
            if number % said.every or len(row["text"]) > said.most_characters:
                continue
            found = quick.clean(row["text"], row.get("url"))
            if found != plain.clean(row["text"], row.get("url")):
                differ += 1
                print(f"{name}: row {number} differs", flush=True)
            compared += 1
            removed += len(found.removals)
        print(f"{name}: {compared:,} of {every:,} texts compared, with {removed:,} removals", flush=True)
    sys.exit(differ > 0)


if __name__ == "__main__":
    main()

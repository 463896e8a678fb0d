#!/usr/bin/env python3
"""Show that the filter changes nothing: clean texts with it and without it, and compare all that comes out.

    python benchmarks/identical.py FOLDER [--every N] [--most-characters N] [--only NAME ...]
    python benchmarks/identical.py FOLDER --lines [--every N] [--only NAME ...]

FOLDER holds *.jsonl.zst files that have a `text` in each row, and perhaps a `url`; --only names some of them. Without
the filter every expression is tried on every line, which takes seconds for a long text: --every takes only each Nth
text, and --most-characters leaves out longer ones. Compared are the text, the removals, the flag and all matches. A
line is printed for each file, one for each text that differs, and the exit code is 1 if there is one.

The filter can be wrong in one way only: a pattern matches on a line, and the filter does not name it. `--lines` looks
for that on every line of all texts, each different line once, with as many processes as there are cores; a thousand
lines take a minute or two. The few patterns of `repeat` rules are left to the other comparison.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import zstandard

from bodycopy import Cleaner
from bodycopy.loader import load_rules
from bodycopy.matcher import Program, Role
from bodycopy.patterns import anywhere, covering

PORTION = 500
"""Lines that are looked at together."""


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as raw:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), "utf-8"):
            yield json.loads(line)


def texts(folder: Path, only: Sequence[str]) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Yield the name of each file that is asked for, with its rows."""
    for path in sorted(folder.glob("*.jsonl.zst")):
        name = path.name.split(".")[0]
        if not only or name in only:
            yield name, rows_of(path)


@cache
def program() -> tuple[Program, list[tuple[int, Callable[[str], object]]]]:
    """Return the program of all rules, and how each of its patterns is tried on a stripped line."""
    made = Program(load_rules())
    tried = []
    for number, (slot, pattern) in enumerate(made.patterns):
        role = made.slots[slot].role
        if role is Role.COVER:
            tried.append((number, covering(pattern).fullmatch))
        elif role is not Role.HINT:
            tried.append((number, anywhere(pattern).search))
    return made, tried


def missed(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return each line on which a pattern matches that the filter does not name, with the pattern."""
    made, tried = program()
    hits = made.filter.lines_of("\n".join(lines))
    found = []
    for at, line in enumerate(lines):
        named = {*hits.get(at, ()), *made.filter.always}
        found += [(line, made.patterns[n][1].source) for n, fits in tried if n not in named and fits(line)]
    return found


def compare_lines(folder: Path, every: int, only: Sequence[str]) -> int:
    """Look at each different line, or at each Nth of them; return how often the filter missed a pattern."""
    lines = sorted(
        {line.strip() for _, rows in texts(folder, only) for row in rows for line in row["text"].split("\n")}
    )
    chosen = [line for line in lines if line][::every]
    portions = [chosen[at : at + PORTION] for at in range(0, len(chosen), PORTION)]
    wrong = 0
    with ProcessPoolExecutor() as pool:
        for done, found in enumerate(pool.map(missed, portions), 1):
            wrong += len(found)
            for line, pattern in found:
                print(f"{pattern} matches on a line for which it is not named: {line}", flush=True)
            print(f"\r{min(done * PORTION, len(chosen)):,} of {len(chosen):,} lines", end="", file=sys.stderr)
    patterns = len(program()[1])
    print(f"\n{len(chosen):,} of {len(lines):,} different lines, {patterns:,} patterns: {wrong} matches not named")
    return wrong


def compare_texts(folder: Path, every: int, most_characters: int, only: Sequence[str]) -> int:
    """Clean each Nth text that is not too long with the filter and without; return how many come out otherwise."""
    quick, plain = Cleaner(also=["headline"]), Cleaner(also=["headline"], prefilter=False)
    differ = 0
    for name, rows in texts(folder, only):
        compared = number = removed = 0
        for number, row in enumerate(rows, 1):
            if (number - 1) % every or len(row["text"]) > most_characters:
                continue
            found = quick.clean(row["text"], row.get("url"))
            if found != plain.clean(row["text"], row.get("url")):
                differ += 1
                print(f"{name}: row {number} differs", flush=True)
            compared += 1
            removed += len(found.removals)
        print(f"{name}: {compared:,} of {number:,} texts compared, with {removed:,} removals", flush=True)
    return differ


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--every", type=int, default=1)
    ask.add_argument("--most-characters", type=int, default=1_000_000_000)
    ask.add_argument("--only", nargs="*", default=())
    ask.add_argument("--lines", action="store_true", help="compare line by line, with each pattern")
    said = ask.parse_args()
    if said.lines:
        sys.exit(compare_lines(said.folder, said.every, said.only) > 0)
    sys.exit(compare_texts(said.folder, said.every, said.most_characters, said.only) > 0)


if __name__ == "__main__":
    main()

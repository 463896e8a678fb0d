#!/usr/bin/env python3
"""Show that the filter changes nothing: clean texts with it and without it, and compare all that comes out.

    python benchmarks/identical.py FOLDER [--every N] [--most-characters N] [--only NAME ...]
    python benchmarks/identical.py FOLDER --lines [--every N] [--only NAME ...]
    python benchmarks/identical.py FOLDER --early [--every N] [--most-characters N] [--only NAME ...]

FOLDER holds *.jsonl.zst files that have a `text` in each row, and perhaps a `url`; --only names some of them. Without
the filter every expression is tried on every line, which takes seconds for a long text: --every takes only each Nth
text, and --most-characters leaves out longer ones. Compared are the text, the removals, the flag and all matches. A
line is printed for each file, one for each text that differs, and the exit code is 1 if there is one.

The filter can be wrong in one way only: a pattern matches on a line, and the filter does not name it. `--lines` looks
for that on every line of all texts, each different line and each different pattern once; a thousand lines take a second
or two. `regex` alone says what matches, and no pattern is spared by what is known of it: some are tried at once, since
`a|b|c` covers a line where `a`, `b` or `c` does; and each by itself where that matches, and on one line of 250 in any
case. The few patterns of `repeat` rules are left to the first comparison.

`--early` compares texts as the first does, but both times with the filter: once as always, and once without the early
exit for texts that no rule can be the first to act on.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import regex
import zstandard

from bodycopy import Cleaner, Result
from bodycopy.cleaner import clean_document
from bodycopy.loader import load_rules
from bodycopy.matcher import Program, Role
from bodycopy.model import Document
from bodycopy.patterns import Pattern, anywhere, covering
from bodycopy.rules import RuleSet

PORTION = 500
"""Lines that are looked at together."""

ONE_BY_ONE = 250
"""On each line of this number every pattern is tried by itself."""

PHRASES = 300
EXPRESSIONS = 20
"""Patterns that are tried at once: so many are quickest."""

APART = re.compile(r"\\[1-9gGKL]|\(\*|\(\?(?!:|=|!|<[=!]|-?i:)|(?<!\\[pP])\{(?!\d*,?\d*\})")
"""What may mean something else beside other expressions, escaped signs left out: a group that is named or has a number,
flags for all that follows, verbs such as `(*PRUNE)`, what matches roughly.
"""


Clean = Callable[[str, str | None], Result]


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


class Tried(NamedTuple):
    """A pattern, and its numbers in the program: rules may have it in common."""

    source: str
    fits: Callable[[str], object]
    """Says whether it matches on a stripped line."""
    numbers: tuple[int, ...]


class Group(NamedTuple):
    """Some patterns, and one expression that matches on a line where any of them does, and on no other."""

    fits: Callable[[str], object]
    patterns: tuple[Tried, ...]


def groups_of(program: Program) -> list[Group]:
    """Return all patterns of a program, each once, but for those that are only tried on a part of a line."""
    covers: defaultdict[Pattern, list[int]] = defaultdict(list)
    others: defaultdict[Pattern, list[int]] = defaultdict(list)
    for number, slot in enumerate(program.slot_of):
        role, pattern = program.slots[slot].role, program.pattern(number)
        if role is not Role.HINT:
            (covers if role is Role.COVER else others)[pattern].append(number)
    phrases: list[tuple[str, Tried]] = []
    expressions: list[tuple[str, Tried]] = []
    alone: list[tuple[str, Tried]] = []
    for pattern, numbers in sorted(covers.items(), key=lambda one: one[0].source):
        tried = Tried(pattern.source, covering(pattern).fullmatch, tuple(numbers))
        kind = phrases if pattern.expression is None else alone if stands_apart(pattern.expression) else expressions
        kind.append((covering(pattern).pattern, tried))
    searched = [Tried(one.source, anywhere(one).search, tuple(numbers)) for one, numbers in others.items()]
    # All phrases may have the same before and after them, and begin alike where they are sorted.
    before, after = covering(Pattern("x")).pattern.split("(?:x)")
    bodies = [(one.removeprefix(before).removesuffix(after), tried) for one, tried in phrases]
    return [
        *(joined(bodies[at : at + PHRASES], before, after) for at in range(0, len(bodies), PHRASES)),
        *(joined(expressions[at : at + EXPRESSIONS]) for at in range(0, len(expressions), EXPRESSIONS)),
        *(Group(tried.fits, (tried,)) for tried in (*(one for _, one in alone), *searched)),
    ]


def stands_apart(expression: str) -> bool:
    """Say whether an expression is tried alone.

    >>> [stands_apart(e) for e in (r"(?:a|b)[(]?", r"\\(?(?-i:A)\\)", r"(.) \\1", "(?s).+", "(?:foo){e<=1}")]
    [False, False, True, True, True]
    """
    return APART.search(re.sub(r"\\\W", "", expression)) is not None


def joined(some: Sequence[tuple[str, Tried]], before: str = "", after: str = "") -> Group:
    """Return patterns as one that covers a line where `before`, an expression of theirs and `after` do."""
    flags = covering(Pattern("x")).flags
    together = regex.compile(f"{before}(?:{'|'.join(f'(?:{one})' for one, _ in some)}){after}", flags)
    return Group(together.fullmatch, tuple(tried for _, tried in some))


def faults(program: Program, groups: Sequence[Group], lines: Sequence[str]) -> Iterator[str]:
    """Yield each line on which a pattern matches that the filter does not name, or on which a group is wrong."""
    hits = program.filter.lines_of("\n".join(lines))
    named = [{*hits.get(at, ()), *program.filter.always} for at in range(len(lines))]
    for group in groups:
        for at, line in enumerate(lines):
            fits = group.fits(line) is not None
            if not fits and at % ONE_BY_ONE:
                continue
            fitting = [tried for tried in group.patterns if tried.fits(line)]
            if fits != bool(fitting):
                first, last = group.patterns[0].source, group.patterns[-1].source
                yield f"{first} to {last} are something else together than one by one, on this line: {line}"
            for tried in fitting:
                if not named[at].issuperset(tried.numbers):
                    yield f"{tried.source} matches on a line for which it is not named: {line}"


def compare_lines(folder: Path, every: int, only: Sequence[str]) -> int:
    """Look at each different line, or at each Nth of them; return how many faults there are."""
    every_row = chain.from_iterable(rows for _, rows in texts(folder, only))
    lines = sorted({line.strip() for row in every_row for line in row["text"].split("\n")} - {""})
    chosen = lines[::every]
    program = Program(RuleSet(load_rules()))
    groups = groups_of(program)
    wrong = 0
    for at in range(0, len(chosen), PORTION):
        for fault in faults(program, groups, chosen[at : at + PORTION]):
            wrong += 1
            print(fault, flush=True)
        print(f"\r{min(at + PORTION, len(chosen)):,} of {len(chosen):,} lines", end="", file=sys.stderr)
    patterns = sum(len(tried.numbers) for group in groups for tried in group.patterns)
    print(f"\n{len(chosen):,} of {len(lines):,} different lines, {patterns:,} patterns: {wrong} faults")
    return wrong


def without_early_exit() -> Clean:
    """Return how a text is cleaned by a program that is told that any text may need it."""
    program = Program(Cleaner(also=["headline"]).rules)
    program.by_form_alone = True
    return lambda text, url: clean_document(program, Document(text, url))


def compare_texts(folder: Path, plain: Clean, every: int, most_characters: int, only: Sequence[str]) -> int:
    """Clean each Nth text that is not too long, as always and in the plain way; return how many come out otherwise."""
    quick = Cleaner(also=["headline"]).clean
    differ = 0
    for name, rows in texts(folder, only):
        compared = number = removed = 0
        for number, row in enumerate(rows, 1):
            if (number - 1) % every or len(row["text"]) > most_characters:
                continue
            found = quick(row["text"], row.get("url"))
            if found != plain(row["text"], row.get("url")):
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
    ask.add_argument("--early", action="store_true", help="compare with and without the early exit")
    said = ask.parse_args()
    if said.lines:
        sys.exit(compare_lines(said.folder, said.every, said.only) > 0)
    plain = without_early_exit() if said.early else Cleaner(also=["headline"], prefilter=False).clean
    sys.exit(compare_texts(said.folder, plain, said.every, said.most_characters, said.only) > 0)


if __name__ == "__main__":
    main()

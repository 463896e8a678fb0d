#!/usr/bin/env python3
"""Show that what makes cleaning quick changes nothing: clean texts in a plain way too, and compare all that comes out.

    python benchmarks/identical.py FOLDER [--every N] [--most-characters N] [--only NAME ...] [--one-by-one]

FOLDER holds *.jsonl.zst files that have a `text` in each row, and perhaps a `url`. --every takes only each Nth text of
a file, --most-characters leaves out longer ones, --only names some of the files. Each text is cleaned by itself, as one
of many, and in the plain way; compared are the text, the removals, the flag and all matches. A line is printed for each
file, and one for each thing that is wrong; the exit code is 1 if there is one.

The plain way knows no skeletons, no pieces, no keys of lines and no early exit. `regex` alone says which patterns match
on a line, each different line is looked at once, and no pattern is spared by what is known of it. Some are tried at
once, since `a|b|c` covers a line where `a`, `b` or `c` does; and each by itself where that matches, and on one line of
250 in any case. The texts are cleaned by what was found. The filter can be wrong in one way only, which is told of
besides, with the line: a pattern matches there, and the filter does not name it. The few patterns of `repeat` and
`span` rules, which look at parts of lines, are handed to those rules with every line.

`--one-by-one` joins no patterns: the program itself tries every pattern on every line, fixed phrases by the key of the
line. It takes seconds for a long text.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import regex
import zstandard

from bodycopy import Cleaner
from bodycopy.batch import hits_of_each
from bodycopy.cleaner import clean_document
from bodycopy.matcher import Program, Role
from bodycopy.model import Document
from bodycopy.patterns import Pattern, anywhere, covering
from bodycopy.prefilter import Filter, Hits
from bodycopy.rules import RuleSet

TOGETHER = 100
"""Texts whose lines are looked at together: so an expression is ready for many of them."""

ONE_BY_ONE = 250
"""On each line of this number every pattern is tried by itself."""

PHRASES = 300
EXPRESSIONS = 20
"""Patterns that are tried at once: so many are quickest."""

APART = re.compile(r"\\[1-9gGKL]|\(\*|\(\?(?!:|=|!|<[=!]|-?i:)|(?<!\\[pP])\{(?!\d*,?\d*\})")
"""What may mean something else beside other expressions, escaped signs left out: a group that is named or has a number,
flags for all that follows, verbs such as `(*PRUNE)`, what matches roughly.
"""

OPEN = re.compile(r"(?:\((?:\?[:=])?)*(?:\.|\[\^)")
"""How an expression begins that may begin with nearly anything: it is quicker alone, since `regex` then looks first for
a word that must be there.
"""

Row = dict[str, Any]
Numbered = Iterator[tuple[int, Row]]


class Faults:
    """What is wrong; each thing is printed once."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def tell(self, fault: str) -> None:
        if fault not in self.told:
            self.told.add(fault)
            print(fault, flush=True)


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
    for number in range(len(program.slot_of)):
        role, pattern = role_of(program, number), program.pattern(number)
        if role is not Role.HINT:
            (covers if role is Role.COVER else others)[pattern].append(number)
    phrases: list[tuple[str, Tried]] = []
    expressions: list[tuple[str, Tried]] = []
    alone: list[Tried] = []
    for pattern, numbers in sorted(covers.items(), key=lambda one: one[0].source):
        tried = Tried(pattern.source, covering(pattern).fullmatch, tuple(numbers))
        if pattern.expression is None:
            phrases.append((covering(pattern).pattern, tried))
        elif stands_apart(pattern.expression):
            alone.append(tried)
        else:
            expressions.append((pattern.expression, tried))
    alone += (Tried(one.source, anywhere(one).search, tuple(numbers)) for one, numbers in others.items())
    # All phrases may have the same before and after them, and begin alike where they are sorted.
    before, after = covering(Pattern("x")).pattern.split("(?:x)")
    bodies = [(one.removeprefix(before).removesuffix(after), tried) for one, tried in phrases]
    return [
        *(joined(bodies[at : at + PHRASES], before, after) for at in range(0, len(bodies), PHRASES)),
        *(joined(expressions[at : at + EXPRESSIONS]) for at in range(0, len(expressions), EXPRESSIONS)),
        *(Group(tried.fits, (tried,)) for tried in alone),
    ]


def role_of(program: Program, number: int) -> Role:
    """Return how a pattern is tried on a line."""
    return program.slots[program.slot_of[number]].role


def stands_apart(expression: str) -> bool:
    """Say whether an expression is tried alone.

    >>> [stands_apart(e) for e in (r"(?:a|b)[(]?", r"\\(?(?-i:A)\\)", r"(.) \\1", "(?s)x.+", "(?:foo){e<=1}", ".+ foo")]
    [False, False, True, True, True, True]
    """
    return OPEN.match(expression) is not None or APART.search(re.sub(r"\\\W", "", expression)) is not None


def joined(some: Sequence[tuple[str, Tried]], before: str = "", after: str = "") -> Group:
    """Return patterns as one that covers a line where `before`, an expression of theirs and `after` do."""
    flags = covering(Pattern("x")).flags
    together = regex.compile(f"{before}(?:{'|'.join(f'(?:{one})' for one, _ in some)}){after}", flags)
    return Group(together.fullmatch, tuple(tried for _, tried in some))


class Matching:
    """The plain filter for many texts: it names the patterns that match, as `regex` alone says, and remembers them."""

    def __init__(self, program: Program, tell: Callable[[str], None]) -> None:
        """Take the program whose patterns these are, and who is told where a group of them is wrong."""
        numbers = range(len(program.slot_of))
        self.always = tuple(n for n in numbers if role_of(program, n) in (Role.HINT, Role.SPAN))
        self.groups = groups_of(program)
        self._tell = tell
        self._known: dict[str, tuple[int, ...]] = {}
        """The patterns that match on each different line."""
        self._equal: dict[tuple[int, ...], tuple[int, ...]] = {}

    def lines_of(self, text: str) -> Hits:
        """Return the lines of a text on which patterns match, with these patterns."""
        lines = [line.strip() for line in text.split("\n")]
        self._learn(dict.fromkeys(line for line in lines if line and line not in self._known))
        return {at: self._known[line] for at, line in enumerate(lines) if line and self._known[line]}

    def of_line(self, text: str) -> tuple[int, ...]:
        """Return the patterns that match on one line."""
        return self.lines_of(text).get(0, ())

    def _learn(self, lines: Collection[str]) -> None:
        """Find out what matches on lines that were not seen before."""
        matching: dict[str, list[int]] = {line: [] for line in lines}
        for group in self.groups if lines else ():
            for number, line in enumerate(lines, len(self._known)):
                fits = group.fits(line) is not None
                if fits or number % ONE_BY_ONE == 0:
                    matching[line] += self._one_by_one(group, line, fits=fits)
        for line, numbers in matching.items():
            some = tuple(numbers)
            self._known[line] = self._equal.setdefault(some, some)  # Half a million lines match the same few.

    def _one_by_one(self, group: Group, line: str, *, fits: bool) -> Iterator[int]:
        """Return the patterns of a group that match on a line; tell if the group says something else."""
        fitting = [tried for tried in group.patterns if tried.fits(line)]
        if fits != bool(fitting):
            first, last = group.patterns[0].source, group.patterns[-1].source
            self._tell(f"{first} to {last} are something else together than one by one, on this line: {line}")
        return chain.from_iterable(tried.numbers for tried in fitting)

    def __str__(self) -> str:
        patterns = sum(len(tried.numbers) for group in self.groups for tried in group.patterns)
        return f"{patterns:,} patterns on {len(self._known):,} different lines"


class ByRegex(Program):
    """A program that cleans by what `regex` alone says, and is told that any text may need it."""

    def __init__(self, rules: RuleSet, tell: Callable[[str], None]) -> None:
        super().__init__(rules, prefilter=False)
        self.filter = Matching(self, tell)
        self.by_form_alone = True

    def trial(self, pattern: int) -> tuple[str | None, Callable[..., object] | None]:
        """Return how a pattern is tried: never by the key of a line."""
        covers = role_of(self, pattern) is Role.COVER
        return None, covering(self.pattern(pattern)).fullmatch if covers else None


def misses(chosen: Filter, plain: Program, text: str) -> Iterator[str]:
    """Yield each line on which a pattern matches that the filter does not name."""
    named, lines = chosen.lines_of(text), text.split("\n")
    for at, matching in plain.filter.lines_of(text).items():
        missed = set(matching).difference(named.get(at, ()), chosen.always)
        for source in sorted({plain.pattern(number).source for number in missed}):
            yield f"{source} matches on a line for which it is not named: {lines[at].strip()}"


def rows_of(path: Path) -> Iterator[Row]:
    with path.open("rb") as raw:
        for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), "utf-8"):
            yield json.loads(line)


def texts(folder: Path, every: int, most_characters: int, only: Sequence[str]) -> Iterator[tuple[str, Numbered]]:
    """Yield the name of each file that is asked for, with each Nth of its rows that is not too long."""
    for path in sorted(folder.glob("*.jsonl.zst")):
        name = path.name.split(".")[0]
        if not only or name in only:
            each = islice(enumerate(rows_of(path), 1), 0, None, every)
            yield name, ((number, row) for number, row in each if len(row["text"]) <= most_characters)


def compare(rules: RuleSet, files: Iterable[tuple[str, Numbered]], *, one_by_one: bool = False) -> int:
    """Clean texts as always and in the plain way, and print what is wrong; return how much that is."""
    faults = Faults()
    quick = Program(rules)
    plain = Program(rules, prefilter=False) if one_by_one else ByRegex(rules, faults.tell)
    of_all = 0
    for name, rows in files:
        compared = removed = 0
        while some := list(islice(rows, TOGETHER)):
            for miss in misses(quick.filter, plain, "\n".join(row["text"] for _, row in some)):
                faults.tell(miss)
            hits = hits_of_each(quick.filter, [row["text"] for _, row in some])
            for at, (number, row) in enumerate(some):
                document = Document(row["text"], row.get("url"))
                found = clean_document(quick, document)
                if found != clean_document(quick, document, hits=hits.get(at, {})):
                    faults.tell(f"{name}: row {number} differs where it is one of many")
                if found != clean_document(plain, document):
                    faults.tell(f"{name}: row {number} differs")
                removed += len(found.removals)
            compared += len(some)
            print(f"{name}: {compared:,} texts", end="\r", file=sys.stderr, flush=True)
        print(f"{name}: {compared:,} texts compared, with {removed:,} removals", flush=True)
        of_all += compared
    looked_at = "" if one_by_one else f", {plain.filter}"
    print(f"{of_all:,} texts{looked_at}: {len(faults.told)} faults")
    return len(faults.told)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--every", type=int, default=1)
    ask.add_argument("--most-characters", type=int, default=1_000_000_000)
    ask.add_argument("--only", nargs="*", default=())
    ask.add_argument("--one-by-one", action="store_true", help="try every pattern on every line, which is slow")
    said = ask.parse_args()
    files = texts(said.folder, said.every, said.most_characters, said.only)
    sys.exit(compare(Cleaner(also=["headline"]).rules, files, one_by_one=said.one_by_one) > 0)


if __name__ == "__main__":
    main()

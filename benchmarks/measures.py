"""What is measured in one process: tools on many texts, on one text and on HTML; what grows with rules and bytes."""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from time import process_time_ns

import pyarrow as pa
from peers import Call, c4, html_tools, search_tools, text_tools
from processes import processor_time
from texts import sentence, words

from bodycopy import Cleaner
from bodycopy.prefilter import LiteralFilter
from bodycopy.skeleton import bare, outline

Curve = list[tuple[float, float]]

MOST_STOP_WORDS = 100
ROUNDS_OF_SIZES = 3


@dataclass(frozen=True)
class Measured:
    """A tool on many texts."""

    texts: str
    tool: str
    mb_per_s: float
    us_per_text: float
    of_c4: float
    """The speed as a share of that of the plain C4 loop on the same texts."""


@dataclass(frozen=True)
class OneText:
    """The median over texts of what one call takes for one text."""

    texts: str
    number: int
    median_bytes: int
    c4_us: float
    clean_us: float


@dataclass(frozen=True)
class OfHtml:
    """A tool on whole pages: one that reads their HTML, or one that reads their text."""

    tool: str
    html_mb_per_s: float | None
    text_mb_per_s: float
    us_per_page: float


@dataclass(frozen=True)
class Bench:
    """What all measurements have in common."""

    cleaner: Cleaner
    rounds: int
    quick: bool
    folder: Path
    known: Sequence[str]
    """The words that texts are made of, the common ones first."""

    def forget(self) -> None:
        """Forget what is remembered of lines seen before."""
        self.cleaner._program.known.clear()


def medians(calls: Iterable[Call], rounds: int, prepare: Call) -> list[float]:
    """Return the median seconds of each call; all are made in turn, and what is prepared before each is not timed."""
    times: list[tuple[Call, list[float]]] = [(call, []) for call in calls]
    for _ in range(rounds + 1):  # The first round is for compiling what is compiled on first use.
        for call, taken in times:
            gc.collect()
            prepare()
            start = processor_time()
            call()
            taken.append(processor_time() - start)
    return [statistics.median(taken[1:]) for _, taken in times]


def many_texts(name: str, texts: Sequence[str], bench: Bench, *, search: bool = False) -> list[Measured]:
    """Measure each tool that reads text, and, if the texts are worth its start, one that searches for phrases."""
    cleaner, table = bench.cleaner, pa.table({"text": texts})
    tools = text_tools(texts)
    if search:
        patterns = (pattern for rule in cleaner.rules for pattern in getattr(rule.finder, "patterns", ()))
        tools |= search_tools(texts, (pattern.source for pattern in patterns if pattern.fixed), bench.folder)
    tools["the search alone"] = search_alone(texts, cleaner)
    tools["`clean`"] = lambda: [cleaner.clean(text) for text in texts]
    tools["`clean_many`"] = lambda: list(cleaner.clean_many(texts))
    tools["`clean_batch`"] = lambda: cleaner.clean_batch(table)
    size = bytes_of(texts)
    times = medians(tools.values(), bench.rounds, bench.forget)
    return [
        Measured(name, tool, size / 1e6 / time, 1e6 * time / len(texts), times[0] / time)
        for tool, time in zip(tools, times, strict=True)
    ]


def search_alone(texts: Sequence[str], cleaner: Cleaner) -> Call:
    """Return what libraries do of the work: write all texts down in bytes, and search these for what patterns need.

    Nothing is done about what is found, so no way to clean texts by these rules takes less.
    """
    chosen = cleaner._program.filter
    assert isinstance(chosen, LiteralFilter)

    def search() -> None:
        outlined = outline("\n".join(texts))
        bare(outlined)
        if chosen._database:
            chosen._database.scan(outlined, match_event_handler=lambda *_: None, scratch=chosen._scratch())

    return search


def one_text(name: str, texts: Sequence[str], bench: Bench) -> OneText:
    calls: tuple[Callable[[str], object], ...] = (c4, bench.cleaner.clean)
    times: list[list[list[int]]] = [[[] for _ in texts] for _ in calls]
    for _ in range(bench.rounds + 1):
        gc.collect()
        for number, text in enumerate(texts):
            for call, taken in zip(calls, times, strict=True):
                bench.forget()
                start = process_time_ns()
                call(text)
                taken[number].append(process_time_ns() - start)
    c4_us, clean_us = (statistics.median(statistics.median(one[1:]) for one in taken) / 1000 for taken in times)
    return OneText(name, len(texts), round(statistics.median(len(text.encode()) for text in texts)), c4_us, clean_us)


def clock_us() -> float:
    """Return the microseconds that lie between two looks at the clock by which single texts are timed."""
    return statistics.median(b - a for a, b in pairwise(process_time_ns() for _ in range(1001))) / 1000


def whole_pages(pages: Mapping[str, str], bench: Bench) -> list[OfHtml]:
    """Measure pages, given as their text for each HTML."""
    texts, cleaner = list(pages.values()), bench.cleaner
    readers = html_tools(bench.known[:MOST_STOP_WORDS])
    calls: dict[str, Call] = {tool: lambda read=read: list(map(read, pages)) for tool, read in readers.items()}
    calls["`clean`, the text of the pages"] = lambda: [cleaner.clean(text) for text in texts]
    calls["`clean_many`, the text of the pages"] = lambda: list(cleaner.clean_many(texts))
    html_size, size = bytes_of(pages), bytes_of(texts)
    return [
        OfHtml(tool, html_size / 1e6 / time if tool in readers else None, size / 1e6 / time, 1e6 * time / len(texts))
        for tool, time in zip(calls, medians(calls.values(), bench.rounds, bench.forget), strict=True)
    ]


def bytes_of(texts: Iterable[str]) -> int:
    return sum(len(text.encode()) for text in texts)


def over_rules(texts: Sequence[str], bench: Bench) -> Curve:
    """Return microseconds per kilobyte for more and more rules."""
    numbers = (0, 1000, 3000) if bench.quick else (0, 1000, 3000, 10_000)
    cleaners = [Cleaner(more_rules(number, random.Random(number), bench.folder)) for number in numbers]

    def forget() -> None:
        for cleaner in cleaners:
            cleaner._program.known.clear()

    calls = [lambda cleaner=cleaner: list(cleaner.clean_many(texts)) for cleaner in cleaners]
    times = medians(calls, bench.rounds, forget)
    size = bytes_of(texts)
    return [(len(cleaner.rules), 1e9 * time / size) for cleaner, time in zip(cleaners, times, strict=True)]


def more_rules(number: int, chance: random.Random, folder: Path) -> list[Path]:
    """Write packs with so many rules more, each of one phrase."""
    known = words(chance)
    files = []
    for start in range(0, number, 5000):
        file = folder / f"more-{number}-{start}.yaml"
        rules = (
            f"  - id: r{n}\n    line: {' '.join(chance.choices(known, k=chance.randint(2, 5)))}\n"
            for n in range(start, min(start + 5000, number))
        )
        file.write_text("category: more\nrules:\n" + "".join(rules), encoding="utf-8")
        files.append(file)
    return files


def over_size(chance: random.Random, bench: Bench) -> dict[str, Curve]:
    """Return microseconds per kilobyte for longer and longer texts: a document, one line, short lines."""
    # Words of their own, as ever: what a line of a megabyte costs hangs on whether these fit a pattern somewhere.
    known = words(chance)
    base = "\n".join(sentence(chance, known) for _ in range(8000))
    kinds = {"one document": base, "one line": base.replace("\n", " "), "short lines": "Bedar hilo.\nKenis\n"}
    sizes = (10_000, 100_000, 1_000_000, *(() if bench.quick else (10_000_000, 50_000_000)))
    curves = {}
    for name, part in kinds.items():
        texts = [(part * (size // len(part) + 1))[:size] for size in sizes]
        calls = [lambda text=text: bench.cleaner.clean(text) for text in texts]
        times = medians(calls, ROUNDS_OF_SIZES, bench.forget)
        curves[name] = [(size, 1e9 * time / size) for size, time in zip(sizes, times, strict=True)]
    return curves

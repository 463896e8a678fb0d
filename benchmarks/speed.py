#!/usr/bin/env python3
"""Measure how fast texts are cleaned, beside other tools, in one run on one core.

    python benchmarks/speed.py [--data FOLDER] [--rounds N] [--quick] [--json FILE] [--svg FILE]

The texts are made up here; --data adds a hundred texts of each file, and of each `source` in it, of a folder of
*.jsonl.zst files that have a `text` in each row. Every row of the table is measured in turn, round after round, and its
median is given, so that whatever else the machine does hits all rows alike. What is measured is processor time, that of
child processes included; whole processes are measured by the clock too. What is remembered of short lines seen before
is forgotten before each row. Only ratios mean anything on another machine. Peers that are not installed are left out:
`pip install datatrove`, and ripgrep as `rg`.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import io
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import log10
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import perf_counter

import pyarrow as pa

from bodycopy import Cleaner

POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
LABELS = (
    "Share", "Read more", "Advertisement", "Leave a Reply", "Related Articles", "Follow us on Twitter",
    "Your email address will not be published. Required fields are marked *", "Sign up for our newsletter",
    "© 2024 Example Media. All rights reserved.", "Image: Reuters", "Last updated on 3 May 2024", "View all comments",
)  # fmt: skip
MENU = ("Home", "World", "Sport", "Weather", "Contact us", "Privacy Policy", "About", "Log in", "Search", "Video")

MOST_TEXTS = 100
"""Texts that are measured of each kind in a folder of them."""


@dataclass(frozen=True)
class Case:
    """Something to measure: what it is called, what is done, and how many bytes and texts that is."""

    name: str
    call: Callable[[], object]
    size: int
    texts: int
    prepare: Callable[[], object] = lambda: None
    """What is done first, and not measured."""


@dataclass(frozen=True)
class Measured:
    name: str
    mb_per_s: float
    us_per_text: float
    ratio: float
    """To the plain C4 loop on the same texts."""


# Texts


def words(chance: random.Random, number: int = 4000) -> list[str]:
    """Make up words; a few are common, as in any language."""
    parts = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "ar", "en", "is")]
    return ["".join(chance.choices(parts, k=chance.choice((1, 2, 2, 3)))) for _ in range(number)]


def sentence(chance: random.Random, known: Sequence[str]) -> str:
    text = " ".join(known[min(int(chance.paretovariate(0.6)), len(known)) - 1] for _ in range(chance.randint(8, 22)))
    return text[:1].upper() + text[1:] + "."


def article(chance: random.Random, known: Sequence[str], size: int = 4096) -> str:
    """Make what an extractor gives: a headline, paragraphs, and a few lines of furniture at the ends."""
    lines = [sentence(chance, known)[:60].rstrip("."), "By Anna Smith"]
    while sum(map(len, lines)) < size - 200:
        lines.append(" ".join(sentence(chance, known) for _ in range(chance.randint(1, 4))))
        if chance.random() < 0.05:
            lines[-1] = lines[-1].replace(" ", " “", 1).replace(".", "”.", 1)
    return "\n".join([*lines, *chance.sample(LABELS, chance.choice((0, 0, 1, 2, 3)))])[: size + 200]


def page(chance: random.Random, known: Sequence[str]) -> str:
    """Make what is left of a whole page: menus and lists around an article."""
    menus = [chance.choice(MENU) if chance.random() < 0.5 else chance.choice(known).title() for _ in range(60)]
    return "\n".join([*menus[:30], article(chance, known), *chance.choices(LABELS, k=8), *menus[30:]])


def groups_of(folder: Path) -> dict[str, list[str]]:
    """Return texts that stand evenly apart in each file of a folder, and in each source of it."""
    import zstandard  # noqa: PLC0415 - only for --data

    groups: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.jsonl.zst")):
        with path.open("rb") as raw:
            for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), "utf-8"):
                row = json.loads(line)
                name = "/".join(filter(None, (path.name.split(".")[0], row.get("source"))))
                groups.setdefault(name, []).append(row["text"])
    return {name: texts[:: -(-len(texts) // MOST_TEXTS)] for name, texts in groups.items()}


# Tools


def c4(text: str) -> str:
    """Keep the lines that the rules of C4 keep (Raffel et al. 2020, section 2.2), line by line."""

    def keep(line: str) -> bool:
        low = line.lower()
        return (
            line.endswith((".", "?", "!", '"'))
            and not line.endswith("...")
            and len(line.split()) >= 5
            and "javascript" not in low
            and not any(p in low for p in POLICY)
        )

    return "\n".join(line for line in map(str.strip, text.split("\n")) if keep(line))


def cases(group: str, texts: Sequence[str], cleaner: Cleaner, folder: Path) -> list[Case]:
    size, number = sum(len(text.encode()) for text in texts), len(texts)
    table = pa.table({"text": texts})
    calls: dict[str, Callable[[], object]] = {
        "plain C4 loop": lambda: [c4(text) for text in texts],
        "bodycopy, clean": lambda: [cleaner.clean(text) for text in texts],
        "bodycopy, clean_many": lambda: list(cleaner.clean_many(texts)),
        "bodycopy, clean_batch": lambda: cleaner.clean_batch(table),
    }
    if importlib.util.find_spec("datatrove"):
        calls["datatrove, C4QualityFilter"] = datatrove(texts)
    if shutil.which("rg"):
        calls["ripgrep -F -i -f phrases"] = ripgrep(texts, cleaner, folder)
    forget = cleaner._program.known.clear
    return [Case(f"{group}: {name}", call, size, number, forget) for name, call in calls.items()]


def datatrove(texts: Sequence[str]) -> Callable[[], object]:
    from datatrove.data import Document  # noqa: PLC0415 - a peer
    from datatrove.pipeline.filters import C4QualityFilter  # noqa: PLC0415

    chosen = C4QualityFilter(filter_no_terminal_punct=True, split_paragraph=True, min_num_sentences=-1)
    return lambda: [chosen.filter(Document(text=text, id="")) for text in texts]


def ripgrep(texts: Sequence[str], cleaner: Cleaner, folder: Path) -> Callable[[], object]:
    patterns = (p for rule in cleaner.rules for p in getattr(rule.finder, "patterns", ()))
    (folder / "phrases").write_text("\n".join(sorted({p.source for p in patterns if p.fixed})), encoding="utf-8")
    (folder / "texts").write_text("\n".join(texts), encoding="utf-8", errors="replace")
    command = ["rg", "-c", "-j1", "-x", "-F", "-i", "-f", str(folder / "phrases"), str(folder / "texts")]
    return lambda: subprocess.run(command, capture_output=True, check=False)


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


# Measuring


def processor_time() -> float:
    used = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in used)


def median_times(some: Sequence[Case], rounds: int) -> list[float]:
    times: list[list[float]] = [[] for _ in some]
    for _ in range(rounds + 1):  # The first round is for compiling what is compiled on first use.
        for case, taken in zip(some, times, strict=True):
            gc.collect()
            case.prepare()
            start = processor_time()
            case.call()
            taken.append(processor_time() - start)
    return [statistics.median(taken[1:]) for taken in times]


def measure(group: str, texts: Sequence[str], cleaner: Cleaner, rounds: int, folder: Path) -> list[Measured]:
    some = cases(group, texts, cleaner, folder)
    times = median_times(some, rounds)
    return [
        Measured(case.name, case.size / 1e6 / time, 1e6 * time / case.texts, times[0] / time)
        for case, time in zip(some, times, strict=True)
    ]


def process_times(rounds: int, folder: Path) -> dict[str, float]:
    """Return the median milliseconds of whole processes."""
    file = folder / "small.txt"
    file.write_text("The storm has passed.\n\nShare\n", encoding="utf-8")
    commands = {"bodycopy --version": ["--version"], "bodycopy clean, one small file": ["clean", str(file)]}
    found = {}
    for name, arguments in commands.items():
        taken, used = [], []
        for _ in range(rounds + 1):
            start, start_used = perf_counter(), processor_time()
            subprocess.run([sys.executable, "-m", "bodycopy", *arguments], capture_output=True, check=False)
            taken.append(perf_counter() - start)
            used.append(processor_time() - start_used)
        found[name] = 1000 * statistics.median(taken[1:])
        found[f"{name}, processor time"] = 1000 * statistics.median(used[1:])
    return found


def job_times(texts: Sequence[str], quick: bool, folder: Path) -> dict[str, float]:
    """Return the milliseconds, by the clock, that a folder of eight files takes one process, and two."""
    source = folder / "files"
    source.mkdir()
    records = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    for number in range(8):
        (source / f"{number}.jsonl").write_text(records * (1 if quick else 5), encoding="utf-8")
    found = {}
    for jobs in (1, 2):
        started = perf_counter()
        command = [sys.executable, "-m", "bodycopy", "clean", str(source), "-o", str(folder / f"out-{jobs}")]
        subprocess.run([*command, "--jobs", str(jobs)], capture_output=True, check=True)
        found[f"bodycopy clean, a folder, --jobs {jobs}"] = 1000 * (perf_counter() - started)
    return found


def over_rules(texts: Sequence[str], quick: bool, rounds: int, folder: Path) -> list[tuple[float, float]]:
    """Return microseconds per kilobyte for more and more rules."""
    size = sum(len(text.encode()) for text in texts) / 1000
    points = []
    for number in (0, 1000, 3000) if quick else (0, 1000, 3000, 10_000):
        cleaner = Cleaner(more_rules(number, random.Random(number), folder))
        (time,) = median_times([Case("", lambda: list(cleaner.clean_many(texts)), 0, 1)], rounds)  # noqa: B023
        points.append((len(cleaner.rules), 1e6 * time / size))
    return points


def over_size(chance: random.Random, cleaner: Cleaner, quick: bool) -> dict[str, list[tuple[float, float]]]:
    """Return microseconds per kilobyte for longer and longer texts: a document, one line, short lines."""
    known = words(chance)
    base = "\n".join(sentence(chance, known) for _ in range(8000))
    kinds = {
        "one document": lambda size: (base * (size // len(base) + 1))[:size],
        "one line": lambda size: (base.replace("\n", " ") * (size // len(base) + 1))[:size],
        "short lines": lambda size: ("Bedar hilo.\nKenis\n" * (size // 18))[:size],
    }
    curves = {}
    for name, make in kinds.items():
        points = []
        for size in (10_000, 100_000, 1_000_000, *(() if quick else (10_000_000, 50_000_000))):
            text = make(size)
            rounds = 3 if size <= 1_000_000 else 1
            (time,) = median_times([Case("", lambda: cleaner.clean(text), 0, 1)], rounds)  # noqa: B023
            points.append((size, 1e9 * time / size))
        curves[name] = points
    return curves


# Reports


def svg(charts: dict[str, dict[str, list[tuple[float, float]]]]) -> str:
    """Draw charts side by side, both axes logarithmic."""
    colours = ("#1b6ca8", "#d1495b", "#2e933c")
    parts = []
    for number, (title, curves) in enumerate(charts.items()):
        left = 60 + 460 * number
        every = [(log10(x), log10(y)) for points in curves.values() for x, y in points]
        low_x, high_x = min(x for x, _ in every), max(x for x, _ in every) + 0.01
        low_y, high_y = min(y for _, y in every) - 0.3, max(y for _, y in every) + 0.3
        parts.append(f'<text x="{left}" y="20">{title}</text>')
        parts.append(f'<rect x="{left}" y="30" width="360" height="220" fill="none" stroke="#999"/>')
        for colour, (name, points) in zip(colours, curves.items(), strict=False):
            at = [
                (
                    left + 360 * (log10(x) - low_x) / (high_x - low_x),
                    250 - 220 * (log10(y) - low_y) / (high_y - low_y),
                )
                for x, y in points
            ]
            line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
            parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
            parts += [
                f'<text x="{x:.1f}" y="{y - 6:.1f}" font-size="9" fill="{colour}">{value:.3g}</text>'
                for (x, y), (_, value) in zip(at, points, strict=True)
            ]
            parts.append(f'<text x="{left + 8}" y="{46 + 14 * colours.index(colour)}" fill="{colour}">{name}</text>')
        for x, _ in next(iter(curves.values())):
            place = left + 360 * (log10(x) - low_x) / (high_x - low_x)
            parts.append(f'<text x="{place:.1f}" y="266" font-size="10">{x:g}</text>')
    body = "\n".join(parts)
    size = f'width="{60 + 460 * len(charts)}" height="280"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">\n{body}\n</svg>\n'


def table(rows: Sequence[Measured], processes: dict[str, float]) -> str:
    lines = [f"{'':44} {'MB/s':>8} {'µs/text':>9} {'of C4':>6}"]
    lines += [f"{row.name:44} {row.mb_per_s:8.1f} {row.us_per_text:9.1f} {row.ratio:6.2f}" for row in rows]
    lines += [f"{name:44} {time:8.0f} ms" for name, time in processes.items()]
    return "\n".join(lines)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--data", type=Path, help="a folder of *.jsonl.zst files with a text in each row")
    ask.add_argument("--rounds", type=int, default=7)
    ask.add_argument("--quick", action="store_true", help="smaller texts and fewer rules")
    ask.add_argument("--json", type=Path)
    ask.add_argument("--svg", type=Path)
    said = ask.parse_args()
    chance = random.Random(1)
    known = words(chance)
    cleaner = Cleaner()
    number = 100 if said.quick else 500
    groups = {
        "articles": [article(chance, known) for _ in range(number)],
        "pages": [page(chance, known) for _ in range(number)],
    }
    if said.data:
        groups |= groups_of(said.data)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        rows = [row for name, texts in groups.items() for row in measure(name, texts, cleaner, said.rounds, folder)]
        processes = process_times(said.rounds, folder) | job_times(groups["articles"], said.quick, folder)
        print(table(rows, processes))
        rules = over_rules(groups["articles"], said.quick, said.rounds, folder)
        sizes = over_size(chance, cleaner, said.quick)
    print("\nµs per kB, by rules: ", ", ".join(f"{x:,}: {y:.1f}" for x, y in rules))
    for name, points in sizes.items():
        print(f"µs per kB, {name}: ", ", ".join(f"{x:,} bytes: {y:.1f}" for x, y in points))
    if said.json:
        report = {"rows": list(map(asdict, rows)), "processes_ms": processes, "over_rules": rules, "over_size": sizes}
        said.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
    if said.svg:
        charts = {"µs per kB over the number of rules": {"built-in and more": rules}, "µs per kB over bytes": sizes}
        said.svg.write_text(svg(charts), encoding="utf-8")


if __name__ == "__main__":
    main()

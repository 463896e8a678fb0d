#!/usr/bin/env python3
"""Measure how fast texts are cleaned, beside other tools, in one run on one core.

    python benchmarks/speed.py [--data FOLDER] [--rounds N] [--quick] [--json FILE] [--svg FILE]

What is printed are the tables of docs/performance.md, each as soon as it is measured:

1. many texts: articles and whole pages that are made up here, with each tool that reads text;
2. with --data, real texts: a hundred of each file, and of each `source` in it, of a folder of *.jsonl.zst files that
   have a `text` in each row;
3. one text of about 4 kB in one call: the median over texts, each of which is timed by itself;
4. HTML: the same made-up pages, with each tool that finds the article in HTML;
5. what grows: the number of rules, and the bytes of a document, of a line, and of short lines;
6. starts of the command line, the first one with an empty cache folder among them;
7. folders cleaned by the command line with one process and with two, and the peak of their memory.

The tools on the same texts, and the points of a curve, are measured in turn, round after round, and medians are given,
so that what else the machine does hits all of them alike. A process is started several times, and the first start of
each is left out where it is not the point; a folder is cleaned once. All times are processor time, that of child
processes included; whole processes are measured by the clock too. What is remembered of short lines seen before is
forgotten before each measurement. Only ratios mean anything on another machine. Peers that are not installed are left
out: `pip install datatrove justext trafilatura`, and ripgrep as `rg`. The memory needs Linux.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from charts import Chart, svg
from measures import Bench, clock_us, many_texts, one_text, over_rules, over_size, whole_pages
from processes import folder_runs, starts
from tables import (
    folders_table,
    growth_table,
    html_table,
    made_up_table,
    one_text_table,
    real_table,
    said_bytes,
    starts_table,
)
from texts import about_4_kb, article, groups_of, html_of, page, some_of, words

from bodycopy import Cleaner

KINDS_OF_4_KB = ("articles_*/trafilatura", "raw_*")
"""The groups of real texts of which single ones are timed: what an extractor gave, and what scrapers did."""


def measure(bench: Bench, chance: random.Random, data: Path | None) -> Iterator[tuple[dict[str, object], str]]:
    """Yield what was measured, part by part, by its names in the JSON, and as a table."""
    number = 100 if bench.quick else 500
    articles = [article(chance, bench.known) for _ in range(number)]
    pages = [page(chance, bench.known) for _ in range(number)]
    kinds = {
        "articles of 4 kB, made up": articles,
        "whole pages, made up, half of the lines furniture": [each.text for each in pages],
    }
    made_up = [many_texts(name, texts, bench, search=True) for name, texts in kinds.items()]
    yield {"made_up": [row for rows in made_up for row in rows]}, made_up_table(made_up)
    groups = groups_of(data) if data else {}
    if groups:
        real = [many_texts(name, some_of(texts), bench) for name, texts in groups.items()]
        yield {"real": [row for rows in real for row in rows]}, real_table(real)
    of_4_kb = {"articles, made up": articles} | {f"`{kind}`": about_4_kb(groups, kind) for kind in KINDS_OF_4_KB}
    single = [one_text(name, texts, bench) for name, texts in of_4_kb.items() if texts]
    clock = clock_us()
    yield {"one_text": single, "clock_us": clock}, one_text_table(single, clock)
    for_html = random.Random(2)
    sent = {html_of(each, for_html, bench.known): each.text for each in pages[: number // 5]}
    html = whole_pages(sent, bench)
    yield {"html": html}, html_table(html, sent)
    rules, sizes = over_rules(articles, bench), over_size(chance, bench)
    yield {"over_rules": rules, "over_size": sizes}, growth_table(rules, sizes)
    begun = starts(bench.rounds, bench.folder)
    yield {"starts": begun}, starts_table(begun)
    runs = list(folder_runs((1_000_000, 4_000_000) if bench.quick else (20_000_000, 80_000_000), bench.folder))
    yield {"folders": runs}, folders_table(runs)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--data", type=Path, help="a folder of *.jsonl.zst files with a text in each row")
    ask.add_argument("--rounds", type=int, default=7)
    ask.add_argument("--quick", action="store_true", help="fewer and smaller texts and folders, and fewer rules")
    ask.add_argument("--json", type=Path)
    ask.add_argument("--svg", type=Path)
    said = ask.parse_args()
    chance = random.Random(1)
    report: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as made:
        bench = Bench(Cleaner(), said.rounds, said.quick, Path(made), words(chance))
        for part, table in measure(bench, chance, said.data):
            report |= part
            print(f"{table}\n", flush=True)
    if said.json:
        said.json.write_text(json.dumps(report, default=asdict, indent=1), encoding="utf-8")
    if said.svg:
        said.svg.write_text(svg(charts_of(report)), encoding="utf-8")


def charts_of(report: dict[str, Any]) -> list[Chart]:
    rules = {"built-in and more": report["over_rules"]}
    return [
        Chart("µs per kB over the number of rules", rules, lambda number: f"{number:,}"),
        Chart("µs per kB over bytes", report["over_size"], said_bytes),
    ]


if __name__ == "__main__":
    main()

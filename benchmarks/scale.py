#!/usr/bin/env python3
"""Measure long runs: how much memory one takes, what a kill costs, and how fast each engine is.

    python benchmarks/scale.py memory [--gb 5] [--jobs 2] [--only RULES ...] [--csv FILE]
    python benchmarks/scale.py kills [--number 20] [--jobs 2]
    python benchmarks/scale.py engines [--mb 64] [--rounds 3] [--only NAME ...]

The records are made up, as in speed.py. `memory` cleans one file of records and looks at the memory of all processes of
the run every two seconds; what processes share is counted once (PSS, of Linux). `kills` kills a run with SIGKILL at
random moments, goes on with it each time, and compares the end with an undisturbed run. `engines` cleans one folder in
turn with everything that is installed; its times are of the clock, with the start of the engine.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

from processes import CLEAN, watch
from texts import put_folder, records

FILES = 16
DATATROVE = """
import sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from bodycopy import Cleaner
from bodycopy.integrations.datatrove import BodyCopy
if __name__ == "__main__":
    pipeline = [
        JsonlReader(sys.argv[1], add_file_path=False),
        BodyCopy(Cleaner()),
        JsonlWriter(sys.argv[2], compression=None, expand_metadata=True),
    ]
    LocalPipelineExecutor(pipeline, tasks=16, workers=2, logging_dir=sys.argv[2] + ".log").run()
"""
SPARK = """
import os, sys
os.environ["PYSPARK_PYTHON"] = sys.executable
from pyspark.sql import SparkSession
from bodycopy import Cleaner
cleaner = Cleaner()
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
texts = spark.read.json(sys.argv[1]).select("id", "text")
schema = "id string, text string, removals array<struct<start: bigint, end: bigint, rule: string>>"
cleaned = texts.mapInArrow(lambda batches: map(cleaner.clean_batch, batches), schema)
cleaned.select("id", "text").write.json(sys.argv[2])
"""


# Memory


def memory(size: int, jobs: int, only: Sequence[str], csv: Path | None, folder: Path) -> None:
    source, target = folder / "in.jsonl", folder / "out.jsonl"
    with source.open("wb") as file:
        file.writelines(records(size))
    total = source.stat().st_size
    print(f"{total / 1e9:.2f} GB in {source.name}, --jobs {jobs}", flush=True)
    command = [*CLEAN, str(source), "-o", str(target), "--jobs", str(jobs), "--removed", str(folder / "removed.jsonl")]
    command += [f"--only={rules}" for rules in only]
    begun = monotonic()
    samples: list[tuple[float, float]] = []
    with (folder / "said").open("wb") as said, subprocess.Popen(command, stderr=said) as run:
        for sample in watch(run, 2):
            samples.append(sample)
            if csv:
                with csv.open("a") as file:
                    file.write("{:.1f},{:.1f}\n".format(*sample))
    taken = monotonic() - begun
    print((folder / "said").read_text().splitlines()[-1])
    print(f"{taken:,.0f} s, {total / 1e6 / taken:.1f} MB/s, exit code {run.returncode}")
    print(f"peak of all processes together: {max(used for _, used in samples):,.0f} MB")
    print("median and most by tenth of the run, MB:")
    for tenth in range(10):
        part = [used for time, used in samples if tenth <= 10 * time / taken < tenth + 1]
        if part:
            print(f"  {tenth * 10:3}% to {tenth * 10 + 10:3}%: {statistics.median(part):6.0f} {max(part):6.0f}")


# Kills


def kills(number: int, jobs: int, folder: Path) -> None:
    # Large files, whose pieces are entries of the journal too.
    put_folder(folder / "in", 60_000_000, 4)
    arguments = ["--jobs", str(jobs), "--resume", "--quiet"]

    def command(out: str) -> list[str]:
        logs = ["--removed", str(folder / f"{out}.removed"), "--failed", str(folder / f"{out}.failed")]
        return [*CLEAN, str(folder / "in"), "-o", str(folder / out), *logs, *arguments]

    begun = monotonic()
    subprocess.run(command("whole"), check=True)
    undisturbed = monotonic() - begun
    print(f"undisturbed: {undisturbed:.1f} s, {entries(folder / 'whole.journal')} entries in the journal")
    print("kill  after s  entries before  entries after")
    chance = random.Random(number)
    for kill in range(1, number + 1):
        before = entries(folder / "out.journal")
        begun = monotonic()
        with subprocess.Popen(command("out"), start_new_session=True) as run:
            while run.poll() is None and entries(folder / "out.journal") <= before:
                sleep(0.01)
            sleep(chance.random() * undisturbed / number / 2)
            if run.poll() is not None:
                print("the run came to its end")
                break
            os.killpg(run.pid, signal.SIGKILL)
        print(f"{kill:4} {monotonic() - begun:8.1f} {before:15} {entries(folder / 'out.journal'):14}", flush=True)
    begun = monotonic()
    subprocess.run(command("out"), check=True)
    print(f"gone on with to the end in {monotonic() - begun:.1f} s")
    names = sorted(path.name for path in (folder / "in").iterdir())
    _, differing, missing = filecmp.cmpfiles(folder / "whole", folder / "out", names, shallow=False)
    logs = [log for log in ("removed", "failed") if read(folder, "whole", log) != read(folder, "out", log)]
    done = [line for line in (folder / "out.journal").read_bytes().splitlines() if b'"doc"' in line]
    more = sorted(path.name for path in (folder / "out").iterdir() if path.name not in names)
    print(f"{len(names)} files: {len(differing)} differ, {len(missing)} are missing, {len(more)} too many")
    print(f"logs that differ: {len(logs)}; parts that were done twice: {len(done) - len(set(done))}")


def entries(journal: Path) -> int:
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def read(folder: Path, out: str, log: str) -> bytes:
    return (folder / f"{out}.{log}").read_bytes()


# Engines


def engines(size: int, rounds: int, only: Sequence[str], folder: Path) -> None:
    source = folder / "in"
    put_folder(source, size, FILES)
    total = sum(path.stat().st_size for path in source.iterdir())

    def script(name: str, text: str) -> Callable[[Path], list[str]]:
        (folder / f"{name}.py").write_text(text)
        return lambda out: [sys.executable, str(folder / f"{name}.py"), str(source), str(out)]

    commands: dict[str, Callable[[Path], list[str]]] = {
        "one process": lambda out: [*CLEAN, str(source), "-o", str(out), "--jobs", "1"],
        "--jobs 2": lambda out: [*CLEAN, str(source), "-o", str(out), "--jobs", "2"],
        "ray": lambda out: [*CLEAN, str(source), "-o", str(out), "--engine", "ray", "--jobs", "2"],
        "datatrove": script("with_datatrove", DATATROVE),
        "spark": script("with_spark", SPARK),
    }
    needed = {"ray": "ray", "datatrove": "datatrove", "spark": "pyspark"}
    chosen = [n for n in commands if (not only or n in only) and (n not in needed or find_spec(needed[n]))]
    times: dict[str, list[float]] = {name: [] for name in chosen}
    for turn in range(rounds):
        for name in chosen:
            begun = monotonic()
            subprocess.run(commands[name](folder / f"{name}{turn}"), check=True, capture_output=True)
            times[name].append(monotonic() - begun)
    print(f"{total / 1e6:.0f} MB in {FILES} files, {rounds} rounds, clock; medians")
    for name, taken in times.items():
        typical = statistics.median(taken)
        print(
            f"{name:12} {typical:7.1f} s {total / 1e6 / typical:6.1f} MB/s   ({min(taken):.1f} to {max(taken):.1f} s)"
        )


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--folder", type=Path, help="where to make the files, in place of the temporary folder")
    what = ask.add_subparsers(dest="what", required=True)
    of_memory, of_kills, of_engines = (what.add_parser(name) for name in ("memory", "kills", "engines"))
    of_memory.add_argument("--gb", type=float, default=5)
    of_memory.add_argument("--only", nargs="+", default=(), metavar="RULES", help="with these rules alone, to be quick")
    of_memory.add_argument("--csv", type=Path, help="append the samples to this file: seconds, megabytes")
    of_kills.add_argument("--number", type=int, default=20)
    for each in (of_memory, of_kills):
        each.add_argument("--jobs", type=int, default=2)
    of_engines.add_argument("--mb", type=float, default=64)
    of_engines.add_argument("--rounds", type=int, default=3)
    of_engines.add_argument("--only", nargs="+", default=(), metavar="NAME")
    said = ask.parse_args()
    with tempfile.TemporaryDirectory(dir=said.folder) as made:
        folder = Path(made)
        if said.what == "memory":
            memory(round(said.gb * 1e9), said.jobs, said.only, said.csv, folder)
        elif said.what == "kills":
            kills(said.number, said.jobs, folder)
        else:
            engines(round(said.mb * 1e6), said.rounds, said.only, folder)


if __name__ == "__main__":
    main()

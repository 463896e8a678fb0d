"""Whole processes of the command line: how long one takes, by the clock and the processor, and how much memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from time import monotonic, perf_counter

from texts import put_folder

BODYCOPY = [sys.executable, "-m", "bodycopy"]
CLEAN = [*BODYCOPY, "clean"]
CACHE = "HOME" if sys.platform == "darwin" else "XDG_CACHE_HOME"
"""The variable that says where what is kept for the next start lies."""

MOST_FIRST_STARTS = 3
FILES = 8
PAUSE = 0.2
"""Seconds between two looks at the memory of a run."""


@dataclass(frozen=True)
class Start:
    """What a process took that does hardly more than start, as the median of several."""

    command: str
    starts: int
    clock_ms: float
    processor_ms: float


@dataclass(frozen=True)
class FolderRun:
    """What cleaning a folder took, and the most memory that all its processes had at once."""

    mb: float
    jobs: int
    clock_s: float
    processor_s: float
    peak_mb: float


def processor_time() -> float:
    """Return the seconds that this process and its children have had the processor."""
    used = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return sum(one.ru_utime + one.ru_stime for one in used)


def starts(rounds: int, folder: Path) -> list[Start]:
    """Start what takes no time by itself; the first start of each is not measured, but where it is the point."""
    file = folder / "small.txt"
    file.write_text("The storm has passed.\n\nShare\n", encoding="utf-8")
    small = [*CLEAN, str(file)]
    first = []
    for _ in range(min(rounds, MOST_FIRST_STARTS)):
        with tempfile.TemporaryDirectory(dir=folder) as empty:
            first.append(taken(small, {CACHE: empty}))
    return [
        median_of("`bodycopy --version`", [taken([*BODYCOPY, "--version"]) for _ in range(rounds + 1)][1:]),
        median_of("`bodycopy clean`, one small file", [taken(small) for _ in range(rounds + 1)][1:]),
        median_of("the same with an empty cache folder, as on the first start", first),
    ]


def taken(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Return the seconds that a process takes, by the clock and by the processor."""
    begun, used = perf_counter(), processor_time()
    subprocess.run(command, env={**os.environ, **(environment or {})}, capture_output=True, check=True)
    return perf_counter() - begun, processor_time() - used


def median_of(command: str, times: Sequence[tuple[float, float]]) -> Start:
    clock, processor = (1000 * statistics.median(some) for some in zip(*times, strict=True))
    return Start(command, len(times), clock, processor)


def folder_runs(sizes: Sequence[int], folder: Path) -> Iterator[FolderRun]:
    """Clean a folder of each size with one process, and with two."""
    for size in sizes:
        source = folder / f"files-{size}"
        put_folder(source, size, FILES)
        total = sum(file.stat().st_size for file in source.iterdir())
        for jobs in (1, 2):
            command = [*CLEAN, str(source), "-o", str(folder / f"cleaned-{size}-{jobs}"), "--jobs", str(jobs)]
            begun, used = perf_counter(), processor_time()
            with subprocess.Popen(command, stderr=subprocess.DEVNULL) as run:
                peak = max(memory for _, memory in watch(run, PAUSE))
            if run.returncode:
                raise subprocess.CalledProcessError(run.returncode, command)
            yield FolderRun(total / 1e6, jobs, perf_counter() - begun, processor_time() - used, peak)


def watch(run: subprocess.Popen[bytes], pause: float) -> Iterator[tuple[float, float]]:
    """Yield until the end of a process, again and again, the seconds since now and its megabytes of memory.

    It is the resident memory of the process and of all that descend from it; what they share is counted once (PSS, of
    Linux; 0 elsewhere).
    """
    begun = monotonic()
    while run.poll() is None:
        yield monotonic() - begun, sum(map(memory_of, tree(run.pid))) / 1e6
        with suppress(subprocess.TimeoutExpired):
            run.wait(pause)


def tree(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents.setdefault(int(path.read_text().rpartition(")")[2].split()[1]), []).append(int(path.parent.name))
    found = [root]
    for each in found:
        found += parents.get(each, [])
    return found


def memory_of(process: int) -> int:
    """Return the bytes of memory that a process has, what it shares with others divided among them."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return 1024 * int(line.split()[1])
    return 0

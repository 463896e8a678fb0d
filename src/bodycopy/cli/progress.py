"""How far a command is: a bar on a terminal, and for runs that may take long a line every so often elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Timer
from typing import TYPE_CHECKING, Final, TypeVar

import click

from bodycopy.report.terminal import counted

if TYPE_CHECKING:
    from bodycopy.work import Processed

__all__ = ["saying_if_slow", "with_progress", "with_rate"]

T = TypeVar("T")

_EVERY: Final = 30.0
"""Seconds from one line to the next."""

_PATIENCE: Final = 1.0
"""Seconds without a word from which on somebody at a terminal wants to know what goes on."""


@contextmanager
def saying_if_slow(message: str) -> Iterator[None]:
    """Say on standard error why something takes so long, if that is a terminal and it takes more than a second."""
    if not sys.stderr.isatty():
        yield
        return
    timer = Timer(_PATIENCE, click.echo, (message,), {"err": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def with_progress(items: Iterable[T], doing: str, total: int | None = None) -> Iterable[T]:
    """Yield the items, and show on standard error how many were taken, if that is a terminal."""
    if total == 1 or not sys.stderr.isatty():
        return items
    from rich.console import Console  # noqa: PLC0415 - heavy
    from rich.progress import track  # noqa: PLC0415 - heavy

    return track(items, doing, total, console=Console(stderr=True), transient=True)


def with_rate(results: Iterable[Processed], total: int) -> Iterator[Processed]:
    """Yield the results, and show on standard error how many of so many bytes are read; 0 is not known."""
    yield from _with_bar(results, total) if sys.stderr.isatty() else _with_lines(results, total)


def _with_bar(results: Iterable[Processed], total: int) -> Iterator[Processed]:
    from rich import progress  # noqa: PLC0415 - heavy
    from rich.console import Console  # noqa: PLC0415 - heavy

    columns = (
        progress.TextColumn("cleaning"),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("cleaning", total=total or None)
        for processed in results:
            bar.advance(task, processed.size)
            yield processed


def _with_lines(results: Iterable[Processed], total: int) -> Iterator[Processed]:
    begun = said = time.monotonic()
    documents = size = 0
    for processed in results:
        documents += processed.documents
        size += processed.size
        if (now := time.monotonic()) - said >= _EVERY:
            said = now
            click.echo(_line(documents, size, total, now - begun), err=True)
        yield processed


def _line(documents: int, size: int, total: int, seconds: float) -> str:
    """Say how far a run is.

    >>> _line(1200, 30_000_000, 120_000_000, 60.0)
    'cleaning: 1,200 documents, 25% of 120.0 MB, 0.5 MB/s, 0:03:00 left'
    """
    rate = size / max(seconds, 1e-9)
    parts = [counted(documents, "document")]
    if total:
        parts.append(f"{min(size / total, 1):.0%} of {total / 1e6:,.1f} MB")
    parts.append(f"{rate / 1e6:,.1f} MB/s")
    if total and rate:
        parts.append(f"{timedelta(seconds=round(max(0, total - size) / rate))} left")
    return f"cleaning: {', '.join(parts)}"

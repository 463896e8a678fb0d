"""How far a command is, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TypeVar

__all__ = ["with_progress"]

T = TypeVar("T")


def with_progress(items: Iterable[T], doing: str, total: int | None = None) -> Iterable[T]:
    """Yield the items, and show on standard error how many were taken, if that is a terminal."""
    if total == 1 or not sys.stderr.isatty():
        return items
    from rich.console import Console  # noqa: PLC0415 - heavy
    from rich.progress import track  # noqa: PLC0415 - heavy

    return track(items, doing, total, console=Console(stderr=True), transient=True)

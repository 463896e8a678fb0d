"""What a run is carried out by: processes of this machine, or an engine that runs over many."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from bodycopy.formats.remote import Remote

if TYPE_CHECKING:
    from bodycopy.work import Job

__all__ = ["ENGINES", "Engine"]

ENGINES: Final = ("local", "ray")


class Engine(NamedTuple):
    """An engine by its name, with the number of processes that was asked for."""

    name: str
    jobs: int | None

    def refuse(self, jobs: Iterable[Job], *, writes: bool) -> None:
        """Raise click.UsageError for a run that this engine cannot carry out."""
        if self.name == "local":
            return
        if find_spec("ray") is None:
            raise click.UsageError("--engine ray needs what the extra ray installs: pip install 'bodycopy[ray]'")
        if self.jobs and os.environ.get("RAY_ADDRESS"):
            raise click.UsageError("--jobs is the size of a Ray begun here; the one at RAY_ADDRESS has its own.")
        for job in jobs:
            if job.source is None or (writes and job.target is None):
                raise click.UsageError("--engine ray needs files to read, and a file or folder to write to (-o OUT).")
            if any(isinstance(place, Remote) and not place.outlives for place in (job.source, job.target)):
                raise click.UsageError(
                    "what is in the memory of one process (memory://) cannot be used by --engine ray."
                )

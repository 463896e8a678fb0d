"""The plan of a run: which documents there are, what they are called, where they go; and what is refused.

Everything that can be refused is refused here, before anything is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final, NamedTuple

import click

from bodycopy.errors import BodycopyError
from bodycopy.formats.compression import SUFFIXES as COMPRESSIONS
from bodycopy.formats.kinds import Kind, converted, missing, written_name
from bodycopy.formats.remote import AnyPath, Remote, place_of
from bodycopy.sources import STDIN, Found, find, real_path
from bodycopy.work import Job

__all__ = ["Logs", "Plan", "PlanError", "make_plan"]

_NAMED: Final = 3
_FEW: Final = 20
_SEPARATORS: Final = ("/", os.sep)


class PlanError(BodycopyError):
    """A run that would overwrite something or touch its inputs."""


class Logs(NamedTuple):
    """The files of JSON lines that a run writes on the side."""

    removed: Path | None = None
    """What was removed."""
    failed: Path | None = None
    """What failed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The documents of a run, in order, and what was met on the way to them."""

    jobs: tuple[Job, ...]
    logs: Logs
    report: Path | None
    """The report for a browser."""
    journal: Path | None
    """Where the run keeps its journal, if it keeps one."""
    to: str | None
    """The format that is asked for."""
    remote: str | None
    """The URL that it writes to; its journal is not beside that."""
    skipped: int
    """Files that are no documents."""
    unlisted: tuple[tuple[str, str], ...]
    """Folders that could not be looked into, with the reason."""


def make_plan(  # noqa: PLR0913 - what the command line says
    sources: Sequence[str],
    output: str | None,
    logs: Logs,
    format_name: str | None = None,
    *,
    to: str | None = None,
    report: Path | None = None,
    untouched: Sequence[Path] = (),
    writes: bool = True,
    force: bool = False,
    resume: bool = False,
) -> Plan:
    """Plan a run from `sources` to `output` (None: standard output), with what it writes on the side.

    `format_name` is the format of all files that are sources themselves, and the only one looked for in folders.
    `to` is the format that all are written in. `untouched` are other files that the run reads.

    Raises click.UsageError for arguments that do not go together, SourceError and PlanError for what is refused.
    """
    _refuse_combinations(sources, output, writes)
    _refuse_report_of_resumed(report, resume)
    journal = _journal(sources, output, logs, writes) if resume else None
    found = find(sources, format_name)
    kinds = _converted(found, sources, output, to)
    names = [written_name(name, kind, as_kind) for (_, name, kind), as_kind in zip(found.documents, kinds, strict=True)]
    _refuse_equal_names(found, names)
    targets = _targets(names, sources, output)
    written = [path for path in (*(targets if writes else ()), *logs, report) if path]
    _refuse_touching_inputs([*written, journal] if journal else written, [*sources, *map(str, untouched)])
    # With a journal, what is there is what an earlier run has written.
    _refuse_existing(written, output, force or (journal is not None and journal.exists()))
    jobs = tuple(
        Job(path, name, target, kind, to=as_kind)
        for (path, name, kind), as_kind, target in zip(found.documents, kinds, targets, strict=True)
    )
    out = place_of(output) if output else None
    remote = str(out) if isinstance(out, Remote) else None
    return Plan(jobs, logs, report, journal, to, remote, found.skipped, tuple(found.unlisted))


def _refuse_combinations(sources: Sequence[str], output: str | None, writes: bool) -> None:
    if STDIN in sources and len(sources) > 1:
        raise click.UsageError("'-' (standard input) must be the only source.")
    if STDIN in sources and output and (output.endswith(_SEPARATORS) or place_of(output).is_dir()):
        raise click.UsageError("Standard input has no name: -o must name a file, not a folder.")
    if writes and output is None and not _is_one_file(sources):
        raise click.UsageError("Only one file can go to standard output; for several, or a folder, give -o OUT.")


def _refuse_report_of_resumed(report: Path | None, resume: bool) -> None:
    if report and resume:
        raise click.UsageError(
            "--report does not go with --resume, whose journal keeps sums and no texts to show; leave --resume out, or "
            "make the report in a run of its own, with --dry-run."
        )


def _journal(sources: Sequence[str], output: str | None, logs: Logs, writes: bool) -> Path:
    if output is None or STDIN in sources or not writes:
        raise click.UsageError("--resume needs files to read, and a file or folder to write to (-o OUT).")
    out = place_of(output)
    for path in (out, *logs):
        if isinstance(path, Path) and _is_device(path):
            raise click.UsageError(f"--resume cannot go on with {path}, which is no file.")
    if isinstance(out, Remote):
        return _journal_here(out)
    return out.with_name(f"{out.name}.journal")


def _journal_here(out: Remote) -> Path:
    """A journal grows line by line, which an object cannot."""
    if not out.outlives:
        raise click.UsageError(f"--resume cannot go on with {out}, which ends with its process.")
    return Path(f"{out.name or 'bodycopy'}.journal")


def _is_one_file(sources: Sequence[str]) -> bool:
    return len(sources) == 1 and not place_of(sources[0]).is_dir()


def _converted(found: Found, sources: Sequence[str], output: str | None, to: str | None) -> list[Kind | None]:
    """Return as what the documents are written, where a format is asked for."""
    if to is None:
        return [None] * len(found.documents)
    kinds = [converted(name, kind, to) for _, name, kind in found.documents]
    if kinds[0] and to != "parquet" and _is_one_output(sources, output):
        # The name that is given says it.
        suffix = PurePath(output or "").suffix.lower()
        kinds[0] = kinds[0]._replace(compression=suffix if suffix in COMPRESSIONS else "")
    for kind in {kind for kind in kinds if kind}:
        if extra := missing(kind):
            raise PlanError(f"--to {to} needs what the extra {extra} installs: pip install 'bodycopy[{extra}]'")
    return kinds


def _refuse_equal_names(found: Found, names: Sequence[str]) -> None:
    first: dict[str, AnyPath | None] = {}
    for (path, _, _), written in zip(found.documents, names, strict=True):
        if written in first:
            raise PlanError(f"{first[written]} and {path} would both be written as {written}; clean them in two runs")
        first[written] = path


# Where they go


def _is_one_output(sources: Sequence[str], output: str | None) -> bool:
    """Whether what is written is not below a folder."""
    is_folder = output is not None and (output.endswith(_SEPARATORS) or place_of(output).is_dir())
    return _is_one_file(sources) and not is_folder


def _targets(names: Sequence[str], sources: Sequence[str], output: str | None) -> list[AnyPath | None]:
    if output is None:
        return [None] * len(names)
    out = place_of(output)
    if _is_one_output(sources, output):
        return [out]
    if out.exists() and not out.is_dir():
        raise PlanError(f"{out} is a file; several documents need a folder")
    return [out / name for name in names]


def _refuse_touching_inputs(written: Iterable[AnyPath], sources: Iterable[str]) -> None:
    """Refuse what would be written over an input or among the inputs, also by way of a link."""
    paths = [place_of(source) for source in sources if source != STDIN]
    folders = {real_path(path): path for path in paths if path.is_dir()}
    inputs = {place for path in paths for place in (real_path(path), real_path(path.parent) / path.name)}
    real: dict[AnyPath, AnyPath] = {}
    taken: set[AnyPath] = set()
    for path in written:
        if path.parent not in real:
            real[path.parent] = real_path(path.parent)
            _refuse_inside(path, real[path.parent], folders)
        # Where the name stands, not where it leads: writing replaces a link.
        place = real[path.parent] / path.name
        if place in inputs:
            raise PlanError(f"{path} is an input; inputs are never touched")
        if place in taken:
            raise PlanError(f"{path} would be written twice")
        taken.add(place)


def _refuse_inside(path: AnyPath, parent: AnyPath, folders: Mapping[AnyPath, AnyPath]) -> None:
    for folder, source in folders.items():
        if folder in (parent, *parent.parents):
            raise PlanError(f"{path} would be written into the source {source}; inputs are never touched")


def _refuse_existing(written: Iterable[AnyPath], output: str | None, force: bool) -> None:
    if force:
        return
    remote = [path for path in written if isinstance(path, Remote)]
    there = _there(remote, output or "")
    existing = [path for path in written if path in there or (isinstance(path, Path) and _stands(path))]
    if existing:
        names = ", ".join(map(str, existing[:_NAMED]))
        more = f" and {len(existing) - _NAMED:,} more" if len(existing) > _NAMED else ""
        raise PlanError(f"already there: {names}{more}; --force writes over them")


def _there(paths: Sequence[Remote], output: str) -> set[Remote]:
    """Return those files under URLs that are there, and perhaps others."""
    out = place_of(output)
    if len(paths) <= _FEW or not isinstance(out, Remote):
        return {path for path in paths if path.exists()}
    # To ask for each by itself would take as long as to write it.
    return {path for _, path in out.files()}


def _stands(path: Path) -> bool:
    return os.path.lexists(path) and not _is_device(path)


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()

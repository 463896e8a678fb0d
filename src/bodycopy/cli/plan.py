"""The plan of a run: which documents there are, what they are called, where they go; and what is refused.

Everything that can be refused is refused here, before anything is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import click

from bodycopy.errors import BodycopyError
from bodycopy.formats.txt import SUFFIX
from bodycopy.runner import Job

__all__ = ["Plan", "PlanError", "make_plan"]

_STDIN: Final = "-"
_NAMED: Final = 3
_SEPARATORS: Final = ("/", os.sep)


class PlanError(BodycopyError):
    """A run that would overwrite something, touch its inputs, or has nothing to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The documents of a run, in order, and what was met on the way to them."""

    jobs: tuple[Job, ...]
    removed: Path | None
    """The removal log."""
    report: Path | None
    """The report for a browser."""
    skipped: int
    """Files that are no documents."""
    unlisted: tuple[tuple[str, str], ...]
    """Folders that could not be looked into, with the reason."""


@dataclass(slots=True)
class _Found:
    """What the sources hold, as it is found."""

    documents: list[tuple[Path | None, str]] = field(default_factory=list)
    skipped: int = 0
    unlisted: list[tuple[str, str]] = field(default_factory=list)


def make_plan(  # noqa: PLR0913 - all that a run reads and writes
    sources: Sequence[str],
    output: str | None,
    *,
    removed: Path | None = None,
    report: Path | None = None,
    untouched: Sequence[Path] = (),
    writes: bool = True,
    force: bool = False,
) -> Plan:
    """Plan a run from `sources` to `output` (None: standard output) with a removal log and a report.

    `untouched` are other files that it reads.

    Raises click.UsageError for arguments that do not go together and PlanError for what is refused.
    """
    _refuse_combinations(sources, output, writes)
    found = _find(sources)
    _refuse_no_documents(found)
    _refuse_equal_names(found)
    targets = _targets(found, sources, output)
    written = [target for target in targets if target] if writes else []
    written += [path for path in (removed, report) if path]
    _refuse_touching_inputs(written, [*sources, *map(str, untouched)])
    _refuse_existing(written, force)
    jobs = tuple(Job(path, name, target) for (path, name), target in zip(found.documents, targets, strict=True))
    return Plan(jobs, removed, report, found.skipped, tuple(found.unlisted))


def _refuse_combinations(sources: Sequence[str], output: str | None, writes: bool) -> None:
    if _STDIN in sources and len(sources) > 1:
        raise click.UsageError("'-' (standard input) must be the only source.")
    if _STDIN in sources and output and (output.endswith(_SEPARATORS) or Path(output).is_dir()):
        raise click.UsageError("Standard input has no name: -o must name a file, not a folder.")
    if writes and output is None and not _is_one_file(sources):
        raise click.UsageError("Only one file can go to standard output; for several, or a folder, give -o OUT.")


def _is_one_file(sources: Sequence[str]) -> bool:
    return len(sources) == 1 and not Path(sources[0]).is_dir()


# Finding the documents


def _find(sources: Iterable[str]) -> _Found:
    found = _Found()
    for source in sources:
        path = Path(source)
        if source == _STDIN:
            found.documents.append((None, _STDIN))
        elif path.is_dir():
            _walk(path, found)
        elif _is_document(path):
            found.documents.append((path, path.name))
        else:
            found.skipped += 1
    return found


def _walk(root: Path, found: _Found) -> None:
    """Find the documents below a folder, sorted by name, so that every run has the same order."""

    def unlisted(error: OSError) -> None:
        name = Path(error.filename).relative_to(root).as_posix()
        found.unlisted.append((f"{name}/", f"cannot be listed: {error.strerror}"))

    documents: list[tuple[str, Path]] = []
    for here, folders, files in os.walk(root, onerror=unlisted):
        for name in folders:
            _refuse_leading_out(Path(here, name), root)
        for name in files:
            path = Path(here, name)
            if _is_document(path):
                _refuse_leading_out(path, root)
                documents.append((path.relative_to(root).as_posix(), path))
            else:
                found.skipped += 1
    found.documents += [(path, name) for name, path in sorted(documents)]


def _is_document(path: Path) -> bool:
    """A link that leads nowhere is a document too: one that fails and is named."""
    return path.suffix.lower() == SUFFIX and (path.is_file() or not path.exists())


def _refuse_leading_out(path: Path, root: Path) -> None:
    if path.is_symlink() and not (real := _real(path)).is_relative_to(_real(root)):
        raise PlanError(f"{path} leads out of {root}, to {real}; name that as a source, or remove the link")


def _real(path: Path) -> Path:
    # Path.resolve raises on a link that leads to itself.
    return Path(os.path.realpath(path))


def _refuse_no_documents(found: _Found) -> None:
    if not found.documents:
        reasons = [f"{name} {why}" for name, why in found.unlisted]
        raise PlanError("; ".join([f"no documents found: nothing here ends in {SUFFIX}", *reasons]))


def _refuse_equal_names(found: _Found) -> None:
    first: dict[str, Path | None] = {}
    for path, name in found.documents:
        if name in first:
            raise PlanError(f"{first[name]} and {path} would both be written as {name}; clean them in two runs")
        first[name] = path


# Where they go


def _targets(found: _Found, sources: Sequence[str], output: str | None) -> list[Path | None]:
    if output is None:
        return [None] * len(found.documents)
    out = Path(output)
    if _is_one_file(sources) and not (output.endswith(_SEPARATORS) or out.is_dir()):
        return [out]
    if out.exists() and not out.is_dir():
        raise PlanError(f"{out} is a file; several documents need a folder")
    return [out / name for _, name in found.documents]


def _refuse_touching_inputs(written: Iterable[Path], sources: Iterable[str]) -> None:
    """Refuse what would be written over an input or among the inputs, also by way of a link."""
    paths = [Path(source) for source in sources if source != _STDIN]
    folders = {_real(path): path for path in paths if path.is_dir()}
    inputs = {place for path in paths for place in (_real(path), _real(path.parent) / path.name)}
    real: dict[Path, Path] = {}
    taken: set[Path] = set()
    for path in written:
        if path.parent not in real:
            real[path.parent] = _real(path.parent)
            _refuse_inside(path, real[path.parent], folders)
        # Where the name stands, not where it leads: writing replaces a link.
        place = real[path.parent] / path.name
        if place in inputs:
            raise PlanError(f"{path} is an input; inputs are never touched")
        if place in taken:
            raise PlanError(f"{path} would be written twice")
        taken.add(place)


def _refuse_inside(path: Path, parent: Path, folders: Mapping[Path, Path]) -> None:
    for folder, source in folders.items():
        if parent.is_relative_to(folder):
            raise PlanError(f"{path} would be written into the source {source}; inputs are never touched")


def _refuse_existing(written: Iterable[Path], force: bool) -> None:
    existing = [] if force else [path for path in written if os.path.lexists(path) and not _is_device(path)]
    if existing:
        names = ", ".join(map(str, existing[:_NAMED]))
        more = f" and {len(existing) - _NAMED:,} more" if len(existing) > _NAMED else ""
        raise PlanError(f"already there: {names}{more}; --force writes over them")


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()

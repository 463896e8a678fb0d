"""Where packs are: files, folders, installed packages and the built-in rules; and their text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from bodycopy.errors import BodycopyError, Fault, RuleFileError
from bodycopy.packages import PREFIX, folder_of_package

__all__ = ["Paths", "builtin_root", "bytes_of", "find_packs", "text_of"]

Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""Where packs are: one path, or several."""

_MOST_BYTES = 5_000_000
_SUFFIXES: Final = frozenset({".yaml", ".yml"})


def builtin_root() -> Path:
    """Return the folder of the built-in packs: in an installed package its own, else that of the checkout.

    Raises BodycopyError if there is none.
    """
    here = Path(__file__).resolve().parent
    for root in (here / "rulepacks", here.parents[1] / "rules"):
        if root.is_dir():
            return root
    raise BodycopyError(f"the built-in rules are missing: no folder {here / 'rulepacks'}; install bodycopy again")


def find_packs(paths: Paths, builtin: Path | None, faults: list[Fault]) -> list[tuple[str, Path]]:
    """Return each pack file once, with the name that reports call it by: the built-in ones first, sorted by name.

    `builtin` is the folder of the built-in packs, None to leave them out. What names nothing is added to `faults`.
    """
    several = [paths] if isinstance(paths, str | os.PathLike) else paths
    given = sorted((os.fspath(path) for path in several), reverse=True)
    searches: list[Callable[[], dict[str, str]]] = [partial(_files_at, path) for path in given]
    if builtin:
        searches.append(partial(_files_named, builtin, "rules"))
    names: dict[str, str] = {}
    for search in searches:
        try:
            names |= search()
        except RuleFileError as error:
            faults += error.faults
    own = f"{builtin.resolve()}{os.sep}" if builtin else None

    def order(one: tuple[str, str]) -> tuple[bool, str]:
        # What two files say twice is then a mistake of the one that is not built in.
        return not (own and one[0].startswith(own)), one[1]

    return [(name, Path(file)) for file, name in sorted(names.items(), key=order)]


def text_of(name: str, file: Path) -> str:
    """Return the text of a pack. Raises RuleFileError."""
    try:
        return bytes_of(name, file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(name, f"not UTF-8: byte {error.start} cannot be decoded; save the file as UTF-8") from None


def bytes_of(name: str, file: Path) -> bytes:
    """Return what is in the file of a pack. Raises RuleFileError if it cannot be read, or is too large."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise _refusal(name, f"larger than {_MOST_BYTES // 1_000_000} MB; split it into several packs")
        return file.read_bytes()
    except OSError as error:
        raise _refusal(name, f"cannot be read: {error.strerror}") from None


def _files_named(folder: Path, name: str) -> dict[str, str]:
    """Return the packs below a folder under names that do not depend on where it is."""
    return {file: f"{name}/{below}" for file, below in _packs_below(folder)}


def _files_at(path: str) -> dict[str, str]:
    if path.startswith(PREFIX):
        return _files_of_package(path)
    start = Path(path)
    try:
        if start.is_dir():
            return {file: str(start / below) for file, below in _packs_below(start)}
        if start.is_file():
            return {str(start.resolve()): path}
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}") from None
    raise _refusal(path, "no such file or folder")


def _files_of_package(path: str) -> dict[str, str]:
    try:
        return _files_named(folder_of_package(path.removeprefix(PREFIX)), path)
    except RuleFileError:
        raise
    except BodycopyError as error:
        raise _refusal(path, str(error)) from None


def _packs_below(folder: Path) -> list[tuple[str, str]]:
    """Return the resolved path of each pack below a folder, and how it is reached from there, with slashes."""
    found = list(_packs_in(str(folder.resolve()), ""))
    if not found:
        raise _refusal(str(folder), "no packs in this folder; a pack is a file that ends in .yaml or .yml")
    return found


def _packs_in(folder: str, reached: str) -> Iterator[tuple[str, str]]:
    # Strings, because there are hundreds of packs, and all are looked at whenever the program starts.
    try:
        entries = list(os.scandir(folder))
    except PermissionError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _packs_in(entry.path, f"{reached}{entry.name}/")
        elif Path(entry.name).suffix in _SUFFIXES:
            if entry.is_file(follow_symlinks=False):
                yield entry.path, reached + entry.name
            elif (linked := Path(entry.path)).is_file():
                yield str(linked.resolve()), reached + entry.name


def _refusal(file: str, message: str) -> RuleFileError:
    return RuleFileError([Fault(file, 0, 0, message)])

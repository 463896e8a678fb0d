"""Packs in installed distributions, found by the entry point group `bodycopy.rules`.

An entry point names a package whose folder holds packs. The folder is found without importing the package, so a set
of rules runs no code of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bodycopy.errors import BodycopyError, nearest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "PREFIX", "folder_of_package", "installed_packages"]

GROUP: Final = "bodycopy.rules"

PREFIX: Final = "package:"
"""What a path begins with that is the name of an installed package of packs."""


def installed_packages() -> Mapping[str, tuple[EntryPoint, ...]]:
    """Return what is installed by name; several entry points of one name are a fault of whoever names it."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - heavy, and few paths name a package

    found: dict[str, list[EntryPoint]] = defaultdict(list)
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        found[point.name].append(point)
    return {name: tuple(points) for name, points in found.items()}


def folder_of_package(name: str) -> Path:
    """Return the folder with the packs of an installed package. Raises BodycopyError that says what is wrong."""
    installed = installed_packages()
    if name not in installed:
        hint = nearest(name, installed).replace("allowed:", "installed:") if installed else "none is"
        raise BodycopyError(f"no such package of rules is installed; {hint}")
    points = installed[name]
    if len({point.value for point in points}) > 1:
        owners = " and ".join(point.dist.name if point.dist else point.value for point in points)
        raise BodycopyError(f"{owners} both install a package of rules of this name; uninstall all but one")
    return _folder(points[0].module)


def _folder(module: str) -> Path:
    top, *below = module.split(".")
    for location in _locations(find_spec(top)):
        if (folder := Path(location, *below)).is_dir():
            return folder
    raise BodycopyError(f'its entry point names the package "{module}", which is no folder with packs; install it anew')


def _locations(spec: ModuleSpec | None) -> list[str]:
    return list(spec.submodule_search_locations or ()) if spec else []

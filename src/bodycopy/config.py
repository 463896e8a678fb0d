"""The project file: which packs a project uses and which of their rules act.

It is `bodycopy.toml`, or `[tool.bodycopy]` in `pyproject.toml`. The command line looks for it from the working folder
upwards and `Cleaner.from_config` reads one; nothing else does, and it is never looked for beside the texts.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bodycopy.errors import BodycopyError, nearest
from bodycopy.packages import PREFIX

__all__ = ["Config", "ConfigError", "find_config", "read_config"]

OWN_FILE: Final = "bodycopy.toml"
SHARED_FILE: Final = "pyproject.toml"


class ConfigError(BodycopyError):
    """A project file that is wrong; the message has a line for each mistake."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a project file says, as `Cleaner` takes it. Paths are as the working folder sees them."""

    file: str = ""
    """The project file, as messages call it; "" if there is none."""
    rules: tuple[str, ...] = ()
    builtin: bool = True
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


def find_config(folder: Path) -> Config:
    """Read the nearest project file in a folder or above it, `bodycopy.toml` before `pyproject.toml`.

    A `pyproject.toml` that says nothing of bodycopy is passed over. Raises ConfigError.
    """
    folder = folder.resolve()
    for place in (folder, *folder.parents):
        for file in (place / OWN_FILE, place / SHARED_FILE):
            if _is_file(file) and (table := _table(shown := Path(os.path.relpath(file, Path.cwd())))) is not None:
                return _config(shown, table)
    return Config()


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:  # a folder above that may not be looked into
        return False


def read_config(path: str | os.PathLike[str]) -> Config:
    """Read one project file. Raises ConfigError."""
    file = Path(path)
    table = _table(file)
    if table is None:
        raise ConfigError(f"{file}: there is no [tool.bodycopy] in this file; add it")
    return _config(file, table)


def _table(file: Path) -> Any:
    """Return what a file says of bodycopy, or None if that is nothing."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8: byte {error.start} cannot be decoded; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from None
    if file.name != SHARED_FILE:
        return content
    tool = content.get("tool")
    return tool.get("bodycopy") if isinstance(tool, dict) else None


def _config(file: Path, table: object) -> Config:
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: [tool.bodycopy] is a table of {', '.join(_KEYS)}, not {_kind(table)}")
    if mistakes := list(_mistakes(table)):
        where = "[tool.bodycopy] " if file.name == SHARED_FILE else ""
        raise ConfigError("\n".join(f"{file}: {where}{mistake}" for mistake in mistakes))
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    values["rules"] = tuple(_beside(file, path) for path in values.get("rules", ()))
    _refuse_missing(file, values["rules"])
    return Config(str(file), **values)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


_SELECTORS: Final = 'a list of categories, full ids or globs, such as ["comments", "video/*"]'
_KEYS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "rules": (_is_list_of_texts, 'a list of paths or packages, such as ["my-rules", "package:NAME"]'),
    "builtin": (_is_bool, "true or false"),
    "only": (_is_list_of_texts, _SELECTORS),
    "skip": (_is_list_of_texts, _SELECTORS),
    "also": (_is_list_of_texts, _SELECTORS),
}


def _mistakes(table: Mapping[str, object]) -> Iterator[str]:
    for key, value in table.items():
        if key not in _KEYS:
            yield f'unknown key "{key}"; {nearest(key, _KEYS)}'
            continue
        is_right, description = _KEYS[key]
        if not is_right(value):
            yield f'"{key}" takes {description}, not {_kind(value)}'


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f'the text "{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        wrong = [item for item in value if not (isinstance(item, str) and item.strip())]
        return f"a list with {_kind(wrong[0])} in it" if wrong else "a list"
    return "a table" if isinstance(value, dict) else str(value)


def _beside(file: Path, path: str) -> str:
    """Return a path that is relative to the file as one that is relative to the working folder."""
    return path if path.startswith(PREFIX) else str(file.parent / path)


def _refuse_missing(file: Path, paths: tuple[str, ...]) -> None:
    missing = [path for path in paths if not path.startswith(PREFIX) and not Path(path).exists()]
    if missing:
        raise ConfigError("\n".join(f'{file}: "rules" names {path}: no such file or folder' for path in missing))

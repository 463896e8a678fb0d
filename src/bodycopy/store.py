"""What takes long to work out from the rules, kept for the next start.

It lies in the user's cache folder, under the digest of all that it depends on: what it is made from, the code that
makes it, and the versions below that. Where the folder cannot be used, or others could write to it, nothing is kept;
what is damaged is made again. So whether something was kept never changes a result.
"""

from __future__ import annotations

import gc
import hashlib
import io
import os
import pickle
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import hyperscan
import regex

__all__ = ["kept"]

T = TypeVar("T")

_MOST_FILES = 12


def kept(kind: str, made_from: Iterable[str | bytes], make: Callable[[], T]) -> T:
    """Return what `make` returns, from an earlier run if it was made from the same texts or bytes there."""
    folder = _folder()
    if folder is None:
        return make()
    digest = hashlib.sha256(_version())
    for some in made_from:
        data = some if isinstance(some, bytes) else some.encode("utf-8", "surrogatepass")
        digest.update(b"%d:%b" % (len(data), data))
    file = folder / f"{kind}-{digest.hexdigest()[:32]}"
    try:
        return cast(T, _unpacked(file.read_bytes()))
    except Exception:  # whatever is wrong with it, it is made again
        made = make()
        with suppress(OSError):
            _write(file, made)
        return made


class _Packer(pickle.Pickler):
    """Keeps a dataclass with slots as the values of its fields: `pickle` looks each field up by its name."""

    def reducer_override(self, made: object) -> Any:
        kind = type(made)
        if not is_dataclass(kind) or "__slots__" not in vars(kind) or "__reduce__" in vars(kind):
            return NotImplemented
        return _restored, (kind, *(getattr(made, field.name) for field in fields(kind)))


def _restored(kind: type, *values: object) -> object:
    made: object = object.__new__(kind)
    for set_value, value in zip(_setters(kind), values, strict=True):
        set_value(made, value)
    return made


@cache
def _setters(kind: type) -> tuple[Callable[[object, object], None], ...]:
    return tuple(getattr(kind, field.name).__set__ for field in fields(kind))


def _packed(made: object) -> bytes:
    packed = io.BytesIO()
    _Packer(packed, pickle.HIGHEST_PROTOCOL).dump(made)
    return packed.getvalue()


def _unpacked(data: bytes) -> object:
    checksum, payload = data[:32], memoryview(data)[32:]
    if hashlib.sha256(payload).digest() != checksum:
        raise ValueError
    collecting = gc.isenabled()
    gc.disable()  # It would look through all that is loaded again and again, and none of it is garbage.
    try:
        return pickle.loads(payload)
    finally:
        if collecting:
            gc.enable()


def _write(file: Path, made: object) -> None:
    payload = _packed(made)
    with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
        temporary.write(hashlib.sha256(payload).digest())
        temporary.write(payload)
    Path(temporary.name).replace(file)
    for old in sorted(file.parent.iterdir(), key=lambda path: path.stat().st_mtime)[:-_MOST_FILES]:
        old.unlink(missing_ok=True)


def _folder() -> Path | None:
    """Return the folder, made if need be, or None if it is not the user's own."""
    try:
        folder = _cache_home() / "bodycopy"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform == "win32":  # a user's folders are private there
            return folder
        status = folder.stat()
    except (OSError, RuntimeError):
        return None
    return folder if status.st_uid == os.getuid() and not status.st_mode & 0o022 else None


def _cache_home() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


@cache
def _version() -> bytes:
    """Return what tells this code, and what it runs on, from any other."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    below = (sys.version, platform.node(), regex.__version__, getattr(hyperscan, "__version__", ""))
    digest.update(repr(below).encode())
    return digest.digest()

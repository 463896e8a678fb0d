"""What takes long to work out from the rules, kept for the next start.

It lies in the user's cache folder, under the digest of all that it depends on: what it is made from, the code that
makes it, and the versions below that. Where the folder cannot be used, or others could write to it, nothing is kept;
what is damaged is made again. So whether something was kept never changes a result.
"""

from __future__ import annotations

import gc
import hashlib
import io
import marshal
import os
import pickle
import platform
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar, cast

import hyperscan
import regex

__all__ = ["kept", "kept_each"]

T = TypeVar("T")

_MOST_FILES = 200
_MOST_BYTES = 200_000_000
"""In the folder: what was not used for the longest time goes first. The built-in rules have some 30 MB."""

_MANY = 100
"""Texts from which on it is quicker to read what was made of all texts than to make it again."""

_MOST_SPARE = 20_000_000
"""Bytes of what is kept for each of many texts, and not used this time."""


def kept(kind: str, made_from: Iterable[str | bytes], make: Callable[[], T]) -> T:
    """Return what `make` returns, from an earlier run if it was made from the same texts or bytes there."""
    folder = _folder()
    if folder is None:
        return make()
    file = folder / f"{kind}-{_digest(made_from)[:16].hex()}"
    with suppress(Exception):  # whatever is wrong with it, it is made again
        return cast(T, _unpacked(_read(file)))
    made = make()
    _write(file, _packed(made))
    return made


def kept_each(kind: str, made_from: Sequence[str], make: Callable[[int], T]) -> list[T]:
    """Return what `make` returns for the number of each text, from an earlier run where it was made from the same.

    So where one of many texts is new, only that one takes its time. Of few texts nothing is kept.
    """
    folder = _folder() if len(made_from) >= _MANY else None
    if folder is None:
        return list(map(make, range(len(made_from))))
    file = folder / f"{kind}-{_digest(())[:16].hex()}"
    keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16] for text in made_from]
    stock: dict[bytes, bytes] = {}
    known: dict[bytes, T] = {}
    with suppress(Exception), _uncollected():
        stock = marshal.loads(_read(file))
        known = {key: pickle.loads(stock[key]) for key in keys if key in stock}
    made = [known[key] if key in known else make(number) for number, key in enumerate(keys)]
    fresh = {key: _packed(one) for key, one in zip(keys, made, strict=True) if key not in known}
    if fresh:
        used = {key: fresh.get(key) or stock[key] for key in keys}
        _write(file, marshal.dumps(_spare(stock, used) | used))
    return made


def _spare(stock: dict[bytes, bytes], used: Collection[bytes]) -> dict[bytes, bytes]:
    """Return the latest of what is not used this time, as far as there is room for it."""
    others = [key for key in reversed(stock) if key not in used]
    sizes = accumulate(len(stock[key]) for key in others)
    return {key: stock[key] for key, size in reversed([*zip(others, sizes, strict=True)]) if size <= _MOST_SPARE}


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


def _unpacked(payload: memoryview) -> object:
    with _uncollected():
        return pickle.loads(payload)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Switch the search for garbage off: it would look through all that is loaded again and again, and find none."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _read(file: Path) -> memoryview:
    """Return what is in a file. Raises OSError, or ValueError if it is damaged."""
    data = file.read_bytes()
    checksum, payload = data[:32], memoryview(data)[32:]
    if hashlib.sha256(payload).digest() != checksum:
        raise ValueError
    with suppress(OSError):
        os.utime(file)  # The files that were not used for the longest time go first.
    return payload


def _write(file: Path, payload: bytes) -> None:
    """Write a file, if that can be done, in one step: who reads it meanwhile reads what was there before."""
    with suppress(OSError):
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as temporary:
            temporary.write(hashlib.sha256(payload).digest())
            temporary.write(payload)
        Path(temporary.name).replace(file)
        for old in _too_old(file.parent):
            old.unlink(missing_ok=True)


def _too_old(folder: Path) -> list[Path]:
    """Return the files for which there is no room, of those that were not used for the longest time."""
    files = sorted(((path.stat(), path) for path in folder.iterdir()), key=lambda one: -one[0].st_mtime_ns)
    sizes = accumulate(status.st_size for status, _ in files)
    return [
        path
        for number, ((_, path), size) in enumerate(zip(files, sizes, strict=True))
        if number >= _MOST_FILES or size > _MOST_BYTES
    ]


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


def _digest(made_from: Iterable[str | bytes]) -> bytes:
    digest = hashlib.sha256(_version())
    for some in made_from:
        data = some if isinstance(some, bytes) else some.encode("utf-8", "surrogatepass")
        digest.update(b"%d:%b" % (len(data), data))
    return digest.digest()


@cache
def _version() -> bytes:
    """Return what tells this code, and what it runs on, from any other."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    below = (sys.version, platform.machine(), regex.__version__, _engine())
    digest.update(repr(below).encode())
    return digest.digest()


def _engine() -> str:
    """Return the version of Hyperscan, and for what kind of processor it compiles here."""
    database = hyperscan.Database()
    database.compile(expressions=[b"x"], ids=[0], flags=0, literal=True)
    return str(database.info())

"""Files under a URL, by fsspec: on S3, and on whatever else it has a package for.

What is written appears under its name when it is whole. An object of S3 does so by itself; elsewhere another name
stands in, and the file is moved.
"""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from bodycopy.errors import BodycopyError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

__all__ = ["AnyPath", "Remote", "RemoteError", "is_url", "place_of"]

_URL: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_LOCAL: Final = ("file", "local")
_WHOLE: Final = ("s3", "s3a")
"""Where an object appears only when all of it has come."""
_BLOCK: Final = 8 << 20
"""Bytes fetched at once."""
_PART: Final = 32 << 20
"""Bytes sent at once. S3 takes 10,000 parts of an object, so one of 320 GB."""
_STAMPS: Final = ("ETag", "etag", "mtime", "LastModified", "last_modified", "modified", "created")


class RemoteError(BodycopyError):
    """A URL of a kind that cannot be read here."""


@dataclass(frozen=True, slots=True, order=True)
class Remote:
    """A file or folder under a URL, with those methods of a path that a run needs. They raise OSError."""

    url: str
    known: tuple[int, str] | None = field(default=None, compare=False, repr=False)
    """The size of a file that was listed, and what changes when it is changed."""

    def __str__(self) -> str:
        return self.url

    def __truediv__(self, name: str) -> Remote:
        return Remote(f"{self.url}{'' if self.url.endswith('/') else '/'}{name}")

    @property
    def name(self) -> str:
        return self.url.rpartition("/")[2]

    @property
    def parent(self) -> Remote:
        above, _, name = self.url.rpartition("/")
        if not name:
            return self
        return Remote(f"{above}/" if above.endswith("/") else above)

    @property
    def parents(self) -> tuple[Remote, ...]:
        return () if self.parent == self else (self.parent, *self.parent.parents)

    @property
    def outlives(self) -> bool:
        """Whether it is still there when this process has ended."""
        return self._protocol() != "memory"

    def with_name(self, name: str) -> Remote:
        return self.parent / name

    def absolute(self) -> Remote:
        """Return itself, which depends on no working folder."""
        return self

    def exists(self) -> bool:
        return self._type() is not None

    def is_dir(self) -> bool:
        return self._type() == "directory"

    def is_file(self) -> bool:
        return self._type() == "file"

    def open(self) -> io.BufferedReader:
        """Open a file for reading."""
        with _told(self.url):
            file = self._system().open(self._path(), "rb", block_size=_BLOCK)
        # In memory a file is one object for all who open it, and has one position.
        whole = io.BytesIO(file.getvalue()) if isinstance(file, io.BytesIO) else file
        return io.BufferedReader(_Watched(whole))

    def details(self) -> tuple[int, str]:
        """Return the size of a file, and what changes when it is changed."""
        if self.known is not None:
            return self.known
        with _told(self.url):
            return _details(self._system().info(self._path()))

    def files(self) -> Iterator[tuple[str, Remote]]:
        """Yield the files below a folder, each with its name there, in the order of the names."""
        system, root = self._system(), self._path()
        found: dict[str, Any] = {}
        with suppress(FileNotFoundError), _told(self.url):
            system.invalidate_cache(root)
            found = system.find(root, detail=True)
        for path in sorted(found):
            if found[path].get("type", "file") == "file":
                name = path.removeprefix(root).removeprefix("/")
                yield name, replace(self / name if name else self, known=_details(found[path]))

    @contextmanager
    def replacing(self, temporary: Remote) -> Iterator[IO[bytes]]:
        """Open a file that appears under its name only when the block ends well; another may stand in for it."""
        appears = self._protocol() in _WHOLE
        target = self if appears else temporary
        with _told(self.url):
            system = target._system()
            if not appears:
                system.makedirs(target.parent._path(), exist_ok=True)
            file = system.open(target._path(), "wb", block_size=_PART)
        try:
            yield cast(IO[bytes], _Watched(file))
            with _told(self.url):
                file.close()
        except BaseException:
            _drop(file)
            if not appears:
                temporary.unlink()
            raise
        if not appears:
            with _told(self.url):
                system.mv(target._path(), self._path())

    def unlink(self) -> None:
        """Remove a file, if it is there."""
        if self._protocol() in _WHOLE:
            return
        with suppress(FileNotFoundError), _told(self.url):
            self._system().rm_file(self._path())

    def _type(self) -> str | None:
        try:
            with _told(self.url):
                return str(self._system().info(self._path())["type"])
        except FileNotFoundError:
            return None

    def _protocol(self) -> str:
        return self.url.partition("://")[0].lower()

    def _system(self) -> Any:
        return _located(self.url)[0]

    def _path(self) -> str:
        return str(_located(self.url)[1])


AnyPath = Path | Remote
"""Where a file is."""


def is_url(name: str) -> bool:
    """Whether a name is a URL, and not a path.

    >>> is_url("s3://crawl/a.jsonl"), is_url("crawl/a.jsonl")
    (True, False)
    """
    return _URL.match(name) is not None


def place_of(name: str) -> AnyPath:
    """Return the place that a path or a URL names. Raises RemoteError for a URL that cannot be read here."""
    found = _URL.match(name)
    if found is None:
        return Path(name)
    if "::" in name:
        raise RemoteError(f"{name} is several URLs in one; name one that is read by itself")
    if found[1].lower() in _LOCAL:
        return Path(name[found.end() :])
    _located(name)
    return Remote(name if name.endswith("://") else name.rstrip("/"))


def _located(url: str) -> tuple[Any, str]:
    try:
        import fsspec  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise RemoteError(f"{url} needs what the extra remote installs: pip install 'bodycopy[remote]'") from error
    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:  # the package for a protocol; the message names it
        raise RemoteError(f"{url}: {error}") from error
    except ValueError as error:
        raise RemoteError(f"{url}: {error}") from error
    return system, path


def _details(info: dict[str, Any]) -> tuple[int, str]:
    stamp = next((info[key] for key in _STAMPS if info.get(key) is not None), "")
    return int(info.get("size") or 0), str(stamp)


def _drop(file: Any) -> None:
    """Let go of a file that is not to be: S3 would complete it when it is closed, if only by the end of the object."""
    if not hasattr(file, "discard"):
        with suppress(Exception):
            file.close()
        return
    with suppress(Exception):
        file.discard()
    with suppress(AttributeError):
        file.closed = True


class _Watched(io.RawIOBase):
    """A file whose every error is an OSError, whatever the library under it raises."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return bool(self._file.readable())

    def writable(self) -> bool:
        return bool(self._file.writable())

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def readinto(self, buffer: WriteableBuffer) -> int:
        with _told():
            return int(self._file.readinto(buffer))

    def write(self, data: ReadableBuffer) -> int:
        with _told():
            return int(self._file.write(data))

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        with _told():
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def close(self) -> None:
        # What is written is closed where it is known whether it is to be.
        if not self.closed and self.readable():
            self._file.close()
        super().close()


@contextmanager
def _told(name: str | None = None) -> Iterator[None]:
    """Turn what libraries raise into an OSError with a reason."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name) from error
    except BodycopyError:
        raise
    except OSError as error:
        raise OSError(error.errno or errno.EIO, error.strerror or str(error), name) from error
    except Exception as error:
        raise OSError(errno.EIO, f"{type(error).__name__}: {error}", name) from error

"""Files and standard streams: what is written under a name is whole, or is not there."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, TypeVar, cast

from bodycopy.formats.remote import AnyPath, Remote

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Stdout", "details_of", "naming", "opened", "replacing", "temporary_of", "write_stdout"]


_Place = TypeVar("_Place", bound=AnyPath)


@contextmanager
def opened(source: AnyPath | None) -> Iterator[BinaryIO]:
    """Open a file, or standard input, for reading. Raises OSError."""
    if source is None:
        yield sys.stdin.buffer
        return
    with source.open() if isinstance(source, Remote) else source.open("rb") as file:
        yield file


def details_of(place: AnyPath) -> tuple[int, int | str]:
    """Return the size of a file, and what changes when it is changed. Raises OSError."""
    if isinstance(place, Remote):
        return place.details()
    status = place.stat()
    return status.st_size, status.st_mtime_ns


def write_stdout(data: bytes) -> bool:
    """Write to standard output, and return whether somebody reads it.

    A reader that has closed it has what it wanted, so that is no error. Raises OSError for everything else, such as a
    full disk.
    """
    try:
        with naming("standard output"):
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
        return False
    except OSError:
        _drop_stdout()
        raise
    return True


class Stdout(io.RawIOBase):
    """Standard output as a file to write to."""

    unread = False
    """Whether its reader has gone, and nothing more need be written."""

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        self.unread = self.unread or not write_stdout(bytes(data))
        return memoryview(data).nbytes


@contextmanager
def replacing(path: AnyPath, token: str, *, keep: int | None = None) -> Iterator[IO[bytes]]:
    """Open a file that appears under its name only when the block ends well, and missing folders with it.

    With `keep` that many bytes of an earlier attempt are kept, and what was written stays for a later attempt if the
    block does not end well; under a URL nothing is kept. A device or a pipe cannot be replaced and is written to as it
    is. Raises OSError.
    """
    if isinstance(path, Remote):
        with path.replacing(temporary_of(path, token)) as remote:
            yield remote
        return
    if path.exists() and not path.is_file():
        with _closing(path, path.open("wb")) as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_of(path, token)
    try:
        with _closing(path, _begun(temporary, keep)) as file:
            yield file
        temporary.replace(path)
    finally:
        if keep is None:
            temporary.unlink(missing_ok=True)


def _begun(temporary: Path, keep: int | None) -> IO[bytes]:
    if not keep:
        return temporary.open("xb" if keep is None else "wb")
    file = temporary.open("r+b")
    file.truncate(keep)
    file.seek(keep)
    return file


def temporary_of(path: _Place, token: str) -> _Place:
    """Return the file that stands in for another while it is written.

    Its name is not longer than names may be, and every process that knows the token knows it.
    """
    name = f".bodycopy-{sha256(os.fsencode(path.name)).hexdigest()[:16]}-{token}.tmp"
    return cast(_Place, path.with_name(name))


@contextmanager
def naming(name: str | AnyPath) -> Iterator[None]:
    """Put a name into an OSError of the block: a full disk shows at a write, which does not know its file."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(name)) from error


@contextmanager
def _closing(path: Path, file: IO[bytes]) -> Iterator[IO[bytes]]:
    try:
        yield file
    finally:
        with naming(path):
            file.close()


def _drop_stdout() -> None:
    """Send what is still buffered nowhere; Python would try to write it again at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

"""Files and standard streams: what is written under a name is whole, or is not there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

__all__ = ["naming", "read", "replacing", "temporary_of", "write_stdout"]


def read(source: Path | None) -> bytes:
    """Return the bytes of a file, or of standard input. Raises OSError."""
    return sys.stdin.buffer.read() if source is None else source.read_bytes()


def write_stdout(data: bytes) -> None:
    """Write to standard output. A reader that has closed it has what it wanted, so that is no error.

    Raises OSError for everything else, such as a full disk.
    """
    try:
        with naming("standard output"):
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
    except OSError:
        _drop_stdout()
        raise


@contextmanager
def replacing(path: Path, token: str) -> Iterator[IO[bytes]]:
    """Open a file that appears under its name only when the block ends well, and missing folders with it.

    A device or a pipe cannot be replaced and is written to as it is. Raises OSError.
    """
    if path.exists() and not path.is_file():
        with _closing(path, path.open("wb")) as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_of(path, token)
    try:
        with _closing(path, temporary.open("xb")) as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def temporary_of(path: Path, token: str) -> Path:
    """Return the file that stands in for another while it is written.

    Its name is not longer than names may be, and every process that knows the token knows it.
    """
    return path.with_name(f".bodycopy-{sha256(os.fsencode(path.name)).hexdigest()[:16]}-{token}.tmp")


@contextmanager
def naming(name: str | Path) -> Iterator[None]:
    """Put a name into an OSError of the block: a full disk shows at a write, which does not know its file."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(name)) from error


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

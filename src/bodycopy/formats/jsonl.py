"""JSON lines: rows, each an object with a text; plain or compressed, read one by one."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

from bodycopy.errors import BodycopyError, DecodeError

__all__ = ["SUFFIXES", "read_lines", "row_of"]

SUFFIXES: Final = (".jsonl", ".jsonl.gz", ".jsonl.zst")

_ROW: Final = 'a row is a JSON object with a text under "text"'


def read_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file that are not blank, with their numbers from 1.

    Raises OSError, DecodeError for a file that is not compressed as its name says, and BodycopyError where the package
    to read it is not installed.
    """
    with _open(file) as lines:
        yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def row_of(line: bytes) -> dict[str, Any]:
    """Return the object that a line is; it has a text. Raises DecodeError.

    >>> row_of(b'{"text": "The storm has passed."}')
    {'text': 'The storm has passed.'}
    """
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DecodeError(f"not a row: {error}; {_ROW}") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise DecodeError(f"not a row: {_ROW}")
    return row


def _open(file: Path) -> AbstractContextManager[Iterable[bytes]]:
    suffix = file.suffix.lower()
    return _gzip(file) if suffix == ".gz" else _zstandard(file) if suffix == ".zst" else file.open("rb")


@contextmanager
def _gzip(file: Path) -> Iterator[Iterable[bytes]]:
    with gzip.open(file) as lines:
        try:
            yield lines
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DecodeError(f"not a whole .gz file: {error}") from None


@contextmanager
def _zstandard(file: Path) -> Iterator[Iterable[bytes]]:
    try:
        import zstandard  # noqa: PLC0415 - not everybody has such files
    except ImportError:
        raise BodycopyError("to read .zst, pip install zstandard") from None
    with zstandard.open(file, "rb") as compressed:
        try:
            yield BufferedReader(compressed)
        except zstandard.ZstdError as error:
            raise DecodeError(f"not a .zst file: {error}") from None

"""Compressed files: read with bounded memory, and written a piece at a time.

Each piece is written as a gzip member or a Zstandard frame of its own. Every reader takes these one after the other
as one stream, processes can compress at once, and a run that was killed can go on behind the last of them.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from bodycopy.errors import BodycopyError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["SUFFIXES", "DamagedError", "compressed", "decompressing", "skip"]

SUFFIXES: Final = (".gz", ".zst")

# A few bytes can stand for many: this many of Zstandard for at most 32 MB, of gzip for 16.
_AT_ONCE: Final = {".gz": 16_384, ".zst": 1_024}
_NAMES: Final = {".gz": "gzip", ".zst": "Zstandard"}
_LEVEL: Final = 6
_BLOCK: Final = 1 << 20


class DamagedError(BodycopyError):
    """A compressed file that is cut off or damaged."""


def decompressing(file: BinaryIO, suffix: str) -> BinaryIO:
    """Return a file that reads what another one holds compressed; "" is not compressed.

    It gives all that can be read before it raises DamagedError, and a read may return less than was asked for.
    """
    return cast(BinaryIO, _Decompressing(file, suffix)) if suffix else file


def compressed(data: bytes, suffix: str) -> bytes:
    """Compress bytes, always in the same way."""
    if suffix == ".gz":
        return gzip.compress(data, _LEVEL, mtime=0)
    if suffix == ".zst":
        import zstandard  # noqa: PLC0415 - an extra

        return zstandard.ZstdCompressor().compress(data)
    return data


def skip(file: BinaryIO, size: int) -> None:
    """Pass over the next bytes of a file that has only been opened."""
    if file.seekable():
        file.seek(size)
        return
    while size > 0 and (block := file.read(min(size, _BLOCK))):
        size -= len(block)


class _Decompressing(io.RawIOBase):
    """The streams of a compressed file, as one."""

    def __init__(self, file: BinaryIO, suffix: str) -> None:
        self._file = file
        self._suffix = suffix
        self._stream: Any = None
        self._input = b""
        self._output = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        target = memoryview(buffer).cast("B")
        while not self._output:
            if not self._input:
                self._input = self._file.read(_AT_ONCE[self._suffix])
            if not self._input:
                if self._stream is not None:
                    raise DamagedError(f"the {_NAMES[self._suffix]} file is cut off")
                return 0
            self._output = memoryview(self._decompress())
        size = min(len(target), len(self._output))
        target[:size], self._output = self._output[:size], self._output[size:]
        return size

    def _decompress(self) -> bytes:
        if self._stream is None:
            # gzip files may be padded with zeros.
            self._input = self._input.lstrip(b"\0") if self._suffix == ".gz" else self._input
            if not self._input:
                return b""
            self._stream = _STREAMS[self._suffix]()
        data, self._input = self._input, b""
        try:
            output = bytes(self._stream.decompress(data))
        except Exception as error:  # the classes of two libraries
            raise DamagedError(f"the {_NAMES[self._suffix]} file is damaged: {error}") from error
        if self._stream.eof:
            self._input, self._stream = self._stream.unused_data, None
        return output


def _zstandard() -> Any:
    import zstandard  # noqa: PLC0415 - an extra

    return zstandard.ZstdDecompressor().decompressobj()


_STREAMS: Final[dict[str, Callable[[], Any]]] = {".gz": lambda: zlib.decompressobj(31), ".zst": _zstandard}

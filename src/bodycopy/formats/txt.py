"""Plain text: bytes to text, and nothing is guessed where the bytes say it themselves.

A byte order mark decides, then strict UTF-8, and only then detection. Whatever the encoding is, all of the bytes
must fit it: a text with replacement characters in it would be a rewritten text.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, NamedTuple

from bodycopy.errors import DecodeError
from bodycopy.formats.lines import Bytes
from bodycopy.formats.records import LARGEST_RECORD, Mark, Piece, Record, RecordError

__all__ = ["Decoded", "PlainText", "TextRecord", "decode", "read_whole"]

_BLOCK: Final = 1 << 20

# The mark of UTF-32 LE begins with that of UTF-16 LE, so it is tried first.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Detection names the standard; what is in use on the web is its superset.
_IN_USE: Final = {
    "iso-8859-1": "windows-1252",
    "iso-8859-9": "windows-1254",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "euc-kr": "cp949",
}
_TEXT_CONTROLS: Final = b"\t\n\v\f\r\x1b"
_CONTROLS: Final = bytes(byte for byte in (*range(32), 127) if byte not in _TEXT_CONTROLS)
_NOT_ASCII: Final = bytes(range(128, 256))
_FEW_CONTROLS: Final = 8
_MOST_CONTROLS: Final = 0.03


class Decoded(NamedTuple):
    """A text and the encoding that its bytes were in; a byte order mark is not part of the text."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Decode the bytes of a text file.

    Raises DecodeError for a binary file, for UTF-8 with damage in it, and for bytes that fit no encoding.

    >>> decode(b"\\xff\\xfeh\\x00i\\x00")
    Decoded(text='hi', encoding='utf-16-le')
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding, skip=len(mark))
    if _is_binary(data):
        raise DecodeError("a binary file, not text")
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        return _strictly(data, "utf-8" if _is_damaged_utf8(data) else _detect(data, error))


@dataclass(frozen=True, slots=True)
class TextRecord:
    """A text that is a whole file."""

    text: str
    encoding: str
    url: str | None = None

    def replaced(self, text: str, removals: Sequence[Mapping[str, Any]]) -> bytes:
        return text.encode("utf-8")

    def row(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class PlainText(Bytes):
    """Text files: one text a file, written in UTF-8."""

    single = True

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        yield Piece(0, 1, read_whole(file))

    def records(self, content: Any) -> Iterable[Any]:
        return (content,)

    def parse(self, raw: Any) -> Record:
        return TextRecord(*decode(raw))


def read_whole(file: BinaryIO, largest: int = LARGEST_RECORD) -> bytes:
    """Return all that a file holds. Raises RecordError if that is more than it may be."""
    blocks, size = [], 0
    while block := file.read(_BLOCK):
        blocks.append(block)
        size += len(block)
        if size > largest:
            raise RecordError(f"longer than {largest >> 20} MB")
    return b"".join(blocks)


def _is_binary(data: bytes) -> bool:
    """A stray NUL is legal text; in compressed data or machine code one byte in ten is a control character."""
    controls = len(data) - len(data.translate(None, _CONTROLS))
    return controls > max(_FEW_CONTROLS, _MOST_CONTROLS * len(data))


def _is_damaged_utf8(data: bytes) -> bool:
    """Detection takes UTF-8 with one wrong byte for some Latin encoding, and every other letter comes out wrong."""
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = len(text) - wrong - len(data.translate(None, _NOT_ASCII))
    return right > wrong


def _detect(data: bytes, fault: UnicodeDecodeError) -> str:
    import cchardet  # noqa: PLC0415 - most files are UTF-8 and never need it

    encoding = (cchardet.detect(data)["encoding"] or "utf-8").lower()
    if encoding in ("ascii", "utf-8"):
        raise DecodeError(f"no encoding fits; as UTF-8 it fails at {_place(fault)}")
    return _IN_USE.get(encoding, encoding)


def _strictly(data: bytes, encoding: str, skip: int = 0) -> Decoded:
    try:
        return Decoded(data[skip:].decode(encoding), encoding)
    except UnicodeDecodeError as error:
        raise DecodeError(f"looks like {encoding}, and is not at {_place(error, skip)}") from error
    except LookupError as error:
        raise DecodeError(f"looks like {encoding}, which cannot be decoded here") from error


def _place(error: UnicodeDecodeError, skipped: int = 0) -> str:
    return f"byte {error.start + skipped:,} ({error.reason})"

"""WARC: the HTML pages of a crawl. trafilatura finds the text of each, and what is written is WET.

Other responses, requests and metadata have no text and are left out; what tells of the crawl itself stays.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Literal
from uuid import NAMESPACE_URL, uuid5

from fastwarc.warc import ArchiveIterator

from bodycopy.formats.archive import Raw, RawText, digest_of, pieces, refuse_removals
from bodycopy.formats.html import LARGEST_PAGE, text_of
from bodycopy.formats.lines import Bytes
from bodycopy.formats.records import Fields, Filler, Mark, Piece, Record, RecordError

__all__ = ["Warc"]

_PAGE: Final = re.compile(
    rb"HTTP/\d(?:\.\d)? 200\b[^\n]*\n(?:[^\r\n]+\r?\n)*?content-type:[ \t]*(?:text/html|application/xhtml\+xml)\b", re.I
)


class _WarcRecord(RawText):
    __slots__ = ()

    def replaced(self, text: str, removals: Sequence[Mapping[str, Any]]) -> bytes:
        """Return the record that a WET file would have of the page."""
        body = text.encode("utf-8")
        values = {
            b"WARC-Type": b"conversion",
            b"WARC-Target-URI": self.raw.value(b"warc-target-uri"),
            b"WARC-Date": self.raw.value(b"warc-date"),
            b"WARC-Record-ID": self._id(),
            b"WARC-Refers-To": self.raw.value(b"warc-record-id"),
            b"WARC-Block-Digest": digest_of(body),
            b"Content-Type": b"text/plain",
            b"Content-Length": str(len(body)).encode(),
        }
        fields = [b"%s: %s\r\n" % (name, value) for name, value in values.items() if value is not None]
        return Raw(b"".join((b"WARC/1.0\r\n", *fields, b"\r\n")), body).to_bytes()

    def _id(self) -> bytes:
        # Made of what the record is about, so that every run writes the same.
        about = self.raw.value(b"warc-record-id") or self.raw.head
        return f"<urn:uuid:{uuid5(NAMESPACE_URL, about.decode('utf-8', 'replace'))}>".encode()


@dataclass(frozen=True, slots=True)
class Warc(Bytes):
    """WARC files. The address of a page is in its record."""

    fields: Fields

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        refuse_removals(self.fields)
        return pieces(file, start, stays=_stays, counts=_is_page, largest=LARGEST_PAGE)

    def records(self, content: Any) -> Iterable[Any]:
        return (raw if _is_page(raw) else Filler(raw.to_bytes()) for raw in content)

    def parse(self, raw: Any) -> Record:
        # A page without a text is nothing unusual in a crawl; its record is written, with none.
        return _WarcRecord(raw, text_of(_page_in(raw)) or "")

    def shown(self, raw: Any) -> str | None:
        return super(Warc, self).shown(raw.to_bytes())

    def join(self, content: Any, records: Sequence[Any]) -> Any:
        return list(records)


def _is_page(raw: Raw) -> bool:
    return raw.value(b"warc-type") == b"response" and _PAGE.match(raw.body) is not None


def _stays(raw: Raw) -> bool:
    return raw.value(b"warc-type") == b"warcinfo" or _is_page(raw)


def _page_in(raw: Raw) -> bytes | str:
    try:
        data, charset = _payload(raw, "all")
    except OSError as error:
        # Some crawlers decode a page and leave the fields that say how it was encoded.
        data, charset = _payload(raw, "none")
        if not data.lstrip().startswith(b"<"):
            raise RecordError(f"its response cannot be decoded: {str(error)[:100]}") from error
    if len(data) > LARGEST_PAGE:
        raise RecordError(f"longer than {LARGEST_PAGE >> 20} MB")
    try:
        return data.decode(charset) if charset else data
    except (LookupError, ValueError):  # the page itself may know better
        return data


def _payload(raw: Raw, decode: Literal["all", "none"]) -> tuple[bytes, str | None]:
    """Return what the response holds, or one byte more than is allowed of it, and the encoding that it names."""
    record = next(ArchiveIterator(io.BytesIO(raw.to_bytes()), auto_decode=decode, quirks_mode=True), None)
    if record is None:
        raise RecordError("its head is no head of a WARC record")
    return record.reader.read(LARGEST_PAGE + 1), record.http_charset

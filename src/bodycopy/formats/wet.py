"""WET: the text of a crawl, as the `conversion` records of a WARC file. Records of other types stay as they are.

The length and the digests of a record that changes are worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from bodycopy.formats.archive import Raw, RawText, digest_of, pieces, refuse_removals
from bodycopy.formats.lines import Bytes, decoded
from bodycopy.formats.records import Fields, Filler, Mark, Piece, Record

__all__ = ["Wet"]

_DIGESTS: Final = (b"warc-block-digest", b"warc-payload-digest")


class _WetRecord(RawText):
    __slots__ = ()

    def replaced(self, text: str, removals: Sequence[Mapping[str, Any]]) -> bytes:
        if text == self.text:
            return self.raw.to_bytes()
        body = text.encode("utf-8")
        new = {b"content-length": str(len(body)).encode()} | dict.fromkeys(_DIGESTS, digest_of(body))
        return self.raw.with_values(new, body).to_bytes()


@dataclass(frozen=True, slots=True)
class Wet(Bytes):
    """WET files in UTF-8. The address of a text is in its record."""

    fields: Fields

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        refuse_removals(self.fields)
        return pieces(file, start, stays=lambda raw: True, counts=_is_text)

    def records(self, content: Any) -> Iterable[Any]:
        return (raw if _is_text(raw) else Filler(raw.to_bytes()) for raw in content)

    def parse(self, raw: Any) -> Record:
        return _WetRecord(raw, decoded(raw.body))

    def shown(self, raw: Any) -> str | None:
        return super(Wet, self).shown(raw.to_bytes())

    def join(self, content: Any, records: Sequence[Any]) -> Any:
        return list(records)


def _is_text(raw: Raw) -> bool:
    return raw.value(b"warc-type") == b"conversion"

"""HTML: trafilatura finds the text of a page, and the rules clean it. What is written is text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import trafilatura

from bodycopy.formats.lines import Bytes
from bodycopy.formats.records import Mark, Piece, Record, RecordError
from bodycopy.formats.txt import TextRecord, read_whole

__all__ = ["LARGEST_PAGE", "Html", "text_of"]

LARGEST_PAGE: Final = 2**25
"""Bytes. The tree of a page takes many times its size."""


@dataclass(frozen=True, slots=True)
class Html(Bytes):
    """HTML files: one page a file, written as text in UTF-8."""

    single = True

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        yield Piece(0, 1, read_whole(file, LARGEST_PAGE))

    def records(self, content: Any) -> Iterable[Any]:
        return (content,)

    def parse(self, raw: Any) -> Record:
        text = text_of(raw)
        if text is None:
            raise RecordError("trafilatura finds no text in it")
        return TextRecord(text, "utf-8")


def text_of(page: bytes | str) -> str | None:
    """Return the text of a page, if it has one. Of bytes it finds the encoding, also by what the page says."""
    text: str | None = trafilatura.extract(page)
    return text

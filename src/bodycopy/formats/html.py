"""HTML: trafilatura finds the text of a page, and the rules clean it. What is written is text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import trafilatura

from bodycopy.formats.lines import Bytes
from bodycopy.formats.records import Mark, Piece, Record, RecordError
from bodycopy.formats.txt import TextRecord, read_whole

__all__ = ["Html"]


@dataclass(frozen=True, slots=True)
class Html(Bytes):
    """HTML files: one page a file, written as text in UTF-8."""

    single = True

    def pieces(self, file: BinaryIO, start: Mark) -> Iterator[Piece]:
        yield Piece(0, 1, read_whole(file))

    def records(self, content: Any) -> Iterable[Any]:
        return (content,)

    def parse(self, raw: Any) -> Record:
        # It finds the encoding itself, for which it looks at what the page says, too.
        text = trafilatura.extract(raw)
        if text is None:
            raise RecordError("trafilatura finds no text in it")
        return TextRecord(text, "utf-8")

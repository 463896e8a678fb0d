"""The closing summary of a run: what was removed, and which documents need a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from bodycopy.report.terminal import called, counted, visible
from bodycopy.work import Processed

__all__ = ["Tally"]

_MOST_NAMED: Final = 100


class Named:
    """Documents that are to be named, each with the reason. Of very many only the first are kept, and counted."""

    def __init__(self) -> None:
        self.number = 0
        self._first: list[tuple[str, str]] = []

    def add(self, name: str, why: str, record: int | None = None) -> None:
        """Add a file, or one record of it."""
        self.number += 1
        if len(self._first) < _MOST_NAMED:
            self._first.append((called(name, record), why))

    def lines(self, title: str) -> Iterator[str]:
        """Yield the title, which says how many there are, and their names."""
        if self.number:
            yield f"{counted(self.number, 'document')} {title}:"
        for name, why in self._first:
            yield f"  {visible(name)}: {visible(why)}"
        if self.number > len(self._first):
            yield f"  and {self.number - len(self._first):,} more"


class Tally:
    """The sums of a run so far, and the documents that are to be named at its end."""

    def __init__(self) -> None:
        self.files = 0
        """Those that are done, well or not."""
        self.documents = 0
        self.size = 0
        self.characters: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()
        self.flagged = Named()
        self.recoded = Named()
        self.failed = Named()

    def add(self, processed: Processed) -> None:
        """Count a file, or a part of it."""
        self.files += processed.done
        if processed.failed is not None:
            self.failed.add(processed.name, processed.failed)
            return
        self.documents += processed.documents
        self.size += processed.characters
        for category, count in processed.counts.items():
            self.characters[category] += count.characters
            self.lines[category] += count.lines
        for record, why in processed.flagged:
            self.flagged.add(processed.name, why, record)
        for record, why, _ in processed.failures:
            self.failed.add(processed.name, why, record)
        if processed.encoding != "utf-8":
            self.recoded.add(processed.name, processed.encoding)

    def lines_of_summary(self) -> Iterator[str]:
        """Yield the summary, line by line."""
        yield f"{counted(self.documents, 'document')} cleaned, {_part(self.characters.total(), self.size)} removed"
        if self.characters:
            yield from _table(self.characters, self.lines)
        yield from self.flagged.lines("flagged")
        yield from self.recoded.lines("not in UTF-8")
        yield from self.lines_of_failures()

    def lines_of_failures(self) -> Iterator[str]:
        """Yield the documents that failed, which even a quiet run has to name."""
        yield from self.failed.lines("failed and not written")


def _part(removed: int, size: int) -> str:
    share = f" ({removed / size:.1%})" if removed else ""
    return f"{removed:,} of {counted(size, 'character')}{share}"


def _table(characters: Counter[str], lines: Counter[str]) -> Iterator[str]:
    rows = [("category", "characters", "lines")]
    rows += [(name, f"{number:,}", f"{lines[name]:,}") for name, number in sorted(characters.items(), key=_heaviest)]
    rows.append(("all", f"{characters.total():,}", f"{lines.total():,}"))
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, number, of_lines in rows:
        yield f"  {name:<{wide[0]}}  {number:>{wide[1]}}  {of_lines:>{wide[2]}}"


def _heaviest(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]

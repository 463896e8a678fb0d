"""The closing summary of a run: what was removed, and which documents need a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bodycopy.report.terminal import counted, visible
from bodycopy.runner import Processed

__all__ = ["Tally"]

_Named = list[tuple[str, str]]


class Tally:
    """The sums of a run so far, and the documents that are to be named at its end."""

    def __init__(self) -> None:
        self.documents = 0
        self.size = 0
        self.characters: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()
        self.flagged: _Named = []
        self.recoded: _Named = []
        self.failed: _Named = []

    def add(self, processed: Processed) -> None:
        """Count a document."""
        if processed.failed is not None:
            self.failed.append((processed.name, processed.failed))
            return
        self.documents += 1
        self.size += processed.characters
        for category, count in processed.counts.items():
            self.characters[category] += count.characters
            self.lines[category] += count.lines
        if processed.flagged is not None:
            self.flagged.append((processed.name, processed.flagged))
        if processed.encoding != "utf-8":
            self.recoded.append((processed.name, processed.encoding))

    def lines_of_summary(self) -> Iterator[str]:
        """Yield the summary, line by line."""
        yield f"{counted(self.documents, 'document')} cleaned, {_part(self.characters.total(), self.size)} removed"
        if self.characters:
            yield from _table(self.characters, self.lines)
        yield from _names(f"{counted(len(self.flagged), 'document')} flagged:", self.flagged)
        yield from _names(f"{counted(len(self.recoded), 'document')} not in UTF-8:", self.recoded)
        yield from self.lines_of_failures()

    def lines_of_failures(self) -> Iterator[str]:
        """Yield the documents that failed, which even a quiet run has to name."""
        yield from _names(f"{counted(len(self.failed), 'document')} failed and not written:", self.failed)


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


def _names(title: str, named: Iterable[tuple[str, str]]) -> Iterator[str]:
    for number, (name, why) in enumerate(named):
        if number == 0:
            yield title
        yield f"  {visible(name)}: {visible(why)}"

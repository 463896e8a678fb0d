"""What a cleaner does to texts whose bodies are known: figures, leftovers, and the rules at fault.

A folder holds JSON lines (`.jsonl`, `.jsonl.gz`, `.jsonl.zst`). A row has `text` and perhaps `id`, `url`, `lang` and
`source`, and says in one of three ways what is right: `gold`, the body; `with` and `without`, pieces that must stay and
pieces that must go (the form of trafilatura's evaluation, Barbaresi 2021); or neither: then nothing of the text may go.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit

from bodycopy.cleaner import Cleaner
from bodycopy.errors import BodycopyError
from bodycopy.formats.jsonl import JsonLines
from bodycopy.formats.kinds import PLAIN, kind_of
from bodycopy.formats.records import Fields
from bodycopy.model import Result
from bodycopy.sources import parsed, raw_records

__all__ = ["DataError", "Evaluation", "Figures", "Row", "RuleRecord", "evaluate", "read_rows"]

_WORD = re.compile(r"\w+")
_SHINGLE = 4
_SHORTEST = 50
_MUCH = 0.3
_MOST_EXAMPLES = 5

_Shares = tuple[float, float, float]


class DataError(BodycopyError):
    """The data of an evaluation are not as they should be."""


class Row(NamedTuple):
    """A text and what is right about it; `lang` is "" where that is not known."""

    id: str
    url: str | None
    lang: str
    source: str
    text: str
    gold: str | None
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]

    @property
    def site(self) -> str:
        """The host that the text is from; where that is not known the document stands for itself."""
        return (urlsplit(self.url).hostname if self.url else None) or self.id


class Figures(Protocol):
    """What is counted over the documents of a source."""

    def add(self, row: Row, result: Result) -> None:
        """Count a document."""

    def columns(self) -> Mapping[str, float | int]:
        """Return the figures by name."""


@dataclass(slots=True)
class Bodies:
    """Precision, recall and F1 over 4-word shingles, before and after.

    The definition is that of the article-extraction-benchmark: a document's counts are divided by their sum, P and R
    are means over documents, F1 is of the two means.
    """

    before: list[_Shares] = field(default_factory=list)
    after: list[_Shares] = field(default_factory=list)

    def add(self, row: Row, result: Result) -> None:
        gold = _shingles(row.gold or "")
        self.before.append(_overlap(gold, _shingles(row.text)))
        self.after.append(_overlap(gold, _shingles(result.text)))

    def columns(self) -> Mapping[str, float | int]:
        (_, r0, f0), (p, r, f) = _means(self.before), _means(self.after)
        return {"docs": len(self.after), "f0": f0, "p": p, "r": r, "f": f, "lost": r0 - r}


@dataclass(slots=True)
class Snippets:
    """The pieces that were there before, and those that still are."""

    wanted: list[bool] = field(default_factory=list)
    unwanted: list[bool] = field(default_factory=list)

    def add(self, row: Row, result: Result) -> None:
        self.wanted += (piece in result.text for piece in row.wanted if piece in row.text)
        self.unwanted += (piece in result.text for piece in row.unwanted if piece in row.text)

    def columns(self) -> Mapping[str, float | int]:
        kept, left = fmean(self.wanted or [True]), fmean(self.unwanted or [True])
        return {"wanted": len(self.wanted), "kept": kept, "unwanted": len(self.unwanted), "gone": 1 - left}


@dataclass(slots=True)
class Wholes:
    """Texts of which nothing may go; `over30` are those of 50 words or more that lose over 30 % of them."""

    lost: list[tuple[int, int]] = field(default_factory=list)

    def add(self, row: Row, result: Result) -> None:
        before, after = Counter(_WORD.findall(row.text)), Counter(_WORD.findall(result.text))
        self.lost.append((before.total(), (before - after).total()))

    def columns(self) -> Mapping[str, float | int]:
        words, lost = (sum(column) for column in zip(*self.lost, strict=True))
        return {
            "docs": len(self.lost),
            "words": words,
            "removed_per_million": 1e6 * lost / max(words, 1),
            "touched": sum(gone > 0 for _, gone in self.lost),
            "over30": sum(had >= _SHORTEST and gone > _MUCH * had for had, gone in self.lost),
        }


@dataclass(slots=True)
class RuleRecord:
    """Words that a rule removed: of articles, and of the rest; with removals of articles as examples."""

    category: str
    article: int = 0
    rest: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Evaluation:
    """The figures of each source, what each rule removed, and what is left over."""

    figures: dict[str, Figures] = field(default_factory=dict)
    languages: dict[str, Figures] = field(default_factory=dict)
    """The figures of each source and language, where rows have a `lang`."""
    rules: dict[str, RuleRecord] = field(default_factory=dict)
    leftovers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Lines that are not in the body and stay, each with the sites that have it."""
    losses: dict[str, int] = field(default_factory=dict)
    """Words of the article that a document loses."""


def evaluate(folder: Path, plain: Cleaner, body: Cleaner, sets: Iterable[str] = ()) -> Evaluation:
    """Clean the texts of a folder with `plain`, those with `gold` with `body`, and compare.

    `sets` are beginnings of file names; without any, all files count. Raises DataError.
    """
    beginnings = tuple(sets) or ("",)
    files = sorted(f for f in folder.glob("*") if _has_rows(f) and f.name.startswith(beginnings))
    if not files:
        raise DataError(f"{folder}: no data; a file of rows ends in .jsonl, .jsonl.gz, .jsonl.zst")
    evaluation = Evaluation()
    for file in files:
        name = file.name.partition(".")[0]
        for row in read_rows(file):
            _note(evaluation, name, row, (plain if row.gold is None else body).clean(row.text, row.url))
    return evaluation


def read_rows(file: Path) -> Iterator[Row]:
    """Yield the rows of a file. Raises DataError for a line that is no row, with its place."""
    form, place = JsonLines(Fields()), str(file)
    try:
        for number, raw in raw_records(form, file, kind_of(file.name) or PLAIN):
            place = f"{file}:{number}"
            parsed(form, raw)
            yield _row(json.loads(raw), f"{file.name}:{number}")
    except (BodycopyError, ValueError) as error:
        raise DataError(f"{place}: {error}") from None


def _has_rows(file: Path) -> bool:
    kind = kind_of(file.name)
    return kind is not None and kind.format == "jsonl"


def _row(data: Mapping[str, Any], place: str) -> Row:
    url, gold = data.get("url"), data.get("gold")
    return Row(
        id=str(data.get("id", place)),
        url=url if isinstance(url, str) else None,
        lang=str(data.get("lang") or ""),
        source=str(data.get("source", "")),
        text=data["text"],
        gold=gold if isinstance(gold, str) else None,
        wanted=_pieces(data.get("with")),
        unwanted=_pieces(data.get("without")),
    )


def _pieces(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _note(evaluation: Evaluation, name: str, row: Row, result: Result) -> None:
    kind = Bodies if row.gold is not None else Snippets if row.wanted or row.unwanted else Wholes
    key = name if kind is Wholes else f"{name}/{row.source}"
    evaluation.figures.setdefault(key, kind()).add(row, result)
    if row.lang:
        evaluation.languages.setdefault(f"{key} {row.lang}", kind()).add(row, result)
    if kind is not Snippets:
        gold = row.text if row.gold is None else row.gold
        _note_rules(evaluation, key, row, gold, result)
        _note_leftovers(evaluation, row, gold, result)


def _note_rules(evaluation: Evaluation, key: str, row: Row, gold: str, result: Result) -> None:
    """A removal is of the article if its words stand in it one after another."""
    article, lost = _joined(gold), 0
    for removal in result.removals:
        words = len(_WORD.findall(removal.text))
        record = evaluation.rules.setdefault(removal.rule, RuleRecord(removal.category))
        if words and _joined(removal.text) in article:
            lost += words
            record.article += words
            record.examples += [(row.id, removal.text)] * (len(record.examples) < _MOST_EXAMPLES)
        else:
            record.rest += words
    if lost:
        evaluation.losses[f"{key} {row.id}"] = lost


def _note_leftovers(evaluation: Evaluation, row: Row, gold: str, result: Result) -> None:
    article = _joined(gold)
    for line in map(str.strip, result.text.split("\n")):
        if line and _joined(line) not in article:
            evaluation.leftovers[line].add(row.site)


def _joined(text: str) -> str:
    return f" {' '.join(_WORD.findall(text))} "


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    starts = range(max(1, len(words) - _SHINGLE + 1)) if words else ()
    return Counter(tuple(words[start : start + _SHINGLE]) for start in starts)


def _overlap(gold: Counter[tuple[str, ...]], text: Counter[tuple[str, ...]]) -> _Shares:
    """Return the shares of true positives, false positives and false negatives."""
    both = (gold & text).total()
    counts = both, text.total() - both, gold.total() - both
    total = sum(counts) or 1
    return counts[0] / total, counts[1] / total, counts[2] / total


def _means(shares: Iterable[_Shares]) -> _Shares:
    shares = list(shares)
    precision = fmean([_ratio(tp, fp, fn) for tp, fp, fn in shares if tp + fp > 0] or [0.0])
    recall = fmean([_ratio(tp, fn, fp) for tp, fp, fn in shares if tp + fn > 0] or [0.0])
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def _ratio(hit: float, miss: float, other: float) -> float:
    if miss == other == 0:
        return 1.0
    return hit / (hit + miss) if hit else 0.0

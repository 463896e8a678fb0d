"""An evaluation as text: the table, the rules that cost most of the article, and the leftovers of most sites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from bodycopy.evaluation import Evaluation, Figures
from bodycopy.report.terminal import counted, visible

__all__ = ["lines_of_evaluation"]

_WIDE = 40
_CUT = 120


def lines_of_evaluation(evaluation: Evaluation, most: int) -> Iterator[str]:
    """Yield the lines, at most so many of each kind."""
    yield from _table(evaluation.figures)
    if most:
        if evaluation.languages:
            yield from ("", "by language")
        yield from _table(evaluation.languages)
        yield from _categories(evaluation)
        yield from _rules(evaluation, most)
        yield from _losses(evaluation, most)
        yield from _leftovers(evaluation, most)


def _table(figures_of: Mapping[str, Figures]) -> Iterator[str]:
    for name, figures in sorted(figures_of.items()):
        columns = figures.columns().items()
        shown = (f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}" for key, value in columns)
        yield f"{_short(name):{_WIDE}s} {'  '.join(shown)}"


def _categories(evaluation: Evaluation) -> Iterator[str]:
    article, rest = Counter[str](), Counter[str]()
    for record in evaluation.rules.values():
        article[record.category] += record.article
        rest[record.category] += record.rest
    yield from ("", "words that categories removed: of the article, of the rest")
    for category, words in sorted(rest.items(), key=lambda item: (-item[1], item[0])):
        yield f"{article[category]:8,} {words:8,}  {category}"


def _rules(evaluation: Evaluation, most: int) -> Iterator[str]:
    records = sorted(evaluation.rules.items(), key=lambda item: (-item[1].article, -item[1].rest, item[0]))
    yield from ("", "words that rules removed: of the article, of the rest")
    for rule, record in records[:most]:
        yield f"{record.article:8,} {record.rest:8,}  {rule}"
        yield from (f"{'':19s} {_short(text)}  ({_short(document)})" for document, text in record.examples)


def _losses(evaluation: Evaluation, most: int) -> Iterator[str]:
    if evaluation.losses:
        yield from ("", "documents that lose most of the article, in words")
    for document, words in sorted(evaluation.losses.items(), key=lambda item: (-item[1], item[0]))[:most]:
        yield f"{words:8,}  {_short(document)}"


def _leftovers(evaluation: Evaluation, most: int) -> Iterator[str]:
    yield from ("", "lines that stay and are not in the body, by the number of sites that have them")
    leftovers = sorted(evaluation.leftovers.items(), key=lambda item: (-len(item[1]), item[0]))
    for line, sites in leftovers[:most]:
        yield f"{counted(len(sites), 'site'):>12s}  {_short(line)}"


def _short(text: str) -> str:
    text = visible(" ".join(text.split()))
    return f"{text[:_CUT]}…" if len(text) > _CUT else text

"""The stages in their order: segment, match, resolve, render.

A pass takes out what `span` rules find, then applies the line rules until nothing changes. Passes are repeated on
what is left until one removes nothing, so cleaning twice changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from operator import is_
from typing import TYPE_CHECKING, Self

from bodycopy.batch import hits_of_each, portions
from bodycopy.config import read_config
from bodycopy.errors import RuleChoiceError
from bodycopy.finders import Finders
from bodycopy.matcher import Found, GaveUpError, Program, Reading
from bodycopy.model import Document, Result
from bodycopy.prefilter import Hits
from bodycopy.ready import ready_rules
from bodycopy.renderer import pieces_gone, render
from bodycopy.resolver import explain, spare
from bodycopy.rows import Row, paired, rows_of
from bodycopy.rules import RuleSet, Selector, choose
from bodycopy.segmenter import Lines
from bodycopy.untouched import first_rules, is_untouched

if TYPE_CHECKING:
    from bodycopy.arrow import ArrowData

__all__ = ["Cleaner", "clean", "clean_document"]

MOST_PASSES = 4
"""Passes after which a text is flagged; nearly every text needs one that removes and one that finds nothing."""

END_OF_PASSES = 50
"""Passes after which a text is left whole: the work would grow with the square of its length."""

MOST_PROSE_GONE = 0.9
"""Share of the prose words that may go; a text that would lose more is left whole."""


class Cleaner:
    """A set of rules ready to clean texts. It reads no configuration, can be pickled, and never changes.

    `rules` are paths of packs or of folders with packs, or `package:NAME` for those of an installed distribution, on
    top of the built-in ones unless `builtin` is False.
    `only`, `skip` and `also` choose among them by category, id or glob: active are `only` (or all that are on by
    default) plus `also` minus `skip`. `prefilter=False` tries every pattern on every line: slow, and the same.

    Raises RuleFileError with every fault of every file, or RuleChoiceError for a choice that names no rule.
    """

    def __init__(  # noqa: PLR0913  # the choice of rules, as the command line has it
        self,
        rules: Sequence[str | os.PathLike[str]] = (),
        *,
        builtin: bool = True,
        only: Sequence[Selector] = (),
        skip: Sequence[Selector] = (),
        also: Sequence[Selector] = (),
        prefilter: bool = True,
    ) -> None:
        chosen = choose(ready_rules(rules, builtin=builtin), only=only, also=also, skip=skip)
        self._prefilter = prefilter
        self._program = Program(chosen, prefilter=prefilter)

    @classmethod
    def from_config(cls, path: str | os.PathLike[str]) -> Self:
        """Return the cleaner that a project file describes, `bodycopy.toml` or a `pyproject.toml`.

        Raises ConfigError for a project file that is wrong, and what `Cleaner` raises.
        """
        config = read_config(path)
        try:
            return cls(config.rules, builtin=config.builtin, only=config.only, skip=config.skip, also=config.also)
        except RuleChoiceError as error:
            raise RuleChoiceError(f"{config.file}: {error}") from None

    @property
    def rules(self) -> RuleSet:
        """The rules that act."""
        return self._program.rules

    def clean(self, text: str, url: str | None = None) -> Result:
        """Return the text without what the rules remove, and every removal with its reason. No text makes it raise.

        `url` is the address that the text is from; rules for a site ask for it.
        """
        return clean_document(self._program, Document(text, url))

    def clean_many(self, texts: Iterable[str]) -> Iterator[Result]:
        """Yield for each text, in order, what `clean` returns; quicker than one call after another."""
        for some in portions(texts):
            hits = hits_of_each(self._program.filter, some)
            for number, text in enumerate(some):
                yield clean_document(self._program, Document(text), hits=hits.get(number, {}))

    def clean_batch(self, batch: ArrowData, column: str = "text") -> ArrowData:
        """Return an Arrow record batch or table with the texts of a column cleaned, and a column `removals` added.

        For each text it lists the `start`, `end` and `rule` of what was removed, as characters of the original.
        A text in which no rule can find anything is not even made a Python string. What is null stays null.
        Needs `pyarrow`. Raises KeyError if there is no such column, and TypeError if it does not hold text.
        """
        from bodycopy.arrow import cleaned  # noqa: PLC0415 - an extra

        program = self._program
        chosen = None if program.by_form_alone or program.filter.always else program.filter
        return cleaned(batch, column, chosen, partial(clean_document, program))

    def __getstate__(self) -> tuple[RuleSet, bool]:
        return self.rules, self._prefilter

    def __setstate__(self, state: tuple[RuleSet, bool]) -> None:
        rules, self._prefilter = state
        self._program = Program(RuleSet(rules), prefilter=self._prefilter)


def clean(text: str, url: str | None = None) -> Result:
    """Clean one text with the built-in rules; to clean many, make a `Cleaner` once.

    >>> clean("The storm has passed.\\n\\nimage beaconimage beacon").text
    'The storm has passed.'
    """
    return _builtin().clean(text, url)


@cache
def _builtin() -> Cleaner:
    return Cleaner()


def clean_document(program: Program, document: Document, *, fail_safe: bool = True, hits: Hits | None = None) -> Result:
    """Clean one document; without the fail-safe also where nearly all of its prose goes.

    `hits` are its lines that are worth a look, if that is known already.
    """
    text = document.text
    if hits is None:
        hits = program.filter.lines_of(text)
    needs_look = program.by_form_alone or bool(program.filter.always)
    first = {} if needs_look else first_rules(program, hits)
    if not (first or needs_look):
        return Result(text)
    reading = Reading(program, document)
    contents = text.split("\n")
    try:
        if not needs_look and is_untouched(reading, contents, first):
            return Result(text)
        slots = _fitting(reading, contents, hits)
        del first, hits  # A text may have a million lines.
        if not reading.able(frozenset().union(*set(slots.values()))):
            return Result(text)
        lines, rows = Lines(text, contents), rows_of(contents, slots)
        del contents, slots
        left, found, passes = _passes(reading, rows)
    except GaveUpError as error:
        return Result(text, flagged=f"left whole: {error}")
    removals, matches = explain(text, program.rules, pieces_gone(text, lines, rows, left), found)
    if fail_safe and _loses_too_much(rows, left):
        reason = f"left whole: over {MOST_PROSE_GONE:.0%} of its prose would go"
        return Result(text, flagged=reason, matches=spare(matches))
    flagged = f"needed {passes} passes" if passes > MOST_PASSES else None
    return Result(render(text, removals), removals, flagged, matches)


def _fitting(reading: Reading, contents: Sequence[str], hits: Hits) -> dict[int, frozenset[int]]:
    """Return the slots that fit lines, for the lines that any fits."""
    lines = range(len(contents)) if reading.program.filter.always else hits
    fitting = ((n, reading.fitting(contents[n], hits.get(n, ()))) for n in lines if contents[n].strip())
    return {number: slots for number, slots in fitting if slots}


def _passes(reading: Reading, rows: Sequence[Row]) -> tuple[Sequence[Row], list[Found], int]:
    """Repeat the pass until it removes nothing; return what is left, what was found, and the number of passes."""
    found: list[Found] = []
    for passes in range(1, END_OF_PASSES + 1):
        settled = reading.settle(rows)
        finders = Finders(settled, reading)
        finders.run()
        found += finders.found
        left = [row for row, gone in zip(settled, finders.state.gone, strict=True) if not gone]
        if _same(left, rows):
            return left, [*found, *reading.spans], passes
        if _same(settled, rows) and finders.is_last():
            return left, [*found, *reading.spans], passes + 1
        rows = left
    raise GaveUpError(f"more than {END_OF_PASSES} passes")


def _same(some: Sequence[Row], others: Sequence[Row]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


def _loses_too_much(before: Sequence[Row], after: Sequence[Row]) -> bool:
    """Compare the words of the prose lines with what is left of those lines."""
    changed = ((row, rest) for row, rest in paired(before, after) if rest is not row)
    lost = sum(row.words - (rest.words if rest else 0) for row, rest in changed if row.prose)
    had = 0
    for row in before if lost else ():
        if lost <= MOST_PROSE_GONE * had:
            return False
        had += row.words if row.prose else 0
    return lost > MOST_PROSE_GONE * had

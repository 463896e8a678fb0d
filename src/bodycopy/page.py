"""A whole page: whether a text is one, and which of its lines stand around the article.

What a line is worth as a part of the article is a sum of named measurements with the weights of a rule. Runs of lines
that are worth more together than any part of them are found in one go by the algorithm of Ruzzo and Tompa (1999, "A
linear time algorithm for finding all maximal scoring subsequences"). The article reaches from the first to the last of
those that are worth a good share of the best; in doubt that is too much rather than too little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, islice, pairwise, zip_longest
from typing import NamedTuple

from bodycopy import form
from bodycopy.rows import Row
from bodycopy.rules import Gaps, LeadWeights, OtherWeights, PageWeights, ProseWeights, Region

__all__ = ["DATED_WORDS", "Marks", "Page", "Stretch", "stretches"]

_TINY = 3
_SHORT = 7
_MEDIUM = 19
"""Words of the longest tiny, short and medium lines."""

_MOST_WORDS = 90
_LEAD_WORDS = 40
"""Words of a line of prose that count, in general and above the article."""

_MANY_REMOVED = 0.4
_MOST_REMOVED = 0.8
_MOST_KINDS = 10
_ENOUGH = 100
DATED_WORDS = 14
"""Words of the longest row of which it counts that it holds a date."""

_COLONS = (":", "：")
_MOST_COLONS = 4
_PROSE_BEFORE_COMMENTS = 100
_TITLE = 4
"""Words of the shortest title that is known again."""
_MOST_RETURNS = 8
"""Times that a title comes back and is looked at."""


class Stretch(NamedTuple):
    """Rows from `start` to `end`, and their points together."""

    start: int
    end: int
    points: float


class Marks(NamedTuple):
    """The rows that begin comments, of those that stand the short ones that hold a date, and those with an address."""

    comments: frozenset[int]
    dated: frozenset[int]
    addressed: frozenset[int]


class Page:
    """The rows of a pass, which of them are gone, and how many kinds of rules removed them."""

    def __init__(self, rows: Sequence[Row], gone: Sequence[int], kinds: int) -> None:
        self._rows = rows
        self._gone = gone
        self._kinds = kinds

    def may_be(self, region: Region) -> bool:
        """Say whether lines may go around an article, as far as can be said before it is looked for."""
        return self._may_be_page(region.page) or self._has_gaps(region.gaps)

    def _may_be_page(self, page: PageWeights) -> bool:
        return (
            sum(self._gone) >= page.lines
            and self._of_removed(page) + max(0.0, page.tiny) >= _ENOUGH  # The form of all lines is work.
            and self._evidence(page) >= _ENOUGH
        )

    def _has_gaps(self, gaps: Gaps) -> bool:
        return 0 < gaps.kinds <= self._kinds

    def _of_removed(self, page: PageWeights) -> float:
        share = sum(self._gone) / len(self._rows)
        return (
            page.removed * min(_MANY_REMOVED, share)
            + page.mostly * max(0.0, min(_MOST_REMOVED, share) - _MANY_REMOVED)
            + page.kinds * min(_MOST_KINDS, self._kinds)
        )

    def _evidence(self, page: PageWeights) -> float:
        return self._of_removed(page) + page.tiny * self._tiny / len(self._rows)

    @cached_property
    def _words(self) -> list[int]:
        """The number of words, row by row."""
        return [row.words for row in self._rows]

    @cached_property
    def _tiny(self) -> int:
        """How many rows have few words; none of them is prose."""
        return sum([not row.has_words(_TINY + 1) for row in self._rows])

    def around(self, region: Region, marks: Marks) -> list[int]:
        """Return the rows that go around the article, of those that stand: all if this is a page, else those in gaps.

        That is work, so ask only where there may be some (`may_be`).
        """
        points = list(self._points(region, marks))
        found = stretches(points)
        best = _best(found)
        if best.points < region.least:
            return []
        title = self._title(points, region.title * best.points) if region.title else 0
        if title:
            found = _below(title, points)
            best = _best(found)
        start = min(s.start for s in found if s.start <= best.start and s.points >= region.above * best.points)
        end = max(s.end for s in found if s.end >= best.end and s.points >= region.below * best.points)
        first, last = max(title, self._with_lead(start, region.lead)), self._with_margin(end, region.margin, marks)
        head = [*self._standing(range(title)), *self._above(title, first, region.prose_above)]
        tail = self._standing(range(last, len(self._rows)))
        menus = list(self._menus(start, end, region.menu)) if region.menu else []
        rival = max((s.points for s in found if s.end <= start or s.start >= end), default=0.0) / best.points
        outside = {*head, *menus, *tail}
        inside = [number for number in self._standing(range(start, end)) if number not in outside]
        asides = list(self._asides(inside, region.aside)) if region.aside else []
        article = sorted({*inside}.difference(asides))
        around = [*head, *menus, *tail]
        if not self._is_page(region.page, article, around, rival):
            return self._in_gaps(around, region.gaps)
        return [*_if_enough(head, region.side), *menus, *asides, *_if_enough(tail, region.side)]

    def _is_page(self, page: PageWeights, article: Sequence[int], outside: Sequence[int], rival: float) -> bool:
        """Say whether the evidence is enough, with what the article and the rest look like."""
        if not self._may_be_page(page):
            return False
        short = sum(self._words[n] <= _SHORT and not self._prose[n] for n in article)
        colons = sum(self._rows[n].text.rstrip().endswith(_COLONS) for n in outside)
        digits = sum(form.has_digit(self._rows[n].text) for n in outside)
        points = (
            self._evidence(page)
            + page.short * short / max(1, len(article))
            + page.colon * min(_MOST_COLONS, colons)
            + page.digits * digits / max(1, len(outside))
            + page.rival * min(1.0, rival)
        )
        return points >= _ENOUGH

    def _in_gaps(self, around: Sequence[int], gaps: Gaps) -> list[int]:
        """Return the rows that stand between two that other rules removed, with few others, and are no prose."""
        if not self._has_gaps(gaps):
            return []
        removed = [number for number, gone in enumerate(self._gone) if gone]
        near = [range(above, below) for above, below in pairwise(removed) if below - above - 1 <= gaps.lines]
        between = set(chain.from_iterable(near))
        return [number for number in around if number in between and not self._prose[number]]

    def _title(self, points: Sequence[float], least: float) -> int:
        """Return the row at which the title of a page comes back, with a stretch of so many points below, or 0."""
        title = self._rows[0].key
        returns = (n for n, row in enumerate(self._rows[1:], 1) if row.words >= _TITLE and _begins(title, row.key))
        return next((n for n in islice(returns, _MOST_RETURNS) if _best(_below(n, points)).points >= least), 0)

    def _above(self, title: int, start: int, prose_above: int) -> list[int]:
        """Return the rows between a title and an article that go, without the prose that may belong to it."""
        near = start - prose_above
        return [n for n in self._standing(range(title, start)) if n < near or not self._is_lone_prose(n)]

    def _standing(self, rows: range) -> list[int]:
        return [number for number in rows if not self._gone[number]]

    @cached_property
    def _prose(self) -> list[bool]:
        """Whether a row is prose and stands."""
        return [not gone and row.prose for row, gone in zip(self._rows, self._gone, strict=True)]

    @cached_property
    def _prose_beside(self) -> list[int]:
        """How many of its two neighbours are prose, row by row."""
        return [above + below for above, below in zip([False, *self._prose], [*self._prose[1:], False], strict=False)]

    @cached_property
    def _times(self) -> Counter[str]:
        """How often something is said, of rows that are long enough to be prose."""
        return Counter(
            [row.key for row, words in zip(self._rows, self._words, strict=True) if words >= form.PROSE_WORDS]
        )

    def _is_repeated(self, number: int) -> bool:
        """Say whether another row says what this one does; it is long enough to be prose."""
        return self._times[self._rows[number].key] > 1

    def _points(self, region: Region, marks: Marks) -> Iterator[float]:
        under_comments, prose_above = False, 0
        for number, words in enumerate(self._words):
            if self._gone[number]:
                first = number == 0 or not self._gone[number - 1]
                yield region.other.removed * first + region.other.comments * (number in marks.comments)
            elif self._prose[number]:
                word = region.prose.under_comments if under_comments else 1.0
                yield self._points_of_prose(number, region.prose, word, marks)
                prose_above += min(words, _MOST_WORDS)
            else:
                yield self._points_of_other(number, region.other, marks)
            under_comments |= number in marks.comments and prose_above >= _PROSE_BEFORE_COMMENTS

    def _points_of_prose(self, number: int, prose: ProseWeights, word: float, marks: Marks) -> float:
        row = self._rows[number]
        return (
            word * min(self._words[number], _MOST_WORDS)
            + prose.repeated * self._is_repeated(number)
            + prose.bulleted * form.has_bullet(row.text)
            + prose.dated * (number in marks.dated)
            + prose.address * (number in marks.addressed)
        )

    def _points_of_other(self, number: int, other: OtherWeights, marks: Marks) -> float:
        row = self._rows[number]
        return (
            _by_length(self._words[number], other)
            + other.beside_prose * self._prose_beside[number]
            + other.colon * row.text.rstrip().endswith(_COLONS)
            + other.dated * (number in marks.dated)
            + other.address * (number in marks.addressed)
            + other.comments * (number in marks.comments)
        )

    def _with_lead(self, start: int, lead: LeadWeights) -> int:
        """Return where the lead of an article begins: the lines above it that are worth most together."""
        first, best, points = start, 0.0, 0.0
        for number in range(start - 1, max(-1, start - 1 - lead.lines), -1):
            points += self._points_of_lead(number, lead)
            if points > best:
                first, best = number, points
        return first

    def _points_of_lead(self, number: int, lead: LeadWeights) -> float:
        row = self._rows[number]
        if self._gone[number]:
            return lead.removed
        if form.has_bullet(row.text):
            return lead.bulleted
        if row.prose:
            return 0.0 if self._is_repeated(number) else min(row.words, _LEAD_WORDS)
        return lead.tiny if row.words <= _TINY else lead.short if row.words <= _SHORT else lead.long

    def _with_margin(self, end: int, lines: int, marks: Marks) -> int:
        """Return the end of an article with the last long lines that stand right below it."""
        last = end
        for number in range(end, min(len(self._rows), end + lines)):
            if self._gone[number] or number in marks.comments:
                break
            if self._words[number] > _SHORT and not self._is_repeated(number):
                last = number + 1
        return last

    def _is_lone_prose(self, number: int) -> bool:
        """Say whether a row is a long line of prose that says what no other does."""
        row = self._rows[number]
        long = row.words > _SHORT and not form.has_bullet(row.text)
        return self._prose[number] and long and not self._is_repeated(number)

    def _menus(self, start: int, end: int, least: int) -> Iterator[int]:
        """Yield the rows of the menus that stand inside the article: many short lines in a row, tiny on average."""
        run: list[int] = []
        for number in range(start, end + 1):
            if number < end and self._may_be_menu(number):
                run += [] if self._gone[number] else [number]
                continue
            if len(run) >= least and sum(self._words[n] for n in run) <= _TINY * len(run):
                yield from run
            run = []

    def _asides(self, inside: Sequence[int], share: float) -> Iterator[int]:
        """Yield the rows of the article that stand at another indent than its prose, as captions and teasers do.

        What may be a heading, a short line right above prose, stays, and so do items of lists and what announces them.
        """
        words: Counter[int] = Counter()
        for number in inside:
            if self._prose[number]:
                words[form.indent_of(self._rows[number].text)] += self._words[number]
        indent, most = max(words.items(), key=lambda item: (item[1], -item[0]), default=(0, 0))
        if not most or most < share * words.total():
            return
        for number, below in zip_longest(inside, inside[1:]):
            row = self._rows[number]
            heads = row.words <= _SHORT and below is not None and self._prose[below]
            if not (self._prose[number] or heads or form.indent_of(row.text) == indent or _leads_to_list(row.text)):
                yield number

    def _may_be_menu(self, number: int) -> bool:
        return bool(self._gone[number]) or (self._words[number] <= _SHORT and not self._prose[number])


def stretches(points: Sequence[float]) -> list[Stretch]:
    """Return all stretches of rows that have more points together than any part of them or any longer one.

    >>> stretches([4, -5, 3, -3, 1, 2, -2, 2, -2, 1, 5])
    [Stretch(start=0, end=1, points=4.0), Stretch(start=2, end=3, points=3.0), Stretch(start=4, end=11, points=7.0)]
    """
    found: list[_Found] = []
    total = 0.0
    for number, worth in enumerate(points):
        left, total = total, total + worth
        if worth <= 0:
            continue
        start, right = number, total
        while (at := _lower(found, left)) >= 0 and found[at].right < right:
            start, left = found[at].start, found[at].left
            del found[at:]
        found.append(_Found(start, number + 1, left, right, at))
    return [Stretch(one.start, one.end, one.right - one.left) for one in found]


class _Found(NamedTuple):
    """A stretch, the sum of all points before it and up to its end, and the last one before it with a lower sum."""

    start: int
    end: int
    left: float
    right: float
    lower: int


def _lower(found: Sequence[_Found], left: float) -> int:
    """Return the last stretch that has a lower sum before it, or -1; those in between need no look."""
    at = len(found) - 1
    while at >= 0 and found[at].left >= left:
        at = found[at].lower
    return at


def _leads_to_list(text: str) -> bool:
    """Say whether a line is an item of a list or announces one."""
    return form.has_bullet(text) or text.rstrip().endswith(_COLONS)


def _best(found: Sequence[Stretch]) -> Stretch:
    return max(found, key=lambda s: s.points, default=Stretch(0, 0, 0.0))


def _below(row: int, points: Sequence[float]) -> list[Stretch]:
    """Return the stretches of the rows from one on."""
    return [Stretch(row + start, row + end, worth) for start, end, worth in stretches(points[row:])]


def _begins(title: str, key: str) -> bool:
    """Say whether a title, as it is compared, is a line or goes on behind it, as with the name of the site."""
    return title == key or title.startswith(f"{key} ")


def _if_enough(rows: list[int], least: int) -> list[int]:
    return rows if len(rows) >= least else []


def _by_length(words: int, other: OtherWeights) -> float:
    if words <= _TINY:
        return other.tiny
    return other.short if words <= _SHORT else other.medium if words <= _MEDIUM else other.long

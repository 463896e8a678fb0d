"""What a rule means: frozen data, without YAML and without matching.

A rule has one finder (what it finds and what of that it removes) and guards (where and when it may act). A
`RuleSet` is a sorted choice of rules with a digest.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import NamedTuple

from bodycopy.errors import RuleChoiceError, nearest
from bodycopy.patterns import Pattern

__all__ = [
    "AnyLines",
    "Block",
    "Example",
    "Finder",
    "Gaps",
    "Guards",
    "Item",
    "Keep",
    "LeadWeights",
    "LineOf",
    "Lines",
    "Of",
    "OtherWeights",
    "PageWeights",
    "Patterns",
    "Place",
    "ProseWeights",
    "Range",
    "Region",
    "RenamedWarning",
    "Repeat",
    "Rule",
    "RuleSet",
    "Selector",
    "Shape",
    "SpanOf",
    "Where",
    "choose",
    "current_names",
    "renamed",
    "selects",
]

Patterns = tuple[Pattern, ...]
"""A block of patterns: alternatives."""

Selector = str
"""A category, a full rule id, or an fnmatch glob on full ids."""

OFF_BY_DEFAULT = frozenset({"headline"})
"""Categories that act only when asked for: the headline is part of the article to most readers."""


class RenamedWarning(UserWarning):
    """A rule is called by an id that it no longer has."""


class Place(NamedTuple):
    """A place in a pack, as reports call it; `line` counts from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Where(StrEnum):
    """The part of the text in which a rule may act."""

    HEAD = "head"
    TAIL = "tail"
    EDGE = "edge"
    ANYWHERE = "anywhere"


class Of(StrEnum):
    """The line that a `repeat` repeats."""

    HEAD = "head"
    ABOVE = "above"
    BELOW = "below"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Range:
    """A closed range; an open end is minus or plus infinity."""

    low: float = float("-inf")
    high: float = float("inf")

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class SpanOf:
    """Finds a piece of a line."""

    patterns: Patterns


@dataclass(frozen=True, slots=True)
class LineOf:
    """Finds a line that is one of the patterns."""

    patterns: Sequence[Pattern]
    """A tuple, or what equals one."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Finds a line on which a pattern matches, and protects it."""

    patterns: Patterns


@dataclass(frozen=True, slots=True)
class Item:
    """A member of a sequence: a line that is one of the patterns."""

    patterns: Patterns
    optional: bool = False


@dataclass(frozen=True, slots=True)
class AnyLines:
    """A member of a sequence: `low` to `high` lines that are not prose."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Lines:
    """Finds a sequence of lines. At least one member is an `Item` that is not optional."""

    items: tuple[Item | AnyLines, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Finds the lines from one to another. Without `end` the block runs to the end of the text."""

    start: Patterns
    end: Patterns = ()
    with_end: bool = True
    max_lines: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """Finds lines by form: every condition that is not None holds, on `run` such lines in a row or more."""

    words: Range | None = None
    sentence: bool | None = None
    capitals: Range | None = None
    digits: Range | None = None
    bullet: bool | None = None
    other_indent: bool | None = None
    run: int = 1


@dataclass(frozen=True, slots=True)
class Repeat:
    """Finds a line that repeats another.

    With `prefix` or `suffix` the line is the other one with that before or after it; with `without` it is the
    other one less that at its start or end; with `cut` its end is cut off with an ellipsis. With none of them the
    two lines are equal, and the later one is found.
    """

    of: Of
    prefix: Patterns = ()
    suffix: Patterns = ()
    without: Patterns = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class PageWeights:
    """How many points make a text a whole page; 100 are enough."""

    lines: int = 1
    """So many of its lines other rules must have removed, whatever the points."""
    removed: float = 0
    """Times the share of its lines that other rules removed, which counts up to 0.4."""
    mostly: float = 0
    """Times what that share has beyond 0.4, which counts up to 0.8."""
    kinds: float = 0
    """For each category of these rules, up to ten."""
    tiny: float = 0
    """Times the share of its lines that have up to three words and are no prose."""
    short: float = 0
    """Times the share of the lines of what is taken for the article that are no prose and have up to seven words."""
    colon: float = 0
    """For each line that would go and ends in a colon, as what announces a list does; up to four count."""
    digits: float = 0
    """Times the share of the lines that would go that hold a digit, as measures and addresses do."""
    rival: float = 0
    """Times the points of the best stretch that would go, as a share of those of the best that stays; up to 1."""


@dataclass(frozen=True, slots=True)
class ProseWeights:
    """Points of a line of prose: one for each word up to 90, and these."""

    repeated: float = 0
    bulleted: float = 0
    dated: float = 0
    address: float = 0
    under_comments: float = 1
    """What each word counts below a line that begins comments."""


@dataclass(frozen=True, slots=True)
class OtherWeights:
    """Points of a line that is no prose: those of its length, and the others that apply."""

    long: float = 0
    """20 words or more."""
    medium: float = 0
    """8 to 19 words."""
    short: float = 0
    """4 to 7 words."""
    tiny: float = 0
    """Up to 3 words."""
    beside_prose: float = 0
    """For each of its two neighbours that is prose."""
    colon: float = 0
    dated: float = 0
    address: float = 0
    comments: float = 0
    """It begins comments."""
    removed: float = 0
    """Another rule removes it, and not the line above; then nothing else counts."""


@dataclass(frozen=True, slots=True)
class LeadWeights:
    """Points of the lines right above the article, among which the headline and its company are."""

    lines: int = 0
    """So many lines are looked at."""
    long: float = 0
    """Eight words or more."""
    short: float = 0
    """4 to 7 words."""
    tiny: float = 0
    removed: float = 0
    bulleted: float = 0


@dataclass(frozen=True, slots=True)
class Gaps:
    """Which lines around an article go although it is not sure that the text is a whole page."""

    kinds: int = 0
    """Rules of so many categories must have removed something; 0: no line goes."""
    lines: int = 0
    """So many lines may stand between two that other rules removed; they go unless they are prose."""


@dataclass(frozen=True, slots=True)
class Region:
    """Finds, in a text that is a whole page, the lines around the article.

    A stretch of lines has the points of its lines. The article reaches from the first to the last of the stretches
    that have a good share of the best one's points.
    """

    page: PageWeights
    prose: ProseWeights
    other: OtherWeights
    lead: LeadWeights
    least: float
    """Points that the best stretch needs."""
    above: float
    """The share of them that makes a stretch above it part of the article."""
    below: float
    side: int = 1
    """Where fewer lines would go from above, or from below, they stay."""
    prose_above: int = 0
    """Lines above the article in which prose is left alone that stands only once."""
    margin: int = 0
    """Lines right below the article in which its last long lines are looked for."""
    menu: int = 0
    """Short lines in a row that are a menu even inside the article; 0: none is."""
    title: float = 0
    """The first line of many a page is its title. Where it comes back, and the best stretch below has this share of the
    points of the best in all, the article stands there, and what is above goes; 0: it is nothing.
    """
    aside: float = 0
    """The share of the article's words of prose that must stand at one indent for lines at another to go; 0: none goes.
    What has a bullet or may be a heading stays.
    """
    gaps: Gaps = Gaps()
    comments: Patterns = ()
    """Lines that begin comments."""
    dates: Patterns = ()
    """What makes a short line dated."""
    addresses: Patterns = ()
    """What makes a line hold an address."""


Finder = SpanOf | LineOf | Lines | Block | Shape | Repeat | Keep | Region


@dataclass(frozen=True, slots=True)
class Guards:
    """Where and when a rule may act. `words`, `sentence` and `unless` look at the (first) line that it finds."""

    where: Where = Where.ANYWHERE
    after: tuple[Selector, ...] = ()
    before: tuple[Selector, ...] = ()
    near: tuple[Selector, ...] = ()
    words: Range | None = None
    sentence: bool | None = None
    unless: Patterns = ()
    share: float | None = None
    site: tuple[str, ...] = ()
    fingerprint: Patterns = ()


@dataclass(frozen=True, slots=True)
class Example:
    """A rule's proof: a text of which every line goes, or nothing, or all but `leaves`."""

    text: str
    leaves: str
    carried: bool
    """Tried inside a carrier article (`remove`, `keep`), not as a text of its own (`text`, `leaves`)."""
    line: int
    file: str = ""
    """The file of the rule, or of a pack that adds the example to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule with its full id, `<category>/<pack>/<id>`, and its place in a file."""

    id: str
    finder: Finder
    file: str
    line: int
    guards: Guards = Guards()
    score: int | None = None
    """Weak evidence, in hundredths; 100 on a line are enough to remove it. None: the rule is enough by itself."""
    trial: bool = False
    default: bool = True
    lang: str = ""
    about: str = ""
    source: str = ""
    was: tuple[str, ...] = ()
    """Full ids that the rule had before; they still name it, with a `RenamedWarning`."""
    examples: tuple[Example, ...] = field(default=(), repr=False, compare=False)
    allow: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)
    """Findings of `rules check` that are meant so: (code, reason), those of its pack included."""
    _digest: bytes = field(default=b"", init=False, repr=False, compare=False)

    @property
    def digest(self) -> bytes:
        """What changes when the rule changes what it does; worked out once, and kept with the rule."""
        if not self._digest:
            meaning = repr((self.id, self.finder, self.guards, self.score, self.trial))
            object.__setattr__(self, "_digest", hashlib.sha256(meaning.encode("utf-8", "surrogatepass")).digest())
        return self._digest

    @property
    def category(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]

    @property
    def pack(self) -> str:
        """The first two parts of the id."""
        return self.id.rpartition("/")[0]


class RuleSet(tuple[Rule, ...]):
    """Rules that act together, sorted by id, so that the order in which they came cannot matter."""

    __slots__ = ()

    def __new__(cls, rules: Iterable[Rule] = ()) -> RuleSet:
        return super().__new__(cls, sorted(rules, key=lambda rule: rule.id))

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change when any rule changes what it does."""
        return hashlib.sha256(b"".join(rule.digest for rule in self)).hexdigest()[:12]


def selects(selector: Selector, rule_id: str) -> bool:
    """Say whether a category, a full id or a glob names a rule.

    >>> selects("comments", "comments/wordpress/form"), selects("*/wordpress/*", "comments/wordpress/form")
    (True, True)
    """
    if "/" in selector or any(sign in selector for sign in "*?["):
        return fnmatchcase(rule_id, selector)
    return rule_id.startswith(f"{selector}/")


def renamed(former: str, current: str) -> str:
    """Say that a rule has a new id."""
    return f"{former} was renamed to {current}"


def current_names(selectors: Iterable[Selector], rules: Iterable[Rule]) -> list[Selector]:
    """Return the selectors with current ids for former ones. Warns with RenamedWarning of each."""
    current = {former: rule.id for rule in rules for former in rule.was}
    selectors = list(selectors)
    for selector in selectors:
        if selector in current:
            warnings.warn(renamed(selector, current[selector]), RenamedWarning, stacklevel=4)
    return [current.get(selector, selector) for selector in selectors]


def choose(
    rules: Iterable[Rule],
    *,
    only: Sequence[Selector] = (),
    also: Sequence[Selector] = (),
    skip: Sequence[Selector] = (),
) -> RuleSet:
    """Return the rules that act: `only` (or all that are on by default), plus `also`, minus `skip`.

    A `keep` rule stays on whatever `only` says. Raises RuleChoiceError for a selector that names no rule.
    """
    rules = list(rules)
    only, also, skip = (current_names(selectors, rules) for selectors in (only, also, skip))
    for selector in (*only, *also, *skip):
        if selector not in OFF_BY_DEFAULT and not any(selects(selector, rule.id) for rule in rules):
            known = {rule.id for rule in rules} | {rule.category for rule in rules}
            raise RuleChoiceError(f'no rule, category or glob "{selector}"; {_hint(selector, known)}')

    def named(rule: Rule, selectors: Sequence[Selector]) -> bool:
        return any(selects(selector, rule.id) for selector in selectors)

    def starts_on(rule: Rule) -> bool:
        protects = isinstance(rule.finder, Keep) and rule.default
        return protects or (named(rule, only) if only else rule.default)

    return RuleSet(r for r in rules if (starts_on(r) or named(r, also)) and not named(r, skip))


def _hint(selector: Selector, known: set[str]) -> str:
    hint = nearest(selector, known)
    return hint if hint.startswith("did") else "see `bodycopy rules list`"

"""Texts and rule sets to try the promises on: small vocabularies, so that rules really find something."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import cycle
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from bodycopy.matcher import Program
from bodycopy.model import Document
from bodycopy.patterns import Pattern
from bodycopy.rules import (
    AnyLines,
    Block,
    Finder,
    Guards,
    Item,
    Keep,
    LeadWeights,
    LineOf,
    Lines,
    Of,
    OtherWeights,
    PageWeights,
    Patterns,
    ProseWeights,
    Range,
    Region,
    Repeat,
    Rule,
    RuleSet,
    Shape,
    SpanOf,
    Where,
)

__all__ = ["LABELS", "PROSE", "documents", "everything", "make_rule", "rule_sets", "texts"]

T = TypeVar("T")

HEADLINE = "Storm hits the northern coast"

PROSE = (
    "The storm reached the northern coast late on Tuesday and moved inland over the following night.",
    "Nobody was hurt, the mayor said.",
    "Fishermen had brought their boats in, shops were closed, schools sent the children home, the trains stood still "
    "and, as the harbour master recalls, even the lighthouse went dark. It was quiet",
    "“We have never seen waves like these,” said the keeper of the lighthouse, who has lived there for forty years "
    "and who does not intend to leave it now.",
    "Sign up for our newsletter to get the news of the coast every morning.",
    "By the way, image beacon the power came back at noon.",
    "Die Straße war gesperrt, und der Bürgermeister sprach von einem großen Glück für die Stadt.",
    "昨天的风暴给北部海岸带来了很大的损失。",
)
LABELS = (
    "View all comments",
    "View all 12 comments",
    "Share",
    "Share this",
    "Read more",
    "Related",
    "Comments",
    "Leave a Reply",
    "Advertisement",
    "image beacon",
    "image beaconimage beacon",
    "Powered by Example",
    "Keep this",
    "End",
    "Photo: AP",
    "12:30",
    "NEWS",
    "İSTANBUL",
    "ſhare",
    "K",
    "Straße Σας ΣΑΣ",
    "สวัสดี",
    "…",
    "*",
)
HEADLINES = (
    HEADLINE,
    f"News: {HEADLINE}",
    f"{HEADLINE} | The Coast",
    HEADLINE.upper(),
    "Storm hits the…",
    "Storm hits the northern ...",
    "“Storm” hits  the northern coast",
    "News: Storm hits …",
)
ODD = ("\x00", "\ud800", "a\x0cb Share", "Share\u2028this", "\xa0Share\xa0", "x\x85", "\r", "Read\tmore", "-", "\u200b")
BLANK = ("", "", "", " ", "\t", "\xa0", "\x0c")

ENDS = (("\n",), ("\r\n",), ("\n", "\n\n"), ("\n", "\n", "\r\n", "\r", "\n\n\n", " \n"))
LINES = (
    *LABELS * 4,
    *PROSE * 3,
    *HEADLINES * 3,
    *BLANK * 2,
    *ODD,
    *(
        f"{before}{label}{after}"
        for label in LABELS
        for before in ("", "  ", "- ", "  • ")
        for after in ("", " ", ":", " »")
    ),
    *(
        f"{line}{between}{label}"
        for line in (*PROSE, *LABELS[:8])
        for label in LABELS[:14]
        for between in (" ", "", "  ")
    ),
)

PATTERNS = (
    "View all *",
    "View all comments",
    "Share",
    "Share this",
    "Share *",
    "Read more",
    "Related",
    "Comments",
    "* comments",
    "Leave a Reply",
    "Advertisement",
    "image beacon",
    "End",
    "Photo: *",
    "News",
    "News:",
    "| The Coast",
    "Straße *",
    "straße σας σας",
    "Istanbul",
    "K",
    "สวัสดี",
    r"\*",
    "…",
    HEADLINE,
    "Storm",
    "The storm *",
    "Sign up for our newsletter *",
    "Nobody was hurt, the mayor said.",
    "/(image beacon\\s*)+/",
    "/view all (\\d+ )?comments/",
    "/share( this)?/",
    "/.+/",
    "/\\d.*/",
    "/(?-i:\\p{Lu})+/",
    "/.*storm.*/",
    "/b?e(?=acon)/",
    "/\\w+ \\w+/",
    "/(?:the )?coast|harbour/",
    "/ſ|ß|K/",
    "/(.)\\1/",
    "/x*/",
)
RARE = tuple(p for p in PATTERNS if p not in ("/.+/", "/\\w+ \\w+/", "/x*/", "* comments", "/.*storm.*/", "/(.)\\1/"))
"""Patterns that do not fit nearly every line."""

CATEGORIES = ("comments", "legal", "sharing")
SELECTORS = (*CATEGORIES, "comments/a/r1", "*/b/*", "legal/a/*", "*")


def texts() -> st.SearchStrategy[str]:
    """Draw a text: often with more than 100 words of prose, often with less, in every kind of line ends."""
    lines = st.lists(st.sampled_from(LINES), max_size=16)
    body = st.lists(st.sampled_from(PROSE[:5]), min_size=4, max_size=7)
    return st.builds(
        _joined, lines, st.one_of(st.just([]), body), st.integers(0, 16), st.sampled_from(ENDS), st.booleans()
    )


def _joined(lines: list[str], body: list[str], at: int, ends: tuple[str, ...], is_ended: bool) -> str:
    lines = [*lines[:at], *body, *lines[at:]]
    text = "".join(line + end for line, end in zip(lines, cycle(ends)))
    return text if is_ended else text.rstrip("\r\n")


def documents() -> st.SearchStrategy[Document]:
    """Draw a document, with an address or without."""
    urls = (None, "https://www.example.org/news/1", "https://other.net/", "http://[")
    return st.builds(Document, texts(), st.sampled_from(urls))


def make_rule(rule_id: str, finder: Finder, guards: Guards = Guards(), **more: Any) -> Rule:  # noqa: B008
    """Return a rule with a place, so that a test names only what matters to it."""
    return Rule(id=rule_id, finder=finder, guards=guards, file="rules.yaml", line=3, **more)


def rule_sets(pool: int = 2000) -> st.SearchStrategy[RuleSet]:
    """Draw a rule set in which every finder and every guard can occur.

    Drawing the parts of a rule one by one takes much longer than cleaning, so whole rules are drawn, from a pool.
    """
    rules = st.lists(st.sampled_from(_pool(pool)), min_size=1, max_size=6)
    return rules.map(lambda drawn: RuleSet(replace(rule, id=f"{rule.id}{n}") for n, rule in enumerate(drawn)))


@cache
def _pool(size: int) -> tuple[Rule, ...]:
    chance = Random(size)
    return tuple(_rule(chance) for _ in range(size))


def _rule(chance: Random) -> Rule:
    rule_id = f"{chance.choice(CATEGORIES)}/{chance.choice('ab')}/r"
    finder = chance.choice((_line, _line, _span, _keep, _sequence, _block, _shape, _repeat, _region))(chance)
    weighs = isinstance(finder, LineOf | Shape | Repeat) and chance.random() < 0.25
    score = chance.choice((30, 40, 50, 60, 100)) if weighs else None
    trial = not isinstance(finder, Keep) and chance.random() < 0.1
    return make_rule(rule_id, finder, _guards(chance, finder), score=score, trial=trial)


def _patterns(chance: Random, most: int = 3, pool: tuple[str, ...] = RARE) -> Patterns:
    return tuple(map(Pattern, chance.sample(pool, chance.randint(1, most))))


def _line(chance: Random) -> Finder:
    return LineOf(_patterns(chance, pool=PATTERNS))


def _span(chance: Random) -> Finder:
    return SpanOf(_patterns(chance))


def _keep(chance: Random) -> Finder:
    return Keep((Pattern(chance.choice(("Keep this", "Nobody *", "lighthouse", "12", "ſhare"))),))


def _sequence(chance: Random) -> Finder:
    items: list[Item | AnyLines] = [Item(_patterns(chance, 2))]
    for _ in range(chance.randint(0, 3)):
        if isinstance(items[-1], Item) and chance.random() < 0.5:
            items.append(_any_lines(chance))
        else:
            items.append(Item(_patterns(chance, 2, PATTERNS), optional=chance.random() < 0.5))
    if chance.random() < 0.25:
        items.insert(0, _any_lines(chance))
    return Lines(tuple(items))


def _any_lines(chance: Random) -> AnyLines:
    low = chance.randint(0, 2)
    return AnyLines(low, max(1, low + chance.randint(0, 3)))


def _block(chance: Random) -> Finder:
    end = chance.choice(((), _patterns(chance, 2), _patterns(chance, 2)))
    return Block(_patterns(chance, 2), end, chance.random() < 0.5, chance.choice((None, chance.randint(1, 6))))


def _shape(chance: Random) -> Finder:
    return Shape(
        words=chance.choice((Range(0, 3), Range(1, 6), Range(2))),
        sentence=chance.choice((None, None, True, False)),
        capitals=chance.choice((None, None, None, Range(0.5))),
        digits=chance.choice((None, None, None, Range(0.3, 1))),
        bullet=chance.choice((None, None, True, False)),
        other_indent=chance.choice((None, None, True)),
        run=chance.randint(1, 4),
    )


def _repeat(chance: Random) -> Finder:
    of = chance.choice(tuple(Of))
    affix = (Pattern("News:"),) if chance.random() < 0.5 else _patterns(chance, 2)
    return chance.choice(
        (
            Repeat(of),
            Repeat(of, prefix=affix),
            Repeat(of, suffix=(*affix, Pattern("| The Coast"))),
            Repeat(of, without=(*affix, Pattern("| The Coast"))),
            Repeat(of, cut=True),
            Repeat(of, prefix=affix, cut=True),
        )
    )


def _region(chance: Random) -> Finder:
    return Region(
        page=PageWeights(
            chance.randint(1, 3), removed=chance.choice((100, 500)), kinds=chance.choice((20, 50)), tiny=50
        ),
        prose=ProseWeights(repeated=-20, bulleted=8, dated=-8, under_comments=chance.choice((0.3, 1))),
        other=OtherWeights(
            long=-8, short=-3, tiny=-11, beside_prose=chance.choice((-3, 3)), colon=12, comments=-30, removed=-15
        ),
        lead=LeadWeights(chance.choice((0, 4)), long=4, tiny=-3),
        least=chance.choice((1, 20)),
        above=chance.choice((0.1, 1)),
        below=chance.choice((0.1, 1)),
        side=chance.choice((1, 3)),
        prose_above=chance.choice((0, 4)),
        margin=chance.choice((0, 3)),
        menu=chance.choice((0, 3)),
        title=chance.choice((0, 0.2, 1)),
        aside=chance.choice((0, 0.5, 1)),
        comments=(Pattern("Comments"),),
        dates=(Pattern("/\\d{2}:\\d{2}/"),),
    )


def _guards(chance: Random, finder: Finder) -> Guards:
    def seldom(value: T, default: T) -> T:
        return value if chance.random() < 0.25 else default

    site = seldom(("example.org",), ())
    if isinstance(finder, Keep | Region):
        return Guards(site=site)
    guards = Guards(
        site=site,
        fingerprint=(Pattern("Powered by Example"),) if site and chance.random() < 0.5 else (),
        unless=seldom(_patterns(chance, 1), ()),
        words=seldom(chance.choice((Range(1, 3), Range(2))), None),
        sentence=seldom(chance.random() < 0.5, None),
    )
    if isinstance(finder, SpanOf):
        return guards
    return replace(
        guards,
        where=chance.choice((*Where, Where.ANYWHERE, Where.ANYWHERE)),
        after=seldom((chance.choice(SELECTORS),), ()),
        before=seldom((chance.choice(SELECTORS),), ()),
        near=seldom((chance.choice(SELECTORS),), ()),
        share=seldom(chance.choice((0.3, 0.8)), None) if isinstance(finder, Block) else None,
    )


@cache
def everything() -> Program:
    """Return a rule set with every finder."""
    finders: tuple[Finder, ...] = (
        SpanOf((Pattern("image beacon"), Pattern("/\\d{2}:\\d{2}/"))),
        LineOf((Pattern("View all *"), Pattern("/share( this)?/"))),
        Lines((AnyLines(0, 1), Item((Pattern("Related"),)), Item((Pattern("Read more"),), True), AnyLines(0, 3))),
        Block((Pattern("Leave a Reply"),), (Pattern("End"),), max_lines=10),
        Block((Pattern("Comments"),), (Pattern("End"),), with_end=False),
        Block((Pattern("Advertisement"),)),
        Shape(words=Range(1, 3), sentence=False, run=3),
        Shape(digits=Range(0.5)),
        Shape(capitals=Range(0.5)),
        Shape(words=Range(0, 4), other_indent=True, bullet=True),
        *(Repeat(of) for of in Of),
        *(Repeat(of, cut=True) for of in Of),
        *(Repeat(of, prefix=(Pattern("News:"),)) for of in Of),
        *(Repeat(of, suffix=(Pattern("| The Coast"),)) for of in Of),
        *(Repeat(of, without=(Pattern("News:"), Pattern("| *"))) for of in Of),
        Keep((Pattern("Keep this"),)),
    )
    return Program(RuleSet(make_rule(f"legal/a/r{number}", finder) for number, finder in enumerate(finders)))

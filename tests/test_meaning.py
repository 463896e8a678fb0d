"""What every finder and guard means, case by case; what is expected was read in the design, not in the code."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bodycopy.cleaner import clean_document
from bodycopy.matcher import Program
from bodycopy.model import Document, Outcome
from bodycopy.patterns import Pattern
from bodycopy.rules import (
    AnyLines,
    Block,
    Finder,
    Guards,
    Item,
    Keep,
    LineOf,
    Lines,
    Of,
    Patterns,
    Range,
    Repeat,
    Rule,
    RuleSet,
    Shape,
    SpanOf,
    Where,
)
from strategies import make_rule

DAYS = [f"On day {number} the storm moved on along the coast.\n" for number in range(10)]  # ten words each
BODY = "".join(DAYS)
SHORT = "".join(DAYS[:9])
COOKIES = "This site uses cookies to know you again.\n"
HEAD, TAIL, EDGE = (Guards(where=where) for where in (Where.HEAD, Where.TAIL, Where.EDGE))


def p(*sources: str) -> Patterns:
    return tuple(map(Pattern, sources))


def line(*sources: str) -> LineOf:
    return LineOf(p(*sources))


def one(*sources: str) -> Item:
    return Item(p(*sources))


def maybe(*sources: str) -> Item:
    return Item(p(*sources), optional=True)


def rule(finder: Finder, guards: Guards = Guards(), name: str = "r", category: str = "legal", **more: object) -> Rule:  # noqa: B008
    return make_rule(f"{category}/a/{name}", finder, guards, **more)


@dataclass
class Case:
    rules: list[Rule]
    text: str
    expected: str
    removed_by: list[str] | None = None
    url: str | None = None


def a_line(*sources: str, **guards: object) -> list[Rule]:
    return [rule(line(*sources), Guards(**guards))]  # type: ignore[arg-type]


X = rule(line("x", "x1", "x2", "x3"), name="x", category="sharing")
"""Removes lines, so that what is beside them moves together."""

PLACE = {
    "head": Case(a_line("Share", where=Where.HEAD), f"Share\n{BODY}Share\n", f"{BODY}Share\n"),
    "tail": Case(a_line("Share", where=Where.TAIL), f"Share\n{BODY}Share\n", f"Share\n{BODY}"),
    "edge": Case(a_line("Share", where=Where.EDGE), f"Share\n{DAYS[0]}Share\n{BODY}Share\n", f"{DAYS[0]}Share\n{BODY}"),
    "anywhere": Case(a_line("Share"), f"{DAYS[0]}Share\n{DAYS[1]}", f"{DAYS[0]}{DAYS[1]}"),
    "prose is in the head itself": Case(
        a_line(COOKIES.strip(), where=Where.HEAD), f"Title\n{COOKIES}{BODY}", f"Title\n{BODY}"
    ),
    "the head moves on": Case(
        a_line(COOKIES.strip(), "Share", where=Where.HEAD), f"{COOKIES}Share\n{COOKIES}Share\n{BODY}", BODY
    ),
    "the tail moves on": Case(
        a_line(COOKIES.strip(), "Share", where=Where.TAIL), f"{BODY}Share\n{COOKIES}Share\n{COOKIES}", BODY
    ),
    "the head ends at prose that stands": Case(
        a_line(COOKIES.strip(), where=Where.HEAD), f"{DAYS[0]}{COOKIES}{BODY}", f"{DAYS[0]}{COOKIES}{BODY}"
    ),
    "less than 100 words": Case(a_line("Share", where=Where.HEAD), f"Share\n{SHORT}", f"Share\n{SHORT}"),
    "100 words": Case(a_line("Share", where=Where.HEAD), f"Share\n{BODY}", BODY),
    "less than 100 words has no edge": Case(a_line("Share", where=Where.EDGE), f"{SHORT}Share\n", f"{SHORT}Share\n"),
    "no prose at all is head": Case(a_line("Share", where=Where.HEAD), "Title\nShare\nEnd\n", "Title\nEnd\n"),
    "no prose at all is tail": Case(a_line("Share", where=Where.TAIL), "Title\nShare\nEnd\n", "Title\nEnd\n"),
    "a kept line of prose stands": Case(
        [*a_line("Share", where=Where.TAIL), rule(Keep(p("cookies")), name="k")],
        f"{BODY}Share\n{COOKIES}Share\n",
        f"{BODY}Share\n{COOKIES}",
    ),
    "a teaser is no prose": Case(
        a_line("Share", where=Where.TAIL),
        f"{BODY}Share\nThe minister of the north said on Monday …\n",
        f"{BODY}The minister of the north said on Monday …\n",
    ),
    "the 100 words are measured once in a pass": Case(
        [rule(line(DAYS[0].strip())), rule(line("Share"), TAIL, name="s")], f"{BODY}Share\n", "".join(DAYS[1:])
    ),
    "a repeat of the headline at the head": Case(
        [rule(Repeat(Of.HEAD))], f"The title\n{BODY}The title\n", f"The title\n{BODY}"
    ),
}

BESIDE = {
    "after": Case([X, *a_line("y", after=("sharing",))], "x\ny\ny2\n", "y2\n"),
    "after what was not removed": Case([X, *a_line("y", after=("sharing",))], "z\ny\n", "z\ny\n"),
    "after by full id": Case([X, *a_line("y", after=("sharing/a/x",))], "x\ny\n", ""),
    "after by glob": Case([X, *a_line("y", after=("*/a/x",))], "x\ny\n", ""),
    "after another id": Case([X, *a_line("y", after=("sharing/a/other",))], "x\ny\n", "y\n"),
    "after is not before": Case([X, *a_line("y", after=("sharing",))], "y\nx\n", "y\n"),
    "after chains": Case([X, *a_line("y", after=("sharing", "legal"))], "x\ny\ny\ny\nz\ny\n", "z\ny\n"),
    "after passes over what else went": Case(
        [X, *a_line("y", after=("sharing",)), rule(line("z"), name="z", category="video")], "x\nz\ny\n", ""
    ),
    "after passes over blank lines": Case([X, *a_line("y", after=("sharing",))], "a\n\nx\n\n\ny\nb\n", "a\n\n\nb\n"),
    "after a line that spans emptied": Case(
        [rule(SpanOf(p("ad")), name="s", category="sharing"), *a_line("y", after=("sharing",))], "ad ad\ny\nz\n", "z\n"
    ),
    "after a line from which a span went": Case(
        [rule(SpanOf(p("ad")), name="s", category="sharing"), *a_line("y", after=("sharing",))], "z ad\ny\n", "z\ny\n"
    ),
    "a kept line stands between": Case(
        [X, *a_line("y", after=("sharing",)), rule(Keep(p("kept")), name="k")], "x\nkept\ny\n", "kept\ny\n"
    ),
    "before": Case([X, *a_line("y", before=("sharing",))], "y\nx\ny\n", "y\n"),
    "before chains": Case([X, *a_line("y", before=("sharing", "legal"))], "z\ny\ny\nx\n", "z\n"),
    "near is either": Case([X, *a_line("y", near=("sharing",))], "y\nx\ny\nz\ny\n", "z\ny\n"),
    "after and before are both needed": Case(
        [X, *a_line("y", after=("sharing",), before=("sharing",))], "x\ny\nz\nx\ny\nx\n", "y\nz\n"
    ),
    "after a rule that found what was gone already": Case(
        [X, rule(line("x"), name="other", category="video"), *a_line("y", after=("video",))], "x\ny\n", ""
    ),
    "after the end of the sequence that went": Case(
        [rule(Lines((one("a"), one("b"))), name="s", category="sharing"), *a_line("y", after=("sharing",))],
        "a\nb\ny\n",
        "",
    ),
    "a sequence after": Case(
        [X, rule(Lines((one("a"), one("b"))), Guards(after=("sharing",)))], "a\nb\nx\na\nb\n", "a\nb\n"
    ),
    "a sequence before": Case(
        [X, rule(Lines((one("a"), one("b"))), Guards(before=("sharing",)))], "a\nb\nx\na\nb\n", "a\nb\n"
    ),
    "a rule on trial makes no news": Case(
        [rule(line("x"), name="x", category="sharing", trial=True), *a_line("y", after=("sharing",))],
        "x\ny\n",
        "x\ny\n",
    ),
}

GUARDS = {
    "words": Case(
        a_line("Next *", words=Range(1, 3)), "Next\nNext page here\nNext day it rained\n", "Next day it rained\n"
    ),
    "sentence: false": Case(a_line("Next *", sentence=False), "Next page\nNext it rained.\n", "Next it rained.\n"),
    "sentence: true": Case(a_line("Next *", sentence=True), "Next page\nNext it rained.\n", "Next page\n"),
    "unless": Case(a_line("Next *", unless=p("rain")), "Next rain\nNext rainbow\n", "Next rain\n"),
    "unless by expression": Case(
        a_line("Next *", unless=p("/rain/")), "Next rain\nNext rainbow\n", "Next rain\nNext rainbow\n"
    ),
    "share reached": Case([rule(Block(p("Comments")), Guards(share=0.8))], f"{BODY}Comments\n{DAYS[0]}", BODY),
    "share not reached": Case(
        [rule(Block(p("Comments")), Guards(share=0.8))], f"{DAYS[0]}Comments\n{BODY}", f"{DAYS[0]}Comments\n{BODY}"
    ),
    "share is measured again in each pass": Case(
        [rule(Block(p("Comments")), Guards(share=0.8)), rule(Block(p("More"), p("End")), name="m")],
        f"{BODY}Comments\n{DAYS[0] * 2}More\n{BODY}End\n",
        BODY,
    ),
    "site by address": Case(a_line("y", site=("example.org",)), "z\ny\n", "z\n", url="https://www.Example.org/y"),
    "another site": Case(a_line("y", site=("example.org",)), "z\ny\n", "z\ny\n", url="https://badexample.org/y"),
    "no address": Case(a_line("y", site=("example.org",)), "z\ny\n", "z\ny\n"),
    "site by fingerprint": Case(
        a_line("y", site=("example.org",), fingerprint=p("Powered by E")), "y\nz Powered by E.\n", "z Powered by E.\n"
    ),
    "keep on its site": Case(
        [rule(Keep(p("y")), Guards(site=("example.org",)), name="k"), *a_line("y")],
        "y\n",
        "y\n",
        url="https://example.org",
    ),
    "keep on another site": Case(
        [rule(Keep(p("y")), Guards(site=("example.org",)), name="k"), *a_line("y")], "y\n", ""
    ),
    "trial": Case([rule(line("y"), trial=True)], "y\n", "y\n"),
    "trial of a span": Case([rule(SpanOf(p("y")), trial=True)], "z y z\ny\n", "z y z\ny\n"),
    "trial of a block": Case([rule(Block(p("y")), trial=True)], "z\ny\nx\n", "z\ny\nx\n"),
}

SEQUENCES = {
    "neighbours": Case([rule(Lines((one("a"), one("b"))))], "z\na\nb\nc\n", "z\nc\n"),
    "blank lines between": Case([rule(Lines((one("a"), one("b"))))], "z\na\n\n\nb\nc\n", "z\n\n\nc\n"),
    "only one of two": Case([rule(Lines((one("a"), one("b"))))], "a\nc\nb\n", "a\nc\nb\n"),
    "optional is there": Case([rule(Lines((one("a"), maybe("o"), one("b"))))], "a\no\nb\n", ""),
    "optional is missing": Case([rule(Lines((one("a"), maybe("o"), one("b"))))], "a\nb\no\n", "o\n"),
    "optional at the end": Case([rule(Lines((one("a"), maybe("o"))))], "a\no\na\nz\no\n", "z\no\n"),
    "over a removed line": Case([X, rule(Lines((one("a"), one("b"))))], "a\nx\nb\nz\n", "z\n"),
    "a removed line as a member": Case([X, rule(Lines((one("a"), one("x"), one("b"))))], "a\nx\nb\nz\n", "z\n"),
    "around a kept line": Case(
        [rule(Keep(p("kept")), name="k"), rule(Lines((one("a"), one("b"))))], "a\nkept\nb\nz\n", "kept\nz\n"
    ),
    "a kept line is no member": Case(
        [rule(Keep(p("kept")), name="k"), rule(Lines((one("a"), one("kept"))))], "a\nkept\n", "a\nkept\n"
    ),
    "any between": Case([rule(Lines((one("a"), AnyLines(1, 2), one("b"))))], "a\n1\n2\nb\nz\n", "z\n"),
    "any between, too many": Case(
        [rule(Lines((one("a"), AnyLines(1, 2), one("b"))))], "a\n1\n2\n3\nb\n", "a\n1\n2\n3\nb\n"
    ),
    "any between, too few": Case([rule(Lines((one("a"), AnyLines(1, 2), one("b"))))], "a\nb\n", "a\nb\n"),
    "any between, one removed": Case(
        [X, rule(Lines((one("a"), AnyLines(1, 2), one("b"))))], "a\n1\nx\n3\nb\nz\n", "z\n"
    ),
    "any is no prose": Case(
        [rule(Lines((one("a"), AnyLines(1, 2), one("b"))))], f"a\n{DAYS[0]}b\n", f"a\n{DAYS[0]}b\n"
    ),
    "any at the end": Case([rule(Lines((one("a"), AnyLines(1, 2))))], "a\n1\n2\n3\n", "3\n"),
    "any at the end, one line left": Case([rule(Lines((one("a"), AnyLines(1, 2))))], "a\n1\n", ""),
    "any at the end, none left": Case([rule(Lines((one("a"), AnyLines(1, 2))))], "z\na\n", "z\na\n"),
    "any at the end stops at prose": Case(
        [rule(Lines((one("a"), AnyLines(1, 3))))], f"a\n1\n{DAYS[0]}2\n", f"{DAYS[0]}2\n"
    ),
    "any at the start": Case([rule(Lines((AnyLines(1, 2), one("a"))))], "1\n2\n3\na\nz\n", "1\nz\n"),
    "any at the end does not eat on": Case(
        [rule(Lines((one("a"), AnyLines(1, 1))))], "a\n1\n2\n3\n4\n5\n", "2\n3\n4\n5\n"
    ),
    "an expression for everything does not eat on": Case(
        [rule(Lines((one("a"), one("/.+/"))))], "a\n1\n2\n3\n4\n5\n", "2\n3\n4\n5\n"
    ),
    "an optional expression for everything does not eat on": Case(
        [rule(Lines((one("a"), maybe("/.+/"))))], "a\n1\n2\n3\n4\n5\n", "2\n3\n4\n5\n"
    ),
    "several sequences": Case([rule(Lines((one("a"), one("b"))))], "a\nb\nz\na\nb\n", "z\n"),
    "where looks at all of it": Case(
        [rule(Lines((one("a"), one(COOKIES.strip()))), HEAD)], f"a\n{COOKIES}{BODY}a\n{COOKIES}", f"{BODY}a\n{COOKIES}"
    ),
}

BLOCKS = {
    "to": Case([rule(Block(p("a"), p("b")))], "z\na\n1\n2\nb\ny\n", "z\ny\n"),
    "until": Case([rule(Block(p("a"), p("b"), with_end=False))], "z\na\n1\n2\nb\ny\n", "z\nb\ny\n"),
    "the end is missing": Case([rule(Block(p("a"), p("b")))], "z\na\n1\n", "z\na\n1\n"),
    "the end stands before": Case([rule(Block(p("a"), p("b")))], "b\na\n1\n", "b\na\n1\n"),
    "the first end counts": Case([rule(Block(p("a"), p("b")))], "a\n1\nb\n2\nb\n", "2\nb\n"),
    "prose goes too": Case([rule(Block(p("a"), p("b")))], f"z\na\n{DAYS[0]}b\n", "z\n"),
    "within max_lines": Case([rule(Block(p("a"), p("b"), max_lines=4))], "a\n1\n2\nb\nz\n", "z\n"),
    "over max_lines": Case([rule(Block(p("a"), p("b"), max_lines=3))], "a\n1\n2\nb\nz\n", "a\n1\n2\nb\nz\n"),
    "a removed line is not counted": Case([X, rule(Block(p("a"), p("b"), max_lines=3))], "a\nx\n2\nb\nz\n", "z\n"),
    "a kept line is gone around": Case(
        [rule(Keep(p("kept")), name="k"), rule(Block(p("a"), p("b")))], "a\n1\nkept\n2\nb\nz\n", "kept\nz\n"
    ),
    "a removed line ends it": Case([X, rule(Block(p("a"), p("x")))], "a\n1\nx\nz\n", "z\n"),
    "to the end": Case([rule(Block(p("a")))], "z\na\n1\n2\n", "z\n"),
    "to the end, around a kept line": Case(
        [rule(Keep(p("kept")), name="k"), rule(Block(p("a")))], "z\na\nkept\n2\n", "z\nkept\n"
    ),
    "nested starts": Case([rule(Block(p("a"), p("b")))], "z\na\n1\na\n2\nb\ny\n", "z\ny\n"),
    "nested starts, the outer one too far": Case(
        [rule(Block(p("a"), p("b"), max_lines=3))], "a\n1\n2\n3\na\n2\nb\ny\n", "a\n1\n2\n3\ny\n"
    ),
    "nested starts, the outer one as the inner one is gone": Case(
        [rule(Block(p("a"), p("b"), max_lines=3))], "a\n1\na\n2\nb\ny\n", "y\n"
    ),
    "where": Case([rule(Block(p("a"), p("b")), TAIL)], f"a\n1\nb\n{BODY}a\n1\nb\n", f"a\n1\nb\n{BODY}"),
}

SHAPES = {
    "words": Case(
        [rule(Shape(words=Range(2, 3)))],
        "one\none two\none two three\none two three four\n",
        "one\none two three four\n",
    ),
    "sentence": Case([rule(Shape(words=Range(1, 3), sentence=False))], "So it was.\nHome page\n", "So it was.\n"),
    "capitals": Case([rule(Shape(capitals=Range(0.8)))], "BREAKING NEWS\nBreaking News\n", "Breaking News\n"),
    "digits": Case([rule(Shape(digits=Range(0.5)))], "12:30\n12 noon\n", "12 noon\n"),
    "bullet": Case([rule(Shape(bullet=True))], "• one\n- two\nthree\n-four\n", "three\n-four\n"),
    "indent": Case([rule(Shape(words=Range(1, 3), other_indent=True))], f"{BODY}Home\n  Home\n", f"{BODY}Home\n"),
    "run": Case([rule(Shape(words=Range(1, 1), run=3))], "a\nb\nx y\na\nb\nc\n", "a\nb\nx y\n"),
    "run over blank lines": Case([rule(Shape(words=Range(1, 1), run=3))], "a\n\nb\n\nc\nx y\n", "x y\n"),
    "runs joined by a removal": Case(
        [rule(Shape(words=Range(1, 1), run=4)), rule(line("x y"), name="xy")], "a\nb\nx y\nc\nd\ne f\n", "e f\n"
    ),
    "runs that stay apart": Case([rule(Shape(words=Range(1, 1), run=4))], "a\nb\nx y\nc\nd\n", "a\nb\nx y\nc\nd\n"),
    "a removed line as a member of a run": Case([X, rule(Shape(words=Range(1, 1), run=3))], "a\nx\nb\nz z\n", "z z\n"),
    "a kept line parts a run": Case(
        [rule(Keep(p("kept")), name="k"), rule(Shape(words=Range(1, 1), run=3))], "a\nb\nkept\nc\n", "a\nb\nkept\nc\n"
    ),
}

REPEATS = {
    "exact, the later goes": Case([rule(Repeat(Of.BEFORE))], "a\nb\nA …\nc\n", "a\nb\nc\n"),
    "exact, above": Case([rule(Repeat(Of.ABOVE))], "a\na\nb\na\n", "a\nb\na\n"),
    "exact, above, over a removed line": Case([X, rule(Repeat(Of.ABOVE))], "a\nx\na\nb\n", "a\nb\n"),
    "exact, below, the later goes": Case([rule(Repeat(Of.BELOW))], "z\na\na\n", "z\na\n"),
    "prefix": Case(
        [rule(Repeat(Of.ABOVE, prefix=p("Photo:")))],
        "The coast\nPhoto: the coast\nPhoto: the sea\n",
        "The coast\nPhoto: the sea\n",
    ),
    "prefix, below": Case([rule(Repeat(Of.BELOW, prefix=p("News:")))], "News: the coast\nThe coast\n", "The coast\n"),
    "prefix, not beside": Case(
        [rule(Repeat(Of.ABOVE, prefix=p("Photo:")))],
        "The coast\nz\nPhoto: the coast\n",
        "The coast\nz\nPhoto: the coast\n",
    ),
    "suffix": Case([rule(Repeat(Of.BELOW, suffix=p("| *")))], "The coast | The Paper\nThe coast\n", "The coast\n"),
    "suffix of the headline": Case(
        [rule(Repeat(Of.HEAD, suffix=p("| *")))], f"The coast | The Paper\nThe coast\n{BODY}", f"The coast\n{BODY}"
    ),
    "without": Case(
        [rule(Repeat(Of.ABOVE, without=p("| *")))], "The coast | The Paper\nThe coast\n", "The coast | The Paper\n"
    ),
    "cut": Case(
        [rule(Repeat(Of.BEFORE, cut=True))], "The coast is closed\nz\nThe coast is…\n", "The coast is closed\nz\n"
    ),
    "cut, of another line": Case(
        [rule(Repeat(Of.BEFORE, cut=True))], "The coast is closed\nThe sea is…\n", "The coast is closed\nThe sea is…\n"
    ),
    "cut, with a prefix": Case(
        [rule(Repeat(Of.BEFORE, prefix=p("News:"), cut=True))],
        "The coast is closed\nNews: The coast ...\n",
        "The coast is closed\n",
    ),
    "of a line that is not in the head": Case(
        [rule(Repeat(Of.HEAD))], f"{BODY}A title\nz\nA title\n", f"{BODY}A title\nz\nA title\n"
    ),
    "a kept line is not repeated": Case(
        [rule(Keep(p("a")), name="k"), rule(Repeat(Of.BEFORE))], "a\nb\na\nb\n", "a\nb\na\n"
    ),
    "a removed line is repeated": Case([X, rule(Repeat(Of.ABOVE, prefix=p("Photo:")))], "x\nPhoto: x\nz\n", "z\n"),
}

SPANS = {
    "a piece": Case([rule(SpanOf(p("image beacon")))], "one image beacon two\n", "one two\n"),
    "at the start": Case([rule(SpanOf(p("image beacon")))], "image beacon two\n", "two\n"),
    "at the end": Case([rule(SpanOf(p("image beacon")))], "one image beacon\n", "one\n"),
    "indent stays": Case([rule(SpanOf(p("image beacon")))], "  image beacon two\n", "  two\n"),
    "before a sign": Case([rule(SpanOf(p("/ image beacon/")))], "one image beacon, two\n", "one, two\n"),
    "all of the line": Case([rule(SpanOf(p("image beacon")))], "one\n image beacon \ntwo\n", "one\ntwo\n"),
    "two of them": Case([rule(SpanOf(p("image beacon")))], "one image beacon image beacon two\n", "one two\n"),
    "until none matches": Case([rule(SpanOf(p("/ab/")))], "x aaabbb y\n", "x y\n"),
    "the longer one": Case([rule(SpanOf(p("image", "image beacon")))], "an image beacon here\n", "an here\n"),
    "the first one": Case(
        [rule(SpanOf(p("one two")), name="a"), rule(SpanOf(p("two three four")), name="b")],
        "x one two three four\n",
        "x three four\n",
    ),
    "what is left is matched by lines": Case(
        [rule(SpanOf(p("ad")), name="s"), *a_line("Read more")], "Read ad more\nz\n", "z\n"
    ),
    "what was there is not": Case(
        [rule(SpanOf(p("ad")), name="s"), *a_line("Read ad more")], "Read ad more\nz\n", "Read more\nz\n"
    ),
    "keep is before spans": Case(
        [rule(SpanOf(p("ad")), name="s"), rule(Keep(p("/kept/")), name="k")], "kept ad\nad\n", "kept ad\n"
    ),
    "keep sees what a span leaves": Case(
        [rule(SpanOf(p("ad")), name="s"), rule(Keep(p("not that")), name="k"), *a_line("not that")],
        "not ad that\n",
        "not that\n",
    ),
    "what is no longer prose": Case(
        [rule(SpanOf(p("/the storm moved on along the coast/")), name="s"), rule(line("Share"), TAIL)],
        f"{BODY}Share\n",
        "".join(f"On day {n} .\n" for n in range(10)),
    ),
}

SCORES = {
    "enough": Case(
        [rule(line("y"), name="one", score=40), rule(Shape(words=Range(1, 1)), name="two", score=60)],
        "y\nz\n",
        "z\n",
        ["legal/a/two"],
    ),
    "not enough": Case(
        [rule(line("y"), name="one", score=40), rule(Shape(words=Range(1, 1)), name="two", score=50)],
        "y\nz\n",
        "y\nz\n",
    ),
    "once for each line": Case([rule(LineOf(p("y", "/./")), name="one", score=50)], "y\ny\n", "y\ny\n"),
    "alone": Case([rule(line("y"), score=100)], "y\nz\n", "z\n", ["legal/a/r"]),
    "of equals the smaller id": Case(
        [rule(line("y"), name="two", score=50), rule(line("y"), name="one", score=50)], "y\n", "", ["legal/a/one"]
    ),
    "evidence from beside": Case(
        [X, rule(line("y"), Guards(after=("sharing",)), name="one", score=50), rule(line("y"), name="two", score=50)],
        "y\nx\ny\n",
        "y\n",
    ),
    "each rule that adds up makes news": Case(
        [
            rule(line("y"), name="one", score=50),
            rule(line("y"), name="two", category="video", score=50),
            rule(line("z"), Guards(after=("video",)), name="z"),
        ],
        "y\nz\na\n",
        "a\n",
    ),
    "trial adds nothing": Case(
        [rule(line("y"), name="one", score=50), rule(line("y"), name="two", score=50, trial=True)], "y\n", "y\n"
    ),
}

BLANK_LINES = {
    "the longest run stays": Case(a_line("x"), "a\n\nx\n\n\nx\nb\n", "a\n\n\nb\n"),
    "none at the head": Case(a_line("x"), "\nx\n\n\na\n", "a\n"),
    "none at the tail": Case(a_line("x"), "a\n\nx\n\n", "a\n"),
    "none was there": Case(a_line("x"), "a\nx\nb\n", "a\nb\n"),
    "elsewhere they stay": Case(a_line("x"), "\na\n\n\nb\nx\nc\n\n", "\na\n\n\nb\nc\n\n"),
    "no final line end": Case(a_line("x"), "a\nb\nx", "a\nb"),
    "a final line end": Case(a_line("x"), "a\nb\nx\n", "a\nb\n"),
    "CRLF": Case(a_line("x"), "a\r\n\r\nx\r\nb\r\n", "a\r\n\r\nb\r\n"),
    "CRLF at the tail": Case(a_line("x"), "a\r\nx", "a"),
    "a lone CR is white space": Case(a_line("x"), "a\rx\nx\r\nb", "a\rx\nb"),
    "U+2028 is white space": Case(a_line("a b"), "a\u2028b\nc\n", "c\n"),
    "white space is blank": Case(a_line("x"), "a\n \t\nx\n\nb\n", "a\n \t\nb\n"),
    "everything goes": Case(a_line("x"), "\nx\n\n", ""),
}

GROUPS = {
    "place": PLACE,
    "beside": BESIDE,
    "guards": GUARDS,
    "sequences": SEQUENCES,
    "blocks": BLOCKS,
    "shapes": SHAPES,
    "repeats": REPEATS,
    "spans": SPANS,
    "scores": SCORES,
    "blank lines": BLANK_LINES,
}


@pytest.mark.parametrize("prefilter", [True, False], ids=["fast", "plain"])
@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=f"{group}: {name}") for group, cases in GROUPS.items() for name, case in cases.items()],
)
def test_meaning(case: Case, prefilter: bool) -> None:
    program = Program(RuleSet(case.rules), prefilter=prefilter)
    result = clean_document(program, Document(case.text, case.url), fail_safe=False)
    assert result.text == case.expected
    if case.removed_by is not None:
        assert [removal.rule for removal in result.removals] == case.removed_by


def outcomes(rules: list[Rule], text: str) -> list[tuple[str, str, Outcome]]:
    result = clean_document(Program(RuleSet(rules)), Document(text), fail_safe=False)
    return [(text[m.start : m.end], m.rule.rpartition("/")[2], m.outcome) for m in result.matches]


def test_rules_by_form_and_place_leave_thai_alone() -> None:
    text = "พายุพัดถล่มชายฝั่งทางเหนือเมื่อคืนวันอังคาร\nไม่มีผู้ได้รับบาดเจ็บ นายกเทศมนตรีกล่าว\n"
    program = Program(RuleSet([rule(Shape(words=Range(1, 6), sentence=False), TAIL)]))
    assert clean_document(program, Document(text)).text == text


def test_two_rules_on_a_line() -> None:
    rules = [rule(line("y"), name="one"), rule(line("y"), name="two")]
    assert outcomes(rules, "y\n") == [("y", "one", Outcome.REMOVED), ("y", "two", Outcome.OVERLAPPED)]


def test_the_longer_match_has_it() -> None:
    rules = [rule(line("a"), name="one"), rule(Block(p("a"), p("b")), name="two")]
    assert outcomes(rules, "a\nb\n") == [("a\nb", "two", Outcome.REMOVED), ("a", "one", Outcome.OVERLAPPED)]


def test_the_earlier_match_keeps_its_span() -> None:
    rules = [rule(Lines((one("a"), one("b"))), name="one"), rule(Lines((one("b"), one("c"))), name="two")]
    result = clean_document(Program(RuleSet(rules)), Document("a\nb\nc\n"), fail_safe=False)
    assert [(r.rule, r.text.strip()) for r in result.removals] == [("legal/a/one", "a\nb"), ("legal/a/two", "c")]


def test_spans_that_overlap() -> None:
    rules = [rule(SpanOf(p("one two")), name="one"), rule(SpanOf(p("two three")), name="two")]
    assert outcomes(rules, "x one two three\n") == [
        ("one two", "one", Outcome.REMOVED),
        ("two three", "two", Outcome.OVERLAPPED),
    ]


def test_an_overlapped_span_hides_no_other_of_its_rule() -> None:
    rules = [rule(SpanOf(p("/ab/")), name="one"), rule(SpanOf(p("/bcdef/", "/e/")), name="two")]
    result = clean_document(Program(RuleSet(rules)), Document("abcdef\n"), fail_safe=False)
    assert [(r.text, r.rule) for r in result.removals] == [("ab", "legal/a/one"), ("e", "legal/a/two")]


@pytest.mark.parametrize("finder", [line("y"), SpanOf(p("y")), Block(p("y")), Lines((one("y"),)), Shape(Range(1, 1))])
def test_a_rule_on_trial_reports(finder: Finder) -> None:
    assert outcomes([rule(finder, trial=True)], "y\n") == [("y", "r", Outcome.TRIAL)]


def test_a_rule_on_trial_sees_the_end() -> None:
    rules = [X, rule(line("y"), Guards(after=("sharing",)), trial=True)]
    assert outcomes(rules, "x\ny\n") == [("x", "x", Outcome.REMOVED), ("y", "r", Outcome.TRIAL)]


def test_evidence_names_the_others() -> None:
    rules = [rule(line("y"), name=name, score=score) for name, score in (("a", 30), ("b", 60), ("c", 30))]
    result = clean_document(Program(RuleSet(rules)), Document("y\n"), fail_safe=False)
    assert [(r.rule, r.evidence) for r in result.removals] == [("legal/a/b", ("legal/a/a", "legal/a/c"))]


def test_many_passes_are_flagged() -> None:
    text = "a\n" * 150 + "b\n" * 10
    result = clean_document(Program(RuleSet([rule(Lines((one("a"), one("b"))))])), Document(text))
    assert result.flagged
    assert "passes" in result.flagged

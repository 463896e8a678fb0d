"""What is said to be untouched is: no rule finds anything in it, whichever way it is cleaned."""

from __future__ import annotations

import sys
from itertools import count

import pytest

from bodycopy.cleaner import clean_document
from bodycopy.matcher import Program, Reading
from bodycopy.model import Document
from bodycopy.patterns import Pattern
from bodycopy.rules import Guards, Item, LineOf, Lines, Of, Range, Repeat, Rule, RuleSet, Where
from bodycopy.untouched import first_rules, is_untouched
from strategies import make_rule

BODY = "".join(f"On day {number} the storm moved on along the coast.\n" for number in range(11))
LAST = "The ferry will go again on Monday, they said.\n"
TAIL, HEAD = Guards(where=Where.TAIL), Guards(where=Where.HEAD)


def line(source: str, guards: Guards = Guards(), name: str = "r") -> Rule:  # noqa: B008
    return make_rule(f"legal/a/{name}", LineOf((Pattern(source),)), guards)


SHARE = line("Share", TAIL)
HOME = make_rule("navigation/a/home", Repeat(Of.HEAD, prefix=(Pattern("Home *"),)))
CUT = make_rule("navigation/a/cut", Repeat(Of.HEAD, prefix=(Pattern("Home *"),), cut=True))
SITE = make_rule("navigation/a/site", Repeat(Of.HEAD, suffix=(Pattern("| The Coast"),)))
SIGNS = make_rule("navigation/a/signs", Repeat(Of.HEAD, suffix=(Pattern("→"),)))
ROW = make_rule("sharing/a/row", Lines((Item((Pattern("Share"),)), Item((Pattern("Print"),)))), TAIL)


@pytest.mark.parametrize(
    ("rules", "text", "untouched"),
    [
        pytest.param([SHARE], BODY + "Share\n" + LAST, True, id="tail, above prose"),
        pytest.param([SHARE], BODY + "Share\nPrint\n", False, id="tail"),
        pytest.param([SHARE, line("/The ferry .*/", name="f")], BODY + "Share\n" + LAST, False, id="prose that goes"),
        pytest.param([line("News", HEAD)], LAST + "News\n" + BODY, True, id="head, below prose"),
        pytest.param([line("News", HEAD)], "Monday\nNews\n" + BODY, False, id="head"),
        pytest.param([line("Share", Guards(after=("legal",)))], BODY + "Share\n", True, id="beside nothing that goes"),
        pytest.param([line("/The .*/", Guards(words=Range(1, 5)))], BODY + LAST, True, id="too many words"),
        pytest.param([line("/The .*/", Guards(sentence=False))], BODY + LAST, True, id="a sentence"),
        pytest.param([ROW], BODY + "Share\n", True, id="half of a sequence"),
        pytest.param([ROW], BODY + "Share\nPrint\n" + LAST, True, id="a sequence above prose"),
        pytest.param([ROW], BODY + "Share\nPrint\n", False, id="a sequence"),
        pytest.param([HOME], "Home is the sailor\n" + BODY, True, id="more than no other line"),
        pytest.param([HOME], "Home is the sailor\nIs the Sailor\n" + BODY, False, id="more than another line"),
        pytest.param([SITE], "The storm | The Coast\nThe storm\n" + BODY, False, id="more behind it"),
        pytest.param([SIGNS], "The storm →\nThe storm\n" + BODY, False, id="a sign that does not count"),
        pytest.param([CUT], "Home is the sailor\nIs the sailor home\n" + BODY, True, id="not cut off"),
        pytest.param([CUT], "Home is the sailor…\nIs the sailor home\n" + BODY, False, id="cut off"),
    ],
)
def test_untouched(rules: list[Rule], text: str, untouched: bool) -> None:
    quick, plain = (Program(RuleSet(rules), prefilter=prefilter) for prefilter in (True, False))
    document = Document(text)
    hits = quick.filter.lines_of(text)
    first = first_rules(quick, hits)
    assert (not first or is_untouched(Reading(quick, document), text.split("\n"), first)) is untouched
    assert (not clean_document(plain, document).matches) is untouched
    assert clean_document(quick, document) == clean_document(plain, document)


def test_what_may_repeat_is_not_held_against_each_other_line() -> None:
    program = Program(RuleSet([HOME]))

    def calls(lines: int) -> int:
        text = "".join(f"Home is the sailor {number:05}\n" for number in range(lines))
        hits, counted = program.filter.lines_of(text), count()
        assert len(hits) == lines
        sys.setprofile(lambda *_: next(counted))
        try:
            assert is_untouched(Reading(program, Document(text)), text.split("\n"), first_rules(program, hits))
        finally:
            sys.setprofile(None)
        return next(counted)

    assert calls(400) <= 5 * calls(100)

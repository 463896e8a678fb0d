"""The prefilter never loses a match: every line that matches holds one of the literals of its pattern."""

from __future__ import annotations

import sys
import unicodedata

import pytest
import regex
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bodycopy.errors import PatternError
from bodycopy.form import fold
from bodycopy.patterns import Pattern, anywhere, covering, literals
from bodycopy.prefilter import EveryLine, LiteralFilter

Made = tuple[str, str]
"""A regular expression and a text that it should match."""

LETTERS = "abkis.-* ßſKİıσςÅé分0"
CASES = {c: c + c.upper()[:1] + c.lower()[:1] + c.swapcase()[:1] for c in LETTERS} | {
    "k": "kKK",
    "s": "sSſ",
    "i": "iIİı",
    "σ": "σςΣ",
    "ß": "ßẞ",
}


def _letter() -> st.SearchStrategy[Made]:
    def written(sign: str, way: int, text: str) -> Made:
        ways = (regex.escape(sign), f"\\x{ord(sign):02x}" if ord(sign) < 256 else f"\\u{ord(sign):04x}")
        return (*ways, f"\\U{ord(sign):08x}", f"[{regex.escape(sign)}]", f"(?:{regex.escape(sign)})")[way], text

    signs = st.sampled_from(LETTERS)
    return signs.flatmap(lambda s: st.builds(written, st.just(s), st.integers(0, 4), st.sampled_from(CASES[s])))


ATOMS: tuple[Made, ...] = (
    (".", "x"),
    (r"\d", "7"),
    (r"\w", "q"),
    (r"\s", "\u2003"),
    (r"\S", "分"),
    (r"\p{L}", "é"),
    (r"\pL", "é"),
    (r"\PN", "x"),
    (r"\p{Lu}", "A"),
    (r"\P{N}", "z"),
    (r"\N{LATIN SMALL LETTER A}", "A"),
    (r"\N{U+0061}", "a"),
    (r"\t", "\t"),
    (r"\x00", "\x00"),
    (r"\0", "\x00"),
    (r"\101", "A"),
    (r"\.", "."),
    (r"\ ", " "),
    (r"\-", "-"),
    ("[abc]", "B"),
    ("[]a]", "]"),
    ("[^]a]", "q"),
    ("[a-c]", "B"),
    ("[a-]", "-"),
    ("[^ab]", "z"),
    (r"[\dA]", "a"),
    (r"[\b]", "\b"),
    (r"[\x41b]", "a"),
    (r"[\]x]", "]"),
    (r"[\pLx]", "é"),
    ("[abcdefg]", "G"),
    ("[[:alpha:]]", "z"),
    ("[ſK]", "s"),
    (r"\X", "e\u0301"),
    (r"\R", "\x0c"),
    (r"\h", "\t"),
    (r"\b", ""),
    (r"\A", ""),
    ("^", ""),
    ("$", ""),
    (r"\Z", ""),
    (r"\K", ""),
    (r"\m", ""),
    ("(?#a comment)", ""),
    ("(?i)", ""),
    ("(?m)", ""),
    ("(?a)", ""),
    ("(?x)", ""),
    ("(?=)", ""),
    ("(?!zzz)", ""),
    ("(?<!zzz)", ""),
    ("(?<=)", ""),
    ("{", "{"),
    ("}", "}"),
    ("]", "]"),
    ("x{1e}", "x{1e}"),
    ("(?:foo){e<=1}", "fo"),
    ("(?:foo){s}", "fxo"),
    ("(?P<n>ab)(?P=n)", "abAB"),
    (r"(?<m>ab)\g<m>", "abab"),
    ("(?P<r>ab)(?P>r)", "abAB"),
    ("(?P<t>ab)(?&t)", "abAB"),
    ("(?P<c>a)?(?(c)b|k)", "k"),
    ("(?|(a)|(b))k", "bk"),
    ("(?(DEFINE)(?P<d>ab))(?&d)", "ab"),
    (r"(a)\1", "Aa"),
    ("(?b)", ""),
    ("(?r)", ""),
    ("(?s)", ""),
    ("(?w)", ""),
)


QUANTIFIERS = (
    (0, 3, "*"),
    (1, 3, "+"),
    (0, 1, "?"),
    (2, 2, "{2}"),
    (0, 2, "{,2}"),
    (1, 3, "{1,}"),
    (1, 2, "{1,2}"),
    (0, 0, "{0}"),
    (1, 1, "{1}"),
    (0, 3, "{,}"),
    (1, 1, "{1,1}"),
)


def _grown(inner: st.SearchStrategy[Made]) -> st.SearchStrategy[Made]:
    @st.composite
    def repeated(draw: st.DrawFn) -> Made:
        expression, text = draw(inner)
        low, high, sign = draw(st.sampled_from(QUANTIFIERS))
        lazy = draw(st.sampled_from(["", "?", "+"]))
        return f"(?:{expression}){sign}{lazy}", text * draw(st.integers(low, high))

    def grouped(made: Made, around: str) -> Made:
        return around.replace("…", made[0]), made[1]

    def either(one: Made, other: Made, first: bool) -> Made:
        return f"{one[0]}|{other[0]}", (one if first else other)[1]

    around = [
        "(…)",
        "(?:…)",
        "(?>…)",
        "(?i:…)",
        "(?s:…)",
        "(?-i:…)",
        "(?|…)",
        "(?:…)(?=)",
        "(?=…)…",
        "(?x:…)",
        "(?m-s:…)",
    ]
    return st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(
            lambda many: ("".join(e for e, _ in many), "".join(t for _, t in many))
        ),
        st.builds(grouped, inner, st.sampled_from(around)),
        st.builds(either, inner, inner, st.booleans()).map(lambda made: (f"(?:{made[0]})", made[1])),
        st.builds(either, inner, inner, st.booleans()),
        repeated(),
    )


def _expressions() -> st.SearchStrategy[Made]:
    return st.recursive(st.one_of(_letter(), _letter(), st.sampled_from(ATOMS)), _grown, max_leaves=8)


def _pattern(expression: str) -> Pattern:
    try:
        return Pattern(f"/{expression}/")
    except (PatternError, ValueError):
        assume(False)
        raise


@settings(max_examples=1200, deadline=None, suppress_health_check=list(HealthCheck))
@given(_expressions(), st.sampled_from(["", "x", "ab ", "ſ"]))
def test_every_match_holds_a_literal(made: Made, before: str) -> None:
    expression, text = made
    pattern = _pattern(expression)
    needed = literals(pattern)
    for line in (text, before + text, text + before, text.upper(), text.lower()):
        if anywhere(pattern).search(line, timeout=1):
            assert not needed or any(literal in fold(line) for literal in needed)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.sampled_from("ab(|)*+?[]^{}12,\\dpLx.:<>=!-i#"), max_size=12), st.text("abdplx1 -", max_size=8))
def test_every_match_of_any_expression_holds_a_literal(expression: str, line: str) -> None:
    pattern = _pattern(expression or "a")
    needed = literals(pattern)
    if needed and anywhere(pattern).search(line, timeout=1):
        assert any(literal in fold(line) for literal in needed)


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from('ab*\\ …"“-–.ſßİKςσ分'), min_size=1, max_size=10),
    st.text(st.sampled_from('ab \\*…"“-–.sſßẞiİIkKςσΣ分'), max_size=12),
)
def test_every_match_of_a_phrase_holds_a_literal(source: str, line: str) -> None:
    try:
        pattern = Pattern(source)
    except PatternError:
        assume(False)
    needed = literals(pattern)
    for text in (line, source.replace("*", ""), source.upper(), f"» {source} …"):
        if covering(pattern).fullmatch(text) or anywhere(pattern).search(text):
            assert not needed or any(literal in fold(text) for literal in needed)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("image beacon", {"image beacon"}, id="word"),
        pytest.param("(image|pixel) beacon", {"image beacon", "pixel beacon"}, id="alternatives"),
        pytest.param("(image beacon\\s*)+", {"image beacon"}, id="repeated"),
        pytest.param("a?bcd", {"abcd", "bcd"}, id="optional"),
        pytest.param("(?:abc)*d", {"d"}, id="any number"),
        pytest.param("abc|", set(), id="or nothing"),
        pytest.param("abc|.*", set(), id="or anything"),
        pytest.param("[ab]c", {"ac", "bc"}, id="class"),
        pytest.param("[^ab]cd", {"cd"}, id="negated class"),
        pytest.param("(?=abc)d", {"d"}, id="lookahead is no part of the match"),
        pytest.param("(?<!abc)de", {"de"}, id="lookbehind"),
        pytest.param("ſtraße", {"strasse"}, id="folded"),
        pytest.param("\\x41\\u0062\\U00000063", {"abc"}, id="by number"),
        pytest.param("(?x) a b", set(), id="verbose is not understood"),
        pytest.param("(?:abc){e<=1}", set(), id="fuzzy is not understood"),
        pytest.param("(?P<a>bc)(?P=a)", set(), id="a named group back is not understood"),
        pytest.param("\\pLbc", {"bc"}, id="a property without braces"),
        pytest.param("\\PLbc", {"bc"}, id="no property, without braces"),
    ],
)
def test_literals(expression: str, expected: set[str]) -> None:
    assert literals(Pattern(f"/{expression}/")) == expected


def test_fold_takes_as_equal_what_regex_does() -> None:
    every = [
        chr(number) for number in range(sys.maxunicode + 1) if unicodedata.category(chr(number)) not in ("Cs", "Cn")
    ]
    cased = [c for c in every if len({c, c.lower(), c.upper(), c.title(), c.casefold()}) > 1]
    assert len(cased) > 2500
    text = "".join(cased)
    for one in cased:
        equal = regex.findall(regex.escape(one), text, regex.IGNORECASE | regex.VERSION0)
        assert {fold(other) for other in equal} <= {fold(one)}, one


def test_fold_keeps_lines() -> None:
    for number in range(sys.maxunicode + 1):
        folded = fold(chr(number))
        assert folded
        assert ("\n" in folded) is (number == 10)


PLACED = ("image beacon", "/beacon\\d/", "ſhare", "Straße", "분享", "K", "/\\x00/", "[ad]", "a" * 60)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n \t\n"])
@pytest.mark.parametrize("around", ["…", "  …", "x …", "… x", "\xa0…\xa0", "分…", "x\r… y", "\ud800…"])
def test_literals_are_found_on_every_line(around: str, end: str) -> None:
    words = ["IMAGE Beacon", "beacon7", "Share", "STRASSE straße", "분享", "k", "\x00", "[AD]", "A" * 60]
    lines = [around.replace("…", word) for word in (*words, "nothing", *reversed(words))]
    for text in (end.join(lines), end.join(lines) + end, end + end.join(lines)):
        _compare([Pattern(p) for p in PLACED], text)


PIECES = (
    "image beacon",
    "Beacon1",
    "\n",
    "\n",
    "\r\n",
    " ",
    "share",
    "ß",
    "straSSe",
    "k",
    "\x00",
    "a" * 30,
    "[",
    "ad]",
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PLACED).map(Pattern), min_size=1, unique=True),
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join),
)
def test_literals_are_found_wherever_they_stand(patterns: list[Pattern], text: str) -> None:
    _compare(patterns, text)


def _compare(patterns: list[Pattern], text: str) -> None:
    fast = LiteralFilter(patterns)
    hits = fast.lines_of(text)
    assert EveryLine(patterns).always == tuple(range(len(patterns)))
    for number, line in enumerate(text.split("\n")):
        tried = {*fast.always, *hits.get(number, ())}
        assert hits.get(number, set()) == fast.of_line(line)
        for index, pattern in enumerate(patterns):
            if anywhere(pattern).search(line) or covering(pattern).fullmatch(line.strip()):
                assert index in tried

"""The prefilter never loses a match: every line that matches has what its pattern needs."""

from __future__ import annotations

import sys
import unicodedata
from math import inf

import pytest
import regex
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bodycopy.errors import PatternError
from bodycopy.form import DASHES, QUOTES, fold
from bodycopy.patterns import Pattern, anywhere, covering
from bodycopy.prefilter import EveryLine, LiteralFilter, Needles, Place, needles
from bodycopy.skeleton import Lookup, outline, skeleton

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


def _has(line: str, needed: Needles) -> bool:
    """Say whether a line has what it needs."""
    bare, outlined = skeleton(line), outline(line)
    if bare in needed.whole:
        return True
    return needed.limits.allow(bare, outlined) and (
        bare.startswith(tuple(needed.heads))
        or bare.endswith(tuple(needed.tails))
        or any(piece in b"\n%b\n" % outlined for piece in needed.pieces)
    )


def _check(pattern: Pattern, line: str) -> None:
    if anywhere(pattern).search(line, timeout=10):
        assert _has(line, needles(pattern, Place.ANYWHERE))
    if covering(pattern).fullmatch(line.strip(), timeout=10):
        assert _has(line, needles(pattern, Place.WHOLE))
        for more in ("", "b", " seite"):
            assert _has(line + more, needles(pattern, Place.START))
            assert _has(more + line, needles(pattern, Place.END))
            assert _has(line + more, needles(pattern, Place.EITHER_END))
            assert _has(more + line, needles(pattern, Place.EITHER_END))


@settings(max_examples=1200, deadline=None, suppress_health_check=list(HealthCheck))
@given(_expressions(), st.sampled_from(["", "x", "ab ", "ſ"]))
def test_every_match_has_what_it_needs(made: Made, before: str) -> None:
    expression, text = made
    pattern = _pattern(expression)
    for line in (text, before + text, text + before, text.upper(), text.lower()):
        if "\n" not in line:
            _check(pattern, line)


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.text(st.sampled_from("ab(|)*+?[]^{}12,\\dpWsLx.:<>=!-i#@é"), max_size=12), st.text("abdplx1 -@[éÉ", max_size=8)
)
def test_every_match_of_any_expression_has_what_it_needs(expression: str, line: str) -> None:
    _check(_pattern(expression or "a"), line)


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.sampled_from('ab*\\ …"“-–.ſßİKςσ分'), min_size=1, max_size=10),
    st.text(st.sampled_from('ab \\*…"“-–.sſßẞiİIkKςσΣ分'), max_size=12),
)
def test_every_match_of_a_phrase_has_what_it_needs(source: str, line: str) -> None:
    try:
        pattern = Pattern(source)
    except PatternError:
        assume(False)
    for text in (line, source.replace("*", ""), source.upper(), f"» {source} …"):
        _check(pattern, text)


@pytest.mark.parametrize(
    ("expression", "inner"),
    [
        pytest.param("big beacon", {b"bigbeacon"}, id="word"),
        pytest.param("(big|new) beacon", {b"bigbeacon", b"newbeacon"}, id="alternatives"),
        pytest.param("(big beacon\\s*)+", {b"bigbeacon"}, id="repeated"),
        pytest.param("a?bcd", {b"bcd"}, id="optional"),
        pytest.param("(?:abc)*d", {b"d"}, id="any number"),
        pytest.param("abc|", {b""}, id="or nothing"),
        pytest.param("abc|.*", {b""}, id="or anything"),
        pytest.param("[ab]c", {b"ac", b"bc"}, id="class"),
        pytest.param("[a-c]c", {b"ac", b"bc", b"cc"}, id="range"),
        pytest.param("[^ab]cd", {b"cd"}, id="negated class"),
        pytest.param("[–:]? ?cd", {b"cd"}, id="class of signs"),
        pytest.param("(?=abc)d", {b"d"}, id="lookahead is no part of the match"),
        pytest.param("(?<!abc)de", {b"de"}, id="lookbehind"),
        pytest.param("ſtraße", {b"strase"}, id="one byte for each letter"),
        pytest.param("\\x41\\u0062\\U00000063", {b"abc"}, id="by number"),
        pytest.param("(?x) a b", {b""}, id="verbose is not understood"),
        pytest.param("(?:abc){e<=1}", {b""}, id="fuzzy is not understood"),
        pytest.param("(?a)a\\Wb", {b""}, id="signs of ASCII are not understood"),
        pytest.param("(?P<a>bc)(?P=a)", {b""}, id="a named group back is not understood"),
        pytest.param("\\pLbc", {b"bc"}, id="a property without braces"),
        pytest.param("\\PLbc", {b"bc"}, id="no property, without braces"),
        pytest.param("ab\\s+[-–]?cd", {b"abcd", b"ab-cd"}, id="signs between"),
        pytest.param("ab\\W?cd", {b"ab"}, id="any sign"),
        pytest.param("© ?ab", {b"\x01ab"}, id="a copyright sign"),
        pytest.param("ca{2,3}b", {b"caab", b"caaab"}, id="a few times"),
        pytest.param("\\d{2} [a-z]", {b"00"}, id="digits"),
    ],
)
def test_what_is_needed_anywhere(expression: str, inner: set[bytes]) -> None:
    needed = needles(Pattern(f"/{expression}/"), Place.ANYWHERE)
    assert needed[:4] == (frozenset(), frozenset(), frozenset(), inner)


PHOTOS = {sign + word for sign in (b".", b"!", b"?") for word in (b"photo:", b"image:")}


@pytest.mark.parametrize(
    ("source", "whole", "heads", "tails", "pieces"),
    [
        pytest.param("Read more…", {b"readmore"}, set(), set(), set(), id="phrase"),
        pytest.param("View all *", set(), {b"viewall"}, set(), set(), id="begins"),
        pytest.param("* comments", set(), set(), {b"comments"}, set(), id="ends"),
        pytest.param("* view it all *", set(), set(), set(), {b"viewitall"}, id="goes on"),
        pytest.param("“", {b""}, set(), set(), set(), id="a quote alone"),
        pytest.param("…", {b""}, set(), set(), set(), id="an ellipsis alone"),
        pytest.param("/\\d{1,2} replies/", {b"0replies", b"00replies"}, set(), set(), set(), id="number"),
        pytest.param("/see also[:.…]*/", {b"seealso"}, set(), set(), set(), id="any number of signs"),
        pytest.param("/share(?: on .*)?/", {b"share", b"shareon"}, {b"shareon"}, set(), set(), id="whole or begins"),
        pytest.param("/(?:see|read) .+ below/", set(), set(), {b"below"}, set(), id="the rarer end"),
        pytest.param("/.*@\\w+/", set(), set(), set(), {b"@"}, id="a sign"),
        pytest.param(
            "/.*[.!?] (?:photo|image): .*/", {b"photo", b"image"}, set(), set(), PHOTOS, id="signs and letters"
        ),
        pytest.param("* “Photo”: *", set(), set(), set(), {b"'photo':"}, id="signs and letters of a phrase"),
        pytest.param("/.*\\d%/", {b"0"}, set(), set(), {b"0%\n"}, id="signs at the end"),
        pytest.param("/\\W{0,3}(?:see|read):.{8,90}/", set(), set(), set(), {b"see:", b"read:"}, id="signs before"),
        pytest.param("/\\w+/", set(), set(), set(), {b"\n"}, id="nothing"),
    ],
)
def test_what_is_needed_to_cover(
    source: str, whole: set[bytes], heads: set[bytes], tails: set[bytes], pieces: set[bytes]
) -> None:
    assert needles(Pattern(source), Place.WHOLE)[:4] == (whole, heads, tails, pieces)


@pytest.mark.parametrize(
    ("source", "longest", "heads", "tails"),
    [
        pytest.param("View all *", inf, {b"viewall"}, {b""}, id="star"),
        pytest.param("/see .{0,9} [a-z] below/", 18, {b"see"}, {b"below"}, id="bounds"),
        pytest.param("/(?:see|read) \\w{2,3}(?: (?:this|that) .?)?/", 12, {b"see", b"rea"}, {b""}, id="optional"),
        pytest.param("/see .{0,9} below[!.…]*/", 17, {b"see"}, {b"below"}, id="any number of signs"),
        pytest.param("/s(ee) .\\1/", inf, {b"see"}, {b""}, id="what a group matched"),
    ],
)
def test_limits(source: str, longest: float, heads: set[bytes], tails: set[bytes]) -> None:
    limits = needles(Pattern(source), Place.WHOLE).limits
    assert limits is not None
    assert (limits.longest, set(limits.heads), set(limits.tails)) == (longest, heads, tails)


@pytest.mark.parametrize(
    ("source", "pieces", "groups"),
    [
        pytest.param(
            "/.* wrote about .* (?:birds|boats) .*/",
            {b"wroteabout"},
            [{"birds", "boats"}],
            id="what stands apart",
        ),
        pytest.param("/.*: (?:birds|boats)?/", {b":"}, [], id="what may be missing"),
        pytest.param("* wrote about * in bread *", {b"wroteabout"}, [{"inbread"}], id="a phrase"),
    ],
)
def test_what_is_needed_besides(source: str, pieces: set[bytes], groups: list[set[str]]) -> None:
    needed = needles(Pattern(source), Place.ANYWHERE)
    assert (needed.pieces, list(map(set, needed.limits.groups))) == (pieces, groups)


def test_skeleton_takes_as_equal_what_regex_does() -> None:
    every = [chr(number) for number in range(sys.maxunicode + 1)]
    cased = [c for c in every if len({c, c.lower(), c.upper(), c.title(), c.casefold()}) > 1]
    text = "".join(cased)
    for one in cased:
        equal = regex.findall(regex.escape(one), text, regex.IGNORECASE | regex.VERSION0)
        assert {skeleton(other) for other in equal} <= {skeleton(one)}, one


@pytest.mark.parametrize(
    ("kind", "expected"), [pytest.param(r"\W", {b"", b"\x01"}, id="signs"), pytest.param(r"\d", {b"0"}, id="digits")]
)
def test_skeleton_of_kinds_of_characters(kind: str, expected: set[bytes]) -> None:
    every = "".join(chr(number) for number in range(sys.maxunicode + 1) if number != 10)
    assert {skeleton(sign) for sign in regex.findall(kind, every, regex.IGNORECASE | regex.VERSION0)} == expected


def test_what_does_not_count_in_a_phrase_has_no_skeleton() -> None:
    signs = "-–—*+•·▪▫●○◦‣⁃■□▸►▶▷»›>→✓✔|:….…" + QUOTES + DASHES + "".join(filter(str.isspace, map(chr, range(0x3001))))
    assert skeleton(signs.replace("\n", "")) == b""


TEXT = st.text(st.sampled_from("aÄß1٣ſKİ\n\r .…分\ud83d\ude00\ud83e\U0001d400😀\x00𠀀\U000e0100"), max_size=12)


@given(TEXT, TEXT)
def test_skeletons_are_put_together(one: str, other: str) -> None:
    assert skeleton(one + other) == skeleton(one) + skeleton(other)
    assert skeleton(one).count(b"\n") == one.count("\n")


@pytest.mark.parametrize("sentence", ["Ça va bien. ", "Ça va “bien”. ", "Ça va 🙂 bien.\n"])
def test_a_long_text_has_the_outlines_of_its_sentences(sentence: str) -> None:
    assert outline(sentence * 5000) == outline(sentence) * 5000


@given(st.text())
def test_a_short_run_sees_the_outlines_of_a_long_one(text: str) -> None:
    assert Lookup(few=len(text)).outline(text) == Lookup(few=-1).outline(text)


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


PLACED = (
    "image beacon",
    "/beacon\\d/",
    "ſhare",
    "/\\[\\w+\\]/",
    "…",
    "share *",
    "* beacon",
    "Straße",
    "분享",
    "K",
    "/\\x00/",
    "[ad]",
    "a" * 60,
)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n \t\n"])
@pytest.mark.parametrize("around", ["…", "  …", "x …", "… x", "\xa0…\xa0", "分…", "x\r… y", "\ud800…"])
@pytest.mark.parametrize("covers", [False, True])
def test_patterns_are_found_on_every_line(around: str, end: str, covers: bool) -> None:
    words = ["IMAGE Beacon", "beacon7", "Share", "STRASSE straße", "분享", "k", "\x00", "[AD]", "A" * 60]
    lines = [around.replace("…", word) for word in (*words, "nothing", *reversed(words))]
    for text in (end.join(lines), end.join(lines) + end, end + end.join(lines)):
        _compare([Pattern(p) for p in PLACED], text, covers)


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
    st.booleans(),
)
def test_patterns_are_found_wherever_they_stand(patterns: list[Pattern], text: str, covers: bool) -> None:
    _compare(patterns, text, covers)


def _compare(patterns: list[Pattern], text: str, covers: bool) -> None:
    placed = [(pattern, Place.WHOLE if covers else Place.ANYWHERE) for pattern in patterns]
    fast = LiteralFilter(placed)
    hits = fast.lines_of(text)
    assert EveryLine(len(placed)).always == tuple(range(len(patterns)))
    for number, line in enumerate(text.split("\n")):
        tried = {*fast.always, *hits.get(number, ())}
        assert hits.get(number, ()) == fast.of_line(line)
        for index, pattern in enumerate(patterns):
            found = covering(pattern).fullmatch(line.strip()) if covers else anywhere(pattern).search(line)
            assert not found or index in tried


ENDS = tuple(word[:size] for word in ("beaconlights", "ab분享ſtraße", "7 … 7 days", "»— x —«") for size in range(1, 13))
LINES = st.one_of(
    st.sampled_from(["", " ", "…", "\r", "x" * 5000, *ENDS]),
    st.builds("{}{}{}".format, *[st.sampled_from(["", "x", "ab ", "\ud800", "分", *ENDS])] * 3),
    st.text(max_size=12).map(lambda text: text.replace("\n", "")),
)
EVERY_END = LiteralFilter(
    (Pattern(text), Place.WHOLE) for word in {*ENDS} if word.strip() for text in (word, f"{word} *", f"* {word}", "…")
)


@settings(max_examples=400)
@given(st.lists(LINES, max_size=40))
def test_lines_looked_at_together_have_the_patterns_of_each_alone(lines: list[str]) -> None:
    alone = {number: EVERY_END.of_line(line) for number, line in enumerate(lines)}
    assert EVERY_END.lines_of("\n".join(lines)) == {number: found for number, found in alone.items() if found}


def test_lines_of_signs_have_no_patterns_if_none_covers_them() -> None:
    chosen = LiteralFilter([(Pattern("Share"), Place.WHOLE)])
    assert chosen.lines_of("…\nShare\n" * 100) == dict.fromkeys(range(1, 200, 2), (0,))

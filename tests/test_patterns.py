"""What phrases and regular expressions match, and what a wrong pattern is told."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Mapping

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bodycopy.errors import PatternError
from bodycopy.patterns import Pattern, anywhere, covering, key_of_line, key_of_phrase


@pytest.mark.parametrize(
    ("source", "line", "fits"),
    [
        pytest.param("Read more", "READ MORE", True, id="case"),
        pytest.param("Read more", "Read \u00a0 \tmore", True, id="amount and kind of space"),
        pytest.param("Read more", "Readmore", False, id="some space"),
        pytest.param("Read more", "Read more now", False, id="more after"),
        pytest.param("Read more", "Now read more", False, id="more before"),
        pytest.param("Who's there", "Who’s there", True, id="quotes"),
        pytest.param("«Share»", '"Share"', True, id="any quote for any other"),
        pytest.param("Sign-up", "Sign – up", False, id="a dash does not take space"),
        pytest.param("Sign-up", "Sign–up", True, id="dashes"),
        pytest.param("Read more", "- Read more", True, id="bullet"),
        pytest.param("Read more", "» • Read more", True, id="two bullets"),
        pytest.param("Read more", "→Read more", True, id="bullet without space"),
        pytest.param("Read more", "Read more:", True, id="colon"),
        pytest.param("Read more", "Read more … »", True, id="ellipsis and arrow"),
        pytest.param("Read more", "Read more...", True, id="three full stops"),
        pytest.param("Required", "Required*", True, id="asterisk as ornament"),
        pytest.param("Read more", "Read more.", False, id="a full stop counts"),
        pytest.param("Read more", "Read more!", False, id="an exclamation mark counts"),
        pytest.param("Read more…", "Read more...", True, id="ellipsis in two ways"),
        pytest.param("View all *", "View all comments", True, id="star"),
        pytest.param("View all *", "View all", True, id="star for nothing"),
        pytest.param("View all *", "View allotments", False, id="star after a space"),
        pytest.param("* comments", "12 comments", True, id="star before"),
        pytest.param("* comments", "comments", True, id="star before for nothing"),
        pytest.param("View * comments", "View comments", True, id="star inside for nothing"),
        pytest.param("View * comments", "View all 12 comments", True, id="star inside"),
        pytest.param("View *comments", "View allcomments", True, id="star that touches a word"),
        pytest.param(r"Required \*", "Required *", True, id="asterisk"),
        pytest.param(r"Required \* or not", "Required x or not", False, id="an asterisk is no star"),
        pytest.param("a.b", "axb", False, id="no regular expression"),
        pytest.param("[Show (1)]", "[show (1)]", True, id="signs of regular expressions"),
        pytest.param("istanbul", "İSTANBUL", True, id="dotted I"),
        pytest.param("share", "ſhare", True, id="long s"),
        pytest.param("ΣΑΣ", "σας", True, id="final sigma"),
        pytest.param("分享", "» 分享：", False, id="a wide colon is no ornament"),
        pytest.param("分享", "» 分享 >", True, id="Chinese"),
        pytest.param("/view \\d+/", "View 12", True, id="expression"),
        pytest.param("/view \\d+/", "View 12 more", False, id="an expression covers the line"),
        pytest.param("/view \\d+/", "• View 12", False, id="an expression takes bullets as they are"),
        pytest.param("/(?-i:[A-Z]+)/", "news", False, id="an expression where capitals matter"),
        pytest.param("/(image beacon\\s*)+/", "image beaconImage Beacon image beacon", True, id="glued"),
    ],
)
def test_covering(source: str, line: str, fits: bool) -> None:
    assert bool(covering(Pattern(source)).fullmatch(line)) is fits


@pytest.mark.parametrize(
    ("source", "line", "found"),
    [
        pytest.param("by the way", "Oh, by the way.", ["by the way"], id="in a line"),
        pytest.param("by the way", "by the wayside", [], id="a letter touches the end"),
        pytest.param("by the way", "hereby the way", [], id="a letter touches the start"),
        pytest.param("by the way", "by the way2", [], id="a digit touches"),
        pytest.param("by the way", "by the way_", ["by the way"], id="a low line does not touch"),
        pytest.param("cafe", "cafe\u0301", [], id="a combining mark touches"),
        pytest.param("[ad]", "x[ad]y", ["[ad]"], id="signs may be touched"),
        pytest.param("广告", "这是广告内容", ["广告"], id="Chinese does not separate words"),
        pytest.param("โฆษณา", "นี่คือโฆษณาที่", ["โฆษณา"], id="Thai does not separate words"),
        pytest.param("광고", "광고는", [], id="Korean does"),
        pytest.param("реклама", "рекламация", [], id="Cyrillic does"),
        pytest.param("ad", "Ad. AD; ad", ["Ad", "AD", "ad"], id="every one"),
        pytest.param("ad", "» ad …", ["ad"], id="no bullet and no ornament"),
        pytest.param("Photo *", "Photographers came", [], id="a letter touches before the star"),
        pytest.param("* ad", "He read", [], id="a letter touches after the star"),
        pytest.param("/ad/", "badminton", ["ad"], id="an expression stands free"),
    ],
)
def test_anywhere(source: str, line: str, found: list[str]) -> None:
    assert [match[0] for match in anywhere(Pattern(source)).finditer(line)] == found


@pytest.mark.parametrize(
    ("source", "message", "offset"),
    [
        pytest.param("", "this pattern matches every line; write what the line says", 0, id="empty"),
        pytest.param("*", "this pattern matches every line; write what the line says", 0, id="star alone"),
        pytest.param(" * *", "this pattern matches every line; write what the line says", 0, id="stars and spaces"),
        pytest.param("a\x00", "control character U+0000 in a pattern; it can never match", 1, id="NUL"),
        pytest.param("a\tb", "control character U+0009 in a pattern; it can never match", 1, id="tab"),
        pytest.param(
            "a\u2028b",
            r"character U+2028 cannot stand in a pattern; a regular expression says \u2028",
            1,
            id="line separator",
        ),
        pytest.param("a" * 5001, "5,001 characters; a pattern has at most 5,000, so write several", 0, id="long"),
        pytest.param("\ud800", "control character U+D800 in a pattern; it can never match", 0, id="lone surrogate"),
        pytest.param(
            "/a",
            'a pattern that begins with "/" is a regular expression and must end with "/"; '
            r"for a phrase that begins with a slash write /\/.../",
            0,
            id="half an expression",
        ),
        pytest.param(
            "/",
            'a pattern that begins with "/" is a regular expression and must end with "/"; '
            r"for a phrase that begins with a slash write /\/.../",
            0,
            id="slash",
        ),
        pytest.param("//", "an empty regular expression matches nothing of use", 0, id="empty expression"),
        pytest.param("/a(b/", "not a regular expression: missing )", 4, id="open group"),
        pytest.param("/[z-a]/", "not a regular expression: bad character range", 5, id="bad range"),
        pytest.param("/a{2}{3}/", "not a regular expression: multiple repeat", 5, id="two quantifiers"),
    ],
)
def test_wrong_patterns(source: str, message: str, offset: int) -> None:
    with pytest.raises(PatternError) as caught:
        Pattern(source)
    assert (str(caught.value), caught.value.offset) == (message, offset)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("/(?V1)a/", id="the other version"),
        pytest.param("/(?au)a/", id="two kinds of letters"),
        pytest.param(f"/{'(' * 3000}a{')' * 3000}/", id="too deep"),
        pytest.param("/a{9999999999999}/", id="too many"),
        pytest.param("/(?<=/", id="open lookbehind"),
        pytest.param(r"/\L<names>/", id="a list without a name"),
        pytest.param(r"/\N{NO SUCH SIGN}/", id="a sign that is not"),
    ],
)
def test_no_wrong_expression_raises_anything_else(source: str) -> None:
    with pytest.raises(PatternError):
        Pattern(source)


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(
        st.text(st.sampled_from("ab*+?{}[]()|^$\\.-,1<>=!:#&PxpLuNVi_ "), max_size=12).map(lambda e: f"/{e}/"),
        st.text(max_size=8),
    )
)
def test_a_pattern_is_right_or_refused(source: str) -> None:
    try:
        pattern = Pattern(source)
    except PatternError:
        return
    covering(pattern).fullmatch("a line")
    anywhere(pattern).search("a line")


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("a{9999}", True),
        ("a{10001}", False),
        ("(?:ab){1500}", True),
        ("(?:ab){6000}", False),
        ("(a{99}){99}", True),
        ("(a{99}b){90}", True),
        ("(a{999}){99}", False),
        ("(?:a|b|(c{99}){9}){99}", False),
        ("[a{99999}]{99}", True),
        (r"a\{99999}", True),
        ("a{0,99999}", True),
        ("a{99999,}", False),
        ("a{99999 }", True),
    ],
)
def test_repeats_count_as_often_as_they_are_written_out(expression: str, fits: bool) -> None:
    if fits:
        Pattern(f"/{expression}/")
        return
    with pytest.raises(PatternError, match="this regular expression is too large"):
        Pattern(f"/{expression}/")


@pytest.mark.parametrize(
    ("source", "open_ended"),
    [("Next *", True), ("Next", False), (r"Next \*", False), ("* next", False), ("/next *", None), ("/next.*/", False)],
)
def test_open_ended(source: str, open_ended: bool | None) -> None:
    if open_ended is None:
        with pytest.raises(PatternError):
            Pattern(source)
    else:
        assert Pattern(source).open_ended is open_ended


SIGNS = "aAbß ſsSiIİıkKσςΣǅǆ分ก1´'’“”-–—‐ \t\xa0\x1f\x85.…:»›>→*•·|!é\u0301"


@settings(max_examples=2000, deadline=None)
@given(
    st.text(st.sampled_from(SIGNS + "\\"), min_size=1, max_size=6),
    st.text(st.sampled_from(" •-»·|>→*"), max_size=4),
    st.text(st.sampled_from(" :….»›>→*!"), max_size=5),
    st.lists(st.integers(0, len(SIGNS) - 1), max_size=3),
)
def test_a_key_says_what_a_phrase_covers(source: str, before: str, after: str, changes: list[int]) -> None:
    try:
        pattern = Pattern(source)
    except PatternError:
        return
    wanted = key_of_phrase(pattern)
    others = [
        source.swapcase(),
        source.replace(" ", " \u2003"),
        *(source.replace(source[0], SIGNS[at]) for at in changes),
    ]
    for text in (source, *others):
        for line in (text.strip(), f"{before}{text}{after}".strip()):
            key = key_of_line(line)
            if wanted is not None and key is not None:
                assert (wanted == key) is bool(covering(pattern).fullmatch(line))


@pytest.fixture(scope="module")
def keys() -> Mapping[str, str]:
    """The key of a line with each character between two letters, where there is one."""
    every = ((sign, key_of_line(f"x{sign}x")) for sign in map(chr, range(sys.maxunicode + 1)))
    return {sign: key for sign, key in every if key is not None}


def test_letters_with_equal_keys_are_those_that_regex_takes_as_equal(keys: Mapping[str, str]) -> None:
    classes: dict[str, list[str]] = {}
    for sign, key in keys.items():
        if sign.isalpha():
            classes.setdefault(key, []).append(sign)
    for equal in classes.values():
        if len(equal) > 1:
            assert all(
                regex.fullmatch(one, "".join(equal)[at], regex.IGNORECASE | regex.VERSION0)
                for one in equal
                for at in range(len(equal))
            )


def test_white_space_of_keys_is_that_of_regex(keys: Mapping[str, str]) -> None:
    white_space = [sign for sign, key in keys.items() if key == "x x"]
    assert " " in white_space
    assert all(regex.fullmatch(r"\s", sign) for sign in white_space)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        pytest.param(r"(?:ferry){e<=1}", "fery", id="fuzzy"),
        pytest.param(r"\((?:[^()]|(?R))*\)", "(a(b)c)", id="recursion"),
        pytest.param(r"(?P<day>\d+)\. (?-i:\p{Lu})\p{L}+ (?P=day)", "7. May 7", id="groups, case and properties"),
        pytest.param(r"(?<=a|bc)[^\W\d_]++(?!x)", "bcdef", id="lookaround and a possessive repeat"),
    ],
)
def test_an_expression_is_compiled_once_and_kept_with_the_pattern(expression: str, text: str) -> None:
    pattern = Pattern(f"/{expression}/")
    of_another_regex = pickle.loads(
        pickle.dumps(pattern).replace(regex.__version__.encode(), b"x" * len(regex.__version__))
    )
    fresh = regex.compile(expression, regex.IGNORECASE | regex.VERSION0)
    for one in (pickle.loads(pickle.dumps(pattern)), of_another_regex):
        anywhere.cache_clear()
        for line in (text, text.upper(), f"{text} {text}", f"x{text}", ""):
            assert [m.span() for m in anywhere(one).finditer(line)] == [m.span() for m in fresh.finditer(line)]

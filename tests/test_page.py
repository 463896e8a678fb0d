"""What a region takes for the article of a page, and what it leaves alone."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bodycopy.cleaner import Cleaner
from bodycopy.form import count_words
from bodycopy.page import Stretch, stretches
from bodycopy.rows import Row

ARTICLE = """\
Ferry Crosses the River for the First Time
Forty people were on it, and all of them were glad
The bridge over the river was closed for three days after the storm had passed, and nobody knew why.
Engineers went down to the piers on the first morning and looked for cracks in the stone of the arches.
What they found
They found that two of the arches had moved by the width of a hand and would have to be rebuilt in stone.
Nobody in the village could remember that the water had ever stood so high in the spring of any year.
- ten bags of sand
- four ropes and a wheel
The baker drove the long way round through the hills and sold his bread from the back of the van at noon.
A ferry was brought up from the coast, and it crossed every half hour from dawn until late in the night.
The council says that it will go on for as long as the masons need, and that nobody will have to pay for it.
"""
HEADLINE = ARTICLE.partition("\n")[0]
BODY = ARTICLE.partition("glad\n")[2]
RECIPE = """\
Bread of the Ferryman
The ferryman bakes it on the evening before a storm, and he says that it keeps for a week on the water.
- 500 g flour
- 20 g salt
- 10 g yeast
- 1 onion
- 2 spoons of oil
Cut the onion into pieces as small as you can, and leave them in the oil over a low fire until they are brown.
Let the yeast stand in warm water with a little of the flour, and wait until it begins to work and to smell of it.
Knead the dough for ten minutes and let it stand near the fire until it is twice as high as it was.
Bake it for an hour, and do not open the door before the crust is as brown as the river in the spring.
"""
ABOVE = """\
Skip to main content
Log in
Villages
Rivers
Bridges
Mills
Ferries
Harbours
Lakes
Toggle navigation
"""
BELOW = """\
Share on Facebook
Share on Twitter
Subscribe to our newsletter
Old Mill Opens
Ten Bridges
Bread and Butter
Rivers
Villages
Harbours
Lakes
Contact us
Privacy Policy
Terms of Use
© 2024 The River Post. All rights reserved.
"""
THREAD = """\
14 comments
Anna
I was on that ferry, and it was late, and nobody said a word to us about it.
Ben
You were not on it, because I was, and I saw nobody who looked like you at all.
"""
POLICY = """\
Privacy Policy
1. Cookies
We use cookies so that the ferry knows you when you come again, and you may refuse them at any time.
2. Newsletter
You can subscribe to our newsletter, and you can leave it again by a letter to the harbour office.
3. Comments
Your name and your address are kept for as long as the comment stands below the article that it is about.
Contact
Harbour Office, Strelsau
"""


MENU = "Old Mill Opens\nTen Bridges\nRivers\nVillages\nHarbours\nLakes\nMills\n" * 4
SECOND = """\
The mill at the old bridge has opened again, after a winter in which nobody had ground a single bag of corn there.
Its wheel was made new by two brothers from the coast, who had never built one before and will not build another.
"""
TEASERS = """\
Half of the mills on the river have no wheel now
Bread and Butter: what the ferryman eats in winter
"""
PAGE_RULE = """\
category: structure
about: The skip link, and what stands around the article.
rules:
  - id: skip
    line: Skip to main content
  - id: around
    region:
      page: {{removed: 0, kinds: {kinds}, rival: {rival}, mostly: {mostly}}}
      prose: {{repeated: 0}}
      other: {{long: -8, medium: -4, short: -6, tiny: -13}}
      least: 100
      above: 0.1
      below: 0.5
      title: {title}
      aside: {aside}
      gaps: {{kinds: {gaps}, lines: 3}}
"""
WEIGHTS = {"rival": 0, "mostly": 0, "kinds": 100, "title": 0, "aside": 0, "gaps": 0}


def test_the_furniture_of_a_page_goes_and_the_article_stays(cleaner: Cleaner) -> None:
    result = cleaner.clean(ABOVE + ARTICLE + BELOW)
    assert result.text == ARTICLE
    assert "structure/page/around-the-article" in {removal.rule for removal in result.removals}
    assert cleaner.clean(result.text).text == ARTICLE
    assert result.restore() == ABOVE + ARTICLE + BELOW


def test_what_another_rule_removes_keeps_its_name(cleaner: Cleaner) -> None:
    named = {removal.text.strip(): removal.rule for removal in cleaner.clean(ABOVE + ARTICLE + BELOW).removals}
    assert named["Share on Facebook"].startswith("sharing/")


def test_comments_below_the_article_go(cleaner: Cleaner) -> None:
    assert cleaner.clean(ABOVE + ARTICLE + THREAD + BELOW).text == ARTICLE


@pytest.mark.parametrize("text", [ARTICLE, RECIPE, POLICY], ids=["article", "recipe", "policy"])
def test_a_text_that_is_no_page_is_left_alone(cleaner: Cleaner, text: str) -> None:
    assert not any(removal.category == "structure" for removal in cleaner.clean(text).removals)


def test_a_list_of_the_article_stays(cleaner: Cleaner) -> None:
    assert RECIPE in cleaner.clean(ABOVE + RECIPE + BELOW).text


@pytest.mark.parametrize(("rival", "whole"), [(0, False), (-500, True)])
def test_a_second_text_on_the_page_speaks_against_a_cut(tmp_path: Path, rival: int, whole: bool) -> None:
    left = _cleaner(tmp_path, rival=rival).clean(ABOVE + ARTICLE + MENU + SECOND + MENU).text
    assert (SECOND in left, MENU in left) == (whole, whole)


@pytest.mark.parametrize(("title", "whole"), [(0, True), (0.25, False)])
def test_the_article_stands_below_the_title_that_comes_back(tmp_path: Path, title: float, whole: bool) -> None:
    page = f"{HEADLINE} - The River Post\n{ABOVE}{SECOND}{HEADLINE}\n{BODY}{MENU}"
    left = _cleaner(tmp_path, title=title).clean(page).text
    assert BODY in left
    assert (SECOND in left) is whole


def test_a_title_that_comes_back_below_the_article_says_nothing(tmp_path: Path) -> None:
    page = f"{HEADLINE}\n{ABOVE}{BODY}{MENU}{HEADLINE}\n{MENU}"
    assert _cleaner(tmp_path, title=0.25).clean(page).text == BODY


@pytest.mark.parametrize(("aside", "stays"), [(0, True), (0.9, False)])
def test_captions_and_teasers_at_another_indent_go(tmp_path: Path, aside: float, stays: bool) -> None:
    first, _, rest = ARTICLE.partition("What they found\n")
    page = f"{ABOVE}{first}{_indented(TEASERS)}{_indented('What they found')}{rest}{MENU}"
    left = _cleaner(tmp_path, aside=aside).clean(page).text
    assert (_indented(TEASERS) in left) is stays
    assert _indented("What they found") + rest in left


def test_an_article_with_several_indents_keeps_all_of_its_lines(tmp_path: Path) -> None:
    page = "".join(
        _indented(line) if number % 2 else line for number, line in enumerate(BODY.splitlines(keepends=True))
    )
    assert _cleaner(tmp_path, aside=0.9).clean(ABOVE + page + MENU).text == page


@pytest.mark.parametrize(("mostly", "whole"), [(0, True), (1000, False)])
def test_a_text_of_which_most_goes_is_a_page(tmp_path: Path, mostly: int, whole: bool) -> None:
    page = "Skip to main content\n" * 60 + BODY + MENU
    left = _cleaner(tmp_path, mostly=mostly, kinds=0).clean(page).text
    assert left == (BODY + MENU if whole else BODY)


@pytest.mark.parametrize(("gaps", "stays"), [(0, True), (1, False), (2, True)])
def test_lines_between_removed_ones_go_where_it_is_not_sure_that_this_is_a_page(
    tmp_path: Path, gaps: int, stays: bool
) -> None:
    left = _cleaner(tmp_path, kinds=0, gaps=gaps).clean(BODY + _between_links("Rivers\nMills\nHarbours\n")).text
    assert left == (BODY + "Rivers\nMills\nHarbours\n" if stays else BODY)


@pytest.mark.parametrize(
    "below", ["Rivers\nMills\nHarbours\nLakes\n", SECOND], ids=["too many lines between them", "prose"]
)
def test_other_lines_stay_there(tmp_path: Path, below: str) -> None:
    left = _cleaner(tmp_path, kinds=0, gaps=1).clean(BODY + "Islands\n" + _between_links(below) + "Ferries\n").text
    assert left == BODY + "Islands\n" + below + "Ferries\n"


def _between_links(text: str) -> str:
    return f"Skip to main content\n{text}Skip to main content\n"


def _cleaner(folder: Path, **weights: float) -> Cleaner:
    pack = folder / "page.yaml"
    pack.write_text(PAGE_RULE.format_map({**WEIGHTS, **weights}), encoding="utf-8")
    return Cleaner([pack], builtin=False)


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def test_the_headline_goes_when_asked_for(headline_cleaner: Cleaner) -> None:
    left = headline_cleaner.clean(ABOVE + ARTICLE + BELOW).text
    assert left == BODY


@given(st.lists(st.integers(-5, 5), max_size=14))
def test_stretches_are_what_their_definition_says(points: list[int]) -> None:
    """A stretch is minimal and maximal in the sense of Ruzzo and Tompa: no part is worth as much, no whole more."""
    assert [Stretch(*s) for s in _by_definition(points, 0, len(points))] == stretches(points)


def _by_definition(points: list[int], start: int, end: int) -> list[tuple[int, int, float]]:
    """Take the shortest run with the highest sum, then look left and right of it."""
    sums = [0, *accumulate(points)]
    runs = [(sums[b] - sums[a], a, b) for a in range(start, end) for b in range(a + 1, end + 1)]
    best = max((worth for worth, _, _ in runs), default=0)
    if best <= 0:
        return []
    _, a, b = min((run for run in runs if run[0] == best), key=lambda run: (run[2] - run[1], run[1]))
    return [*_by_definition(points, start, a), (a, b, float(best)), *_by_definition(points, b, end)]


@given(
    st.lists(st.sampled_from(["word ", "l’eau ", "– ", "_ ", "分分", "ア", "\U00020000", "\xa0", "é"]), max_size=9),
    st.sampled_from(["", "– " * 60, "x" * 100, "分" * 90]),
    st.integers(0, 9),
)
def test_the_first_words_of_a_row_say_no_more_than_all(signs: list[str], rest: str, number: int) -> None:
    text = "".join(signs) + rest
    assert Row(0, 0, text).has_words(number) == (count_words(text) >= number)

"""A line → patterns that find it and its like: what is a count or a date in it may be another.

A phrase passes over bullets before it and ornaments after it, so they are left out; an expression has to allow them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import regex

from bodycopy.form import BULLET, ORNAMENT
from bodycopy.patterns import Pattern, outlines
from bodycopy.skeleton import COPYRIGHT, DIGIT, bare

__all__ = ["body_of", "patterns_for", "without_changing_parts"]

_BULLETS: Final = regex.compile(rf"(?:{BULLET}+\s+)*+")
_ORNAMENTS: Final = regex.compile(rf"(?:\s*{ORNAMENT})*\Z")
_SIGNS: Final = regex.compile(r"[\\.^$*+?{}\[\]|()/]")
_DIGITS_OR_MONTH: Final = regex.compile(r"(?P<digits>\d+)|(?<!\p{L})(?!de\b)\p{L}+")
_CHANGING: Final = regex.compile(
    r"""
    (?P<date>
        (?<![\p{L}\p{N}]) (?:
            \d{4}[-/.]\d{1,2}[-/.]\d{1,2}
          | \d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})
          | \d{1,2}(?:st|nd|rd|th|\.)?[ ](?:de[ ])?\p{L}{3,}[.,]?[ ](?:de[ ])?(?:19|20)\d{2}
          | \p{L}{3,}\.?[ ]\d{1,2}(?:st|nd|rd|th)?,?[ ](?:19|20)\d{2}
          | \d{1,2}:\d{2}(?::\d{2})?
        ) (?![\p{L}\p{N}])
      | (?<=(?:©|\(c\)|(?i:copyright))[ ]?) (?:19|20)\d{2} (?!\p{N})
    )
  | (?P<count>
        (?<![\p{L}\p{N}][-.,:/]?|[$€£]) (?!(?:19|20)\d{2}[^\p{N},.]) (?:\d{1,3}(?:[.,]\d{3})+|\d{1,6})
        (?:
            (?=[ ]\p{Ll})
          | (?<=\A[\d.,]+)(?=[ ]\p{L})
          | (?<=[(\[]\d+)(?=[)\]])
          | (?<=:[ ]\d+)\Z
          | (?<=\d[ ]of[ ]\d+)\Z
        )
    )
    """,
    regex.VERBOSE,
)


def patterns_for(line: str, *, spaced: bool = False) -> Iterator[str]:
    r"""Yield patterns for a line: with its counts and dates open, if it has any, then as it stands.

    `spaced` says that the line was seen with more white space than it has here. A pattern without fixed letters is not
    given: it would find dates and counts that are not of this kind of line.

    >>> print(*patterns_for("Posted on 4 March 2014 | 12 comments"), sep="\n")
    /Posted on \d{1,2} \p{L}+ \d{4} \| \d{1,6} comments/
    Posted on 4 March 2014 | 12 comments
    """
    before, body, after = _parts(line)
    opened, exact = _opened(body), _escaped(body)
    if opened != exact:
        pattern = _expression(before, opened, after, spaced)
        if _has_letters(pattern):
            yield pattern
    yield _expression(before, exact, after, spaced) if body.startswith("/") else body.replace("*", r"\*")


def body_of(line: str) -> str:
    """Return what a line says, without the bullets before it and the ornaments after it.

    >>> body_of("» Read more …")
    'Read more'
    """
    return _parts(line)[1]


def without_changing_parts(line: str) -> str:
    """Return a line without its counts and dates."""
    return _CHANGING.sub(" ", line)


def _expression(before: str, body: str, after: str, spaced: bool) -> str:
    """Return a pattern for a line whose bullets and ornaments may be missing."""
    bullets = rf"(?:{_escaped(before.strip())}\s*)?" if before else ""
    ornaments = rf"(?:\s*{_escaped(after.strip())})?" if after else ""
    # In a regular expression a space is a space, and not any white space.
    return f"/{bullets}{body}{ornaments}/".replace(" ", r"\s+" if spaced else " ")


def _has_letters(pattern: str) -> bool:
    known = outlines(Pattern(pattern))
    return any(all(bare(piece).strip(DIGIT + COPYRIGHT) for piece in group) for group in (*known.pieces, *known.also))


def _parts(line: str) -> tuple[str, str, str]:
    """Cut a line into the bullets before it, what it says, and the ornaments after it."""
    bullets = _BULLETS.match(line)
    start = bullets.end() if bullets else 0
    body = _ORNAMENTS.sub("", line[start:])
    return (line[:start], body, line[start + len(body) :]) if body else ("", line, "")


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", text)


def _opened(text: str) -> str:
    """Return an expression for a text in which its counts and dates may be others."""
    pieces, at = [], 0
    for found in _CHANGING.finditer(text):
        pieces += [_escaped(text[at : found.start()]), _any_count(found[0]) if found["count"] else _any_date(found[0])]
        at = found.end()
    return "".join([*pieces, _escaped(text[at:])])


def _any_count(text: str) -> str:
    return r"\d{1,6}" if text.isdigit() else r"\d{1,3}(?:[.,]\d{3})*"


def _any_date(text: str) -> str:
    """Return an expression for dates written like this one: other numbers, and another word for the month."""
    pieces, at = [], 0
    for part in _DIGITS_OR_MONTH.finditer(text):
        pieces += [_escaped(text[at : part.start()]), _any_like(part)]
        at = part.end()
    return "".join([*pieces, _escaped(text[at:])])


def _any_like(part: regex.Match[str]) -> str:
    if not part["digits"]:
        return r"\p{L}+"
    return r"\d{4}" if len(part[0]) == 4 else r"\d{1,2}"

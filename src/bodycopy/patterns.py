"""The pattern language: a phrase, or `/a regular expression/`, as a matcher and as the skeletons it can match.

A phrase is matched without regard to letter case, to the kind of quotes and dashes and to the amount of white
space; `*` stands for anything or nothing, `\\*` for an asterisk. Regular expressions are those of the `regex`
package and ignore case too.
"""

from __future__ import annotations

import pickle
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, cast, overload

import regex

from bodycopy.errors import PatternError
from bodycopy.form import BULLET, BULLETS, DASHES, ORNAMENT, QUOTES, fold, same_form
from bodycopy.literals import (
    ANYTHING,
    Language,
    either,
    following,
    language_of_expression,
    literal,
    outline_of_expression,
    outlined,
)

__all__ = ["PackedPatterns", "Pattern", "anywhere", "covering", "key_of_line", "key_of_phrase", "language", "outlines"]

_LONGEST = 5_000
_LARGEST = 10_000
"""Parts of an expression. `regex` takes a microsecond and 300 bytes for each, and so does not end with some."""

_FLAGS: Final = regex.IGNORECASE | regex.VERSION0
_TOKEN: Final = re.compile(
    rf"(?P<star>\*)|\\(?P<asterisk>\*)|(?P<space>\s+)|(?P<ellipsis>…|\.{{3}})"
    rf"|(?P<quote>[{regex.escape(QUOTES)}])|(?P<dash>[{regex.escape(DASHES)}])|(?P<sign>.)",
    re.DOTALL,
)
_PART: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<least>\d{1,9})(?=\d*(?:,\d*)?\})|.", re.DOTALL | re.ASCII
)
_ELLIPSIS: Final = r"(?:…|\.{3})"
_CLASSES: Final = {
    "star": ".*?",
    "space": r"\s+",
    "ellipsis": _ELLIPSIS,
    "quote": f"[{regex.escape(QUOTES)}]",
    "dash": f"[{regex.escape(DASHES)}]",
}
_UNSPACED: Final = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}\p{Javanese}\p{Balinese}]"
)
_BEFORE: Final = BULLETS + "".join(filter(str.isspace, map(chr, range(0x3001))))
_HARD: Final = frozenset("İı\x1c\x1d\x1e\x1f")  # the i of Turkish; white space to Python alone
_NOT_IN_A_BLOCK: Final = "\u2028\u2029\ufffe\uffff"
"""What YAML takes for a line end, or does not take at all; in quotes it could be written as an escape."""
_MADE_BY: Final = f"{regex.__version__} {sys.byteorder}\n".encode()
_TOUCHING: Final = r"[\p{L}\p{M}\p{N}]"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern as written, with its place (counted from 1; 0 and "" if it comes from no file)."""

    source: str
    line: int = field(default=0, compare=False, repr=False)
    column: int = field(default=0, compare=False, repr=False)
    file: str = field(default="", compare=False, repr=False)

    expression: str | None = field(init=False, compare=False, repr=False)
    """The regular expression between the slashes, or None if the pattern is a phrase."""
    fixed: bool = field(init=False, compare=False, repr=False)
    """Whether this is a phrase without `*`: trying it takes no time that is worth a limit."""
    compiled: bytes = field(init=False, compare=False, repr=False)
    """The expression as `regex` compiled it, pickled, behind `_MADE_BY`: to load that is fifty times as quick."""

    def __post_init__(self) -> None:
        compiled = _check(self.source)
        expression = self.source[1:-1] if self.source.startswith("/") else None
        object.__setattr__(self, "expression", expression)
        object.__setattr__(self, "fixed", expression is None and "*" not in self.source)
        object.__setattr__(self, "compiled", _MADE_BY + pickle.dumps(compiled) if compiled else b"")

    def __reduce__(self) -> tuple[object, ...]:
        # What was checked once need not be checked again, and thousands are loaded when the program starts.
        return _unchecked, (self.source, self.line, self.column, self.file, self.expression, self.fixed, self.compiled)

    @property
    def open_ended(self) -> bool:
        """Whether this is a phrase that ends in `*`."""
        return self.expression is None and regex.search(r"(?<!\\)\*\Z", self.source) is not None


_set_source, _set_line, _set_column, _set_file, _set_expression, _set_fixed, _set_compiled = (
    getattr(Pattern, name).__set__ for name in Pattern.__slots__
)


def _unchecked(  # noqa: PLR0913, PLR0917 - all that a pattern has
    source: str, line: int, column: int, file: str, expression: str | None, fixed: bool, compiled: bytes
) -> Pattern:
    pattern: Pattern = object.__new__(Pattern)
    _set_source(pattern, source)  # One by one, since a loop takes twice as long.
    _set_line(pattern, line)
    _set_column(pattern, column)
    _set_file(pattern, file)
    _set_expression(pattern, expression)
    _set_fixed(pattern, fixed)
    _set_compiled(pattern, compiled)
    return pattern


class PackedPatterns(Sequence[Pattern]):
    """Patterns that are not unpacked before one is asked for: of thousands, a text needs a few.

    >>> packed = PackedPatterns([Pattern("Read more"), Pattern("Share")])
    >>> len(packed), packed[1], packed == (Pattern("Read more"), Pattern("Share"))
    (2, Pattern(source='Share'), True)
    """

    __slots__ = ("_packed", "_size", "_unpacked")

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._packed, self._size = pickle.dumps(tuple(patterns)), len(patterns)
        self._unpacked: tuple[Pattern, ...] | None = None

    @property
    def _patterns(self) -> tuple[Pattern, ...]:
        if self._unpacked is None:
            self._unpacked = pickle.loads(self._packed)
        return self._unpacked

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, at: int) -> Pattern: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Pattern, ...]: ...
    def __getitem__(self, at: int | slice) -> Pattern | tuple[Pattern, ...]:
        return self._patterns[at]

    def __iter__(self) -> Iterator[Pattern]:
        return iter(self._patterns)

    def __eq__(self, other: object) -> bool:
        return self._patterns == (other._patterns if isinstance(other, PackedPatterns) else other)

    def __hash__(self) -> int:
        return hash(self._patterns)

    def __repr__(self) -> str:
        return repr(self._patterns)

    def __reduce__(self) -> tuple[object, ...]:
        return _still_packed, (self._packed, self._size)


def _still_packed(packed: bytes, size: int) -> PackedPatterns:
    patterns = object.__new__(PackedPatterns)
    patterns._packed, patterns._size, patterns._unpacked = packed, size, None
    return patterns


@cache
def covering(pattern: Pattern) -> regex.Pattern[str]:
    """Return the matcher for `fullmatch` on a line without its surrounding white space.

    >>> bool(covering(Pattern("Read more")).fullmatch("» READ  MORE …"))
    True
    """
    if pattern.expression is not None:
        return _expression(pattern)
    body = _phrase(pattern.source)
    return regex.compile(rf"(?:{BULLET}\s*)*(?:{body})(?:\s*{ORNAMENT})*", _FLAGS)


@cache
def anywhere(pattern: Pattern) -> regex.Pattern[str]:
    """Return the matcher for `search` and `finditer`: a phrase found here touches no letter or digit.

    A `*` at its end reaches to the end of the line.

    >>> [bool(anywhere(Pattern("by the way")).search(s)) for s in ("Oh, by the way.", "by the wayside")]
    [True, False]
    """
    if pattern.expression is not None:
        return _expression(pattern)
    before, after = _not_touching("<", pattern.source[0]), _not_touching("", pattern.source[-1])
    return regex.compile(f"{before}{_phrase(pattern.source)}{after}", _FLAGS)


def _expression(pattern: Pattern) -> regex.Pattern[str]:
    if not pattern.compiled.startswith(_MADE_BY):  # It comes from a process with another `regex`.
        return regex.compile(pattern.source[1:-1], _FLAGS)
    return cast("regex.Pattern[str]", pickle.loads(pattern.compiled[len(_MADE_BY) :]))


@cache
def language(pattern: Pattern) -> Language:
    """Return what skeletons the texts that a pattern matches have, or their ends; bullets and ornaments left out.

    >>> sorted(language(Pattern("/(image|pixel) beacon/")).exact)
    [b'imagebeacon', b'pixelbeacon']
    """
    if pattern.expression is not None:
        return language_of_expression(pattern.expression)
    if pattern.fixed:
        return literal(pattern.source)
    tokens = _TOKEN.finditer(pattern.source)
    parts = [ANYTHING if token.lastgroup == "star" else literal(token[0]) for token in tokens]
    return following(parts, inside=False)


@cache
def outlines(pattern: Pattern) -> Language:
    """Return what is known of the outlines of the texts that a pattern matches, bullets and ornaments left out.

    >>> sorted(outlines(Pattern("/.* [(](photo|image): .*/")).pieces.inner)
    [b'(image:', b'(photo:']
    """
    if pattern.expression is not None:
        return outline_of_expression(pattern.expression)
    return following([_outline_of(token) for token in _TOKEN.finditer(pattern.source)])


def _outline_of(token: re.Match[str]) -> Language:
    if token.lastgroup == "star":
        return ANYTHING
    if token.lastgroup == "ellipsis":
        return either([outlined("…"), outlined("...")])
    return outlined(token["asterisk"] or token[0])


def key_of_phrase(pattern: Pattern) -> str | None:
    """Return what `key_of_line` gives for the lines that a phrase covers, or None if that must be left to `covering`.

    >>> key_of_phrase(Pattern("Read more")) == key_of_line("» READ  MORE …")
    True
    """
    plain = pattern.fixed and pattern.source[0].isalnum() and pattern.source[-1].isalnum()
    return key_of_line(pattern.source) if plain and not regex.search(_ELLIPSIS, pattern.source) else None


def key_of_line(text: str) -> str | None:
    """Reduce a line without its surrounding white space to what counts when a phrase must cover it.

    None if it holds a character that only `regex` knows how to compare: one that has no single equal of its own.
    """
    folded = fold(text)
    if len(folded) != len(text) or not _HARD.isdisjoint(text):
        return None
    return same_form(folded.lstrip(_BEFORE))


def _check(source: str) -> regex.Pattern[str] | None:
    """Raise what is wrong with a pattern, or return it compiled if it is an expression."""
    if len(source) > _LONGEST:
        raise PatternError(f"{len(source):,} characters; a pattern has at most {_LONGEST:,}, so write several")
    for offset, sign in enumerate(source):
        if unicodedata.category(sign) in ("Cc", "Cs"):
            raise PatternError(f"control character U+{ord(sign):04X} in a pattern; it can never match", offset)
        if sign in _NOT_IN_A_BLOCK:
            code = f"{ord(sign):04X}"
            raise PatternError(
                f"character U+{code} cannot stand in a pattern; a regular expression says \\u{code}", offset
            )
    if source.startswith("/"):
        return _checked_expression(source)
    if not source.replace("\\*", "x").replace("*", "").strip():
        raise PatternError("this pattern matches every line; write what the line says")
    return None


def _checked_expression(source: str) -> regex.Pattern[str]:
    if len(source) < 2 or not source.endswith("/"):
        raise PatternError(
            'a pattern that begins with "/" is a regular expression and must end with "/"; '
            r"for a phrase that begins with a slash write /\/.../"
        )
    if len(source) == 2:
        raise PatternError("an empty regular expression matches nothing of use")
    if _size(source[1:-1]) > _LARGEST:
        raise PatternError(
            f"this regular expression is too large: with its repeats written out, as {{9}} is nine times what stands "
            f"before it, it has more than {_LARGEST:,} parts; write a smaller number"
        )
    try:
        return regex.compile(source[1:-1], _FLAGS)
    except regex.error as error:
        message, offset = getattr(error, "msg", str(error)), getattr(error, "pos", None) or 0
        raise PatternError(f"not a regular expression: {message}", 1 + offset) from None
    except ValueError as error:  # flags that exclude each other
        raise PatternError(f"not a regular expression: {error}", 1) from None
    except (RecursionError, OverflowError, MemoryError) as error:
        raise PatternError(f"this regular expression is too large: {error}") from None


def _size(expression: str) -> int:
    """Return about how many parts an expression has for `regex`, which writes out how often a part stands at least."""
    groups, last = [0], 0
    for part in _PART.finditer(expression):
        if part["least"]:
            groups[-1] += last * (more := max(int(part["least"]) - 1, 0))
            last *= 1 + more
        elif part[0] == "(":
            groups.append(1)
        else:
            last = groups.pop() if part[0] == ")" and len(groups) > 1 else 1
            groups[-1] += last
    return sum(groups)


def _phrase(source: str) -> str:
    """Translate a phrase to a regular expression without anchors."""
    joined = "".join(_translate(token) for token in _TOKEN.finditer(source))
    # A star between spaces may be nothing, and then one space is enough; at an end it is nothing without its space.
    joined = joined.replace(r"\s+.*?\s+", r"\s+(?:.*?\s+)?").replace(rf"\s+{_ELLIPSIS}", rf"\s*{_ELLIPSIS}")
    words = source.strip("* \t")
    if joined.startswith(r".*?\s+"):
        joined = rf"(?:.*?\s+|{_not_touching('<', words[0])})" + joined[len(r".*?\s+") :]
    if joined.endswith(r"\s+.*?"):
        joined = joined[: -len(r"\s+.*?")] + rf"(?:\s+.*|{_not_touching('', words[-1])})"
    return joined.removesuffix(".*?") + ".*" if joined.endswith(".*?") else joined


def _not_touching(side: str, sign: str) -> str:
    """Return the condition that no letter or digit stands before ("<") or after ("") a sign that could touch it."""
    return f"(?{side}!{_TOUCHING})" if _separates_words(sign) else ""


def _translate(token: re.Match[str]) -> str:
    kind = token.lastgroup or ""
    return _CLASSES.get(kind) or regex.escape(token[kind], special_only=True)


def _separates_words(sign: str) -> bool:
    return sign.isalnum() and not _UNSPACED.match(sign)

"""What a line must hold for a regular expression to match it, derived from the syntax of the expression.

All is said in skeletons (`skeleton.py`), of which the line is one or has one at its start or its end, and in outlines,
of which it holds one. So one search for the pieces of all rules finds the few lines that are worth a try. Whatever is
not understood here tells nothing: then the expression is tried on every line, which is slow and right. The method is
that of Cox, "Regular Expression Matching with a Trigram Index" (2012), with whole strings in place of trigrams.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial, reduce
from heapq import heapify, heappop, heappush
from math import inf, prod, sqrt
from typing import Final, NamedTuple

from bodycopy.skeleton import COPYRIGHT, DIGIT, outline, skeleton

__all__ = [
    "ANYTHING",
    "Language",
    "Pieces",
    "cost",
    "covering_line",
    "either",
    "fewest",
    "following",
    "implies",
    "language_of_expression",
    "likelihood",
    "literal",
    "outline_of_expression",
    "outlined",
    "windows",
]

_MOST_EXACT = 256
_MOST_PIECES = 2048
_MOST_JOINED = 1024
_MOST_ALSO = 24
_MOST_GROUPS = 3
_COMMON = 0.6
_SIZES: Final = (16, 12, 9, 7, 6, 5, 4, 3, 2, 1)
_WINDOWS: Final = (10, 7, 4)
"""Bytes of the pieces that are searched for: longer ones make the database slower and find little less."""
_PRICE: Final = 2e-5
"""What it costs to search for one more piece, beside a hit on every line, which costs 1."""
_POSITIONS: Final = 25
"""How much more often a line holds something than it begins with it."""
_MOST_CLASS_MEMBERS = 12
_LONGEST_RANGE = 1000
_MOST_REPEATED = 8
_QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{(?P<low>\d*)(?P<comma>,(?P<high>\d*))?\})[?+]?")
_PLAIN: Final = re.compile(r"[^\\.^$*+?{}\[\]()|]+(?![*+?{])")
_ZERO_WIDTH: Final = frozenset("bBAZzmMGK")
_CATEGORIES: Final = frozenset("CLMNPSZ")  # \pL is \p{L}
_CONTROL: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_HEX_LENGTH: Final = {"x": 2, "u": 4, "U": 8}
_SAFE_FLAGS: Final = re.compile(r"\?[imsuwpr]*(?:V0)?[imsuwpr]*(?:-[imsw]+)?(?P<end>[:)])")
_GROUP: Final = re.compile(r"\?(?::|>|\||P?<(?P<name>\w+)>)")
_LOOK: Final = re.compile(r"\?<?[=!]")
_BOUND: Final = re.compile(r"\(\?=\.\{\d*,(?P<longest>\d{1,9})\}\\Z\)")
"""Says first of all how long the text may be: `(?=.{8,120}\\Z)`."""

_SHARES: Final = [0.0003] * 128 + [0.005] * 128
"""How often each byte of an outline stands where it may, roughly as in European languages; one that stands for letters
of other scripts is rare there, and one of very many in its own script."""
_SHARES[ord("0")] = 0.43  # a digit seldom comes alone
_SHARES[ord("\n")] = 0.17  # so that one is on every line
for _letters, _share in (
    ("e", 0.11),
    ("taoi", 0.08),
    ("nsrhl", 0.06),
    ("dcum", 0.04),
    ("fpgwybv", 0.02),
    ("kxjqz", 0.01),
    (".,'", 0.01),
    ("-", 0.003),
    ("():;?", 0.001),
):
    for _letter in _letters:
        _SHARES[ord(_letter)] = _share

Strings = frozenset[bytes]
_UNKNOWN: Final[Strings] = frozenset({b""})
"""Every string begins with the empty one, ends with it and holds it."""


class _NotUnderstoodError(Exception):
    """This syntax is beyond the reader; nothing may be concluded from the expression."""


class Pieces(NamedTuple):
    """Of each group one piece is there in every string: at its start, at its end, anywhere."""

    head: Strings
    tail: Strings
    inner: Strings


@dataclass(frozen=True)
class Language:
    """The skeletons that an expression can match: each is one of `exact`, or has the pieces of `rest`."""

    exact: Strings
    rest: Pieces | None
    longest: float
    """The length of the longest of all, or a number above it."""
    also: tuple[Strings, ...] = ()
    """Besides, of each of these groups one piece is in every string."""

    @cached_property
    def pieces(self) -> Pieces:
        """What every string has, those of `exact` included."""
        if self.rest is None:
            return _few(Pieces(self.exact, self.exact, self.exact))
        if not self.exact:
            return self.rest
        return _few(
            Pieces(self.exact | self.rest.head, self.exact | self.rest.tail, self.exact | self.rest.inner),
        )


ANYTHING: Final = Language(frozenset(), Pieces(_UNKNOWN, _UNKNOWN, _UNKNOWN), inf)
_ANY_SIGN: Final = replace(ANYTHING, longest=1)
_NOTHING: Final = Language(_UNKNOWN, None, 0)


def literal(text: str) -> Language:
    """Return the language of one text."""
    return _only(skeleton(text))


def _only(one: bytes) -> Language:
    return Language(frozenset({one}), None, len(one)) if one else _NOTHING


@dataclass(frozen=True, slots=True)
class _Reduction:
    """How texts are written down while an expression is read."""

    literal: Callable[[str], Language]
    escapes: dict[str, Language]
    """What escapes for kinds of characters are, where they are not anything."""
    inside: bool
    """Whether it is asked what stands inside, and not only what stands at the ends."""


_SKELETONS: Final = _Reduction(
    literal,
    {
        "d": _only(DIGIT),
        "s": _NOTHING,
        "W": Language(frozenset({b"", COPYRIGHT}), None, 1),
        "w": _ANY_SIGN,
        "S": _ANY_SIGN,
        "D": _ANY_SIGN,
    },
    inside=False,
)


def outlined(text: str) -> Language:
    """Return the language of one text, told by its outline."""
    return _only(outline(text))


_LINE_END: Final = _only(b"\n")


def covering_line(language: Language) -> Language:
    r"""Return the outlines of lines, with the line ends around them, given those of what covers one.

    >>> sorted(fewest(covering_line(outline_of_expression(r".*[(](photo|image)[)]")).pieces.inner))
    [b'(image)\n', b'(photo)\n']
    """
    return following([_LINE_END, language, _LINE_END])


_OUTLINES: Final = _Reduction(outlined, _SKELETONS.escapes | {"W": _ANY_SIGN}, inside=True)


def language_of_expression(expression: str) -> Language:
    """Return what is known of the skeletons that an expression matches: all of them, or their starts and ends.

    >>> sorted(language_of_expression(r"show \\d{1,2} (replies|comments)").exact)
    [b'show00comments', b'show00replies', b'show0comments', b'show0replies']
    >>> language_of_expression(r"see all .*").rest.head
    frozenset({b'seeall'})
    """
    try:
        return _Reader(expression, _SKELETONS).read()
    except (_NotUnderstoodError, RecursionError):
        return ANYTHING


def outline_of_expression(expression: str) -> Language:
    """Return what is known of the outlines of what an expression matches.

    >>> sorted(outline_of_expression(r"\\(photo: ?\\w+\\)").pieces.inner)
    [b'(photo:']
    """
    try:
        return _Reader(expression, _OUTLINES).read()
    except (_NotUnderstoodError, RecursionError):
        return ANYTHING


def likelihood(strings: Collection[bytes], *, anchored: bool = False) -> float:
    """Estimate how often a line holds one of the strings, or begins with it."""
    if b"" in strings:
        return inf
    return sum(map(_likelihood, strings)) * (1 if anchored else _POSITIONS)


@lru_cache(maxsize=100_000)
def _likelihood(one: bytes) -> float:
    """Say how often lines begin with this; letters that make words are as frequent as the root of chance has it."""
    return sqrt(prod(map(_SHARES.__getitem__, one))) / 10


def cost(strings: Collection[bytes]) -> float:
    """Estimate what it costs to search for some strings: each of them, and looking at the lines that hold one."""
    return likelihood(strings) + _PRICE * len(strings)


def _cost_of_one(one: bytes) -> float:
    return _likelihood(one) * _POSITIONS + _PRICE if one else inf


@lru_cache(maxsize=1_000)
def windows(strings: Strings) -> Strings:
    """Return pieces that cost little, of which each of the strings holds one.

    >>> sorted(windows(frozenset({b"loadmorecomments", b"(photo:", b"(photo:afp)"})))
    [b'(photo:', b'admorecomm']
    """
    strings = fewest(strings)
    sizes = _WINDOWS if len(strings) > 1 else _WINDOWS[:1]
    holders: dict[bytes, list[int]] = {}
    for number, one in enumerate(sorted(strings)):
        for size in {min(size, len(one)) for size in sizes}:
            for at in range(len(one) - size + 1):
                holders.setdefault(one[at : at + size], []).append(number)
    # A short piece that one string alone holds costs more than a long one of the same string.
    queue = [
        (_cost_of_one(piece) / len(held), piece)
        for piece, held in holders.items()
        if len(held) > 1 or len(piece) == _WINDOWS[0] or piece in strings
    ]
    heapify(queue)
    left, chosen = set(range(len(strings))), set()
    while left:
        estimate, piece = heappop(queue)
        if held := left.intersection(holders[piece]):
            actual = _cost_of_one(piece) / len(held)
            if actual > estimate:
                heappush(queue, (actual, piece))
            else:
                chosen.add(piece)
                left -= held
    return frozenset(chosen)


class _Reader:
    """A recursive-descent reader of the syntax of `regex`, as far as literals ask for it."""

    def __init__(self, expression: str, reduction: _Reduction) -> None:
        self.text = expression
        self.reduction = reduction
        self.at = 0

    def read(self) -> Language:
        branches = self._branches()
        if self.at < len(self.text):
            raise _NotUnderstoodError
        found = either(branches)
        if len(branches) == 1 and (bound := _BOUND.match(self.text)):
            return replace(found, longest=min(found.longest, int(bound["longest"])))
        return found

    def _alternation(self) -> Language:
        return either(self._branches())

    def _branches(self) -> list[Language]:
        branches = [self._concatenation()]
        while self._take("|"):
            branches.append(self._concatenation())
        return branches

    def _concatenation(self) -> Language:
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            if plain := _PLAIN.match(self.text, self.at):
                self.at = plain.end()
                parts.append(self.reduction.literal(plain[0]))
            else:
                parts.append(self._quantified())
        return following(parts, inside=self.reduction.inside)

    def _quantified(self) -> Language:
        found = self._atom()
        while self.at < len(self.text) and self.text[self.at] in "*+?{":
            quantifier = _QUANTIFIER.match(self.text, self.at)
            if not quantifier or quantifier[0].startswith("{}"):
                raise _NotUnderstoodError
            self.at = quantifier.end()
            found = _repeated(found, *_bounds(quantifier), inside=self.reduction.inside)
        return found

    def _atom(self) -> Language:
        sign = self._next()
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._set()
        if sign == "\\":
            return self._escape()
        if sign == ".":
            return _ANY_SIGN
        return _NOTHING if sign in "^$" else self.reduction.literal(sign)

    def _group(self) -> Language:
        if self._take("?#"):
            self.at = self._index(")") + 1
            return _NOTHING
        if look := _LOOK.match(self.text, self.at):
            self.at = look.end()
            self._alternation()
            self._close()
            return _NOTHING
        if flags := _SAFE_FLAGS.match(self.text, self.at):
            self.at = flags.end()
            return _NOTHING if flags["end"] == ")" else self._inside()
        if group := _GROUP.match(self.text, self.at):
            self.at = group.end()
            return self._inside()
        if self._peek() in "?*":
            raise _NotUnderstoodError
        return self._inside()

    def _inside(self) -> Language:
        found = self._alternation()
        self._close()
        return found

    def _set(self) -> Language:
        negated = self._take("^")
        members: list[str | Language] = []
        while not members or self._peek() != "]":
            sign = self._next()
            if sign == "[":
                raise _NotUnderstoodError
            members.append(self._escape(in_set=True) if sign == "\\" else sign)
        self._next()
        return _ANY_SIGN if negated else _one_of(members, self.reduction.literal)

    def _escape(self, *, in_set: bool = False) -> Language:
        sign = self._next()
        if sign in _ZERO_WIDTH and not in_set:
            return _NOTHING
        if sign in _HEX_LENGTH:
            digits = self.text[self.at : self.at + _HEX_LENGTH[sign]]
            self.at += len(digits)
            return self.reduction.literal(_from_hex(digits))
        if sign in "pPN" and self._peek() == "{":
            self.at = self._index("}") + 1
            return _ANY_SIGN
        if sign in "pP" and self._peek() in _CATEGORIES:
            self.at += 1
            return _ANY_SIGN
        if sign in "gL" and self._peek() == "<":
            self.at = self._index(">") + 1
            return ANYTHING
        if sign in _CONTROL:
            return self.reduction.literal(_CONTROL[sign])
        if sign.isdigit():
            while self._peek().isdigit():
                self.at += 1
            return ANYTHING
        if sign.isascii() and sign.isalpha():
            return self.reduction.escapes.get(sign, ANYTHING)
        return self.reduction.literal(sign)

    def _take(self, word: str) -> bool:
        found = self.text.startswith(word, self.at)
        self.at += len(word) * found
        return found

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _next(self) -> str:
        if self.at >= len(self.text):
            raise _NotUnderstoodError
        self.at += 1
        return self.text[self.at - 1]

    def _index(self, sign: str) -> int:
        found = self.text.find(sign, self.at)
        if found < 0:
            raise _NotUnderstoodError
        return found

    def _close(self) -> None:
        if not self._take(")"):
            raise _NotUnderstoodError


def _from_hex(digits: str) -> str:
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        raise _NotUnderstoodError from None


def _one_of(members: Sequence[str | Language], literal: Callable[[str], Language]) -> Language:
    """Return the language of a class: single signs, ranges, and what escapes stand for."""
    exact: set[bytes] = set()
    at = 0
    while at < len(members):
        first = members[at]
        if at + 2 < len(members) and members[at + 1] == "-":
            last = members[at + 2]
            if not isinstance(first, str) or not isinstance(last, str) or ord(last) - ord(first) > _LONGEST_RANGE:
                return _ANY_SIGN
            exact.update(*(literal(chr(code)).exact for code in range(ord(first), ord(last) + 1)))
            at += 3
            continue
        one = literal(first) if isinstance(first, str) else first
        if one.rest is not None:
            return _ANY_SIGN
        exact |= one.exact
        at += 1
    if len(exact) > _MOST_CLASS_MEMBERS:
        return _ANY_SIGN
    return Language(frozenset(exact), None, max(map(len, exact)))


def either(languages: Sequence[Language]) -> Language:
    """Return the language of one or another."""
    if len(languages) == 1:
        return languages[0]
    exact = frozenset[bytes]().union(*(language.exact for language in languages))
    rests = [language.rest for language in languages if language.rest is not None]
    return _bounded(exact, rests, max(language.longest for language in languages))


def following(parts: Sequence[Language], *, inside: bool = True) -> Language:
    """Return the language of one after another; what stands inside is left open if it is not asked for."""
    return reduce(partial(_then, inside=inside), parts, _NOTHING)


def _then(first: Language, second: Language, *, inside: bool) -> Language:
    if second is _NOTHING:
        return first
    if first is _NOTHING:
        return second
    if len(first.exact) * len(second.exact) > _MOST_EXACT:
        if len(first.exact) > len(second.exact):
            first = Language(frozenset(), first.pieces, first.longest)
        else:
            second = Language(frozenset(), second.pieces, second.longest)
    rests = []
    if first.exact and second.rest:
        head = _joined(first.exact, second.rest.head, first.exact)
        rests.append(Pieces(head, second.rest.tail, _best(second.rest.inner, head) if inside else _UNKNOWN))
    if first.rest and second.exact:
        tail = _joined(first.rest.tail, second.exact, second.exact)
        rests.append(Pieces(first.rest.head, tail, _best(first.rest.inner, tail) if inside else _UNKNOWN))
    if first.rest and second.rest:
        inner = _best(first.rest.inner, second.rest.inner, _across(first.rest, second.rest)) if inside else _UNKNOWN
        rests.append(Pieces(first.rest.head, second.rest.tail, inner))
    exact = _joined(first.exact, second.exact, first.exact)
    found = _bounded(exact, rests, first.longest + second.longest)
    if found.rest is None or not inside:
        return found
    # What one part needs holds for all strings; what was best for some may cost more beside what others need.
    inner = _best(found.rest.inner, first.pieces.inner, second.pieces.inner)
    found = replace(found, rest=found.rest._replace(inner=inner))
    return replace(found, also=_also(found, first, second))


def _across(first: Pieces, second: Pieces) -> Strings:
    """Return the pieces that stand where one part ends and the next begins."""
    return _joined(first.tail, second.head, _best(first.tail, second.head))


def _also(found: Language, *parts: Language) -> tuple[Strings, ...]:
    """Return the groups of parts that follow each other, less those that the rarest of all implies."""
    told = [found.pieces.inner]
    groups = {group: likelihood(group) for part in parts for group in (*part.also, *part.pieces)}
    for group in sorted(groups, key=groups.__getitem__):
        if groups[group] < _COMMON and len(group) <= _MOST_ALSO and not any(implies(one, group) for one in told):
            told.append(group)
    return tuple(told[1 : 1 + _MOST_GROUPS])


def implies(some: Strings, others: Strings) -> bool:
    """Say whether what has one of some pieces has one of others."""
    return all(any(other in one for other in others) for one in some)


def _joined(first: Strings, second: Strings, instead: Strings) -> Strings:
    """Return each string of one with each of the other, or others instead if that were too many."""
    if len(first) * len(second) > _MOST_JOINED:
        return instead
    if second == _UNKNOWN:
        return first
    if first == _UNKNOWN:
        return second
    return frozenset(a + b for a in first for b in second)


def _best(*groups: Strings) -> Strings:
    return min(map(fewest, groups), key=cost)


@lru_cache(maxsize=10_000)
def fewest(pieces: Strings) -> Strings:
    """Leave out the pieces that hold another one.

    >>> sorted(fewest(frozenset({b"at0:00", b"0:00", b"noon"})))
    [b'0:00', b'noon']
    """
    shortest = min(map(len, pieces), default=0)
    sizes: dict[bytes, set[int]] = {}
    for piece in pieces:
        sizes.setdefault(piece[:shortest], set()).add(len(piece))
    return frozenset(piece for piece in pieces if not _holds_another(piece, pieces, sizes, shortest))


def _holds_another(piece: bytes, pieces: Strings, sizes: dict[bytes, set[int]], shortest: int) -> bool:
    """Say whether a piece holds a smaller one, given the sizes of all by the bytes with which they begin."""
    for at in range(len(piece) - shortest + 1):
        if found := sizes.get(piece[at : at + shortest]):
            for size in found:
                if size < len(piece) and piece[at : at + size] in pieces:
                    return True
    return False


def _bounded(exact: Strings, rests: Sequence[Pieces], longest: float) -> Language:
    """Return the union, with no more strings than can be handled."""
    if len(exact) > _MOST_EXACT:
        rests, exact = [*rests, Pieces(exact, exact, exact)], frozenset()
    if not rests:
        return Language(exact, None, longest)
    head, tail, inner = (
        frozenset[bytes]().union(*group)
        for group in zip(*((rest.head, rest.tail, rest.inner) for rest in rests), strict=True)
    )
    return Language(exact, _few(Pieces(head, tail, inner)), longest)


def _few(pieces: Pieces) -> Pieces:
    """Shorten the pieces until they are few."""
    return Pieces(
        _shortened(pieces.head, lambda s, size: s[:size]),
        _shortened(pieces.tail, lambda s, size: s[-size:]),
        _shortened(pieces.inner, lambda s, size: s[:size]),
    )


def _shortened(strings: Strings, cut: Callable[[bytes, int], bytes]) -> Strings:
    if b"" in strings:
        return _UNKNOWN
    for size in _SIZES:
        if len(strings) <= _MOST_PIECES:
            return strings
        strings = frozenset(cut(s, size) for s in strings)
    return strings if len(strings) <= _MOST_PIECES else _UNKNOWN


def _repeated(found: Language, low: int, high: int | None, *, inside: bool) -> Language:
    if found == _NOTHING or low == high == 1:
        return found
    if high == 0:
        return _NOTHING
    if found.rest is None and high is not None and high <= _MOST_REPEATED:
        powers = [_NOTHING]
        while len(powers) <= high:
            powers.append(_then(powers[-1], found, inside=inside))
        return either(powers[low:])
    longest = inf if high is None else high * found.longest
    many = following([found] * min(max(low, 1), 4), inside=inside)
    often = found if high == 1 else Language(frozenset(), many.pieces, longest)
    return often if low else either([_NOTHING, often])


def _bounds(found: re.Match[str]) -> tuple[int, int | None]:
    sign = found[0][0]
    if sign != "{":
        return (1 if sign == "+" else 0), (1 if sign == "?" else None)
    low = int(found["low"] or 0)
    if found["comma"] is None:
        return low, low
    return low, int(found["high"]) if found["high"] else None

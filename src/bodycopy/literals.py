"""The literals that a regular expression needs, derived from its syntax.

A line can only match if it holds one of them, so one search for the literals of all rules finds the few lines that
are worth a try. Whatever is not understood here gives no literal: then the expression is tried on every line,
which is slow and right. The method is that of Cox, "Regular Expression Matching with a Trigram Index" (2012),
with whole strings in place of trigrams.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import regex

from bodycopy.form import fold

__all__ = ["literals_of_expression"]

_MOST_STRINGS = 24
_MOST_CLASS_MEMBERS = 4
_QUANTIFIER: Final = regex.compile(r"(?:[*+?]|\{(?P<low>\d*)(?P<comma>,(?P<high>\d*))?\})[?+]?")
_ZERO_WIDTH: Final = frozenset("bBAZzmMGK")
_CATEGORIES: Final = frozenset("CLMNPSZ")  # \pL is \p{L}
_CONTROL: Final = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
_HEX_LENGTH: Final = {"x": 2, "u": 4, "U": 8}
_SAFE_FLAGS: Final = regex.compile(r"\?[aimsuwpr]*(?:V0)?[aimsuwpr]*(?:-[imsw]+)?(?P<end>[:)])")
_GROUP: Final = regex.compile(r"\?(?::|>|\||P?<(?P<name>\w+)>)")
_LOOK: Final = regex.compile(r"\?<?[=!]")


class _NotUnderstoodError(Exception):
    """This syntax is beyond the reader; nothing may be concluded from the expression."""


@dataclass(frozen=True, slots=True)
class _Node:
    """What is known of a part: all that it can match (`exact`), or strings of which one must occur (`needs`)."""

    exact: frozenset[str] | None = None
    needs: frozenset[str] | None = None

    def needed(self) -> frozenset[str] | None:
        """Return strings of which one occurs in every match, or None."""
        return self.exact if self.exact and "" not in self.exact else self.needs


_ANYTHING: Final = _Node()
_NOTHING: Final = _Node(exact=frozenset({""}))


def literals_of_expression(expression: str) -> frozenset[str]:
    """Return folded literals of which any match holds at least one; empty if none can be told.

    >>> sorted(literals_of_expression(r"show \\d{1,4} (replies|comments)"))
    [' comments', ' replies']
    """
    try:
        return _Reader(expression).read().needed() or frozenset()
    except (_NotUnderstoodError, RecursionError):
        return frozenset()


class _Reader:
    """A recursive-descent reader of the syntax of `regex`, as far as literals ask for it."""

    def __init__(self, expression: str) -> None:
        self.text = expression
        self.at = 0

    def read(self) -> _Node:
        node = self._alternation()
        if self.at < len(self.text):
            raise _NotUnderstoodError
        return node

    def _alternation(self) -> _Node:
        branches = [self._concatenation()]
        while self._take("|"):
            branches.append(self._concatenation())
        return branches[0] if len(branches) == 1 else _any_of(branches)

    def _concatenation(self) -> _Node:
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self._quantified())
        return _one_after_another(parts)

    def _quantified(self) -> _Node:
        node = self._atom()
        while self.at < len(self.text) and self.text[self.at] in "*+?{":
            found = _QUANTIFIER.match(self.text, self.at)
            if not found or found[0].startswith("{}"):
                raise _NotUnderstoodError
            self.at = found.end()
            node = _repeated(node, *_bounds(found))
        return node

    def _atom(self) -> _Node:
        sign = self._next()
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._set()
        if sign == "\\":
            return self._escape()
        if sign == ".":
            return _ANYTHING
        return _NOTHING if sign in "^$" else _literal(sign)

    def _group(self) -> _Node:
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

    def _inside(self) -> _Node:
        node = self._alternation()
        self._close()
        return node

    def _set(self) -> _Node:
        negated = self._take("^")
        members: list[str] | None = []
        first = True
        while first or self._peek() != "]":
            first = False
            sign = self._next()
            if sign == "[":
                raise _NotUnderstoodError
            if sign == "\\":
                escaped = self._escape(in_set=True).exact
                members = members + list(escaped) if members is not None and escaped else None
            elif members is not None:
                members.append(sign)
        self._next()
        if negated or not members or len(members) > _MOST_CLASS_MEMBERS or "-" in members:
            return _ANYTHING
        return _Node(exact=frozenset(map(fold, members)))

    def _escape(self, *, in_set: bool = False) -> _Node:
        sign = self._next()
        if sign in _ZERO_WIDTH and not in_set:
            return _NOTHING
        if sign in _HEX_LENGTH:
            digits = self.text[self.at : self.at + _HEX_LENGTH[sign]]
            self.at += len(digits)
            return _literal(_from_hex(digits))
        if sign in "pPN" and self._peek() == "{":
            self.at = self._index("}") + 1
            return _ANYTHING
        if sign in "pP" and self._peek() in _CATEGORIES:
            self.at += 1
            return _ANYTHING
        if sign in "gL" and self._peek() == "<":
            self.at = self._index(">") + 1
            return _ANYTHING
        if sign in _CONTROL:
            return _literal(_CONTROL[sign])
        if sign.isdigit():
            while self._peek().isdigit():
                self.at += 1
            return _ANYTHING
        return _ANYTHING if sign.isascii() and sign.isalpha() else _literal(sign)

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


def _literal(sign: str) -> _Node:
    if sign == "\0":
        return _ANYTHING  # a literal of Hyperscan ends at NUL
    return _Node(exact=frozenset({fold(sign)}))


def _any_of(branches: list[_Node]) -> _Node:
    exact: frozenset[str] | None = frozenset()
    needs: frozenset[str] | None = frozenset()
    for branch in branches:
        exact = exact | branch.exact if exact is not None and branch.exact is not None else None
        needed = branch.needed()
        needs = needs | needed if needs is not None and needed is not None else None
    if needs is not None and len(needs) > _MOST_STRINGS:
        needs = None
    return _Node(exact if exact is not None and len(exact) <= _MOST_STRINGS else None, needs)


def _one_after_another(parts: list[_Node]) -> _Node:
    """Join the strings of neighbours as long as they are few, and keep the best of what every match needs."""
    known: list[frozenset[str]] = []
    run = frozenset({""})
    all_exact = True
    for part in parts:
        if part.exact is not None and len(run) * len(part.exact) <= _MOST_STRINGS:
            run = frozenset(a + b for a in run for b in part.exact)
            continue
        all_exact = False
        known.append(run)
        if part.exact is not None:
            run = part.exact
        else:
            run = frozenset({""})
            known += [part.needs] if part.needs else []
    known.append(run)
    usable = [strings for strings in known if strings and "" not in strings]
    best = max(usable, key=_selectivity, default=None)
    return _Node(run if all_exact else None, best)


def _selectivity(strings: frozenset[str]) -> tuple[int, int, list[str]]:
    return min(map(len, strings)), -len(strings), sorted(strings)


def _repeated(node: _Node, low: int, high: int | None) -> _Node:
    if low == high == 1:
        return node
    if low == 0:
        return _Node(exact=node.exact | {""}) if high == 1 and node.exact is not None else _ANYTHING
    return _Node(needs=node.needed())


def _bounds(found: regex.Match[str]) -> tuple[int, int | None]:
    sign = found[0][0]
    if sign != "{":
        return (1 if sign == "+" else 0), (1 if sign == "?" else None)
    low = int(found["low"] or 0)
    if found["comma"] is None:
        return low, low
    return low, int(found["high"]) if found["high"] else None

"""A regular expression as a tree, as far as the checks ask: what it needs, and texts made of its own parts.

What is not understood raises `NotUnderstoodError`; then nothing is concluded from the expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import regex

__all__ = [
    "Node",
    "NotUnderstoodError",
    "closes_with_space",
    "dead",
    "every_text",
    "full",
    "least",
    "loops",
    "opens_with_space",
    "read",
]

_QUANTIFIER: Final = regex.compile(r"(?:[*+?]|\{(?P<low>\d*)(?P<comma>,(?P<high>\d*))?\})[?+]?")
_GROUP: Final = regex.compile(r"\?(?::|>|P?<\w+>|i:|-i:)")
_LOOK: Final = regex.compile(r"\?<?[=!]")
_CLASS: Final = regex.compile(r"\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\\[])*\]|\\[pP]\{[^}]*\}|\\[dDsSwWhv]|\.")
_EDGES: Final = {"^": "start", r"\A": "start", "$": "end", r"\Z": "end", r"\b": "", r"\B": "", r"\m": "", r"\M": ""}
_CONTROL: Final = {"n": "\n", "t": "\t", "r": "\r"}
_EVERY_SIGN: Final = "".join(chr(n) for n in range(1, 0x3000) if n != 0xA)
_MOST_COPIES = 20
_MOST_TEXTS = 24
_LONG_LOOP = 8


class NotUnderstoodError(Exception):
    """This syntax is beyond the reader."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One character."""

    text: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """One character of a class, written as in the expression."""

    source: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A place of no width: the start or the end of the text, a look around, or "" for another."""

    of: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Parts, one after another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Alternatives."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """A repeat; `high` is None if it has no upper bound."""

    body: Node
    low: int
    high: int | None


Node = Sign | OneOf | Edge | Chain | Either | Loop


@cache
def read(expression: str) -> Node:
    """Return the tree of an expression. Raises NotUnderstoodError."""
    reader = _Reader(expression)
    try:
        node = reader.alternatives()
    except RecursionError:
        raise NotUnderstoodError from None
    if reader.at < len(expression):
        raise NotUnderstoodError
    return node


def least(node: Node) -> int:
    """Return the number of characters that every match has at least."""
    match node:
        case Sign() | OneOf():
            return 1
        case Chain(parts):
            return sum(map(least, parts))
        case Either(branches):
            return min(map(least, branches))
        case Loop(body, low):
            return low and low * least(body)
    return 0


def dead(node: Node, *, after_text: bool = False, before_text: bool = False) -> bool:
    """Say whether a line can never match, since it needs a line break or an edge of the text inside the text."""
    match node:
        case Sign(text):
            return text == "\n"
        case Edge(of):
            return (of == "start" and after_text) or (of == "end" and before_text)
        case Either(branches):
            return all(dead(branch, after_text=after_text, before_text=before_text) for branch in branches)
        case Loop(body, low):
            return low > 0 and dead(body, after_text=after_text, before_text=before_text)
        case Chain(parts):
            return any(
                dead(
                    part,
                    after_text=after_text or least(Chain(parts[:at])) > 0,
                    before_text=before_text or least(Chain(parts[at + 1 :])) > 0,
                )
                for at, part in enumerate(parts)
            )
    return False


def opens_with_space(node: Node) -> bool:
    """Say whether every match that is not empty begins with white space."""
    return _borders_on_space(node, 1)


def closes_with_space(node: Node) -> bool:
    """Say whether every match that is not empty ends in white space."""
    return _borders_on_space(node, -1)


def _borders_on_space(node: Node, step: int) -> bool:
    match node:
        case Sign(text):
            return text.isspace()
        case OneOf(source):
            return bool(_members(source)) and all(map(str.isspace, _members(source)))
        case Either(branches):
            return all(_borders_on_space(branch, step) for branch in branches)
        case Loop(body):
            return _borders_on_space(body, step)
        case Chain(parts):
            for part in parts[::step]:
                if not _borders_on_space(part, step):
                    return False
                if least(part):
                    return True
    return True


def full(node: Node, branch: int = 0) -> str:
    """Return a text made of all parts of an expression, optional ones too; of alternatives one, by its number."""
    match node:
        case Sign(text):
            return text
        case OneOf(source):
            return _member(source)
        case Chain(parts):
            return "".join(full(part, branch) for part in parts)
        case Either(branches):
            return full(branches[branch % len(branches)], branch)
        case Loop(body, low):
            return full(body, branch) * min(max(low, 1), _MOST_COPIES)
    return ""


def every_text(node: Node) -> tuple[str, ...]:
    """Return all texts that an expression can match, letter case aside, if they are few; nothing if they are not."""
    match node:
        case Sign(text):
            return (text,)
        case Edge(of) if of != "look":
            return ("",)
        case Chain(parts):
            found: tuple[str, ...] = ("",)
            for part in parts:
                found = tuple(a + b for a in found for b in every_text(part))
                if not 0 < len(found) <= _MOST_TEXTS:
                    return ()
            return found
        case Either(branches):
            of_each = [every_text(branch) for branch in branches]
            return _few(dict.fromkeys(text for texts in of_each for text in texts)) if all(of_each) else ()
        case Loop(body, 0, 1):
            return _few({"": None} | dict.fromkeys(texts)) if (texts := every_text(body)) else ()
    return ()


def _few(texts: Iterable[str]) -> tuple[str, ...]:
    return found if len(found := tuple(texts)) <= _MOST_TEXTS else ()


def loops(node: Node, before: str = "") -> Iterator[tuple[str, Node]]:
    """Yield what can be repeated often, each with a text that leads there."""
    match node:
        case Chain(parts):
            for part in parts:
                yield from loops(part, before)
                before += full(part)
        case Either(branches):
            for branch in branches:
                yield from loops(branch, before)
        case Loop(body, _, high):
            if high is None or high >= _LONG_LOOP:
                yield before, body
            yield from loops(body, before)


@cache
def _members(source: str) -> tuple[str, ...]:
    return tuple(regex.findall(source, _EVERY_SIGN, regex.IGNORECASE))


def _member(source: str) -> str:
    """Return a member of a class, best a plain one."""
    members = _members(source)
    return next((sign for sign in "aA1 -." if sign in members), members[0] if members else "")


class _Reader:
    def __init__(self, expression: str) -> None:
        self.text = expression
        self.at = 0

    def alternatives(self) -> Node:
        branches = [self._chain()]
        while self._take("|"):
            branches.append(self._chain())
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def _chain(self) -> Node:
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self._quantified())
        return Chain(tuple(parts))

    def _quantified(self) -> Node:
        node = self._atom()
        while found := _QUANTIFIER.match(self.text, self.at):
            self.at = found.end()
            node = Loop(node, *_bounds(found))
        return node

    def _atom(self) -> Node:
        for edge, of in _EDGES.items():
            if self._take(edge):
                return Edge(of)
        if found := _CLASS.match(self.text, self.at):
            self.at = found.end()
            return OneOf(found[0])
        if self._take("("):
            return self._group()
        return Sign(self._escaped() if self._take("\\") else self._plain())

    def _group(self) -> Node:
        if look := _LOOK.match(self.text, self.at):
            self.at = look.end()
            self._inside()
            return Edge("look")
        if group := _GROUP.match(self.text, self.at):
            self.at = group.end()
        elif self.text.startswith(("?", "*"), self.at):
            raise NotUnderstoodError
        return self._inside()

    def _inside(self) -> Node:
        node = self.alternatives()
        if not self._take(")"):
            raise NotUnderstoodError
        return node

    def _escaped(self) -> str:
        sign = self.text[self.at]
        self.at += 1
        if sign in _CONTROL:
            return _CONTROL[sign]
        if sign.isalnum():
            raise NotUnderstoodError
        return sign

    def _plain(self) -> str:
        sign = self.text[self.at]
        if sign in "[{*+?":
            raise NotUnderstoodError
        self.at += 1
        return sign

    def _take(self, word: str) -> bool:
        found = self.text.startswith(word, self.at)
        self.at += len(word) * found
        return found


def _bounds(found: regex.Match[str]) -> tuple[int, int | None]:
    sign = found[0][0]
    if sign != "{":
        return (1 if sign == "+" else 0), (1 if sign == "?" else None)
    low = int(found["low"] or 0)
    if found["comma"] is None:
        return low, low
    return low, int(found["high"]) if found["high"] else None

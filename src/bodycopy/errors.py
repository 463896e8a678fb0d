"""What can go wrong, as exceptions with one base class.

No text makes cleaning raise: a text that a rule takes too long on comes back whole and flagged. What raises is
wrong input of another kind: rule files, a choice of rules that names nothing, bytes that are no text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = [
    "BodycopyError",
    "DecodeError",
    "Fault",
    "PatternError",
    "RuleChoiceError",
    "RuleFileError",
    "nearest",
]


class BodycopyError(Exception):
    """The base class of every error that bodycopy raises on purpose."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One mistake in a rule file, with its place; `line` and `column` count from 1, 0 means the whole file."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


class PatternError(BodycopyError, ValueError):
    """A pattern is wrong; `offset` is the place in its source, counted from 0."""

    def __init__(self, message: str, offset: int = 0) -> None:
        self.offset = offset
        super().__init__(message)


class RuleFileError(BodycopyError):
    """Rule files are wrong. `faults` lists every mistake of every file, in the order of their places."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))

    def __reduce__(self) -> tuple[type[RuleFileError], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


class RuleChoiceError(BodycopyError, ValueError):
    """`only`, `skip` or `also` names a category, a rule or a glob that no loaded rule answers to."""


class DecodeError(BodycopyError, ValueError):
    """Bytes that are no text in any encoding that could be found."""


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return a hint for a mistyped word: the nearest allowed one if there is one, and else all of them.

    >>> nearest("pattren", ["pattern", "words"])
    'did you mean "pattern"?'
    >>> nearest("x", ["head", "tail"])
    'allowed: head, tail'
    """
    allowed = sorted(allowed)
    close = get_close_matches(word, allowed, n=1)
    return f'did you mean "{close[0]}"?' if close else f"allowed: {', '.join(allowed)}"

"""Example → the documents in which it is tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bodycopy.model import Document, Removal, Result, Span
from bodycopy.renderer import render
from bodycopy.rules import Block, Example, Rule, Where

__all__ = ["CARRIER", "Attempt", "Kind", "Setting", "kind_of", "settings"]

CARRIER = (
    """\
The bridge over the river was closed for three days after the storm had passed.
Engineers went down to the piers on the first morning and looked for cracks in the stone.
They found that two of the arches had moved by the width of a hand and would have to be rebuilt.
Nobody in the village could remember that the water had ever stood so high in the spring.
The baker drove the long way round through the hills and sold his bread from the back of the van.
""",
    """\
A ferry was brought up from the coast, and it crossed every half hour from dawn until night.
Children went to school in it and thought that nothing better had ever happened to them.
The council met in the church because its own hall was still full of mud and broken chairs.
It decided by a single vote to rebuild the bridge in stone and not in steel, as some had wished.
The work began in the summer and was finished before the first snow fell on the new road.
""",
)
"""A neutral article in two halves: no rule finds anything in it."""

_ABOVE, _BELOW = CARRIER
_AROUND = {
    Where.HEAD: ("", _ABOVE + _BELOW, "at the head of an article"),
    Where.ANYWHERE: (_ABOVE, _BELOW, "in the middle of an article"),
    Where.TAIL: (_ABOVE + _BELOW, "", "at the tail of an article"),
}


class Kind(StrEnum):
    """What an example says, by the key that it is written with."""

    REMOVE = "remove"
    KEEP = "keep"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Setting:
    """A document in which an example is tried, the piece of it that is the example, and the place in words."""

    document: Document
    own: Span
    place: str

    @property
    def text(self) -> str:
        """The example."""
        return self.document.text[self.own.start : self.own.end]

    def holds(self, span: Span) -> bool:
        """Say whether a piece of the document has a part in the example."""
        return span.start < self.own.end and span.end > self.own.start


@dataclass(frozen=True, slots=True)
class Attempt:
    """A setting, and what became of it."""

    setting: Setting
    result: Result

    @property
    def takes_own(self) -> bool:
        """Whether something of the example went."""
        return any(self.setting.holds(_span(removal)) for removal in self.result.removals)

    def excerpt(self) -> tuple[str, Result]:
        """Return the example with what went of it; the whole document if something went, and nothing of that."""
        if self.result.removals and not self.takes_own:
            return self.setting.document.text, self.result
        own, text = self.setting.own, self.setting.text
        removals = tuple(_within(r, own) for r in self.result.removals if self.setting.holds(_span(r)))
        return text, Result(render(text, removals), removals, self.result.flagged)


def kind_of(example: Example) -> Kind:
    """Return the kind of an example."""
    if not example.carried:
        return Kind.TEXT
    return Kind.KEEP if example.leaves else Kind.REMOVE


def settings(rule: Rule, example: Example) -> Iterator[Setting]:
    """Yield the documents that an example is tried in."""
    url = f"https://{rule.guards.site[0]}/" if rule.guards.site else None
    if not example.carried:
        yield Setting(Document(example.text, url), Span(0, len(example.text)), "as a text of its own")
        return
    text = example.text.strip()
    for place in _places(rule, example):
        above, below, words = _AROUND[place]
        yield Setting(Document(f"{above}{text}\n{below}", url), Span(len(above), len(above) + len(text)), words)


def _places(rule: Rule, example: Example) -> tuple[Where, ...]:
    """Return where a text is tried."""
    if kind_of(example) is Kind.KEEP:
        return Where.HEAD, Where.ANYWHERE, Where.TAIL
    if rule.guards.where is Where.EDGE:
        return Where.HEAD, Where.TAIL
    runs_out = isinstance(rule.finder, Block) and not rule.finder.end
    return (Where.TAIL,) if runs_out or rule.guards.share else (rule.guards.where,)


def _span(removal: Removal) -> Span:
    return Span(removal.start, removal.end)


def _within(removal: Removal, own: Span) -> Removal:
    start, end = max(removal.start, own.start), min(removal.end, own.end)
    text = removal.text[start - removal.start : end - removal.start]
    return removal._replace(start=start - own.start, end=end - own.start, text=text)

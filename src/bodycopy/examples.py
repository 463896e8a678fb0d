"""A rule's proof: its examples, run.

A `remove` text is put into a neutral article at the place where its rule acts, and every line of it must go; a
`keep` text at the head, in the middle and at the tail, and nothing of it may go, whatever rule would do it. A `text`
is a document of its own, of which `leaves` must be left. Blank lines do not count. The fail-safe for texts that
would lose nearly everything is off here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bodycopy.cleaner import clean_document
from bodycopy.matcher import Program
from bodycopy.model import Document, Outcome, Result
from bodycopy.patterns import anywhere
from bodycopy.rules import Block, Example, Keep, Rule, RuleSet, Where

__all__ = ["CARRIER", "Failure", "run_examples"]

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


@dataclass(frozen=True, slots=True)
class Failure:
    """An example, or the lack of one, that disproves a rule; `line` is the place in the rule's file."""

    rule: Rule
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.rule.file}:{self.line}: {self.rule.id}: {self.message}"


def run_examples(rules: Sequence[Rule], tested: Sequence[Rule]) -> Iterator[Failure]:
    """Run the examples of the tested rules among all rules that are on by default, and yield what fails."""
    programs: dict[str, Program] = {}
    for rule in tested:
        key = "" if rule.default and not rule.trial else rule.id
        if key not in programs:
            programs[key] = _program(rules, rule)
        yield from _failures(programs[key], rule)


def _program(rules: Sequence[Rule], tested: Rule) -> Program:
    """Make the rules ready that are on by default, with the tested one, and its pack, switched on."""
    active = {rule.id: rule for rule in rules if rule.default or rule.pack == tested.pack}
    return Program(RuleSet((active | {tested.id: replace(tested, trial=False)}).values()))


def _failures(program: Program, rule: Rule) -> Iterator[Failure]:
    fired = False
    for example in rule.examples:
        for document in _documents(rule, example):
            result = clean_document(program, document, fail_safe=False)
            fires = _fires(rule, document.text, result)
            fired |= fires
            if message := _fault(rule, example, document.text, result, fires=fires):
                yield Failure(rule, example.line, message)
                break
    if not fired:
        yield Failure(rule, rule.line, "no example fires this rule; add one that shows what it is for")


def _documents(rule: Rule, example: Example) -> Iterator[Document]:
    """Yield the documents that an example is tried in."""
    url = f"https://{rule.guards.site[0]}/" if rule.guards.site else None
    if not example.carried:
        yield Document(example.text, url)
        return
    places = (Where.HEAD, Where.ANYWHERE, Where.TAIL) if example.leaves else _places(rule)
    for place in places:
        above, below = CARRIER
        parts = {Where.HEAD: ("", above + below), Where.TAIL: (above + below, "")}.get(place, CARRIER)
        yield Document(f"{parts[0]}{example.text.strip()}\n{parts[1]}", url)


def _places(rule: Rule) -> tuple[Where, ...]:
    """Return where a text to be removed is tried."""
    if rule.guards.where is Where.EDGE:
        return Where.HEAD, Where.TAIL
    runs_out = isinstance(rule.finder, Block) and not rule.finder.end
    return (Where.TAIL,) if runs_out or rule.guards.share else (rule.guards.where,)


def _fault(rule: Rule, example: Example, text: str, result: Result, *, fires: bool) -> str | None:
    """Say what an example disproves, or None."""
    has = _lines(result.text)
    if not example.carried:
        wants = _lines(example.leaves)
        return None if has == wants else f"leaves {_quoted(has, wants)}, and the example says {_quoted(wants, has)}"
    whole = _lines(text)
    if example.leaves:
        by = sorted({removal.rule for removal in result.removals})
        return None if has == whole else f"{_quoted(whole, has)} must stay, and is removed by {', '.join(by)}"
    stays = [line for line in _lines(example.text) if line in has]
    if stays:
        return f'must go, and stays: "{stays[0]}"'
    return None if fires else "its text goes by other rules only; write a text that this rule removes"


def _fires(rule: Rule, text: str, result: Result) -> bool:
    if isinstance(rule.finder, Keep):
        return any(anywhere(pattern).search(line) for line in text.split("\n") for pattern in rule.finder.patterns)
    by = {id for m in result.matches if m.outcome is not Outcome.TRIAL for id in (m.rule, *m.evidence)}
    return rule.id in by


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _quoted(lines: Sequence[str], others: Sequence[str]) -> str:
    """Quote the first line that the others lack."""
    return next((f'"{line}"' for line in lines if line not in others), f"{len(lines)} lines")

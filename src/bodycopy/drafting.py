"""A line → a pack: one rule for that line with its proof, as YAML that anybody can read and change.

A draft is made from the line and from the text around it, and tried before it is handed out: its rule must find the
line in its own text, and its examples must hold. Drafts are tried from the tightest to the loosest, and the first that
holds is taken.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, product
from pathlib import Path
from typing import Final

import regex

from bodycopy.building import PackFile, build_rule, read_pack
from bodycopy.cleaner import clean_document
from bodycopy.errors import BodycopyError, RuleFileError
from bodycopy.examples import Failure, run_examples
from bodycopy.form import QUOTES, fold, is_prose, same_form
from bodycopy.matcher import Program, Reading
from bodycopy.model import Document, Line, Result
from bodycopy.patterns import Pattern
from bodycopy.phrasing import body_of, patterns_for, without_changing_parts
from bodycopy.rules import Guards, Keep, LineOf, Rule, RuleSet, Where, choose
from bodycopy.segmenter import segment

__all__ = ["Draft", "Origin", "Seen", "added_to", "draft"]

_LONGEST_ID = 40
_LONGEST_SENTENCE = 300
_QUOTED_WORDS = 12
_INDENT = 2

_NO_QUOTES: Final = str.maketrans(dict.fromkeys(QUOTES, ""))
_SENTENCES: Final = regex.compile(r"(?<=[.!?。！？]['\"”’»)]?)\s+")
_FIRST_RULE: Final = regex.compile(r"^rules:.*\n(?:[ \t]*(?:#.*)?\r?\n)*(?P<indent> *)- ", regex.MULTILINE)
_PLACES: Final = (Where.HEAD, Where.TAIL, Where.ANYWHERE)
_CARRIER: Final = 'They said that "{}" was written on the wall of the old mill.'
_NEUTRAL: Final = "Nobody could tell who had written it on the wall of the old mill."


@dataclass(frozen=True, slots=True)
class Seen:
    """A line as it was seen: a document, the number of the line in it (from 1), and what to call the place."""

    document: Document
    number: int = 1
    source: str = ""
    """"" for a line that was given without its surroundings."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule belongs: its category and the file of its pack, with the rules that it comes on top of."""

    category: str
    file: str
    rules: Sequence[Rule]

    @property
    def pack(self) -> str:
        """The first two parts of the rule's id."""
        return f"{self.category}/{Path(self.file).stem}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule that holds, as its lines in a pack and as what they load to."""

    category: str
    item: tuple[str, ...]
    rule: Rule
    line: str
    """What the rule is for: the line, or what other rules leave of it."""
    shortened_by: tuple[str, ...]
    """The rules that remove something of the line, with their places."""

    @property
    def yaml(self) -> str:
        """A pack with this rule."""
        return _pack_of(self.category, self.item)


@dataclass(frozen=True, slots=True)
class _Place:
    """A line in its own text, among the rules that are there already."""

    seen: Seen
    span: Line
    origin: Origin
    program: Program
    result: Result

    @property
    def raw(self) -> str:
        """The line as it stands."""
        return self.seen.document.text[self.span.start : self.span.end]


@dataclass(frozen=True, slots=True)
class _Sketch:
    """A draft before its proof."""

    pattern: str
    where: Where
    keeps: tuple[str, ...]


def draft(seen: Seen, origin: Origin) -> Draft:
    """Return a rule for a line.

    Raises BodycopyError for a line that no pack can hold, for one that needs no rule because it goes already, and where
    no draft holds.
    """
    place = _place(seen, origin)
    left, shortened_by = _left_of(place)
    if not left:
        raise BodycopyError(_needless(place, shortened_by))
    line = _plain(left)
    rule_id = _free_id(line, origin)
    failure = None
    for sketch in _sketches(place, line):
        item = tuple(_item(sketch, rule_id, line, seen.source))
        rule, failure = _prove(item, origin)
        if failure is None:
            return Draft(origin.category, item, rule, line, shortened_by)
    raise BodycopyError(f"no rule for this line holds: {_why_not(place, line, rule_id, failure)}")


def added_to(text: str, file: str, drafted: Draft) -> tuple[str, Rule]:
    """Return the text of a pack with one rule more, and that rule as it stands there; nothing else changes.

    Raises RuleFileError for a pack that is wrong, and BodycopyError where nothing can be added at its end.
    """
    before = read_pack(file, text)
    first = _FIRST_RULE.search(text)
    added = _indented(drafted.item, len(first["indent"]) if first else _INDENT)
    added = f"\n{added}" if before.content.rules else f"rules:\n{added}"
    if not text.endswith("\n"):
        added = f"\n{added}"
    if "\r\n" in text:
        added = added.replace("\n", "\r\n")
    rule = _only_addition(before, f"{text}{added}", drafted)
    if rule is None:
        raise BodycopyError(
            f"{file}: nothing can be added at the end of this pack; "
            'let "rules" be its last key, with a "- id:" for each rule, or name another file'
        )
    return f"{text}{added}", rule


def _only_addition(before: PackFile, text: str, drafted: Draft) -> Rule | None:
    """Return the rule that a longer text of a pack has more, or None if that is not the only difference."""
    try:
        after = read_pack(before.file, text)
    except RuleFileError:
        return None
    (new,) = read_pack(before.file, drafted.yaml).entries
    same = dict(after.content) == {**dict(before.content), "rules": (*before.content.rules, new)}
    return build_rule(after, list(after.entries)[-1]) if same else None


# The line in its text


def _place(seen: Seen, origin: Origin) -> _Place:
    program = Program(choose(origin.rules))
    result = clean_document(program, seen.document, fail_safe=False)
    return _Place(seen, segment(seen.document.text)[seen.number - 1], origin, program, result)


def _left_of(place: _Place) -> tuple[str, tuple[str, ...]]:
    """Return what the rules leave of a line, and those that remove something of it."""
    text, span = place.seen.document.text, place.span
    by: set[str] = set()
    left, at = "", span.start
    for removal in place.result.removals:
        start, end = max(removal.start, at), min(removal.end, span.end)
        if start < end:
            left += text[at:start]
            at = end
            if text[start:end].strip():
                by.add(f"{removal.rule} ({removal.file}:{removal.line})")
    return (left + text[at : span.end]).strip(), tuple(sorted(by))


def _needless(place: _Place, by: Sequence[str]) -> str:
    hint = "" if place.seen.source else "; if it stays in a text of yours, name the line there as FILE:LINE"
    return f"this line needs no rule; it is removed by {', '.join(by)}{hint}"


def _protector(place: _Place, line: str) -> Rule | None:
    """Return the `keep` rule that protects a line."""
    reading = Reading(place.program, place.seen.document)
    for number, rule in enumerate(place.program.rules):
        patterns = rule.finder.patterns if isinstance(rule.finder, Keep) and reading.active(number) else ()
        if reading.occurs(number, patterns, line):
            return rule
    return None


def _plain(line: str) -> str:
    """Return the line with single spaces. Raises BodycopyError for what a pack cannot hold."""
    plain = " ".join(regex.split(r"\s+", line.strip()))
    for sign in plain:
        if unicodedata.category(sign) in ("Cc", "Cs") or sign in "\ufffe\uffff":
            raise BodycopyError(
                f"the line holds the character U+{ord(sign):04X}, which a pack cannot hold; "
                "give the rest of the line as a text, or write a regular expression by hand"
            )
    return plain


# Where it acts, and what it must keep


def _sketches(place: _Place, line: str) -> Iterator[_Sketch]:
    """Yield drafts that find the line, from the tightest to the loosest."""
    patterns = list(patterns_for(line, spaced=line != place.raw.strip()))
    keeps = list(_keeps(line, _neighbour(line, place)))
    for (pattern, where), kept in product(_finding(patterns, place), keeps):
        yield _Sketch(pattern, where, kept)


def _finding(patterns: Sequence[str], place: _Place) -> Iterator[tuple[str, Where]]:
    """Yield the patterns that find the line, each first with the part of the text that it stands in, then without.

    A text without prose is all head and all tail, and then neither says anything. The rules are on trial, so that
    none of them changes the text for the others.
    """
    ids = {(pattern, where): f"draft/{where}/{pattern}" for pattern in patterns for where in _PLACES}
    rules = [_on_trial(rule_id, *what) for what, rule_id in ids.items()]
    program = Program(RuleSet([*place.program.rules, *rules]))
    matches = clean_document(program, place.seen.document, fail_safe=False).matches
    found = {match.rule for match in matches if match.start < place.span.end and match.end > place.span.start}
    for pattern in patterns:
        edges = [where for where in (Where.HEAD, Where.TAIL) if ids[pattern, where] in found]
        if len(edges) == 1:
            yield pattern, edges[0]
        if ids[pattern, Where.ANYWHERE] in found:
            yield pattern, Where.ANYWHERE


def _on_trial(rule_id: str, pattern: str, where: Where) -> Rule:
    finder = LineOf((Pattern(pattern),))
    return Rule(id=rule_id, finder=finder, file="", line=0, guards=Guards(where=where), trial=True)


def _keeps(line: str, neighbour: str | None) -> Iterator[tuple[str, ...]]:
    """Yield choices of texts that must stay, the most telling first."""
    words = body_of(line).rstrip(".!?。！？").split()
    quoted = _CARRIER.format(" ".join(words[:_QUOTED_WORDS]))
    half = _CARRIER.format(" ".join(words[: max(1, len(words) // 2)]))
    if neighbour:
        yield neighbour, quoted
    yield (quoted,)
    if neighbour:
        yield (neighbour,)
    yield (half,)
    yield (_NEUTRAL,)


def _neighbour(line: str, place: _Place) -> str | None:
    """Return the sentence of what stays that shares most letters of long words with the line; of equals the nearest."""
    gone = sum(removal.end - removal.start for removal in place.result.removals if removal.end <= place.span.start)
    at, words = place.span.start - gone, _long_words_of(line)
    sentences = [
        (-sum(map(len, words & _long_words_of(sentence))), abs(start - at), sentence)
        for start, sentence in _sentences(place.result.text)
        if same_form(sentence) != same_form(line)
    ]
    return min(sentences)[-1] if sentences else None


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a text that are prose by themselves and not too long, with the places of their lines.

    Not those of the first and the last line of prose: what other rules are still to remove is likely to be there.
    """
    prose = [(start, text[start:end]) for start, end, _ in segment(text) if is_prose(text[start:end])]
    for start, row in prose[1:-1]:
        for sentence in _SENTENCES.split(" ".join(row.split())):
            if len(sentence) <= _LONGEST_SENTENCE and is_prose(sentence) and sentence.isprintable():
                yield start, sentence


def _long_words_of(text: str) -> set[str]:
    return set(regex.findall(r"\w{4,}", fold(text)))


# The rule and its proof


def _prove(item: Sequence[str], origin: Origin) -> tuple[Rule, Failure | None]:
    """Return the rule that the lines load to, and the example that disproves it. Raises RuleFileError."""
    pack = read_pack(origin.file, _pack_of(origin.category, item))
    (entry,) = pack.entries
    rule = build_rule(pack, entry)
    return rule, next(run_examples([*origin.rules, rule], [rule]), None)


def _why_not(place: _Place, line: str, rule_id: str, failure: Failure | None) -> str:
    """Say why no draft holds, and what to do."""
    if keep := _protector(place, line):
        return f"{keep.id} ({keep.file}:{keep.line}) protects it; make that one narrower"
    if failure is None:
        return "none finds it in its own text; write one by hand, as docs/rules.md shows"
    if (other := failure.rule).id != f"{place.origin.pack}/{rule_id}":
        return f"an example of {other.id} ({failure.place}) keeps it; if it may go, delete that example"
    return f"{failure.message}; write one by hand, as docs/rules.md shows"


def _free_id(line: str, origin: Origin) -> str:
    """Return an id made from the words of a line that is not taken in the pack."""
    taken = {rule.id for rule in origin.rules}
    name = _slug(without_changing_parts(line)) or "line"
    numbered = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(one for one in numbered if f"{origin.pack}/{one}" not in taken)


def _slug(text: str) -> str:
    """Return the words of a text that can be written in ASCII as an id, as many as fit."""
    plain = unicodedata.normalize("NFKD", text.translate(_NO_QUOTES)).encode("ascii", "ignore").decode().lower()
    slug = "-".join(regex.findall("[a-z0-9]+", plain))
    if len(slug) <= _LONGEST_ID:
        return slug
    return slug[: _LONGEST_ID + 1].rpartition("-")[0] or slug[:_LONGEST_ID]


def _item(sketch: _Sketch, rule_id: str, line: str, source: str) -> Iterator[str]:
    """Yield the lines of a rule as they stand in a pack, at the indent of its dash."""
    yield f"- id: {rule_id}"
    yield "  line: |"
    yield f"    {sketch.pattern}"
    if sketch.where is not Where.ANYWHERE:
        yield f"  where: {sketch.where}"
    if source:
        yield f"  source: {_quoted(source)}"
    yield "  examples:"
    for kind, text in (("remove", line), *(("keep", text) for text in sketch.keeps)):
        yield f"    - {kind}: |"
        yield f"        {text}"


def _quoted(text: str) -> str:
    """Return a text as a YAML scalar on one line."""
    shown = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
    return json.dumps(shown, ensure_ascii=False)


def _pack_of(category: str, item: Iterable[str]) -> str:
    return f"category: {category}\nrules:\n{_indented(item, _INDENT)}"


def _indented(lines: Iterable[str], width: int) -> str:
    return "".join(f"{' ' * width}{line}\n" for line in lines)

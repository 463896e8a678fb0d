"""A checked pack becomes rules: what its keys say, as what the engine knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bodycopy import schema
from bodycopy.errors import Fault, RuleFileError
from bodycopy.rules import (
    AnyLines,
    Block,
    Example,
    Finder,
    Gaps,
    Guards,
    Item,
    Keep,
    LeadWeights,
    LineOf,
    Lines,
    OtherWeights,
    PageWeights,
    Patterns,
    ProseWeights,
    Region,
    Repeat,
    Rule,
    Shape,
    SpanOf,
)
from bodycopy.schema import Text
from bodycopy.yamlfile import YamlFile

__all__ = ["PackFile", "build_example", "build_rule", "former_ids", "read_pack"]

_BLOCK_LINES = 50
_STEM: Final = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file that is right in itself."""

    file: str
    content: schema.Pack

    @property
    def name(self) -> str:
        """The first two parts of the ids of its rules."""
        return f"{self.content.category}/{Path(self.file).stem}"

    @property
    def entries(self) -> Iterator[schema.Entry]:
        """The rules that stand in it."""
        return (rule for rule in self.content.rules if isinstance(rule, schema.Entry))

    @property
    def changes(self) -> Iterator[schema.Change]:
        """What it changes of the rules of other packs."""
        return (rule for rule in self.content.rules if isinstance(rule, schema.Change))


def read_pack(name: str, text: str) -> PackFile:
    """Return the pack that a text is. Raises RuleFileError with every mistake that it has by itself."""
    reader = YamlFile(name, text)
    content, problems = schema.check(reader.read())
    faults = [*reader.faults, *map(reader.fault_of, problems)]
    if not _STEM.fullmatch(stem := Path(name).stem):
        message = f'the file name is the name of the pack; "{stem}" is not made of small letters, digits and hyphens'
        faults.append(Fault(name, 0, 0, message))
    if content is None or faults:
        raise RuleFileError(faults)
    return PackFile(name, content)


def build_rule(pack: PackFile, entry: schema.Entry) -> Rule:
    """Return the rule that an entry of a pack describes."""
    return Rule(
        id=f"{pack.name}/{entry.id}",
        finder=_finder(entry),
        file=pack.file,
        line=entry.id.line,
        guards=_guards(pack, entry),
        score=None if entry.score is None else int(entry.score * 100),
        trial=entry.status == "trial",
        default=pack.content.is_on,
        lang=pack.content.lang,
        about=entry.about or pack.content.about,
        source=entry.source,
        was=tuple(former_ids(pack, entry)),
        examples=tuple(map(build_example, entry.examples)),
        allow=tuple({**pack.content.allow, **entry.allow}.items()),
    )


def former_ids(pack: PackFile, entry: schema.Entry) -> dict[str, Text]:
    """Return the full ids that a rule once had, each with the text that says so."""
    return {str(name) if "/" in name else f"{pack.name}/{name}": name for name in entry.was}


def build_example(keys: schema.ExampleKeys) -> Example:
    """Return the example that its keys describe."""
    if keys.remove is not None:
        return Example(str(keys.remove), leaves="", carried=True, line=keys.remove.line, file=keys.remove.file)
    if keys.keep is not None:
        return Example(str(keys.keep), leaves=str(keys.keep), carried=True, line=keys.keep.line, file=keys.keep.file)
    text = keys.text or Text("")
    return Example(str(text), leaves=keys.leaves or "", carried=False, line=text.line, file=text.file)


def _finder(entry: schema.Entry) -> Finder:
    if entry.from_ is not None:
        return _block(entry, entry.from_)
    if entry.lines is not None:
        return Lines(tuple(map(_member, entry.lines)))
    if entry.shape is not None:
        return _shape(entry.shape)
    if entry.repeat is not None:
        return Repeat(**dict(entry.repeat))
    if entry.region is not None:
        return _region(entry.region)
    if entry.keep is not None:
        return Keep(entry.keep)
    return SpanOf(entry.span) if entry.span is not None else LineOf(entry.line or ())


def _block(entry: schema.Entry, start: Patterns) -> Block:
    end = entry.to or entry.until or ()
    most = entry.max_lines or (_BLOCK_LINES if end else None)
    return Block(start, end, with_end=entry.until is None, max_lines=most)


def _member(item: Patterns | schema.Member) -> Item | AnyLines:
    if not isinstance(item, schema.Member):
        return Item(item)
    if item.any is not None:
        return AnyLines(int(item.any.low), int(item.any.high))
    return Item(item.optional or (), optional=True)


def _shape(keys: schema.ShapeKeys) -> Shape:
    conditions = dict(keys)
    indent = conditions.pop("indent")
    return Shape(**conditions, other_indent=True if indent else None)


def _region(keys: schema.RegionKeys) -> Region:
    weights = {
        "page": PageWeights(**dict(keys.page)),
        "prose": ProseWeights(**dict(keys.prose)),
        "other": OtherWeights(**dict(keys.other)),
        "lead": LeadWeights(**dict(keys.lead)),
        "gaps": Gaps(**dict(keys.gaps)),
    }
    return Region(**{**dict(keys), **weights})


def _guards(pack: PackFile, entry: schema.Entry) -> Guards:
    return Guards(
        where=entry.where,
        after=tuple(map(str, entry.after)),
        before=tuple(map(str, entry.before)),
        near=tuple(map(str, entry.near)),
        words=entry.words,
        sentence=entry.sentence,
        unless=entry.unless,
        share=entry.share,
        site=entry.site,
        fingerprint=pack.content.fingerprint if entry.site and entry.keep is None else (),
    )

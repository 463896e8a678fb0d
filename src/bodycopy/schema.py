"""What a pack file may hold, as pydantic models, and every mistake in it in plain words.

The models take what the loader reads (mappings, lists and `Text`, never a type that YAML guessed) and turn it into
patterns, ranges and selectors. `check` returns either a `Pack` or all problems, each with its path or its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    PlainValidator,
    Tag,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from bodycopy.codes import CODES
from bodycopy.errors import PatternError, nearest
from bodycopy.patterns import Pattern
from bodycopy.rules import OFF_BY_DEFAULT, Of, Patterns, Range, Where

__all__ = [
    "Change",
    "Entry",
    "Member",
    "Pack",
    "Path",
    "Problem",
    "RegionKeys",
    "RepeatKeys",
    "ShapeKeys",
    "Text",
    "check",
    "shown",
]

Path = tuple[str | int, ...]
"""The keys and positions that lead from the top of a file to a value."""

USE_BLOCK: Final = "write a block: | and below it one pattern a line"

_NAME: Final = "[a-z0-9][a-z0-9-]*"
_SELECTOR: Final = r"[a-z0-9*?/\[\]-]+"
_FORMER_ID: Final = rf"{_NAME}(?:/{_NAME}/{_NAME})?"
_HOST: Final = r"[^\s/:@*?]+"
FINDERS: Final = ("span", "line", "lines", "keep", "from", "shape", "repeat", "region")
GUARDS: Final = ("where", "after", "before", "near", "words", "sentence", "unless", "share", "site", "score")
GUARDS_OF: Final = {
    "span": ("words", "sentence", "unless", "site"),
    "line": tuple(g for g in GUARDS if g != "share"),
    "lines": tuple(g for g in GUARDS if g not in ("share", "score")),
    "keep": ("site",),
    "from": tuple(g for g in GUARDS if g != "score"),
    "shape": tuple(g for g in GUARDS if g not in ("share", "words", "sentence")),
    "repeat": tuple(g for g in GUARDS if g != "share"),
    "region": ("site",),
}
_WHY_NOT: Final = {
    "span": '"span" looks at its line alone',
    "keep": '"keep" protects a line wherever it stands',
    "region": '"region" looks at the text as a whole',
}
BLOCK_ENDS: Final = ("to", "until", "max_lines")
MOST_RULES = 5000
MOST_EXAMPLES = 100
MOST_ITEMS = 20
_MOST_OPTIONAL_ITEMS = 5
_MOST_ANY_LINES = 50
_LONGEST_SHOWN = 60


class Text(str):
    """A scalar of a `file`: its text and the place where it begins, `line` and `column` from 1.

    `origin` is the column of the first character of its value (in a block: of its first column), `exact` says that
    the value stands in the file character for character, `flaw` why it cannot be a pattern ("" if it can).
    """

    __slots__ = ("block", "column", "exact", "file", "flaw", "line", "origin")

    def __new__(cls, value: str, line: int = 0, column: int = 0, file: str = "") -> Self:
        return super().__new__(cls, value)

    def __init__(self, value: str, line: int = 0, column: int = 0, file: str = "") -> None:
        self.line, self.column, self.origin, self.file = line, column, column, file
        self.block, self.exact, self.flaw = False, True, ""

    def pieces(self) -> Iterator[Text]:
        """Yield the lines of a block that are not blank, stripped, each with its own place; or the one scalar."""
        # Of YAML's five line ends these three are left in a value, the others became "\n".
        lines = re.split("[\n\u2028\u2029]", self) if self.block else [str(self)]
        for number, text in enumerate(lines, self.line + self.block):
            if stripped := text.strip():
                yield Text(stripped, number, self.origin + text.index(stripped), self.file)


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake at a path; `line` and `column` are 0 if the place is that of the path's key or value."""

    path: Path
    message: str
    at_key: bool = False
    line: int = 0
    column: int = 0


def _refused(*problems: Problem | str) -> PydanticCustomError:
    found = [Problem((), p) if isinstance(p, str) else p for p in problems]
    return PydanticCustomError("refused", "refused", {"problems": found})


def _detail(path: Path, message: str, *, at_key: bool = False) -> InitErrorDetails:
    return {"type": _refused(Problem((), message, at_key)), "loc": path, "input": None}


def _kind(value: object) -> str:
    return {dict: "a mapping", list: "a list", type(None): "nothing"}.get(type(value), "a text")


def shown(text: str) -> str:
    """Quote a word of the user on one line, cut where it is too long to read."""
    text = " ".join(text.split())
    return f'"{text[:_LONGEST_SHOWN]}…"' if len(text) > _LONGEST_SHOWN else f'"{text}"'


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


# The types of values. A ValueError means: the value is not what the field's description says.


def _read_patterns(value: object) -> Patterns:
    if not isinstance(value, Text):
        raise _refused(f"a pattern is due here, not {_kind(value)}; {USE_BLOCK}")
    if value.flaw:
        raise _refused(f"{value.flaw}; {USE_BLOCK}")
    patterns: dict[str, Pattern] = {}
    problems = [p for piece in value.pieces() if (p := _read_pattern(piece, patterns, exact=value.exact))]
    if problems:
        raise _refused(*problems)
    if not patterns:
        raise _refused("no pattern stands here; write what the line says")
    return tuple(patterns.values())


def _read_pattern(piece: Text, patterns: dict[str, Pattern], *, exact: bool) -> Problem | None:
    """Add the pattern to those of its block, or return what is wrong with it."""
    if first := patterns.get(piece):
        message = f"the pattern {shown(piece)} stands in this block twice; the first is in line {first.line}"
        return Problem((), message, line=piece.line, column=piece.column)
    try:
        patterns[str(piece)] = Pattern(str(piece), piece.line, piece.column, piece.file)
    except PatternError as error:
        column = piece.column + (error.offset if exact else 0)
        return Problem((), str(error), line=piece.line, column=column)
    return None


def _matching(value: object, form: str) -> Text:
    if not isinstance(value, Text) or not re.search(form, value):
        raise ValueError
    return value


def _read_name(value: object) -> Text:
    return _matching(value, rf"\A{_NAME}\Z")


def _read_full_id(value: object) -> Text:
    return _matching(value, rf"\A{_NAME}/{_NAME}/{_NAME}\Z")


def _read_filled_text(value: object) -> Text:
    return _matching(value, r"\S")


def _read_words(value: object) -> tuple[Text, ...]:
    """Read a list, a block or a lone scalar of words that are no patterns."""
    items = value if isinstance(value, list) else [value]
    texts = [item for item in items if isinstance(item, Text)]
    if len(texts) < len(items):
        raise ValueError
    pieces = tuple(piece for text in texts for piece in text.pieces())
    if not pieces:
        raise _refused("nothing is named here; name something or delete the key")
    return pieces


def _read_selectors(value: object) -> tuple[Text, ...]:
    return _each(_read_words(value), _SELECTOR, "a category, a full id or a glob such as video/*")


def _read_former_ids(value: object) -> tuple[Text, ...]:
    return _each(_read_words(value), _FORMER_ID, "a former id, or a full one such as comments/wordpress/form")


def _read_hosts(value: object) -> tuple[str, ...]:
    hosts = _each(_read_words(value), _HOST, "a host name such as example.org")
    return tuple(host.lower() for host in hosts)


def _each(words: tuple[Text, ...], form: str, description: str) -> tuple[Text, ...]:
    wrong = [word for word in words if not re.fullmatch(form, word)]
    if wrong:
        message = "{} is not " + description
        raise _refused(*(Problem((), message.format(shown(w)), line=w.line, column=w.column) for w in wrong))
    return words


def _read_range(value: object, number: str) -> Range:
    low, dots, high = str(value).strip().partition("..")
    high = high if dots else low
    parts = [part for part in (low, high) if part]
    if not isinstance(value, Text) or not parts or not all(re.fullmatch(number, part) for part in parts):
        raise _refused("a range is written 1..6, 6, ..6 or 1..")
    if low and high and float(low) > float(high):
        raise _refused(f"the range {shown(value)} is empty: {low} is more than {high}")
    return Range(float(low or "-inf"), float(high or "inf"))


def _check_length(value: object, most: int) -> object:
    """Refuse a list that nobody wrote by hand before all its mistakes are listed."""
    if isinstance(value, list) and len(value) > most:
        raise _refused(f"{len(value)} items; at most {most} are allowed here")
    return value


def _read_whole_range(value: object) -> Range:
    return _read_range(value, r"\d{1,9}")


def _read_share_range(value: object) -> Range:
    found = _read_range(value, r"\d{1,9}(\.\d{1,9})?")
    if any(1 < end < float("inf") for end in (found.low, found.high)):
        raise _refused("a share lies between 0 and 1, as in 0.5..1")
    return found


def _read_any_range(value: object) -> Range:
    found = _read_whole_range(value)
    if not (found.low >= 0 and 1 <= found.high <= _MOST_ANY_LINES):
        raise _refused(f'"any" takes a range with both ends, such as 1..3, of at most {_MOST_ANY_LINES} lines')
    return found


def _read_allowed(value: object) -> dict[str, Text]:
    if not isinstance(value, dict):
        raise ValueError
    if details := [_detail((code,), m, at_key=True) for code, r in value.items() if (m := _why_not_allowed(code, r))]:
        raise ValidationError.from_exception_data("allow", details)
    return value


def _why_not_allowed(code: str, reason: object) -> str | None:
    if code not in CODES:
        return f"unknown code {shown(code)}; {nearest(code[:_LONGEST_SHOWN], CODES)}"
    if not isinstance(reason, Text) or not reason.strip():
        return f"{code} is allowed here without a reason; say in a few words why it is meant so"
    return None


def _read_truth(value: object) -> bool:
    return _matching(value, r"\A(?i:true|false)\Z").lower() == "true"


# What an editor is told of them. It sees numbers and truth values where the loader sees texts.

_SCALAR: Final = ("string", "number", "boolean")
_LINE: Final = r"[^\S\n]*(?:(?!/)\S.*|/.+/[^\S\n]*)?"
"""A line of a block: blank, a phrase, or a regular expression with its end."""

_TEXT: Final = WithJsonSchema({"type": [*_SCALAR]})
_FILLED: Final = {"type": [*_SCALAR], "pattern": r"\S"}
_BLOCK: Final = WithJsonSchema(
    {
        "type": [*_SCALAR],
        "pattern": rf"^(?=\s*\S){_LINE}(?:\n{_LINE})*$",
        "patternErrorMessage": "a pattern a line; one that begins with / is a regular expression and ends with / too",
    }
)
_REASONS: Final = WithJsonSchema(
    {"type": "object", "properties": dict.fromkeys(CODES, _FILLED), "additionalProperties": False}
)
_DECIMAL: Final = r"(?:0(?:\.[0-9]{1,9})?|1(?:\.0{1,9})?)"


def _named(form: str) -> WithJsonSchema:
    return WithJsonSchema({"type": ["string", "integer", "boolean"], "minimum": 0, "pattern": f"^{form}$"})


def _words(form: str) -> WithJsonSchema:
    item = {"type": [*_SCALAR], "pattern": rf"^\s*{form}(?:\s*\n\s*{form})*\s*$"}
    return WithJsonSchema({"type": [*_SCALAR, "array"], "pattern": item["pattern"], "minItems": 1, "items": item})


def _range(number: str, **limits: object) -> WithJsonSchema:
    form = rf"^\s*(?:{number}|{number}\.\.(?:{number})?|\.\.{number})\s*$"
    return WithJsonSchema({"type": ["string", "number"], "pattern": form} | limits)


PatternBlock = Annotated[Patterns, PlainValidator(_read_patterns), _BLOCK]
PlainText = Annotated[str, _TEXT]
Truth = Annotated[bool, PlainValidator(_read_truth), WithJsonSchema({"type": "boolean"})]
OnOrOff = Annotated[Literal["on", "off"], WithJsonSchema({"enum": ["on", "off", True, False]})]
"""Older parsers of YAML take these words for truth values."""
Name = Annotated[Text, PlainValidator(_read_name), _named(_NAME)]
FullId = Annotated[
    Text,
    PlainValidator(_read_full_id),
    WithJsonSchema({"type": "string", "pattern": f"^{_NAME}/{_NAME}/{_NAME}$"}),
]
FilledText = Annotated[Text, PlainValidator(_read_filled_text), WithJsonSchema(_FILLED)]
Selectors = Annotated[tuple[Text, ...], PlainValidator(_read_selectors), _words(_SELECTOR)]
FormerIds = Annotated[tuple[Text, ...], PlainValidator(_read_former_ids), _words(_FORMER_ID)]
Hosts = Annotated[tuple[str, ...], PlainValidator(_read_hosts), _words(_HOST)]
WholeRange = Annotated[
    Range, PlainValidator(_read_whole_range), _range("[0-9]{1,9}", multipleOf=1, minimum=0, maximum=999_999_999)
]
ShareRange = Annotated[Range, PlainValidator(_read_share_range), _range(_DECIMAL, minimum=0, maximum=1)]
AnyRange = Annotated[
    Range,
    PlainValidator(_read_any_range),
    WithJsonSchema(
        {
            "type": ["string", "integer"],
            "pattern": r"^\s*(?:[0-9]{1,9}\.\.)?(?:[1-9]|[1-4][0-9]|50)\s*$",
            "minimum": 1,
            "maximum": _MOST_ANY_LINES,
        }
    ),
]
Score = Annotated[Decimal, WithJsonSchema({"type": "number", "minimum": 0.01, "maximum": 1})]
Allowed = Annotated[dict[str, Text], PlainValidator(_read_allowed), _REASONS]


class _Model(BaseModel):
    """A mapping of a file. All its mistakes are found at once, and each is said in our own words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    noun: ClassVar[str]

    @classmethod
    def misplaced(cls, raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        """Yield what is wrong with the choice of keys, whatever their values; an empty path is the mapping."""
        yield from ()

    @model_validator(mode="wrap")
    @classmethod
    def _find_all_mistakes(cls, raw: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(raw, dict):
            raise _refused(f"{cls.noun} is due here, not {_kind(raw)}")
        fields = _descriptions(cls)
        details = [_detail(path, message, at_key=bool(path)) for path, message in cls.misplaced(raw)]
        details += _mistaken_keys(raw, fields)
        try:
            model = handler({key: raw[key] for key in raw if key in fields and raw[key] is not None})
        except ValidationError as error:
            details += _translated(error, raw, fields)
        if details:
            raise ValidationError.from_exception_data(cls.__name__, details)
        return model


@cache
def _descriptions(model: type[_Model]) -> dict[str, str | None]:
    return {field.alias or name: field.description for name, field in model.model_fields.items()}


def _mistaken_keys(raw: dict[str, Any], fields: dict[str, str | None]) -> Iterator[InitErrorDetails]:
    for key, value in raw.items():
        if key not in fields:
            hint = nearest(key[:_LONGEST_SHOWN], fields)
            yield _detail((key,), f"unknown key {shown(key)}; {hint}", at_key=True)
        elif value is None:
            yield _detail((key,), f'"{key}" has no value; it takes {fields[key]}')


def _translated(
    error: ValidationError, raw: dict[str, Any], fields: dict[str, str | None]
) -> Iterator[InitErrorDetails]:
    """Say again in our own words what pydantic says; what was said so deeper inside stays."""
    for found in error.errors(include_url=False):
        path, key = found["loc"], str(found["loc"][0])
        if found["type"] == "refused":
            yield {"type": _refused(*found["ctx"]["problems"]), "loc": path, "input": None}
        elif found["type"] != "missing":
            yield _detail(path, _not_as_described(found["input"], fields[key], found.get("ctx", {}).get("expected")))
        elif key not in raw:
            yield _detail((), f'"{key}" is missing; it takes {fields[key]}')


def _not_as_described(value: object, description: str | None, expected: str | None) -> str:
    if not isinstance(value, Text):
        return f"this takes {description}, not {_kind(value)}"
    if not value.strip():
        return f"this takes {description}, not an empty text"
    if expected:
        choices = re.findall("'([^']+)'", expected)
        return f"{shown(value)} is not allowed here; {nearest(value[:_LONGEST_SHOWN], choices)}"
    return f"{shown(value)} is not {description}"


_A_NAME: Final = "a name of small letters, digits and hyphens"
_A_BLOCK: Final = "patterns, best as a block (|)"
_ALLOWED: Final = "a mapping of codes of `rules check`, each with the reason, such as BC401: a label of this site"
_SELECTORS: Final = "categories, full ids or globs such as video/*"
_A_RANGE: Final = "a range such as 1..6"
_A_SHARE_RANGE: Final = "a range of shares such as 0.5..1"
_TRUE_OR_FALSE: Final = "true or false"


class ExampleKeys(_Model):
    """A text that a rule removes or keeps, or a text with what it leaves."""

    noun = "an example (a mapping with remove, keep, or text and leaves)"
    remove: FilledText | None = Field(None, description="the text that goes")
    keep: FilledText | None = Field(None, description="the text that stays")
    text: FilledText | None = Field(None, description="a text with its surroundings")
    leaves: PlainText | None = Field(None, description='what is left of the text, or "" if that is nothing')

    @classmethod
    def misplaced(cls, raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if raw.keys() & cls.model_fields.keys() not in ({"remove"}, {"keep"}, {"text", "leaves"}):
            yield (), 'an example has either "remove", or "keep", or both "text" and "leaves"'


class Member(_Model):
    """An item of a sequence that is not a plain pattern."""

    noun = "an item of a sequence"
    optional: PatternBlock | None = Field(None, description=_A_BLOCK)
    any: AnyRange | None = Field(None, description="a range such as 1..3")

    @classmethod
    def misplaced(cls, raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if {"optional", "any"} <= raw.keys():
            yield (), 'an item has either "optional" or "any"'


class ShapeKeys(_Model):
    """The form of lines."""

    noun = "a shape (a mapping with words, sentence, capitals, digits, bullet, indent or run)"
    words: WholeRange | None = Field(None, description=_A_RANGE)
    sentence: Truth | None = Field(None, description=_TRUE_OR_FALSE)
    capitals: ShareRange | None = Field(None, description=_A_SHARE_RANGE)
    digits: ShareRange | None = Field(None, description=_A_SHARE_RANGE)
    bullet: Truth | None = Field(None, description=_TRUE_OR_FALSE)
    indent: Literal["other"] | None = Field(None, description="other")
    run: int = Field(1, ge=1, le=1000, description="a whole number from 1 to 1000")

    @classmethod
    def misplaced(cls, raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if not raw.keys() - {"run"}:
            yield (), "a shape needs a condition: words, sentence, capitals, digits, bullet or indent"


class RepeatKeys(_Model):
    """A line that repeats another."""

    noun = "a repeat (a mapping with of, and perhaps prefix, suffix, without or cut)"
    of: Of = Field(description="above, before, below or head")
    prefix: PatternBlock = Field((), description=_A_BLOCK)
    suffix: PatternBlock = Field((), description=_A_BLOCK)
    without: PatternBlock = Field((), description=_A_BLOCK)
    cut: Truth = Field(False, description=_TRUE_OR_FALSE)

    @classmethod
    def misplaced(cls, raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        affixes = [key for key in ("prefix", "suffix", "without") if key in raw]
        for key in affixes[1:]:
            yield (key,), f'"{key}" does not go with "{affixes[0]}"; a repeat has one of prefix, suffix, without'
        if "cut" in raw and raw.keys() & {"suffix", "without"}:
            yield ("cut",), '"cut" does not go with "suffix" or "without"; the end of the line is cut off'


_POINTS: Final = "points, a number from -1000 to 1000"
_A_SHARE: Final = "a share from 0 to 1"


def _points() -> Any:
    return Field(0, ge=-1000, le=1000, allow_inf_nan=False, description=_POINTS)


class PageKeys(_Model):
    """What makes a text a whole page."""

    noun = "the weights of the page test (lines, removed, mostly, kinds, tiny, short, colon, digits, rival)"
    lines: int = Field(1, ge=1, le=1000, description="a whole number of lines from 1 to 1000")
    removed: float = _points()
    mostly: float = _points()
    kinds: float = _points()
    tiny: float = _points()
    short: float = _points()
    colon: float = _points()
    digits: float = _points()
    rival: float = _points()


class ProseKeys(_Model):
    """The points of a line of prose."""

    noun = "the points of a line of prose (a mapping)"
    repeated: float = _points()
    bulleted: float = _points()
    dated: float = _points()
    address: float = _points()
    under_comments: float = Field(
        1, alias="under-comments", ge=0, le=1, allow_inf_nan=False, description="what a word counts there, from 0 to 1"
    )


class OtherKeys(_Model):
    """The points of a line that is no prose."""

    noun = "the points of a line that is no prose (a mapping)"
    long: float = _points()
    medium: float = _points()
    short: float = _points()
    tiny: float = _points()
    beside_prose: float = Field(0, alias="beside-prose", ge=-1000, le=1000, allow_inf_nan=False, description=_POINTS)
    colon: float = _points()
    dated: float = _points()
    address: float = _points()
    comments: float = _points()
    removed: float = _points()


class LeadKeys(_Model):
    """The points of the lines right above the article."""

    noun = "the points of the lines above the article (a mapping)"
    lines: int = Field(0, ge=0, le=100, description="a whole number of lines from 0 to 100")
    long: float = _points()
    short: float = _points()
    tiny: float = _points()
    removed: float = _points()
    bulleted: float = _points()


class GapsKeys(_Model):
    """What goes around an article although it is not sure that the text is a whole page."""

    noun = "the lines that go between removed ones (a mapping with kinds and lines)"
    kinds: int = Field(0, ge=0, le=100, description="a whole number of categories from 0 to 100")
    lines: int = Field(0, ge=0, le=1000, description="a whole number of lines from 0 to 1000")


class RegionKeys(_Model):
    """The lines around the article of a whole page."""

    noun = "a region (a mapping with page, prose, other, least, above and below)"
    page: PageKeys = Field(description="a mapping of weights")
    prose: ProseKeys = Field(description="a mapping of points")
    other: OtherKeys = Field(description="a mapping of points")
    lead: LeadKeys = Field(LeadKeys.model_construct(), description="a mapping of points")
    least: float = Field(gt=0, le=100_000, allow_inf_nan=False, description="points, a number above 0")
    above: float = Field(gt=0, le=1, allow_inf_nan=False, description=_A_SHARE)
    below: float = Field(gt=0, le=1, allow_inf_nan=False, description=_A_SHARE)
    side: int = Field(1, ge=1, le=1000, description="a whole number of lines from 1 to 1000")
    prose_above: int = Field(
        0, alias="prose-above", ge=0, le=10_000, description="a whole number of lines from 0 to 10000"
    )
    margin: int = Field(0, ge=0, le=100, description="a whole number of lines from 0 to 100")
    menu: int = Field(0, ge=0, le=1000, description="a whole number of lines from 0 to 1000")
    title: float = Field(0, ge=0, le=1, allow_inf_nan=False, description="a share from 0 to 1")
    aside: float = Field(0, ge=0, le=1, allow_inf_nan=False, description="a share from 0 to 1")
    gaps: GapsKeys = Field(GapsKeys.model_construct(), description="a mapping of whole numbers")
    comments: PatternBlock = Field((), description=_A_BLOCK)
    dates: PatternBlock = Field((), description=_A_BLOCK)
    addresses: PatternBlock = Field((), description=_A_BLOCK)


def _kind_of_item(item: object) -> str:
    """Tell a mistyped key from a pattern with a colon, which YAML reads as a mapping too."""
    keys = item if isinstance(item, dict) else ()
    return (
        "<member>"
        if any(nearest(key[:_LONGEST_SHOWN], Member.model_fields).startswith("did") for key in keys)
        else "<pattern>"
    )


def _kind_of_rule(entry: object) -> str:
    return "<change>" if isinstance(entry, dict) and "extend" in entry else "<rule>"


SequenceItem = Annotated[
    Annotated[PatternBlock, Tag("<pattern>")] | Annotated[Member, Tag("<member>")], Discriminator(_kind_of_item)
]
Examples = Annotated[tuple[ExampleKeys, ...], BeforeValidator(partial(_check_length, most=MOST_EXAMPLES))]


class Entry(_Model):
    """A rule."""

    noun = "a rule (a mapping with an id)"
    id: Name = Field(description=_A_NAME)
    about: PlainText = Field("", description="a text")
    source: PlainText = Field("", description="a text that says where this was seen")
    was: FormerIds = Field((), description="ids that this rule had before")
    status: Literal["active", "trial"] = Field("active", description="active or trial")
    span: PatternBlock | None = Field(None, description=_A_BLOCK)
    line: PatternBlock | None = Field(None, description=_A_BLOCK)
    keep: PatternBlock | None = Field(None, description=_A_BLOCK)
    lines: tuple[SequenceItem, ...] | None = Field(None, description="a list of patterns")
    from_: PatternBlock | None = Field(None, alias="from", description=_A_BLOCK)
    to: PatternBlock | None = Field(None, description=_A_BLOCK)
    until: PatternBlock | None = Field(None, description=_A_BLOCK)
    max_lines: int | None = Field(None, ge=1, le=100_000, description="a whole number from 1 to 100000")
    shape: ShapeKeys | None = Field(None, description="a mapping of conditions")
    repeat: RepeatKeys | None = Field(None, description="a mapping with of")
    region: RegionKeys | None = Field(None, description="a mapping with page, prose, other, least, above and below")
    where: Where = Field(Where.ANYWHERE, description="head, tail, edge or anywhere")
    after: Selectors = Field((), description=_SELECTORS)
    before: Selectors = Field((), description=_SELECTORS)
    near: Selectors = Field((), description=_SELECTORS)
    words: WholeRange | None = Field(None, description=_A_RANGE)
    sentence: Truth | None = Field(None, description=_TRUE_OR_FALSE)
    unless: PatternBlock = Field((), description=_A_BLOCK)
    share: float | None = Field(
        None, gt=0, le=1, allow_inf_nan=False, description="a decimal above 0 and up to 1, such as 0.8"
    )
    site: Hosts = Field((), description="host names such as example.org")
    score: Score | None = Field(
        None,
        ge=Decimal("0.01"),
        le=1,
        decimal_places=2,
        description="a decimal from 0.01 to 1 with at most two decimals, such as 0.4",
    )
    allow: Allowed = Field({}, description=_ALLOWED)
    examples: Examples = Field((), description="a list of examples")

    @classmethod
    def misplaced(cls, raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        finders = [key for key in raw if key in FINDERS]
        if not finders:
            yield (), f"this rule finds nothing; it needs one of {', '.join(FINDERS)}"
        for key in finders[1:]:
            yield (key,), f'"{key}" does not go with "{finders[0]}"; a rule has one of {", ".join(FINDERS)}'
        if len(finders) == 1:
            yield from (((key,), m) for key in GUARDS if key in raw and (m := _why_not(key, finders[0])))
        yield from _misplaced_ends(raw)
        if isinstance(raw.get("lines"), list):
            yield from _misplaced_items(raw["lines"])


def _why_not(guard: str, finder: str) -> str | None:
    """Say why a guard is not allowed with a finder, and what is."""
    if guard in GUARDS_OF[finder]:
        return None
    if finder in _WHY_NOT:
        return f'{_WHY_NOT[finder]}; "{guard}" is not allowed with it, only {", ".join(GUARDS_OF[finder])}'
    if guard in ("words", "sentence"):
        return f'"{guard}" belongs inside "{finder}", not beside it'
    finders = [name for name in FINDERS if guard in GUARDS_OF[name]]
    return f'"{guard}" goes with {", ".join(finders)}, not with "{finder}"'


def _misplaced_ends(raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for key in BLOCK_ENDS:
        if key in raw and "from" not in raw:
            yield (key,), f'"{key}" needs "from", the line where the block begins'
    if "to" in raw and "until" in raw:
        yield ("until",), 'a block ends either with "to" (that line goes too) or with "until" (it stays)'


def _misplaced_items(items: list[Any]) -> Iterator[tuple[Path, str]]:
    keys: list[Any] = [item.keys() if isinstance(item, dict) else () for item in items]
    if len(items) > MOST_ITEMS:
        yield ("lines",), f"{len(items)} items; a sequence has at most {MOST_ITEMS}"
    if (optional := sum("optional" in k for k in keys)) > _MOST_OPTIONAL_ITEMS:
        yield ("lines",), f"{optional} optional items; a sequence has at most {_MOST_OPTIONAL_ITEMS}"
    if not any(isinstance(item, str) for item in items):
        yield ("lines",), "a sequence needs at least one pattern that is not optional"
    for at in range(1, len(items)):
        if "any" in keys[at] and "any" in keys[at - 1]:
            yield ("lines", at), 'two "any" side by side; write one with a wider range'


class Change(_Model):
    """A change of a rule of another pack."""

    noun = "a change of a rule"
    extend: FullId = Field(description="the full id of a rule, such as comments/wordpress/view-all")
    add: PatternBlock = Field((), description=_A_BLOCK)
    drop: PatternBlock = Field((), description=_A_BLOCK)
    examples: Examples = Field((), description="a list of examples")

    @classmethod
    def misplaced(cls, raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        if not raw.keys() & {"add", "drop"}:
            yield ("extend",), '"extend" needs "add", "drop" or both'


RuleOrChange = Annotated[
    Annotated[Entry, Tag("<rule>")] | Annotated[Change, Tag("<change>")], Discriminator(_kind_of_rule)
]
Rules = Annotated[tuple[RuleOrChange, ...], BeforeValidator(partial(_check_length, most=MOST_RULES))]


class Pack(_Model):
    """A pack file."""

    noun = "a pack (a mapping with category and rules)"
    category: Name = Field(description=_A_NAME)
    about: PlainText = Field("", description="a text")
    lang: PlainText = Field("", description="a label such as en")
    default: OnOrOff | None = Field(None, description="on or off")
    fingerprint: PatternBlock = Field((), description=_A_BLOCK)
    disable: Selectors = Field((), description=_SELECTORS)
    allow: Allowed = Field({}, description=_ALLOWED)
    rules: Rules = Field((), description="a list of rules")

    @property
    def is_on(self) -> bool:
        """Whether its rules act without being asked for."""
        return self.default == "on" if self.default else self.category not in OFF_BY_DEFAULT

    @classmethod
    def misplaced(cls, raw: dict[str, Any]) -> Iterator[tuple[Path, str]]:
        rules = [rule for rule in raw.get("rules") or () if isinstance(rule, dict)]
        if "disable" not in raw and raw.get("rules", []) == []:
            yield (), 'this pack does nothing; it needs "rules" or "disable"'
        if "fingerprint" in raw and not any("site" in rule and "keep" not in rule for rule in rules):
            yield ("fingerprint",), '"fingerprint" needs a rule with "site"; it names the site of those rules'


def check(data: object) -> tuple[Pack | None, Sequence[Problem]]:
    """Return the pack that `data` describes, or None and everything that is wrong with it."""
    try:
        return Pack.model_validate(data), ()
    except ValidationError as error:
        return None, [_placed(found["loc"], p) for found in error.errors() for p in found["ctx"]["problems"]]


def _placed(path: Path, problem: Problem) -> Problem:
    """Put the problem at its path in the file, which does not know of the kinds of rules and items."""
    path = tuple(step for step in path if not str(step).startswith("<"))
    return Problem(path, problem.message, problem.at_key, problem.line, problem.column)

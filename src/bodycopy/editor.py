"""The models of `schema` as a JSON Schema (draft 7), so that an editor completes and checks a pack while it is written.

It says of a file what one file and no other can say: keys, their kinds of values, and which go together. What it
cannot say, such as two equal ids or a broken regular expression, `bodycopy rules check` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bodycopy.schema import BLOCK_ENDS, FINDERS, GUARDS, GUARDS_OF, MOST_EXAMPLES, MOST_ITEMS, MOST_RULES, Pack

__all__ = ["json_schema"]

_Schema = dict[str, Any]


def json_schema() -> _Schema:
    """Return the schema of a pack."""
    pack = Pack.model_json_schema(schema_generator=_Generator, ref_template="#/definitions/{model}")
    models = {name: _complete(name, model) for name, model in pack.pop("$defs").items()}
    return {"$schema": "http://json-schema.org/draft-07/schema#", **_complete("Pack", pack), "definitions": models}


def _complete(name: str, model: _Schema) -> _Schema:
    """Add to a model which of its keys go together, and how long its lists may be."""
    properties = {key: value | _LISTS.get(key, {}) for key, value in model.get("properties", {}).items()}
    return model | ({"properties": properties} if properties else {}) | _TOGETHER.get(name, {})


class _Generator(GenerateJsonSchema):
    """Leaves out what the models have for Python alone: None for a key that is missing, defaults, titles."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Choose by what tells the kinds apart, so that an editor names the mistake and not the choice."""
        kinds = {kind: self.generate_inner(choice) for kind, choice in schema["choices"].items()}
        for kind, sign in _SIGNS.items():
            if kind in kinds:
                (other,) = kinds.keys() - {kind}
                return {"if": sign, "then": kinds[kind], "else": kinds[other]}
        raise AssertionError(f"no sign tells {', '.join(map(str, kinds))} apart")


_SIGNS: Final[dict[object, _Schema]] = {"<change>": {"required": ["extend"]}, "<member>": {"type": "object"}}
"""What a change has and a rule lacks, and a member of a sequence has and a pattern lacks."""


# Which keys go together: what the models say in `misplaced`


def _one_of(keys: Iterable[str]) -> _Schema:
    return {"oneOf": [{"required": [key]} for key in keys]}


def _any_of(keys: Iterable[str]) -> _Schema:
    return {"anyOf": [{"required": [key]} for key in keys]}


def _none_of(keys: Iterable[str]) -> _Schema:
    return {"properties": dict.fromkeys(keys, False)}


def _with(key: str, then: _Schema) -> _Schema:
    return {"if": {"required": [key]}, "then": then}


def _without(key: str, then: _Schema) -> _Schema:
    return {"if": {"required": [key]}, "else": then}


_AFFIXES: Final = ("prefix", "suffix", "without")
_SITED: Final = {"type": "object", "required": ["site"], "not": {"required": ["keep"]}}

_TOGETHER: Final[dict[str, _Schema]] = {
    "Pack": {
        "anyOf": [{"required": ["disable"]}, {"required": ["rules"], "properties": {"rules": {"minItems": 1}}}],
        **_with("fingerprint", {"required": ["rules"], "properties": {"rules": {"contains": _SITED}}}),
    },
    "Entry": {
        **_one_of(FINDERS),
        "allOf": [
            *(_with(finder, _none_of(g for g in GUARDS if g not in GUARDS_OF[finder])) for finder in FINDERS),
            _without("from", _none_of(BLOCK_ENDS)),
            _with("to", _none_of(["until"])),
        ],
    },
    "Change": _any_of(["add", "drop"]),
    "ExampleKeys": {
        "oneOf": [
            {"required": ["remove"], "maxProperties": 1},
            {"required": ["keep"], "maxProperties": 1},
            {"required": ["text", "leaves"], "maxProperties": 2},
        ]
    },
    "Member": _one_of(["optional", "any"]),
    "ShapeKeys": _any_of(["words", "sentence", "capitals", "digits", "bullet", "indent"]),
    "RepeatKeys": {
        "allOf": [
            *(_with(one, _none_of([other])) for one, other in combinations(_AFFIXES, 2)),
            _with("cut", _none_of(["suffix", "without"])),
        ]
    },
}

_LISTS: Final[dict[str, _Schema]] = {
    "rules": {"maxItems": MOST_RULES},
    "examples": {"maxItems": MOST_EXAMPLES},
    "lines": {"maxItems": MOST_ITEMS, "contains": {"type": ["string", "number", "boolean"]}},
}

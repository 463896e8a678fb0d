"""The JSON Schema for editors says the same as the loader, as far as a JSON Schema can."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft7Validator

from bodycopy.building import read_pack
from bodycopy.cli import main
from bodycopy.editor import json_schema
from bodycopy.errors import RuleFileError
from bodycopy.loader import load_rules

ROOT = Path(__file__).parents[1]
PACKS = sorted((ROOT / "rules").rglob("*.yaml"))
WRONG = sorted((ROOT / "tests" / "invalid_rules").glob("*.yaml"))
FIRST_LINE = "# yaml-language-server: $schema=../schema.json"
SCHEMA = Draft7Validator(json_schema())


class Core(yaml.CSafeLoader):
    """YAML as editors read it: the core schema of version 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as PyYAML has it


for kind, form, signs in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(f"(?:{form})$"), signs)


both = pytest.mark.parametrize("loader", [Core, yaml.CSafeLoader], ids=["YAML 1.2", "YAML 1.1"])


def complaints(data: Any) -> list[str]:
    return [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in SCHEMA.iter_errors(data)]


def accepts(file: Path) -> bool:
    """Say whether an editor finds nothing wrong with a file, be it as YAML or as a pack.

    What it would say is not asked: of aliases that explode the message would have a gigabyte.
    """
    try:
        return SCHEMA.is_valid(yaml.load(file.read_bytes(), Loader=Core))
    except yaml.YAMLError:
        return False


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(json_schema())


def test_the_file_in_the_repository_is_what_the_command_prints() -> None:
    printed = CliRunner().invoke(main, ["rules", "schema"]).stdout
    assert (ROOT / "rules" / "schema.json").read_text() == printed, "bodycopy rules schema > rules/schema.json"


def test_every_built_in_pack_begins_with_the_line_that_leads_to_it() -> None:
    assert [pack for pack in PACKS if pack.read_text().split("\n")[0] != FIRST_LINE] == []
    led_to = {(pack.parent / FIRST_LINE.partition("=")[2]).resolve() for pack in PACKS}
    assert led_to == {ROOT / "rules" / "schema.json"}


# What the loader takes the schema takes


@both
def test_every_built_in_pack_is_right(loader: type[yaml.CSafeLoader]) -> None:
    found = {pack: complaints(yaml.load(pack.read_bytes(), Loader=loader)) for pack in PACKS}
    assert {pack: said for pack, said in found.items() if said} == {}


@both
def test_every_documented_pack_is_right(loader: type[yaml.CSafeLoader]) -> None:
    documents = [(ROOT / "docs" / name).read_text() for name in ("rules.md", "packs.md")]
    packs = [block for text in documents for block in re.findall(r"^```yaml\n(category:.*?)^```$", text, re.M | re.S)]
    assert len(packs) > 10
    assert [complaints(yaml.load(pack, Loader=loader)) for pack in packs] == [[]] * len(packs)


def rule(*keys: str) -> str:
    return "category: a\nrules:\n  - id: a\n" + "".join(f"    {key}\n" for key in keys)


RIGHT = {
    "numbers for texts": rule("line: 404", "about: 1.5", "source: 12", "examples: [{keep: 0}, {text: 1, leaves: 2}]"),
    "truth values for texts": rule("line: true", "about: false") + "about: true\nlang: no\n",
    "names that are numbers": "category: 1\nrules: [{id: 404, line: x}, {id: true, line: y}]\n",
    "a lone site, selector, former id": rule("line: x", "site: example.org", "after: a", "was: b"),
    "lists of them": rule("line: x", "site: [a.org, b.org]", "near: [a, 'a/*']", "was: [b, a/b/c]"),
    "blocks of them": rule("line: x", "site: |", "  a.org", "  b.org", "before: |", "  a", "", "  a/*/*"),
    "ranges": rule("shape: {words: 6, capitals: 0..1, digits: 1, run: 3}"),
    "open ranges": rule("line: x", "words: ..6") + "  - {id: b, line: y, words: 1..}\n",
    "shares": rule("shape: {capitals: 0.5.., digits: ..0.25}"),
    "any": rule("lines: [x, {any: 2}, {optional: y}, {any: 0..3}, 4, true]"),
    "a block with blank lines": rule("line: |", "", "  x", "", "  /y/", "", "unless: '/z/'"),
    "a score": rule("line: x", "score: 0.29") + "  - {id: b, line: y, score: 1}\n",
    "a share": rule("from: x", "share: 1", "max_lines: 3"),
    "an empty text": rule("line: x", "about: ''", "examples: [{text: x, leaves: ''}]"),
    "on": "category: a\ndefault: on\nrules: [{id: a, line: x}]\n",
    "off": "category: a\ndefault: off\nrules: [{id: a, line: x}]\n",
    "disable alone": "category: a\ndisable: b\n",
    "a change": "category: a\nrules: [{extend: a/b/c, add: x, examples: [{remove: x}]}]\n",
    "a fingerprint": rule("line: x", "site: a.org") + "fingerprint: y\n",
    "a reason": rule("line: x", "allow: {BC401: 404}"),
    "every finder": "category: a\nrules:\n"
    "  - {id: a, span: x, words: 1, sentence: true, unless: y, site: b.c}\n"
    "  - {id: b, keep: x, site: b.c}\n"
    "  - {id: c, from: x, to: y, where: head, share: 0.5}\n"
    "  - {id: d, repeat: {of: head, prefix: x, cut: true}, words: 1, score: 0.5}\n"
    "  - {id: e, repeat: {of: above, without: x}}\n",
}


@both
@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_a_right_pack_is_right(text: str, loader: type[yaml.CSafeLoader]) -> None:
    read_pack("a.yaml", text)
    assert complaints(yaml.load(text, Loader=loader)) == []


# What the loader refuses the schema refuses, but for what a schema cannot say

ACROSS = "it takes several rules or packs to see"
AS_WRITTEN = "the value is right, how it is written is not, and a schema sees the value alone"
IN_PATTERNS = "a pattern is a text to a schema"
NOT_SAID = {
    "Bad_Name": "a schema does not see the name of the file",
    "alias": AS_WRITTEN,
    "anchor": AS_WRITTEN,
    "tag": AS_WRITTEN,
    "duplicate-key": AS_WRITTEN,
    "plain-pattern-of-two-lines": AS_WRITTEN,
    "quoted-pattern-of-two-lines": AS_WRITTEN,
    "folded-pattern": AS_WRITTEN,
    "comment-after-pattern": AS_WRITTEN,
    "broken-regex": IN_PATTERNS,
    "control-character": IN_PATTERNS,
    "pattern-that-matches-all": IN_PATTERNS,
    "pattern-twice": IN_PATTERNS,
    "drop-of-everything": ACROSS,
    "drop-of-no-pattern": ACROSS,
    "extend-of-a-shape": ACROSS,
    "extend-of-no-rule": ACROSS,
    "same-id-twice": ACROSS,
    "selector-of-no-rule": ACROSS,
    "any-beside-any": "a schema does not see which items of a list are neighbours",
    "many-optional-items": "draft 7 does not count the items of a kind",
    "empty-range": "a schema does not compare the ends of a range",
    "bad-score": "whether 0.29 is a multiple of 0.01 depends on the editor",
    "bad-default": "off is false to older parsers of YAML",
}


def test_every_wrong_file_is_refused_but_those() -> None:
    assert {file.stem for file in WRONG if accepts(file)} == NOT_SAID.keys()


@pytest.mark.parametrize("file", WRONG, ids=lambda file: file.stem)
def test_the_loader_refuses_every_wrong_file(file: Path) -> None:
    with pytest.raises(RuleFileError):
        load_rules([file], builtin=False)

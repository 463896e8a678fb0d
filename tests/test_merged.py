"""`rules merged`: the packs that it writes do by themselves what the packs that it read do together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from bodycopy import schema
from bodycopy.building import read_pack
from bodycopy.cli import main
from bodycopy.errors import PatternError
from bodycopy.loader import Loaded, builtin_root, load
from bodycopy.packwriter import to_yaml
from bodycopy.patterns import Pattern
from bodycopy.rules import RuleSet, choose

EVERY_KEY = """\
category: comments
about: "What is printed below: everything"
lang: no
default: off
fingerprint: |
  Powered by Example
  /powered by .*/
disable: [video/*, 'sharing/[ab]*/x']
allow:
  BC401: on this site nothing else is called so
rules:
  - id: line
    about: |
      Several
        lines.
    source: example.org
    was: [label, comments/old/label]
    status: trial
    line: |
      Share: this
      # no comment
      - no list
      /^\\d+ "quoted" 'items'$/
      [Show *]
      no
    where: tail
    after: comments
    before: [comments, '*/form']
    near: comments/every/block
    words: ..6
    sentence: true
    unless: not
    site: [example.org, example.com]
    score: 0.05
    allow: {BC301: "so it is: slow"}
    examples:
      - remove: Read more
      - keep: |
          Read on,
            he said.
      - text: "one\\ttwo\\e[2J \\u2028 "
        leaves: ""
  - {id: span, span: image beacon}
  - {id: keep, keep: '404'}
  - {id: block, from: A, to: B, max_lines: 7, words: 6}
  - {id: rest, from: A, until: B}
  - {id: end, from: A, share: 0.0000001}
  - id: lines
    lines: [A, {optional: B}, {any: 0..3}, "C: c", {any: 2}]
    sentence: false
  - id: shape
    shape: {words: 2.., sentence: false, capitals: 0.5..1, digits: 0..0.000000001, bullet: true, indent: other, run: 3}
  - {id: prefix, repeat: {of: head, prefix: 'Photo:', cut: true}}
  - {id: suffix, repeat: {of: above, suffix: '| The Coast'}}
  - {id: without, repeat: {of: before, without: 'Image:'}}
  - id: region
    region:
      page:
        {lines: 2, removed: 190, mostly: 700, kinds: 19, tiny: 136.5, short: -280, colon: -20, digits: -176, rival: -28}
      prose: {repeated: -45, bulleted: 4, dated: -4, address: -4, under-comments: 0.3}
      other:
        {long: -8, medium: -1, short: -4, tiny: -13, beside-prose: -1, colon: 18, dated: -13, address: -4,
        comments: -30, removed: -20}
      lead: {lines: 8, long: 4, short: 1, tiny: -2, removed: -1, bulleted: -8}
      least: 100
      above: 0.25
      below: 0.45
      side: 6
      prose-above: 80
      margin: 5
      menu: 8
      title: 0.25
      aside: 0.9
      gaps:
        kinds: 3
        lines: 8
      comments: Comments
      dates: /\\d{4}/
      addresses: |
        /https?:/
        @
  - extend: sharing/bar/share
    add: More
    drop: Less
    examples:
      - keep: More bread.
"""
MODELS = (
    schema.Pack,
    schema.Entry,
    schema.Change,
    schema.ExampleKeys,
    schema.Member,
    schema.ShapeKeys,
    schema.RepeatKeys,
    schema.RegionKeys,
    schema.PageKeys,
    schema.ProseKeys,
    schema.OtherKeys,
    schema.LeadKeys,
)


def models_in(value: object) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        value = tuple(dict(value).values())
    if isinstance(value, tuple):
        for item in value:
            yield from models_in(item)


def is_pattern(source: str) -> bool:
    try:
        Pattern(source)
    except PatternError:
        return False
    return True


def test_every_key_survives() -> None:
    pack = read_pack("every.yaml", EVERY_KEY).content
    used = {
        model: {key for one in models_in(pack) if type(one) is model for key in one.model_fields_set}
        for model in MODELS
    }
    assert used == {model: set(model.model_fields) for model in MODELS}, "a key is missing in EVERY_KEY"
    assert read_pack("every.yaml", to_yaml(pack)).content == pack


@pytest.mark.parametrize("category", sorted(folder.name for folder in builtin_root().iterdir() if folder.is_dir()))
def test_every_built_in_pack_survives(category: str, builtin_packs: Loaded) -> None:
    packs = [pack for pack in builtin_packs.packs if pack.file.startswith(f"rules/{category}/")]
    assert len(packs) == len(list((builtin_root() / category).glob("*.yaml")))
    for pack in packs:
        assert read_pack(pack.file, to_yaml(pack.content)) == pack


ODD = st.text(
    st.sampled_from("a é\t\n\r\x00\x1b\x85\u2028\ufeff\ufffe\U0010ffff…'\"#:-|>&*!%@`{}[],?\\/~ "), min_size=1
)
PATTERN = ODD.map(str.strip).filter(is_pattern)


def with_entry(**keys: object) -> schema.Pack:
    pack = read_pack("a.yaml", "category: a\nrules:\n  - {id: a, line: b}\n").content
    return pack.model_copy(update={"rules": (pack.rules[0].model_copy(update=keys),)})


@given(ODD.filter(str.strip))
@example("\t:\n")
@example(" \n\t:\n")
def test_every_text_survives(text: str) -> None:
    pack = with_entry(about=text, examples=(schema.ExampleKeys(keep=schema.Text(text)),))
    assert read_pack("a.yaml", to_yaml(pack)).content == pack


@given(st.lists(PATTERN, min_size=1, unique=True))
def test_every_pattern_survives(sources: list[str]) -> None:
    patterns = tuple(map(Pattern, sources))
    pack = with_entry(line=patterns, unless=patterns[:1])
    assert read_pack("a.yaml", to_yaml(pack)).content == pack


# The whole set


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def merged(*paths: str) -> Result:
    options = (option for path in paths for option in ("--rules", path))
    return CliRunner().invoke(main, ["rules", "merged", "-o", "out", *options])


MINE = """\
category: comments
disable: [sharing, comments/wordpress/form, comments/mine/off]
fingerprint: Powered by Example
rules:
  - id: off
    line: Never mind this
    site: example.org
    after: trackers/beacons/image-beacons
  - id: after-what-is-off
    was: before
    line: Never mind that
    after: comments/mine/off
  - id: after-a-category
    line: Never mind what
    after: sharing
    allow:
      BC401: it is meant so
  - id: block
    from: |
      Never mind
      Mind me
    site: example.org
  - extend: comments/wpdiscuz/view-all
    add: |
      Show every * reply
    examples:
      - remove: Show every new reply
  - extend: comments/mine/block
    drop: Mind me
    add: Mind him
"""
SAME_NAME = """\
category: comments
default: off
lang: de
rules:
  - id: of-mine
    line: Nie mehr davon
    near: comments/mine/before
"""


@pytest.fixture(scope="module")
def before_and_after(tmp_path_factory: pytest.TempPathFactory, builtin_packs: Loaded) -> tuple[Loaded, Loaded]:
    """The built-in packs with two of one's own, and what is written of them: all that takes long, once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("merged"))
        Path("mine.yaml").write_text(MINE)
        Path("other").mkdir()
        Path("other/wordpress.yaml").write_text(SAME_NAME)
        with pytest.warns(UserWarning, match="comments/mine/before was renamed"):
            before = load(["mine.yaml", "other"])
        result = merged("mine.yaml", "other")
        assert result.exit_code == 0, result.output
        return before, load(["out"], builtin=False)


def test_the_packs_give_the_same_rules(before_and_after: tuple[Loaded, Loaded]) -> None:
    before, after = (loaded.rules for loaded in before_and_after)
    assert RuleSet(after).digest == RuleSet(before).digest
    assert choose(after).digest == choose(before).digest
    for old, new in zip(before, after, strict=True):
        said = ("lang", "about", "source", "was", "default", "allow")
        assert [getattr(new, key) for key in said] == [getattr(old, key) for key in said]
        assert [(e.text, e.leaves) for e in new.examples] == [(e.text, e.leaves) for e in old.examples]


def test_what_is_switched_off_is_written_only_where_a_rule_is_after_it(before_and_after: tuple[Loaded, Loaded]) -> None:
    _, loaded = before_and_after
    assert [rule_id for rule_id in loaded.disabled if rule_id.startswith("comments/")] == ["comments/mine/off"]
    assert len(loaded.disabled) == 2
    assert not [rule for rule in loaded.every if rule.id == "comments/wordpress/form"]


def test_a_folder_with_packs_is_left_alone() -> None:
    Path("out").mkdir()
    Path("out/old.yaml").write_text(SAME_NAME)
    result = merged()
    assert (result.exit_code, result.stderr) == (
        2,
        "error: out is not empty, and all packs in a folder act together; name a new one\n",
    )
    assert [file.name for file in Path("out").iterdir()] == ["old.yaml"]

"""Packs become rules; every mistake in them is said with its place. One file a mistake is in `invalid_rules/`."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from bodycopy import Cleaner, loader, packfiles
from bodycopy.errors import BodycopyError, RuleFileError
from bodycopy.loader import builtin_root, load_rules
from bodycopy.patterns import Pattern
from bodycopy.rules import (
    AnyLines,
    Block,
    Example,
    Finder,
    Guards,
    Item,
    Keep,
    LineOf,
    Lines,
    Of,
    Patterns,
    Range,
    Repeat,
    Rule,
    Shape,
    SpanOf,
    Where,
)
from bodycopy.yamlfile import YamlFile

INVALID = Path(__file__).parent / "invalid_rules"

Write = Callable[..., Path]


def p(*sources: str) -> Patterns:
    return tuple(map(Pattern, sources))


def indented(text: str) -> str:
    return "".join(f"    {line}" for line in text.splitlines(keepends=True))


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a pack below a folder of its own, which is the working folder, and return its relative path."""
    monkeypatch.chdir(tmp_path)

    def write_pack(text: str, name: str = "pack.yaml") -> Path:
        file = Path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write_pack


@pytest.fixture
def rule(write: Write) -> Callable[[str], Rule]:
    """Load the one rule of a pack from what stands below its id."""

    def load(body: str) -> Rule:
        (only,) = load_rules([write("category: comments\nrules:\n  - id: a\n" + indented(body))], builtin=False)
        return only

    return load


def faults_of(*paths: str | Path, builtin: bool = False) -> list[str]:
    with pytest.raises(RuleFileError) as caught:
        load_rules(paths, builtin=builtin)
    return str(caught.value).splitlines()


# Mistakes


@pytest.mark.parametrize("name", sorted(file.stem for file in INVALID.glob("*.yaml")))
def test_each_mistake_is_said_in_these_words(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(INVALID)
    expected = Path(f"{name}.txt").read_text(encoding="utf-8").splitlines()
    assert faults_of(f"{name}.yaml") == expected


def test_every_list_of_messages_has_its_file() -> None:
    assert {file.stem for file in INVALID.glob("*.txt")} == {file.stem for file in INVALID.glob("*.yaml")}


def test_ten_mistakes_in_one_file_give_ten_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(INVALID)
    assert len(faults_of("ten-faults.yaml")) == 10


def test_the_mistakes_of_all_files_are_said_at_once(write: Write) -> None:
    one = write("category: comments\nrules:\n  - id: a\n", "one.yaml")
    two = write("category: comments\nrules:\n  - id: a\n    lin: x\n    line: y\n", "two.yaml")
    needs = "this rule finds nothing; it needs one of span, line, lines, keep, from, shape, repeat, region"
    assert faults_of(two, one, "none.yaml") == [
        "none.yaml: no such file or folder",
        f"one.yaml:3:5: {needs}",
        'two.yaml:4:5: unknown key "lin"; did you mean "line"?',
    ]


def test_two_equal_ids_name_both_places(write: Write) -> None:
    text = "category: comments\nrules:\n  - id: a\n    line: Read more\n"
    paths = [write(text, "x/pack.yaml"), write("about: b\n" + text, "y/pack.yaml")]
    message = 'the id "comments/pack/a" is taken: x/pack.yaml:3 has it; to change that rule write "extend"'
    assert faults_of(*paths) == faults_of(*reversed(paths)) == [f"y/pack.yaml:4:9: {message}"]


def test_a_folder_without_packs(write: Write) -> None:
    write("", "folder/readme.txt")
    assert faults_of("folder") == ["folder: no packs in this folder; a pack is a file that ends in .yaml or .yml"]


def test_a_file_that_cannot_be_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    file = write("category: comments\n")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert faults_of(file) == ["pack.yaml: cannot be read: Permission denied"]


# Input made to do harm


def test_a_file_of_100_mb_is_refused_unread(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write("")
    os.truncate(file, 100_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    assert faults_of(file) == ["pack.yaml: larger than 5 MB; split it into several packs"]


RULES = 100_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: " + "[" * 1_000_000, "nested deeper than 20 levels", id="brackets"),
        pytest.param("a: " + "{a: " * 500_000, "nested deeper than 20 levels", id="braces"),
        pytest.param("- " * 1_000_000, "nested deeper than 20 levels", id="lists"),
        pytest.param("a: &a [x]\nb: [" + "*a, " * 100_000 + "]", "*a is an alias", id="aliases"),
        pytest.param("a: " + "x" * 4_000_000, 'unknown key "a"', id="long-scalar"),
        pytest.param("category: a\nrules: [" + "{}, " * RULES + "]", "at most 5000 are allowed here", id="many-rules"),
        pytest.param("? " + "x" * 4_000_000, 'unknown key "xxx', id="long-key"),
    ],
)
def test_hostile_files_are_refused_at_once(
    text: str, message: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[object] = []
    value_of = YamlFile._value
    monkeypatch.setattr(YamlFile, "_value", lambda *given: looked_at.append(given) or value_of(*given))
    faults = faults_of(write(text))
    assert 0 < len(looked_at) <= (RULES if message.startswith("at most") else 0) + 30
    assert any(message in fault for fault in faults)
    assert max(map(len, faults)) < 300


# Reading


@pytest.mark.parametrize("text", ["no", "yes", "12:30", "010", "1e3", "~", "null", "0x1F", "2024-01-01", "=", "on"])
def test_every_scalar_stays_text(text: str, rule: Callable[[str], Rule]) -> None:
    assert rule(f"line: {text}\n").finder == LineOf(p(text))
    assert rule(f"line: |\n  {text}\n").finder == LineOf(p(text))


BLOCK = """\
line: |

  Read more
    Read on, \u2028  and on
  /\\d+ more/

  [Show: "all"] # {not} a comment
unless: 'Read me'
"""


def test_each_pattern_of_a_block_has_its_own_place(rule: Callable[[str], Rule]) -> None:
    found = rule(BLOCK)
    assert isinstance(found.finder, LineOf)
    assert [(p.source, p.line, p.column) for p in found.finder.patterns] == [
        ("Read more", 6, 7),
        ("Read on,", 7, 9),
        ("and on", 8, 7),
        (r"/\d+ more/", 9, 7),
        ('[Show: "all"] # {not} a comment', 11, 7),
    ]
    assert [(p.source, p.line, p.column) for p in found.guards.unless] == [("Read me", 12, 14)]


@pytest.mark.parametrize("header", ["|", "|-", "|+", "|2", "| # a comment"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_kind_of_block_and_line_end(header: str, line_end: str, write: Write) -> None:
    text = f"category: comments\nrules:\n  - id: a\n    line: {header}\n      Read more\n\n      Show all\n"
    file = write("")
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", line_end).encode())
    ((only),) = load_rules([file], builtin=False)
    assert isinstance(only.finder, LineOf)
    assert [(p.source, p.line, p.column) for p in only.finder.patterns] == [("Read more", 5, 7), ("Show all", 7, 7)]


FINDERS: dict[str, tuple[str, Finder]] = {
    "span": ("span: image beacon", SpanOf(p("image beacon"))),
    "line": ("line: 'Read more:'", LineOf(p("Read more:"))),
    "line-in-quotes": ('line: "Read \\"more\\""', LineOf(p('Read "more"'))),
    "keep": ("keep: |\n  Read more\n  Show all", Keep(p("Read more", "Show all"))),
    "from": ("from: Comments", Block(p("Comments"))),
    "from-with-limit": ("from: Comments\nmax_lines: 7", Block(p("Comments"), max_lines=7)),
    "from-to": ("from: Comments\nto: End", Block(p("Comments"), p("End"), max_lines=50)),
    "from-until": ("from: A\nuntil: B\nmax_lines: 9", Block(p("A"), p("B"), with_end=False, max_lines=9)),
    "lines": (
        "lines:\n  - A\n  - |\n    B\n    C\n  - {any: 0..3}\n  - optional: D\n  - any: 2",
        Lines((Item(p("A")), Item(p("B", "C")), AnyLines(0, 3), Item(p("D"), optional=True), AnyLines(2, 2))),
    ),
    "shape": (
        "shape:\n  words: ..6\n  sentence: false\n  capitals: 0.5..1\n  digits: 0..0.25\n"
        "  bullet: true\n  indent: other\n  run: 3",
        Shape(Range(high=6), False, Range(0.5, 1), Range(0, 0.25), True, True, 3),
    ),
    "repeat": ("repeat:\n  of: above", Repeat(Of.ABOVE)),
    "repeat-with-prefix": (
        "repeat:\n  of: head\n  prefix: 'Photo:'\n  cut: true",
        Repeat(Of.HEAD, prefix=p("Photo:"), cut=True),
    ),
}


@pytest.mark.parametrize(("body", "finder"), FINDERS.values(), ids=FINDERS)
def test_finders(body: str, finder: Finder, rule: Callable[[str], Rule]) -> None:
    assert rule(body + "\n").finder == finder


GUARDS: dict[str, tuple[str, Guards]] = {
    "none": ("", Guards()),
    "where": ("where: tail", Guards(where=Where.TAIL)),
    "after-one": ("after: comments", Guards(after=("comments",))),
    "before-list": ("before: [comments, 'comments/*']", Guards(before=("comments", "comments/*"))),
    "near-block": ("near: |\n  comments\n  comments/pack/a", Guards(near=("comments", "comments/pack/a"))),
    "words": ("words: 1..6", Guards(words=Range(1, 6))),
    "words-exactly": ("words: 6", Guards(words=Range(6, 6))),
    "words-up-to": ("words: ..6", Guards(words=Range(high=6))),
    "words-from": ("words: 2..", Guards(words=Range(low=2))),
    "sentence": ("sentence: false", Guards(sentence=False)),
    "unless": ("unless: /x+/", Guards(unless=p("/x+/"))),
    "site": ("site: Example.ORG", Guards(site=("example.org",))),
    "site-block": ("site: |\n  a.org\n  b.org", Guards(site=("a.org", "b.org"))),
    "site-list": ("site:\n  - a.org\n  - b.org", Guards(site=("a.org", "b.org"))),
}


@pytest.mark.parametrize(("body", "guards"), GUARDS.values(), ids=GUARDS)
def test_guards(body: str, guards: Guards, rule: Callable[[str], Rule]) -> None:
    assert rule(f"line: Read more\n{body}\n").guards == guards


def test_a_share_goes_with_a_block(rule: Callable[[str], Rule]) -> None:
    assert rule("from: Comments\nshare: 0.8\n").guards.share == 0.8


@pytest.mark.parametrize(("score", "hundredths"), [("0.29", 29), ("0.4", 40), ("1", 100), ("1.00", 100), ("0.01", 1)])
def test_a_score_is_counted_in_hundredths(score: str, hundredths: int, rule: Callable[[str], Rule]) -> None:
    assert rule(f"line: Read more\nscore: {score}\n").score == hundredths


EXAMPLES = """\
line: Read more
about: A teaser's link.
source: example.org
status: trial
examples:
  - remove: |
      Read more
  - keep: "He read more."
  - text: >
      Read
      more
    leaves: ""
"""


def test_what_else_a_rule_says(rule: Callable[[str], Rule]) -> None:
    found = rule(EXAMPLES)
    assert (found.about, found.source, found.trial) == ("A teaser's link.", "example.org", True)
    assert (found.id, found.file, found.line) == ("comments/pack/a", "pack.yaml", 3)
    assert found.examples == (
        Example("Read more\n", "", True, 9, "pack.yaml"),
        Example("He read more.", "He read more.", True, 11, "pack.yaml"),
        Example("Read more\n", "", False, 12, "pack.yaml"),
    )


@pytest.mark.parametrize(
    ("head", "default"),
    [
        ("category: comments\n", True),
        ("category: comments\ndefault: off\n", False),
        ("category: headline\n", False),
        ("category: headline\ndefault: on\n", True),
    ],
)
def test_what_is_on_by_default(head: str, default: bool, write: Write) -> None:
    (only,) = load_rules([write(f"{head}lang: en\nrules:\n  - id: a\n    line: Read more\n")], builtin=False)
    assert (only.default, only.lang) == (default, "en")


FINGERPRINT = """\
category: comments
fingerprint: Powered by Example
rules:
  - {id: a, line: Read more, site: example.org}
  - {id: b, keep: Read more, site: example.org}
  - {id: c, line: Show all}
"""


def test_a_fingerprint_stands_for_the_site(write: Write) -> None:
    rules = load_rules([write(FINGERPRINT)], builtin=False)
    assert [rule.guards.fingerprint for rule in rules] == [p("Powered by Example"), (), ()]


# Across files

BASE = """\
category: comments
rules:
  - id: a
    line: |
      Read more
      Show all
    examples:
      - remove: Read more
  - id: b
    from: |
      Comments
      Replies
    after: comments/base/a
"""
MINE = """\
category: mine
disable: comments/base/b
rules:
  - id: x
    line: Tags
    near: comments/base/b
  - extend: comments/base/a
    add: |
      Zoom
      Read on
    drop: Show all
    examples:
      - remove: Read on
"""
YOURS = """\
category: yours
rules:
  - extend: comments/base/a
    add: |
      More
      Zoom
    drop: Show all
  - extend: comments/base/b
    drop: Replies
"""


def test_extend_drops_and_adds(write: Write) -> None:
    files = [write(BASE, "base.yaml"), write(MINE, "mine.yaml"), write(YOURS, "yours.yaml")]
    a, x = load_rules(files, builtin=False)
    assert a.finder == LineOf(p("Read more", "More", "Read on", "Zoom"))
    assert [example.text for example in a.examples] == ["Read more", "Read on"]
    assert (a.id, a.file, a.line) == ("comments/base/a", "base.yaml", 3)
    assert x.id == "mine/mine/x"


def test_extend_changes_where_a_block_starts(write: Write) -> None:
    _, b = load_rules([write(BASE, "base.yaml"), write(YOURS, "yours.yaml")], builtin=False)
    assert b.finder == Block(p("Comments"))


@pytest.mark.parametrize(
    ("selector", "left"),
    [
        ("comments", []),
        ("comments/base/a", ["b"]),
        ("'*/b'", ["a"]),
        ("[comments/*/a, comments/*/b]", []),
        ("|\n  comments/base/b\n  nothing/*", ["a"]),
        ("nothing", ["a", "b"]),
    ],
)
def test_disable_switches_rules_off(selector: str, left: list[str], write: Write) -> None:
    off = write(f"category: mine\ndisable: {selector}\n", "off.yaml")
    rules = load_rules([off, write(BASE, "base.yaml")], builtin=False)
    assert [rule.id.rpartition("/")[2] for rule in rules] == left


def test_the_order_of_paths_and_rules_is_immaterial(write: Write) -> None:
    lines = [f"  - {{id: r{i}, line: Line {i}}}\n" for i in range(9)]
    more = "category: more\nrules:\n"
    files = [write(text, f"{name}.yaml") for name, text in (("base", BASE), ("mine", MINE), ("yours", YOURS))]
    results: set[tuple[object, ...]] = set()
    for order in itertools.permutations(files):
        random.Random(len(results)).shuffle(lines)
        rules = load_rules([*order, write(more + "".join(lines), "more.yaml")], builtin=False)
        results.add(tuple((rule.id, rule.finder, rule.guards, rule.file, rule.examples) for rule in rules))
    assert len(results) == 1


def test_a_file_that_is_reached_twice_is_loaded_once(write: Write) -> None:
    file = write(BASE, "folder/base.yaml")
    rules = load_rules([file, "folder", "./folder/../folder/base.yaml", file.resolve()], builtin=False)
    assert [rule.id for rule in rules] == ["comments/base/a", "comments/base/b"]


def test_a_folder_is_searched_to_the_bottom(write: Write) -> None:
    write(BASE, "folder/deep/er/base.yml")
    write("no pack", "folder/notes.txt")
    assert {rule.file for rule in load_rules(["folder"], builtin=False)} == {str(Path("folder/deep/er/base.yml"))}


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_links_lead_to_packs_and_folders_are_not_searched_by_them(write: Write) -> None:
    write(BASE, "folder/base.yaml")
    write(MINE.replace("mine", "other"), "elsewhere/other.yaml")
    Path("folder/again.yaml").symlink_to("base.yaml")
    Path("folder/to.yaml").symlink_to("../elsewhere/other.yaml")
    Path("folder/gone.yaml").symlink_to("nowhere")
    Path("folder/loop.yaml").symlink_to("loop.yaml")
    Path("folder/up").symlink_to("..")
    rules = load_rules(["folder"], builtin=False)
    assert [rule.id.partition("/")[0] for rule in rules] == ["comments", "other"]
    Path("linked").symlink_to("folder")
    assert {rule.file for rule in load_rules(["linked"], builtin=False)} <= set(map(str, Path("linked").glob("*")))


@pytest.mark.parametrize("path", ["folder", "folder/base.yaml", Path("folder"), Path("folder/base.yaml")], ids=repr)
def test_one_path_may_stand_by_itself(path: str | Path, write: Write) -> None:
    write(BASE, "folder/base.yaml")
    assert load_rules(path, builtin=False) == load_rules([path], builtin=False)
    assert Cleaner(path, builtin=False).rules == Cleaner([path], builtin=False).rules  # type: ignore[arg-type]


# Built-in packs


def test_the_built_in_rules_of_a_checkout() -> None:
    assert builtin_root() == Path(__file__).resolve().parents[1] / "rules"


def test_missing_built_in_rules_are_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packfiles, "__file__", str(tmp_path / "src" / "bodycopy" / "packfiles.py"))
    folder = tmp_path / "src" / "bodycopy" / "rulepacks"
    with pytest.raises(BodycopyError) as caught:
        builtin_root()
    assert str(caught.value) == f"the built-in rules are missing: no folder {folder}; install bodycopy again"


@pytest.fixture
def built_in(write: Write, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Put the built-in packs below `rulepacks`."""
    monkeypatch.setattr(loader, "builtin_root", lambda: Path("rulepacks").absolute())
    return write


def test_built_in_packs_are_named_from_the_top(built_in: Write) -> None:
    file = built_in(BASE, "rulepacks/comments/base.yaml")
    assert (
        {rule.file for rule in load_rules()}
        == {rule.file for rule in load_rules([file])}
        == {"rules/comments/base.yaml"}
    )


def test_a_pack_of_ones_own_changes_a_built_in_rule(built_in: Write) -> None:
    built_in(BASE, "rulepacks/comments/base.yaml")
    rules = load_rules([built_in(MINE, "mine.yaml")])
    assert [(rule.id, rule.file) for rule in rules] == [
        ("comments/base/a", "rules/comments/base.yaml"),
        ("mine/mine/x", "mine.yaml"),
    ]


def test_no_built_in_packs_is_a_mistake_too(built_in: Write) -> None:
    Path("rulepacks").mkdir()
    file = built_in("category: x\n")
    folder = Path("rulepacks").absolute()
    assert faults_of(file, builtin=True) == [
        f"{folder}: no packs in this folder; a pack is a file that ends in .yaml or .yml",
        'pack.yaml:1:1: this pack does nothing; it needs "rules" or "disable"',
    ]

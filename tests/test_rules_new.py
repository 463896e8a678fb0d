"""`bodycopy rules new`: from a line to a rule that holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bodycopy import Cleaner, load_rules
from bodycopy.cli import main
from bodycopy.examples import run_examples

BUILTIN = """\
category: video
rules:
  - id: player
    line: |
      Play the video
      /Play all \\d+ videos/
    where: tail
  - id: beacon
    span: image beacon
  - id: recipes
    keep: of sugar
"""
ABOVE = """\
The harbour and its ferry
The bridge over the river was closed for three days after the storm had passed.
Engineers went down to the piers on the first morning and looked for cracks in the stone.
They found that two of the arches had moved by the width of a hand and would have to be rebuilt.
"""
BELOW = """\
A ferry was brought up from the coast, and it crossed every half hour from dawn until night.
Children went to school in it and thought that nothing better had ever happened to them.
The council met in the church because its own hall was still full of mud and broken chairs.
It decided by a single vote to rebuild the bridge in stone and not in steel, as some had wished.
The work began in the summer and was finished before the first snow fell on the new road.
"""
LINE = "Write to the ferry desk"
PACK = """\
category: ours
about: Where we met them.  # with a comment
rules:
- id: letter
  line: Get the Harbour Letter
  examples:
  - remove: Get the Harbour Letter
  - keep: Get the Harbour Letter from the table, she said.
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of texts, with a folder of the test for the built-in packs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bodycopy.loader.builtin_root", lambda: tmp_path / "builtin")
    put({"builtin/video/global.yaml": BUILTIN, "texts/one.txt": f"{ABOVE}{LINE}\n{BELOW}"})
    return tmp_path


def put(files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def new(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", "new", "--from", *arguments])


def written(result: Result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout


def removes(pack: str, text: str) -> bool:
    put({"drafted.yaml": pack})
    return Cleaner(["drafted.yaml"], builtin=False).clean(text).text.strip() == ""


# The rule


def test_a_line_in_its_text_becomes_a_pack() -> None:
    result = new("texts/one.txt:5")
    assert written(result) == (
        "category: custom\n"
        "rules:\n"
        "  - id: write-to-the-ferry-desk\n"
        "    line: |\n"
        "      Write to the ferry desk\n"
        '    source: "texts/one.txt:5"\n'
        "    examples:\n"
        "      - remove: |\n"
        "          Write to the ferry desk\n"
        "      - keep: |\n"
        "          A ferry was brought up from the coast, and it crossed every half hour from dawn until night.\n"
        "      - keep: |\n"
        '          They said that "Write to the ferry desk" was written on the wall of the old mill.\n'
    )
    assert result.stderr == 'notice: the category is "custom"; --category names another\n'


def test_a_line_without_a_text_becomes_a_pack_of_the_category_named() -> None:
    result = new(LINE, "--category", "letters")
    assert result.stderr == ""
    pack = written(result)
    assert pack.startswith("category: letters\n")
    assert "source" not in pack
    assert removes(pack, "Write to the Ferry desk:")


@pytest.mark.parametrize(
    ("text", "number", "where"),
    [
        (f"{LINE}\n{ABOVE}{BELOW}", 1, "    where: head\n"),
        (f"{ABOVE}{BELOW}{LINE}\n", 10, "    where: tail\n"),
        (f"{ABOVE}{LINE}\n{BELOW}", 5, ""),
        (f"{ABOVE}{LINE}\n", 5, ""),  # too little prose for a tail
        (f"{LINE}\nThe old mill\n", 1, ""),
    ],
)
def test_the_place_of_the_line_is_a_guard(text: str, number: int, where: str) -> None:
    put({"a.txt": text})
    pack = written(new(f"a.txt:{number}"))
    assert f"      {LINE}\n{where}    source: " in pack


@pytest.mark.parametrize(
    ("line", "like_it", "unlike"),
    [
        ("All 12 letters to us", "All 3 letters to us", "All the letters to us"),
        ("1,204 Letters", "12 Letters", "Twelve Letters"),
        ("Letters (3)", "Letters (120)", "Letters (few)"),
        ("Seen on 4 March 2014, 12:30", "Seen on 12 July 2020, 9:05", "Seen on a Sunday in 2014"),
        ("» Tide table  12/05/2014 »", "Tide table 1/12/2020", "Tide table for the summer"),
        ("Publicado el 4 de marzo de 2014", "Publicado el 12 de julio de 2020", "Publicado el domingo"),
        ("© 2014 Harbour Daily", "© 2020 Harbour Daily", "© Harbour Daily"),
    ],
)
def test_counts_and_dates_may_be_others(line: str, like_it: str, unlike: str) -> None:
    pack = written(new(line))
    assert removes(pack, line)
    assert removes(pack, like_it)
    assert not removes(pack, unlike)


@pytest.mark.parametrize(
    ("line", "unlike"),
    [
        ("Mar 4, 2014", "Mar 5, 2014"),
        ("12:30", "12:31"),
        ("Built in 1999", "Built in 1998"),
        ("/ratio", "ratio"),
        ("**", "+*"),
        ("a * b", "a c b"),
        ("Öl & Gas: 'no' #1", "Öl & Gas: 'no' #2"),
    ],
)
def test_other_lines_are_taken_as_they_stand(line: str, unlike: str) -> None:
    pack = written(new(line))
    assert removes(pack, line)
    assert not removes(pack, unlike)


@pytest.mark.parametrize(
    "line", ["日本語の行です", "[/bold] ferry", "- id: a", "%YAML 1.2", "--- ferry", "🚢 desk", "two\u00a0words"]
)
def test_what_is_strange_to_yaml_or_to_the_terminal_can_be_a_rule(line: str) -> None:
    assert removes(written(new(line)), line)


def test_the_sentence_that_must_stay_is_not_from_the_edges_of_the_text() -> None:
    put({"a.txt": f"{ABOVE}{BELOW}{LINE}\nWrite to the ferry desk and never miss the ferry again.\n"})
    assert "never miss" not in written(new("a.txt:10"))


def test_a_draft_passes_the_tests_and_checks_of_rules() -> None:
    put({"pack.yaml": written(new("texts/one.txt:5"))})
    rules = load_rules(["pack.yaml"])
    own = [rule for rule in rules if rule.category == "custom"]
    assert list(run_examples(rules, own)) == []
    assert CliRunner().invoke(main, ["rules", "check", "pack.yaml"]).stdout == "1 rule, 0 findings\n"


# What the author is told


def test_a_line_that_goes_already_needs_no_rule() -> None:
    put({"a.txt": f"{ABOVE}{BELOW}Play the video\n"})
    by = "error: this line needs no rule; it is removed by video/global/player (rules/video/global.yaml:3)"
    assert new("a.txt:10", "-o", "mine.yaml").stderr == f"{by}\n"
    alone = new("Play all 3 videos")
    assert (alone.exit_code, alone.stdout) == (2, "")
    assert alone.stderr == f"{by}; if it stays in a text of yours, name the line there as FILE:LINE\n"
    assert not Path("mine.yaml").exists()


def test_where_a_rule_does_not_act_its_line_becomes_a_rule() -> None:
    put({"a.txt": f"{ABOVE}Play the video\n{BELOW}"})
    assert "      Play the video\n" in written(new("a.txt:5"))


def test_a_line_of_which_something_goes_already_becomes_a_rule_for_the_rest() -> None:
    put({"a.txt": f"{ABOVE}{LINE} image beacon\n{BELOW}"})
    result = new("a.txt:5", "--category", "letters")
    assert f"    line: |\n      {LINE}\n" in written(result)
    assert result.stderr == (
        "notice: a part of the line is removed by video/global/beacon (rules/video/global.yaml:8); "
        "the rule is for the rest\n"
    )


def test_a_protected_line_becomes_no_rule() -> None:
    assert new("200 g of sugar").stderr == (
        "error: no rule for this line holds: video/global/recipes (rules/video/global.yaml:10) protects it; "
        "make that one narrower\n"
    )


def test_a_line_that_an_example_keeps_becomes_no_rule() -> None:
    put({"mine.yaml": PACK})
    result = new("Get the Harbour Letter from the table, she said.", "-o", "mine.yaml")
    assert result.stderr == (
        "error: no rule for this line holds: an example of ours/mine/letter (mine.yaml:8) keeps it; "
        "if it may go, delete that example\n"
    )
    assert Path("mine.yaml").read_text() == PACK


def test_a_line_that_an_article_may_say_is_no_rule_without_a_word() -> None:
    assert "notice: the line reads like running text; " in new("He sold the bread in the morning.").stderr
    assert 'notice: BC401 "Share" may stand in an article ' in new("Share").stderr


def test_try_says_what_else_goes() -> None:
    put({"texts/deep/two.txt": f"{ABOVE}Write to the ferry desk:\n{BELOW}", "texts/three.txt": BELOW})
    result = new("texts/one.txt:5", "--category", "letters", "--try", "texts")
    assert written(result).startswith("category: letters\n")
    assert result.stderr == (
        "in texts it would remove:\n"
        "\n"
        "letters/new/write-to-the-ferry-desk  new.yaml:3\n"
        "  2 removals, 47 characters in 2 documents\n"
        "  texts/deep/two.txt:5  ×2\n"
        "      They found that two of the arches had moved by the width of a hand and wo…\n"
        "    - Write to the ferry desk:\n"
        "      A ferry was brought up from the coast, and it crossed every half hour fro…\n"
        "\n"
        "documents that lose something: 2 of 3\n"
        "  by share of their words, over 1%: 2, 10%: 0, 30%: 0, 90%: 0\n"
        "    3.3%  5 of 153 words  texts/deep/two.txt\n"
        "    3.3%  5 of 153 words  texts/one.txt\n"
        "\n"
    )


# The pack


def test_a_new_pack_is_written_and_the_next_rule_comes_after_the_first() -> None:
    first = new("texts/one.txt:5", "-o", "packs/mine.yaml")
    assert first.stdout == ""
    assert first.stderr.startswith("packs/mine.yaml:3: a new pack with custom/mine/write-to-the-ferry-desk\n")
    before = Path("packs/mine.yaml").read_text()
    second = new("Tide table!", "-o", "packs/mine.yaml", "--try", "texts")
    assert second.stderr == "packs/mine.yaml:15: added custom/mine/tide-table\nno difference in 1 document\n"
    assert new("Tide table?", "-o", "packs/mine.yaml").stderr == "packs/mine.yaml:24: added custom/mine/tide-table-2\n"
    assert Path("packs/mine.yaml").read_text().startswith(f"{before}\n  - id: tide-table\n")
    assert CliRunner().invoke(main, ["rules", "test", "packs"]).exit_code == 0


@pytest.mark.parametrize(
    "pack",
    [
        PACK,
        PACK.replace("\n", "\r\n"),
        PACK.removesuffix("\n"),
        f"\ufeff{PACK}# The end.\n",
        "category: ours\nrules:\n  # the first\n\n    - id: letter\n      line: Get the Harbour Letter\n",
        "category: ours\ndisable: video",
        "category: ours\nrules:\n  - extend: video/global/player\n    add: Play it\n",
    ],
)
def test_a_rule_is_added_and_nothing_else_changes(pack: str) -> None:
    put({"mine.yaml": pack})
    result = new("texts/one.txt:5", "-o", "mine.yaml")
    assert result.exit_code == 0, result.stderr
    after = Path("mine.yaml").read_bytes().decode()
    assert after.startswith(pack)
    assert after.count("\n") == after.count("\r\n") or "\r" not in after
    added = {rule.id: rule for rule in load_rules(["mine.yaml"])}["ours/mine/write-to-the-ferry-desk"]
    assert result.stderr == f"mine.yaml:{added.line}: added {added.id}\n"


@pytest.mark.parametrize(
    ("pack", "message"),
    [
        (f"{PACK}disable: video\n", "mine.yaml: nothing can be added at the end of this pack; "),
        ("category: ours\nrules: [{id: a, line: Tide}]\n", "mine.yaml: nothing can be added at the end of this pack; "),
        (f"{PACK}...\n", "mine.yaml: nothing can be added at the end of this pack; "),
        (f"{PACK}- id: a\n  where: tale\n  line: Tide\n", 'mine.yaml:10:10: "tale" is not allowed here; '),
        ("", "mine.yaml: the file is empty; a pack needs a category and rules"),
        (b"\xff", "mine.yaml: not UTF-8: "),
    ],
)
def test_a_pack_to_which_nothing_can_be_added_stays_as_it_is(pack: str | bytes, message: str) -> None:
    put({"mine.yaml": pack})
    before = Path("mine.yaml").read_bytes()
    result = new("texts/one.txt:5", "-o", "mine.yaml")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {message}")
    assert Path("mine.yaml").read_bytes() == before


def test_a_pack_of_another_category_is_refused() -> None:
    put({"mine.yaml": PACK})
    assert new(LINE, "-o", "mine.yaml", "--category", "letters").stderr == (
        "error: mine.yaml: the category of this pack is ours, not letters; name another file with -o\n"
    )
    assert new(LINE, "-o", "mine.yaml", "--category", "ours").exit_code == 0


def test_the_packs_of_the_project_count_too() -> None:
    put({"project/pack.yaml": PACK, "bodycopy.toml": 'rules = ["project"]\n'})
    assert "it is removed by ours/pack/letter (project/pack.yaml:4)" in new("Get the Harbour Letter").stderr
    assert new("Get the Harbour Letter", "--no-config").exit_code == 0


# What is no line


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("texts/one.txt", "Error: --from names the file texts/one.txt; name a line of it, as in texts/one.txt:12."),
        ("texts/one.txt:0", "error: texts/one.txt:0: there is no such line; the text has 10"),
        ("texts/one.txt:11", "error: texts/one.txt:11: there is no such line; the text has 10"),
        ("blank.txt:2", "error: blank.txt:2: this line is blank; name one with something on it"),
        ("absent.txt:2", "error: absent.txt: No such file or directory"),
        ("binary.txt:1", "error: binary.txt: a binary file, not text"),
        ("rows.jsonl:1", "error: rows.jsonl: this file has rows; name a line of one as FILE:ROW:LINE"),
        ("rows.jsonl:3:1", "error: rows.jsonl: there is no row 3 in this file"),
        ("rows.jsonl:2:1", 'error: rows.jsonl: there is no field "text"'),
        ("texts/one.txt:1:5", "error: texts/one.txt: this file has no rows; name a line of it as FILE:LINE"),
        ("", "Error: --from takes one line with something on it, and this text has 0."),
        (" \n\t", "Error: --from takes one line with something on it, and this text has 0."),
        ("One\nTwo", "Error: --from takes one line with something on it, and this text has 2."),
        ("One\x1b[2J", "error: the line holds the character U+001B, which a pack cannot hold; "),
        ("One\udcff", "error: the line holds the character U+DCFF, which a pack cannot hold; "),
    ],
)
def test_a_line_that_is_none_is_refused(place: str, message: str) -> None:
    put({"blank.txt": "One\n \nThree", "binary.txt": bytes(99), "rows.jsonl": '{"text": "One"}\n{}\n'})
    result = new(place, "-o", "mine.yaml")
    assert result.exit_code in (1, 2)
    assert message in result.stderr
    assert not Path("mine.yaml").exists()


@pytest.mark.parametrize("line", ["at 12:30", "texts:5", "example.org:8080", "x" * 300, f"see {'y' * 300}.txt:3"])
def test_a_text_that_looks_like_a_place_is_a_text(line: str) -> None:
    assert removes(written(new(line)), line)


def test_a_line_of_json_lines_is_named_by_its_row() -> None:
    rows = [{"text": "One"}, {"text": f"{ABOVE}{BELOW}{LINE}", "url": "https://example.org/a"}]
    put({"rows.jsonl": "".join(f"{json.dumps(row)}\n" for row in rows)})
    pack = written(new("rows.jsonl:2:10"))
    assert '    where: tail\n    source: "rows.jsonl:2:10"\n' in pack


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "mine.txt"], "Error: -o names a pack, a file that ends in .yaml, and mine.txt does not."),
        (
            ["-o", "My_Pack.yaml"],
            'error: My_Pack.yaml: the file name is the name of the pack; "My_Pack" is not made of ',
        ),
        (["--category", "My Pack"], '"My Pack" is not a name of small letters, digits and hyphens'),
        (["--try", "builtin"], "error: no documents found: nothing here ends in .txt, .jsonl, "),
        (["--try", "absent"], "Path 'absent' does not exist."),
    ],
)
def test_wrong_usage_writes_nothing(arguments: list[str], message: str) -> None:
    before = {path for path in Path().rglob("*") if path.is_file()}
    result = new(LINE, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert {path for path in Path().rglob("*") if path.is_file()} == before

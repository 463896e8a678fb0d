"""`bodycopy rules try` and `bodycopy rules diff`: what rules change on texts."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import zstandard
from click.testing import CliRunner, Result
from rich.cells import cell_len

from bodycopy.cli import main
from bodycopy.comparison import compare
from bodycopy.loader import load_rules
from bodycopy.matcher import Program
from bodycopy.model import Document
from bodycopy.rules import choose
from bodycopy.sources import Text

BUILTIN = """\
category: video
rules:
  - id: player
    line: |
      Play the video
      Play it again
  - id: beacon
    span: image beacon
"""
MINE = """\
category: ours
rules:
  - id: desk
    line: |
      Write to the * desk
      He wrote * to the desk in the harbour.
  - id: ad
    span: /buy now[.!]?/
  - id: player
    line: Play it again
  - id: tide
    line: Tide table
"""
ONE = """\
The ferry crossed the river on Sunday, and all of them were glad of it.
Write to the ferry desk
He wrote a long letter to the desk in the harbour.
Play it again
"""
TWO = """\
The ferry will run again, buy now! and it will run every half hour from dawn.
WRITE to the ferry desk:
Write to the other desk
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of texts, with a folder of the test for the built-in packs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bodycopy.loader.builtin_root", lambda: tmp_path / "builtin")
    put({"builtin/video/global.yaml": BUILTIN, "mine.yaml": MINE, "texts/one.txt": ONE, "texts/deep/two.txt": TWO})
    return tmp_path


def put(files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", *arguments])


def shown(*arguments: str) -> str:
    result = call(*arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


# What is told


def test_what_a_pack_adds_by_rule_with_what_looks_like_running_text_first() -> None:
    assert shown("try", "mine.yaml", "texts") == (
        "mine.yaml adds to the built-in rules:\n"
        "\n"
        "ours/mine/desk  mine.yaml:3\n"
        "  4 removals, 120 characters in 2 documents; 1 in running text\n"
        "  texts/one.txt:3\n"
        "      Write to the ferry desk\n"
        "    - He wrote a long letter to the desk in the harbour.\n"
        "      Play it again\n"
        "  texts/deep/two.txt:2  ×2\n"
        "      The ferry will run again, buy now! and it will run every half hour from d…\n"
        "    - WRITE to the ferry desk:\n"
        "      Write to the other desk\n"
        "  texts/deep/two.txt:3\n"
        "      WRITE to the ferry desk:\n"
        "    - Write to the other desk\n"
        "\n"
        "ours/mine/ad  mine.yaml:7\n"
        "  1 removal, 8 characters in 1 document; 1 in running text\n"
        "  texts/deep/two.txt:1\n"
        "    - The ferry will run again, [-buy now!-] and it will run every half hour fr…\n"
        "      WRITE to the ferry desk:\n"
        "\n"
        "documents that lose something: 2 of 2\n"
        "  by share of their words, over 1%: 2, 10%: 2, 30%: 2, 90%: 0\n"
        "   51.6%  16 of 31 words  texts/one.txt\n"
        "   46.2%  12 of 26 words  texts/deep/two.txt\n"
        "\n"
        "ours/mine/tide  mine.yaml:11  finds nothing\n"
        "ours/mine/player  mine.yaml:9  finds only what goes already\n"
    )


def test_fewer_samples_are_those_that_look_most_like_running_text() -> None:
    told = shown("try", "mine.yaml", "texts", "--samples", "1")
    assert "    - He wrote a long letter to the desk in the harbour.\n" in told
    assert "    - Write to the other desk\n" not in told
    assert "    - " not in shown("try", "mine.yaml", "texts", "--samples", "0")


def test_what_a_pack_keeps_of_what_the_builtin_rules_remove() -> None:
    put({"keep.yaml": "category: ours\ndisable: video/global/beacon\nrules:\n  - id: again\n    keep: again\n"})
    put({"texts/one.txt": f"{ONE}image beacon\n"})
    assert shown("try", "keep.yaml", "texts", "--samples", "0") == (
        "keep.yaml keeps, of what the built-in rules remove:\n"
        "\n"
        "video/global/beacon  rules/video/global.yaml:7\n"
        "  1 removal, 12 characters in 1 document\n"
        "\n"
        "video/global/player  rules/video/global.yaml:3\n"
        "  1 removal, 13 characters in 1 document\n"
        "\n"
        "documents that lose something: 1 of 2\n"
        "  by share of their words, over 1%: 1, 10%: 1, 30%: 0, 90%: 0\n"
        "   13.9%  5 of 36 words  texts/one.txt\n"
        "\n"
    )


def test_only_pieces_that_one_side_removes_are_a_difference() -> None:
    put({"wide.yaml": "category: ours\nrules:\n  - id: all\n    from: Play the video\n    to: The end\n"})
    put({"texts/one.txt": "Play the video\nand the rest image beacon of it\n\nPlay it again\n\nThe end\nNot that."})
    told = shown("try", "wide.yaml", "texts/one.txt")
    assert "  3 removals, 24 characters in 1 document\n" in told
    assert "    - [-and the rest-] image beacon of it\n" in told
    assert "video/global" not in told


def test_texts_that_would_lose_nearly_everything_are_named() -> None:
    put({f"texts/{n}.txt": "He wrote a letter and another letter to the desk in the harbour.\n" for n in range(7)})
    told = shown("try", "mine.yaml", "texts", "--samples", "0")
    assert "7 documents flagged:\n  texts/0.txt: left whole: over 90% of its prose would go\n" in told
    assert "  texts/4.txt: left whole: over 90% of its prose would go\n  and 2 more\n" in told


def test_no_line_is_wider_than_a_terminal_and_no_text_drives_it() -> None:
    texts = {
        "wide": "橋" * 60 + "buy now." + "川" * 60,
        "markup": "[/bold] Write to the [red]\x1b[2J\t\t\t" + "x" * 100 + " desk",
        "long": f"{'above ' * 30}\nWrite to the {'very ' * 500}desk\n{'below ' * 30}",
        "end": "buy now " + "x" * 3000,
    }
    put({f"texts/{name}.txt": text for name, text in texts.items()})
    put({"mine.yaml": f"{MINE}  - id: red\n    line: /.*red.*/\n"})
    told = shown("try", "mine.yaml", "texts")
    assert [line for line in told.split("\n") if cell_len(line) > 80] == []
    assert "    - [/bold] Write to the [red]\\x1b[2J xxx" in told
    assert "\x1b" not in told
    assert "橋[-buy now.-]川" in told
    assert "    - [-buy now-] xxx" in told


# Which rules act


def test_rules_on_trial_or_off_act_in_a_trial_alone() -> None:
    put(
        {
            "mine.yaml": MINE.replace("rules:", "default: off\nrules:").replace(
                "    line: Tide", "    status: trial\n    line: Tide"
            )
        }
    )
    put({"texts/one.txt": f"{ONE}Tide table\n"})
    told = shown("try", "mine.yaml", "texts", "--samples", "0")
    assert "ours/mine/desk  mine.yaml:4\n" in told
    assert "ours/mine/tide  mine.yaml:12\n  1 removal" in told
    assert shown("diff", "builtin", "mine.yaml", "texts") == "no difference in 2 documents\n"


def test_a_builtin_pack_is_tried_on_top_of_the_others() -> None:
    put({"builtin/ours/mine.yaml": MINE})
    told = shown("try", "builtin/ours/mine.yaml", "texts", "--samples", "0")
    assert told.startswith(
        "builtin/ours/mine.yaml adds to the built-in rules:\n\nours/mine/desk  rules/ours/mine.yaml:3"
    )
    assert told.endswith("ours/mine/player  rules/ours/mine.yaml:9  finds only what goes already\n")


def test_many_rules_that_find_nothing_are_counted() -> None:
    rules = "".join(f"  - id: r{number:02}\n    line: Tide {number}\n" for number in range(25))
    put({"mine.yaml": f"category: ours\nrules:\n{rules}"})
    *_, last, count = shown("try", "mine.yaml", "texts").splitlines()
    assert (last, count) == ("ours/mine/r19  mine.yaml:41  finds nothing", "and 5 more rules: finds nothing")


def test_a_diff_tells_both_sides() -> None:
    put({"a.yaml": "category: ours\nrules:\n  - id: a\n    line: Write to the ferry desk\n"})
    put({"b.yaml": "category: ours\nrules:\n  - id: b\n    line: Write to the other desk\n"})
    told = shown("diff", "a.yaml", "b.yaml", "texts", "--samples", "0")
    only_b, _, only_a = told.partition("only a.yaml removes:\n")
    assert only_b.startswith("only b.yaml removes:\n\nours/b/b  b.yaml:3\n  1 removal, 23 characters in 1 document\n")
    assert only_a.startswith("\nours/a/a  a.yaml:3\n  2 removals, 47 characters in 2 documents\n")


@pytest.mark.parametrize(
    ("sides", "rules"),
    [
        (["builtin", "mine.yaml"], {"ours/mine/desk", "ours/mine/ad"}),
        (["mine.yaml", "builtin"], {"ours/mine/desk", "ours/mine/ad"}),
        (["builtin", "mine.yaml", "--no-builtin"], {"ours/mine/desk", "ours/mine/ad"}),
        (["builtin", "ad.yaml", "--no-builtin"], {"video/global/player", "ours/ad/ad"}),
        (["builtin", "builtin"], set()),
        (["copy", "mine.yaml", "--no-builtin"], {"ours/mine/desk", "ours/mine/ad"}),
    ],
)
def test_the_builtin_rules_are_on_both_sides_or_are_one(sides: list[str], rules: set[str]) -> None:
    put({"copy/video/global.yaml": BUILTIN, "ad.yaml": "category: ours\nrules:\n  - id: ad\n    span: buy now\n"})
    told = shown("diff", *sides, "texts", "--samples", "0")
    assert {line.split("  ")[0] for line in told.splitlines() if "/" in line.split("  ")[0] and line[0] != " "} == rules


# Texts


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz", "rows.JSONL.zst"])
def test_rows_of_json_lines_are_texts_with_their_addresses(name: str) -> None:
    put({"site.yaml": "category: ours\nrules:\n  - id: tide\n    line: Tide table\n    site: example.org\n"})
    rows = [
        {"text": "Tide table"},
        {"text": "\nTide table", "url": "https://www.example.org/a"},
        {"text": "x", "url": 5},
    ]
    data = "".join(f"{json.dumps(row)}\n\n" for row in rows).encode()
    packed = {".gz": gzip.compress, ".zst": zstandard.compress}.get(Path(name).suffix, bytes)(data)
    put({f"rows/{name}": packed})
    told = shown("try", "site.yaml", "rows")
    assert f"  1 removal, 10 characters in 1 document\n  rows/{name}:2:2\n    - Tide table\n" in told
    assert "documents that lose something: 1 of 3\n" in told


def test_what_cannot_be_read_is_named_and_the_rest_compared() -> None:
    rows = gzip.compress(b'{"text": "Tide table"}\n' * 3)
    put({"texts/bin.txt": bytes(99), "texts/notes.md": "no", "texts/x.jsonl.zst": b"no", "texts/x.jsonl.gz": b"no"})
    put({"texts/cut.jsonl.gz": rows[:-20], "texts/rows.jsonl": b'{"text": "One"}\nno\n[]\n{"text": 5}\n\xff\n'})
    Path("texts/gone.txt").symlink_to("nowhere")
    result = call("try", "mine.yaml", "texts", "--samples", "0")
    assert result.exit_code == 1
    assert "documents that lose something: 2 of 3\n" in result.stdout
    assert result.stderr == (
        "9 documents failed and not compared:\n"
        "  texts/bin.txt: a binary file, not text\n"
        "  texts/cut.jsonl.gz:1: the gzip file is cut off\n"
        "  texts/gone.txt: cannot be read: No such file or directory\n"
        "  texts/rows.jsonl:2: no JSON: expecting value at character 1\n"
        "  texts/rows.jsonl:3: no object\n"
        '  texts/rows.jsonl:4: the field "text" is no string\n'
        "  texts/rows.jsonl:5: not in UTF-8 at byte 0 (invalid start byte)\n"
        "  texts/x.jsonl.gz: the gzip file is damaged: Error -3 while decompressing data: incorrect header check\n"
        "  texts/x.jsonl.zst: the Zstandard file is damaged: zstd decompressor error: Unknown frame descriptor\n"
        "1 file skipped, in no format that is read\n"
    )


def test_rows_that_are_all_wrong_are_counted() -> None:
    put({"rows.jsonl": "no\n" * 500})
    result = call("try", "mine.yaml", "rows.jsonl")
    assert (result.exit_code, result.stdout) == (1, "no document was compared\n")
    assert result.stderr.startswith("500 documents failed and not compared:\n")
    assert result.stderr.endswith("\n  and 480 more\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["try", "mine.yaml", "builtin"], "error: no documents found: nothing here ends in .txt, .jsonl, "),
        (["try", "mine.yaml", "absent"], "Path 'absent' does not exist."),
        (["try", "absent.yaml", "texts"], "Path 'absent.yaml' does not exist."),
        (["try", "texts", "texts"], "error: texts: no packs in this folder; "),
        (["try", "wrong.yaml", "texts"], "error: wrong.yaml:3:5: this rule finds nothing; "),
        (["diff", "absent.yaml", "mine.yaml", "texts"], "error: absent.yaml: no such file or folder"),
        (["diff", "builtin", "package:absent", "texts"], "error: package:absent: no such package of rules "),
        (["diff", "mine.yaml", "texts"], "Missing argument 'DIR'."),
    ],
)
def test_what_is_not_there_is_refused(arguments: list[str], message: str) -> None:
    put({"wrong.yaml": "category: ours\nrules:\n  - id: a\n"})
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_the_texts_are_let_go_one_by_one() -> None:
    rules = load_rules(["mine.yaml"])
    first, second = Program(choose(rules, skip=["ours"])), Program(choose(rules))
    size = 100_000

    def texts() -> Iterator[Text]:
        for number in range(60):
            yield Text(f"{number}", Document(f"Write to the {number} desk\n{'x' * size}\n"))

    compare(first, second, list(texts())[:1], 3)  # what is compiled is kept
    tracemalloc.start()
    found = compare(first, second, texts(), 3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.added.rules[0].removals == 60
    assert peak < 20 * size

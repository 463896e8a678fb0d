"""What is kept for the next start changes no result, whatever becomes of it."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bodycopy import Cleaner, loader, prefilter, store
from bodycopy.errors import RuleFileError
from bodycopy.patterns import Pattern
from bodycopy.rules import Guards, LineOf, RuleSet
from bodycopy.store import kept, kept_each

PACK = "category: comments\nrules:\n  - id: a\n    line: Read more\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def files(home: Path) -> list[Path]:
    return sorted(path for path in home.rglob("*-*") if path.is_file())


def test_what_was_made_is_not_made_again(home: Path) -> None:
    assert kept("words", ["a", "b"], lambda: ["made"]) == ["made"]
    assert kept("words", ["a", "b"], lambda: ["made again"]) == ["made"]


@pytest.mark.parametrize("other", [["a"], ["b", "a"], ["ab"], ["a", "c"]], ids="-".join)
def test_other_texts_are_something_else(home: Path, other: list[str]) -> None:
    kept("words", ["a", "b"], lambda: "made")
    assert kept("words", other, lambda: "other") == "other"


@pytest.mark.parametrize(("what", "known"), [("node", True), ("machine", False)], ids=["another name", "another kind"])
def test_what_was_made_is_good_for_machines_of_the_kind(
    home: Path, monkeypatch: pytest.MonkeyPatch, what: str, known: bool
) -> None:
    """A container has a name of its own, and what was made when its image was built."""
    kept("words", ["a"], lambda: "made")
    monkeypatch.setattr(platform, what, lambda: "another")
    store._version.cache_clear()
    try:
        assert kept("words", ["a"], lambda: "made again") == ("made" if known else "made again")
    finally:
        store._version.cache_clear()


@pytest.mark.parametrize("damage", [b"", b"garbage", None], ids=["empty", "garbage", "one byte"])
def test_what_is_damaged_is_made_again(home: Path, damage: bytes | None) -> None:
    kept("words", ["a"], lambda: "made")
    (file,) = files(home)
    data = file.read_bytes()
    file.write_bytes(data[:-3] + bytes([data[-3] ^ 1]) + data[-2:] if damage is None else damage)
    assert kept("words", ["a"], lambda: "made again") == "made again"
    assert kept("words", ["a"], lambda: "and again") == "made again"


@pytest.mark.skipif(sys.platform == "win32", reason="folders have no modes there")
def test_nothing_is_kept_where_others_can_write(home: Path) -> None:
    kept("words", ["a"], lambda: "made")
    files(home)[0].parent.chmod(0o777)
    assert kept("words", ["a"], lambda: "made again") == "made again"


def test_nothing_is_kept_where_there_is_no_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("no folder")
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(home / "file"))
    assert kept("words", ["a"], lambda: "made") == "made"
    assert kept("words", ["a"], lambda: "made again") == "made again"


@pytest.mark.parametrize(("limit", "most"), [("_MOST_FILES", 5), ("_MOST_BYTES", 5_000)])
def test_the_latest_used_are_kept(home: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int) -> None:
    monkeypatch.setattr(store, limit, most)
    made: list[int] = []

    def used(number: int) -> None:
        kept("words", [str(number)], lambda: made.append(number) or "made" * 200)

    for number in range(30):
        used(number)
        os.utime(max(files(home), key=lambda file: file.stat().st_mtime_ns), (number, number))
        used(0)
    assert made == list(range(30))
    assert 2 < len(files(home)) <= 5


class Making:
    """Makes something of each text, and remembers of which."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, texts: list[str]) -> list[str]:
        def make(number: int) -> str:
            self.made.append(texts[number])
            return texts[number].upper()

        return kept_each("words", texts, make)


MANY = [f"text {number}" for number in range(200)]


def test_of_many_only_what_is_new_is_made(home: Path) -> None:
    making = Making()
    making(MANY)
    making.made.clear()
    others = [*MANY[:50], "new", *MANY[51:], MANY[7]]
    assert making(others) == [text.upper() for text in others]
    assert making.made == ["new"]


def test_what_is_not_used_for_a_time_is_not_made_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    making = Making()
    for texts in (MANY, MANY[:150], [f"other {number}" for number in range(200)]):
        making(texts)
    making.made.clear()
    making(MANY)
    assert making.made == []
    monkeypatch.setattr(store, "_MOST_SPARE", 0)
    making([f"third {number}" for number in range(200)])
    making.made.clear()
    making(MANY)
    assert making.made == MANY


def test_of_many_what_is_damaged_is_made_again(home: Path) -> None:
    making = Making()
    making(MANY)
    (file,) = files(home)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert making(MANY) == [text.upper() for text in MANY]
    assert making.made == [*MANY, *MANY]


def test_a_pack_that_changes_leaves_the_others(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packs = home / "packs"
    packs.mkdir()
    for number in range(120):
        text = f"category: comments\nrules:\n  - id: a\n    line: /see {number} \\w+/\n"
        (packs / f"p{number}.yaml").write_text(text)
    Cleaner([packs], builtin=False)
    work: list[object] = []
    for module, name in ((loader, "read_pack"), (prefilter, "needles")):
        asked = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *given, asked=asked: work.append(given) or asked(*given))
    (packs / "p7.yaml").write_text(PACK.replace("Read more", "/read \\w+/"))
    cleaner = Cleaner([packs], builtin=False)
    assert cleaner.clean("Read on\nsee 7 more\nsee 8 more\n").text == "see 7 more\n"
    assert len(work) == 2  # one pack, one pattern


def test_a_mistake_is_told_again(home: Path) -> None:
    for number in range(120):
        (home / f"p{number}.yaml").write_text(PACK)
    (home / "p7.yaml").write_text(PACK.replace("line", "lime"))
    told = []
    for _ in range(2):
        with pytest.raises(RuleFileError) as raised:
            Cleaner([home], builtin=False)
        told.append(raised.value.faults)
    assert told[0] == told[1]
    assert {Path(fault.file).name for fault in told[0]} == {"p7.yaml"}


def test_a_pack_that_changes_acts_at_once(home: Path) -> None:
    pack = home / "own.yaml"
    pack.write_text(PACK)
    assert Cleaner([pack], builtin=False).clean("Read more\nShare\n").text == "Share\n"
    assert Cleaner([pack], builtin=False).clean("Read more\nShare\n").text == "Share\n"
    pack.write_text(PACK.replace("Read more", "Share"))
    assert Cleaner([pack], builtin=False).clean("Read more\nShare\n").text == "Read more\n"


def test_rules_come_back_as_they_were(home: Path) -> None:
    pack = home / "own.yaml"
    pack.write_text(PACK + "    near: comments\n  - id: b\n    span: /read (?:more|on)/\n    unless: reading\n")
    made, back = (Cleaner([pack], builtin=False).rules for _ in range(2))
    assert made == back
    assert made.digest == back.digest == RuleSet(replace(rule) for rule in back).digest
    assert [rule.finder.patterns[0].line for rule in back] == [4, 7]  # type: ignore[union-attr]


def test_the_digest_changes_with_what_a_rule_does(home: Path) -> None:
    pack = home / "own.yaml"
    pack.write_text(PACK)
    (rule,) = Cleaner([pack], builtin=False).rules
    others = [
        replace(rule, id="comments/own/b"),
        replace(rule, score=50),
        replace(rule, trial=True),
        replace(rule, guards=Guards(sentence=False)),
        replace(rule, finder=LineOf((Pattern("Share"),))),
    ]
    assert len({RuleSet([one]).digest for one in (rule, *others)}) == 6
    assert RuleSet([replace(rule, file="other.yaml", line=9, about="Other words")]).digest == RuleSet([rule]).digest

"""Input that nobody would wish for: each gets a clear message, and nothing already written is lost."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner, Result

from bodycopy.cli import main

PACK = """\
category: trackers
rules:
  - id: beacon
    span: /(image beacon\\s*)+/
  - id: tweet
    line: Tweet
"""
GOOD = "The bridge was closed for three days.\nTweet\n"
CLEAN = "The bridge was closed for three days.\n"
RULES = ("--no-builtin", "--rules", "pack.yaml")
NOBODY = 65534


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)
    Path("in").mkdir()
    Path("in/good.txt").write_text(GOOD)
    Path("in/zebra.txt").write_text(GOOD)


def clean(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["clean", *arguments, *RULES])


def outputs() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path("out").iterdir()}


def assert_only_fails(result: Result, name: str, reason: str) -> None:
    assert result.exit_code == 1
    assert f"1 document failed and not written:\n  {name}: {reason}\n" in result.stderr
    assert outputs() == {"good.txt": CLEAN.encode(), "zebra.txt": CLEAN.encode()}


@pytest.mark.parametrize(
    ("text", "body"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("\n\n\n", "\n\n\n", id="blank"),
        pytest.param("Text.\nTweet", "Text.", id="no final line end"),
        pytest.param("Text.", "Text.", id="one line, no end"),
        pytest.param("Text.\r\n\r\nTweet\r\n\r\nMore.\r\n", "Text.\r\n\r\nMore.\r\n", id="crlf"),
        pytest.param("Text.\rimage beacon\rMore.\n", "Text.\rMore.\n", id="lone cr"),
        pytest.param("One\0two.\nTweet\n\0\n", "One\0two.\n\0\n", id="nul"),
        pytest.param("One\u2028two\x85three\x0cfour.\nTweet\n", "One\u2028two\x85three\x0cfour.\n", id="odd breaks"),
        pytest.param("👩‍👩‍👧 e\u0301 \u202eabc\nTweet\n", "👩‍👩‍👧 e\u0301 \u202eabc\n", id="marks"),
    ],
)
def test_odd_text_is_text(text: str, body: str) -> None:
    Path("in/odd.txt").write_bytes(text.encode())
    assert clean("in", "-o", "out").exit_code == 0
    assert outputs()["odd.txt"] == body.encode()


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        ("Мост закрыли на три дня после бури.\nTweet\n", "cp1251", "windows-1251"),
        ("Die Brücke über den Fluß war für drei Tage gesperrt.\nTweet\n", "latin-1", "windows-1252"),
        ("Die Brücke über den Fluß war drei Tage gesperrt – für größere Schäden.\nTweet\n", "cp1252", "windows-1252"),
        ("The bridge was closed – for three days.\nTweet\n", "utf-16", "utf-16-le"),
        ("橋は嵐の後、三日間閉鎖された。技術者たちが点検した。\nTweet\n", "shift_jis", "cp932"),
        ("暴风雨过后，大桥关闭了三天。工程师们检查了桥墩。\nTweet\n", "gb18030", "gb18030"),
    ],
)
def test_text_not_in_utf8_is_written_in_utf8_and_named(text: str, encoding: str, name: str) -> None:
    Path("in/odd.txt").write_bytes(text.encode(encoding))
    result = clean("in", "-o", "out")
    assert result.exit_code == 0
    assert f"1 document not in UTF-8:\n  odd.txt: {name}\n" in result.stderr
    assert outputs()["odd.txt"] == text.replace("Tweet\n", "").encode()


def test_a_byte_order_mark_is_not_written() -> None:
    Path("in/odd.txt").write_bytes(b"\xef\xbb\xbfTweet\nText.\n")
    assert "not in UTF-8" not in clean("in", "-o", "out").stderr
    assert outputs()["odd.txt"] == b"Text.\n"


def test_a_line_of_five_megabytes() -> None:
    text = "The bridge over the river was closed. " * 130_000
    Path("in/odd.txt").write_text(f"{text}image beacon")
    assert clean("in", "-o", "out").exit_code == 0
    assert outputs()["odd.txt"].decode().rstrip() == text.rstrip()


def test_a_binary_file() -> None:
    Path("in/odd.txt").write_bytes(Path(sys.executable).read_bytes()[:10_000])
    assert_only_fails(clean("in", "-o", "out"), "odd.txt", "a binary file, not text")


def test_an_undecodable_file() -> None:
    Path("in/odd.txt").write_bytes(CLEAN.encode("utf-16")[:-1])
    reason = "looks like utf-16-le, and is not at byte 76 (truncated data)"
    assert_only_fails(clean("in", "-o", "out"), "odd.txt", reason)


def test_explain_says_why_a_file_is_no_text() -> None:
    Path("odd.txt").write_bytes(bytes(99))
    result = CliRunner().invoke(main, ["explain", "odd.txt", *RULES])
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "error: odd.txt: a binary file, not text\n")


def test_a_link_that_leads_nowhere() -> None:
    Path("in/odd.txt").symlink_to("absent.txt")
    assert_only_fails(clean("in", "-o", "out"), "odd.txt", "cannot be read: No such file or directory")


def test_a_link_that_leads_to_itself() -> None:
    Path("in/odd.txt").symlink_to("odd.txt")
    assert_only_fails(clean("in", "-o", "out"), "odd.txt", "cannot be read: Too many levels of symbolic links")


def test_a_link_that_leads_to_the_folder_it_is_in() -> None:
    Path("in/deep").mkdir()
    Path("in/deep/odd.txt").write_text(GOOD)
    Path("in/deep/loop").symlink_to("..")
    assert clean("in", "-o", "out").exit_code == 0
    assert sorted(path.as_posix() for path in Path("out").rglob("*.txt")) == [
        "out/deep/odd.txt",
        "out/good.txt",
        "out/zebra.txt",
    ]


def test_names_of_any_kind() -> None:
    names = ["new\nline.txt", os.fsdecode(b"caf\xe9.txt"), "-o.txt", "[red].txt"]
    for name in names:
        Path("in", name).write_text(GOOD)
    Path("in/b\nad.txt").write_bytes(bytes(99))
    result = clean("in", "-o", "out", "--removed", "log")
    assert result.exit_code == 1
    assert "  b\\nad.txt: a binary file, not text\n" in result.stderr
    assert outputs() == dict.fromkeys([*names, "good.txt", "zebra.txt"], CLEAN.encode())
    docs = [json.loads(line)["doc"] for line in Path("log").read_text().splitlines()]
    assert sorted(docs) == sorted([*names, "good.txt", "zebra.txt"])


def test_a_text_in_two_encodings_at_once() -> None:
    Path("in/odd.txt").write_bytes("Größe über Ärger.\n".encode() * 9 + "Größe.\n".encode("latin-1"))
    assert_only_fails(
        clean("in", "-o", "out"), "odd.txt", "looks like utf-8, and is not at byte 200 (invalid start byte)"
    )


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_text_that_is_cut_off_in_its_compression(suffix: str) -> None:
    data = random.Random(1).randbytes(1000).hex().encode()
    packed = gzip.compress(data) if suffix == ".gz" else zstandard.compress(data)
    Path(f"in/odd.txt{suffix}").write_bytes(packed[:-9])
    name = "gzip" if suffix == ".gz" else "Zstandard"
    assert_only_fails(clean("in", "-o", "out"), f"odd.txt{suffix}", f"the {name} file is cut off")


def test_a_bomb_of_a_page_takes_little_memory() -> None:
    pytest.importorskip("trafilatura", reason="needs the extra html")
    Path("in/odd.html.gz").write_bytes(gzip.compress(b"<p>word " * 40_000_000))
    tracemalloc.start()
    result = clean("in", "-o", "out", "--jobs", "1")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_only_fails(result, "odd.html.gz", "longer than 32 MB")
    assert peak < 100_000_000


def test_a_folder_and_a_pipe_that_are_called_like_a_text() -> None:
    Path("in/folder.txt").mkdir()
    os.mkfifo("in/pipe.txt")
    result = clean("in", "-o", "out")
    assert result.exit_code == 0
    assert "1 file skipped, in no format that is read" in result.stderr
    assert set(outputs()) == {"good.txt", "zebra.txt"}


@pytest.fixture
def unprivileged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the test run as somebody who may not do everything, also where root runs it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # nobody has nothing from an earlier run
    clean("in", "--dry-run")  # what it imports has been read then
    if os.geteuid() != 0:
        yield
        return
    with TemporaryDirectory() as folder:  # the one of the test is below one that is root's alone
        shutil.copytree(tmp_path, folder, dirs_exist_ok=True)
        monkeypatch.chdir(folder)
        for path in (Path(folder), Path("in")):
            path.chmod(0o777)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)
            monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("unprivileged")
def test_an_unreadable_file() -> None:
    Path("in/odd.txt").touch(mode=0)
    assert_only_fails(clean("in", "-o", "out"), "odd.txt", "cannot be read: Permission denied")


@pytest.mark.usefixtures("unprivileged")
def test_an_output_folder_that_may_not_be_written_to() -> None:
    Path("out").mkdir()
    Path("out").chmod(0o555)
    result = clean("in", "-o", "out")
    assert result.exit_code == 1
    assert "  good.txt: cannot be written: Permission denied\n" in result.stderr
    assert outputs() == {}
    logged = clean("in", "-o", "other", "--removed", "out/log")
    assert logged.exit_code == 1
    assert logged.stderr.startswith("error: out/")
    assert logged.stderr.endswith(": Permission denied\n")


@pytest.mark.usefixtures("unprivileged")
def test_an_unreadable_folder() -> None:
    Path("in/odd").mkdir(mode=0)
    assert_only_fails(clean("in", "-o", "out"), "odd/", "cannot be listed: Permission denied")


def test_a_file_that_cannot_be_read_halfway(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("in/odd.txt").touch()
    whole = Path.open

    class Failing(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    def opening(path: Path, mode: str = "r", **options: Any) -> Any:
        return Failing() if path.name == "odd.txt" else whole(path, mode, **options)

    monkeypatch.setattr(Path, "open", opening)
    assert_only_fails(clean("in", "-o", "out"), "odd.txt", "cannot be read: Input/output error")


def test_a_folder_stands_where_the_output_should() -> None:
    Path("in/odd.txt").write_text(GOOD)
    Path("out/odd.txt").mkdir(parents=True)
    result = clean("in", "-o", "out", "--force")
    assert result.exit_code == 1
    assert "  odd.txt: cannot be written: Is a directory\n" in result.stderr
    assert {path.name for path in Path("out").iterdir()} == {"good.txt", "odd.txt", "zebra.txt"}


def test_the_output_folder_cannot_be_made() -> None:
    result = clean("in", "-o", "pack.yaml/out")
    assert result.exit_code == 1
    assert result.stderr.count("cannot be written: Not a directory") == 2


def in_process(*arguments: str, limits: Mapping[str, int] | None = None, stdout: str | None = None) -> tuple[int, str]:
    """Run the command in a process of its own, with limits that the system keeps."""

    def limited() -> None:
        for name, limit in (limits or {}).items():
            resource.setrlimit(getattr(resource, name), (limit, limit))

    with Path(stdout or os.devnull).open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "bodycopy", *arguments, *RULES],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            preexec_fn=limited,
        )
    return done.returncode, done.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_document_for_which_there_is_no_room(jobs: str) -> None:
    Path("in/odd.txt").write_text(GOOD * 1000)
    code, said = in_process("clean", "in", "-o", "out", "--jobs", jobs, limits={"RLIMIT_FSIZE": 20_000})
    assert code == 1
    assert "1 document failed and not written:\n  odd.txt: cannot be written: File too large\n" in said
    assert outputs() == {"good.txt": CLEAN.encode(), "zebra.txt": CLEAN.encode()}


full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@full
def test_a_full_disk_under_an_output() -> None:
    code, said = in_process("clean", "in/good.txt", "-o", "/dev/full")
    assert code == 1
    assert "  good.txt: cannot be written: No space left on device\n" in said


@full
def test_a_full_disk_under_the_log() -> None:
    code, said = in_process("clean", "in", "-o", "out", "--removed", "/dev/full")
    assert (code, said) == (1, "error: /dev/full: No space left on device\n")
    assert outputs() == {"good.txt": CLEAN.encode(), "zebra.txt": CLEAN.encode()}


def test_no_room_for_the_log_leaves_none_that_is_cut_off() -> None:
    Path("in/odd.txt").write_text("Tweet\n" + "image beacon" * 3000)
    code, said = in_process("clean", "in", "-o", "out", "--removed", "log", limits={"RLIMIT_FSIZE": 20_000})
    assert (code, said) == (1, "error: log: File too large\n")
    assert outputs()["good.txt"] == CLEAN.encode()
    assert sorted(path.name for path in Path().iterdir()) == ["in", "out", "pack.yaml"]


@full
@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("clean", "in/good.txt", "--quiet"), "  good.txt: cannot be written: No space left on device\n"),
        (("explain", "in/good.txt"), "error: standard output: No space left on device\n"),
    ],
)
def test_a_full_disk_under_standard_output(command: tuple[str, ...], message: str) -> None:
    code, said = in_process(*command, stdout="/dev/full")
    assert code == 1
    assert said.endswith(message)


# Packs


TEN_FAULTS = Path(__file__).parent / "invalid_rules" / "ten-faults.yaml"


@pytest.mark.usefixtures("builtin_packs")
def test_ten_faults_give_ten_messages_with_their_places() -> None:
    Path("bad.yaml").write_text(TEN_FAULTS.read_text())
    told = TEN_FAULTS.with_suffix(".txt").read_text().replace("ten-faults.yaml", "bad.yaml")
    assert len(re.findall(r"^bad\.yaml:\d+:\d+: ", told, re.M)) == 10
    checked = CliRunner().invoke(main, ["rules", "check", "bad.yaml"])
    assert (checked.exit_code, checked.stdout) == (1, told)
    cleaned = clean("in", "-o", "out", "--rules", "bad.yaml", "--removed", "log")
    assert (cleaned.exit_code, cleaned.stdout) == (2, "")
    assert cleaned.stderr == "".join(f"error: {line}\n" for line in told.splitlines())
    assert not Path("out").exists()
    assert not Path("log").exists()


SECONDS = 30
BYTES = 2_000_000_000
"""What a hostile pack may cost: time of a processor, and memory."""


def with_pattern(pattern: str) -> str:
    return f"category: a\nrules:\n  - id: a\n    line: |\n      {pattern}\n"


HOSTILE = {
    "a hundred megabytes": ("\0" * 100_000_000, "larger than 5 MB; split it into several packs"),
    "brackets": ("a: " + "[" * 4_000_000, "nested deeper than 20 levels"),
    "braces": ("{a: " * 1_000_000, "nested deeper than 20 levels"),
    "lists": ("- " * 2_000_000, "nested deeper than 20 levels"),
    "indents": ("".join(f"{' ' * n}a:\n" for n in range(2000)), "nested deeper than 20 levels"),
    "aliases that explode": (
        "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]\n" for n in range(1, 50)),
        "*a0 is an alias; packs have none",
    ),
    "merged keys that explode": ("a: &a {b: c}\n" + "d: {<<: *a}\n" * 100_000, "merge key << is not allowed"),
    "a million rules": ("category: a\nrules: [" + "{}, " * 1_000_000 + "]", "at most 5000 are allowed here"),
    "a pattern of a megabyte": (with_pattern("x y " * 250_000), "a pattern has at most 5,000, so write several"),
    "a repeat of a repeat": (with_pattern("/(a{99999}){99999}b/"), "this regular expression is too large"),
    "a tower of repeats": (with_pattern("/((((((a{99}){99}){99}){99}){99}){99})b/"), "is too large"),
    "nested groups": (with_pattern("/" + "(" * 2000 + "a" + ")" * 2000 + "/"), "is too large"),
    "alternatives": (with_pattern(f"/{'|'.join(map(str, range(500_000)))}/"), "a pattern has at most 5,000"),
}


@pytest.mark.parametrize(("text", "message"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_pack_is_refused_in_little_time_and_memory(text: str, message: str) -> None:
    Path("hostile.yaml").write_text(text)
    code, said = in_process(
        "clean", "in", "-o", "out", "--rules", "hostile.yaml", limits={"RLIMIT_CPU": SECONDS, "RLIMIT_AS": BYTES}
    )
    assert code == 2, said
    assert message in said
    assert max(map(len, said.splitlines())) < 300
    assert not Path("out").exists()


def test_a_regular_expression_that_never_ends_leaves_its_document_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodycopy.matcher.TIME_LIMIT", 0.2)
    Path("endless.yaml").write_text("category: a\nrules:\n  - {id: endless, line: /(a|aa)+b/}\n")
    odd = GOOD + "a" * 60 + "!ab\n"
    Path("in/odd.txt").write_text(odd)
    result = clean("in", "-o", "out", "--rules", "endless.yaml", "--jobs", "1")
    assert "odd.txt: left whole: rule a/endless/endless took more than 0.2 s" in result.stderr
    assert outputs() == {"good.txt": CLEAN.encode(), "odd.txt": odd.encode(), "zebra.txt": CLEAN.encode()}


def test_a_regular_expression_that_needs_all_memory_leaves_its_document_whole() -> None:
    Path("hungry.yaml").write_text("category: a\nrules:\n  - {id: hungry, line: /(?R)?ab/}\n")
    odd = GOOD + "ab\n"
    Path("in/odd.txt").write_text(odd)
    _, said = in_process(
        "clean", "in", "-o", "out", "--rules", "hungry.yaml", "--jobs", "1", limits={"RLIMIT_AS": BYTES // 2}
    )
    assert "odd.txt: left whole: rule a/hungry/hungry needs too much memory" in said
    assert outputs() == {"good.txt": CLEAN.encode(), "odd.txt": odd.encode(), "zebra.txt": CLEAN.encode()}

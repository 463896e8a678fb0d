"""A run that was killed is gone on with: nothing is lost, nothing is done twice, and nobody sees that it happened."""

from __future__ import annotations

import gzip
import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bodycopy.cli import main
from bodycopy.journal import _filter

PACK = "category: trackers\nrules:\n  - id: beacon\n    span: /(image beacon\\s*)+/\n  - id: tweet\n    line: Tweet\n"
RULES = ("--no-builtin", "--rules", "pack.yaml")
LOGS = ("removed", "failed")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)


def clean(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["clean", *arguments, *RULES])


def clean_on(*arguments: str) -> Result:
    return clean("in", "-o", "out", "--resume", "--removed", "removed", "--failed", "failed", *arguments)


def files(folder: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def entries(log: str) -> list[tuple[str, int | None]]:
    return [(entry["doc"], entry.get("record")) for entry in map(json.loads, Path(log).read_text().splitlines())]


def put_records() -> None:
    def record(number: int) -> bytes:
        return b"nonsense\n" if number % 50 == 7 else b'{"text": "%d image beacon", "n": %d}\n' % (number, number)

    Path("in").mkdir()
    data = b"".join(map(record, range(2000)))
    Path("in/b.jsonl").write_bytes(data)
    Path("in/d.jsonl.gz").write_bytes(gzip.compress(data))
    Path("in/f.csv").write_bytes(b"text,n\n" + b"".join(b"%d image beacon,%d\n" % (n, n) for n in range(2000)))
    for name in ("a", "c", "e", "g"):
        for number in range(12):
            Path(f"in/{name}{number:02}.txt").write_text(f"{name} {number}\nTweet\n" * 3)
    Path("in/c05.txt").write_bytes(bytes(99))


# Some hundred steps, each with time to die in.
SLOWLY = f"""
import time
import bodycopy.tasks, bodycopy.formats.lines, bodycopy.formats.delimited
from bodycopy.cli import main
from bodycopy.journal import Journal
bodycopy.tasks.LARGE = bodycopy.formats.lines._SIZE = bodycopy.formats.delimited._SIZE = 1500
record = Journal.record
Journal.record = lambda *arguments: (record(*arguments), time.sleep(0.005))
if __name__ == "__main__":
    main(["clean", "in", "-o", OUT, "--jobs", JOBS, "--resume", *TO, *{RULES!r},
          "--removed", f"{{OUT}}.removed", "--failed", f"{{OUT}}.failed"])
"""


def start(out: str, jobs: str, *to: str) -> subprocess.Popen[bytes]:
    Path("slowly.py").write_text(f"OUT, JOBS, TO = {out!r}, {jobs!r}, {to!r}\n{SLOWLY}")
    return subprocess.Popen([sys.executable, "slowly.py"], stderr=subprocess.PIPE, start_new_session=True)


def steps(journal: Path) -> int:
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


@pytest.mark.parametrize(
    ("jobs", "to", "most"),
    [
        pytest.param("1", (), 25, id="1"),
        pytest.param("2", (), 25, id="2"),
        pytest.param("1", ("--to", "jsonl"), 9, id="to jsonl"),
        pytest.param("1", ("--to", "csv"), 9, id="to csv"),
    ],
)
def test_killed_again_and_again_the_result_is_that_of_an_undisturbed_run(
    jobs: str, to: tuple[str, ...], most: int
) -> None:
    put_records()
    undisturbed = start("whole", jobs, *to)
    _, said = undisturbed.communicate()
    assert undisturbed.returncode == 1
    chance = random.Random(jobs)
    kills = 0
    journal = Path("out.journal")
    while True:
        process = start("out", jobs, *to)
        enough = steps(journal) + chance.randint(0, 14)
        while process.poll() is None and steps(journal) < enough:
            time.sleep(0.002)
        time.sleep(chance.random() * 0.02)
        if process.poll() is None and kills < most:
            # Alone, or with its workers: those that are left must not go on.
            (os.kill if kills % 2 else os.killpg)(process.pid, signal.SIGKILL)
            process.communicate(timeout=60)
            kills += 1
            continue
        _, said_at_last = process.communicate()
        break
    assert process.returncode == 1, said_at_last.decode()
    assert kills >= most - 5
    assert files("out") == files("whole")
    for log in LOGS:
        assert Path(f"out.{log}").read_bytes() == Path(f"whole.{log}").read_bytes()
    assert re.sub(rb"^\d+ files? done before, of 51\n", b"", said_at_last) == said
    # Nothing that was finished was done again.
    done = [line for line in journal.read_bytes().splitlines() if b'"doc"' in line]
    assert (
        len(done) == len(set(done)) == sum(b'"doc"' in line for line in Path("whole.journal").read_bytes().splitlines())
    )


def test_a_finished_run_is_not_repeated() -> None:
    put_records()
    first = clean_on()
    assert first.exit_code == 1
    Path("in/c05.txt").unlink()
    before = {path: path.stat().st_mtime_ns for path in Path("out").iterdir()}
    again = clean_on()
    assert again.stderr.startswith("51 files done before, of 51\n")
    assert {path: path.stat().st_mtime_ns for path in Path("out").iterdir()} == before


def test_what_failed_has_changed_or_is_new_is_done_once_the_run_has_ended() -> None:
    Path("in").mkdir()
    for name in "abcd":
        Path(f"in/{name}.txt").write_text(f"{name}\nTweet\n")
    Path("in/b.txt").write_bytes(bytes(99))
    assert clean_on().exit_code == 1
    assert (entries("removed"), entries("failed")) == (
        [("a.txt", None), ("c.txt", None), ("d.txt", None)],
        [("b.txt", None)],
    )
    for name in "bce":
        Path(f"in/{name}.txt").write_text(f"new {name}\nTweet\n")
    result = clean_on()
    assert result.exit_code == 0
    assert result.stderr.startswith("2 files done before, of 5\n5 documents cleaned")
    assert files("out") == {f"{n}.txt": f"{'new ' * (n in 'bce')}{n}\n".encode() for n in "abcde"}
    assert sorted(entries("removed")) == [(f"{name}.txt", None) for name in "abcde"]
    assert entries("failed") == []


def test_names_of_any_kind() -> None:
    Path("in").mkdir()
    names = [os.fsdecode(b"caf\xe9.jsonl"), "new\nline.jsonl", "doc.jsonl"]
    for name in names:
        Path("in", name).write_bytes(b'{"doc": "a image beacon"}\n{"doc": 1}\n')
    for _ in range(2):
        result = clean_on("--field", "doc")
        assert result.exit_code == 1
        assert '  caf\\udce9.jsonl, record 1: the field "doc" is no string\n' in result.stderr
        assert '  new\\nline.jsonl, record 1: the field "doc" is no string\n' in result.stderr
    assert files("out") == dict.fromkeys(names, b'{"doc": "a"}\n')
    assert sorted(entries("removed")) == sorted((name, 0) for name in names)


def test_what_had_no_room_is_tried_again_and_what_is_no_text_is_not() -> None:
    Path("in").mkdir()
    Path("in/a.txt").write_bytes(bytes(99))
    Path("in/b.txt").write_text("b\nTweet\n")
    Path("out/b.txt").mkdir(parents=True)
    assert "  b.txt: cannot be written: Is a directory\n" in clean_on("--force").stderr
    Path("out/b.txt").rmdir()
    assert clean_on().stderr.startswith("1 file done before, of 2\n")
    assert files("out") == {"b.txt": b"b\n"}
    assert (entries("removed"), entries("failed")) == ([("b.txt", None)], [("a.txt", None)])


@pytest.mark.parametrize("step", [0, 1, 2])
def test_forgetting_what_failed_may_be_cut_short(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    put_records()
    clean_on()
    Path("in/c05.txt").write_text("c\nTweet\n")
    calls = iter(range(9))

    def dying(*arguments: Any, **options: Any) -> None:
        if next(calls) == step:
            raise KeyboardInterrupt
        _filter(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr("bodycopy.journal._filter", dying)
        assert clean_on().exit_code == 130
    assert clean_on().stderr.startswith("50 files done before, of 51\n")
    assert clean("in", "-o", "whole", "--removed", "whole.removed", "--failed", "whole.failed").exit_code == 1
    assert files("out") == files("whole")
    assert Counter(entries("removed")) == Counter(entries("whole.removed"))
    assert entries("failed") == entries("whole.failed")


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--field", "body"], "fields was ['text', None, None] and is ['body', None, None]"),
        (["--skip", "trackers/pack/tweet"], "rules was"),
    ],
)
def test_a_run_with_other_rules_or_options_is_refused(arguments: list[str], what: str) -> None:
    put_records()
    clean_on()
    before = files("out")
    result = clean_on(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: out.journal is of another run: {what}")
    assert result.stderr.endswith("; give the same, or another -o\n")
    assert files("out") == before


def test_a_file_that_is_no_journal_is_refused() -> None:
    put_records()
    Path("out.journal").write_text("my diary\n")
    result = clean_on()
    assert result.exit_code == 2
    assert result.stderr == "error: out.journal is no journal of a run; remove it, or give another -o\n"
    assert not Path("out").exists()


@pytest.mark.parametrize("arguments", [["one.txt"], ["-", "-o", "out"], ["in", "-o", "out", "--dry-run"]])
def test_a_run_that_cannot_be_gone_on_with(arguments: list[str]) -> None:
    Path("in").mkdir()
    Path("one.txt").touch()
    result = clean(*arguments, "--resume")
    assert result.exit_code == 2
    assert "--resume needs files to read, and a file or folder to write to (-o OUT)." in result.stderr


def test_an_interrupt_leaves_the_run_to_be_gone_on_with() -> None:
    put_records()
    process = start("out", "1")
    while steps(Path("out.journal")) < 40:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate()
    assert process.returncode == 130
    assert re.match(rb"stopped after \d+ of 51 files\n", said)
    assert not Path("out.removed").exists()
    start("out", "1").communicate()
    start("whole", "1").communicate()
    assert files("out") == files("whole")
    assert Path("out.removed").read_bytes() == Path("whole.removed").read_bytes()


def test_what_failed_is_listed_with_its_reason_and_its_content() -> None:
    Path("in").mkdir()
    Path("in/a.jsonl").write_bytes(b'{"text": "a"}\n{"text": 1}\ncaf\xe9\n')
    Path("in/b.txt").write_bytes(bytes(99))
    assert clean("in", "-o", "out", "--failed", "failed").exit_code == 1
    assert [json.loads(line) for line in Path("failed").read_text().splitlines()] == [
        {"doc": "a.jsonl", "record": 1, "reason": 'the field "text" is no string', "content": '{"text": 1}\n'},
        {
            "doc": "a.jsonl",
            "record": 2,
            "reason": "not in UTF-8 at byte 3 (invalid continuation byte)",
            "content": "caf\udce9\n",
        },
        {"doc": "b.txt", "reason": "a binary file, not text"},
    ]


def test_progress_elsewhere_than_on_a_terminal_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodycopy.cli.progress._EVERY", 0)
    put_records()
    said = clean("in", "-o", "out").stderr.splitlines()
    shown = [line for line in said if line.startswith("cleaning: ")]
    assert len(shown) == 51
    assert re.fullmatch(r"cleaning: 5,967 documents, 100% of 0\.1 MB, [\d.]+ MB/s, 0:00:00 left", shown[-1])
    assert "cleaning: " not in clean("in", "-o", "more", "--quiet").stderr


def test_progress_on_a_terminal_is_a_bar() -> None:
    put_records()
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bodycopy", "clean", "in", "-o", "out", *RULES]
    process = subprocess.Popen(command, stderr=theirs, env=os.environ | {"TERM": "xterm", "COLUMNS": "120"})
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # how Linux reports the end of a terminal
        while more := os.read(ours, 4096):
            shown += more
    os.close(ours)
    assert process.wait() == 1
    assert b"cleaning" in shown
    assert b"100%" in shown

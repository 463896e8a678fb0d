"""Files of records: one field is cleaned, all else stays, and a record fails alone."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import zstandard
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from bodycopy.cli import main
from bodycopy.formats.jsonl import JsonLines
from bodycopy.formats.kinds import Kind
from bodycopy.formats.records import Fields
from bodycopy.model import Result as Cleaned
from bodycopy.runner import run
from bodycopy.work import Job, Processed, Work

PACK = """\
category: trackers
rules:
  - id: beacon
    span: /(image beacon\\s*)+/
  - id: share
    line: Share this
    site: example.org
"""
RULES = ("--no-builtin", "--rules", "pack.yaml")
JUNK = "The ferry runs. image beacon"
BODY = "The ferry runs."


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)


def clean(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["clean", *arguments, *RULES], input=stdin)


def cleaned(data: bytes, *arguments: str) -> bytes:
    """Return what `clean` makes of a file of JSON lines."""
    Path("in.jsonl").write_bytes(data)
    result = clean("in.jsonl", "-o", "out.jsonl", "--force", *arguments)
    assert (result.exit_code, result.exception) == (0, None) or isinstance(result.exception, SystemExit)
    assert result.exit_code == 0, result.stderr
    return Path("out.jsonl").read_bytes()


def lines(*records: Any) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


# JSON lines


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(r'{"text": "@"}', id="alone"),
        pytest.param(r'{"id":123456789012345678901234567890,"text":"@","x":1.10,"y":1e400}', id="numbers"),
        pytest.param(
            r'  {  "a" : "caf\u00e9 \/" , "text"  :  "@" , "b" : [ {"text": "image beacon"} ] } ', id="spaces"
        ),
        pytest.param(r'{"t": NaN, "text": "@", "\ud800": "\udfff", "z": null}', id="surrogates"),
        pytest.param(r'{"text": "image beacon", "text": "@"}', id="twice"),
        pytest.param(r'{"te\u0078t": "@"}', id="an escaped key"),
        pytest.param("\ufeff" + r'{"é": "日本", "text": "@"}', id="not ascii"),
        pytest.param('{"n": ' + "9" * 5000 + ', "text": "@"}\r', id="a number of 5,000 digits"),
    ],
)
def test_only_the_string_of_the_text_changes(line: str) -> None:
    assert cleaned(line.replace("@", JUNK).encode()) == line.replace("@", BODY).encode()
    assert cleaned(line.replace("@", "ok\\u002f").encode()) == line.replace("@", "ok\\u002f").encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r'"caf\u00e9 \ud83d\ude00 image beacon"', r'"caf\u00e9 \ud83d\ude00"'),
        ('"café image beacon"', '"café"'),
        (r'"lone \ud800 image beacon"', r'"lone \ud800"'),
        (r'"é lone \udc80 image beacon"', r'"é lone \udc80"'),
        (r'"a\nb\t\"c\" image beacon"', r'"a\nb\t\"c\""'),
    ],
)
def test_a_text_is_written_as_it_was(before: str, after: str) -> None:
    assert cleaned(f'{{"text": {before}}}\n'.encode()).decode() == f'{{"text": {after}}}\n'


def test_blank_lines_line_ends_and_a_missing_last_one_stay() -> None:
    record = b'{"text": "@"}'
    data = b"\n \r\n" + record + b"\r\n\n\n" + record + b"\r\r\n" + record
    assert cleaned(data.replace(b"@", JUNK.encode())) == data.replace(b"@", BODY.encode())


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5),
    ),
    st.text(),
    st.booleans(),
)
def test_any_record_keeps_what_is_not_its_text(record: dict[str, Any], text: str, ascii_only: bool) -> None:
    line = json.dumps(record | {"text": text}, ensure_ascii=ascii_only)
    parsed = JsonLines(Fields()).parse(line.encode("utf-8", "backslashreplace"))
    assert parsed.text == text
    replaced = parsed.replaced("new", []).decode()
    assert (
        replaced
        == json.dumps(record | {"text": "new"}, ensure_ascii=ascii_only).encode("utf-8", "backslashreplace").decode()
    )


def test_another_field_and_the_address() -> None:
    data = lines({"body": "One.\nShare this", "url": "https://www.example.org/a"}, {"body": "Two.\nShare this"})
    assert [
        json.loads(line)["body"] for line in cleaned(data, "--field", "body", "--url-field", "url").splitlines()
    ] == [
        "One.",
        "Two.\nShare this",
    ]


def test_removals_travel_in_the_record() -> None:
    first, second = cleaned(lines({"text": JUNK}, {"text": BODY}), "--removals-field", "gone").splitlines()
    (removal,) = json.loads(first)["gone"]
    assert (removal["start"], removal["end"], removal["rule"]) == (15, 28, "trackers/pack/beacon")
    assert json.loads(second) == {"text": BODY, "gone": []}


def test_the_log_names_the_record() -> None:
    cleaned(lines({"text": BODY}, {"text": JUNK}) + b"\n" + lines({"text": JUNK}), "--removed", "log")
    log = [json.loads(line) for line in Path("log").read_text().splitlines()]
    assert [(entry["doc"], entry["record"], entry["start"]) for entry in log] == [
        ("in.jsonl", 1, 15),
        ("in.jsonl", 2, 15),
    ]


FAULTS = {
    "no JSON": (b"nonsense", "no JSON: expecting value at character 1"),
    "cut off": (b'{"text": "a"', "no JSON: it is cut off"),
    "cut off in a string": (b'{"text": "a', "no JSON: unterminated string starting at character 10"),
    "more than one": (b'{"text": "a"} {}', "no JSON: extra data at character 14"),
    "no colon": (b'{"text" "a"}', "no JSON: expecting ':' at character 9"),
    "no object": (b'["text"]', "no object"),
    "no field": (b'{"Text": "a"}', 'there is no field "text"'),
    "a number": (b'{"text": 1}', 'the field "text" is no string'),
    "null": (b'{"text": null}', 'the field "text" is no string'),
    "not UTF-8": (b'{"text": "caf\xe9"}', "not in UTF-8 at byte 13 (invalid continuation byte)"),
    "too deep": (b'{"a": ' + b"[" * 100_000, "nested too deeply"),
    "there already": (b'{"text": "a", "gone": 1}', 'there is a field "gone" already'),
}


@pytest.mark.parametrize(("line", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_record_fails_alone_and_with_its_number(line: bytes, reason: str) -> None:
    Path("in.jsonl").write_bytes(lines({"text": JUNK}) + line + b"\n" + lines({"text": JUNK}))
    result = clean("in.jsonl", "-o", "out.jsonl", "--removals-field", "gone")
    assert result.exit_code == 1
    assert f"1 document failed and not written:\n  in.jsonl, record 1: {reason}\n" in result.stderr
    assert [json.loads(each)["text"] for each in Path("out.jsonl").read_text().splitlines()] == [BODY, BODY]


def test_of_very_many_failures_some_are_named() -> None:
    Path("in.jsonl").write_bytes(b"{}\n" * 250)
    said = clean("in.jsonl", "-o", "out.jsonl").stderr
    assert "250 documents failed and not written:\n" in said
    assert "  in.jsonl, record 99: there is no field" in said
    assert "record 100" not in said
    assert "  and 150 more\n" in said


# Where records come from and go to

RECORDS = lines(*({"n": number, "text": f"{JUNK}\n{number}"} for number in range(500)))
EXPECTED = lines(*({"n": number, "text": f"{BODY}\n{number}"} for number in range(500)))


def test_standard_input_and_output() -> None:
    result = clean("-", "--format", "jsonl", stdin=RECORDS)
    assert (result.exit_code, result.stdout_bytes) == (0, EXPECTED)


def test_a_folder_may_hold_several_formats_and_a_format_chooses() -> None:
    Path("in").mkdir()
    Path("in/a.ndjson").write_bytes(RECORDS)
    Path("in/b.TXT").write_text(JUNK)
    assert clean("in", "-o", "out").exit_code == 0
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == {
        "a.ndjson": EXPECTED,
        "b.TXT": BODY.encode(),
    }
    assert "1 file skipped" in clean("in", "-o", "some", "--format", "jsonl").stderr
    assert [path.name for path in Path("some").iterdir()] == ["a.ndjson"]


def test_a_file_whose_name_says_nothing() -> None:
    Path("records").write_bytes(RECORDS)
    assert clean("records", "--format", "jsonl").stdout_bytes == EXPECTED


def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few kilobytes be a large file."""
    monkeypatch.setattr("bodycopy.formats.lines._SIZE", 2_000)
    monkeypatch.setattr("bodycopy.cli.cleaning.LARGE", 2_000)
    monkeypatch.setattr("bodycopy.tasks.LARGE", 2_000)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_pieces_of_a_large_file_stay_in_order(suffix: str, jobs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch)
    Path("in").mkdir()
    for name in ("a", "b"):
        Path(f"in/{name}.jsonl{suffix}").write_bytes(packed(RECORDS, suffix))
    Path("in/aa.txt").write_text(JUNK)
    assert clean("in", "-o", "out", "--jobs", jobs, "--removed", "log").exit_code == 0
    for name in ("a", "b"):
        assert unpacked(Path(f"out/{name}.jsonl{suffix}").read_bytes(), suffix) == EXPECTED
    log = [json.loads(line) for line in Path("log").read_text().splitlines()]
    assert [(entry["doc"], entry.get("record")) for entry in log] == [
        *((f"a.jsonl{suffix}", number) for number in range(500)),
        ("aa.txt", None),
        *((f"b.jsonl{suffix}", number) for number in range(500)),
    ]


# Compressed


def packed(data: bytes, suffix: str) -> bytes:
    """Compress in two streams, one after the other, as `cat` would join them."""
    pack: Callable[[bytes], bytes] = {".gz": gzip.compress, ".zst": zstandard.compress, "": bytes}[suffix]
    middle = len(data) // 2
    return pack(data[:middle]) + pack(data[middle:])


def unpacked(data: bytes, suffix: str) -> bytes:
    if suffix == ".zst":
        return zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True).read()
    return gzip.decompress(data) if suffix else data


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_compressed_text(suffix: str) -> None:
    Path(f"in.txt{suffix}").write_bytes(packed(JUNK.encode(), suffix))
    assert clean(f"in.txt{suffix}", "-o", "out").exit_code == 0
    assert unpacked(Path("out").read_bytes(), suffix) == BODY.encode()


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["in.jsonl", "in.txt"])
def test_an_empty_compressed_file_stays_one(name: str, suffix: str) -> None:
    Path(f"{name}{suffix}").write_bytes(packed(b"", suffix))
    assert clean(f"{name}{suffix}", "-o", "out").exit_code == 0
    assert unpacked(Path("out").read_bytes(), suffix) == b""
    assert Path("out").stat().st_size > 0


def test_zeros_behind_a_gzip_file_are_padding() -> None:
    Path("in.jsonl.gz").write_bytes(gzip.compress(RECORDS) + bytes(512))
    assert clean("in.jsonl.gz", "-o", "out.gz").exit_code == 0
    assert gzip.decompress(Path("out.gz").read_bytes()) == EXPECTED


@pytest.mark.parametrize(
    ("suffix", "name", "damage"),
    [
        (".gz", "gzip", "is cut off"),
        (".zst", "Zstandard", "is cut off"),
        (".gz", "gzip", "is damaged: "),
        (".zst", "Zstandard", "is damaged: "),
    ],
)
def test_what_can_be_read_of_a_damaged_file_is_written(suffix: str, name: str, damage: str) -> None:
    whole = packed(RECORDS, suffix)
    Path(f"in.jsonl{suffix}").write_bytes(whole[:-20] if "cut" in damage else whole + b"garbage")
    result = clean(f"in.jsonl{suffix}", "-o", f"out.jsonl{suffix}")
    assert result.exit_code == 1
    written = unpacked(Path(f"out.jsonl{suffix}").read_bytes(), suffix)
    assert EXPECTED.startswith(written)
    assert len(written) > len(EXPECTED) / 3
    number = written.count(b"\n")
    assert f"  in.jsonl{suffix}, record {number}: the {name} file {damage}" in result.stderr


@pytest.mark.parametrize("name", ["in.jsonl.gz", "in.txt.gz", "in.jsonl.zst", "in.txt.zst"])
def test_of_a_file_that_cannot_be_read_nothing_is_written(name: str) -> None:
    Path(name).write_bytes(RECORDS)
    result = clean(name, "-o", "out", "--removed", "log")
    assert result.exit_code == 1
    assert f"1 document failed and not written:\n  {name}: the " in result.stderr
    assert not Path("out").exists()


def test_a_text_that_is_cut_off_is_not_written() -> None:
    Path("in.txt.gz").write_bytes(gzip.compress(os.urandom(1000).hex().encode())[:-9])
    result = clean("in.txt.gz", "-o", "out")
    assert result.exit_code == 1
    assert "  in.txt.gz: the gzip file is cut off\n" in result.stderr
    assert not Path("out").exists()


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstandard.compress)])
def test_a_bomb_fails_within_bounds(
    suffix: str, pack: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bodycopy.formats.lines.LARGEST_RECORD", 1_000_000)
    bomb = pack(lines({"text": JUNK}) + b" " * 300_000_000 + b"\n" + lines({"text": JUNK}))
    Path(f"in.jsonl{suffix}").write_bytes(bomb)
    tracemalloc.start()
    result = clean(f"in.jsonl{suffix}", "-o", f"out.jsonl{suffix}")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.exit_code == 1
    assert f"  in.jsonl{suffix}, record 1: longer than 256 MB\n" in result.stderr
    assert unpacked(Path(f"out.jsonl{suffix}").read_bytes(), suffix) == lines({"text": BODY}, {"text": BODY})
    assert peak < 200_000_000


# Runs


@dataclass
class Keeps:
    """Stands in for a Cleaner; it removes nothing."""

    def clean(self, text: str, url: str | None = None) -> Cleaned:
        return Cleaned(text)


@dataclass
class Dies(Keeps):
    def clean(self, text: str, url: str | None = None) -> Cleaned:
        if text.startswith("deadly"):
            os._exit(1)
        return Cleaned(text)


@dataclass
class Stops(Keeps):
    stop: Event

    def clean(self, text: str, url: str | None = None) -> Cleaned:
        self.stop.set()
        return Cleaned(text)


def process(name: str, cleaner: Keeps, workers: int, stop: Event | None = None) -> list[Processed]:
    job = Job(Path(name), name, Path("out") / name, Kind("jsonl"))
    return list(run([job], Work(cleaner), workers, stop or Event()))  # type: ignore[arg-type]


@pytest.mark.parametrize("large", [True, False])
def test_a_record_that_kills_its_worker_is_named_and_the_rest_is_written(
    large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        small_pieces(monkeypatch)
    data = lines(*({"text": "deadly" if number in (7, 8, 300) else "text"} for number in range(400)))
    Path("in.jsonl").write_bytes(data)
    results = process("in.jsonl", Dies(), 2)
    failures = [failure for result in results for failure in result.failures]
    assert [(failure.record, failure.reason) for failure in failures] == [
        (number, "its process died twice, perhaps for want of memory") for number in (7, 8, 300)
    ]
    assert Path("out/in.jsonl").read_bytes() == data.replace(lines({"text": "deadly"}), b"")


def test_a_file_that_is_stopped_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch)
    Path("in.jsonl").write_bytes(RECORDS)
    stop = Event()
    results = process("in.jsonl", Stops(stop), 1, stop)
    assert results[-1].failed == "stopped before its end"
    assert list(Path("out").iterdir()) == []


def test_an_output_folder_that_vanishes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Removes(Keeps):
        def clean(self, text: str, url: str | None = None) -> Cleaned:
            if text.endswith("\n400"):
                shutil.rmtree("out")
            return Cleaned(text)

    small_pieces(monkeypatch)
    Path("in.jsonl").write_bytes(RECORDS)
    results = process("in.jsonl", Removes(), 1)
    assert results[-1].failed == "cannot be written: No such file or directory"
    assert not Path("out").exists()


def test_memory_does_not_grow_with_the_file() -> None:
    Path("in.jsonl").write_bytes(lines({"text": "word " * 1000}) * 10_000)
    tracemalloc.start()
    process("in.jsonl", Keeps(), 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_full_disk_takes_back_what_the_log_said_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    small_pieces(monkeypatch)
    Path("in").mkdir()
    Path("in/a.jsonl").write_bytes(lines({"text": JUNK}, *[{"text": "word " * 100}] * 100))
    Path("in/b.txt").write_text(JUNK)
    code = f"""
import resource, sys
import bodycopy.tasks, bodycopy.formats.lines
bodycopy.tasks.LARGE = bodycopy.formats.lines._SIZE = 2000
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
from bodycopy.cli import main
main(["clean", "in", "-o", "out", "--jobs", "1", "--removed", "log", *{RULES!r}])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "  a.jsonl: cannot be written: File too large\n" in done.stderr
    assert [path.name for path in Path("out").iterdir()] == ["b.txt"]
    assert [json.loads(line)["doc"] for line in Path("log").read_text().splitlines()] == ["b.txt"]


def test_a_reader_that_has_enough_ends_the_run() -> None:
    Path("in.jsonl").write_bytes(RECORDS * 200)
    command = [sys.executable, "-m", "bodycopy", "clean", "in.jsonl", "--jobs", "1", *RULES]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
    assert process.returncode == 0
    # It stands behind the progress, if the machine is slow.
    cleaned = re.search(r"^([\d,]+) documents cleaned", said.decode(), re.MULTILINE)
    assert cleaned
    assert int(cleaned[1].replace(",", "")) < 100_000

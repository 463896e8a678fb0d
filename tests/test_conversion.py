"""`--to`: the records of one format, cleaned and written in another."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bodycopy.cli import main

pa = pytest.importorskip("pyarrow", reason="needs the extra parquet")
pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet")

PACK = "category: trackers\nrules:\n  - id: beacon\n    span: /(image beacon\\s*)+/\n"
RULES = ("--no-builtin", "--rules", "pack.yaml")
JUNK = 'The "ferry" runs,\r\nthey say.\timage beacon'
BODY = 'The "ferry" runs,\r\nthey say.'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)


def clean(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["clean", *arguments, *RULES])


def cleaned(*arguments: str) -> Result:
    result = clean(*arguments)
    assert result.exit_code == 0, result.stderr
    return result


def restore(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["restore", *arguments])


def lines(*records: Any) -> bytes:
    return b"".join(json.dumps(record, ensure_ascii=False).encode() + b"\n" for record in records)


def record(body: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://example.org/a\r\nWARC-Date: 2026-11-01\r\n"
        f"WARC-Record-ID: <urn:uuid:1>\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def put(name: str, texts: list[str]) -> str:
    """Write the texts as a file of a format; return its name."""
    path = Path("in", name)
    path.parent.mkdir(exist_ok=True)
    if name.endswith(".parquet"):
        pq.write_table(pa.table({"id": range(len(texts)), "text": texts}), path)
    elif name.endswith(".wet"):
        path.write_bytes(b"".join(record(text.encode()) for text in texts))
    elif name.endswith(".jsonl"):
        path.write_bytes(lines(*({"id": number, "text": text} for number, text in enumerate(texts))))
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter="\t" if name.endswith(".tsv") else ",")
            writer.writerows([("id", "text"), *enumerate(texts)])
    return str(path)


def texts_in(path: Path) -> list[str]:
    if path.suffix == ".parquet":
        return list(pq.read_table(path)["text"].to_pylist())
    if path.suffix == ".jsonl":
        return [json.loads(line)["text"] for line in path.read_bytes().splitlines()]
    with path.open(newline="", encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ",")]


@pytest.mark.parametrize("to", ["jsonl", "csv", "tsv", "parquet"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv", "a.parquet", "a.wet"])
def test_from_each_to_each_and_the_texts_again(name: str, to: str) -> None:
    texts = [JUNK, "", "Nothing to remove.", "image beacon", "Ünïcode \u2028 ﷽ 👩‍👩‍👧 image beacon", "\\N \0 'x'; --"]
    put(name, texts)
    cleaned("in", "-o", "out", "--to", to, "--removed", "log")
    assert [path.name for path in Path("out").iterdir()] == [f"a.{to}"]
    assert texts_in(Path(f"out/a.{to}")) == [BODY, "", texts[2], "", "Ünïcode \u2028 ﷽ 👩‍👩‍👧", texts[5]]
    result = restore("out", "--removed", "log", "-o", "again")
    assert result.exit_code == 0, result.stderr
    assert texts_in(Path(f"again/a.{to}")) == texts


def test_the_format_that_a_file_has_leaves_it_as_it_stands() -> None:
    Path("in.jsonl").write_bytes(b'{"n":1.10,  "text": "a image beacon"}\n\n')
    cleaned("in.jsonl", "-o", "out.jsonl", "--to", "jsonl")
    assert Path("out.jsonl").read_bytes() == b'{"n":1.10,  "text": "a"}\n\n'
    Path("in.csv").write_bytes(b'text;n\r\n"a image beacon";1\r\n')
    cleaned("in.csv", "-o", "out.csv", "--to", "csv")
    assert Path("out.csv").read_bytes() == b'text;n\r\n"a";1\r\n'


def test_values_of_json_in_a_table() -> None:
    records = [
        {"id": 1, "text": JUNK, "score": 1, "ok": True, "tags": ["a"], "odd": 5, "none": None},
        {"id": 2, "text": "b", "score": 0.5, "ok": None, "tags": {}, "odd": "x", "late": "y"},
    ]
    Path("in.jsonl").write_bytes(lines(*records))
    cleaned("in.jsonl", "-o", "out.parquet", "--to", "parquet")
    table = pq.read_table("out.parquet")
    kinds = [("id", pa.int64()), ("text", pa.string()), ("score", pa.float64()), ("ok", pa.bool_())]
    assert table.schema == pa.schema([*kinds, *((name, pa.string()) for name in ("tags", "odd", "none", "late"))])
    assert table.to_pylist() == [
        {**records[0], "text": BODY, "tags": '["a"]', "odd": "5", "late": None},
        {**records[1], "tags": "{}", "odd": '"x"', "none": None},
    ]
    cleaned("in.jsonl", "-o", "out.csv", "--to", "csv")
    with Path("out.csv").open(newline="") as file:
        first, second = csv.DictReader(file)
    assert first == {
        **{"id": "1", "text": BODY, "score": "1", "ok": "true"},
        **{"tags": '["a"]', "odd": "5", "none": "", "late": ""},
    }
    assert second["ok"] == ""


def test_values_of_parquet_in_json() -> None:
    values = {
        "text": [JUNK, "b"],
        "when": [date(2026, 11, 1), None],
        "price": [Decimal("1.10"), None],
        "many": [[1, 2], []],
        "part": [0.5, float("nan")],
        "large": [2**62 + 1, 0],
    }
    pq.write_table(pa.table(values), "in.parquet")
    cleaned("in.parquet", "-o", "out.jsonl.gz", "--to", "jsonl")
    first, second = (json.loads(line) for line in gzip.decompress(Path("out.jsonl.gz").read_bytes()).splitlines())
    assert first == {
        **{"text": BODY, "when": "2026-11-01", "price": "1.10", "many": [1, 2]},
        **{"part": 0.5, "large": 2**62 + 1},
    }
    assert second == {"text": "b", "when": None, "price": None, "many": [], "part": None, "large": 0}


def test_what_a_crawl_knows_of_its_texts() -> None:
    Path("in.wet").write_bytes(record(JUNK.encode()))
    cleaned("in.wet", "-o", "out.jsonl", "--to", "jsonl", "--removals-field", "gone")
    written = json.loads(Path("out.jsonl").read_bytes())
    (removal,) = written.pop("gone")
    assert written == {"text": BODY, "url": "https://example.org/a", "date": "2026-11-01", "id": "<urn:uuid:1>"}
    assert removal["rule"] == "trackers/pack/beacon"


def test_removals_in_a_table_are_json() -> None:
    Path("in.jsonl").write_bytes(lines({"text": JUNK}))
    for to in ("csv", "parquet"):
        cleaned("in.jsonl", "-o", f"out.{to}", "--to", to, "--removals-field", "gone")
    (row,) = pq.read_table("out.parquet").to_pylist()
    with Path("out.csv").open(newline="") as file:
        assert next(csv.DictReader(file)) == row
    assert json.loads(row["gone"])[0]["text"] == "\timage beacon"


def test_a_text_becomes_a_record_and_again_a_text() -> None:
    Path("in/deep").mkdir(parents=True)
    Path("in/deep/a.txt").write_bytes(JUNK.encode("utf-16"))
    Path("in/b.txt").write_bytes(b"\xff\xfe\x00")
    result = clean("in", "-o", "out", "--to", "csv", "--removed", "log")
    assert result.exit_code == 1
    assert "  b.txt: looks like utf-16-le" in result.stderr
    assert [path.as_posix() for path in Path("out").rglob("*.*")] == ["out/deep/a.csv"]
    assert texts_in(Path("out/deep/a.csv")) == [BODY]
    assert restore("out", "--removed", "log", "-o", "again").exit_code == 0
    assert texts_in(Path("again/deep/a.csv")) == [JUNK]


def test_what_cannot_be_is_refused_with_what_can() -> None:
    Path("in.jsonl").write_bytes(lines({"text": JUNK}))
    result = clean("in.jsonl", "-o", "out", "--to", "txt")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: in.jsonl holds records, and a .txt file is one text; --to jsonl, csv, tsv, parquet\n"
    )
    put("a.jsonl", ["x"])
    put("a.csv", ["x"])
    assert "would both be written as a.csv" in clean("in", "-o", "out", "--to", "csv").stderr


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodycopy.formats.kinds.find_spec", lambda wanted: None if wanted == "pyarrow" else object())
    Path("in.jsonl").write_bytes(lines({"text": JUNK}))
    result = clean("in.jsonl", "-o", "out", "--to", "parquet")
    assert result.exit_code == 2
    assert "error: --to parquet needs what the extra parquet installs: pip install 'bodycopy[parquet]'" in result.stderr


LATE = {
    "another field": ({"text": "a", "n": 1, "x": 1}, 'there is a field "x", which the first records have not'),
    "another type": ({"text": "a", "n": "one"}, 'the field "n" holds "one", and in the first records whole numbers'),
    "a large number": ({"text": "a", "n": 2**64}, 'the field "n" holds a number that is too large'),
    "a lone surrogate": ({"text": "a\ud800", "n": 1}, 'the field "text" has a lone surrogate at character 1'),
}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_late_record_that_does_not_fit_fails_alone(jobs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodycopy.formats.lines._SIZE", 2_000)
    monkeypatch.setattr("bodycopy.cli.cleaning.LARGE", 2_000)
    monkeypatch.setattr("bodycopy.tasks.LARGE", 2_000)
    many = [{"text": JUNK, "n": number} for number in range(300)]
    late = [json.dumps(record).encode() + b"\n" for record, _ in LATE.values()]
    Path("in.jsonl").write_bytes(b"nonsense\n" + lines(*many) + b"".join(late) + lines(*many))
    result = clean("in.jsonl", "-o", "out.parquet", "--to", "parquet", "--jobs", jobs)
    assert result.exit_code == 1
    for number, (_, reason) in enumerate(LATE.values(), 301):
        assert f"  in.jsonl, record {number}: {reason}\n" in result.stderr
    assert pq.read_table("out.parquet").to_pylist() == [record | {"text": BODY} for record in many] * 2


@pytest.mark.parametrize("to", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("data", [b"", b"nonsense\n"])
def test_a_file_without_records_is_a_whole_file_without_records(data: bytes, to: str) -> None:
    Path("in.jsonl").write_bytes(data)
    clean("in.jsonl", "-o", f"out.{to}", "--to", to)
    assert texts_in(Path(f"out.{to}")) == []
    assert clean(f"out.{to}", "-o", f"again.{to}").exit_code == 0


def test_standard_output_and_a_compressed_source() -> None:
    Path("in.jsonl.gz").write_bytes(gzip.compress(lines({"text": JUNK, "n": 1})))
    assert cleaned("in.jsonl.gz", "--to", "csv").stdout_bytes == b'text,n\n"The ""ferry"" runs,\r\nthey say.",1\n'
    cleaned("in.jsonl.gz", "-o", "out/", "--to", "tsv")
    assert gzip.decompress(Path("out/in.tsv.gz").read_bytes()).startswith(b"text\tn\n")
    table = pq.read_table(io.BytesIO(cleaned("in.jsonl.gz", "--to", "parquet").stdout_bytes))
    assert table.to_pylist() == [{"text": BODY, "n": 1}]


def test_a_run_is_not_gone_on_with_in_another_format() -> None:
    put("a.jsonl", ["x", "y"])
    cleaned("in", "-o", "out", "--to", "csv", "--resume")
    assert "3 documents" not in cleaned("in", "-o", "out", "--to", "csv", "--resume").stderr
    result = clean("in", "-o", "out", "--to", "parquet", "--resume")
    assert result.exit_code == 2
    assert "to was 'csv' and is 'parquet'" in result.stderr

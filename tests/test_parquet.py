"""Parquet: one column is cleaned; schema, metadata and row groups stay, and memory does not grow with the file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bodycopy.cli import main

pa = pytest.importorskip("pyarrow", reason="needs the extra parquet")
pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet")

PACK = "category: trackers\nrules:\n  - id: beacon\n    span: /(image beacon\\s*)+/\n"
RULES = ("--no-builtin", "--rules", "pack.yaml")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)


def clean(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["clean", *arguments, *RULES])


def table(rows: int = 2500) -> Any:
    fields = [
        pa.field("id", pa.uint64(), metadata={"unit": "one"}),
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("tags", pa.list_(pa.string())),
        pa.field("when", pa.timestamp("us", tz="Europe/Berlin")),
    ]
    columns = [
        pa.array(range(2**63, 2**63 + rows), pa.uint64()),
        pa.array([f"{number} image beacon" for number in range(rows)], pa.large_string()),
        pa.array([["a", None]] * rows),
        pa.array(range(rows), pa.timestamp("us", tz="Europe/Berlin")),
    ]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata={"source": "a test"}))


def expected(whole: Any) -> Any:
    texts = [text.replace(" image beacon", "") for text in whole["text"].to_pylist()]
    return whole.set_column(1, whole.schema.field(1), pa.array(texts, pa.large_string()))


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_only_the_column_changes(jobs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodycopy.cli.cleaning.LARGE", 2_000)
    whole = table()
    pq.write_table(whole, "in.parquet", row_group_size=1100, compression={"text": "zstd", "id": "none"})
    assert clean("in.parquet", "-o", "out.parquet", "--jobs", jobs, "--removed", "log").exit_code == 0
    read, written = pq.ParquetFile("in.parquet"), pq.ParquetFile("out.parquet")
    assert written.read().equals(expected(read.read()), check_metadata=True)
    assert written.schema.equals(read.schema)
    for group in range(3):
        ours, theirs = (file.metadata.row_group(group) for file in (read, written))
        assert ours.num_rows == theirs.num_rows
        assert [ours.column(n).compression for n in range(4)] == [theirs.column(n).compression for n in range(4)]
    log = [json.loads(line) for line in Path("log").read_text().splitlines()]
    assert [entry["record"] for entry in log] == list(range(2500))


@pytest.mark.parametrize("kind", ["dictionary", "string", "string_view"])
def test_the_type_of_the_column_stays(kind: str) -> None:
    types = {
        "dictionary": pa.dictionary(pa.int16(), pa.string()),
        "string": pa.string(),
        "string_view": pa.string_view(),
    }
    texts = pa.array(["a image beacon", "b", "b"]).cast(types[kind])
    pq.write_table(pa.table({"text": texts}), "in.parquet")
    assert clean("in.parquet", "-o", "out.parquet").exit_code == 0
    written = pq.read_table("out.parquet")
    assert written["text"].type == types[kind]
    assert written["text"].to_pylist() == ["a", "b", "b"]


@pytest.mark.parametrize("rows", [0, 3])
def test_removals_travel_in_a_new_column(rows: int) -> None:
    pq.write_table(table(rows), "in.parquet")
    assert clean("in.parquet", "-o", "out.parquet", "--removals-field", "gone").exit_code == 0
    written = pq.read_table("out.parquet")
    assert written.drop(["gone"]).equals(expected(table(rows)))
    assert [json.loads(each)[0]["text"] for each in written["gone"].to_pylist()] == [" image beacon"] * rows


def test_a_null_fails_alone() -> None:
    pq.write_table(pa.table({"text": ["a image beacon", None, "b"], "n": [1, 2, 3]}), "in.parquet")
    result = clean("in.parquet", "-o", "out.parquet")
    assert result.exit_code == 1
    assert '1 document failed and not written:\n  in.parquet, record 1: the field "text" is null\n' in result.stderr
    assert pq.read_table("out.parquet").to_pylist() == [{"text": "a", "n": 1}, {"text": "b", "n": 3}]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--field", "body"], 'there is no one field "body"'),
        (["--field", "id"], 'the field "id" holds uint64, not strings'),
        (["--removals-field", "tags"], 'there is a field "tags" already'),
    ],
)
def test_a_file_without_such_a_column(arguments: list[str], reason: str) -> None:
    pq.write_table(table(5), "in.parquet")
    result = clean("in.parquet", "-o", "out.parquet", *arguments)
    assert result.exit_code == 1
    assert f"  in.parquet: {reason}\n" in result.stderr
    assert not Path("out.parquet").exists()


def test_a_damaged_footer() -> None:
    pq.write_table(table(5), "in.parquet")
    data = Path("in.parquet").read_bytes()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    Path("in.parquet").write_bytes(data[:footer] + b"\xff" * 60 + data[footer + 60 :])
    result = clean("in.parquet", "-o", "out.parquet")
    assert result.exit_code == 1
    assert "  in.parquet: no Parquet file: " in result.stderr
    assert not Path("out.parquet").exists()


def test_a_damaged_row_group_leaves_those_before_it() -> None:
    pq.write_table(table(), "in.parquet", row_group_size=1000, compression="zstd")
    start = pq.ParquetFile("in.parquet").metadata.row_group(1).column(1).dictionary_page_offset
    data = bytearray(Path("in.parquet").read_bytes())
    data[start : start + 500] = bytes(500)
    Path("in.parquet").write_bytes(data)
    result = clean("in.parquet", "-o", "out.parquet")
    assert result.exit_code == 1
    assert "  in.parquet, record 1000: the Parquet file is damaged: " in result.stderr
    assert pq.read_table("out.parquet").equals(expected(table(1000)))


def test_standard_input_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bodycopy", "clean", "-", "--format", "parquet", *RULES],
        input=b"PAR1",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"  -: Parquet cannot be read from a pipe; name a file\n" in done.stderr


def test_memory_does_not_grow_with_the_file() -> None:
    few = pa.table({"text": ["word " * 400] * 2000})
    with pq.ParquetWriter("in.parquet", few.schema, use_dictionary=False, compression="none") as writer:
        for _ in range(25):
            writer.write_table(few)
    assert Path("in.parquet").stat().st_size > 90_000_000
    before = pa.total_allocated_bytes()
    pool = pa.default_memory_pool()
    result = clean("in.parquet", "-o", "out.parquet", "--jobs", "1")
    assert result.exit_code == 0
    assert pq.ParquetFile("out.parquet").metadata.num_row_groups == 25
    assert pool.max_memory() - before < 60_000_000

"""CSV and TSV: one field is cleaned where it stands, and the rest of the file stays byte for byte."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from bodycopy.cli import main
from bodycopy.formats.delimited import Delimited
from bodycopy.formats.records import START, Fields, Filler

PACK = "category: trackers\nrules:\n  - id: beacon\n    span: /(image beacon\\s*)+/\n"
RULES = ("--no-builtin", "--rules", "pack.yaml")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)


def clean(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["clean", *arguments, *RULES])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("id,text\r\n1,A. image beacon\r\n2,B\r\n", "id,text\r\n1,A.\r\n2,B\r\n", id="plain"),
        pytest.param('"id","text"\n"1","A. image beacon"', '"id","text"\n"1","A."', id="all quoted"),
        pytest.param("id\ttext\n1\ta, b image beacon\n", "id\ttext\n1\ta, b\n", id="tabs"),
        pytest.param("text;x\nA image beacon;1,5\n", "text;x\nA;1,5\n", id="semicolons"),
        pytest.param('text,x\n"A\nimage beacon\nB ""b""",1\n', 'text,x\n"A\nB ""b""",1\n', id="line ends in quotes"),
        pytest.param("\ufefftext,x\nA image beacon,\n", "\ufefftext,x\nA,\n", id="byte order mark"),
        pytest.param("text\n\nA image beacon\n\n", "text\n\nA\n\n", id="blank lines"),
        pytest.param('x,text\na "b" c,A image beacon\n', 'x,text\na "b" c,A\n', id="quotes within"),
        pytest.param('x,text\n,image beacon "b"\n', 'x,text\n,"""b"""\n', id="a quote comes first"),
        pytest.param("x,text\n,\n", "x,text\n,\n", id="empty"),
    ],
)
def test_only_the_field_changes(before: str, after: str) -> None:
    Path("in.csv").write_bytes(before.encode())
    result = clean("in.csv", "-o", "out.csv")
    assert result.exit_code == 0, result.stderr
    assert Path("out.csv").read_bytes().decode() == after


@given(
    st.lists(st.lists(st.text(st.characters(exclude_characters="\r", codec="utf-8")), min_size=3, max_size=3)),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(",\t;|"),
)
def test_any_records_keep_their_other_fields(rows: list[list[str]], quoting: int, delimiter: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([["a", "text", "b"], *rows])
    form = Delimited(Fields())
    written = []
    for piece in form.pieces(io.BytesIO(file.getvalue().encode()), START):
        for raw in form.records(piece.content):
            written.append(raw.content if isinstance(raw, Filler) else form.parse(raw).replaced('n"ew', []))
    read = list(csv.reader(io.StringIO(b"".join(written).decode(), newline=""), delimiter=delimiter))
    assert read == [["a", "text", "b"], *([a, 'n"ew', b] for a, _, b in rows)]


def test_a_long_text_and_a_short_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodycopy.formats.delimited._SIZE", 100)
    monkeypatch.setattr("bodycopy.formats.lines._SIZE", 70)
    data = (
        "text,n\n" + "".join(f'"{number}\nimage beacon",{number}\n' for number in range(99)) + "word " * 50_000 + ",\n"
    )
    Path("in.csv.gz").write_bytes(gzip.compress(data.encode()))
    assert clean("in.csv.gz", "-o", "out.csv.gz", "--removed", "log").exit_code == 0
    assert gzip.decompress(Path("out.csv.gz").read_bytes()).decode() == data.replace("\nimage beacon", "")
    assert [json.loads(line)["record"] for line in Path("log").read_text().splitlines()] == list(range(99))


def test_removals_travel_in_a_new_field() -> None:
    Path("in.csv").write_text("text\nA image beacon\nB\n")
    assert clean("in.csv", "-o", "out.csv", "--removals-field", "gone").exit_code == 0
    with Path("out.csv").open(newline="") as file:
        header, first, second = csv.reader(file)
    assert (header, first[0], second) == (["text", "gone"], "A", ["B", "[]"])
    assert [removal["text"] for removal in json.loads(first[1])] == [" image beacon"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1,A,2", "3 fields, and the header has 2"),
        (b"1", "1 fields, and the header has 2"),
        (b"1,caf\xe9", "not in UTF-8 at byte 5 (invalid continuation byte)"),
        (b"1,a\rb", "no CSV: new-line character seen in unquoted field"),
    ],
)
def test_a_record_fails_alone(row: bytes, reason: str) -> None:
    Path("in.csv").write_bytes(b"id,text\n0,A image beacon\n" + row + b"\n2,B image beacon\n")
    result = clean("in.csv", "-o", "out.csv")
    assert result.exit_code == 1
    assert f"1 document failed and not written:\n  in.csv, record 1: {reason}\n" in result.stderr
    assert Path("out.csv").read_text() == "id,text\n0,A\n2,B\n"


@pytest.mark.parametrize("data", ["", "a,b\n1,2\n"])
def test_a_header_without_the_field(data: str) -> None:
    Path("in.csv").write_text(data)
    result = clean("in.csv", "-o", "out.csv")
    assert result.exit_code == 1
    assert '  in.csv: the header has no field "text"\n' in result.stderr
    assert not Path("out.csv").exists()


def test_a_file_that_is_cut_off() -> None:
    data = b"text\n" + b"".join(b'"%d. image beacon"\n' % number for number in range(9000))
    Path("in.csv.gz").write_bytes(gzip.compress(data)[:-9])
    result = clean("in.csv.gz", "-o", "out.csv.gz")
    assert result.exit_code == 1
    written = gzip.decompress(Path("out.csv.gz").read_bytes()).split(b"\n")
    assert f"  in.csv.gz, record {len(written) - 2}: the gzip file is cut off\n" in result.stderr
    assert len(written) > 8000

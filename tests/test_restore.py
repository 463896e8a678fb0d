"""`bodycopy restore`: the cleaned texts and the removal log give back what was read."""

from __future__ import annotations

import gzip
import io
import json
import os
from base64 import b32encode
from decimal import Decimal
from hashlib import sha1
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import zstandard
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bodycopy.cleaner import clean_document
from bodycopy.cli import main
from bodycopy.matcher import Program
from bodycopy.model import Document
from bodycopy.report.log import Entry, entry, read_log, to_json
from bodycopy.restorer import MisfitError, restore_text
from bodycopy.rules import RuleSet
from bodycopy.work import locate
from strategies import documents, rule_sets

PACK = "category: trackers\nrules:\n  - id: beacon\n    span: /(image beacon\\s*)+/\n  - id: share\n    line: Share\n"
ARTICLE = "A headline\n\nShare\nimage beacon\nThe story image beacon goes on.\nIt ends.\n"
INPUTS = {
    "one.txt": ARTICLE,
    "deep/two.txt": "Nothing to remove.",
    "deep/three.txt": "Share\r\nÄpfel\u2028und Birnen\r\nShare",
    "all.txt": "Share\n",
    "empty.txt": "",
    "marked.txt": "\ufeffShare\n\ufeffA text that begins with what looks like a byte order mark.\n",
}
REAL = Path(os.environ.get("BODYCOPY_EVAL", Path(__file__).parents[2] / "shared" / "eval" / "dev"))
SETS = sorted(REAL.glob("*.jsonl.zst"))
EVERY = 30

often = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)
    put("in", INPUTS)


def put(folder: str, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def clean(*arguments: str) -> None:
    result = CliRunner().invoke(main, ["clean", *arguments, "--no-builtin", "--rules", "pack.yaml"])
    assert result.exit_code == 0, result.output


def restore(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["restore", *arguments])


def texts(folder: str) -> dict[str, str]:
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in files}


@pytest.fixture
def cleaned() -> None:
    clean("in", "-o", "out", "--removed", "log")


@pytest.mark.usefixtures("cleaned")
def test_a_folder_is_restored_with_all_that_was_in_it() -> None:
    result = restore("out", "--removed", "log", "-o", "again")
    assert (result.exit_code, result.stderr) == (0, "6 documents restored, 7 removals put back\n")
    assert texts("out") != texts("in")
    assert texts("again") == {**INPUTS, "marked.txt": INPUTS["marked.txt"].removeprefix("\ufeff")}


def test_a_text_in_another_encoding_comes_back_as_it_was_decoded() -> None:
    Path("in/utf16.txt").write_bytes("Share\nÄpfel und Birnen.\n".encode("utf-16"))
    clean("in", "-o", "out", "--removed", "log")
    restore("out", "--removed", "log", "-o", "again")
    assert Path("again/utf16.txt").read_bytes().decode() == "Share\nÄpfel und Birnen.\n"


def test_one_file_goes_to_standard_output_or_to_a_file_whatever_it_is_called() -> None:
    clean("in/one.txt", "-o", "body.txt", "--removed", "log")
    assert restore("body.txt", "--removed", "log").stdout == ARTICLE
    assert restore("body.txt", "--removed", "log", "-o", "x/again.txt").exit_code == 0
    assert Path("x/again.txt").read_text() == ARTICLE


@pytest.mark.usefixtures("cleaned")
def test_one_file_of_many_is_restored_by_its_name() -> None:
    assert restore("out/one.txt", "--removed", "log").stdout == ARTICLE
    result = restore("out/deep/three.txt", "--removed", "log")
    assert result.exit_code == 2
    assert "log is about 4 documents, and none of them is called three.txt; name the folder" in result.stderr


EDITED = {
    "a line more above": (
        "one.txt",
        "New\n" + ARTICLE.replace("Share\nimage beacon\n", "").replace(" image beacon", ""),
        "changed after it was cleaned, above what trackers/pack/share removed: that was on line 3 and would now be on "
        "line 2 (line 5 of the log)",
    ),
    "a word of the same length": (
        "one.txt",
        "A headlock\n\nThe story goes on.\nIt ends.\n",
        "changed after it was cleaned: with its removals it is not the text that was read, though they fall on the "
        "right lines (from line 5 of the log)",
    ),
    "cut short": (
        "one.txt",
        "A head",
        "changed after it was cleaned: it ends 6 characters before the place on line 3 from which trackers/pack/share "
        "removed something (line 5 of the log)",
    ),
}


@pytest.mark.usefixtures("cleaned")
@pytest.mark.parametrize(("name", "text", "message"), EDITED.values(), ids=EDITED)
def test_an_output_that_was_changed_is_named_with_the_place_and_not_restored(
    name: str, text: str, message: str
) -> None:
    Path("out", name).write_text(text)
    result = restore("out", "--removed", "log", "-o", "again")
    assert result.exit_code == 1
    assert f"1 document failed and not written:\n  {name}: {message}\n" in result.stderr
    assert set(texts("again")) == set(INPUTS) - {name}


@pytest.mark.usefixtures("cleaned")
def test_a_missing_output_and_one_that_is_no_text_are_named_and_the_rest_is_restored() -> None:
    Path("out/deep/three.txt").unlink()
    Path("out/one.txt").write_bytes(b"\xff\xfe")
    result = restore("out", "--removed", "log", "-o", "again")
    assert result.exit_code == 1
    assert "  deep/three.txt: missing, though line 2 of the log is about it\n" in result.stderr
    assert "  one.txt: not UTF-8 at byte 0, so not as it was written\n" in result.stderr
    assert set(texts("again")) == set(INPUTS) - {"one.txt", "deep/three.txt"}


DAMAGED = {
    "cut off": (lambda log: log[:-9], "log:7: no JSON and no line end, so it is cut off; a removal log has"),
    "no JSON": (lambda log: b"x\n" + log, "log:1: no JSON; a removal log has one JSON object in each line"),
    "no object": (lambda log: log + b"[1]\n", "log:8: no object; a removal log has one JSON object in each line"),
    "a key is missing": (
        lambda log: log.replace(b'"start"', b'"begin"', 1),
        'log:1: "start" is missing; is this the log of `bodycopy clean --removed`?',
    ),
    "another kind": (
        lambda log: log.replace(b'"rule_line": 3', b'"rule_line": true').replace(
            b'"rule_line": 5', b'"rule_line": "5"'
        ),
        'log:1: "rule_line" is not a number; is this the log of `bodycopy clean --removed`?',
    ),
    "twice": (lambda log: log + log, "log:8: entries of all.txt again, they begin in line 1; are these two logs put"),
}


@pytest.mark.usefixtures("cleaned")
@pytest.mark.parametrize("fault", DAMAGED)
def test_a_damaged_log_is_refused_before_anything_is_written(fault: str) -> None:
    damage, message = DAMAGED[fault]
    Path("log").write_bytes(damage(Path("log").read_bytes()))
    result = restore("out", "--removed", "log", "-o", "again")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {message}")
    assert not Path("again").exists()


@pytest.mark.usefixtures("cleaned")
@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("end", 999, "line 1 of the log is damaged: its text is not as long as its place"),
        ("start", -1, "line 1 of the log is damaged: its text is not as long as its place"),
    ],
)
def test_a_place_that_cannot_be_is_a_damaged_log(key: str, value: int, message: str) -> None:
    lines = Path("log").read_text().splitlines()
    lines[0] = json.dumps({**json.loads(lines[0]), key: value})
    Path("log").write_text("\n".join(lines))
    assert f"  all.txt: {message}\n" in restore("out", "--removed", "log", "-o", "again").stderr


@pytest.mark.usefixtures("cleaned")
def test_nothing_is_written_over() -> None:
    before = texts(".")
    for target, word in (("out", "inputs are never touched"), ("in", "already there")):
        result = restore("out", "--removed", "log", "-o", target)
        assert (result.exit_code, word in result.stderr) == (2, True)
    assert restore("out/one.txt", "--removed", "log", "-o", "log", "--force").exit_code == 2
    assert texts(".") == before


# Files of records


RECORDS = [{"text": ARTICLE, "n": 1}, {"text": 5}, {"text": "Nothing to remove."}, {"n": 2}, {"text": "Share\nÄpfel"}]


def rows(*records: dict[str, object]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def recorded() -> None:
    put("many", {"a.jsonl": rows(*RECORDS), "b.csv": 'text,n\n"Share\nA ferry, image beacon",1\nx,2,3\n"Share",2\n'})
    compressed = zstandard.compress(Path("many/a.jsonl").read_bytes())
    Path("many/c.jsonl.zst").write_bytes(compressed)
    packs = ("--no-builtin", "--rules", "pack.yaml")
    arguments = ("many", "-o", "out", "--removed", "log", "--failed", "failed")
    assert CliRunner().invoke(main, ["clean", *arguments, *packs]).exit_code == 1


@pytest.mark.usefixtures("recorded")
def test_records_come_back_but_those_that_failed() -> None:
    result = restore("out", "--removed", "log", "--failed", "failed", "-o", "again")
    assert (result.exit_code, result.stderr) == (0, "3 documents restored, 11 removals put back\n")
    whole = rows(*(record for record in RECORDS if isinstance(record.get("text"), str)))
    assert Path("again/a.jsonl").read_text() == whole
    assert zstandard.decompress(Path("again/c.jsonl.zst").read_bytes(), 10_000).decode() == whole
    assert Path("again/b.csv").read_text() == 'text,n\n"Share\nA ferry, image beacon",1\n"Share",2\n'


@pytest.mark.usefixtures("recorded")
def test_without_the_list_of_what_failed_nothing_gets_the_removals_of_another_record() -> None:
    result = restore("out", "--removed", "log", "-o", "again")
    assert result.exit_code == 1
    assert (
        "  a.jsonl: line 4 of the log is about record 4, which is not in it; if records failed in that run, give its "
        in (result.stderr)
    )
    assert not Path("again").exists() or texts("again") == {}


@pytest.mark.usefixtures("recorded")
def test_a_record_that_was_changed_is_named() -> None:
    Path("out/a.jsonl").write_text(Path("out/a.jsonl").read_text().replace("headline", "headlock"))
    result = restore("out/a.jsonl", "--removed", "log", "--failed", "failed", "-o", "again.jsonl")
    assert result.exit_code == 1
    assert "  a.jsonl: record 0: changed after it was cleaned: " in result.stderr
    assert not Path("again.jsonl").exists()


def test_a_page_that_is_none_of_what_was_written_is_said_to_be_so() -> None:
    put("out", {"page.html": "<p>Text</p>"})
    Path("log").write_text("")
    assert (
        "  page.html: not a file as `bodycopy clean` writes it" in restore("out", "--removed", "log", "-o", "x").stderr
    )


def cleaned_and_restored(name: str, field: str = "text") -> Path:
    """Clean a file so that something goes, and return it restored."""
    clean(name, "-o", "out/", "--removed", "log", "--field", field)
    (written,) = Path("out").iterdir()
    result = restore("out", "--removed", "log", "-o", "again", "--field", field)
    assert result.exit_code == 0, result.stderr
    assert Path("again", written.name).read_bytes() != written.read_bytes()
    return Path("again", written.name)


def test_json_lines_come_back_byte_by_byte() -> None:
    data = (
        b'{"n":123456789012345678901234567890, "x":1.10, "y":1e400, "text" : "Share\\nThe ferry runs."}\n\n'
        b'{"text":"caf\\u00e9 \\ud800 image beacon","z":[null,true,{"text":"image beacon"}]}\r\n'
    )
    Path("in.jsonl").write_bytes(data)
    assert cleaned_and_restored("in.jsonl").read_bytes() == data


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
def test_parquet_comes_back_value_for_value(kind: str) -> None:
    pa = pytest.importorskip("pyarrow", reason="needs the extra parquet")
    pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet")
    texts = pa.array([f"Share\nFerry {number}, image beacon goes on." for number in range(2000)])
    body = texts.dictionary_encode() if kind == "dictionary" else texts.cast(kind)
    columns = {
        "n": pa.array(range(2**63, 2**63 + 2000), pa.uint64()),
        "price": pa.array([Decimal("1.10"), None] * 1000),
        "when": pa.array(range(2000), pa.timestamp("us", tz="Europe/Berlin")),
        "part": pa.array([float("nan"), -0.0] * 1000),
        "tags": pa.array([["image beacon", None], None] * 1000),
        "raw": pa.array([b"\xff\x00", b""] * 1000),
        "body": body,
    }
    whole = pa.table(columns).replace_schema_metadata({"of": "a test"})
    pq.write_table(whole, "in.parquet", row_group_size=700)
    before, again = pq.ParquetFile("in.parquet"), pq.ParquetFile(cleaned_and_restored("in.parquet", field="body"))
    assert again.schema_arrow.equals(before.schema_arrow, check_metadata=True)
    # NaN is not equal to itself, and -0.0 is to 0.0.
    assert [repr(row) for row in again.read().to_pylist()] == [repr(row) for row in whole.to_pylist()]
    assert again.metadata.num_row_groups == before.metadata.num_row_groups


def test_a_crawl_comes_back_byte_by_byte() -> None:
    def record(kind: str, text: str) -> bytes:
        body = text.encode()
        digest = b32encode(sha1(body).digest()).decode()
        head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Block-Digest: sha1:{digest}\r\nContent-Length: {len(body)}\r\n"
        return f"{head}\r\n".encode() + body + b"\r\n\r\n"

    texts = (ARTICLE, "", "Nothing to remove.", "Share", "\ufeffÄpfel\r\nShare\r\n")
    data = record("warcinfo", "image beacon") + b"".join(record("conversion", text) for text in texts)
    Path("in.wet.gz").write_bytes(gzip.compress(data))
    assert gzip.decompress(cleaned_and_restored("in.wet.gz").read_bytes()) == data


def test_of_a_page_the_text_comes_back_that_was_found_in_it() -> None:
    trafilatura = pytest.importorskip("trafilatura", reason="needs the extra html")
    prose = (
        "The ferry took forty people to the other side on Sunday, and all of them were glad of it, said the council."
    )
    parts = "".join(f"<p>{part}</p>" for part in (prose, "image beacon", f"{prose} Äpfel."))
    page = f"<html><body><article><h1>Ferry</h1>{parts}</article></body></html>"
    Path("page.html").write_text(page, encoding="utf-8")
    found = trafilatura.extract(page)
    assert "image beacon" in found
    assert cleaned_and_restored("page.html").read_bytes().decode() == found


# Any text, any rules


def entries_of(rules: RuleSet, document: Document) -> tuple[str, list[Entry]]:
    result = clean_document(Program(rules), document, fail_safe=False)
    with TemporaryDirectory() as folder:
        log = Path(folder, "log")
        log.write_bytes(b"".join(to_json(entry("x", found)) for found in locate(document.text, result)))
        return result.text, list(read_log(log).entries("x"))


@often
@given(rule_sets(1500), documents())
def test_any_text_comes_back_from_its_log(rules: RuleSet, document: Document) -> None:
    assert restore_text(*entries_of(rules, document)) == document.text


@often
@given(rule_sets(1500), documents(), st.data())
def test_a_changed_text_never_comes_back_as_something_else(
    rules: RuleSet, document: Document, data: st.DataObject
) -> None:
    cleaned, entries = entries_of(rules, document)
    start = data.draw(st.integers(0, len(cleaned)))
    end = data.draw(st.integers(start, len(cleaned)))
    changed = cleaned[:start] + data.draw(st.text("ab \n", max_size=3)) + cleaned[end:]
    if entries and changed != cleaned:
        with pytest.raises(MisfitError, match="changed after it was cleaned"):
            restore_text(changed, entries)


@pytest.mark.skipif(not SETS, reason=f"no real texts in {REAL}; set BODYCOPY_EVAL to their folder")
@pytest.mark.usefixtures("cleaner")
def test_real_texts_come_back() -> None:
    inputs = {}
    for path in SETS:
        with path.open("rb") as raw:
            rows = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), "utf-8")
            for number, row in enumerate(islice(rows, 0, None, EVERY)):
                inputs[f"{path.stem}/{number}.txt"] = json.loads(row)["text"]
    put("real", inputs)
    result = CliRunner().invoke(main, ["clean", "real", "-o", "out", "--removed", "log", "--jobs", "1"])
    assert result.exit_code == 0, result.stderr
    assert len(read_log(Path("log")).groups) > len(inputs) / 4
    assert restore("out", "--removed", "log", "-o", "again").exit_code == 0
    assert texts("again") == inputs

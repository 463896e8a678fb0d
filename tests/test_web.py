"""What crawlers write: WET and HTML."""

from __future__ import annotations

import gzip
import json
from base64 import b32encode
from hashlib import sha1
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bodycopy.cli import main

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


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)


def clean(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["clean", *arguments, *RULES])


# WET


def record(kind: str, address: str, body: bytes) -> bytes:
    digest = b32encode(sha1(body).digest()).decode()
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nX-Odd: é\r\n"
        f"WARC-Block-Digest: sha1:{digest}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def crawl(*bodies: str) -> list[bytes]:
    texts = [record("conversion", "https://example.org/a", body.encode()) for body in bodies]
    return [record("warcinfo", "-", b"software: image beacon\r\n"), *texts]


BEFORE = crawl("Ü.\nimage beacon\nB.\nShare this\n", "C.", "image beacon")
AFTER = crawl("Ü.\nB.\n", "C.", "")


def test_the_texts_of_a_crawl() -> None:
    Path("in.wet").write_bytes(b"".join(BEFORE))
    assert clean("in.wet", "-o", "out.wet", "--removed", "log").exit_code == 0
    assert Path("out.wet").read_bytes() == b"".join(AFTER)
    assert [json.loads(line)["record"] for line in Path("log").read_text().splitlines()] == [0, 0, 2]


def test_each_record_is_a_member_of_its_own() -> None:
    Path("in.warc.wet.gz").write_bytes(b"".join(map(gzip.compress, BEFORE)))
    assert clean("in.warc.wet.gz", "-o", "out.gz").exit_code == 0
    written = Path("out.gz").read_bytes()
    assert gzip.decompress(written) == b"".join(AFTER)
    assert written.count(b"\x1f\x8b\x08") == 4


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"".join(BEFORE)[:-7], "record 2: it is cut off", id="in a body"),
        pytest.param(b"".join(BEFORE)[:-40], "record 2: its head is cut off, or tells no length", id="in a head"),
        pytest.param(
            b"".join(BEFORE).replace(b"Length: 12", b"Length: x"),
            "record 2: its head is cut off, or tells no length",
            id="in a length",
        ),
        pytest.param(
            b"".join(BEFORE[:3]) + b"garbage\r\n", "record 2: no WARC record begins where one should", id="garbage"
        ),
    ],
)
def test_a_damaged_crawl_leaves_what_stands_before(data: bytes, reason: str) -> None:
    Path("in.wet").write_bytes(data)
    result = clean("in.wet", "-o", "out.wet")
    assert result.exit_code == 1
    assert f"  in.wet, {reason}" in result.stderr
    assert Path("out.wet").read_bytes() == b"".join(AFTER[:3])


def test_removals_do_not_travel_in_a_crawl() -> None:
    Path("in.wet").write_bytes(b"".join(BEFORE))
    result = clean("in.wet", "-o", "out.wet", "--removals-field", "gone")
    assert result.exit_code == 1
    assert "a record of WET has no fields for removals; --to jsonl writes some that have\n" in result.stderr
    assert not Path("out.wet").exists()


def test_a_text_that_is_not_in_utf8_fails_alone() -> None:
    Path("in.wet").write_bytes(b"".join([*BEFORE[:2], record("conversion", "x:y", b"caf\xe9"), *BEFORE[2:]]))
    assert "  in.wet, record 1: not in UTF-8 at byte 3" in clean("in.wet", "-o", "out.wet").stderr
    assert Path("out.wet").read_bytes() == b"".join(AFTER)


# HTML

PAGE = """<html><head><meta charset="utf-8"><title>Ferry</title></head><body><nav><a href="/">Home</a></nav><article>
<h1>Ferry crosses the river</h1>
<p>The ferry took forty people to the other side on Sunday, and all of them were glad of it, as the council said.</p>
<p>It will run every half hour from dawn until night. image beacon</p></article></body></html>"""


def test_a_page_is_written_as_text() -> None:
    pytest.importorskip("trafilatura", reason="needs the extra html")
    Path("in").mkdir()
    Path("in/page.html").write_text(PAGE)
    Path("in/page.htm.gz").write_bytes(gzip.compress(PAGE.encode()))
    assert clean("in", "-o", "out").exit_code == 0
    assert {path.name for path in Path("out").iterdir()} == {"page.txt", "page.txt.gz"}
    text = Path("out/page.txt").read_text()
    assert "It will run every half hour from dawn until night." in text
    assert "image beacon" not in text
    assert "<p>" not in text
    assert gzip.decompress(Path("out/page.txt.gz").read_bytes()).decode() == text


def test_a_page_without_text_fails() -> None:
    pytest.importorskip("trafilatura", reason="needs the extra html")
    Path("page.html").write_text("<html></html>")
    result = clean("page.html", "-o", "out")
    assert result.exit_code == 1
    assert "  page.html: trafilatura finds no text in it\n" in result.stderr


def test_a_page_and_a_text_of_the_same_name_are_refused() -> None:
    pytest.importorskip("trafilatura", reason="needs the extra html")
    Path("in").mkdir()
    Path("in/page.html").write_text(PAGE)
    Path("in/page.txt").write_text("Text.")
    result = clean("in", "-o", "out")
    assert result.exit_code == 2
    assert "would both be written as page.txt" in result.stderr


@pytest.mark.parametrize(
    ("name", "module", "extra"),
    [("a.html", "trafilatura", "html"), ("a.jsonl.zst", "zstandard", "zstd")],
)
def test_a_missing_extra_is_named(name: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodycopy.formats.kinds.find_spec", lambda wanted: None if wanted == module else object())
    Path(name).write_bytes(b"")
    result = clean(name, "-o", "out")
    assert result.exit_code == 2
    assert result.stderr == f"error: {name} needs what the extra {extra} installs: pip install 'bodycopy[{extra}]'\n"

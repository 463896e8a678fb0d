"""WARC: the pages of a crawl, read in whatever way they were sent, and written as WET."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bodycopy.cli import main

pytest.importorskip("fastwarc", reason="needs the extra warc")
pytest.importorskip("trafilatura", reason="needs the extra warc")

PACK = """\
category: trackers
rules:
  - id: beacon
    span: /(image beacon\\s*)+/
  - id: share
    line: Share this on Ferrygram, all of you who were there and saw it happen.
    site: example.org
"""
RULES = ("--no-builtin", "--rules", "pack.yaml")
FIRST = "The ferry took forty people to the other side on Sunday, and all of them were glad of it, as the council said."
SHARE = "Share this on Ferrygram, all of you who were there and saw it happen."
LAST = "It will run every half hour from dawn until night, übermorgen too."
PAGE = f"""<html><head><title>Ferry</title></head><body><nav><a href="/">Home</a></nav><article>
<h1>Ferry crosses the river</h1><p>{FIRST}</p><p>{SHARE}</p><p>{LAST} image beacon</p></article></body></html>"""
HTML = b"Content-Type: text/html; charset=utf-8\r\n"
ID = "<urn:uuid:6f2a61d1-3a0f-4b8c-9b3c-0d5b7f0f0a11>"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)


def clean(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["clean", *arguments, *RULES])


def record(kind: str, body: bytes, address: str = "https://example.org/a") -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-11-01T00:00:00Z\r\n"
        f"WARC-Record-ID: {ID}\r\nContent-Type: application/http; msgtype={kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def response(
    body: bytes, fields: bytes = HTML, address: str = "https://example.org/a", status: str = "200 OK"
) -> bytes:
    return record("response", f"HTTP/1.1 {status}\r\n".encode() + fields + b"\r\n" + body, address)


def chunked(data: bytes) -> bytes:
    parts = [data[at : at + 60] for at in range(0, len(data), 60)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def texts(path: str) -> list[str]:
    """Return the texts of a WET file, read by another reader than ours."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    with Path(path).open("rb") as file:
        return [
            each.reader.read().decode()
            for each in ArchiveIterator(file, record_types=WarcRecordType.conversion, verify_digests=True)
        ]


INFO = record("warcinfo", b"software: image beacon\r\n")


def test_the_pages_of_a_crawl_are_written_as_wet() -> None:
    others = [
        record("request", b"GET /a HTTP/1.1\r\n\r\n"),
        record("metadata", b"fetchTimeMs: 20\r\n"),
        response(b"\x89PNG", b"Content-Type: image/png\r\n"),
        response(PAGE.encode(), status="404 Not Found"),
        record("response", b"nonsense"),
    ]
    pages = [response(PAGE.encode()), response(PAGE.encode(), address="https://example.com/b")]
    members = [INFO, others[0], pages[0], *others[1:], pages[1]]
    Path("in.warc.gz").write_bytes(b"".join(map(gzip.compress, members)))
    result = clean("in.warc.gz", "-o", "out/", "--removed", "log")
    assert result.exit_code == 0, result.stderr
    written = gzip.decompress(Path("out/in.wet.gz").read_bytes())
    assert written.startswith(INFO)
    assert written.count(b"WARC/1.0\r\n") == 3
    assert (
        b"\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://example.org/a\r\nWARC-Date: 2026-11-01T00:00:00Z\r\n"
        in written
    )
    assert f"\r\nWARC-Refers-To: {ID}\r\n".encode() in written
    assert Path("out/in.wet.gz").read_bytes().count(b"\x1f\x8b\x08") == 3
    here, elsewhere = texts("out/in.wet.gz")
    assert FIRST in here
    assert SHARE not in here
    assert SHARE in elsewhere
    assert "image beacon" not in here + elsewhere
    assert "<p>" not in here + elsewhere
    assert {json.loads(line)["record"] for line in Path("log").read_text().splitlines()} == {0, 1}
    # What was written is itself a file that is read, and restored.
    assert CliRunner().invoke(main, ["restore", "out", "--removed", "log", "-o", "again"]).exit_code == 0
    assert all(text.endswith(f"{LAST} image beacon") and SHARE in text for text in texts("again/in.wet.gz"))


SENT = {
    "as it is": (HTML, PAGE.encode()),
    "in chunks": (HTML + b"Transfer-Encoding: chunked\r\n", chunked(PAGE.encode())),
    "with gzip": (HTML + b"Content-Encoding: gzip\r\n", gzip.compress(PAGE.encode())),
    "with deflate": (HTML + b"Content-Encoding: deflate\r\n", zlib.compress(PAGE.encode())),
    "with gzip in chunks": (
        HTML + b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n",
        chunked(gzip.compress(PAGE.encode())),
    ),
    "decoded by the crawler": (HTML + b"Content-Encoding: gzip\r\n", PAGE.encode()),
    "in an encoding that the server names": (HTML.replace(b"utf-8", b"windows-1252"), PAGE.encode("cp1252")),
    "in an encoding that the page names": (
        b"content-type: text/html\r\n",
        PAGE.replace("<head>", '<head><meta charset="iso-8859-15">').encode("iso-8859-15"),
    ),
    "in one that there is not": (HTML.replace(b"utf-8", b"nonsense"), PAGE.encode()),
}


@pytest.mark.parametrize(("fields", "body"), SENT.values(), ids=SENT)
def test_a_page_is_read_in_whatever_way_it_was_sent(fields: bytes, body: bytes) -> None:
    Path("in.warc").write_bytes(response(body, fields))
    result = clean("in.warc", "-o", "out.wet")
    assert result.exit_code == 0, result.stderr
    (text,) = texts("out.wet")
    assert text.endswith(LAST)


def test_a_page_without_a_text_is_a_record_without_one() -> None:
    Path("in.warc").write_bytes(response(b"<html></html>") + response(PAGE.encode()))
    assert clean("in.warc", "-o", "out.wet").exit_code == 0
    empty, page = texts("out.wet")
    assert (empty, page.endswith(LAST)) == ("", True)


def test_every_run_writes_the_same() -> None:
    Path("in.warc").write_bytes(response(PAGE.encode()))
    assert clean("in.warc").stdout_bytes == clean("in.warc", "--jobs", "1").stdout_bytes != b""


BAD = {
    "nonsense": response(b"\x1f\x8bnonsense", HTML + b"Content-Encoding: gzip\r\n"),
    "a page that is too long": response(b"<p>word " * 5_000_000),
    "a bomb": response(gzip.compress(b"<p>word " * 40_000_000), HTML + b"Content-Encoding: gzip\r\n"),
}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nonsense", "its response cannot be decoded: "),
        ("a page that is too long", "longer than 32 MB"),
        ("a bomb", "longer than 32 MB"),
    ],
)
def test_a_page_fails_alone_and_within_bounds(name: str, reason: str) -> None:
    good = response(PAGE.encode())
    Path("in.warc.gz").write_bytes(b"".join(map(gzip.compress, (good, BAD[name], good))))
    tracemalloc.start()
    result = clean("in.warc.gz", "-o", "out.wet.gz")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.exit_code == 1
    assert f"1 document failed and not written:\n  in.warc.gz, record 1: {reason}" in result.stderr
    assert len(texts("out.wet.gz")) == 2
    assert peak < 250_000_000


def test_a_long_film_is_passed_over_and_no_failure() -> None:
    film = response(bytes(40_000_000), b"Content-Type: video/mp4\r\n")
    Path("in.warc").write_bytes(film + response(PAGE.encode()))
    assert clean("in.warc", "-o", "out.wet").exit_code == 0
    assert len(texts("out.wet")) == 1


@pytest.mark.parametrize("last", [response(PAGE.encode()), response(bytes(200_000), b"Content-Type: video/mp4\r\n")])
def test_a_crawl_that_is_cut_off_leaves_what_stands_before(last: bytes) -> None:
    Path("in.warc").write_bytes(INFO + response(PAGE.encode()) + last[:-60])
    result = clean("in.warc", "-o", "out.wet")
    assert result.exit_code == 1
    assert "  in.warc, record 1: it is cut off\n" in result.stderr
    assert len(texts("out.wet")) == 1


def test_names_in_a_record_lead_nowhere() -> None:
    fields = HTML + b'Content-Disposition: attachment; filename="../../evil"\r\n'
    Path("deep/in").mkdir(parents=True)
    Path("deep/in/a.warc").write_bytes(response(PAGE.encode(), fields, address="file:///../../evil"))
    Path("deep/in/b.wet").write_bytes(record("conversion", b"Text.", address="../../evil"))
    assert clean("deep/in", "-o", "deep/out").exit_code == 0
    assert {path.name for path in Path().rglob("*") if path.is_file()} == {
        "pack.yaml",
        "a.warc",
        "a.wet",
        "b.wet",
    }

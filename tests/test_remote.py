"""Sources and outputs under a URL: memory stands in for any place, a local server for S3."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bodycopy.cli import main
from bodycopy.formats.kinds import Kind
from bodycopy.formats.remote import Remote
from bodycopy.model import Result as Cleaned
from bodycopy.runner import run
from bodycopy.work import Job, Work

fsspec = pytest.importorskip("fsspec", reason="needs the extra remote")

PACK = "category: trackers\nrules:\n  - id: beacon\n    span: /(image beacon\\s*)+/\n"
RULES = ("--no-builtin", "--rules", "pack.yaml")
JUNK = "The ferry runs. image beacon"
BODY = "The ferry runs."
RECORDS = b"".join(b'{"text": "%s", "n": %d}\n' % (JUNK.encode(), number) for number in range(500))
EXPECTED = RECORDS.replace(JUNK.encode(), BODY.encode())


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)


def clean(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["clean", *arguments, *RULES])


def restore(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["restore", *arguments])


def put(files: dict[str, bytes]) -> None:
    for url, data in files.items():
        with fsspec.open(url, "wb") as file:
            file.write(data)


def under(url: str) -> dict[str, bytes]:
    """Return all files under a URL, by their names there."""
    system, root = fsspec.core.url_to_fs(url)
    system.invalidate_cache()
    return {path.removeprefix(f"{root}/"): system.cat_file(path) for path in system.find(root)}


@pytest.fixture
def memory() -> Iterator[str]:
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield "memory://crawl"
    system.store.clear()
    system.pseudo_dirs[:] = [""]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = pytest.importorskip("moto.server", reason="needs moto[server]")
    pytest.importorskip("s3fs", reason="needs s3fs")
    server = moto.ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    import s3fs
    from fsspec.config import conf

    for name, value in {
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
        "FSSPEC_S3_ENDPOINT_URL": server,
    }.items():
        monkeypatch.setenv(name, value)
    # fsspec has read the environment when it was imported.
    monkeypatch.setitem(conf, "s3", {"endpoint_url": server})
    s3fs.S3FileSystem.clear_instance_cache()
    system = fsspec.filesystem("s3")
    if system.exists("crawl"):
        system.rm("crawl", recursive=True)
    system.mkdir("crawl")
    return "s3://crawl"


@pytest.fixture(params=["memory", "bucket"])
def place(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


# There and back


def test_a_folder_is_mirrored_and_restored(place: str) -> None:
    inputs = {
        "a.jsonl": RECORDS,
        "deep/b.jsonl.gz": gzip.compress(RECORDS),
        "deep/c.txt": JUNK.encode(),
        "odd name #1?%20.txt": JUNK.encode(),
        "d.png": b"",
    }
    put({f"{place}/in/{name}": data for name, data in inputs.items()})
    result = clean(f"{place}/in", "-o", f"{place}/out", "--removed", "log", "--jobs", "2")
    assert result.exit_code == 0, result.stderr
    assert "1 file skipped" in result.stderr
    written = under(f"{place}/out")
    written["deep/b.jsonl.gz"] = gzip.decompress(written["deep/b.jsonl.gz"])
    assert written == {
        "a.jsonl": EXPECTED,
        "deep/b.jsonl.gz": EXPECTED,
        "deep/c.txt": BODY.encode(),
        "odd name #1?%20.txt": BODY.encode(),
    }
    assert restore(f"{place}/out", "--removed", "log", "-o", f"{place}/again").exit_code == 0
    again = under(f"{place}/again")
    again["deep/b.jsonl.gz"] = gzip.decompress(again["deep/b.jsonl.gz"])
    assert again == {name: data for name, data in inputs.items() if name != "d.png"} | {"deep/b.jsonl.gz": RECORDS}


def test_one_file_here_and_the_other_there(place: str) -> None:
    Path("in.jsonl").write_bytes(RECORDS)
    assert clean("in.jsonl", "-o", f"{place}/out.jsonl").exit_code == 0
    assert clean("in.jsonl", "-o", f"{place}/folder/").exit_code == 0
    assert under(place) == {"out.jsonl": EXPECTED, "folder/in.jsonl": EXPECTED}
    assert clean(f"{place}/out.jsonl", "-o", "back.jsonl").exit_code == 0
    assert Path("back.jsonl").read_bytes() == EXPECTED
    assert clean(f"{place}/out.jsonl").stdout_bytes == EXPECTED


def test_a_file_at_the_top(memory: str) -> None:
    put({"memory://in.jsonl": RECORDS})
    assert clean("memory://in.jsonl", "-o", "memory://out.jsonl").exit_code == 0
    assert under("memory://") == {"in.jsonl": RECORDS, "out.jsonl": EXPECTED}


def test_parquet(place: str) -> None:
    pa = pytest.importorskip("pyarrow", reason="needs the extra parquet")
    pq = pytest.importorskip("pyarrow.parquet")
    pq.write_table(pa.table({"text": [JUNK] * 900, "n": range(900)}), "in.parquet", row_group_size=400)
    put({f"{place}/in.parquet": Path("in.parquet").read_bytes()})
    assert clean(f"{place}/in.parquet", "-o", f"{place}/out.parquet").exit_code == 0
    Path("out.parquet").write_bytes(under(place)["out.parquet"])
    assert pq.read_table("out.parquet").to_pydict() == {"text": [BODY] * 900, "n": [*range(900)]}
    assert pq.ParquetFile("out.parquet").metadata.num_row_groups == 3


def test_a_file_url_is_a_path() -> None:
    Path("in.jsonl").write_bytes(RECORDS)
    assert clean(f"file://{Path('in.jsonl').absolute()}", "-o", f"file://{Path('out').absolute()}/").exit_code == 0
    assert Path("out/in.jsonl").read_bytes() == EXPECTED


def test_a_server_that_cannot_begin_in_the_middle() -> None:
    pytest.importorskip("aiohttp", reason="needs aiohttp")
    Path("web").mkdir()
    Path("web/in.jsonl.gz").write_bytes(gzip.compress(RECORDS))
    handler = partial(SimpleHTTPRequestHandler, directory="web")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/in.jsonl.gz"
        assert clean(url, "-o", "out.jsonl.gz").exit_code == 0
        assert gzip.decompress(Path("out.jsonl.gz").read_bytes()) == EXPECTED
        assert "nothing is there" in refused(f"{url}x", "-o", "other")
        server.shutdown()


# What is refused


def refused(*arguments: str) -> str:
    result = clean(*arguments)
    assert result.exit_code == 2, result.stderr
    return result.stderr


@pytest.mark.parametrize("few", [20, 0])
def test_what_is_there_is_not_written_over(place: str, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodycopy.cli.plan._FEW", few)
    put({f"{place}/in/a.txt": JUNK.encode(), f"{place}/out/a.txt": b"Precious."})
    assert f"already there: {place}/out/a.txt; --force" in refused(f"{place}/in", "-o", f"{place}/out")
    assert clean(f"{place}/in", "-o", f"{place}/out", "--force").exit_code == 0
    assert under(f"{place}/out") == {"a.txt": BODY.encode()}


def test_inputs_are_never_touched(place: str) -> None:
    put({f"{place}/in/a.txt": JUNK.encode()})
    assert "would be written into the source" in refused(f"{place}/in", "-o", f"{place}/in/out")
    assert "is an input" in refused(f"{place}/in/a.txt", "-o", f"{place}/in/a.txt", "--force")
    assert under(place) == {"in/a.txt": JUNK.encode()}


def test_a_url_under_which_nothing_is(place: str) -> None:
    assert f"nothing is there: {place}/absent" in refused(f"{place}/absent", "-o", "out")


def test_what_must_be_a_file_of_this_machine(memory: str) -> None:
    Path("in.txt").write_text(JUNK)
    assert "is a URL, and this must be a file of this machine" in refused("in.txt", "--removed", f"{memory}/log")
    assert "ends with its process" in refused("in.txt", "-o", f"{memory}/out.txt", "--resume")


def test_a_url_of_an_unknown_kind() -> None:
    assert "error: nosuch://a/b: Protocol not known: nosuch" in refused("nosuch://a/b", "-o", "out")
    assert "is several URLs in one" in refused("zip://a.txt::s3://b/c.zip", "-o", "out")


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    said = refused("s3://crawl/in", "-o", "out")
    assert said == "error: s3://crawl/in needs what the extra remote installs: pip install 'bodycopy[remote]'\n"


def test_a_name_that_climbs_out_of_its_folder_is_harmless(bucket: str) -> None:
    names = ("../../evil.txt", "a//b.txt", "./c.txt")
    put({f"{bucket}/in/{name}": JUNK.encode() for name in names} | {f"{bucket}/in/good.txt": JUNK.encode()})
    result = clean(f"{bucket}/in", "-o", "deep/out")
    assert result.exit_code == 1
    for name in names:
        assert f"  {name}: its name would lead elsewhere as a path; give it another\n" in result.stderr
    assert [path.as_posix() for path in Path().rglob("*.txt")] == ["deep/out/good.txt"]


# What goes wrong


@dataclass
class Fails:
    """Stands in for a Cleaner; it ends the run in the midst of a file."""

    def clean(self, text: str, url: str | None = None) -> Cleaned:
        if text == "the end":
            raise KeyboardInterrupt
        return Cleaned(text)


@dataclass
class Stops:
    stop: Event

    def clean(self, text: str, url: str | None = None) -> Cleaned:
        self.stop.set()
        return Cleaned(text)


def unfinished_uploads() -> list[Any]:
    return list(fsspec.filesystem("s3").list_multipart_uploads("crawl"))


def test_a_file_that_is_not_finished_leaves_nothing(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bodycopy.formats.remote._PART", 5 << 20)
    line = b'{"text": "%s"}\n' % (b"word " * 100_000)
    Path("in.jsonl").write_bytes(line * 30 + b'{"text": "the end"}\n')
    target = Remote(f"{place}/out.jsonl")
    job = Job(Path("in.jsonl"), "in.jsonl", target, Kind("jsonl"))
    with pytest.raises(KeyboardInterrupt):
        list(run([job], Work(Fails()), 1, Event()))  # type: ignore[arg-type]
    assert under(place) == {}
    stop = Event()
    (*_, last) = run([job], Work(Stops(stop)), 1, stop)  # type: ignore[arg-type]
    assert last.failed == "stopped before its end"
    assert under(place) == {}
    if place.startswith("s3"):
        assert unfinished_uploads() == []


def test_a_source_that_vanishes_and_one_without_a_bucket(bucket: str) -> None:
    job = Job(Remote(f"{bucket}/gone.txt"), "gone.txt", Path("out.txt"))
    (gone,) = run([job], Work(Fails()), 1, Event())  # type: ignore[arg-type]
    assert gone.failed == "cannot be read: No such file or directory"
    Path("in.txt").write_text(JUNK)
    result = clean("in.txt", "-o", "s3://nosuch/out.txt")
    assert result.exit_code == 1
    assert "  in.txt: cannot be written: " in result.stderr
    assert not Path("out.txt").exists()


def test_a_server_that_is_not_there(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.config import conf

    monkeypatch.setitem(
        conf, "s3", {"endpoint_url": "http://127.0.0.1:9", "config_kwargs": {"retries": {"max_attempts": 0}}}
    )
    monkeypatch.setattr("s3fs.core.S3FileSystem.retries", 1)
    result = clean(f"{bucket}/in", "-o", "out")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert "127.0.0.1:9" in result.stderr
    assert not Path("out").exists()


# Going on


def test_a_run_that_writes_to_s3_is_gone_on_with(bucket: str) -> None:
    put({f"{bucket}/in/{name}.jsonl": RECORDS for name in "abc"})
    arguments = (f"{bucket}/in", "-o", f"{bucket}/out", "--resume", "--removed", "log")
    assert clean(*arguments).exit_code == 0
    assert json.loads(Path("out.journal").read_text().splitlines()[-1]) == {"ended": True}
    put({f"{bucket}/in/d.jsonl": RECORDS, f"{bucket}/in/b.jsonl": RECORDS * 2})
    before = fsspec.filesystem("s3").info("crawl/out/a.jsonl")["LastModified"]
    result = clean(*arguments)
    assert result.exit_code == 0, result.stderr
    assert "2 files done before, of 4" in result.stderr
    assert fsspec.filesystem("s3").info("crawl/out/a.jsonl")["LastModified"] == before
    assert under(f"{bucket}/out") == dict.fromkeys(("a.jsonl", "c.jsonl", "d.jsonl"), EXPECTED) | {
        "b.jsonl": EXPECTED * 2
    }
    assert "output was 's3://crawl/out' and is 's3://crawl/other/out'" in refused(
        f"{bucket}/in", "-o", f"{bucket}/other/out", "--resume"
    )


@pytest.mark.parametrize("remote", [True, False])
def test_a_run_that_was_killed_is_gone_on_with(bucket: str, remote: bool) -> None:
    out = f"{bucket}/out" if remote else "out"
    line = b'{"text": "%s image beacon"}\n' % (b"word " * 2_000)
    inputs = {"a.jsonl": line * 10, "b.jsonl": line * 1_000, "c.jsonl": line}
    put({f"{bucket}/in/{name}": data for name, data in inputs.items()})
    arguments = ("clean", f"{bucket}/in", "-o", out, "--resume", "--removed", "log", "--jobs", "1", *RULES)
    with subprocess.Popen([sys.executable, "-m", "bodycopy", *arguments], stderr=subprocess.DEVNULL) as process:
        journal = Path("out.journal")
        while process.poll() is None:
            if journal.exists() and b'"doc": "b.jsonl"' in journal.read_bytes():
                os.kill(process.pid, signal.SIGKILL)
                break
            time.sleep(0.01)
        else:
            pytest.fail("it was done before it could be killed")
    assert {name for name in under(out) if name.endswith(".jsonl")} == {"a.jsonl"}
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.stderr
    assert "1 file done before, of 3" in result.stderr
    assert clean(f"{bucket}/in", "-o", "undisturbed", "--removed", "other").exit_code == 0
    assert under(out) == {name: Path("undisturbed", name).read_bytes() for name in inputs}
    assert Path("log").read_bytes() == Path("other").read_bytes()

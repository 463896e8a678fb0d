"""`--engine ray` does what the local runner does, on a cluster of two nodes of one processor each."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from bodycopy.formats.files import temporary_of
from bodycopy.model import Result
from bodycopy.work import Job, Processed, Work

if find_spec("ray") is None:
    pytest.skip("needs the extra ray", allow_module_level=True)

ROOT = Path(__file__).parents[1]
PACK = "category: trackers\nrules:\n  - id: beacon\n    span: /(image beacon\\s*)+/\n"
RULES = ("--no-builtin", "--rules", "pack.yaml")
TOKEN = "run"


@dataclass
class Dies:
    """Kills its process at a text that begins with "deadly", leaving half a file behind; only once with a marker."""

    folder: Path
    marker: Path | None = None

    def clean(self, text: str, url: str | None = None) -> Result:
        if text.startswith("deadly") and not (self.marker and self.marker.exists()):
            if self.marker:
                self.marker.touch()
            (self.folder / "out").mkdir(exist_ok=True)
            temporary_of(self.folder / "out" / "2.txt", TOKEN).write_text("half")
            os._exit(1)
        return Result(text)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A cluster of two nodes, at RAY_ADDRESS."""
    import ray
    from ray.cluster_utils import Cluster

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RAY_USAGE_STATS_ENABLED", "0")
        nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        nodes.add_node(num_cpus=1)
        patched.setenv("RAY_ADDRESS", nodes.address)
        yield nodes
        nodes.shutdown()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pack.yaml").write_text(PACK)


def start(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bodycopy", "clean", *arguments]
    return subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)


def clean(*arguments: str) -> tuple[int, str]:
    process = start(*arguments)
    _, said = process.communicate(timeout=300)
    return process.returncode, said.decode()


def files(folder: str) -> dict[str, bytes]:
    """Return what is in a folder, hidden files too."""
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def put_seeds() -> None:
    """Make texts and records of the seeds, some of which fail."""
    Path("in").mkdir()
    texts = [path.read_text() for path in sorted((ROOT / "seeds").iterdir())]
    for number, text in enumerate(texts):
        Path(f"in/{number}.txt").write_text(text)
        records = [json.dumps({"text": each, "n": 1}).encode() for each in texts[number:]]
        Path(f"in/{number}.jsonl").write_bytes(b"\n".join([*records, b"nonsense\n"]))
    Path("in/binary.txt").write_bytes(bytes(99))


def compare(*options: str) -> None:
    """Hold a run on Ray against one here."""
    assert clean("in", "-o", "here", "--removed", "here.removed", "--failed", "here.failed")[0] == 1
    logs = ("--removed", "there.removed", "--failed", "there.failed")
    code, said = clean("in", "-o", "there", *logs, "--engine", "ray", *options)
    assert (code, Path("there").exists()) == (1, True), said
    assert files("there") == files("here")
    for log in ("removed", "failed"):
        assert Path(f"there.{log}").read_bytes() == Path(f"here.{log}").read_bytes() != b""


@pytest.mark.usefixtures("cleaner")
def test_the_output_on_a_cluster_is_that_of_a_run_here(cluster: Any) -> None:
    put_seeds()
    compare()


@pytest.mark.usefixtures("cleaner")
def test_the_output_on_a_ray_begun_here_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    put_seeds()
    compare("--jobs", "2")


def plan(folder: Path, *texts: str) -> list[Job]:
    jobs = []
    for number, text in enumerate(texts):
        source = folder / "in" / f"{number}.txt"
        source.parent.mkdir(exist_ok=True)
        source.write_text(text)
        jobs.append(Job(source, source.name, folder / "out" / source.name))
    return jobs


def process(jobs: list[Job], cleaner: Dies) -> list[Processed]:
    from bodycopy.integrations import ray

    return list(ray.run(jobs, Work(cleaner, token=TOKEN), None, Event()))  # type: ignore[arg-type]


def test_a_file_whose_process_died_once_is_tried_again(cluster: Any, tmp_path: Path) -> None:
    texts = ("a", "b", "deadly, but once", "d", "e")
    results = process(plan(tmp_path, *texts), Dies(tmp_path, tmp_path / "marker"))
    assert [(result.name, result.failed) for result in results] == [(f"{n}.txt", None) for n in range(5)]
    assert sorted(files("out").values()) == sorted(text.encode() for text in texts)


def test_a_file_that_kills_its_process_each_time_is_named_and_the_rest_is_written(cluster: Any, tmp_path: Path) -> None:
    results = process(plan(tmp_path, "a", "b", "deadly", "d", "e"), Dies(tmp_path))
    assert {result.name: result.failed for result in results if result.failed} == {
        "2.txt": "its process died 4 times, perhaps for want of memory"
    }
    assert set(files("out")) == {"0.txt", "1.txt", "3.txt", "4.txt"}


def put_many() -> None:
    Path("in").mkdir()
    for number in range(200):
        Path(f"in/{number:03}.txt").write_text(f"{number} image beacon and more.\n" * 1000)


def test_a_node_that_goes_takes_nothing_with_it(cluster: Any) -> None:
    put_many()
    node = cluster.add_node(num_cpus=1)
    run = start("in", "-o", "there", "--removed", "there.removed", "--engine", "ray", *RULES)
    while not Path("there").exists() or len(list(Path("there").glob("*.txt"))) < 5:
        time.sleep(0.01)
    cluster.remove_node(node, allow_graceful=False)
    _, said = run.communicate(timeout=300)
    assert run.returncode == 0, said.decode()
    assert clean("in", "-o", "here", "--removed", "here.removed", *RULES)[0] == 0
    assert files("there") == files("here")
    assert Path("there.removed").read_bytes() == Path("here.removed").read_bytes()


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_stopped_is_gone_on_with(cluster: Any, number: signal.Signals) -> None:
    put_many()
    arguments = ("in", "-o", "there", "--removed", "there.removed", "--engine", "ray", "--resume", *RULES)
    run = start(*arguments)
    while not Path("there.journal").exists() or Path("there.journal").read_bytes().count(b"\n") < 5:
        time.sleep(0.01)
    run.send_signal(number)
    _, said = run.communicate(timeout=300)
    assert run.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL), said.decode()
    code, said = clean(*arguments)
    assert code == 0
    assert "files done before, of 200\n" in said
    assert clean("in", "-o", "here", "--removed", "here.removed", *RULES)[0] == 0
    assert files("there") == files("here")
    assert Path("there.removed").read_bytes() == Path("here.removed").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["-", "-o", "out"], "--engine ray needs files to read, and a file or folder to write to (-o OUT)."),
        (["pack.txt"], "--engine ray needs files to read, and a file or folder to write to (-o OUT)."),
        (
            ["pack.txt", "-o", "memory://out.txt"],
            "what is in the memory of one process (memory://) cannot be used by --engine ray.",
        ),
        (["pack.txt", "-o", "out", "--jobs", "2"], "--jobs is the size of a Ray begun here"),
    ],
)
def test_what_goes_not_with_ray_is_refused(arguments: list[str], why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    Path("pack.txt").touch()
    code, said = clean(*arguments, "--engine", "ray", *RULES)
    assert code == 2
    assert why in said
    assert not Path("out").exists()

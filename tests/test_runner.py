"""A run over many documents: order, failures one by one, dying workers, a clean stop."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from bodycopy.formats.files import temporary_of
from bodycopy.model import Removal, Result
from bodycopy.report.log import entry, to_json
from bodycopy.runner import run
from bodycopy.work import Count, Job, Located, Processed, Work, locate

TOKEN = "run"


@dataclass
class Keeps:
    """Stands in for a Cleaner; it removes nothing."""

    def clean(self, text: str, url: str | None = None) -> Result:
        return Result(text)


@dataclass
class Dies(Keeps):
    """Kills its process at a text that begins with "deadly", leaving half a file behind; only once with a marker."""

    target: Path
    marker: Path | None = None

    def clean(self, text: str, url: str | None = None) -> Result:
        if text.startswith("deadly") and not (self.marker and self.marker.exists()):
            if self.marker:
                self.marker.touch()
            self.target.parent.mkdir(exist_ok=True)
            temporary_of(self.target, TOKEN).write_text("half")
            os._exit(1)
        return Result(text)


@dataclass
class Breaks(Keeps):
    def clean(self, text: str, url: str | None = None) -> Result:
        if text == "bad":
            raise ZeroDivisionError("one by nought")
        return Result(text)


@dataclass
class Stops(Keeps):
    """Asks for the end of the run while it cleans its first text."""

    stop: Event

    def clean(self, text: str, url: str | None = None) -> Result:
        self.stop.set()
        return Result(text)


def plan(folder: Path, texts: Sequence[str]) -> list[Job]:
    jobs = []
    for number, text in enumerate(texts):
        source = folder / "in" / f"{number:03}.txt"
        source.parent.mkdir(exist_ok=True)
        source.write_text(text)
        jobs.append(Job(source, source.name, folder / "out" / source.name))
    return jobs


def written(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (folder / "out").iterdir()}


def process(jobs: Sequence[Job], cleaner: Keeps, workers: int) -> list[Processed]:
    return list(run(jobs, Work(cleaner, token=TOKEN), workers, Event()))  # type: ignore[arg-type]


@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_the_order_of_the_plan(tmp_path: Path, workers: int) -> None:
    texts = [f"{number}\n" * (5000 if number % 7 == 0 else 1) for number in range(60)]
    results = process(plan(tmp_path, texts), Keeps(), workers)
    assert [(result.name, result.characters) for result in results] == [
        (f"{number:03}.txt", len(text)) for number, text in enumerate(texts)
    ]
    assert list(dict(sorted(written(tmp_path).items())).values()) == texts


@pytest.mark.parametrize("workers", [1, 2])
def test_a_document_fails_alone(tmp_path: Path, workers: int) -> None:
    jobs = plan(tmp_path, ["good", "bad", "good", "good"])
    jobs[2].source.unlink()
    results = process(jobs, Breaks(), workers)
    assert [result.failed for result in results] == [
        None,
        "ZeroDivisionError: one by nought",
        "cannot be read: No such file or directory",
        None,
    ]
    assert set(written(tmp_path)) == {"000.txt", "003.txt"}


def test_a_text_that_was_rewritten_is_not_written(tmp_path: Path) -> None:
    class Rewrites(Keeps):
        def clean(self, text: str, url: str | None = None) -> Result:
            return Result(text.upper())

    (result,) = process(plan(tmp_path, ["text"]), Rewrites(), 1)
    assert result.failed == "the removals do not give the text back; this is a fault of bodycopy, please report it"
    assert not (tmp_path / "out").exists()


def test_a_document_that_kills_its_worker_is_named_and_the_rest_is_written(tmp_path: Path) -> None:
    texts = [f"text {number}" for number in range(40)]
    texts[17] = "deadly"
    jobs = plan(tmp_path, texts)
    results = process(jobs, Dies(jobs[17].target), 2)
    assert [result.name for result in results] == [job.name for job in jobs]
    assert {result.name: result.failed for result in results if result.failed} == {
        "017.txt": "its process died twice, perhaps for want of memory"
    }
    assert set(written(tmp_path)) == {job.name for job in jobs} - {"017.txt"}


def test_a_document_whose_worker_died_once_is_tried_again(tmp_path: Path) -> None:
    texts = ["text", "deadly, but once", "text"]
    jobs = plan(tmp_path, texts)
    results = process(jobs, Dies(jobs[1].target, tmp_path / "marker"), 2)
    assert [result.failed for result in results] == [None] * 3
    assert list(dict(sorted(written(tmp_path).items())).values()) == texts


def test_a_stop_ends_after_the_document_under_way(tmp_path: Path) -> None:
    stop = Event()
    jobs = plan(tmp_path, ["text"] * 9)
    results = list(run(jobs, Work(Stops(stop)), 1, stop))  # type: ignore[arg-type]
    assert [result.name for result in results] == ["000.txt"]
    assert set(written(tmp_path)) == {"000.txt"}


def test_a_stop_with_workers_reports_all_that_was_written(tmp_path: Path) -> None:
    stop = Event()
    jobs = plan(tmp_path, ["text"] * 400)
    names = []
    for result in run(jobs, Work(Keeps()), 2, stop):  # type: ignore[arg-type]
        names.append(result.name)
        stop.set()
    assert set(names) == set(written(tmp_path))
    assert len(names) < len(jobs)


def test_closing_early_leaves_no_worker_and_nothing_half_written(tmp_path: Path) -> None:
    jobs = plan(tmp_path, ["text"] * 400)
    with closing(run(jobs, Work(Keeps()), 2, Event())) as results:  # type: ignore[arg-type]
        next(results)
    assert multiprocessing.active_children() == []
    assert not list((tmp_path / "out").glob(".*"))


def test_an_existing_file_is_replaced_only_when_the_new_one_is_whole(tmp_path: Path) -> None:
    jobs = plan(tmp_path, ["bad"])
    jobs[0].target.parent.mkdir()
    jobs[0].target.write_text("old")
    process(jobs, Breaks(), 1)
    assert written(tmp_path) == {"000.txt": "old"}


def removal(text: str, piece: str, category: str = "trackers", evidence: tuple[str, ...] = ()) -> Removal:
    start = text.index(piece)
    return Removal(start, start + len(piece), piece, f"{category}/p/r", category, "p.yaml", 4, evidence)


def test_a_removal_is_on_the_line_of_its_first_visible_character() -> None:
    text = "Head\n\n\nimage beacon\nText\r\nof it\rTweet\n"
    removals = (removal(text, "\n\nimage beacon\n"), removal(text, "Tweet"))
    assert [located.line for located in locate(text, Result("", removals))] == [4, 6]


@pytest.mark.parametrize(
    ("text", "piece", "count"),
    [
        pytest.param("a\nTweet\nb\n", "Tweet\n", Count(6, 1), id="a line"),
        pytest.param(
            "a\n\nTweet\n\nShare\nb\n", "\nTweet\n\nShare\n", Count(14, 2), id="lines and the blank ones around"
        ),
        pytest.param("Tweet this\n", "Tweet", Count(5, 0), id="the start of a line"),
        pytest.param("a b\nc\nd e", "b\nc\nd", Count(5, 1), id="from the middle to the middle"),
        pytest.param("  Tweet \t\n", "Tweet", Count(5, 1), id="all that is visible"),
        pytest.param("a\n\n\nb", "\n\n", Count(2, 0), id="blank lines"),
    ],
)
def test_lines_count_when_they_go_whole(tmp_path: Path, text: str, piece: str, count: Count) -> None:
    class Removes(Keeps):
        def clean(self, text: str, url: str | None = None) -> Result:
            return Result(text.replace(piece, "", 1), (removal(text, piece),))

    (result,) = process(plan(tmp_path, [text]), Removes(), 1)
    assert result.counts == {"trackers": count}


def test_a_log_entry_names_weak_rules_only_where_they_added_up() -> None:
    text = "Tweet"
    by_one, by_two = (Located(1, removal(text, text, "sharing", by), "12ab") for by in ((), ("sharing/p/other",)))
    plain, weak = (entry("a.txt", located) for located in (by_one, by_two))
    assert plain == {
        "doc": "a.txt",
        "doc_digest": "12ab",
        "start": 0,
        "end": 5,
        "doc_line": 1,
        "rule": "sharing/p/r",
        "rule_file": "p.yaml",
        "rule_line": 4,
        "category": "sharing",
        "text": "Tweet",
    }
    assert weak == plain | {"evidence": ("sharing/p/other",)}


def test_a_name_that_is_no_utf8_stays_legal_json() -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    assert json.loads(to_json({"doc": name}).decode("utf-8")) == {"doc": name}

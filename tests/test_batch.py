"""Many texts at once come out as one after another."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bodycopy import Cleaner, arrow, batch
from bodycopy.rules import LineOf, Repeat, RuleSet, Shape
from strategies import PROSE, everything, rule_sets, texts

TEXTS = [
    *PROSE,
    "",
    "\n",
    "Share\n",
    "View all 12 comments\r\n" + PROSE[0],
    "😀 Share\nİSTANBUL",
    "\ud800\nShare",
    "\r",
]


def cleaner_of(rules: RuleSet, *, prefilter: bool = True) -> Cleaner:
    made = Cleaner.__new__(Cleaner)
    made.__setstate__((rules, prefilter))
    return made


def without_form(rules: RuleSet) -> RuleSet:
    return RuleSet(rule for rule in rules if not isinstance(rule.finder, Shape | Repeat))


@pytest.fixture(params=[1, 100, 1_000_000])
def portion(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "PORTION", request.param)
    monkeypatch.setattr(arrow, "PORTION", request.param)


often = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, *HealthCheck],
)


@pytest.mark.usefixtures("portion")
@often
@given(rule_sets(), st.lists(st.one_of(texts(), st.sampled_from(TEXTS)), max_size=6), st.booleans(), st.booleans())
def test_many_texts(rules: RuleSet, some: list[str], by_form: bool, prefilter: bool) -> None:
    cleaner = cleaner_of(rules if by_form else without_form(rules), prefilter=prefilter)
    assert list(cleaner.clean_many(iter(some))) == [cleaner.clean(text) for text in some]


@pytest.mark.usefixtures("portion")
@often
@given(rule_sets(), st.lists(st.one_of(texts(), st.sampled_from(TEXTS), st.none()), max_size=6), st.booleans())
def test_a_column(rules: RuleSet, some: list[str | None], by_form: bool) -> None:
    cleaner = cleaner_of(rules if by_form else without_form(rules))
    some = [text if text is None else text.replace("\ud800", "") for text in some]
    expected = [text and cleaner.clean(text) for text in some]
    for make in (pa.RecordBatch.from_pydict, pa.table, lambda d: pa.concat_tables([pa.table(d), pa.table(d)]).slice(1)):
        for kind in (pa.string(), pa.large_string()):
            given_data = make({"id": list(range(len(some))), "text": pa.array(some, kind)})
            done = cleaner.clean_batch(given_data)
            results = [expected[number] for number in given_data["id"].to_pylist()]
            assert type(done) is type(given_data)
            assert done.schema.names == ["id", "text", "removals"]
            assert done.schema.field("text").type == kind
            assert done["id"].to_pylist() == given_data["id"].to_pylist()
            assert done["text"].to_pylist() == [r and r.text for r in results]
            assert done["removals"].to_pylist() == [
                [{"start": m.start, "end": m.end, "rule": m.rule} for m in r.removals] if r else [] for r in results
            ]


def test_a_column_of_another_name() -> None:
    cleaner = cleaner_of(RuleSet(rule for rule in everything().rules if isinstance(rule.finder, LineOf)))
    table = pa.table({"body": ["Share\nThe storm has passed."]})
    assert cleaner.clean_batch(table, "body")["body"].to_pylist() == ["The storm has passed."]


@pytest.mark.parametrize(
    ("column", "error", "message"),
    [
        pytest.param("txt", KeyError, 'no column "txt"; there are id, text', id="no such column"),
        pytest.param("id", TypeError, 'the column "id" holds int64, not text', id="no text"),
    ],
)
def test_a_column_that_is_none(column: str, error: type[Exception], message: str) -> None:
    table = pa.table({"id": [1], "text": ["a"]})
    with pytest.raises(error, match=message):
        cleaner_of(RuleSet()).clean_batch(table, column)


def test_texts_are_taken_as_they_are_asked_for() -> None:
    taken: list[int] = []
    source: Callable[[int], str] = lambda number: (taken.append(number), "x" * 300_000)[1]  # noqa: E731
    results = cleaner_of(RuleSet()).clean_many(source(number) for number in range(100))
    next(results)
    assert len(taken) < 10

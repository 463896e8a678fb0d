"""The promises of the design, each held against texts and rule sets that nobody chose.

The number of examples is moderate; with EXAMPLES_TIMES=20 in the environment it is twenty times that.
"""

from __future__ import annotations

import os
import pickle
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bodycopy import Cleaner, cleaner, finders, fixpoint, matcher
from bodycopy.cleaner import clean_document
from bodycopy.matcher import Program
from bodycopy.model import Document, Outcome, Result
from bodycopy.patterns import Pattern, anywhere
from bodycopy.rules import Block, Keep, LineOf, Repeat, RuleSet, Shape, SpanOf
from bodycopy.segmenter import segment
from strategies import LABELS, PROSE, documents, everything, make_rule, rule_sets, texts

SEEDS = Path(__file__).parents[1] / "seeds"
EXAMPLES = 150 * int(os.environ.get("EXAMPLES_TIMES", "1"))

POOL = 10 * EXAMPLES

often = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES == 150
)


def run(rules: RuleSet, document: Document, *, prefilter: bool = True, fail_safe: bool = False) -> Result:
    return clean_document(Program(rules, prefilter=prefilter), document, fail_safe=fail_safe)


@often
@given(rule_sets(POOL), documents(), st.booleans())
def test_only_deletes_and_restores(rules: RuleSet, document: Document, fail_safe: bool) -> None:
    result = run(rules, document, fail_safe=fail_safe)
    pieces, at = [], 0
    for removal in result.removals:
        pieces.append(document.text[at : removal.start])
        at = removal.end
    assert result.text == "".join([*pieces, document.text[at:]])
    assert result.restore() == document.text


@often
@given(rule_sets(POOL), documents())
def test_every_removal_is_sorted_disjoint_and_names_a_rule_that_acts(rules: RuleSet, document: Document) -> None:
    known = {rule.id: rule for rule in rules}
    at = 0
    result = run(rules, document)
    for removal in result.removals:
        assert at <= removal.start < removal.end <= len(document.text)
        assert document.text[removal.start : removal.end] == removal.text
        rule = known[removal.rule]
        assert (rule.category, rule.file, rule.line) == (removal.category, removal.file, removal.line)
        assert not rule.trial
        assert all(known[other].score for other in removal.evidence)
        at = removal.end
    assert {r.rule for r in result.removals} <= {m.rule for m in result.matches if m.outcome is Outcome.REMOVED}


@often
@given(rule_sets(POOL), documents())
def test_every_match_has_an_outcome_that_fits(rules: RuleSet, document: Document) -> None:
    on_trial = {rule.id for rule in rules if rule.trial}
    result = run(rules, document)
    gone = {at for removal in result.removals for at in range(removal.start, removal.end)}
    for match in result.matches:
        assert (match.outcome is Outcome.TRIAL) == (match.rule in on_trial)
        assert 0 <= match.start < match.end <= len(document.text)
        if match.outcome is Outcome.REMOVED:
            assert gone & set(range(match.start, match.end))


@often
@given(rule_sets(POOL), documents())
def test_a_rule_on_trial_changes_nothing(rules: RuleSet, document: Document) -> None:
    others = RuleSet(rule for rule in rules if not rule.trial)
    assert run(rules, document).removals == run(others, document).removals


@often
@given(rule_sets(POOL), documents(), st.randoms(use_true_random=False))
def test_rules_come_in_any_order(rules: RuleSet, document: Document, chance: random.Random) -> None:
    shuffled = list(rules)
    chance.shuffle(shuffled)
    assert run(RuleSet(shuffled), document) == run(rules, document)


class OddState(fixpoint.State):
    """Does its tasks in an order that chance chooses."""

    chance = random.Random(0)

    def run(self) -> None:
        while self._queue:
            self._queue.rotate(self.chance.randrange(len(self._queue)))
            task = self._queue.popleft()
            self.wait(task, next(task, ()))


@often
@given(rule_sets(POOL), documents(), st.randoms(use_true_random=False))
def test_work_is_done_in_any_order(rules: RuleSet, document: Document, chance: random.Random) -> None:
    expected = run(rules, document)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OddState, "chance", chance)
        patch.setattr(finders, "State", OddState)
        assert run(rules, document) == expected


@often
@given(rule_sets(POOL), documents())
def test_nothing_that_could_go_is_left_waiting(rules: RuleSet, document: Document) -> None:
    """The work list misses no news: looking at everything again finds nothing more."""
    checked = []

    class Suspicious(finders.Finders):
        def run(self) -> None:
            super().run()
            found, gone = list(self.found), bytes(self.state.gone)
            again = finders.Finders(self.rows, self.reading)
            again.state.gone[:] = gone
            again.state.above[:], again.state.below[:] = self.state.above, self.state.below
            again.state._bits[:] = self.state._bits
            again.state._move_edges()
            again._spawn_all(trial=False)
            again.state.run()
            assert bytes(again.state.gone) == gone
            assert again.state.above == self.state.above
            assert again.state.below == self.state.below
            self.found = found
            checked.append(True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cleaner, "Finders", Suspicious)
        run(rules, document)
    assume(checked)


@often
@given(rule_sets(POOL), documents(), st.booleans())
def test_cleaning_twice_changes_nothing(rules: RuleSet, document: Document, fail_safe: bool) -> None:
    once = run(rules, document, fail_safe=fail_safe)
    twice = run(rules, Document(once.text, document.url), fail_safe=fail_safe)
    assert twice.text == once.text
    assert twice.removals == ()


@often
@given(rule_sets(POOL), documents(), st.booleans())
def test_a_pass_that_is_left_out_would_find_nothing(rules: RuleSet, document: Document, by_form: bool) -> None:
    if not by_form:
        rules = RuleSet(rule for rule in rules if not isinstance(rule.finder, Shape | Repeat))
    quick = run(rules, document)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finders.Finders, "is_last", lambda _: False)
        assert run(rules, document) == quick


@often
@given(rule_sets(POOL), documents(), st.booleans())
def test_the_prefilter_changes_nothing(rules: RuleSet, document: Document, fail_safe: bool) -> None:
    fast = run(rules, document, fail_safe=fail_safe)
    assert fast == run(rules, document, fail_safe=fail_safe, prefilter=False)


@often
@given(rule_sets(POOL), documents())
def test_a_kept_line_stays_whole(rules: RuleSet, document: Document) -> None:
    keeping = [rule for rule in rules if isinstance(rule.finder, Keep) and not rule.guards.site]
    patterns = [anywhere(p) for rule in keeping for p in rule.finder.patterns]
    gone = [(removal.start, removal.end) for removal in run(rules, document).removals]
    for start, end, _ in segment(document.text):
        if any(p.search(document.text[start:end]) for p in patterns):
            assert not any(a < end and start < b for a, b in gone)


@often
@given(rule_sets(POOL), documents())
def test_a_keep_rule_more_never_removes_more(rules: RuleSet, document: Document) -> None:
    without = RuleSet(rule for rule in rules if not isinstance(rule.finder, Keep))
    everything_kept = RuleSet([*without, make_rule("keep/a/all", Keep((Pattern("/./"),)))])
    assert run(everything_kept, document).text == document.text


@often
@given(rule_sets(POOL), documents())
def test_a_program_that_was_pickled_does_the_same(rules: RuleSet, document: Document) -> None:
    assert run(pickle.loads(pickle.dumps(rules)), document) == run(rules, document)


@often
@given(rule_sets(POOL), documents())
def test_a_document_before_leaves_no_trace(rules: RuleSet, document: Document) -> None:
    program = Program(rules)
    clean_document(program, Document("Share\nPowered by Example\nRelated\n" * 3, "https://example.org"))
    assert clean_document(program, document) == clean_document(Program(rules), document)


@often
@given(rule_sets(POOL), documents())
def test_the_limit_leaves_a_text_whole_or_does_nothing(rules: RuleSet, document: Document) -> None:
    bold, safe = run(rules, document), run(rules, document, fail_safe=True)
    if safe.flagged and safe.flagged.startswith("left whole"):
        assert (safe.text, safe.removals) == (document.text, ())
        assert [(m.start, m.end, m.rule) for m in safe.matches] == [(m.start, m.end, m.rule) for m in bold.matches]
        assert {m.outcome for m in safe.matches} <= {Outcome.SPARED, Outcome.OVERLAPPED, Outcome.TRIAL}
    else:
        assert safe == bold


@often
@given(rule_sets(POOL), documents())
def test_blank_lines(rules: RuleSet, document: Document) -> None:
    result = run(rules, document)
    gone = bytearray(len(document.text))
    for removal in result.removals:
        gone[removal.start : removal.end] = b"\x01" * (removal.end - removal.start)
    assert result.text == _with_blank_lines(document.text, gone)


def _with_blank_lines(text: str, gone: bytearray) -> str:
    """Return what stays of a text, given which of its characters go; the blank lines come from the design's words."""
    stays: list[str] = []
    blank_runs: list[list[str]] = [[]]
    end_of_last = 0
    removed_any = False
    for start, end, stop in segment(text):
        left = "".join(sign for at, sign in enumerate(text[start:end], start) if not gone[at])
        if not text[start:end].strip():
            blank_runs[-1].append(text[start:stop])
        elif not left.strip():
            removed_any = True
            blank_runs.append([])
        else:
            if stays or not removed_any:
                stays += max(blank_runs, key=len)
            stays.append(left + text[end:stop])
            end_of_last = stop - end
            blank_runs, removed_any = [[]], False
    if not removed_any:
        stays += blank_runs[0]
    elif stays and end_of_last and not text.endswith("\n"):
        stays[-1] = stays[-1][:-end_of_last]
    return "".join(stays)


PARAGRAPH = "The storm reached the northern coast late on Tuesday."  # nine words


@pytest.mark.parametrize(
    ("gone", "stays", "whole"),
    [
        pytest.param(9, 1, False, id="exactly 90 %"),
        pytest.param(10, 1, True, id="over 90 %"),
        pytest.param(10, 0, True, id="all of it"),
    ],
)
def test_the_limit_counts_words_of_prose(gone: int, stays: int, whole: bool) -> None:
    rules = RuleSet([make_rule("legal/a/gone", LineOf((Pattern("/Gone .*/"),)))])
    text = "Gone is the old harbour of the northern coast.\n" * gone + f"{PARAGRAPH}\n" * stays + "Gone label\n" * 50
    result = run(rules, Document(text), fail_safe=True)
    assert bool(result.flagged) is whole
    assert result.text == (text if whole else f"{PARAGRAPH}\n" * stays)


def test_a_text_without_prose_may_come_out_empty() -> None:
    rules = RuleSet([make_rule("legal/a/gone", LineOf((Pattern("/Gone .*/"),)))])
    assert run(rules, Document("Gone label\n\nGone again\n"), fail_safe=True) == run(
        rules, Document("Gone label\n\nGone again\n")
    )
    assert run(rules, Document("Gone label\n\nGone again\n"), fail_safe=True).text == ""


@pytest.mark.parametrize(
    "finder",
    [
        pytest.param(LineOf((Pattern("/(a|aa)+b/"),)), id="line"),
        pytest.param(SpanOf((Pattern("/(a|aa)+b/"),)), id="span"),
        pytest.param(Keep((Pattern("/(a|aa)+b/"),)), id="keep"),
        pytest.param(Block((Pattern("/(a|aa)+b/"),)), id="block"),
    ],
)
@pytest.mark.parametrize("prefilter", [True, False])
def test_a_rule_that_takes_too_long(finder: object, prefilter: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matcher, "TIME_LIMIT", 0.05)
    rules = RuleSet([make_rule("legal/a/slow", finder), make_rule("legal/a/quick", LineOf((Pattern("Share"),)))])
    text = "Share\n" + "a" * 60 + "c and ab\n"
    result = run(rules, Document(text), prefilter=prefilter)
    assert (result.text, result.removals) == (text, ())
    assert "legal/a/slow" in (result.flagged or "")


@settings(max_examples=EXAMPLES * 2, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.one_of(
        st.text(),
        st.text(st.characters(categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Lu", "Po"]), max_size=60),
        st.lists(st.sampled_from([*LABELS, *PROSE, "\n", "\r\n", "\r", "\x00", "\ud800", " "])).map("".join),
        texts(),
    ),
    st.one_of(st.none(), st.text(), st.sampled_from(["http://[::1", "https://example.org", "//", "http://a:b/"])),
)
def test_no_text_makes_it_raise(text: str, url: str | None) -> None:
    program = everything()
    result = clean_document(program, Document(text, url))
    assert result.restore() == text
    again = clean_document(program, Document(result.text, url))
    assert again.text == result.text


def test_threads_share_a_cleaner(cleaner: Cleaner) -> None:
    shared = cleaner
    seeds = [seed.read_text(encoding="utf-8") * 20 for seed in sorted(SEEDS.glob("*.txt"))] * 8
    alone = [shared.clean(text).text for text in seeds]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: shared.clean(text).text, seeds)) == alone


def test_a_cleaner_can_be_pickled() -> None:
    there = Cleaner(only=["comments"], prefilter=False)
    back = pickle.loads(pickle.dumps(there))
    text = "The storm has passed.\n\nView all comments\nimage beaconimage beacon\n"
    assert back.clean(text) == there.clean(text)
    assert back.rules == there.rules

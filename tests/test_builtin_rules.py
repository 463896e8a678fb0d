"""The built-in rules prove themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from bodycopy import Cleaner
from bodycopy.checks import check_rules, speed
from bodycopy.examples import CARRIER, run_examples
from bodycopy.loader import Loaded
from bodycopy.rules import Keep, Rule

RULES_FOLDER = Path(__file__).parents[1] / "rules"


def test_every_example_holds_and_every_rule_fires(builtin_packs: Loaded) -> None:
    assert [str(failure) for failure in run_examples(builtin_packs.rules, builtin_packs.rules)] == []


def test_nothing_is_wrong_with_them(builtin_packs: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "PER_RUN", inf)  # On a busy machine not all patterns would be tried.
    assert [str(finding) for finding in check_rules(builtin_packs.rules)] == []


@pytest.mark.usefixtures("headline_cleaner")  # the same rules, as long as no others must be asked for
def test_nothing_is_found_in_the_article_that_examples_are_tried_in() -> None:
    assert Cleaner(also=["*"]).clean("".join(CARRIER)).removals == ()


def test_a_rule_has_examples_of_both_kinds(builtin_packs: Loaded) -> None:
    def shows(rule: Rule, *, that_it_keeps: bool) -> bool:
        return any((example.leaves == example.text) is that_it_keeps for example in rule.examples)

    assert [rule.id for rule in builtin_packs.rules if not shows(rule, that_it_keeps=True)] == []
    removing = (rule for rule in builtin_packs.rules if not isinstance(rule.finder, Keep))
    assert [rule.id for rule in removing if not shows(rule, that_it_keeps=False)] == []


def test_a_pack_lies_in_the_folder_of_its_category(builtin_packs: Loaded) -> None:
    names = {(rule.file, rule.pack) for rule in builtin_packs.rules}
    packs = [pack.relative_to(RULES_FOLDER) for pack in RULES_FOLDER.rglob("*.yaml")]
    assert names == {(f"rules/{pack.as_posix()}", f"{pack.parent.name}/{pack.stem}") for pack in packs}


def broken(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Yield a rule with proofs that do not hold, each with what must be said of it."""
    example = rule.examples[0]
    bread = replace(example, text="He sold his bread.", leaves="")
    yield "must go, and stays", replace(rule, examples=(bread,))
    yield "must stay, and is removed by", replace(rule, examples=(replace(example, leaves=example.text),))
    yield "and the example says", replace(rule, examples=(replace(bread, carried=False, leaves="Something else"),))
    yield "no example fires this rule", replace(rule, examples=())


@pytest.mark.parametrize("kind", range(4))
def test_a_proof_that_does_not_hold_is_found(kind: int, builtin_packs: Loaded) -> None:
    rule = next(rule for rule in builtin_packs.rules if rule.id == "related/check-also/box")
    message, changed = list(broken(rule))[kind]
    others = [other for other in builtin_packs.rules if other.id != rule.id]
    failures = [str(failure) for failure in run_examples([*others, changed], [changed])]
    assert any(message in failure and failure.startswith(f"{rule.file}:") for failure in failures)

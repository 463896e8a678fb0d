"""The built-in rules prove themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bodycopy import Cleaner, load_rules
from bodycopy.checks import check_rules
from bodycopy.examples import CARRIER, run_examples
from bodycopy.rules import Keep, Rule

RULES = load_rules()
RULES_FOLDER = Path(__file__).parents[1] / "rules"


def test_every_example_holds_and_every_rule_fires() -> None:
    assert [str(failure) for failure in run_examples(RULES, RULES)] == []


def test_nothing_is_wrong_with_them() -> None:
    assert [str(finding) for finding in check_rules(RULES)] == []


def test_nothing_is_found_in_the_article_that_examples_are_tried_in() -> None:
    assert Cleaner(also=["*"]).clean("".join(CARRIER)).removals == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_examples_of_both_kinds(rule: Rule) -> None:
    assert any(example.leaves == example.text for example in rule.examples)
    assert isinstance(rule.finder, Keep) or any(example.leaves != example.text for example in rule.examples)


@pytest.mark.parametrize("pack", sorted(RULES_FOLDER.rglob("*.yaml")), ids=lambda pack: pack.stem)
def test_a_pack_lies_in_the_folder_of_its_category(pack: Path) -> None:
    names = {rule.pack for rule in RULES if rule.file == f"rules/{pack.relative_to(RULES_FOLDER).as_posix()}"}
    assert names == {f"{pack.parent.name}/{pack.stem}"}


def broken(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Yield a rule with proofs that do not hold, each with what must be said of it."""
    example = rule.examples[0]
    bread = replace(example, text="He sold his bread.", leaves="")
    yield "must go, and stays", replace(rule, examples=(bread,))
    yield "must stay, and is removed by", replace(rule, examples=(replace(example, leaves=example.text),))
    yield "and the example says", replace(rule, examples=(replace(bread, carried=False, leaves="Something else"),))
    yield "no example fires this rule", replace(rule, examples=())


@pytest.mark.parametrize("kind", range(4))
def test_a_proof_that_does_not_hold_is_found(kind: int) -> None:
    rule = next(rule for rule in RULES if rule.id == "related/check-also/box")
    message, changed = list(broken(rule))[kind]
    others = [other for other in RULES if other.id != rule.id]
    failures = [str(failure) for failure in run_examples([*others, changed], [changed])]
    assert any(message in failure and failure.startswith(f"{rule.file}:") for failure in failures)

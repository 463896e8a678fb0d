"""Every kind of finding is raised where it should be, and not beside; `test_checks/` holds a pack for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from bodycopy import checks, loader
from bodycopy.checks import check_loaded, shadowed, speed, texts, words
from bodycopy.cli import main
from bodycopy.codes import CODES, UnknownCodeError, code_named
from bodycopy.loader import load

ROOT = Path(__file__).parents[1]
DATA = Path(__file__).parent / "test_checks"
HEAD = "category: comments\nrules:\n"
OTHER = """\
category: sharing
rules:
  - id: follow-on
    line: Follow us on our page
    examples:
      - remove: Follow us on our page
      - keep: Follow us on our page of the map.
"""
BUILTIN = """\
category: comments
rules:
  - id: inline-feedbacks
    line: Inline Feedbacks
  - id: view-all
    line: View all comments
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a pack below a folder of its own, which is the working folder, beside a small set of built-in rules."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "builtin"
    (root / "comments").mkdir(parents=True)
    (root / "comments" / "wpdiscuz.yaml").write_text(BUILTIN)
    monkeypatch.setattr(loader, "builtin_root", lambda: root)

    def write_pack(text: str, name: str = "pack.yaml") -> Path:
        Path(name).write_text(text, encoding="utf-8")
        return Path(name)

    return write_pack


def findings_of(*files: Path, builtin: bool = False) -> list[checks.Finding]:
    loaded = load(files, builtin=builtin)
    names = {file.name for file in files}
    rules = [rule for rule in loaded.rules if Path(rule.file).name in names]
    return check_loaded(loaded, rules, loaded.files)


def codes_of(*files: Path, builtin: bool = False) -> set[str]:
    return {finding.code for finding in findings_of(*files, builtin=builtin)}


@pytest.mark.filterwarnings("ignore::bodycopy.rules.RenamedWarning")
@pytest.mark.parametrize("pack", sorted(DATA.glob("*.yaml")), ids=lambda pack: pack.stem)
def test_findings(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)
    wanted = pack.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    found = [str(f) for f in findings_of(Path(pack.name)) if f.code != "BC601" or pack.stem.startswith(("bc5", "bc6"))]
    assert found == wanted


@pytest.mark.parametrize("code", CODES)
def test_the_examples_of_a_code(code: str, write: Write) -> None:
    builtin = code == "BC503"
    others = [] if builtin else [write(OTHER, "follow.yaml")]
    assert code in codes_of(write(as_pack(CODES[code].wrong)), *others, builtin=builtin)
    assert code not in codes_of(write(as_pack(CODES[code].right)), *others, builtin=builtin)


def as_pack(example: str) -> str:
    if example.startswith("disable"):
        return f"category: comments\n{example}"
    return HEAD + "".join(f"  {line}\n" for line in example.splitlines())


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_documented(code: str) -> None:
    document = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    section = document.partition(f"## {code} {CODES[code].name}\n")[2].partition("\n## ")[0]
    said = " ".join(section.split())
    for part in (CODES[code].summary, CODES[code].why):
        assert " ".join(part.split()) in said
    for example in (CODES[code].wrong, CODES[code].right):
        assert f"```yaml\n{example}```" in section


def test_no_other_code_is_documented() -> None:
    document = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (BC\d+)", document, re.M) == list(CODES)


# Places and silence


def test_a_finding_in_an_added_pattern_stands_where_it_was_added(write: Write) -> None:
    base = write(OTHER, "base.yaml")
    mine = write("category: mine\nrules:\n  - extend: sharing/base/follow-on\n    add: More from *\n", "mine.yaml")
    assert "mine.yaml:4:10: BC402" in "\n".join(map(str, findings_of(base, mine)))


def test_the_pack_that_adds_a_pattern_may_allow_its_finding(write: Write) -> None:
    base = write(OTHER, "base.yaml")
    change = "rules:\n  - extend: sharing/base/follow-on\n    add: More from *\n"
    mine = write(f"category: mine\nallow: {{BC402: seen so}}\n{change}", "mine.yaml")
    assert codes_of(base, mine) == set()


def test_a_rule_of_ones_own_that_a_built_in_one_makes_idle(write: Write) -> None:
    pack = write(f"{HEAD}  - id: a\n    line: Inline Feedbacks\n    where: tail\n")
    (found,) = [f for f in findings_of(pack, builtin=True) if f.code == "BC202" and f.file == "pack.yaml"]
    assert "comments/wpdiscuz/inline-feedbacks" in found.message
    assert "rules/comments/wpdiscuz.yaml:" in found.message


def test_rules_of_two_languages_or_categories_are_not_compared(write: Write) -> None:
    rule = "rules:\n  - id: a\n    line: Leave a reply below\n"
    one = write(f"category: comments\nlang: en\n{rule}", "one.yaml")
    two = write(f"category: comments\nlang: de\n{rule}", "two.yaml")
    three = write(f"category: related\n{rule}", "three.yaml")
    assert codes_of(one, two, three) == {"BC601"}
    assert "BC202" in codes_of(one, write(f"category: comments\n{rule}", "four.yaml"))


# Bounds


def test_a_run_that_is_out_of_time_says_so(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "PER_RUN", 0.0)
    pack = write(f"{HEAD}  - id: a\n    line: |\n      /shared by \\w+/\n      /told by \\w+/\n")
    (found,) = [f for f in findings_of(pack) if f.code == "BC302"]
    assert "was not tried" in found.message
    assert (found.line, found.column) == (5, 7)


@pytest.mark.parametrize(
    "pattern",
    [
        r"/(?:a|a)+b/",
        r"/(?:a|aa)+b/",
        r"/(?:\w|[a-z])+#/",
        r"/x(?:\w+|\d+| )+!/",
        r"/(?:read|\w)+ more/",
        r"/(?:ab|a|b)+[[:digit:]] of them/",
    ],
)
def test_expressions_that_explode_are_found_at_their_first_text(
    pattern: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    exceeded = counted(monkeypatch, speed, "_exceeds")
    assert "BC302" in codes_of(write(f"{HEAD}  - id: a\n    line: |\n      {pattern}\n"))
    assert exceeded.count(True) == 2


def test_many_rules_are_not_each_tried_on_each(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    compared, compiled = counted(monkeypatch, shadowed, "_contains"), counted(monkeypatch, texts, "covering")
    rules = "".join(
        f"  - id: r{i}\n    line: |\n      Leave reply number x{i}y\n      Send x{i}z now\n" for i in range(200)
    )
    assert codes_of(write(HEAD + rules)) == {"BC601"}
    assert 0 < len(compared) <= 2000
    assert 0 < len(compiled) <= 2000


def counted(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> list[object]:
    """Return a list to which what a function returns will be added."""
    returned: list[object] = []
    function = getattr(module, name)

    def counting(*arguments: object) -> object:
        returned.append(function(*arguments))
        return returned[-1]

    monkeypatch.setattr(module, name, counting)
    return returned


# Words


@pytest.mark.parametrize("word", ["the", "und", "les", "что", "和", "です", "그리고", "için", "için".upper(), "και"])
def test_common_words_of_many_languages_are_known(word: str) -> None:
    assert words.counts_of(word)


@pytest.mark.parametrize("word", ["feedbacks", "wpdiscuz", "Überweisungsträger", ""])
def test_rare_words_are_not(word: str) -> None:
    assert not words.counts_of(word)


# The command


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["rules", "check", *arguments], prog_name="bodycopy")


@pytest.mark.parametrize("word", ["BC301", "bc301", "slow"])
def test_explain(word: str) -> None:
    result = run("--explain", word)
    assert result.exit_code == 0
    assert result.stdout.startswith("BC301 slow\n\nA pattern that needs no fixed letters.\n")
    assert "    - id: count\n" in result.stdout


@pytest.mark.parametrize(("word", "hint"), [("BC31", "BC301"), ("shadow-by-rule", "shadowed-by-rule")])
def test_explain_of_an_unknown_code(word: str, hint: str) -> None:
    result = run("--explain", word)
    assert result.exit_code == 2
    assert f'no code "{word}"; did you mean "{hint}"?' in result.stderr
    with pytest.raises(UnknownCodeError):
        code_named(word)


def test_a_path_is_needed() -> None:
    assert run().exit_code == 2


def test_check(write: Write) -> None:
    result = run(str(write(f"{HEAD}  - id: a\n    line: Share\n")))
    assert result.exit_code == 1
    first, second, last = result.stdout.splitlines()
    assert first.startswith("pack.yaml:3:1: BC601 comments/pack/a has no example")
    assert second.startswith('pack.yaml:4:11: BC401 "Share" may stand in an article')
    assert last == "1 rule, 2 findings"


def test_check_of_a_pack_that_only_switches_off(write: Write) -> None:
    result = run(str(write("category: mine\ndisable: [no-such-category, comments/wpdiscuz/*]\n")))
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 2)
    assert result.stdout.startswith("pack.yaml:2:11: BC502 ")

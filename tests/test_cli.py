"""The command line, as a person meets it."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bodycopy import __version__
from bodycopy.cli import main
from bodycopy.formats.kinds import suffixes

PACK = """\
category: trackers
about: What trackers leave in the text.
rules:
  - id: beacon
    span: /(image beacon\\s*)+/
    examples:
      - remove: image beaconimage beacon
      - keep: The beacon on the hill was lit.

  # What follows is a comment on the next rule.
  - id: share
    line: |
      Share this
      Tweet
    status: trial
"""
WEAK = """\
category: sharing
lang: en
default: off
rules:
  - id: bar
    line: Share
"""
ARTICLE = "A headline\n\nimage beaconimage beacon\n\nThe story image beacon goes on for a while yet.\n"
BODY = "A headline\n\nThe story goes on for a while yet.\n"
COMMANDS = (
    [],
    ["clean"],
    ["explain"],
    ["restore"],
    ["rules"],
    ["rules", "list"],
    ["rules", "merged"],
    ["rules", "schema"],
    ["rules", "show"],
    ["rules", "test"],
    ["rules", "check"],
    ["rules", "new"],
    ["rules", "try"],
    ["rules", "diff"],
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a pack and a few articles."""
    monkeypatch.chdir(tmp_path)
    put({"pack.yaml": PACK, "in/one.txt": ARTICLE, "in/deep/two.txt": "Nothing to remove.", "in/notes.md": "no"})
    return tmp_path


@pytest.fixture
def builtin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a folder of the test stand in for the built-in packs."""
    put({"builtin/trackers/global.yaml": PACK.replace("    status: trial\n", ""), "builtin/sharing/weak.yaml": WEAK})
    monkeypatch.setattr("bodycopy.loader.builtin_root", lambda: tmp_path / "builtin")
    monkeypatch.setattr("bodycopy.ready.builtin_root", lambda: tmp_path / "builtin")


def put(files: Mapping[str, str | bytes]) -> None:
    for name, content in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def call(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin)


def clean(*arguments: str, stdin: bytes | None = None) -> Result:
    return call("clean", *arguments, "--no-builtin", "--rules", "pack.yaml", stdin=stdin)


def files(folder: str) -> dict[str, str]:
    root = Path(folder)
    found = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes().decode() for path in found}


def entries(log: str | bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


# clean: where documents come from and go to


def test_a_folder_is_mirrored_below_the_output() -> None:
    result = clean("in", "-o", "out")
    assert (result.exit_code, result.stdout) == (0, "")
    assert files("out") == {"one.txt": BODY, "deep/two.txt": "Nothing to remove."}


@pytest.mark.parametrize(
    ("output", "place"), [("new.txt", "new.txt"), ("new/", "new/one.txt"), ("in/deep", "in/deep/one.txt")]
)
def test_one_file_goes_to_a_file_or_into_a_folder(output: str, place: str) -> None:
    assert clean("in/one.txt", "-o", output).exit_code == 0
    assert Path(place).read_text() == BODY


def test_several_sources_go_into_a_folder_by_name() -> None:
    put({"three.txt": "Three."})
    assert clean("in", "three.txt", "-o", "out").exit_code == 0
    assert set(files("out")) == {"one.txt", "deep/two.txt", "three.txt"}


def test_one_file_or_standard_input_goes_to_standard_output() -> None:
    assert clean("in/one.txt").stdout == BODY
    assert clean("-", stdin=ARTICLE.encode()).stdout == BODY


def test_standard_input_can_go_to_a_file() -> None:
    assert clean("-", "-o", "out.txt", stdin=ARTICLE.encode()).stdout == ""
    assert Path("out.txt").read_text() == BODY


def test_an_output_has_the_permissions_of_a_new_file() -> None:
    clean("in/one.txt", "-o", "out.txt")
    put({"new": ""})
    assert Path("out.txt").stat().st_mode == Path("new").stat().st_mode


def test_a_link_within_the_source_is_followed() -> None:
    Path("in/link.txt").symlink_to("one.txt")
    assert clean("in", "-o", "out").exit_code == 0
    assert files("out")["link.txt"] == BODY


# clean: what is refused, with nothing written

REFUSED = {
    "OUT is SRC": (["in", "-o", "in"], "in/deep/two.txt would be written into the source in; inputs are never touched"),
    "OUT inside SRC": (
        ["in", "-o", "in/out", "--force"],
        "in/out/deep/two.txt would be written into the source in; inputs are never touched",
    ),
    "OUT is the input": (
        ["in/one.txt", "-o", "in/one.txt", "--force"],
        "in/one.txt is an input; inputs are never touched",
    ),
    "OUT holds the input": (["in/one.txt", "-o", "in", "--force"], "in/one.txt is an input; inputs are never touched"),
    "OUT reaches SRC by a link": (
        ["in", "-o", "linked", "--force"],
        "linked/deep/two.txt would be written into the source in; inputs are never touched",
    ),
    "OUT is a file": (["in", "-o", "pack.yaml"], "pack.yaml is a file; several documents need a folder"),
    "OUT exists": (
        ["in/one.txt", "many", "-o", "many2"],
        "already there: many2/one.txt, many2/a.txt, many2/b.txt and 1 more; --force writes over them",
    ),
    "log exists": (
        ["in", "-o", "out", "--removed", "pack.yaml"],
        "already there: pack.yaml; --force writes over them",
    ),
    "log is an input": (
        ["in/one.txt", "-o", "out.txt", "--removed", "in/one.txt", "--force"],
        "in/one.txt is an input; inputs are never touched",
    ),
    "log inside SRC": (
        ["in", "-o", "out", "--removed", "in/log"],
        "in/log would be written into the source in; inputs are never touched",
    ),
    "log is an output": (["in/one.txt", "-o", "out.txt", "--removed", "./out.txt"], "out.txt would be written twice"),
    "log inside SRC in a dry run": (
        ["in", "--dry-run", "--removed", "in/log"],
        "in/log would be written into the source in; inputs are never touched",
    ),
    "equal names": (
        ["in", "many/one.txt", "-o", "out"],
        "in/one.txt and many/one.txt would both be written as one.txt; clean them in two runs",
    ),
    "a link that leads out": (
        ["leaky", "-o", "out"],
        "leaky/link.txt leads out of leaky, to {here}/in/one.txt; name that as a source, or remove the link",
    ),
    "a folder that leads out": (
        ["leaky2", "-o", "out"],
        "leaky2/link leads out of leaky2, to {here}/in; name that as a source, or remove the link",
    ),
    "no documents": (
        ["pack.yaml", "-o", "out"],
        f"no documents found: nothing here ends in {', '.join(suffixes()[:-1])} or {suffixes()[-1]}",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(here: Path, arguments: list[str], message: str) -> None:
    four = ("one.txt", "a.txt", "b.txt", "c.txt")
    put({f"many2/{name}": "" for name in four} | {f"many/{name}": "" for name in four[1:]} | {"leaky/a.txt": ""})
    if "many/one.txt" in arguments:
        put({"many/one.txt": ""})
    Path("linked").symlink_to("in")
    Path("leaky/link.txt").symlink_to("../in/one.txt")
    Path("leaky2").mkdir()
    Path("leaky2/link").symlink_to("../in")
    before = files(".")
    result = clean(*arguments)
    assert (result.exit_code, result.stderr) == (2, f"error: {message.format(here=here)}\n")
    assert files(".") == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in"], "Only one file can go to standard output; for several, or a folder, give -o OUT."),
        (["in/one.txt", "in/deep/two.txt"], "Only one file can go to standard output; for several, or a folder, give"),
        (["-", "in", "-o", "out"], "'-' (standard input) must be the only source."),
        (["-", "-o", "out/"], "Standard input has no name: -o must name a file, not a folder."),
        (["absent.txt"], "'absent.txt' does not exist."),
        ([], "Missing argument 'SRC...'."),
        (["in", "-o", "out", "--jobs", "0"], "0 is not in the range x>=1."),
    ],
)
def test_wrong_usage_says_what_is_wrong(arguments: list[str], message: str) -> None:
    result = clean(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not Path("out").exists()


def test_wrong_rules_stop_the_run_before_anything_is_written() -> None:
    put({"wrong.yaml": "category: trackers\nrules:\n  - id: a\n    lin: x\n  - id: A\n    line: y\n"})
    result = call("clean", "in", "-o", "out", "--no-builtin", "--rules", "wrong.yaml", "--removed", "log")
    assert result.exit_code == 2
    assert all(line.startswith("error: wrong.yaml:") for line in result.stderr.splitlines())
    assert "error: wrong.yaml:4:5: " in result.stderr
    assert not Path("out").exists()
    assert not Path("log").exists()


def test_a_choice_that_names_no_rule_is_refused() -> None:
    result = clean("in", "-o", "out", "--only", "tracker")
    assert result.exit_code == 2
    assert result.stderr == 'error: no rule, category or glob "tracker"; did you mean "trackers"?\n'
    assert not Path("out").exists()


# clean: the other options


def test_force_writes_over_outputs_and_replaces_links_without_following_them() -> None:
    put({"precious.txt": "precious", "out/deep/two.txt": "old"})
    Path("out/one.txt").symlink_to("../precious.txt")
    assert clean("in", "-o", "out", "--force", "--removed", "log").exit_code == 0
    assert files("out") == {"one.txt": BODY, "deep/two.txt": "Nothing to remove."}
    assert Path("precious.txt").read_text() == "precious"


def test_a_dry_run_writes_the_log_and_no_document() -> None:
    put({"out/one.txt": "old"})
    result = clean("in", "-o", "out", "--dry-run", "--removed", "log")
    assert result.exit_code == 0
    assert "a dry run: no document was written" in result.stderr
    assert files("out") == {"one.txt": "old"}
    assert len(entries(Path("log").read_bytes())) == 2
    assert clean("in/one.txt", "--dry-run").stdout == ""


def test_quiet_names_only_what_failed() -> None:
    assert clean("in", "-o", "out", "--quiet").stderr == ""
    put({"in/bad.txt": bytes(99)})
    result = clean("in", "-o", "out", "--quiet", "--force")
    assert result.exit_code == 1
    assert result.stderr == "1 document failed and not written:\n  bad.txt: a binary file, not text\n"


def test_only_skip_and_also_choose_rules() -> None:
    put({"two.yaml": WEAK, "a.txt": "image beacon\nText.\nShare\n"})
    packs = ["clean", "a.txt", "--no-builtin", "--rules", "pack.yaml", "--rules", "two.yaml"]
    assert call(*packs).stdout == "Text.\nShare\n"
    assert call(*packs, "--also", "sharing").stdout == "Text.\n"
    assert call(*packs, "--only", "sharing/*").stdout == "image beacon\nText.\n"
    assert call(*packs, "--skip", "trackers/pack/beacon").stdout == "image beacon\nText.\nShare\n"


def test_the_log_puts_every_document_together_again() -> None:
    put({"in/last.txt": "Tweet\r\nText\r\nimage beacon"})
    assert clean("in", "-o", "out", "--removed", "log").exit_code == 0
    log = entries(Path("log").read_bytes())
    assert [entry["doc"] for entry in log] == ["last.txt", "one.txt", "one.txt"]
    assert log[1] == {
        "doc": "one.txt",
        "doc_digest": sha256(ARTICLE.encode()).hexdigest()[:16],
        "start": 12,
        "end": 38,
        "doc_line": 3,
        "rule": "trackers/pack/beacon",
        "rule_file": "pack.yaml",
        "rule_line": 4,
        "category": "trackers",
        "text": "image beaconimage beacon\n\n",
    }
    for name, text in files("out").items():
        assert restored(text, [entry for entry in log if entry["doc"] == name]) == files("in")[name]


def restored(text: str, log: Sequence[dict[str, Any]]) -> str:
    for entry in log:
        text = text[: entry["start"]] + entry["text"] + text[entry["start"] :]
    return text


@pytest.mark.parametrize(
    ("arguments", "doc"), [(["in/one.txt"], "one.txt"), (["-"], "-"), (["in/deep", "in/one.txt"], "")]
)
def test_the_log_calls_a_document_as_the_run_does(arguments: list[str], doc: str) -> None:
    put({"in/deep/below/x.txt": ARTICLE})
    out = [] if doc else ["-o", "out"]
    clean(*arguments, *out, "--removed", "log", stdin=ARTICLE.encode())
    docs = {entry["doc"] for entry in entries(Path("log").read_bytes())}
    assert docs == ({doc} if doc else {"below/x.txt", "one.txt"})


def test_processes_do_not_change_the_result() -> None:
    put({f"in/{number:02}.txt": f"{ARTICLE}{number}\n" for number in range(50)})
    assert clean("in", "-o", "one", "--jobs", "1", "--removed", "one.jsonl").exit_code == 0
    assert clean("in", "-o", "two", "--jobs", "2", "--removed", "two.jsonl").exit_code == 0
    assert files("one") == files("two")
    assert Path("one.jsonl").read_bytes() == Path("two.jsonl").read_bytes()


def test_the_summary() -> None:
    put(
        {
            "in/bad.txt": bytes(99),
            "in/deep/ru.txt": "Мост закрыли на три дня после бури.\n".encode("cp1251"),
            "in/gone.txt": "The council met in the hall and voted for a new bridge.\n" * 3,
            "pack.yaml": PACK + "  - id: council\n    line: The council *\n",
        }
    )
    Path("in/odd\x1b[2J.txt").write_bytes(bytes(99))
    result = clean("in", "-o", "out")
    assert result.exit_code == 1
    assert Path("out/gone.txt").read_bytes() == Path("in/gone.txt").read_bytes()
    assert re.sub("digest .*", "digest", result.stderr) == (
        "4 documents cleaned, 39 of 308 characters (12.7%) removed\n"
        "  category  characters  lines\n"
        "  trackers          39      1\n"
        "  all               39      1\n"
        "1 document flagged:\n"
        "  gone.txt: left whole: over 90% of its prose would go\n"
        "1 document not in UTF-8:\n"
        "  deep/ru.txt: windows-1251\n"
        "2 documents failed and not written:\n"
        "  bad.txt: a binary file, not text\n"
        "  odd\\x1b[2J.txt: a binary file, not text\n"
        "1 file skipped, in no format that is read\n"
        f"bodycopy {__version__}, 3 rules, digest\n"
    )


# explain


def explain(*arguments: str, stdin: bytes | None = None) -> Result:
    return call("explain", *arguments, "--no-builtin", "--rules", "pack.yaml", stdin=stdin)


def test_explain_shows_every_line_and_the_rules_beside_what_goes() -> None:
    put({"a.txt": f"{ARTICLE}Tweet\x1b[2J\nimage beacon\tlast"})
    assert explain("a.txt").stdout == (
        "  A headline\n"
        "\n"
        "- image beaconimage beacon  ← trackers/pack/beacon\n"
        "-\n"
        "  The story [-image beacon -]goes on for a while yet.  ← trackers/pack/beacon\n"
        "  Tweet\\x1b[2J\n"
        "  [-image beacon\t-]last  ← trackers/pack/beacon\n"
        "\n"
        "52 of 113 characters removed by 1 rule\n"
    )


def test_explain_says_first_why_a_text_is_flagged() -> None:
    put({"pack.yaml": PACK + "  - id: council\n    line: The council *\n"})
    text = b"The council met in the hall and voted for a new bridge.\n"
    shown = explain("-", stdin=text).stdout
    assert shown.startswith("flagged: left whole: over 90% of its prose would go\n\n  The council met")


def test_explain_as_json() -> None:
    put({"a.txt": "image beacon\nTweet\n"})
    shown = json.loads(explain("a.txt", "--json").stdout)
    assert (shown["doc"], shown["flagged"]) == ("a.txt", None)
    assert [(removal["text"], removal["doc_line"]) for removal in shown["removals"]] == [("image beacon\n", 1)]
    assert [(match["rule"], match["outcome"]) for match in shown["matches"]] == [
        ("trackers/pack/beacon", "removed"),
        ("trackers/pack/share", "trial"),
    ]


@pytest.mark.parametrize("arguments", [["in/one.txt"], ["in/one.txt", "--json"]])
def test_explain_and_clean_remove_the_same(arguments: list[str]) -> None:
    clean("in/one.txt", "-o", "out.txt", "--removed", "log")
    gone = len(ARTICLE) - len(BODY)
    assert sum(len(str(entry["text"])) for entry in entries(Path("log").read_bytes())) == gone
    assert str(gone) in explain("in/one.txt").stdout.splitlines()[-1]


@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
def test_colour_is_for_a_terminal_and_can_be_refused(no_colour: str, coloured: bool) -> None:
    ours, theirs = pty.openpty()
    command = [*BODYCOPY, "explain", "in/one.txt", "--no-builtin", "--rules", "pack.yaml"]
    process = subprocess.Popen(command, stdout=theirs, env=os.environ | {"NO_COLOR": no_colour})
    os.close(theirs)
    shown = read_terminal(ours)
    assert process.wait() == 0
    assert ("\x1b[9mimage beaconimage beacon\x1b[0m" in shown) is coloured
    assert ("\x1b" in shown) is coloured


def test_a_start_that_takes_long_says_why_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    many = "".join(f"      /(?:word|term|name) {n} (?:of|in|at) (?:\\w+ ){{1,9}}more/\n" for n in range(4_000))
    put({"slow.yaml": f"category: trackers\nrules:\n  - id: slow\n    line: |\n{many}"})
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("empty").absolute()))
    command = [*BODYCOPY, "explain", "in/one.txt", "--no-builtin", "--rules", "slow.yaml"]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    assert "getting the rules ready" in read_terminal(ours)
    assert process.wait() == 0


def read_terminal(file: int) -> str:
    shown = b""
    try:
        while more := os.read(file, 4096):
            shown += more
    except OSError:  # how Linux reports the end of a terminal
        pass
    os.close(file)
    return shown.decode()


# rules


def test_rules_test_runs_the_examples_of_the_packs_named(builtin: None) -> None:
    put({"good.yaml": PACK.partition("\n  #")[0]})
    result = call("rules", "test", "good.yaml", "--quiet")
    assert result.exit_code == 0
    assert re.fullmatch(r"1 rule, 2 examples, 0 failures in \d+\.\d\d s\n", result.stdout)


def test_rules_test_names_what_fails(builtin: None) -> None:
    put({"bad.yaml": PACK.partition("\n  #")[0].replace("The beacon on", "image beacon on")})
    result = call("rules", "test", "bad.yaml", "--quiet")
    assert result.exit_code == 1
    first, last = result.stdout.splitlines()
    assert first.startswith("bad.yaml:8: trackers/bad/beacon: ")
    assert last.startswith("1 rule, 2 examples, 1 failure in ")


def test_rules_test_fails_a_rule_that_no_example_fires(builtin: None) -> None:
    result = call("rules", "test", "--quiet")
    assert result.exit_code == 1
    assert [re.split(": no | in ", line)[0] for line in result.stdout.splitlines()] == [
        "rules/sharing/weak.yaml:5: sharing/weak/bar",
        "rules/trackers/global.yaml:11: trackers/global/share",
        "3 rules, 2 examples, 2 failures",
    ]


def test_rules_test_knows_a_builtin_pack_by_its_path(builtin: None) -> None:
    assert "\n1 rule, 0 examples, 1 failure in " in call("rules", "test", "builtin/sharing/weak.yaml").stdout


def test_rules_check(builtin: None) -> None:
    put({"good.yaml": PACK.partition("\n  #")[0]})
    result = call("rules", "check", "good.yaml")
    assert (result.exit_code, result.stdout) == (0, "1 rule, 0 findings\n")
    result = call("rules", "check", "pack.yaml")
    assert result.exit_code == 1
    assert result.stdout.startswith("pack.yaml:11:1: BC601 trackers/pack/share has no example")
    assert result.stdout.endswith("2 rules, 5 findings\n")


def test_rules_check_names_every_fault_of_a_wrong_file(builtin: None) -> None:
    put({"wrong.yaml": "category: trackers\nrules:\n  - id: a\n    lin: x\n  - id: A\n    line: y\n"})
    result = call("rules", "check", "wrong.yaml")
    assert result.exit_code == 1
    places = {":".join(line.split(":")[:3]) for line in result.stdout.splitlines()}
    assert {"wrong.yaml:4:5", "wrong.yaml:5:9"} <= places


# The shell

BODYCOPY = [sys.executable, "-m", "bodycopy"]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command: list[str]) -> None:
    result = call(*command, "-h")
    assert result.exit_code == 0
    assert "bodycopy " + " ".join(command) in result.stdout.partition("Example")[2]


def test_version() -> None:
    assert call("--version").stdout == f"bodycopy {__version__}\n"


@pytest.mark.parametrize("argument", ["--version", "-h"])
def test_the_start_is_light(argument: str) -> None:
    program = f"""
import sys
from bodycopy.cli import main
from bodycopy.formats.kinds import suffixes
try:
    main([{argument!r}])
except SystemExit:
    heavy = {{"pydantic", "yaml", "regex", "hyperscan", "rich", "cchardet", "multiprocessing"}}
    print(*heavy & set(sys.modules), file=sys.stderr, end="")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_a_closed_pipe_ends_quietly() -> None:
    put({"long.txt": "All work and no play.\n" * 50_000})
    command = [*BODYCOPY, "clean", "long.txt", "--no-builtin", "--rules", "pack.yaml", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.read(8) == b"All work"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_an_interrupt_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bodycopy.cleaner.Cleaner.clean", interrupted)
    result = explain("in/one.txt")
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupted_run_has_logged_all_that_it_wrote(jobs: str) -> None:
    # The log goes to a pipe that nobody reads yet. It fills up, so the run cannot end before it is interrupted.
    put({f"in/{number:03}.txt": f"Text.\n{'image beacon' * 200}\n" for number in range(400)})
    os.mkfifo("log")
    command = [*BODYCOPY, "clean", "in", "-o", "out", "--no-builtin", "--rules", "pack.yaml", "--jobs", jobs]
    process = subprocess.Popen([*command, "--removed", "log"], stderr=subprocess.PIPE, start_new_session=True)
    with Path("log").open("rb") as log:
        while not (Path("out").exists() and any(Path("out").glob("*.txt"))):
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGINT)
        docs = {entry["doc"] for entry in entries(log.read())}
    _, said = process.communicate()
    assert process.returncode == 130
    assert f"stopped after {len(docs)} of 402 files\n".encode() in said
    assert said.endswith(b"\ninterrupted\n")
    assert b"Traceback" not in said
    assert set(files("out")) == docs

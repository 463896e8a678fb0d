"""The report for a browser: its figures, that it is well-formed and escaped, and how it behaves in Chromium."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

import chromium
from bodycopy.cli import main
from bodycopy.model import Removal
from bodycopy.model import Result as Cleaned
from bodycopy.report.findings import Findings
from bodycopy.work import Count, Note, Processed, Shown
from chromium import Tab

PACK = """\
category: comments
rules:
  - id: all
    line: View *
  - id: script
    span: /<script>.*?<\\/script>/
  - id: storm
    line: The * storm *
  - id: weak
    line: Follow us
    score: 0.5
  - id: weaker
    line: Follow *
    score: 0.5
"""
SHARING = "category: sharing\nrules:\n  - id: bar\n    line: Share*\n"
HOSTILE = (
    "View <script>document.title = 'ran'; window.ran = 1</script> comments\n"
    "The ferry <script>window.ran = 2</script>crossed &amp; {{ 7 * 7 }} the river.\u2028\n"
    '"><img src=https://example.org/x onerror="window.ran = 3"> stayed </textarea></script><!-- & <style> \x00\x1b[2J\n'
    "View ]]></script></style></title><svg onload='window.ran = 4'>\n"
    "\u202eView all\n"
)
TEXTS = {
    "one.txt": "View all comments\nThe ferry took forty people to the other side.\nView 12 comments\nShare\n",
    "deep/two.txt": "Nothing to remove.\n",
    "flagged.txt": "The great storm hit the northern coast late on Tuesday night.\nFollow us\n",
    "weak.txt": "A ferry.\nFollow us\n",
    "hostile.txt": HOSTILE,
    "<b onclick='window.ran = 5'>&.txt": "Share this\r\nText.\r\n",
    "long.txt": "Share\n" + "The river is long. " * 200 + "\nView all\n",
}
VOID = {"meta", "input", "img", "br", "wbr", "link", "hr"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the report and the removal log of a run."""
    folder = tmp_path_factory.mktemp("run")
    for name, text in {
        **{f"in/{name}": text for name, text in TEXTS.items()},
        "c.yaml": PACK,
        "s.yaml": SHARING,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    (folder / "in" / "bad.txt").write_bytes(bytes(99))
    (folder / "in" / "latin.txt").write_bytes("Share\nDie Fähre fuhr über den Fluß nach Süden.\n".encode("utf-16"))
    result = clean(folder, "-o", str(folder / "out"), "--removed", str(folder / "log"), "--report", report(folder))
    assert result.exit_code == 1, result.stderr
    return folder


def clean(folder: Path, *arguments: str) -> Result:
    packs = ("--no-builtin", "--rules", str(folder / "c.yaml"), "--rules", str(folder / "s.yaml"), "--no-config")
    return CliRunner().invoke(main, ["clean", str(folder / "in"), *packs, *arguments])


def report(folder: Path) -> str:
    return str(folder / "report.html")


class Parsed(HTMLParser):
    """A page as elements with their text; an end tag without its beginning, or the other way about, is an error."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.elements: list[tuple[str, dict[str, str | None], str]] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        if tag in VOID:
            self.elements.append((tag, dict(attrs), ""))
        else:
            self.open.append((tag, dict(attrs), []))

    def handle_endtag(self, tag: str) -> None:
        name, attributes, texts = self.open.pop()
        assert name == tag
        self.elements.append((tag, attributes, "".join(texts)))

    def handle_data(self, data: str) -> None:
        for _, _, texts in self.open:
            texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def all(self, tag: str, **attributes: str) -> list[str]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [text for name, found, text in self.elements if name == tag and wanted.items() <= found.items()]


@pytest.fixture(scope="module")
def page(run: Path) -> Parsed:
    return Parsed((run / "report.html").read_text("utf-8"))


def entries(run: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (run / "log").read_text("utf-8").splitlines()]


def squeezed(text: str) -> str:
    return " ".join(text.split())


# What it says


def test_the_categories_have_the_figures_of_the_removal_log(run: Path, page: Parsed) -> None:
    characters: Counter[str] = Counter()
    for entry in entries(run):
        characters[entry["category"]] += len(entry["text"])
    documents = Counter(category for category, _ in {(e["category"], e["doc"]) for e in entries(run)})
    rows = [squeezed(row).split() for row in page.all("tr")[1:-1]]
    assert {row[0]: (row[1], row[3]) for row in rows} == {
        name: (f"{documents[name]:,}", f"{number:,}") for name, number in characters.items()
    }
    total = sum(map(len, TEXTS.values())) + len("Share\nDie Fähre fuhr über den Fluß nach Süden.\n")
    (lead,) = page.all("p", class_="lead")
    removed = characters.total()
    assert lead.startswith(
        f"{removed:,} of {total:,} characters ({removed / total:.1%}), from 8 documents, by 4 rules."
    )


def test_a_rule_has_its_counts_its_place_and_samples(run: Path, page: Parsed) -> None:
    (rule,) = page.all("details", id="comments/c/all")
    found = [entry for entry in entries(run) if entry["rule"] == "comments/c/all"]
    characters = sum(len(entry["text"]) for entry in found)
    documents = len({entry["doc"] for entry in found})
    assert f"{len(found)} removals in {documents} documents, {characters:,} characters" in squeezed(rule)
    assert "c.yaml:3." in rule
    assert "one.txt, line 3" in rule
    assert "took forty people to the other side.\nView 12 comments" in rule


def test_documents_are_shown_with_what_went_from_them(page: Parsed) -> None:
    documents = page.all("details", data_kind="document")
    (one,) = (text for text in documents if squeezed(text).startswith("one.txt"))
    assert squeezed(one) == (
        "one.txt 41 of 88 characters (46.6%), 3 removals View all comments comments/c/all"
        "The ferry took forty people to the other side. View 12 comments comments/c/allShare sharing/s/bar"
    )
    assert not any("two.txt" in text for text in documents)


def test_what_stays_is_cut_short_in_the_middle(page: Parsed) -> None:
    (long,) = (text for text in page.all("details", data_kind="document") if squeezed(text).startswith("long.txt"))
    assert "characters …" in long
    assert len(long) < 1000


def test_a_flagged_document_shows_what_would_have_gone(page: Parsed) -> None:
    (section,) = page.all("section", id="flagged")
    assert "1 document to look at." in section
    assert "left whole: over 90% of its prose would go" in section
    assert "2 removals that were not made" in section
    marked = [text for text in page.all("mark") if "storm" in text]
    assert marked == ["The great storm hit the northern coast late on Tuesday night."]
    assert not any("great storm" in text for text in page.all("del"))


def test_what_failed_and_what_was_in_another_encoding_is_said(page: Parsed) -> None:
    (failed,) = page.all("section", id="failed")
    assert squeezed(failed) == "Failed and not written 1 document. bad.txta binary file, not text"
    (footer,) = page.all("footer")
    assert squeezed(footer).startswith("1 document in utf-16-le, 7 documents in utf-8.")
    assert re.search(r"bodycopy \S+, 6 rules, digest \w+$", squeezed(footer))


def test_weak_rules_that_added_up_are_named_together(page: Parsed) -> None:
    assert "comments/c/weak + comments/c/weaker" in page.all("a", class_="by", href="#comments/c/weak")


@pytest.mark.usefixtures("cleaner")
def test_a_run_that_removes_nothing_says_so(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    result = CliRunner().invoke(main, ["clean", str(run / "in" / "deep"), "--dry-run", "--report", str(path)])
    assert result.exit_code == 0
    (main_part,) = Parsed(path.read_text()).all("main")
    assert squeezed(main_part) == "Categories Nothing was removed. Rules Documents that lost most None lost anything."


# That nothing of a stranger gets out of its place


def test_the_only_script_is_its_own(page: Parsed) -> None:
    (script,) = page.all("script")
    assert script.startswith('"use strict";')
    tags = {tag for tag, _, _ in page.elements}
    assert tags.isdisjoint({"img", "svg", "b", "iframe", "object", "link", "base"})
    handlers = [name for _, attributes, _ in page.elements for name in attributes if name.startswith("on")]
    assert handlers == []


def test_hostile_text_is_there_as_text(page: Parsed) -> None:
    document = next(text for text in page.all("details", data_kind="document") if "hostile.txt" in text)
    assert "View <script>document.title = 'ran'; window.ran = 1</script> comments" in page.all("del")
    assert "crossed &amp; {{ 7 * 7 }} the river.\\u2028" in document
    assert "stayed </textarea></script><!-- & <style> \\x00\\x1b[2J" in document
    assert "<b onclick='window.ran = 5'>&.txt" in page.all("span", class_="name")


def test_it_fetches_nothing_and_its_links_lead_somewhere(page: Parsed) -> None:
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    links = [attributes["href"] or "" for tag, attributes, _ in page.elements if tag == "a"]
    assert links
    known = {f"#{name}" for name in ids} | {"#comments/c/storm", "#comments/c/weaker"}
    assert set(links) <= known
    assert not any("src" in attributes for _, attributes, _ in page.elements)
    (style,) = page.all("style")
    assert "url(" not in style
    assert "@import" not in style


# How it is asked for


def test_it_is_the_same_in_one_process_and_in_two(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "again.html"
    assert clean(run, "--dry-run", "--jobs", "2", "--report", str(path)).exit_code == 1
    assert path.read_bytes() == (run / "report.html").read_bytes()


def test_it_is_not_written_over_anything(run: Path) -> None:
    before = (run / "report.html").read_bytes()
    result = clean(run, "--dry-run", "--report", report(run))
    assert (result.exit_code, "already there" in result.stderr) == (2, True)
    result = clean(run, "--dry-run", "--report", str(run / "in" / "one.txt"), "--force")
    assert (result.exit_code, "inputs are never touched" in result.stderr) == (2, True)
    assert (run / "report.html").read_bytes() == before


def test_records_are_documents_and_one_that_fails_is_named(run: Path, tmp_path: Path) -> None:
    source, path = tmp_path / "a.jsonl", tmp_path / "report.html"
    source.write_text('{"text": "A ferry."}\nno json\n{"text": "Share\\nA ferry.\\nShare"}\n')
    rules = ("--no-builtin", "--rules", str(run / "s.yaml"), "--no-config", "--dry-run", "--report", str(path))
    assert CliRunner().invoke(main, ["clean", str(source), *rules]).exit_code == 1
    page = Parsed(path.read_text())
    (lead,) = page.all("p", class_="lead")
    assert ", from 2 documents, by 1 rule." in lead
    (shown,) = page.all("details", data_kind="document")
    assert squeezed(shown).startswith("a.jsonl, record 2 12 of 20 characters (60.0%), 2 removals")
    (failed,) = page.all("section", id="failed")
    assert squeezed(failed).startswith("Failed and not written 1 document. a.jsonl, record 1no JSON:")


def test_it_does_not_go_with_a_run_that_is_gone_on_with(run: Path) -> None:
    result = clean(run, "-o", str(run / "other"), "--resume", "--report", str(run / "other.html"))
    assert result.exit_code == 2
    assert "--report does not go with --resume" in result.stderr
    assert "make the report in a run of its own" in squeezed(result.stderr)
    assert not (run / "other").exists()


# That it stays small


def processed(number: int) -> Processed:
    """A document that loses as many characters as its number, and one line in a hundred words."""
    text = f"{number}".ljust(number, "x") + "\nThat stays."
    removal = Removal(0, number, text[:number], "sharing/s/bar", "sharing", "s.yaml", 3)
    result = Cleaned(text[number:], (removal,), "to look at")
    counts = {"sharing": Count(number, 1)}
    results, notes = (Shown(None, result),), (Note(None, "to look at"),)
    return Processed(f"{number}.txt", 1, len(text), counts, results=results, flagged=notes)


def test_what_is_kept_does_not_grow_with_the_documents() -> None:
    numbers = list(range(1, 600))
    Random(1).shuffle(numbers)
    findings = Findings()
    for number in numbers:
        findings.add(processed(number))
        findings.add(Processed(f"bad{number}.txt", failed="bad"))
    assert [shown.lost for shown in findings.most()][:3] == [599, 598, 597]
    assert len(findings.most()) == 40
    assert [len(findings.flagged), len(findings.failed)] == [100, 100]
    (rule,) = findings.rules.values()
    assert (rule.removals, rule.documents, rule.characters, len(rule.samples)) == (599, 599, sum(numbers), 5)


def test_documents_that_lost_the_greatest_share_are_there_beside_long_ones_that_lost_more() -> None:
    findings = Findings()
    small = Cleaned("", (Removal(0, 5, "Share", "sharing/s/bar", "sharing", "s.yaml", 3),))
    findings.add(Processed("small.txt", 1, 5, {"sharing": Count(5, 1)}, results=(Shown(None, small),)))
    for number in range(100, 200):
        findings.add(processed(number))
    assert "small.txt" in [shown.name for shown in findings.most()]


def test_samples_are_of_different_texts_and_the_same_in_any_order() -> None:
    def samples(numbers: list[int]) -> list[str]:
        findings = Findings()
        for number in [*numbers, *numbers]:
            findings.add(processed(number))
        return [sample.removed.start for sample in findings.rules["sharing/s/bar"].samples]

    numbers = list(range(1, 100))
    found = samples(numbers)
    assert len(set(found)) == 5
    assert samples(numbers[::-1]) == found


# In a browser

in_chromium = pytest.mark.skipif(
    chromium.PATH is None, reason="no Chromium here to open the report in; apt-get install chromium"
)
SHOWN = "[...document.querySelectorAll('.item:not([hidden])')].map((e) => e.querySelector('.name').textContent)"
COLOURS = """
(() => {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(["paper", "raised", "ink", "quiet", "link", "gone", "gone-paper", "spared", "spared-paper"]
    .map((name) => [name, style.getPropertyValue("--" + name).trim()]));
})()
"""


@pytest.fixture
def tab(run: Path) -> Iterator[Tab]:
    with chromium.open_page(run / "report.html") as tab:
        yield tab
        assert tab.errors == []
        assert set(tab.requests) == {(run / "report.html").as_uri()}


def count(tab: Tab) -> str:
    return str(tab.js("document.getElementById('count').textContent"))


@in_chromium
def test_it_filters_by_rule_and_opens_a_document(tab: Tab) -> None:
    assert count(tab) == "Shown: 4 of 4 rules, 7 of 7 documents"
    tab.click("[id='sharing/s/bar'] summary")
    tab.click("[id='sharing/s/bar'] .only")
    assert tab.js("document.getElementById('rule').value") == "sharing/s/bar"
    assert count(tab) == "Shown: 1 of 4 rules, 4 of 7 documents"
    assert "one.txt" in tab.js(SHOWN)
    assert "weak.txt" not in tab.js(SHOWN)
    document = "#most .item:not([hidden])"
    assert tab.js(f"document.querySelector('{document} .text').checkVisibility()") is False
    tab.click(f"{document} summary")
    assert tab.js(f"document.querySelector('{document} .text').checkVisibility()") is True
    dimmed = "[...document.querySelectorAll('.gone.other')].map((e) => e.dataset.rules)"
    assert "comments/c/all" in tab.js(dimmed)
    assert "sharing/s/bar" not in tab.js(dimmed)
    tab.click("#filters [type=reset]")
    assert count(tab) == "Shown: 4 of 4 rules, 7 of 7 documents"


@in_chromium
def test_it_filters_by_category_and_offers_only_its_rules(tab: Tab) -> None:
    tab.js("document.getElementById('category').focus()")
    tab.press("ArrowDown")
    assert tab.js("document.getElementById('category').value") == "comments"
    assert count(tab) == "Shown: 3 of 4 rules, 5 of 7 documents"
    offered = "[...document.querySelectorAll('#rule option:enabled')].map((e) => e.textContent)"
    assert tab.js(offered) == ["all", "comments/c/all", "comments/c/script", "comments/c/weak"]


@in_chromium
def test_it_is_used_by_keyboard(tab: Tab) -> None:
    tab.press("/")
    tab.type("FORTY one.txt")
    assert count(tab) == "Shown: 1 of 4 rules, 1 of 7 documents"
    for _ in range(100):
        tab.press("Tab")
        if tab.js("document.activeElement.closest('[data-kind=document]') !== null"):
            break
    tab.press("Enter")
    assert tab.js("document.activeElement.parentElement.open") is True
    assert tab.js("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab.press("Tab")
    tab.press("Enter")  # the link to its rule
    tab.wait_for("document.activeElement.closest('[id=\"comments/c/all\"][open]') !== null")


@in_chromium
def test_documents_can_be_put_in_order_by_share(tab: Tab) -> None:
    shares = "[...document.querySelectorAll('#most .item')].map((e) => Number(e.dataset.share))"
    assert tab.js(shares) != sorted(tab.js(shares), reverse=True)
    tab.js("document.getElementById('order').focus()")
    tab.press("ArrowDown")
    assert tab.js(shares) == sorted(tab.js(shares), reverse=True)


@in_chromium
def test_a_scraped_script_does_not_run(tab: Tab) -> None:
    tab.js("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert tab.js("[document.title, typeof window.ran]") == ["What bodycopy removed", "undefined"]
    assert tab.js("document.scripts.length") == 1


@in_chromium
def test_no_other_script_would_run_even_if_it_got_in(run: Path, tmp_path: Path) -> None:
    broken = (run / "report.html").read_text().replace("<main>", "<main><script>window.ran = 1</script><img src=x>")
    (tmp_path / "broken.html").write_text(broken)
    with chromium.open_page(tmp_path / "broken.html") as tab:
        assert tab.js("[typeof window.ran, document.scripts.length]") == ["undefined", 2]
        assert len(tab.errors) == 2
        assert count(tab).startswith("Shown: 4")


@in_chromium
@pytest.mark.parametrize(("width", "dark"), [*product((360, 1200), (False, True))])
def test_it_fits_the_screen_and_can_be_read(tab: Tab, width: int, dark: bool) -> None:
    tab.show(width=width, dark=dark)
    tab.js("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    assert tab.js("document.documentElement.scrollWidth") <= width
    colours = tab.js(COLOURS)
    assert (luminance(colours["paper"]) < 0.1) == dark
    pairs = [
        *product(("ink", "quiet", "link"), ("paper", "raised")),
        ("gone", "gone-paper"),
        ("spared", "spared-paper"),
    ]
    pairs.append(("spared", "paper"))
    assert {pair for pair in pairs if contrast(*(colours[name] for name in pair)) < 4.5} == set()


def luminance(colour: str) -> float:
    """Return the relative luminance that WCAG defines."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)

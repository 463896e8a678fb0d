"""Fit the weights of rules/structure/page.yaml on texts whose bodies are known.

    python scripts/fit_page.py DATA [--tries N] [--seed N] [--write]

DATA is a folder as `bodycopy eval` takes it. Every text is brought to where the region is measured, once; then a few
weights at a time are moved at random, and what helps stays. What helps is a mean of F1 over the sources with bodies and
of the unwanted pieces gone, less what is lost: recall, wanted pieces and words of clean texts beyond the limits below.
F1 is here over words, by line, which is quicker than `bodycopy eval` and orders the weights alike.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from bodycopy.evaluation import Row as Labelled
from bodycopy.evaluation import read_rows
from bodycopy.finders import Finders
from bodycopy.loader import load_rules
from bodycopy.matcher import GaveUpError, Program, Reading
from bodycopy.model import Document
from bodycopy.page import Marks, Page
from bodycopy.rows import Row
from bodycopy.rules import OFF_BY_DEFAULT, Region, choose
from bodycopy.segmenter import segment

PACK = Path(__file__).resolve().parents[1] / "rules" / "structure" / "page.yaml"
RULE = "structure/page/around-the-article"
WORD = re.compile(r"\w+")
SHINGLE = 4

MOST_RECALL_LOST = 0.03
LEAST_KEPT = {"naive-paras": 0.997, "page-text": 0.985, "": 0.9995}
"""By source: the share of wanted pieces that must stay, of those that the other rules leave."""
MOST_CUT = 100.0
"""Words per million that may go from texts of which nothing may."""

STEPS = {
    "page": {
        "lines": 1,
        "removed": 15,
        "mostly": 50,
        "kinds": 2,
        "tiny": 8,
        "short": 10,
        "colon": 2,
        "digits": 10,
        "rival": 10,
    },
    "prose": {"repeated": 5, "bulleted": 4, "dated": 4, "address": 4, "under_comments": 0.1},
    "other": {
        "long": 3,
        "medium": 1,
        "short": 1,
        "tiny": 1,
        "beside_prose": 1,
        "colon": 3,
        "dated": 3,
        "address": 3,
        "comments": 10,
        "removed": 3,
    },
    "": {
        "least": 20,
        "above": 0.05,
        "below": 0.05,
        "side": 1,
        "prose_above": 20,
        "margin": 1,
        "title": 0.05,
        "aside": 0.05,
    },
}
"""How far each weight is moved at a time. Those of `lead` and `menu` are set by hand: bodies have no headline, so they
do not show what it costs to lose one, and menus in the middle of an article are few.
"""


@dataclass
class Case:
    """A text, brought to where the region is measured."""

    source: str
    page: Page
    marks: Marks
    gone: Sequence[int]
    words: list[int]
    hits: list[float] = field(default_factory=list)
    """Words of each row that are of the body."""
    body: int = 0
    wanted: list[set[int]] = field(default_factory=list)
    unwanted: list[set[int]] = field(default_factory=list)
    kind: str = "clean"


def cases(data: Path, region: Region) -> Iterator[Case]:
    """Yield the texts of a folder for which the weights matter."""
    every = [rule for rule in load_rules() if rule.id != RULE]
    plain = Program(choose(every))
    body = Program(choose(every, also=[c for c in OFF_BY_DEFAULT if any(r.category == c for r in every)]))
    for file in sorted(data.glob("*.jsonl*")):
        if file.name.startswith("raw_"):
            continue
        for labelled in read_rows(file):
            try:
                case = _case(file.name.partition(".")[0], labelled, plain if labelled.gold is None else body, region)
            except GaveUpError:
                continue
            if case:
                yield case


def _case(name: str, labelled: Labelled, program: Program, region: Region) -> Case | None:
    reading = Reading(program, Document(labelled.text, labelled.url))
    lines = segment(labelled.text)
    rows = [Row(n, line.start, labelled.text[line.start : line.end]) for n, line in enumerate(lines)]
    rows = [row for row in rows if row.text.strip()]
    reading.scan(rows, program.filter.lines_of(labelled.text))
    rows = reading.settle(rows)
    finders = Finders(rows, reading)
    finders.run()
    gone = finders.state.gone
    if not rows or (labelled.gold is None and not labelled.wanted and not labelled.unwanted and not any(gone)):
        return None
    kinds = len({program.rules[number].category for number in finders.acted})
    marks = Marks(
        frozenset(n for n, row in enumerate(rows) if reading.covers(0, region.comments, row.text)),
        frozenset(n for n, row in enumerate(rows) if reading.occurs(0, region.dates, row.text)),
        frozenset(n for n, row in enumerate(rows) if reading.occurs(0, region.addresses, row.text)),
    )
    words = [len(WORD.findall(row.text)) for row in rows]
    case = Case(f"{name}/{labelled.source}", Page(rows, gone, kinds), marks, gone, words)
    if labelled.gold is not None:
        case.kind, case.body = "body", len(WORD.findall(labelled.gold))
        case.hits = list(_hits(rows, labelled.gold))
    elif labelled.wanted or labelled.unwanted:
        case.kind = "pieces"
        case.wanted = list(_rows_of(labelled.wanted, labelled.text, rows, gone))
        case.unwanted = list(_rows_of(labelled.unwanted, labelled.text, rows, gone))
    return case


def _hits(rows: Iterable[Row], gold: str) -> Iterator[float]:
    body = WORD.findall(gold)
    known = {tuple(body[n : n + SHINGLE]) for n in range(max(1, len(body) - SHINGLE + 1))}
    joined = f" {' '.join(body)} "
    for row in rows:
        words = WORD.findall(row.text)
        if len(words) < SHINGLE:
            yield len(words) * float(f" {' '.join(words)} " in joined and len(words) > 1)
        else:
            own = [tuple(words[n : n + SHINGLE]) for n in range(len(words) - SHINGLE + 1)]
            yield len(words) * sum(s in known for s in own) / len(own)


def _rows_of(pieces: Iterable[str], text: str, rows: Sequence[Row], gone: Sequence[int]) -> Iterator[set[int]]:
    for piece in pieces:
        at = text.find(piece)
        found = {n for n, r in enumerate(rows) if at >= 0 and r.span.start < at + len(piece) and r.span.end > at}
        if found and not any(gone[n] for n in found):
            yield found


def value(found: Sequence[Case], region: Region) -> tuple[float, dict[str, str]]:
    """Return what a set of weights is worth, and its figures by source."""
    bodies: defaultdict[str, list[tuple[float, float, float]]] = defaultdict(list)
    pieces: defaultdict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
    cut: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for case in found:
        outside = set(case.page.around(region, case.marks)) if case.page.may_be(region) else set()
        if case.kind == "body":
            stays = [n for n in range(len(case.words)) if not case.gone[n] and n not in outside]
            hit = sum(case.hits[n] for n in stays)
            before = sum(h for n, h in enumerate(case.hits) if not case.gone[n])
            bodies[case.source].append(
                (_ratio(hit, sum(case.words[n] for n in stays)), _ratio(hit, case.body), _ratio(before, case.body))
            )
        elif case.kind == "pieces":
            lost, left = (sum(bool(p & outside) for p in ps) for ps in (case.wanted, case.unwanted))
            pieces[case.source].append((len(case.wanted), lost, len(case.unwanted), left))
        else:
            cut[case.source] += sum(case.words[n] for n in outside)
            size[case.source] += sum(case.words)
    return _sum(bodies, pieces, cut, size)


def _ratio(hit: float, of: float) -> float:
    return min(1.0, hit / of) if of else 1.0


def _sum(
    bodies: Mapping[str, list[tuple[float, float, float]]],
    pieces: Mapping[str, list[tuple[int, int, int, int]]],
    cut: Mapping[str, int],
    size: Mapping[str, int],
) -> tuple[float, dict[str, str]]:
    total, shown, scores = 0.0, {}, []
    for source, rows in bodies.items():
        p, r, r0 = (fmean(column) for column in zip(*rows, strict=True))
        f = 2 * p * r / (p + r) if p + r else 0.0
        scores.append(f)
        limit = MOST_RECALL_LOST if source.endswith(("text", "inscriptis")) else MOST_RECALL_LOST / 5
        total -= max(0.0, r0 - r - limit)
        shown[source] = f"p {p:.3f}  r {r:.3f}  f {f:.3f}  lost {r0 - r:.4f}"
    for source, rows in pieces.items():
        wanted, lost, unwanted, gone = (sum(column) for column in zip(*rows, strict=True))
        least = LEAST_KEPT.get(source.partition("/")[2], LEAST_KEPT[""])
        kept = 1 - lost / max(1, wanted)
        total += 0.1 * gone / max(1, unwanted) - 3 * max(0.0, least - kept)
        shown[source] = f"kept {kept:.4f}  gone {gone / max(1, unwanted):.3f} of what the other rules leave"
    for source in size:
        # Texts from which nothing goes are not among the cases: their words count as little as they can.
        million = 1e6 * cut[source] / max(size[source], 300_000)
        total -= 0.05 * max(0.0, million / MOST_CUT - 1)
        shown[source] = f"cut {million:.0f} words per million"
    return total + fmean(scores or [0.0]), shown


def moved(region: Region, part: str, name: str, step: float) -> Region:
    """Return the weights with one of them moved."""
    if not part:
        return replace(region, **{name: _rounded(getattr(region, name) + step)})
    weights: Any = getattr(region, part)
    return replace(region, **{part: replace(weights, **{name: _rounded(getattr(weights, name) + step)})})


def _rounded(number: float) -> float:
    return round(number, 2)


def _allowed(region: Region) -> bool:
    shares = 0 < region.above <= 1 and 0 < region.below <= 1 and 0 <= region.prose.under_comments <= 1
    shares &= 0 <= region.title <= 1 and 0 <= region.aside <= 1
    counts = min(region.menu, region.margin, region.lead.lines, region.prose_above) >= 0
    return shares and counts and region.least > 0 and min(region.page.lines, region.side) >= 1


def fit(found: Sequence[Case], region: Region, tries: int, seed: int) -> Region:
    """Move up to three weights at a time, at random, and keep what helps."""
    chance = Random(seed)
    weights = [(part, name, step) for part, steps in STEPS.items() for name, step in steps.items()]
    best, _ = value(found, region)
    for number in range(tries):
        tried = region
        for part, name, step in chance.sample(weights, chance.choice((1, 1, 2, 3))):
            tried = moved(tried, part, name, step * chance.choice((-2, -1, 1, 2)))
        if not _allowed(tried):
            continue
        worth, _ = value(found, tried)
        if worth > best + 1e-5:
            region, best = tried, worth
            print(f"try {number + 1}: {best:.5f}", file=sys.stderr, flush=True)
    return region


def as_yaml(region: Region) -> str:
    """Return the weights as they stand in the pack."""
    lines = []
    for part in ("page", "prose", "other", "lead"):
        lines.append(f"      {part}:")
        weights = getattr(region, part)
        lines += [f"        {f.name.replace('_', '-')}: {getattr(weights, f.name):g}" for f in fields(weights)]
    names = ("least", "above", "below", "side", "prose_above", "margin", "menu", "title", "aside")
    lines += [f"      {name.replace('_', '-')}: {getattr(region, name):g}" for name in names]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the arguments, fit, and print the figures and the weights."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("data", type=Path)
    ask.add_argument("--tries", type=int, default=0, help="moves that are tried; without any only the figures")
    ask.add_argument("--seed", type=int, default=1, help="of the moves")
    ask.add_argument("--write", action="store_true", help="put the weights into the pack")
    said = ask.parse_args()
    region = next(rule.finder for rule in load_rules() if rule.id == RULE)
    assert isinstance(region, Region)
    found = list(cases(said.data, region))
    region = fit(found, region, said.tries, said.seed)
    worth, shown = value(found, region)
    print(f"{worth:.5f}", *(f"{name:40s} {text}" for name, text in sorted(shown.items())), as_yaml(region), sep="\n")
    if said.write:
        pack = PACK.read_text(encoding="utf-8")
        start, end = pack.index("      page:\n"), pack.index("      comments: |\n")
        PACK.write_text(pack[:start] + as_yaml(region) + pack[end:], encoding="utf-8")


if __name__ == "__main__":
    main()

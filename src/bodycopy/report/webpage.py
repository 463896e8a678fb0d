"""A run as one page for a browser: what went, by category and rule, and the documents that need a look.

The page fetches nothing and holds no data but its own text. Every text of a stranger is escaped by the template
engine; should that ever fail, the page's content security policy still lets no script run but the page's own.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from bodycopy.formats.files import naming, replacing
from bodycopy.report.findings import Findings, Rule
from bodycopy.report.summary import Tally
from bodycopy.report.terminal import counted, visible

__all__ = ["page", "write_page"]

_FOLDER = "webpage_files"


class _Category(NamedTuple):
    """A row of the first table."""

    name: str
    documents: int
    lines: int
    characters: int
    share: float
    """Its part of all that was removed."""


def write_page(path: Path, token: str, tally: Tally, findings: Findings, rules: str) -> None:
    """Write the page. Raises OSError."""
    data = page(tally, findings, rules).encode("utf-8")
    with replacing(path, token) as file, naming(path):
        file.write(data)


def page(tally: Tally, findings: Findings, rules: str) -> str:
    """Return the page of a run; `rules` says in one line which rules acted."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": _number, "percent": _percent, "path": _breakable, "visible": visible}
    environment.globals |= {"counted": counted}
    script = _file("page.js")
    template = environment.from_string(_file("page.html"))
    return template.render(
        style=Markup(_file("page.css")),
        script=Markup(script),
        script_hash=f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}",
        tally=tally,
        removed=tally.characters.total(),
        categories=list(_categories(tally, findings)),
        rules=_by_category(findings),
        findings=findings,
        most=findings.most(),
        acted=rules,
    )


def _file(name: str) -> str:
    return (files(__package__) / _FOLDER / name).read_text("utf-8")


def _categories(tally: Tally, findings: Findings) -> Iterator[_Category]:
    total = tally.characters.total()
    for name, characters in sorted(tally.characters.items(), key=lambda item: (-item[1], item[0])):
        yield _Category(name, findings.documents[name], tally.lines[name], characters, characters / total)


def _by_category(findings: Findings) -> list[tuple[str, list[Rule]]]:
    """Return the rules in groups; groups and rules that removed most come first."""
    weights: dict[str, int] = {}
    for rule in findings.rules.values():
        weights[rule.category] = weights.get(rule.category, 0) + rule.characters
    rules = sorted(
        findings.rules.values(), key=lambda rule: (-weights[rule.category], rule.category, -rule.characters, rule.id)
    )
    return [(category, list(group)) for category, group in groupby(rules, key=lambda rule: rule.category)]


def _number(value: int) -> str:
    return f"{value:,}"


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _breakable(path: str) -> Markup:
    """Let a long name break after each slash."""
    return Markup("/<wbr>").join(visible(path).split("/"))

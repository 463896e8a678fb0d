"""The texts that are measured: articles and pages made up, alike in every run, and real ones from a folder."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from html import escape
from pathlib import Path

LABELS = (
    "Share", "Read more", "Advertisement", "Leave a Reply", "Related Articles", "Follow us on Twitter",
    "Your email address will not be published. Required fields are marked *", "Sign up for our newsletter",
    "© 2024 Example Media. All rights reserved.", "Image: Reuters", "Last updated on 3 May 2024", "View all comments",
)  # fmt: skip
MENU = ("Home", "World", "Sport", "Weather", "Contact us", "Privacy Policy", "About", "Log in", "Search", "Video")

MOST_TEXTS = 100
"""Texts that are measured of each kind in a folder of them."""

ABOUT_4_KB = range(3500, 4501)
"""The bytes of a text that counts as one of 4 kB."""


def words(chance: random.Random, number: int = 4000) -> list[str]:
    """Make up words; a few are common, as in any language."""
    parts = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "ar", "en", "is")]
    return ["".join(chance.choices(parts, k=chance.choice((1, 2, 2, 3)))) for _ in range(number)]


def sentence(chance: random.Random, known: Sequence[str]) -> str:
    text = " ".join(known[min(int(chance.paretovariate(0.6)), len(known)) - 1] for _ in range(chance.randint(8, 22)))
    return text[:1].upper() + text[1:] + "."


def article(chance: random.Random, known: Sequence[str], size: int = 4096) -> str:
    """Make what an extractor gives: a headline, paragraphs, and a few lines of furniture at the ends."""
    lines = [sentence(chance, known)[:60].rstrip("."), "By Anna Smith"]
    while sum(map(len, lines)) < size - 200:
        lines.append(" ".join(sentence(chance, known) for _ in range(chance.randint(1, 4))))
        if chance.random() < 0.05:
            lines[-1] = lines[-1].replace(" ", " “", 1).replace(".", "”.", 1)
    return "\n".join([*lines, *chance.sample(LABELS, chance.choice((0, 0, 1, 2, 3)))])[: size + 200]


@dataclass(frozen=True)
class Page:
    """A whole page: menus and lists around an article. The same lines are its text and stand in its HTML."""

    menu: tuple[str, ...]
    article: str
    aside: tuple[str, ...]
    footer: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join([*self.menu, self.article, *self.aside, *self.footer])


def page(chance: random.Random, known: Sequence[str]) -> Page:
    menus = [chance.choice(MENU) if chance.random() < 0.5 else chance.choice(known).title() for _ in range(60)]
    body = article(chance, known)
    return Page(tuple(menus[:30]), body, tuple(chance.choices(LABELS, k=8)), tuple(menus[30:]))


def html_of(page: Page, chance: random.Random, known: Sequence[str]) -> str:
    """Return a page as a site sends it: nine tenths are scripts, styles, elements and attributes."""
    headline, byline, *paragraphs = map(escape, page.article.split("\n"))
    scripts = [f"<script>{script(chance, known)}</script>" for _ in range(5)]
    styles = "".join(f".{chance.choice(known)}__{n}{{margin:0 {n}px;color:#1{n:03}ab}}\n" for n in range(200))
    images = ", ".join(f"https://img.example.com/{chance.choice(known)}/{w}.jpg {w}w" for w in range(200, 1800, 200))
    cards = "".join(f'<div class="card card--plain">{escape(line)}</div>\n' for line in page.aside)
    body = "".join(f'<p class="article__text" data-n="{n}">{line}</p>\n' for n, line in enumerate(paragraphs))
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{headline} - Example</title>
<meta property="og:title" content="{headline}"><link rel="stylesheet" href="/assets/main.css">
<style>{styles}</style>{"".join(scripts[:3])}</head>
<body class="page page--article"><div class="layout"><header class="header"><svg viewBox="0 0 24 24">
<path d="{" ".join(f"L{n} {n * 7 % 24}" for n in range(100))}"/></svg>
<nav class="nav" aria-label="Main"><ul class="nav__list">{links(page.menu, chance, known)}</ul></nav></header>
<main class="content"><article class="article" itemscope itemtype="https://schema.org/NewsArticle">
<h1 class="article__title">{headline}</h1><div class="article__byline">{byline}</div>
<figure class="article__image"><img src="/lead.jpg" srcset="{images}" alt=""></figure>
<div class="article__body">{body}</div></article><aside class="aside">{cards}</aside></main>
<footer class="footer"><ul class="footer__list">{links(page.footer, chance, known)}</ul></footer></div>
{"".join(scripts[3:])}</body></html>
"""


def links(lines: Sequence[str], chance: random.Random, known: Sequence[str]) -> str:
    return "".join(
        f'<li class="menu__item menu__item--{n}" data-track=\'{{"position":{n},"module":"{chance.choice(known)}"}}\'>'
        f'<a class="menu__link" href="/{chance.choice(known)}/{chance.choice(known)}?n={n}">{escape(line)}</a></li>\n'
        for n, line in enumerate(lines)
    )


def script(chance: random.Random, known: Sequence[str]) -> str:
    names = (chance.choices(known, k=2) for _ in range(100))
    return "".join(f"function {a}(e,t){{var n=e.{b}||[];return n.push(t.{a}),n.length>2?{a}(n,t):n}}" for a, b in names)


def records(size: int) -> Iterator[bytes]:
    """Make lines of so many bytes together: two thousand articles in turn, each time with another id and first line."""
    chance = random.Random(1)
    known = words(chance)
    articles: list[str] = []
    number = made = 0
    while made < size:
        if number < 2000:
            articles.append(article(chance, known))
        head = f"{chance.choice(known).title()} {chance.choice(known)} {number}"
        record = {"text": f"{head}\n{articles[number % len(articles)]}", "id": str(number)}
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        yield line
        made += len(line)
        number += 1


def put_folder(folder: Path, size: int, number: int) -> None:
    """Make a folder of so many files of records, alike in size."""
    folder.mkdir()
    files = [(folder / f"{each:02}.jsonl").open("wb") for each in range(number)]
    for each, line in enumerate(records(size)):
        files[each % number].write(line)
    for file in files:
        file.close()


def groups_of(folder: Path) -> dict[str, list[str]]:
    """Return the texts of each file of a folder, and of each source in it."""
    import zstandard  # noqa: PLC0415 - only for --data

    groups: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.jsonl.zst")):
        with path.open("rb") as raw:
            for line in io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(raw), "utf-8"):
                row = json.loads(line)
                name = "/".join(filter(None, (path.name.split(".")[0], row.get("source"))))
                groups.setdefault(name, []).append(row["text"])
    return groups


def some_of(texts: Sequence[str]) -> Sequence[str]:
    """Return texts that stand evenly apart, not too many."""
    return texts[:: -(-len(texts) // MOST_TEXTS)]


def about_4_kb(groups: dict[str, list[str]], kind: str) -> list[str]:
    """Return the texts of about 4 kB of all groups whose name fits."""
    return [
        text
        for name, texts in groups.items()
        if fnmatch(name, kind)
        for text in texts
        if len(text.encode()) in ABOUT_4_KB
    ]

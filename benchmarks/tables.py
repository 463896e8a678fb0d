"""The tables of docs/performance.md, in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from measures import Curve, Measured, OfHtml, OneText, bytes_of
from processes import FolderRun, Start


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown.

    >>> print(table(["texts", "µs"], [["articles", "91"], ["", "213"]]))
    | texts | µs |
    | --- | --- |
    | articles | 91 |
    | | 213 |
    """
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join("|" + "|".join(f" {cell} " if cell else " " for cell in line) + "|" for line in lines)


def made_up_table(groups: Sequence[Sequence[Measured]]) -> str:
    def line(row: Measured, first: bool) -> list[str]:
        speed = f"{row.mb_per_s:.1f}"
        return [row.texts if first else "", row.tool, speed, f"{row.us_per_text:.0f}", f"{row.of_c4:.2f}"]

    head = ["texts", "tool", "MB/s", "µs a text", "of C4"]
    return table(head, (line(row, row is rows[0]) for rows in groups for row in rows))


def real_table(groups: Sequence[Sequence[Measured]]) -> str:
    """Return a table with a row for each group; what is not a speed is of the quickest of the own ways."""

    def line(rows: Sequence[Measured]) -> list[str]:
        best = max((row for row in rows if row.tool.startswith("`clean")), key=lambda row: row.mb_per_s)
        speeds = [f"{row.mb_per_s:.1f}" for row in rows]
        return [rows[0].texts, *speeds, f"{best.of_c4:.2f}", f"{best.us_per_text:.0f}"]

    tools = [row.tool.partition(",")[0] for row in groups[0]]
    return table(["real texts, MB/s", *tools, "of C4, the best", "µs a text"], map(line, groups))


def one_text_table(rows: Sequence[OneText], clock_us: float) -> str:
    def line(row: OneText) -> list[str]:
        times = [f"{row.c4_us:.0f}", f"{row.clean_us:.0f}", f"{row.c4_us / row.clean_us:.2f}"]
        return [row.texts, f"{row.number}", f"{row.median_bytes}", *times]

    head = ["one text", "texts", "bytes", "plain C4 loop, µs", "`clean`, µs", "of C4"]
    nothing = ["nothing, by the same clock", "", "", f"{clock_us:.1f}", f"{clock_us:.1f}", ""]
    return table(head, [*map(line, rows), nothing])


def html_table(rows: Sequence[OfHtml], pages: Mapping[str, str]) -> str:
    def line(row: OfHtml) -> list[str]:
        of_html = "" if row.html_mb_per_s is None else f"{row.html_mb_per_s:.1f}"
        return [row.tool, of_html, f"{row.text_mb_per_s:.1f}", f"{row.us_per_page:.0f}"]

    html_kb, text_kb = (bytes_of(some) / len(pages) / 1000 for some in (pages, pages.values()))
    pages_said = f"pages of {html_kb:.0f} kB, {text_kb:.1f} kB of it text"
    return table([pages_said, "MB/s of HTML", "MB/s of text", "µs a page"], map(line, rows))


def growth_table(rules: Curve, sizes: Mapping[str, Curve]) -> str:
    def line(what: str, points: Curve) -> list[str]:
        return [what, " → ".join(f"{y:.0f}" for _, y in points) + " µs per kB"]

    by_rules = line(" → ".join(f"{number:,}" for number, _ in rules) + " rules", rules)
    by_size = (line(f"{name}, " + " → ".join(said_bytes(x) for x, _ in curve), curve) for name, curve in sizes.items())
    return table(["what grows", "cost"], [by_rules, *by_size])


def said_bytes(number: float) -> str:
    return f"{number / 1e6:.0f} MB" if number >= 1e6 else f"{number / 1e3:.0f} kB"


def starts_table(rows: Sequence[Start]) -> str:
    head = ["a process", "starts", "ms by the clock", "ms of processor time"]
    return table(
        head, ([row.command, f"{row.starts}", f"{row.clock_ms:.0f}", f"{row.processor_ms:.0f}"] for row in rows)
    )


def folders_table(rows: Sequence[FolderRun]) -> str:
    def line(row: FolderRun) -> list[str]:
        seconds = [f"{row.clock_s:.1f}", f"{row.processor_s:.1f}"]
        return [f"{row.mb:.0f} MB", f"{row.jobs}", *seconds, f"{row.peak_mb:.0f}"]

    return table(
        ["a folder", "processes", "s by the clock", "s of processor time", "peak of memory, MB"], map(line, rows)
    )

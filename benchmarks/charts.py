"""Curves as SVG, in charts side by side that have one scale of values; both axes are logarithmic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log10

COLOURS = ("#1b6ca8", "#c4314b", "#2e7d32")
WIDTH, HEIGHT = 360, 220
LEFT, TOP, APART = 50, 36, 520
LINE = 14


@dataclass(frozen=True)
class Chart:
    title: str
    curves: Mapping[str, Sequence[tuple[float, float]]]
    """The points of each curve, all curves over the same values."""
    say: Callable[[float], str]
    """Says what a curve is over, below the axis."""


def svg(charts: Sequence[Chart]) -> str:
    values = [y for chart in charts for points in chart.curves.values() for _, y in points]
    ticks = ticks_around(min(values), max(values))
    body = "\n".join(line for number, chart in enumerate(charts) for line in drawn(chart, LEFT + APART * number, ticks))
    size = f'width="{APART * len(charts)}" height="{TOP + HEIGHT + 30}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">'
    return f'{head}\n<rect width="100%" height="100%" fill="#fff"/>\n{body}\n</svg>\n'


def ticks_around(low: float, high: float) -> list[float]:
    """Return values for an axis, the outermost as near as may be.

    >>> ticks_around(7.5, 140)
    [5.0, 10.0, 20.0, 50.0, 100.0, 200.0]
    """
    every = [step * 10.0**power for power in range(-3, 7) for step in (1, 2, 5)]
    first = max(number for number, value in enumerate(every) if value <= low)
    last = min(number for number, value in enumerate(every) if value >= high)
    return every[first : last + 1]


def drawn(chart: Chart, left: float, ticks: Sequence[float]) -> list[str]:
    over = [x for x, _ in next(iter(chart.curves.values()))]

    def across(x: float) -> float:
        return left + WIDTH * share(x, over[0], over[-1])

    def down(y: float) -> float:
        return TOP + HEIGHT * (1 - share(y, ticks[0], ticks[-1]))

    parts = [f'<text x="{left}" y="20" font-weight="bold">{chart.title}</text>']
    for tick in ticks:
        parts.append(f'<path d="M{left} {down(tick):.1f}h{WIDTH}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{down(tick) + 4:.1f}" text-anchor="end" font-size="10">{tick:g}</text>')
    for x in over:
        parts.append(f'<path d="M{across(x):.1f} {TOP + HEIGHT}v5" stroke="#777"/>')
        place = f'x="{across(x):.1f}" y="{TOP + HEIGHT + 18}"'
        parts.append(f'<text {place} text-anchor="middle" font-size="10">{chart.say(x)}</text>')
    names = spread([down(points[-1][1]) for points in chart.curves.values()])
    for colour, (name, points), at in zip(COLOURS, chart.curves.items(), names, strict=False):
        line = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{across(x):.1f}" cy="{down(y):.1f}" r="3" fill="{colour}"/>' for x, y in points]
        parts.append(f'<text x="{left + WIDTH + 8}" y="{at + 4:.1f}" fill="{colour}">{name}</text>')
    return parts


def share(value: float, low: float, high: float) -> float:
    """Return how far along a logarithmic axis a value lies."""
    return (log10(value) - log10(low)) / (log10(high) - log10(low))


def spread(places: Sequence[float]) -> list[float]:
    """Move places down, as little as may be, until there is a line between each two.

    >>> spread([50, 20, 45])
    [59, 20, 45]
    """
    moved = list(places)
    last = float("-inf")
    for number in sorted(range(len(places)), key=places.__getitem__):
        last = moved[number] = max(places[number], last + LINE)
    return moved

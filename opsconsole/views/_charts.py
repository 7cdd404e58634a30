"""Where everything of a chart stands on paper. Nothing here knows what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 632, 10, 156
_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Series:
    """A line of numbers. `look` is its place among the colours of charts: a, b or c."""

    name: str
    look: str
    numbers: Sequence[float]


@dataclass(frozen=True)
class Line:
    name: str
    look: str
    points: str  # as a polyline takes them
    last: tuple[float, float]


@dataclass(frozen=True)
class Mark:
    """Something on a day that explains it: its place, and what it says."""

    x: float
    says: str


@dataclass(frozen=True)
class Chart:
    """A chart of lines over days. `ticks` are (y, words) at the left, `days` (x, words) below."""

    title: str
    says: str
    lines: Sequence[Line]
    ticks: Sequence[tuple[float, str]]
    days: Sequence[tuple[float, str]]
    marks: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = _RIGHT
    bottom: int = _BOTTOM
    top: int = _TOP


def chart(
    title: str,
    says: str,
    labels: Sequence[str],
    series: Sequence[Series],
    marks: Sequence[tuple[int, str]] = (),
) -> Chart:
    """Draw `series` over `labels`, one number each. `marks` are (place, what it says)."""
    top, step = _scale(max((max(one.numbers, default=0) for one in series), default=0))
    wide = max(len(labels) - 1, 1)

    def x(place: int) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * place / wide, 1)

    def y(number: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * number / top, 1)

    lines = [
        Line(
            one.name,
            one.look,
            " ".join(f"{x(place)},{y(number)}" for place, number in enumerate(one.numbers)),
            (x(len(one.numbers) - 1), y(one.numbers[-1])),
        )
        for one in series
        if one.numbers
    ]
    every = max(len(labels) // 6, 1)
    days = [(x(place), label) for place, label in enumerate(labels) if place % every == 0]
    ticks = [(y(number), str(number)) for number in range(0, top + 1, step)]
    return Chart(title, says, lines, ticks, days, [Mark(x(place), words) for place, words in marks])


def _scale(most: float) -> tuple[int, int]:
    """Up to where the paper reaches, and how far apart its lines are: round numbers, four or five of them."""
    ten = 1
    while True:
        for one in _STEPS:
            if one * ten * 5 >= most:
                step = one * ten
                return max(step * -(-int(most) // step), step), step
        ten *= 10

"""The picture of an order's lanes: where everything stands on paper. Nothing here knows what an order is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ..lib.duration import span_words
from ..services.orders import Gate, Holder, Lane, Lanes, Look, Passed, Point, Span


@dataclass(frozen=True)
class Sheet:
    """A size of paper, in units of its viewBox. `head` is the height of a lane's own heading, above its bars."""

    name: str
    width: int
    left: int
    right: int
    lane: int
    head: int
    letters: float  # how wide a letter of the small text is
    state_letters: int  # how many letters a lane's state may have

    @property
    def top(self) -> int:
        return 22

    def bars(self, nth: int) -> int:
        """The upper edge of the bars of lane number `nth`."""
        return self.top + nth * self.lane + self.head + 18


WIDE = Sheet("wide", 1000, left=98, right=740, lane=52, head=0, letters=6.1, state_letters=39)
NARROW = Sheet("narrow", 350, left=6, right=344, lane=72, head=20, letters=6.1, state_letters=38)
BAR = 20
_GAP = 15  # between the middles of two marks


@dataclass(frozen=True)
class Row:
    """One line of the table twin, and the title of the element that is drawn for it."""

    lane: str
    says: str
    since: datetime
    until: datetime | None
    lasted: str  # "3 d", or "" for a moment
    holder: str
    note: str
    kind: str  # span or point

    @property
    def title(self) -> str:
        """The row in one sentence after the other, as the picture's element carries it."""
        when = stamp(self.since) if self.kind == "point" else f"{stamp(self.since)} to {stamp(self.until)}"
        told = [f"{self.lane}: {self.says}", when, self.lasted, self.holder, self.note]
        return " · ".join(part for part in told if part)


def stamp(at: datetime | None) -> str:
    return f"{at:%-d %b %Y, %H:%M} UTC" if at else "now"


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    look: str
    tone: str
    text: str
    title: str
    late_x: float | None  # from here to the end it takes longer than usual


@dataclass(frozen=True)
class Mark:
    """`stem` is where on the axis it belongs, when it had to step aside. `number` is its gate's."""

    x: float
    stem: float
    tone: str
    shape: str
    number: int | None
    title: str


@dataclass(frozen=True)
class Drawn:
    """One lane on paper. `y` is the upper edge of its bars."""

    label: str
    state: str
    meta: str
    tone: str
    y: int
    bars: Sequence[Bar]
    marks: Sequence[Mark]


@dataclass(frozen=True)
class Tick:
    x: float
    text: str
    anchor: str


@dataclass(frozen=True)
class Paper:
    sheet: Sheet
    height: int
    lanes: Sequence[Drawn]
    joints: Sequence[tuple[float, int]]  # x, and the number of the gate
    ticks: Sequence[Tick]
    now_x: float | None


@dataclass(frozen=True)
class Signpost:
    """A gate in the strip above the picture. `number` is None where the picture does not show it."""

    gate: Gate
    number: int | None
    words: str
    tone: str
    shape: str


@dataclass(frozen=True)
class Picture:
    summary: str
    gates: Sequence[Signpost]
    papers: Sequence[Paper]
    rows: Sequence[Row]


def draw(lanes: Lanes) -> Picture:
    """The picture in both sizes, its summary and its table twin. The same lanes make the same picture."""
    numbers = {
        gate.code: number
        for number, gate in enumerate((gate for gate in lanes.gates if gate.at), 1)
    }  # fmt: skip
    return Picture(
        summary=_summary(lanes),
        gates=[_signpost(gate, numbers.get(gate.code)) for gate in lanes.gates],
        papers=[_paper(lanes, sheet, numbers) for sheet in (WIDE, NARROW)],
        rows=list(_rows(lanes)),
    )


def _summary(lanes: Lanes) -> str:
    stands = "; ".join(f"{lane.label}: {lane.current.says}" for lane in lanes.all)
    return f"{stands}. {lanes.ball.says}"


# ------------------------------------------------------------------ words


def _rows(lanes: Lanes) -> Iterator[Row]:
    """Each lane's spans and moments, in time."""
    for lane in lanes.all:
        both: list[Span | Point] = [*lane.spans, *lane.points]
        for one in sorted(both, key=lambda one: (_began(one), isinstance(one, Point))):
            yield _row(lane, one, lanes)


def _began(one: Span | Point) -> datetime:
    return one.since if isinstance(one, Span) else one.at


def _row(lane: Lane, one: Span | Point, lanes: Lanes) -> Row:
    if isinstance(one, Point):
        return Row(lane.label, one.says, one.at, None, "", "", "", "point")
    lasted = span_words(((one.until or lanes.now) - one.since).total_seconds())
    note = ""
    if one.due and one.late(lanes.now):
        over = span_words(((one.until or lanes.now) - one.due).total_seconds())
        note = f"{over} over the usual time"
    holder = "" if one.holder is Holder.NOBODY else one.holder.words[0].upper() + one.holder.words[1:]
    return Row(lane.label, one.says, one.since, one.until, lasted, holder, note, "span")


_GATES = {
    Passed.PASSED: ("good", "circle", "passed, nobody wrote down when"),
    Passed.AHEAD: ("quiet", "ring", "to come"),
    Passed.NEVER: ("quiet", "square", "not reached"),
    Passed.UNNEEDED: ("quiet", "circle", "not needed"),
    Passed.UNKNOWN: ("quiet", "diamond", "nobody told us"),
}


def _signpost(gate: Gate, number: int | None) -> Signpost:
    tone, shape, words = _GATES[gate.passed]
    return Signpost(
        gate, number, "" if gate.at else f"by {gate.by:%-d %b}" if gate.by else words, tone, shape
    )


# ------------------------------------------------------------------ paper


class Axis:
    """Instants to places. Between two things that happened, room grows more slowly than time: three hours and
    sixty days both stay readable, and each bar says how long it was."""

    _SLOWLY = 0.28

    def __init__(self, instants: Iterable[datetime], left: float, right: float) -> None:
        self._at = sorted(set(instants))
        weights = [((b - a) / timedelta(hours=1)) ** self._SLOWLY for a, b in pairwise(self._at)]
        room = (right - left) / (sum(weights) or 1)
        self._x = [left]
        for weight in weights:
            self._x.append(self._x[-1] + weight * room)

    def x(self, at: datetime) -> float:
        if at <= self._at[0]:
            return round(self._x[0], 1)
        for (a, b), (x, y) in zip(pairwise(self._at), pairwise(self._x), strict=True):
            if at <= b:
                return round(x + (y - x) * ((at - a) / (b - a)), 1)
        return round(self._x[-1], 1)


def _paper(lanes: Lanes, sheet: Sheet, numbers: dict[str, int]) -> Paper:
    instants = _instants(lanes)
    end = sheet.right if lanes.open else sheet.right - 28  # at rest: a tail that means "and so on"
    axis = Axis([*instants, lanes.now if lanes.open else lanes.last], sheet.left, end)
    drawn = [_lane(lane, nth, lanes, sheet, axis, numbers) for nth, lane in enumerate(lanes.all)]
    joints = sorted(
        (mark.stem, mark.number) for lane in drawn for mark in lane.marks if mark.number is not None
    )
    foot = sheet.bars(len(drawn) - 1) + BAR
    return Paper(
        sheet,
        height=foot + 30,
        lanes=drawn,
        joints=joints,
        ticks=list(_ticks(lanes, axis, sheet)),
        now_x=axis.x(lanes.now) if lanes.open else None,
    )


def _instants(lanes: Lanes) -> list[datetime]:
    """Every instant at which something begins or happens, in order."""
    spans = {span.since for lane in lanes.all for span in lane.spans}
    return sorted(spans | {point.at for lane in lanes.all for point in lane.points})


def _lane(
    lane: Lane, nth: int, lanes: Lanes, sheet: Sheet, axis: Axis, numbers: dict[str, int]
) -> Drawn:  # fmt: skip
    current = lane.current
    late = current.late(lanes.now)
    blank = current.look is Look.BLANK
    since = "" if blank else f"since {current.since:%-d %b %Y}, {_span(current, lanes)}"
    return Drawn(
        label=lane.label,
        state=_cut(current.says, sheet.state_letters),
        meta=f"{since}, late" if late else since,
        tone="warn" if late and current.tone == "info" else current.tone,
        y=sheet.bars(nth),
        bars=[_bar(lane, span, lanes, sheet, axis) for span in lane.spans],
        marks=list(_marks(lane, lanes, sheet, axis, numbers)),
    )


def _span(span: Span, lanes: Lanes) -> str:
    return span_words(((span.until or lanes.now) - span.since).total_seconds())


def _bar(lane: Lane, span: Span, lanes: Lanes, sheet: Sheet, axis: Axis) -> Bar:
    start = axis.x(span.since)
    end = axis.x(span.until) if span.until else sheet.right
    width = round(max(end - start, 1), 1)
    late = span.late(lanes.now)
    return Bar(
        x=start,
        width=width,
        look=span.look.value,
        tone="warn" if late and span.until is None and span.tone == "info" else span.tone,
        text=_fitting(span, lanes, sheet, width),
        title=_row(lane, span, lanes).title,
        late_x=axis.x(span.due) if late and span.due else None,
    )


def _fitting(span: Span, lanes: Lanes, sheet: Sheet, width: float) -> str:
    """As much of the words as there is room for. What stands beside the lane is not said again on its line."""
    if span.look is Look.BLANK or (span.look is Look.REST and span.until is None and not sheet.head):
        return ""
    lasted = _span(span, lanes)
    short = span.state.replace("_", " ").replace(" rx", " Rx").capitalize()
    for text in (f"{span.says} · {lasted}", f"{short} · {lasted}", lasted):
        if len(text) * sheet.letters + 14 <= width:
            return text
    return ""


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _marks(
    lane: Lane, lanes: Lanes, sheet: Sheet, axis: Axis, numbers: dict[str, int]
) -> Iterator[Mark]:  # fmt: skip
    """The lane's moments, in order, those too close to each other moved apart."""
    stems = [axis.x(point.at) for point in lane.points]
    places: list[float] = []
    for stem in stems:
        places.append(max(stem, places[-1] + _GAP) if places else max(stem, sheet.left + 6))
    most = sheet.right - 6.0
    for n in range(len(places) - 1, -1, -1):
        places[n] = min(places[n], most)
        most = places[n] - _GAP
    for point, x, stem in zip(lane.points, places, stems, strict=True):
        number = numbers.get(point.gate) if point.gate else None
        title = _row(lane, point, lanes).title
        yield Mark(round(x, 1), stem, point.tone, point.shape, number, title)


def _ticks(lanes: Lanes, axis: Axis, sheet: Sheet) -> Iterator[Tick]:
    """Dates under the picture: the first, the last, then what fits between. One that says nothing new is left out."""
    end = lanes.now if lanes.open else lanes.last
    short = end - lanes.since < timedelta(days=4)
    chosen: list[tuple[float, float, str, str]] = []  # from, to, text, anchor
    words = f"{lanes.since:%-d %b %Y, %H:%M}" if short else f"{lanes.since:%-d %b %Y}"
    chosen.append((sheet.left, sheet.left + _wide(words), words, "start"))
    for at in [end, *_instants(lanes)]:
        text = f"{at:%-d %b, %H:%M}" if short else f"{at:%-d %b}"
        x, half = axis.x(at), _wide(text) / 2
        edge = x + half > sheet.right
        place = (x - 2 * half, x) if edge else (x - half, x + half)
        free = all(place[0] > b + 12 or place[1] < a - 12 for a, b, _, _ in chosen)
        if free and all(text not in other for _, _, other, _ in chosen):
            chosen.append((*place, text, "end" if edge else "middle"))
    for a, b, text, anchor in sorted(chosen):
        yield Tick(round({"start": a, "end": b}.get(anchor, (a + b) / 2), 1), text, anchor)


def _wide(text: str) -> float:
    return len(text) * 5.8

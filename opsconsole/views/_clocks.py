"""The picture of who had the ball: a row for each party, what it owed drawn thin, where it had the ball drawn full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..lib.duration import long_words, span_words
from ..services.clocks import Attribution, Clock, Clocks, Held
from ..services.orders import Holder
from ._lanes import Axis, stamp

NAMES = {
    Holder.PATIENT: "Customer",
    Holder.CLINIC: "Clinic",
    Holder.PHARMACY: "Pharmacy",
    Holder.CARRIER: "Carrier",
    Holder.PAYMENT: "Stripe, bank",
    Holder.US: "Us",
    Holder.NOBODY: "Nobody",
}
ROW, TOP = 26, 6


@dataclass(frozen=True)
class Sheet:
    """A size of paper, in units of its viewBox."""

    name: str
    width: int
    left: int
    right: int


WIDE, NARROW = Sheet("wide", 1000, 98, 880), Sheet("narrow", 350, 82, 284)


@dataclass(frozen=True)
class Block:
    x: float
    width: float
    tone: str
    ball: bool  # had the ball; else it only owed something beside who had it
    title: str


@dataclass(frozen=True)
class Row:
    label: str
    y: int
    blocks: Sequence[Block]
    total: str


@dataclass(frozen=True)
class Paper:
    sheet: Sheet
    height: int
    rows: Sequence[Row]
    first: str
    last: str


def draw(found: Attribution, parts: Sequence[Clocks]) -> list[Paper]:
    """The picture in both sizes; none of what took no time."""
    return [_paper(found, parts, sheet) for sheet in (WIDE, NARROW)] if found.elapsed else []


def _paper(found: Attribution, parts: Sequence[Clocks], sheet: Sheet) -> Paper:
    instants = {at for one in [*found.spans, *found.clocks] for at in (one.since, one.until)}
    axis = Axis([*instants, found.since, found.until], sheet.left, sheet.right)
    rows = [
        Row(
            NAMES[one.holder],
            TOP + n * ROW,
            list(_blocks(found, one.holder, axis)),
            long_words(one.ball.total_seconds()),
        )
        for n, one in enumerate(parts)
    ]
    last = "now" if found.open else f"{found.until:%-d %b %Y}"
    return Paper(sheet, TOP + len(parts) * ROW + 20, rows, f"{found.since:%-d %b %Y}", last)


def _blocks(found: Attribution, holder: Holder, axis: Axis) -> Iterator[Block]:
    owed: list[Clock | Held] = [one for one in found.clocks if one.holder is holder]
    had = [one for one in found.spans if one.holder is holder]
    for ball, spans in ((False, owed), (True, had)):
        for one in spans:
            x, end = axis.x(one.since), axis.x(one.until)
            yield Block(x, round(max(end - x, 1), 1), tone_of(one), ball, _title(one))


def tone_of(one: Held) -> str:
    """How a turn is coloured: ours and outages stand out."""
    if one.down:
        return "bad"
    return {Holder.US: "warn", Holder.NOBODY: "quiet"}.get(one.holder, "info")


def _title(one: Held) -> str:
    lasted = span_words(one.lasted.total_seconds())
    return f"{NAMES[one.holder]}: {one.why} · {stamp(one.since)} to {stamp(one.until)} · {lasted}"

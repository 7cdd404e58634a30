"""Dividing a time among those who had the ball. Pure: what moved and which vendors were down is handed in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from ..orders import Holder

BY_PORT = {
    "payments": Holder.PAYMENT,
    "billing": Holder.PAYMENT,
    "healthcare": Holder.CLINIC,
    "tracking": Holder.CARRIER,
}
_DOWN = {
    Holder.PAYMENT: "Stripe did not answer",
    Holder.CLINIC: "The clinic's system did not answer",
    Holder.PHARMACY: "The pharmacy's system did not answer",
    Holder.CARRIER: "The carriers' system did not answer",
    Holder.US: "A system of ours did not answer",
}


def party_of(port: str) -> Holder:
    """Whose time it is while a port's vendor is down. What none of the parties answers for (messages, files) is ours."""
    return Holder.PHARMACY if port.startswith("pharmacy-") else BY_PORT.get(port, Holder.US)


@dataclass(frozen=True)
class Move:
    """From `at` on, until the next move of the same axis, `holder` owes something there; NOBODY: nothing is owed.

    Where several axes owe something, the one with the lowest `rank` has the ball. `port` is the vendor that `holder` cannot
    go on without. `due` is when it has lasted longer than usual, `hours` the calendar of whoever acts, where it is known.
    """

    at: datetime
    axis: str
    holder: Holder
    why: str
    rank: int
    state: str = ""
    port: str | None = None
    due: datetime | None = None
    down: bool = False  # the port's vendor does not answer

    @property
    def owed(self) -> bool:
        return self.holder is not Holder.NOBODY


@dataclass(frozen=True)
class Outage:
    """A vendor that did not answer; `until` is None while it lasts."""

    port: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Held:
    """Who had the ball over a time, and why. Spans of an order follow each other without gap or overlap."""

    holder: Holder
    why: str
    since: datetime
    until: datetime
    state: str = ""
    port: str | None = None
    due: datetime | None = None
    down: bool = False

    @property
    def lasted(self) -> timedelta:
        return self.until - self.since


@dataclass(frozen=True)
class Clock(Held):
    """What one party owed over a time, whether it had the ball or not: clocks of several axes run side by side."""

    axis: str = ""


@dataclass(frozen=True)
class Share:
    """One party's part. `ball` is how long it had the ball: over all parties that sums to the elapsed time. `clock` is how
    long it owed anything, also beside others. `running`: it owes something now."""

    holder: Holder
    ball: timedelta
    clock: timedelta
    running: bool


@dataclass(frozen=True)
class Attribution:
    """The time from `since` until `until`, divided. `open`: it goes on."""

    since: datetime
    until: datetime
    spans: Sequence[Held]
    clocks: Sequence[Clock]
    open: bool

    @property
    def elapsed(self) -> timedelta:
        return self.until - self.since

    @property
    def running(self) -> Held | None:
        """Who has the ball now; None once nothing is awaited any more."""
        return self.spans[-1] if self.open and self.spans else None

    def shares(self) -> list[Share]:
        """Each party that had or has anything to do, in the order of Holder."""
        return [share for holder in Holder if (share := self._share(holder))]

    def _share(self, holder: Holder) -> Share | None:
        ball = sum((one.lasted for one in self.spans if one.holder is holder), timedelta())
        clocks = [one for one in self.clocks if one.holder is holder]
        if not ball and not clocks:
            return None
        running = self.open and any(one.until == self.until for one in clocks)
        return Share(holder, ball, _union(clocks), running)

    def over(self) -> Attribution:
        """The same until its end: without the time at the end in which nobody had to do anything."""
        last = self.spans[-1] if self.spans else None
        if last is None or last.holder is not Holder.NOBODY:
            return self
        return replace(self, until=last.since, spans=self.spans[:-1], open=False)


def attribute(moves: Iterable[Move], outages: Iterable[Outage], until: datetime) -> Attribution:
    """Divide the time from the first move until `until`: at each moment the ball is with whoever owes something on the axis
    of the lowest rank, and with nobody where nothing is owed. While a vendor is down that something waits for, its party
    has what waits. Of two moves of an axis at one instant the later in `moves` counts; moves after `until` do not.
    """
    axes: dict[str, list[Move]] = {}
    for move in sorted(moves, key=lambda one: one.at):  # stable: at one instant the order in which they came
        if move.at <= until:
            axes.setdefault(move.axis, []).append(move)
    if not axes:
        return Attribution(until, until, (), (), open=False)
    down = list(outages)
    pieces = {axis: _pieces(told, down, until) for axis, told in axes.items()}
    since = min(told[0].at for told in axes.values())
    spans = _joined(_balls(list(pieces.values()), since, until))
    clocks = [
        Clock(**vars(one), axis=axis)
        for axis, told in pieces.items()
        for one in _joined(_held(move, begin, end) for begin, end, move in told)
        if one.holder is not Holder.NOBODY
    ]
    return Attribution(since, until, spans, sorted(clocks, key=lambda one: one.since), open=True)


Piece = tuple[datetime, datetime, Move]  # from, until, what holds then


def _pieces(moves: Sequence[Move], outages: Sequence[Outage], until: datetime) -> list[Piece]:
    """One axis, cut where a vendor went down or came back that something waited for."""
    found: list[Piece] = []
    for move, following in zip(moves, [*moves[1:], None], strict=True):
        end = following.at if following else until
        theirs = [one for one in outages if move.owed and move.port == one.port]
        inside = {at for one in theirs for at in (one.since, one.until) if at and move.at < at < end}
        cuts = [move.at, *sorted(inside), end]
        for begin, stop in pairwise(cuts):
            if begin < stop:
                found.append((begin, stop, _as_down(move) if _is_down(theirs, begin) else move))
    return found


def _is_down(outages: Iterable[Outage], at: datetime) -> bool:
    return any(one.since <= at and (one.until is None or at < one.until) for one in outages)


def _as_down(move: Move) -> Move:
    party = party_of(str(move.port))
    return replace(move, holder=party, why=_DOWN[party], due=None, down=True)


def _balls(axes: Sequence[Sequence[Piece]], since: datetime, until: datetime) -> Iterable[Held]:
    """Who had the ball between any two instants at which something changed."""
    instants = sorted({since, until} | {at for told in axes for begin, end, _ in told for at in (begin, end)})
    begins = [[begin for begin, _, _ in told] for told in axes]
    for begin, end in pairwise(instants):
        best: Move | None = None
        for told, at in zip(axes, begins, strict=True):
            which = bisect_right(at, begin) - 1
            if which < 0 or told[which][1] <= begin:
                continue
            move = told[which][2]
            if move.owed and (best is None or move.rank < best.rank):
                best = move
        yield _held(best, begin, end) if best else Held(Holder.NOBODY, "Nothing was awaited", begin, end)


def _held(move: Move, begin: datetime, end: datetime) -> Held:
    return Held(move.holder, move.why, begin, end, move.state, move.port, move.due, move.down)


def _joined(spans: Iterable[Held]) -> list[Held]:
    """Those that follow each other and say the same made one."""
    found: list[Held] = []
    for span in spans:
        last = found[-1] if found else None
        if last and last.until == span.since and replace(last, since=span.since, until=span.until) == span:
            found[-1] = replace(last, until=span.until)
        else:
            found.append(span)
    return found


def _union(spans: Iterable[Held]) -> timedelta:
    """How long any of them lasted."""
    total, reached = timedelta(), None
    for span in sorted(spans, key=lambda one: one.since):
        begin = span.since if reached is None else max(span.since, reached)
        if begin < span.until:
            total += span.until - begin
            reached = span.until
    return total

"""The time of an order is divided without gap and overlap, whatever moved and whoever was down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from opsconsole.services.clocks import Move, Outage, attribute, party_of
from opsconsole.services.orders import Holder

START = datetime(2026, 11, 2, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
PORTS = ("payments", "healthcare", "pharmacy-truepill", "tracking", "crm")


def at(hours: float) -> datetime:
    return START + hours * HOUR


hours = st.integers(0, 60).map(at)
moves = st.lists(
    st.builds(
        Move, hours, st.sampled_from("abc"), st.sampled_from(list(Holder)), st.sampled_from(("why", "because")),
        st.integers(0, 3), st.sampled_from(("x", "y")), st.sampled_from((None, *PORTS)),
    ),
    max_size=14,
)  # fmt: skip
outages = st.lists(
    st.tuples(st.sampled_from(PORTS), hours, st.one_of(st.none(), st.integers(0, 30))).map(
        lambda drawn: Outage(drawn[0], drawn[1], None if drawn[2] is None else drawn[1] + drawn[2] * HOUR)
    ),
    max_size=4,
)


def holding(told: list[Move], down: list[Outage], instant: datetime) -> tuple[Holder, str]:
    """Who has the ball at an instant, the slow way: the last move of each axis, then the lowest rank."""
    last: dict[str, tuple[datetime, Move]] = {}
    for move in told:
        if move.at <= instant and (move.axis not in last or last[move.axis][0] <= move.at):
            last[move.axis] = move.at, move
    first = sorted(move.axis for move in told)  # the axes are asked in the order in which they first moved
    order = {move.axis: n for n, move in reversed(list(enumerate(sorted(told, key=lambda one: one.at))))}
    owed = [move for axis, (_, move) in sorted(last.items(), key=lambda one: order[one[0]]) if move.owed]
    if not owed or not first:
        return Holder.NOBODY, "Nothing was awaited"
    best = min(owed, key=lambda one: one.rank)
    if any(
        one.port == best.port and one.since <= instant and (one.until is None or instant < one.until)
        for one in down
    ):
        return party_of(str(best.port)), "down"
    return best.holder, best.why


@settings(max_examples=120, deadline=None)
@given(moves, outages, hours)
def test_spans_follow_each_other_and_sum_to_what_elapsed(
    told: list[Move], down: list[Outage], until: datetime
) -> None:
    found = attribute(told, down, until)
    seen = [move for move in told if move.at <= until]
    if not seen:
        assert not found.spans and not found.elapsed and found.running is None
        return
    assert found.since == min(move.at for move in seen) and found.until == until
    edges = [found.since, *(span.until for span in found.spans)]
    assert [span.since for span in found.spans] == edges[:-1] and edges[-1] == until
    assert all(span.lasted > timedelta(0) for span in found.spans)
    parts = found.shares()
    assert sum((one.ball for one in parts), timedelta()) == found.elapsed
    for share in parts:
        assert timedelta(0) <= share.clock <= found.elapsed
        assert share.ball <= share.clock or share.holder is Holder.NOBODY
    for span in found.spans:
        for moment in (span.since, span.since + span.lasted / 2):
            holder, why = holding(seen, down, moment)
            assert span.holder is holder, (span, moment)
            assert span.down == (why == "down") and (span.down or span.why == why)
    # Its end is where nobody has anything to do any more; the rest is divided as before.
    over = found.over()
    assert over.spans == [one for one in found.spans if one.until <= over.until]
    assert not over.spans or over.spans[-1].holder is not Holder.NOBODY or len(over.spans) > 1


def test_clocks_run_side_by_side() -> None:
    told = [
        Move(at(0), "care", Holder.CLINIC, "A clinician has to decide", 1),
        Move(at(2), "care", Holder.PATIENT, "A photo is missing", 1),
        Move(at(3), "parcel", Holder.PHARMACY, "It has to ship", 2, port="pharmacy-truepill"),
        Move(at(6), "care", Holder.NOBODY, "", 1),
    ]
    found = attribute(told, [], at(10))
    assert [(one.holder.value, one.lasted / HOUR) for one in found.spans] == [
        ("clinic", 2),
        ("patient", 4),
        ("pharmacy", 4),
    ]
    assert {one.holder.value: (one.ball / HOUR, one.clock / HOUR, one.running) for one in found.shares()} == {
        "clinic": (2, 2, False), "patient": (4, 4, False), "pharmacy": (4, 7, True),
    }  # fmt: skip


def test_an_outage_is_its_vendors_time() -> None:
    told = [
        Move(at(0), "parcel", Holder.US, "It is about to be sent", 1, port="pharmacy-truepill"),
        Move(at(5), "parcel", Holder.NOBODY, "", 1),
        Move(at(0), "money", Holder.PATIENT, "The customer has to pay", 2, port="payments"),
    ]
    down = [Outage("pharmacy-truepill", at(1), at(4)), Outage("payments", at(3)), Outage("tracking", at(0))]
    found = attribute(told, down, at(8))
    assert [(one.holder.value, one.lasted / HOUR, one.down) for one in found.spans] == [
        ("us", 1, False), ("pharmacy", 3, True), ("us", 1, False), ("payment", 3, True),
    ]  # fmt: skip
    assert {one.holder.value: one.clock / HOUR for one in found.shares()} == {
        "patient": 3, "pharmacy": 3, "payment": 5, "us": 2,
    }  # fmt: skip

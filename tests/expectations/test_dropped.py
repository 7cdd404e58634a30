"""The dog that did not bark: whichever event of the happy path is lost, it is missed in time, asked about and healed, and
nobody has to do anything."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Boolean, Integer, Numeric, select

from opsconsole.db import db
from opsconsole.jobs import schedule
from opsconsole.models import REGISTRY, Customer, Expectation, Promise, Stateful
from opsconsole.services import expectations

from ..house import House
from .stories import (
    HOUR,
    LOST,
    MINUTE,
    Lost,
    carrier_delivers_it,
    message_leaves,
    money_goes_back,
    pays_at_last,
)

SLACK = 10 * MINUTE  # the spread of what is due, and the second look
# What says how a thing stands; the rest is ids, instants and words.
SAYS = {
    "raw_status",
    "payment_status",
    "effective",
    "dispute",
    "code",
    "kind",
    "exception_code",
    "carrier",
    "source_status",
}
COUNTS = {"position", "version", "fence", "attempts", "number", "waited_seconds"}
_customers = itertools.count(1)


def tick(house: House) -> None:
    """What the clock does of it, and the workers then."""
    with house.app.app_context():
        expectations.look()
        expectations.came()
        db.session.remove()
    house.drain()


def read_lists(house: House) -> None:
    """What the clock does each hour."""
    with house.app.app_context():
        schedule._sweep_hourly()
        schedule._sweep_stripe()
        db.session.remove()
    house.drain()


def world(house: House, who: str) -> Counter[Any]:
    """How all that belongs to a customer stands: each noun with its statuses, counts and amounts."""
    found: Counter[Any] = Counter()
    with house.app.app_context():
        customer = db.session.scalars(select(Customer.id).where(Customer.reference == who)).one()
        for noun in REGISTRY.values():
            if (
                not issubclass(noun, Stateful)
                or noun in (Expectation, Promise)
                or not hasattr(noun, "customer_id")
            ):
                continue
            columns = [
                column
                for column in noun.__table__.columns
                if column.name in SAYS | {"status"}
                or (isinstance(column.type, Integer | Boolean | Numeric) and column.name not in COUNTS)
            ]
            rows = db.session.execute(select(*columns).where(noun.customer_id == customer))
            found.update((noun.__name__, *map(str, row)) for row in rows)
        payouts = db.session.execute(select(REGISTRY["pyt"].__table__.c.status)).scalars()
        found.update(("Payout", status) for status in payouts if status != "paid")
        found.update(
            house.rows("select 'Ship to', ship_to->>'line1' from customers where id = :id", id=customer)
        )
        found.update(house.rows(
            "select 'Case', reason from cases c where status = 'open' and exists (select 1 from status_moves) and"
            " (select count(*) from orders o where o.customer_id = :id and o.id = c.subject_id) > 0", id=customer
        ))  # fmt: skip
    return found


@dataclass(frozen=True)
class Life:
    """How a customer's world stood when the story had happened, when the event was due, and in the end."""

    who: str
    happened: Counter[Any]
    due: Counter[Any]
    end: Counter[Any]


def lived(house: House, lost: Lost, *, dropped: bool) -> Life:
    """One customer's story, with the event or without it."""
    who = f"cust-{next(_customers)}"
    story = lost.story(house, who)
    next(story)
    if dropped:
        for type in (lost.event, *lost.also):
            house.sandbox.fault(kind="drop", vendor=lost.vendor, method=f"webhook {type}")
    next(story, None)
    house.sandbox.clear_faults()
    happened = world(house, who)
    house.advance(lost.limit + (MINUTE if lost.unexpected else SLACK / 2))
    if lost.unexpected:
        read_lists(house)
    for seconds in (0, 21, 2 * MINUTE, MINUTE):
        house.advance(seconds)
        tick(house)
    due = world(house, who)
    for _ in range(10 if lost.then else 0):
        house.later(lost.then / 10)
        tick(house)
    return Life(who, happened, due, world(house, who))


def prove(house: House, lost: Lost) -> str:
    """Both lives end alike. Returns how the second one came to that."""
    told, silent = lived(house, lost, dropped=False), lived(house, lost, dropped=True)
    assert silent.end == told.end, (lost.id, silent.end - told.end, told.end - silent.end)
    if lost.then:  # the news itself was there in time
        assert any(row[0] == "Shipment" for row in silent.due), lost.id
    ended = house.rows(
        "select e.kind, e.status from expectations e left join customers c on c.id = e.customer_id"
        " where (e.status in ('healed', 'missed') or looks > 0) and coalesce(c.reference, :who) = :who",
        who=silent.who,
    )
    if not lost.unexpected and silent.happened == told.happened:
        return "another event told the same"
    how = ", ".join(sorted({f"{row.kind} {row.status}" for row in ended}))
    return how or ("the list of events" if lost.unexpected else "a later event told of it")


@pytest.mark.soak
@pytest.mark.parametrize("lost", LOST, ids=lambda lost: lost.id)
def test_whatever_is_lost_is_found_and_healed_without_a_person(house: House, lost: Lost) -> None:
    print(f"\n{lost.id}: within {lost.limit / MINUTE:.0f} min; {prove(house, lost)}")


def test_what_is_lost_together_is_found_together(house: House) -> None:
    """A payment, a refund's end, a delivery and a mailbox's answer, all lost in one hour: each is there in the end."""
    stories = {who: story(house, who) for who, story in TOGETHER.items()}
    for story in stories.values():
        next(story)
    for vendor in ("stripe", "easypost", "customerio"):
        house.sandbox.fault(kind="drop", vendor=vendor, method="webhook *")
    for story in stories.values():
        next(story, None)
    house.later(MINUTE)
    house.sandbox.clear_faults()
    stuck = {
        "orders": "awaiting_payment",
        "refunds": "pending",
        "shipments": "out_for_delivery",
        "messages": "submitted",
    }
    assert ends(house, stuck) == stuck
    house.advance(13 * HOUR)
    tick(house)
    house.advance(21)
    tick(house)
    assert not ends(house, stuck)
    healed = house.rows("select kind, promise_id from expectations where status = 'healed' order by kind")
    assert [row.kind for row in healed] == [
        "message.sent",
        "order.paid",
        "parcel.delivered",
        "refund.settled",
    ]
    assert [row.kind for row in healed if row.promise_id] == ["message.sent"]
    assert not house.rows("select 1 from cases where status = 'open'")
    again = house.checksum()["audit_entries"]
    tick(house)
    assert house.checksum()["audit_entries"] == again, "what is over is not asked about again"


TOGETHER = {
    "cust-pays": pays_at_last,
    "cust-back": money_goes_back,
    "cust-box": carrier_delivers_it,
    "cust-mail": message_leaves,
}


def ends(house: House, stuck: dict[str, str]) -> dict[str, str]:
    """What of these, by noun, still stands like that."""
    return {
        noun: status
        for noun, status in stuck.items()
        if house.rows(f"select 1 from {noun} where status = :status", status=status)
    }

"""Many increments become one item at Stripe: in sums, each once, at one pace, and at once when somebody looks."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from opsconsole.db import db, now
from opsconsole.services.billing import _compile, _window
from opsconsole.services.outbox import Pace

from ..house import House
from ..scenes import denied, only_case, processor, refused
from .charge_scenes import (
    HOUR,
    all_out,
    amounts,
    charge,
    clock,
    compiled,
    items,
    known_at_stripe,
    mirrored_draft,
    several_at_stripe,
    stripe_id,
    told,
)


def batches(house: House) -> list[Any]:
    return house.rows("select * from adjustment_batches order by created_at, id")


def test_what_comes_within_the_hour_is_one_item(house: House) -> None:
    customer, other = several_at_stripe(house, 2)
    charge(house, customer, *["0.10"] * 40)
    charge(house, customer, "9.00", first=50, description="Express")
    charge(house, customer, "-1.00", first=60, description="Sorry about the delay")
    charge(house, customer, "3.00", first=70, currency="eur")
    charge(house, other, "5.00", "-5.00")
    clock(house)
    compiled(house)
    assert amounts(house, customer) == [300, 1200]
    [dollars] = [one for one in items(house, customer) if one.currency == "usd"]
    assert dollars.description == "Express; Cold packaging × 40; Sorry about the delay"
    assert amounts(house, other) == [], "what comes to nothing is nobody's business"
    assert {row.status for row in house.rows("select status from adjustments")} == {"applied"}
    api = house.api()
    [batch, _, none] = sorted(batches(house), key=lambda one: -one.amount)
    told_of = api.get(f"/adjustment-batches/{batch.id}")
    assert (told_of["status"], told_of["external_id"], told_of["count"]) == ("done", dollars.id, 42)
    assert (none.amount, none.external_id, none.count) == (0, None, 2)
    charge(house, customer, "-20.00", first=80)
    compiled(house)
    assert amounts(house, customer) == [-2000, 300, 1200], "less than nothing is a credit"
    assert "42 charges and credits" in house.page("finance").get(f"/adjustment-batches/{batch.id}")


def test_each_customer_has_a_moment_of_their_own(house: House) -> None:
    with house.app.app_context():
        at = now()
        db.session.rollback()
    turns = [_window.next_turn(f"cst_{n}", at) for n in range(600)]
    assert all(at < turn <= at + _window.WINDOW for turn in turns)
    tenths = [int((turn - at) / _window.WINDOW * 10) for turn in turns]
    assert all(30 <= tenths.count(tenth) <= 90 for tenth in range(10))
    assert _window.next_turn("cst_1", turns[1]) == turns[1] + _window.WINDOW


def test_what_comes_while_it_waits_is_added_to_it(house: House) -> None:
    customer = known_at_stripe(house)
    charge(house, customer, "5.00")
    house.sandbox.fault(kind="down", method="*")
    compiled_not(house)
    charge(house, customer, "7.00", first=2)
    compiled_not(house)
    [batch, *more] = batches(house)
    assert (batch.amount, more) == (1200, []), "nobody was asked yet: it is one sum"
    house.work()  # asked, and surely not done: what was asked stays as it is
    charge(house, customer, "1.00", first=3)
    compiled_not(house)
    house.sandbox.clear_faults()
    all_out(house)
    assert amounts(house, customer) == [100, 1200]
    charge(house, customer, "2.00", first=4)
    compiled_not(house)
    charge(house, customer, "-2.00", first=5)
    compiled_not(house)
    all_out(house)
    assert amounts(house, customer) == [100, 1200], "it came to nothing before Stripe was asked"
    assert [one.status for one in house.rows("select status from adjustments")] == ["applied"] * 5


def compiled_not(house: House) -> None:
    """The clock has added up; no worker came by yet."""
    house.advance(HOUR)
    clock(house)


def test_it_goes_at_once_when_somebody_looks(house: House) -> None:
    customer, sam = known_at_stripe(house), house.page("support")
    refused(house, house.api(), f"{customer}/sync", {}, "nothing_to_sync")
    charge(house, customer, "5.00", "7.00")
    assert "2 charges and credits" in sam.get(customer) and "Send to Stripe now" in sam.html
    denied(house, "auditor", f"{customer}/sync")
    preview = house.api().post(f"{customer}/sync?preview=1", {}, 200)["preview"]
    assert [one["says"] for one in preview["promises"]] == ["Stripe bills $12.00 with the next invoice"]
    sam.get(f"{customer}/sync")
    assert "Stripe is told now" in sam.submit(f"{customer}/sync", {})
    house.drain()
    assert amounts(house, customer) == [1200]
    assert "Stripe has every charge" in sam.get(customer)
    refused(house, house.api(), f"{customer}/sync", {}, "nothing_to_sync")


def test_a_draft_that_goes_out_takes_it_along(house: House) -> None:
    customer, stripe, api = known_at_stripe(house), processor(house), house.api()
    draft = stripe.invoices.create({"customer": stripe_id(house, customer), "auto_advance": True}).id
    house.drain()
    house.advance(HOUR - 1790)
    charge(house, customer, "5.00", "1.00")
    clock(house)
    all_out(house)
    assert [(one.amount, one.invoice) for one in items(house, customer)] == [(600, draft)]
    [one, *_] = api.get("/adjustments")["items"]
    batch = api.get(one["batch"])
    [line] = api.get(batch["invoice"])["lines"]
    assert (line["batch"], line["source"]) == (one["batch"], "2 charges and credits")
    said = api.post(f"{one['url']}/drop_charge", {}, 409)["refused"]
    assert (said["code"], said["invoice"]) == ("compiled", batch["invoice"])
    # It goes out before Stripe is asked: a case, and tried again it goes on the next one.
    charge(house, customer, "7.00", first=3)
    clock(house)
    stripe.invoices.finalize_invoice(draft, {"auto_advance": False})
    house.advance(1)
    house.work()
    house.drain()
    [_, late] = batches(house)
    [failed] = api.get(f"/adjustments?batch={late.id}")["items"]
    assert (late.status, failed["status"]) == ("failed", "failed")
    case = only_case(house, f"/adjustment-batches/{late.id}")
    api.post(f"{case['url']}/retry", {"reason": "The draft is gone"})
    all_out(house)
    assert (700, None) in [(one.amount, one.invoice) for one in items(house, customer)]
    assert {one.status for one in house.rows("select status from adjustments")} == {"applied"}


def test_a_no_is_a_case_and_nothing_is_lost(house: House) -> None:
    customer = known_at_stripe(house)
    charge(house, customer, "5.00")
    processor(house).customers.delete(stripe_id(house, customer))
    compiled(house)
    [batch] = batches(house)
    assert batch.status == "failed"
    case = only_case(house, f"/adjustment-batches/{batch.id}")
    house.api().post(f"{case['url']}/settle", {"reason": "Billed by hand", "external_id": "ii_by_hand"})
    [batch] = batches(house)
    assert (batch.status, batch.external_id) == ("done", "ii_by_hand")
    assert house.rows("select status from adjustments")[0].status == "applied"


def test_lost_answers_bill_nobody_twice(house: House) -> None:
    customer = known_at_stripe(house)
    charge(house, customer, "5.00", "1.00")
    house.sandbox.fault(kind="lost_answer", method="POST /v1/invoiceitems")
    house.advance(HOUR)
    clock(house)
    house.work()
    house.later(2)
    assert batches(house)[0].status in ("submitted", "planned")
    charge(house, customer, "2.00", first=9)
    house.advance(HOUR)
    clock(house)
    house.sandbox.clear_faults()
    all_out(house)
    assert amounts(house, customer) == [200, 600]


def test_no_more_than_an_invoice_takes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_compile, "MOST_BY_THE_CLOCK", 2)
    monkeypatch.setattr(_compile, "MOST_LINES", 3)
    customer = known_at_stripe(house)
    for n in range(3):
        charge(house, customer, "1.00", first=n)
        compiled(house)
    assert amounts(house, customer) == [100, 100], "the clock waits for the next invoice"
    assert house.api().post(f"{customer}/sync").get("warnings") is None
    house.drain()
    assert amounts(house, customer) == [100, 100, 100]
    charge(house, customer, "1.00", first=9)
    assert "wait for the next invoice" in house.api().post(f"{customer}/sync")["warnings"][0]
    house.advance(1)
    mirrored_draft(house, customer)  # the next invoice has taken them in
    house.api().post(f"{customer}/sync")
    house.drain()
    assert amounts(house, customer) == [100] * 4


def test_a_pace_is_kept_by_all_together(house: House) -> None:
    pace = Pace("test", every=_window.PACE.every, burst=3, spread=_window.PACE.spread)
    with house.app.app_context():
        began, admitted = time.monotonic(), 0
        while time.monotonic() - began < 0.6:
            admitted += pace.admits()
            db.session.commit()
            took = time.monotonic() - began
        assert 3 <= admitted <= 3 + took / 0.05 + 1
        began = time.monotonic()
        places = [pace.reserve().total_seconds() for _ in range(50)]
        took = time.monotonic() - began
        assert places[0] < 0.1 and 49 * 0.06 - took - 0.1 <= places[-1] <= 49 * 0.06


def increments(
    house: House, many: int, customers: list[str], chance: random.Random, *, named: str
) -> dict[str, int]:
    """That many increments, in bulk as programs send them. What each customer's come to, in cents."""
    owed = dict.fromkeys(customers, 0)
    sent = 0
    while sent < many:
        customer = chance.choice(customers)
        cents = [chance.choice([1, 7, 19, 250, -3]) for _ in range(min(chance.randint(1, 25), many - sent))]
        asked = [told(f"{named}-{sent + n}", f"{amount / 100:.2f}") for n, amount in enumerate(cents)]
        house.api("shop").post(f"{customer}/charge", {"charges": asked})
        owed[customer] += sum(cents)
        sent += len(cents)
    return owed


@pytest.mark.parametrize(
    ("many", "customers"), [(600, 20), pytest.param(10_000, 300, marks=pytest.mark.soak)]
)
def test_many_increments_are_few_calls_slowly_and_no_cent_is_lost(
    house: House, many: int, customers: int
) -> None:
    chance = random.Random(5)
    known = [*several_at_stripe(house, customers)]
    owed = increments(house, many // 2, known, chance, named="a")
    house.sandbox.traffic.clear()
    house.sandbox.fault(kind="lost_answer", method="POST /v1/invoiceitems", every=5)
    house.advance(HOUR)
    clock(house)
    house.work()
    for customer, more in increments(house, many - many // 2, known, chance, named="b").items():
        owed[customer] += more
    house.sandbox.clear_faults()
    compiled(house)
    traffic = house.sandbox.traffic.told()["stripe"]
    assert traffic["most_in_a_second"] <= 25
    assert {customer: sum(amounts(house, customer)) for customer in known} == owed
    made = house.sandbox.ledger("invoiceitem")
    assert customers <= len(made) <= 2 * customers
    assert sum(one["amount"] for one in made) == sum(owed.values())

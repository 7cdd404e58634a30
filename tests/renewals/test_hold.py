"""The charge is held and not the patient: a draft that no prescription covers waits, and goes out by itself afterwards."""

from __future__ import annotations

from datetime import datetime

from opsconsole.models import Subscription
from opsconsole.services import CLOCK, renewals, subscriptions, transaction

from ..house import House
from ..subscriptions.scenes import subscribed
from .scenes import alter, prescribe_anew


def hold(house: House) -> None:
    with house.app.app_context():
        for invoice_id in renewals.unheld():
            renewals.hold_charge(invoice_id, by=CLOCK)
        for hold_id in renewals.covered():
            renewals.let_charge_go(hold_id, by=CLOCK)
    house.drain()


def stand_anew(house: House) -> None:
    with house.app.app_context(), transaction():
        for row in house.rows("select id from subscriptions"):
            one = Subscription.lock(row.id)
            subscriptions.stand(one, one.items())


def test_held_until_a_prescription_covers_it(house: House) -> None:
    sub = subscribed(house, rx_days=400)
    renews = datetime.fromisoformat(sub["next_charge_at"])
    house.later((renews - house.rows("select instant() as at")[0].at).total_seconds() + 60)
    [draft] = house.api().get("/invoices?status=draft")["items"] or [None]
    assert draft, "its renewal has no draft"
    rx = house.api().get("/prescriptions")["items"][0]
    hold(house)
    assert house.api().get(draft["url"])["hold"] is None  # it is covered
    alter(house, "update prescriptions set status = 'cancelled'")
    stand_anew(house)
    hold(house)
    held = house.api().get(draft["url"])["hold"]
    assert held["reason"] == "prescription" and held["until"] is None, held
    hold(house)
    assert len(house.rows("select id from invoice_holds")) == 1  # once
    prescribe_anew(house, rx)
    hold(house)
    assert house.api().get(draft["url"])["hold"] is None
    [asked] = house.rows(
        "select verb, status from changes where verb = 'renewals.let_charge_go' or verb = 'billing.release'"
    )
    assert asked.status == "done"

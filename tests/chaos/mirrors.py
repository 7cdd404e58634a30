"""What the console holds of subscriptions and invoices, beside what the processor says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opsconsole import vendors
from opsconsole.db import db
from opsconsole.models import Invoice, Subscription
from opsconsole.vendors.billing import InvoiceFacts, InvoiceState, Listed, SubscriptionFacts

from ..house import House


def differences(house: House) -> list[str]:
    """In what the two differ, both ways: of everything that the processor lists."""
    with house.app.app_context():
        billing = vendors.port("billing")
        here = {one.external_id: one for one in db.session.query(Subscription)}
        there = {one.id: one for one in _all(billing.subscriptions)}
        sent_here = {one.external_id: one for one in db.session.query(Invoice)}
        sent_there = {one.id: one for one in _all(billing.invoices)}
        return [
            *(f"{id}: only here" for id in (here.keys() - there.keys()) | _gone(sent_here, sent_there)),
            *(f"{id}: only there" for id in (there.keys() - here.keys()) | (sent_there.keys() - sent_here.keys())),
            *(words for id in here.keys() & there.keys() for words in _of_subscription(here[id], there[id])),
            *(words for id in sent_here.keys() & sent_there.keys() for words in _of_invoice(sent_here[id], sent_there[id])),
        ]  # fmt: skip


def _all(listed: Any) -> Iterator[Any]:
    after = None
    while True:
        page: Listed = listed(after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def _gone(here: dict[str, Invoice], there: dict[str, InvoiceFacts]) -> set[str]:
    return {id for id in here.keys() - there.keys() if here[id].status != InvoiceState.DELETED}


def _of_subscription(one: Subscription, told: SubscriptionFacts) -> list[str]:
    items = [(item.external_id, item.price_key, item.quantity, item.period_end) for item in one.items()]
    theirs = [(item.id, item.price.id, item.quantity, item.period_end) for item in told.items]
    pairs = {
        "state": (one.status, told.state),
        "paused": ((one.pause_behavior, one.pauses_until), (told.pause_behavior, told.pauses_until)),
        "trial": (one.trial_end, told.trial_end),
        "anchor": (one.anchor_at, told.anchor_at),
        "ends": (
            (one.cancel_at, one.cancel_at_period_end, one.ended_at),
            (told.cancel_at, told.cancel_at_period_end, told.ended_at),
        ),
        "items": (sorted(items), sorted(theirs)),
        "latest invoice": (one.latest_invoice_id, told.latest_invoice),
    }
    return [
        f"{told.id} {what}: {ours} here, {theirs_} there"
        for what, (ours, theirs_) in pairs.items()
        if ours != theirs_
    ]


def _of_invoice(one: Invoice, told: InvoiceFacts) -> list[str]:
    names = (
        "number",
        "total",
        "due",
        "paid",
        "remaining",
        "auto_advance",
        "finalizes_at",
        "next_try_at",
        "out_of_band",
    )
    pairs = {name: (getattr(one, name), getattr(told, name)) for name in names}
    pairs["state"] = (one.status, told.state)
    return [
        f"{told.id} {what}: {ours} here, {theirs} there"
        for what, (ours, theirs) in pairs.items()
        if ours != theirs
    ]

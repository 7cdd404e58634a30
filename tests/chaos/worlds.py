"""The two worlds in which the acts of the table are proved: all in this process, and in processes that are killed."""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import requests
import stripe

from opsconsole import create_app
from opsconsole.db import db, own_connection
from opsconsole.jobs import run
from opsconsole.sandbox import CustomerIOKeys
from opsconsole.services import outbox

from ..conftest import settings_for
from ..fills.scenes import pharmacies
from ..house import KEY, House
from ..scenes import processor
from .machine import Machine
from .test_crash_points import at_rest

# What happens at vendors, by the ledger's words for it.
OUTSIDE = (
    "fill",
    "fill_cancel",
    "fill_answer",
    "fill_address",
    "tracker",
    "message",
    "refund",
    "payment",
    "invoiceitem",
    "subscription",
    "subscription.updated",
    "subscription.paused",
    "subscription.resumed",
    "subscription.canceled",
    "invoice",
    "invoice.updated",
    "invoice.finalized",
    "invoice.payment_failed",
    "invoice.paid",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "invoice.deleted",
)


class AtStripe:
    """What customers do at the processor."""

    stripe: Any

    def saves_card(self, email: str, card: str = "pm_card_visa") -> str:
        known = self.stripe.customers.create({"email": email, "name": "Jo Field"})
        self.changes_card(known.id, card)
        return str(known.id)

    def changes_card(self, known_as: str, card: str) -> None:
        saved = self.stripe.payment_methods.attach(card, {"customer": known_as})
        self.stripe.customers.update(known_as, {"invoice_settings": {"default_payment_method": saved.id}})


class Inside(AtStripe):
    """All in this process. Nobody does anything unless it is told to."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.pharmacies = pharmacies(house)
        self.get, self.pay, self.knows = house.api().get, house.pay, house.contact
        self.do, self.shop = house.api().post, house.api("shop").post
        self.stripe = processor(house)

    def price(self, external_id: str) -> str:
        return str(self.house.rows("select id from prices where external_id = :id", id=external_id)[0].id)

    def later(self, seconds: float) -> None:
        self.house.later(seconds)

    def today(self) -> date:
        return datetime.fromtimestamp(self.house.sandbox.clock.now(), UTC).date()

    def book(self) -> Counter[str]:
        return Counter(entry["kind"] for entry in self.house.sandbox.ledger() if entry["kind"] in OUTSIDE)

    def rescue(self) -> None:
        """What the sweep does for those who died."""
        if run._connection is not None:
            run._connection.close()
        with self.house.app.app_context(), own_connection() as hands:
            db.session.rollback()
            outbox.sweep(hands)


class Outside(AtStripe):
    """Real processes, of which any may be dead."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        app = create_app(settings_for(machine.postgres.app_url))
        self.pharmacies = pharmacies(SimpleNamespace(app=app))  # type: ignore[arg-type]
        self.get, self.do, self.shop = machine.api.get, machine.api.post, machine.shop.post
        self.payments = 0
        base = {"api": machine.sandbox_url}
        self.stripe = stripe.StripeClient(KEY, base_addresses=base, max_network_retries=0).v1

    def pay(self, minor: int) -> str:
        self.payments += 1
        id = f"pi_grid{os.getpid()}x{self.payments:06}"
        self.machine.load_payments([id], minor)
        return id

    def price(self, external_id: str) -> str:
        found = self.machine.rows("select id from prices where external_id = %(id)s", id=external_id)
        return str(found[0][0])

    def knows(self, customer_id: str, email: str) -> None:
        keys = CustomerIOKeys.of_environment(self.machine.env)
        url = f"{self.machine.sandbox_url}/customerio/track/api/v1/customers/{customer_id}"
        requests.put(
            url, json={"email": email}, auth=(keys.site_id, keys.track_key), timeout=10
        ).raise_for_status()

    def later(self, seconds: float) -> None:
        if seconds:
            self.machine.advance(seconds)
        self.machine.wait(lambda: at_rest(self.machine), "all is done", seconds=120, tend=True)

    def today(self) -> date:
        return datetime.fromtimestamp(datetime.now().timestamp() + self.machine.offset(), UTC).date()

    def book(self) -> Counter[str]:
        entries = self.machine.sandbox.get("/_sandbox/ledger")["entries"]
        return Counter(entry["kind"] for entry in entries if entry["kind"] in OUTSIDE)

"""Every customer of the demo is a patient, with the same address here and at the healthcare system."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from opsconsole.demo._patients import checked, home, told_to_healthcare
from opsconsole.demo._story import person
from opsconsole.sandbox import create_sandbox
from opsconsole.vendors.healthcare import PostalAddress
from opsconsole.vendors.healthcare.fhir import Fhir

from ..sandbox.wsgi import WsgiWire

UNTIL = datetime(2026, 11, 21, tzinfo=UTC)
PEOPLE = [person(i, UNTIL) for i in range(300)]


def test_they_tell_the_same_address_on_both_sides() -> None:
    app = create_sandbox(None, stripe_api_key="sk_test_1", stripe_webhook_secret="whsec_1", webhook_url=None)
    lines = [line for one in PEOPLE for line in told_to_healthcare(one, UNTIL)]
    assert app.sandbox.fhir.load(lines) == {"loaded": 300, "unchanged": 0}, "as FHIR wants it"
    keys = app.sandbox.fhir.keys
    clinic = Fhir(
        base_url="http://localhost/fhir", client_id=keys.client_id, client_secret=keys.client_secret,
        webhook_secrets=[keys.webhook_secret], wire=WsgiWire(app),
    )  # fmt: skip
    for one, line in zip(PEOPLE, lines, strict=True):
        ours, theirs = home(one, UNTIL), clinic.fetch_patient(line["id"])
        assert theirs and one.since <= ours["ship_to_fetched_at"] <= UNTIL
        if ours["ship_to"] is None:
            assert theirs.address is None and not one.orders
        else:
            assert theirs.address == PostalAddress.of(ours["ship_to"].obj)
            assert ours["ship_to"].obj == one.orders[0].ship_to.as_json
    assert len({line["id"] for line in lines}) == 300
    app.sandbox.close()


def test_addresses_came_out_in_different_ways() -> None:
    seen: Counter[str] = Counter()
    for order in (order for one in PEOPLE for order in one.orders):
        row = checked(order)
        seen[row["address_verdict"]] += 1
        assert (row["address_found"] is not None) == (row["address_verdict"] == "corrected")
    assert set(seen) == {"verified", "corrected", "overridden"}
    assert seen["verified"] > 10 * seen["corrected"] > 10 * seen["overridden"] > 0

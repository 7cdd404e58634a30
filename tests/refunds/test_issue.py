"""Giving money back, from the request to the settled webhook."""

from __future__ import annotations

from ..house import House


def test_a_refund_goes_all_the_way(house: House) -> None:
    order = house.order("60.00")
    api = house.api()
    asked = {"amount": "10.00", "reason": "goodwill", "note": "A late parcel"}
    seen = api.post(f"{order['url']}/refund?preview=1", asked, 200)["preview"]
    assert seen["promises"] == [{"says": "Stripe refunds $10.00 to Visa ending 4242", "to": "payments", "due_in": 60}]
    done = api.post(f"{order['url']}/refund", asked, 201, key="k1", match=seen["hash"])
    assert done["status"] == "planned" and done["undo"] == f"{done['subject']}/withdraw"
    house.drain()
    assert api.get(done["subject"])["status"] == "planned"  # the undo window is open
    house.later(61)
    refund = api.get(done["subject"])
    assert (refund["status"], refund["final"]) == ("succeeded", True)
    [effect] = house.sandbox.ledger("refund")
    assert effect["amount"] == 1000 and effect["object_id"] == refund["external_id"]
    assert effect["metadata"]["opsconsole_subject"] == refund["id"]
    kinds = [entry["kind"] for entry in api.get(f"/traces/{done['trace']}")["entries"]]
    assert kinds[0] == "act" and "attempt" in kinds and "event" in kinds

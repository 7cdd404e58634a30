"""Credit for the next invoices: granted within limits, eaten by invoices, taken back once."""

from __future__ import annotations

from typing import Any

from ..house import House
from ..payments.card_scenes import with_card
from ..scenes import cases_of, denied, invalid, processor, refused
from .scenes import BROKE, done, drafted

WHY = {"reason": "goodwill"}


def customer(house: House) -> str:
    with_card(house)
    [row] = house.rows("select id from customers where reference = 'cust-1'")
    return f"/customers/{row.id}"


def at_stripe(house: House) -> int:
    """The balance as Stripe keeps it, in minor units."""
    [row] = house.rows("select external_id from external_ids where system = 'stripe'")
    return int(processor(house).customers.retrieve(row.external_id).balance)


def balance(house: House, url: str) -> Any:
    """The ledger, whose sum is Stripe's."""
    found = house.api().get(f"{url}/balance")
    minor = [(-1 if one["credit"] else 1) * round(float(one["amount"]["amount"]) * 100)
             for one in found["entries"] if not one["waits"]]  # fmt: skip
    assert sum(minor) == at_stripe(house), found
    return found


def test_granted_eaten_and_the_rest_taken_back_once(house: House) -> None:
    invoice, api = drafted(house, 20_00), house.api()
    url = invoice["customer"]
    preview = api.post(f"{url}/grant?preview=1", WHY | {"amount": "25.00"}, 200)["preview"]
    [told] = [one for one in preview["changes"] if one["field"] == "balance"]
    assert (told["from"], told["to"]) == ("nothing", "$25.00 of credit")
    assert done(house, f"{url}/grant", WHY | {"amount": "25.00"})["status"] == "done"
    done(house, f"{url}/grant", WHY | {"amount": "10.00"})
    assert (at_stripe(house), balance(house, url)["credit"]["amount"]) == (-35_00, "35.00")
    house.later(3700)
    newest = balance(house, url)["entries"]
    assert [(one["says"], one["left"]["amount"]) for one in newest] == [
        ("Used for an invoice", "0.00"), ("Granted", "10.00"), ("Granted", "5.00"),
    ]  # fmt: skip
    assert newest[2]["eaten_by"] == [invoice["url"]] == [newest[0]["invoice"]]
    assert "Used for <a" in house.page().get(f"{url}/balance")
    assert "for their next invoices" in house.page().get(url)
    # B9: a reversing entry, linked, once
    back = f"/balance-moves/{newest[2]['id']}/take_back"
    preview = api.post(f"{back}?preview=1", {"reason": "expired"}, 200)["preview"]
    assert preview["warnings"] == ["$25.00 was granted, of which $5.00 is left: only that is taken back."]
    assert done(house, back, {"reason": "expired"})["status"] == "done" and at_stripe(house) == -10_00
    assert balance(house, url)["entries"][0]["reverses"] == newest[2]["id"]
    assert "took it back already" in refused(house, api, back, {"reason": "mistake"}, "taken_back_already")


def test_what_is_made_or_voided_at_stripe_is_told(house: House) -> None:
    invoice = drafted(house, 60_00, card=BROKE)
    url = invoice["customer"]
    done(house, f"{url}/grant", WHY | {"amount": "25.00"})
    [row] = house.rows("select external_id from external_ids where system = 'stripe'")
    stripe = processor(house)
    stripe.customers.balance_transactions.create(row.external_id, {"amount": -300, "currency": "usd"})
    house.drain()
    assert balance(house, url)["entries"][-1]["says"] == "Made at Stripe by hand"
    house.later(3700)
    assert balance(house, url)["credit"]["amount"] == "0.00"
    stripe.invoices.void_invoice(invoice["external_id"])
    house.drain()
    found = balance(house, url)
    assert found["credit"]["amount"] == "28.00"
    assert found["entries"][0]["says"] == "Back, because its invoice was voided"


def test_limits_and_who_may_not(house: House) -> None:
    url, sam = customer(house), house.api("support")
    asked = sam.post(f"{url}/grant?preview=1", WHY | {"amount": "101.00"}, 200)["preview"]
    assert asked["approval"] and "That makes $101.00 to this customer in 7 days" in str(asked["approval"])
    refused(house, sam, f"{url}/grant", WHY | {"amount": "301.00"}, "over_limit", "amount")
    denied(house, "clinician", f"{url}/grant", WHY | {"amount": "5.00"})
    invalid(house, sam, f"{url}/grant", {"reason": "other", "amount": "5.00"}, "note")
    invalid(house, sam, f"{url}/grant", WHY | {"amount": "-5.00"}, "amount")
    done(house, f"{url}/grant", WHY | {"amount": "5.00"})
    [entry] = balance(house, url)["entries"]
    denied(house, "support", f"/balance-moves/{entry['id']}/take_back", {"reason": "mistake"})


def test_once_undone_and_stripes_no(house: House) -> None:
    url, api = customer(house), house.api()
    asked = WHY | {"amount": "5.00"}
    answer = api.post(f"{url}/grant", asked, key="twice")
    assert api.post(f"{url}/grant", asked, key="twice")["subject"] == answer["subject"]
    [entry] = balance(house, url)["entries"]
    back = f"/balance-moves/{entry['id']}/take_back"
    refused(house, api, back, {"reason": "mistake"}, "not_there_yet")
    api.post(answer["undo"])
    house.later(120)
    assert (at_stripe(house), balance(house, url)["entries"]) == (0, [])
    answer = api.post(f"{url}/grant", asked)
    [row] = house.rows("select external_id from external_ids where system = 'stripe'")
    house.sandbox.fault(kind="drop", method="webhook")
    processor(house).customers.delete(row.external_id)
    house.later(61)
    assert api.get(answer["subject"])["status"] == "failed"
    [case] = cases_of(house, answer["subject"])
    assert case["reason"] == "vendor_rejected"
    assert api.get(f"{url}/balance")["entries"] == []

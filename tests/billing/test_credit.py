"""Credit notes: what goes back of a paid invoice and how, what less is due of an open one, and calling one off."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of, denied, invalid, paid_back, processor, refused
from .scenes import BROKE, CARD, done, drafted, sent

WHY = {"reason": "order_change"}


def paid(house: House, amount: int = 60_00) -> dict[str, object]:
    """An invoice that the card has paid."""
    made = sent(house, amount, card=CARD)
    assert made["status"] == "paid"
    return made


def test_one_form_splits_what_goes_back_to_the_cent(house: House) -> None:
    invoice, api = paid(house), house.api()
    asked = WHY | {"to_card": "30.00", "to_balance": "20.00", "out_of_band": "5.00"}
    preview = api.post(f"{invoice['url']}/credit?preview=1", asked, 200)["preview"]
    told = {one["field"]: one["to"] for one in preview["changes"]}
    assert (told["back to the card"], told["to the customer's credit"], told["by other means"]) == (
        "$30.00", "$20.00", "$5.00",
    )  # fmt: skip
    assert told["left of what was paid"] == "$5.00" and "finance has to pay it" in preview["warnings"][-1]
    change = done(house, f"{invoice['url']}/credit", asked)
    assert change["status"] == "done" and paid_back(house) == [3000]
    [url] = api.get(invoice["url"])["credit_notes"]
    note = api.get(url)
    sums = [note[name]["amount"] for name in ("amount", "refunded", "credited", "out_of_band", "taken_off")]
    assert (sums, note["status"]) == (["55.00", "30.00", "20.00", "5.00", "0.00"], "issued")
    assert house.page().get(url) and "to the customer&#39;s credit" in house.page().get(invoice["url"])
    # never more than was paid, all notes together
    most = refused(house, api, f"{invoice['url']}/credit", WHY | {"to_card": "5.01"}, "too_much", "to_card")
    assert "$5.00" in most
    assert "only while its invoice is open" in refused(house, api, f"{url}/void_credit", {}, "not_voidable")


def test_of_an_open_one_less_is_due_until_it_is_voided(house: House) -> None:
    invoice, api = sent(house, card=BROKE), house.api()
    invalid(house, api, f"{invoice['url']}/credit", WHY | {"to_card": "5.00"}, "to_card")
    refused(house, api, f"{invoice['url']}/credit", WHY | {"amount": "60.01"}, "too_much", "amount")
    assert done(house, f"{invoice['url']}/credit", WHY | {"amount": "20.00"})["status"] == "done"
    after = api.get(invoice["url"])
    assert (after["status"], after["remaining"]["amount"]) == ("open", "40.00")
    [url] = after["credit_notes"]
    assert api.get(url)["taken_off"]["amount"] == "20.00"
    assert done(house, f"{url}/void_credit")["status"] == "done"
    assert api.get(url)["status"] == "void" and api.get(invoice["url"])["remaining"]["amount"] == "60.00"
    refused(house, api, f"{url}/void_credit", {}, "not_voidable")


def test_who_may_not_and_what_is_wrong(house: House) -> None:
    draft = drafted(house)
    denied(house, "clinician", f"{draft['url']}/credit", WHY | {"amount": "5.00"})
    refused(house, house.api(), f"{draft['url']}/credit", WHY | {"amount": "5.00"}, "not_owed")
    house.later(3700)
    for asked, field in (
        ({"to_card": "5.00", "reason": "because"}, "reason"),
        (WHY, "to_card"),
        (WHY | {"amount": "6.00", "to_balance": "5.00"}, "amount"),
        (WHY | {"to_card": "6.00", "to_balance": "-1.00"}, "to_balance"),
    ):
        invalid(house, house.api(), f"{draft['url']}/credit", asked, field)


def test_it_weighs_like_a_refund_and_with_refunds(house: House) -> None:
    """Sam may give 100 in a week: 60 as credit and 41 as a refund are too much for one person."""
    invoice, sam = paid(house), house.api("support")
    sam.post(f"{invoice['url']}/credit", WHY | {"to_balance": "60.00"})
    order = house.order("60.00", customer="cust-1")
    preview = sam.post(f"{order['url']}/refund?preview=1", {"amount": "41.00", "reason": "goodwill"}, 200)[
        "preview"
    ]
    assert "That makes $101.00 to this customer in 7 days" in str(preview)
    preview = sam.post(f"{order['url']}/refund?preview=1", {"amount": "40.00", "reason": "goodwill"}, 200)[
        "preview"
    ]
    assert "That makes" not in str(preview)


def test_once_undone_and_stripes_no(house: House) -> None:
    invoice, api = paid(house), house.api()
    asked = WHY | {"to_card": "10.00"}
    answer = api.post(f"{invoice['url']}/credit", asked, key="twice")
    assert api.post(f"{invoice['url']}/credit", asked, key="twice")["subject"] == answer["subject"]
    refused(house, api, f"{invoice['url']}/credit", WHY | {"to_card": "1.00"}, "under_way")
    api.post(answer["undo"])
    house.later(120)
    assert paid_back(house) == [] and api.get(invoice["url"])["credit_notes"] == []
    answer = api.post(f"{invoice['url']}/credit", asked)
    house.sandbox.fault(kind="drop", method="webhook")
    gone = {"invoice": invoice["external_id"], "amount": 55_00, "out_of_band_amount": 55_00}
    processor(house).credit_notes.create(gone)
    house.later(61)
    assert api.get(answer["subject"])["status"] == "failed"
    [case] = cases_of(house, answer["subject"])
    assert case["reason"] == "vendor_rejected"


def test_one_made_at_stripe_is_taken_in(house: House) -> None:
    invoice = paid(house)
    made = {"invoice": invoice["external_id"], "amount": 10_00, "credit_amount": 10_00}
    processor(house).credit_notes.create(made)
    house.drain()
    [url] = house.api().get(str(invoice["url"]))["credit_notes"]
    note = house.api().get(url)
    assert (note["credited"]["amount"], note["by"]) == ("10.00", "outside the console")

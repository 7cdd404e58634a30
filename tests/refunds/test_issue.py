"""Giving money back, from the request to the settled webhook."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from opsconsole.services.refunds import REASONS
from opsconsole.vendors.payments import RefundReason

from ..house import House
from ..scenes import (
    WINDOW,
    denied,
    invalid,
    issue,
    nothing_written,
    paid_back,
    payment_id,
    processor,
    refund_elsewhere,
    refused,
    sent,
)  # fmt: skip


def test_a_refund_goes_all_the_way(house: House) -> None:
    order = house.order("60.00")
    api = house.api()
    asked = {"amount": "10.00", "reason": "goodwill", "note": "A late parcel"}
    seen = api.post(f"{order['url']}/refund?preview=1", asked, 200)["preview"]
    assert seen["promises"] == [
        {"says": "Stripe refunds $10.00 to Visa ending 4242", "to": "payments", "due_in": 60}
    ]
    done = api.post(f"{order['url']}/refund", asked, 201, key="k1", match=seen["hash"])
    assert done["status"] == "planned" and done["undo"] == f"{done['subject']}/withdraw"
    house.drain()
    assert api.get(done["subject"])["status"] == "planned"  # the undo window is open
    house.later(WINDOW)
    refund = api.get(done["subject"])
    assert (refund["status"], refund["final"]) == ("succeeded", True)
    [effect] = house.sandbox.ledger("refund")
    assert effect["amount"] == 1000 and effect["object_id"] == refund["external_id"]
    assert effect["metadata"]["opsconsole_subject"] == refund["id"]
    kinds = [entry["kind"] for entry in api.get(f"/traces/{done['trace']}")["entries"]]
    assert kinds[0] == "act" and "attempt" in kinds and "event" in kinds


def test_parts_until_nothing_is_left(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = f"{order['url']}/refund"
    for amount in ("10.00", "20.00"):
        issue(house, order, amount)
    asked = {"amount": "30.01", "reason": "goodwill"}
    assert refused(house, api, url, asked, "not_refundable", "amount") == "At most $30.00 can be refunded."
    assert refused(house, api, f"{url}?preview=1", asked, "not_refundable", "amount").startswith(
        "At most $30.00"
    )
    issue(house, order, "30.00")
    words = refused(house, api, url, {**asked, "amount": "0.01"}, "not_refundable", "amount")
    assert words == "Nothing is left to refund on this payment."
    [offered] = [act for act in api.get(order["url"])["acts"] if act["act"] == "refunds.issue"]
    assert (offered["allowed"], offered["why_not"]) == (False, "Nothing is left to refund.")
    house.later(WINDOW)
    assert sorted(paid_back(house)) == [1000, 2000, 3000]


def test_goodwill_leaves_the_order_as_it_was(house: House) -> None:
    order = house.order("60.00")
    refund = sent(house, order, "5.00")
    after = house.api().get(order["url"])
    assert refund["reason"] == "goodwill" and after["refundable"] == {"amount": "55.00", "currency": "usd"}
    same = ("total", "subtotal", "status", "lines", "discount", "status_since")
    assert [after[name] for name in same] == [order[name] for name in same]


def test_an_amount_is_read_strictly(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = f"{order['url']}/refund"
    wrong = [
        "0",
        "0.00",
        "-5.00",
        "",
        " ",
        "1e3",
        "ten",
        "10.001",
        "NaN",
        "Infinity",
        "1,50",
        "10.000",
        "1_0",
        "$",
    ]
    for amount in wrong:
        errors = api.post(url, {"amount": amount, "reason": "goodwill"}, 422)["errors"]
        assert set(errors) == {"amount"}, (amount, errors)
    for body in (
        {"reason": "goodwill"},
        {"amount": None, "reason": "goodwill"},
        {"amount": 10, "reason": "goodwill"},
    ):
        invalid(house, api, url, body, "amount")
    assert house.rows("select * from refunds") == []
    done = api.post(url, {"amount": "$1,0.00".replace("1,0", "10"), "reason": "goodwill"})
    assert api.get(done["subject"])["amount"] == {"amount": "10.00", "currency": "usd"}


@pytest.mark.parametrize(
    ("currency", "paid", "too_fine", "too_much", "says", "right", "minor"),
    [
        ("usd", "60.00", "0.001", "60.01", "At most $60.00 can be refunded.", "60.00", 6000),
        ("jpy", "5000", "1.5", "5001", "At most 5,000 JPY can be refunded.", "5000", 5000),
        ("kwd", "5.000", "0.0001", "5.001", "At most 5.000 KWD can be refunded.", "1.230", 1230),
    ],
)
def test_each_currency_has_its_own_decimals(
    house: House, currency: str, paid: str, too_fine: str, too_much: str, says: str, right: str, minor: int
) -> None:
    order, api = house.order(paid, currency=currency), house.api()
    url = f"{order['url']}/refund"
    errors = invalid(house, api, url, {"amount": too_fine, "reason": "goodwill"}, "amount")
    assert currency.upper() in errors["amount"][0]
    assert (
        refused(house, api, url, {"amount": too_much, "reason": "goodwill"}, "not_refundable", "amount")
        == says
    )
    refund = sent(house, order, right)
    assert refund["amount"] == {"amount": right, "currency": currency} and refund["status"] == "succeeded"
    assert paid_back(house) == [minor]


def test_every_reason_reaches_the_processor_in_its_own_words(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    made = {}
    for code in REASONS:
        more = (
            {"note": "See the letter"}
            if code == "other"
            else {"confirm_fraud": True}
            if code == "fraud"
            else {}
        )
        made[issue(house, order, "0.50", reason=code, **more)["subject"].rsplit("/", 1)[-1]] = code
    house.later(WINDOW)
    told = {
        r.metadata["opsconsole_subject"]: r.reason for r in processor(house).refunds.list({"limit": 100}).data
    }
    assert told == {id: REASONS[code].tells.value for id, code in made.items()}
    assert {reason.tells for reason in REASONS.values()} == set(RefundReason)
    [damaged] = api.get("/refunds?reason=damaged")["items"]
    assert made[damaged["id"]] == "damaged"


def test_a_reason_is_needed_and_other_says_why(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    url = f"{order['url']}/refund"
    invalid(house, api, url, {"amount": "1.00"}, "reason")
    assert (
        "goodwill" in invalid(house, api, url, {"amount": "1.00", "reason": "because"}, "reason")["reason"][0]
    )
    invalid(house, api, url, {"amount": "1.00", "reason": "other", "note": "  "}, "note")


def test_calling_it_fraud_needs_the_right_and_a_confirmation(house: House) -> None:
    order, api = house.order("60.00"), house.api("finance")
    url, asked = f"{order['url']}/refund", {"amount": "1.00", "reason": "fraud"}
    denied(house, "support", url, {**asked, "confirm_fraud": True})
    denied(house, "support", f"{url}?preview=1", asked)
    said = invalid(house, api, url, asked, "confirm_fraud")["confirm_fraud"][0]
    assert "block this card" in said
    api.post(url, {**asked, "confirm_fraud": True})


def test_of_several_payments_one_is_chosen(house: House) -> None:
    order, api = _two_payments(house), house.api()
    url, asked = f"{order['url']}/refund", {"amount": "10.00", "reason": "goodwill"}
    invalid(house, api, url, asked, "payment")
    invalid(house, api, url, {**asked, "payment": "pay_nowhere"}, "payment")
    first, second = order["payments"]
    done = api.post(url, {**asked, "payment": second, "amount": "30.00"})
    assert api.get(done["subject"])["payment"] == second
    assert refused(
        house, api, url, {**asked, "payment": second}, "not_refundable", "amount"
    ).startswith("Nothing is left")  # fmt: skip
    assert api.get(api.post(url, asked)["subject"])["payment"] == first  # only one has something left


def _two_payments(house: House) -> Any:
    """An order of 60.00 that was paid in two halves."""
    shop = house.api("shop")
    halves = [house.pay(3000), house.pay(3000, method="pm_card_mastercard")]
    shop.post("/customers", {"reference": "two-cards", "name": "Jo Field"})
    lines = [{"sku": "NC60", "name": "Night cream", "quantity": 1, "unit_price": "60.00"}]
    told = {"reference": "TWO", "customer": "two-cards", "lines": lines, "total": "60.00"}
    for half in halves:
        made = shop.post("/orders", {**told, "payment": half})
        house.drain()
    order = house.api().get(made["subject"])
    assert order["status"] == "ready" and len(order["payments"]) == 2
    return order


def test_who_may_not_and_what_is_not_there(house: House) -> None:
    order = house.order("60.00")
    url, asked = f"{order['url']}/refund", {"amount": "1.00", "reason": "goodwill"}
    for role in ("auditor", "clinician", "shop", "admin"):
        denied(house, role, url, asked)
    denied(house, "auditor", f"{url}?preview=1", asked)
    with nothing_written(house):
        house.api().post("/orders/ord_nowhere/refund", asked, 404)
        assert house.app.test_client().post(url, json=asked).status_code == 401
    support = [act for act in house.api("auditor").get(order["url"])["acts"] if act["act"] == "refunds.issue"]
    assert support[0]["allowed"] is False and "refunds.issue" in support[0]["why_not"]


def test_nothing_was_paid_yet(house: House) -> None:
    shop = house.api("shop")
    shop.post("/customers", {"reference": "c", "name": "Jo"})
    told = {
        "customer": "c",
        "lines": [{"sku": "A", "name": "A", "quantity": 1, "unit_price": "5.00"}],
        "total": "5.00",
    }
    unpaid = shop.post("/orders", {"reference": "A", **told})["subject"]
    expected = shop.post("/orders", {"reference": "B", "payment": "pi_later", **told})["subject"]
    asked, api = {"amount": "1.00", "reason": "goodwill"}, house.api()
    assert "Nothing was paid" in refused(house, api, f"{unpaid}/refund", asked, "not_refundable", "amount")
    assert "Nothing is left" in refused(house, api, f"{expected}/refund", asked, "not_refundable", "amount")


def test_two_people_at_once_never_give_back_more_than_was_paid(house: House) -> None:
    order = house.order("60.00")
    url, asked = f"{order['url']}/refund", {"amount": "10.00", "reason": "goodwill"}

    def ask(number: int) -> int:
        api = house.api(("support", "finance")[number % 2])
        return api.client.post(url, json=asked, headers=api.headers).status_code

    with ThreadPoolExecutor(8) as people:
        statuses = list(people.map(ask, range(12)))
    assert sorted(statuses) == [201] * 6 + [409] * 6
    house.later(WINDOW)
    assert paid_back(house) == [1000] * 6
    assert house.api().get(order["url"])["refundable"]["amount"] == "0.00"


def test_the_same_click_twice_is_one_refund(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    asked = {"amount": "10.00", "reason": "goodwill"}
    first = api.post(f"{order['url']}/refund", asked, key="click")
    with nothing_written(house):
        assert api.post(f"{order['url']}/refund", asked, key="click") == first
        assert api.last and api.last.headers["Idempotent-Replayed"] == "true"
    house.later(WINDOW)
    with nothing_written(house):
        assert api.post(f"{order['url']}/refund", asked, key="click") == first
    assert paid_back(house) == [1000]


def test_what_the_bank_holds_in_a_dispute_cannot_be_given_back(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    dispute = house.sandbox.stripe.dispute(payment_id(house, order))
    house.drain()
    payment = api.get(order["payments"][0])
    assert (payment["disputed"]["amount"], payment["refundable"]["amount"]) == ("60.00", "0.00")
    refused(
        house,
        api,
        f"{order['url']}/refund",
        {"amount": "1.00", "reason": "goodwill"},
        "not_refundable",
        "amount",
    )
    house.sandbox.stripe.close_dispute(dispute["id"], "won")
    house.drain()
    assert sent(house, order, "1.00")["status"] == "succeeded"


def test_a_refund_made_elsewhere_counts_like_ours(house: House) -> None:
    order, api = house.order("60.00"), house.api()
    id = refund_elsewhere(house, order, 5000)
    house.drain()
    [adopted] = api.get(f"/refunds?order={order['id']}")["items"]
    assert (adopted["external_id"], adopted["reason"], adopted["status"]) == (
        id,
        "made_elsewhere",
        "succeeded",
    )
    asked = {"amount": "10.01", "reason": "goodwill"}
    assert "$10.00" in refused(house, api, f"{order['url']}/refund", asked, "not_refundable", "amount")
    refused(house, api, f"{adopted['url']}/withdraw", {}, "not_withdrawable")

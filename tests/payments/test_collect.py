"""Charging the saved card with what an order costs: planned, charged once, and every way to fail."""

from __future__ import annotations

from typing import Any

import pytest

from opsconsole.services import WORKER, payments
from opsconsole.vendors.payments import PaymentFacts, PaymentState

from ..house import House
from ..scenes import WINDOW, cases_of, denied, nothing_written, only_case, processor, refused
from .card_scenes import charged, collect, save_card, unpaid, with_card

CHARGE = "POST /v1/payment_intents"


def test_the_saved_card_pays_the_order_and_it_goes_on(house: House) -> None:
    known_as = with_card(house)
    order, api = unpaid(house), house.api()
    seen = api.post(f"{order['url']}/collect?preview=1", {}, 200)["preview"]
    assert [one["says"] for one in seen["promises"]] == ["Stripe charges $60.00 to Visa ending 4242"]
    assert (seen["undo_for"], seen["promises"][0]["due_in"]) == (60, 60)
    planned = collect(house, order, match=seen["hash"])
    assert (planned["status"], planned["amount"]["amount"], charged(house)) == ("planned", "60.00", [])
    house.later(WINDOW)
    done, order = api.get(planned["url"]), api.get(order["url"])
    assert (done["status"], done["final"], order["status"], charged(house)) == (
        "succeeded",
        True,
        "ready",
        [6000],
    )
    [payment] = [api.get(url) for url in order["payments"]]
    assert (payment["external_id"], payment["status"]) == (done["external_id"], "succeeded")
    [promise] = api.get(f"/promises?subject={done['id']}")["items"]
    assert promise["status"] == "kept"
    intent = processor(house).payment_intents.retrieve(done["external_id"])
    assert (intent.customer, intent.description) == (known_as, order["reference"])
    assert intent.metadata["opsconsole_subject"] == done["id"]
    assert "cream" not in str(house.sandbox.calls).lower(), "what was bought is nobody's business at Stripe"
    why = refused(house, api, f"{order['url']}/collect", {}, "not_collectable")
    assert why == "Only an order that waits for payment is charged; this one is ready."


def test_what_was_paid_already_is_not_charged_again(house: House) -> None:
    with_card(house)
    order, api = unpaid(house, "60.00"), house.api()
    lines = [{"sku": "NC60", "name": "Night cream, 60 days", "quantity": 1, "unit_price": "60.00"}]
    part = {"reference": order["reference"], "customer": "cust-1", "total": "60.00", "lines": lines}
    api.post("/orders", part | {"payment": house.pay(2500)})
    house.drain()
    assert collect(house, order)["amount"]["amount"] == "35.00"
    house.later(WINDOW)
    assert (api.get(order["url"])["status"], charged(house)) == ("ready", [3500])


def test_while_one_is_under_way_nothing_else_is_charged(house: House) -> None:
    with_card(house)
    order, api = unpaid(house), house.api()
    collect(house, order, key="twice")
    with nothing_written(house):
        collect(house, order, key="twice")
    why = refused(house, api, f"{order['url']}/collect", {}, "not_collectable")
    assert why == "Visa ending 4242 is being charged already: wait how that ends."
    house.later(WINDOW)
    assert charged(house) == [6000]


@pytest.mark.parametrize(
    ("saved", "code", "words"),
    [
        ("unknown at Stripe", "no_card", "Stripe does not know this customer: no card of theirs is saved."),
        ("none", "no_card", "The customer has saved no card."),
        ("expired", "no_card", "The saved card, Visa ending 4242, expired 12/2034."),
        ("Stripe is away", "card_unknown", "Which card is saved is not known now."),
    ],
)
def test_without_a_card_that_can_be_charged_nothing_is_planned(
    house: House, saved: str, code: str, words: str
) -> None:
    if saved != "unknown at Stripe":
        with_card(house, None if saved == "none" else "pm_card_visa")
    else:
        house.api("shop").post("/customers", {"reference": "cust-1", "name": "Jo Field"})
    order, api = unpaid(house), house.api()
    if saved == "expired":
        house.advance(10 * 365 * 86400)
    elif saved == "Stripe is away":
        house.sandbox.fault(kind="down", method="*")
    api.post(f"{order['url']}/collect?preview=1", {}, 409)  # asks, and keeps what was answered
    assert refused(house, api, f"{order['url']}/collect", {}, code).startswith(words)
    house.later(WINDOW)
    assert charged(house) == []


def test_another_card_since_the_preview_is_shown_first(house: House) -> None:
    known_as = with_card(house)
    order, api = unpaid(house), house.api()
    seen = api.post(f"{order['url']}/collect?preview=1", {}, 200)["preview"]
    save_card(house, known_as, "pm_card_mastercard")
    house.advance(11)
    now = api.post(f"{order['url']}/collect", {}, 409, match=seen["hash"])
    assert now["refused"]["code"] == "world_changed"
    assert "Mastercard ending 4444" in now["preview"]["promises"][0]["says"]
    assert charged(house) == []


def test_who_may_not(house: House) -> None:
    with_card(house)
    order = unpaid(house)
    for role in ("clinician", "finance", "admin", "auditor", "shop"):
        denied(house, role, f"{order['url']}/collect")


# ------------------------------------------------------------------ the bank says no

DECLINES = {
    "pm_card_visa_chargeDeclined": ("generic_decline", "gives no reason"),
    "pm_card_chargeCustomerFail": ("generic_decline", "gives no reason"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": ("insufficient_funds", "not enough money on the card"),
    "pm_card_visa_chargeDeclinedLostCard": ("lost_card", "Do not tell the customer why"),
    "pm_card_visa_chargeDeclinedStolenCard": ("stolen_card", "Do not tell the customer why"),
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": ("card_velocity_exceeded", "over its limit"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", "The card has expired."),
    "pm_card_chargeDeclinedIncorrectCvc": ("incorrect_cvc", "security code is wrong"),
    "pm_card_chargeDeclinedProcessingError": ("processing_error", "Try again in an hour"),
    "pm_card_authenticationRequired": ("authentication_required", "Send them there to pay"),
}


def test_each_declined_charge_is_a_case_in_plain_words(house: House) -> None:
    api, planned = house.api(), {}
    for number, method in enumerate(DECLINES):
        with_card(house, method, customer=f"cust-{number}")
        planned[method] = collect(house, unpaid(house, customer=f"cust-{number}"))
    house.later(WINDOW)
    for method, (code, words) in DECLINES.items():
        failed, order = api.get(planned[method]["url"]), api.get(planned[method]["order"])
        assert failed["status"] == "failed" and words in failed["failure_reason"], method
        case = only_case(house, failed["id"])
        assert case["reason"] == "vendor_rejected" and words in case["says"], method
        [attempt] = house.rows(
            "select attempts.code from attempts join promises on promises.id = promise_id where subject_id = :id",
            id=failed["id"],
        )
        assert attempt.code == code
        [payment] = [api.get(url) for url in order["payments"]]
        assert (payment["external_id"], payment["status"]) == (failed["external_id"], "requires_payment")
        money = next(lane for lane in order["lanes"] if lane["lane"] == "money")
        assert (order["status"], money["says"]) == ("awaiting_payment", "Waits for a card that works")
        assert order["ball"]["who"] == "patient"
    assert charged(house) == []


def test_the_page_of_a_declined_charge_offers_what_helps(house: House) -> None:
    with_card(house, "pm_card_chargeDeclinedExpiredCard")
    order = unpaid(house)
    planned = collect(house, order)
    house.later(WINDOW)
    sam = house.page("support")
    page = sam.get(planned["url"])
    for url in (
        f"{order['url']}/collect",
        f"/message?template=card_needed&amp;order={order['id']}",
        f"{order['url']}/cancel",
    ):
        assert url in page
    assert "The card has expired." in page and planned["url"] in sam.get(order["url"])
    assert "Your card was not charged" in sam.get(
        f"{order['customer']}/message?template=card_needed&order={order['id']}"
    )


def test_tried_again_after_the_bank_changed_its_mind_it_is_charged_once(house: House) -> None:
    known_as = with_card(house, "pm_card_visa_chargeDeclinedInsufficientFunds")
    order, api = unpaid(house), house.api()
    planned = collect(house, order)
    house.later(WINDOW)
    case = only_case(house, planned["id"])
    house.sandbox.stripe.card_behaves(known_as, None)
    api.post(f"{case['url']}/retry", {"reason": "They put money on it"})
    house.drain()
    assert (api.get(planned["url"])["status"], api.get(order["url"])["status"]) == ("succeeded", "ready")
    assert charged(house) == [6000] and cases_of(house, planned["id"]) == []


def test_charging_another_card_solves_the_first_ones_case(house: House) -> None:
    known_as = with_card(house, "pm_card_chargeDeclinedExpiredCard")
    order, api = unpaid(house), house.api()
    first = collect(house, order)
    house.later(WINDOW)
    case = only_case(house, first["id"])
    save_card(house, known_as, "pm_card_mastercard")
    second = collect(house, order)
    assert second["card"] == "Mastercard ending 4444"
    why = refused(house, api, f"{case['url']}/retry", {"reason": "Again"}, "not_collectable", "fix")
    assert "dismiss the case" in why
    house.later(WINDOW)
    assert (api.get(order["url"])["status"], charged(house)) == ("ready", [6000])
    assert cases_of(house, first["id"]) == []
    [promise] = api.get(f"/promises?subject={first['id']}")["items"]
    assert promise["status"] == "dismissed"


# ------------------------------------------------------------------ nobody knows


@pytest.mark.parametrize("webhooks", ["come first", "are lost"])
def test_after_a_lost_answer_there_is_exactly_one_charge(house: House, webhooks: str) -> None:
    with_card(house)
    order, api = unpaid(house), house.api()
    planned = collect(house, order)
    house.sandbox.fault(kind="lost_answer", method=CHARGE, times=1)
    if webhooks == "are lost":
        house.sandbox.fault(kind="drop", method="webhook")
    house.advance(WINDOW)
    house.work()
    assert (api.get(planned["url"])["status"], charged(house)) == ("submitted", [6000])
    refused(house, api, f"{planned['url']}/withdraw", {}, "not_withdrawable")
    refused(house, api, f"{order['url']}/cancel", {"reason": "mistake"}, "being_charged")
    if webhooks == "come first":
        house.sandbox.flush()
        house.work()
        assert api.get(planned["url"])["status"] == "succeeded"
    house.later(60)
    house.later(25 * 3600)
    assert (api.get(planned["url"])["status"], api.get(order["url"])["status"]) == ("succeeded", "ready")
    assert charged(house) == [6000]


def test_a_declined_charge_whose_answer_was_lost_is_declined_once(house: House) -> None:
    with_card(house, "pm_card_visa_chargeDeclined")
    order, api = unpaid(house), house.api()
    planned = collect(house, order)
    house.sandbox.fault(kind="lost_answer", method=CHARGE, times=1)
    house.advance(WINDOW)
    house.drain()
    assert api.get(planned["url"])["status"] == "submitted"
    house.later(10)
    assert api.get(planned["url"])["status"] == "failed"
    assert len(house.sandbox.ledger("payment.declined")) == 1 and len(api.get(order["url"])["payments"]) == 1


def test_paid_in_the_shop_meanwhile_the_card_is_left_alone(house: House) -> None:
    with_card(house)
    order, api = unpaid(house), house.api()
    planned = collect(house, order)
    lines = [{"sku": "NC60", "name": "Night cream, 60 days", "quantity": 1, "unit_price": "60.00"}]
    told: dict[str, Any] = {
        "reference": order["reference"],
        "customer": "cust-1",
        "total": "60.00",
        "lines": lines,
    }
    api.post("/orders", told | {"payment": house.pay(6000)})
    house.drain()
    assert (api.get(order["url"])["status"], api.get(planned["url"])["status"]) == ("ready", "withdrawn")
    house.later(WINDOW)
    assert charged(house) == []


def test_while_the_shop_may_still_collect_no_card_is_charged(house: House) -> None:
    with_card(house)
    order, api = unpaid(house), house.api()
    intent = processor(house).payment_intents.create(
        {
            "amount": 6000, "currency": "usd", "confirm": True, "payment_method": "pm_card_authenticationRequired",
            "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
        }
    )  # fmt: skip
    assert (intent.status, intent.next_action.type) == ("requires_action", "use_stripe_sdk")
    lines = [{"sku": "NC60", "name": "Night cream, 60 days", "quantity": 1, "unit_price": "60.00"}]
    told: dict[str, Any] = {
        "reference": order["reference"],
        "customer": "cust-1",
        "total": "60.00",
        "lines": lines,
    }
    api.post("/orders", told | {"payment": intent.id})
    house.drain()
    why = refused(house, api, f"{order['url']}/collect", {}, "not_collectable")
    assert why == "The customer has a payment of it to confirm with the bank: wait how that ends."


# ------------------------------------------------------------------ what Stripe says later, and what people find out


def told(house: House, collection: Any, state: PaymentState, raw_status: str) -> None:
    """The worker hears of the payment in that state, as Stripe tells of methods that take days."""
    [row] = house.rows("select customer_id, created_at from collections where id = :id", id=collection["id"])
    [known] = house.rows("select external_id from external_ids where customer_id = :id", id=row.customer_id)
    facts = PaymentFacts(
        id="pi_slow", state=state, raw_status=raw_status, amount=6000, captured=0, refunded=0, currency="usd",
        created_at=row.created_at, customer=known.external_id, failure_words="Account closed.",
        tags={"opsconsole_subject": collection["id"]},
    )  # fmt: skip
    with house.app.app_context():
        act = payments.charged if state is PaymentState.PROCESSING else payments.settle
        subject = collection["id"] if state is PaymentState.PROCESSING else "pi_slow"
        act(subject, facts=facts, fetched_at=row.created_at, by=WORKER)


def test_what_is_processing_may_still_come_to_nothing_and_is_a_case_then(house: House) -> None:
    with_card(house)
    order, api = unpaid(house), house.api()
    planned = collect(house, order)
    told(house, planned, PaymentState.PROCESSING, "processing")
    assert (api.get(planned["url"])["status"], api.get(order["url"])["status"]) == (
        "processing",
        "awaiting_payment",
    )
    refused(house, api, f"{order['url']}/collect", {}, "not_collectable")
    told(house, planned, PaymentState.REQUIRES_PAYMENT, "requires_payment_method")
    assert api.get(planned["url"])["status"] == "failed"
    [case] = [one for one in cases_of(house, planned["id"]) if one["reason"] == "charge_failed"]
    assert "Account closed." in case["says"] and case["suggests"]["url"] == f"{order['url']}/collect"


def test_collected_by_other_means_the_order_is_paid_with_that(house: House) -> None:
    with_card(house, "pm_card_chargeDeclinedExpiredCard")
    order, api = unpaid(house), house.api()
    planned = collect(house, order)
    house.later(WINDOW)
    case = only_case(house, planned["id"])
    api.post(f"{case['url']}/settle", {"reason": "Paid by phone", "external_id": house.pay(6000)})
    house.drain()
    assert (api.get(planned["url"])["status"], api.get(order["url"])["status"]) == ("succeeded", "ready")
    assert charged(house) == []


def test_dismissed_the_order_goes_on_waiting_and_can_be_charged_again(house: House) -> None:
    with_card(house, "pm_card_chargeDeclinedExpiredCard")
    order, api = unpaid(house), house.api()
    planned = collect(house, order)
    house.later(WINDOW)
    api.post(f"{only_case(house, planned['id'])['url']}/dismiss", {"reason": "They will pay in the shop"})
    [act] = [one for one in api.get(order["url"])["acts"] if one["act"] == "payments.collect"]
    assert act["allowed"] and api.get(planned["url"])["status"] == "failed"

from __future__ import annotations

from typing import Any

import pytest
import stripe

from .conftest import World
from .test_refunds import refused


def test_customers_live_and_go(world: World) -> None:
    customers = world.sdk.v1.customers
    made = customers.create({"email": "a@example.test", "name": "A", "metadata": {"ref": "cst_1"}})
    customers.create({"email": "b@example.test"})
    assert [one.id for one in customers.list({"email": "a@example.test"}).data] == [made.id]
    changed = customers.update(made.id, {"name": "", "address": {"city": "Boston"}})
    assert changed.name is None and changed.address is not None and changed.address.city == "Boston"
    event = world.sdk.v1.events.list({"type": "customer.updated"}).data[0]
    assert event.data.to_dict()["previous_attributes"] == {"name": "A", "address": None}
    assert customers.delete(made.id).deleted is True
    assert customers.retrieve(made.id).deleted is True
    assert refused(lambda: customers.update(made.id, {"name": "B"})).http_status == 404
    assert [one.email for one in customers.list().data] == ["b@example.test"]
    assert world.types() == ["customer.created", "customer.created", "customer.updated", "customer.deleted"]


def test_payment_methods_are_attached_to_one_customer(world: World) -> None:
    methods, customers = world.sdk.v1.payment_methods, world.sdk.v1.customers
    one, two = customers.create().id, customers.create().id
    method = methods.attach("pm_card_amex", {"customer": one})
    assert method.id != "pm_card_amex" and method.card is not None and method.card.brand == "amex"
    assert methods.retrieve(method.id).customer == one
    assert [found.id for found in methods.list({"customer": one, "type": "card"}).data] == [method.id]
    assert methods.list({"customer": one, "type": "us_bank_account"}).data == []
    refused(lambda: methods.attach(method.id, {"customer": two}))
    refused(lambda: world.pay(method=method.id, customer=two))
    default: Any = {"invoice_settings": {"default_payment_method": method.id}}
    assert customers.update(one, default).invoice_settings.default_payment_method == method.id  # type: ignore[union-attr]
    assert refused(lambda: customers.update(two, default)).code == "resource_missing"


def test_a_customer_can_come_with_a_card(world: World) -> None:
    made = world.sdk.v1.customers.create({"payment_method": "pm_card_visa"})
    (method,) = world.sdk.v1.payment_methods.list({"customer": made.id}).data
    wanted: Any = {"payment_method": method.id, "invoice_settings": {"default_payment_method": method.id}}
    refused(lambda: world.sdk.v1.customers.create(wanted))
    assert len(world.sdk.v1.customers.list().data) == 1


def test_a_payment_succeeds_at_once(world: World) -> None:
    payment = world.pay(1234, metadata={"ref": "pay_1"}, expand=["latest_charge"])
    assert (payment.status, payment.amount_received) == ("succeeded", 1234)
    charge = payment.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert charge.paid and charge.captured and charge.metadata["ref"] == "pay_1"
    assert charge.payment_method_details is not None and charge.payment_method_details.card is not None
    assert charge.payment_method_details.card.last4 == "4242"
    assert world.types() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    assert [entry["kind"] for entry in world.sandbox.ledger()] == ["payment_intent", "payment"]


def test_a_declined_card_leaves_its_failed_charge_behind(world: World) -> None:
    with pytest.raises(stripe.CardError) as caught:
        world.pay(method="pm_card_chargeDeclined")
    error = caught.value
    assert (error.http_status, error.code) == (402, "card_declined")
    assert error.error is not None and error.error.decline_code == "generic_decline"
    payment = world.sdk.v1.payment_intents.list().data[0]
    assert payment.status == "requires_payment_method"
    assert payment.last_payment_error is not None and payment.last_payment_error.code == "card_declined"
    assert world.charge(payment).status == "failed"
    assert world.types()[-2:] == ["charge.failed", "payment_intent.payment_failed"]
    retried = world.sdk.v1.payment_intents.confirm(payment.id, {"payment_method": "pm_card_visa"})
    assert retried.status == "succeeded" and retried.last_payment_error is None


def test_the_states_of_a_payment(world: World) -> None:
    intents = world.sdk.v1.payment_intents
    empty = intents.create({"amount": 500, "currency": "usd"})
    assert empty.status == "requires_payment_method"
    assert refused(lambda: intents.confirm(empty.id)).code == "payment_intent_unexpected_state"
    confirmed: Any = {"amount": 500, "currency": "usd", "confirm": True}
    assert refused(lambda: intents.create(confirmed)).code == "payment_intent_unexpected_state"
    ready = intents.update(empty.id, {"payment_method": "pm_card_visa", "amount": 600})
    assert (ready.status, ready.amount) == ("requires_confirmation", 600)
    canceled = intents.cancel(ready.id, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    refused(lambda: intents.confirm(ready.id))
    done = world.pay()
    refused(lambda: intents.cancel(done.id))
    refused(lambda: intents.update(done.id, {"amount": 1}))
    assert intents.update(done.id, {"metadata": {"a": "1"}}).metadata["a"] == "1"


def test_capture_later_or_never(world: World) -> None:
    intents = world.sdk.v1.payment_intents
    held = world.pay(1000, capture_method="manual")
    assert (held.status, held.amount_capturable) == ("requires_capture", 1000)
    refused(lambda: intents.capture(held.id, {"amount_to_capture": 1001}))
    taken = intents.capture(held.id, {"amount_to_capture": 400})
    assert (taken.status, taken.amount_received) == ("succeeded", 400)
    released = intents.cancel(world.pay(capture_method="manual").id)
    assert released.status == "canceled"
    assert [entry["amount"] for entry in world.sandbox.ledger("payment")] == [400]


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (49, "usd", "amount_too_small"),
        (49, "jpy", "amount_too_small"),
        (190, "kwd", "amount_too_small"),
        (1005, "kwd", "invalid_charge_amount"),
        (100_000_000, "usd", "amount_too_large"),
        (100, "xxx", None),
    ],
)
def test_amounts_have_limits(world: World, amount: int, currency: str, code: str | None) -> None:
    error = refused(lambda: world.pay(amount, currency=currency))
    assert error.code == code and error.param in ("amount", "currency")
    assert world.sandbox.ledger() == []


def test_what_endive_no_longer_takes_is_unknown(world: World) -> None:
    old: Any = {"payment_method_types": ["card"]}
    error = refused(lambda: world.pay(**old))
    assert (error.code, error.param) == ("parameter_unknown", "payment_method_types")


def test_a_charge_can_turn_into_a_dispute(world: World) -> None:
    payment = world.pay(method="pm_card_createDispute")
    world.sandbox.flush()
    assert world.charge(payment).disputed is True
    dispute = world.sdk.v1.disputes.list({"payment_intent": payment.id}).data[0]
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 1000)
    closed = world.control("POST", f"stripe/disputes/{dispute.id}/close", {"status": "lost"})
    assert closed.json["status"] == "lost"
    again = world.control("POST", f"stripe/disputes/{dispute.id}/close", {"status": "won"})
    assert again.status_code == 400
    assert world.types()[-1] == "charge.dispute.closed"
    other = world.pay()
    opened = world.control("POST", "stripe/disputes", {"payment_intent": other.id, "amount": 400})
    assert opened.json["amount"] == 400
    too_much = world.control("POST", "stripe/disputes", {"payment_intent": other.id, "amount": 4000})
    assert too_much.status_code == 400

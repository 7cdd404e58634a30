"""Every object has the fields that stripe-python 16.1 declares for it: none missing, none that are gone."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import stripe

from .conftest import World

#: Declared, but absent from Stripe's answers unless they apply or are expanded (the SDK does not tell).
ONLY_WHEN_IT_APPLIES = {
    stripe.Customer: "cash_balance deleted invoice_credit_balance sources subscriptions tax tax_ids",
    stripe.PaymentIntent: (
        "hooks managed_payments payment_details payment_record presentment_details"
        " amount_details.discount_amount amount_details.error amount_details.line_items"
        " amount_details.shipping amount_details.tax"
    ),
    stripe.Charge: "authorization_code level3 outcome.rule presentment_details refunds transfer",
    stripe.Refund: (
        "description failure_balance_transaction failure_reason instructions_email next_action pending_reason"
        " presentment_details"
    ),
    stripe.Dispute: "evidence.appeal intended_submission_method",
    stripe.PaymentMethod: "",
    stripe.WebhookEndpoint: "deleted secret",
    stripe.radar.EarlyFraudWarning: "",
    stripe.Event: "account context data.previous_attributes",
}
#: The same below these, whose fields come and go with card networks, options and kinds of error.
VARIES = (
    "payment_method_details.card.",
    "payment_method_options.card.",
    "last_payment_error.",
    "card.",
)
#: Declared as one field for each of some fifty ways to pay: only the card's is there.
ONE_OF_MANY = (
    "payment_method_details.",
    "payment_method_options.",
    "destination_details.",
)


def differences(shown: Any, declared: type, path: str = "") -> list[str]:
    """What the object lacks or has too much, compared with the SDK's declaration, at every depth."""
    names = {
        name: str(hint)
        for name, hint in inspect.get_annotations(declared).items()
        if not name.startswith("_") and "ClassVar" not in str(hint)
    }
    found = [f"{path}{name} is not in the schema" for name in shown if names and name not in names]
    for name, hint in names.items():
        nullable = "Optional" in hint or "None" in hint
        if name not in shown and not (nullable and path.startswith(VARIES + ONE_OF_MANY)):
            found.append(f"{path}{name} is missing")
        if name in shown and shown[name] is None and not nullable:
            found.append(f"{path}{name} is null")
    inner: dict[str, type] = getattr(declared, "_inner_class_types", {})
    for name, kind in inner.items():
        below = shown.get(name)
        if isinstance(below, dict) and below:
            found += differences(below, kind, f"{path}{name}.")
    return found


def unexpected(shown: Any, declared: Any) -> list[str]:
    """The differences less those that are Stripe's own."""
    absent = {f"{name} is missing" for name in ONLY_WHEN_IT_APPLIES[declared].split()}
    absent |= {f"{kind} is missing" for kind in WAYS_TO_PAY if declared is stripe.PaymentMethod}
    return [difference for difference in differences(shown, declared) if difference not in absent]


WAYS_TO_PAY = set(stripe.PaymentMethod._inner_class_types) | {"custom"}


@pytest.fixture
def objects(world: World) -> dict[type, list[Any]]:
    """One of each, in the states that differ in shape."""
    customer = world.sdk.v1.customers.create({"email": "a@example.test"})
    payment = world.pay(2000, customer=customer.id)
    disputed = world.pay(900)
    pending = world.refund(world.pay(500, "pm_card_pendingRefund"))
    failed = world.refund(world.pay(500, "pm_card_refundFail"))
    refund = world.refund(payment, 300)
    world.sandbox.stripe.dispute(disputed.id)
    with pytest.raises(stripe.CardError):
        world.pay(method="pm_card_chargeDeclined")
    world.sandbox.stripe.warn(payment.id)
    world.sandbox.flush()

    def get(path: str) -> Any:
        return world.call("GET", f"/v1/{path}").json

    return {
        stripe.Customer: [get(f"customers/{customer.id}")],
        stripe.PaymentIntent: get("payment_intents?limit=100")["data"],
        stripe.Charge: get("charges?limit=100")["data"],
        stripe.Refund: [get(f"refunds/{one.id}") for one in (refund, pending, failed)],
        stripe.Dispute: get("disputes")["data"],
        stripe.PaymentMethod: get("payment_methods")["data"],
        stripe.WebhookEndpoint: get("webhook_endpoints")["data"],
        stripe.radar.EarlyFraudWarning: get("radar/early_fraud_warnings")["data"],
        stripe.Event: get("events?limit=100")["data"],
    }


def test_every_object_has_the_declared_shape(objects: dict[type, list[Any]]) -> None:
    for declared, shown in objects.items():
        assert shown, declared
        for one in shown:
            assert unexpected(one, declared) == [], declared


def test_the_comparison_notices_what_is_wrong(objects: dict[type, list[Any]]) -> None:
    refund = objects[stripe.Refund][0]
    without = {name: value for name, value in refund.items() if name != "currency"}
    card = {**refund["destination_details"]["card"], "arn": "1"}
    assert unexpected(without, stripe.Refund) == ["currency is missing"]
    assert unexpected({**refund, "amount": None}, stripe.Refund) == ["amount is null"]
    assert unexpected({**refund, "destination_details": {"type": "card", "card": card}}, stripe.Refund) == [
        "destination_details.card.arn is not in the schema"
    ]


def test_fields_that_endive_no_longer_has_are_gone(objects: dict[type, list[Any]]) -> None:
    for declared in (stripe.PaymentIntent, stripe.Charge):
        for one in objects[declared]:
            assert not {"invoice", "charges", "refunds", "dispute"} & set(one)

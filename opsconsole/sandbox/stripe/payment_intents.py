"""Payment intents: create, confirm, capture, cancel. A confirmed one makes a charge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from . import balance, disputes, fraud_warnings
from ._banks import NOS, No, answer, wants_the_customer
from ._errors import DOCS, ApiError, Malformed
from ._form import (
    SHIPPING,
    Schema,
    boolean,
    hash_of,
    integer,
    list_of,
    merge_metadata,
    metadata,
    one_of,
    text,
)
from ._money import CURRENCIES, MOST, shown
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show
from .payment_methods import attach_to, usable

CANCEL_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
UNFINISHED = ("requires_payment_method", "requires_confirmation", "requires_action", "requires_capture")


@shape_of("payment_intent")
def payment_intent(facts: Facts) -> dict[str, Any]:
    status = facts["status"]
    return {
        "id": facts["id"],
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": facts["amount"],
        "amount_capturable": facts["amount"] if status == "requires_capture" else 0,
        "amount_details": {"tip": {}},
        "amount_received": facts.get("amount_received", 0),
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": {"allow_redirects": "never", "enabled": True},
        "canceled_at": facts.get("canceled_at"),
        "cancellation_reason": facts.get("cancellation_reason"),
        "capture_method": facts.get("capture_method", "automatic_async"),
        "client_secret": f"{facts['id']}_secret_sandbox",
        "confirmation_method": "automatic",
        "created": facts["created"],
        "currency": facts["currency"],
        "customer": facts.get("customer"),
        "customer_account": None,
        "description": facts.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": facts.get("last_payment_error"),
        "latest_charge": facts.get("latest_charge"),
        "livemode": False,
        "metadata": facts.get("metadata", {}),
        "next_action": _next_action(facts) if status == "requires_action" else None,
        "on_behalf_of": None,
        "payment_method": facts.get("payment_method"),
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": facts.get("receipt_email"),
        "review": None,
        "setup_future_usage": facts.get("setup_future_usage"),
        "shipping": facts.get("shipping"),
        "source": None,
        "statement_descriptor": facts.get("statement_descriptor"),
        "statement_descriptor_suffix": facts.get("statement_descriptor_suffix"),
        "status": status,
        "transfer_data": None,
        "transfer_group": facts.get("transfer_group"),
    }


def _next_action(facts: Facts) -> dict[str, Any]:
    """The bank's page, or what a customer's browser does with Stripe's script."""
    if url := facts.get("return_url"):
        to = f"https://hooks.stripe.com/3d_secure_2/hosted?payment_intent={facts['id']}"
        return {"type": "redirect_to_url", "redirect_to_url": {"return_url": url, "url": to}}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}


DETAILS: Schema = {
    "description": text(1000, clears=True),
    "metadata": metadata(),
    "receipt_email": text(512, clears=True),
    "setup_future_usage": one_of("off_session", "on_session"),
    "shipping": hash_of(SHIPPING, needs=("address", "name")),
    "statement_descriptor": text(22),
    "statement_descriptor_suffix": text(22),
    "transfer_group": text(),
}
CONFIRM: Schema = {
    "payment_method": text(),
    "off_session": boolean(),
    "return_url": text(),
    "error_on_requires_action": boolean(),
    "receipt_email": text(512, clears=True),
    "setup_future_usage": one_of("off_session", "on_session"),
    "use_stripe_sdk": boolean(),
}
CREATE: Schema = {
    **CONFIRM,
    **DETAILS,
    "amount": integer(1),
    "allowed_payment_method_types": list_of(one_of("card")),
    "automatic_payment_methods": hash_of(
        {"enabled": boolean(), "allow_redirects": one_of("always", "never")}, needs=("enabled",)
    ),
    "capture_method": one_of("automatic", "automatic_async", "manual"),
    "confirm": boolean(),
    "confirmation_method": one_of("automatic"),
    "currency": text(3),
    "customer": text(),
}
COPIED = ("currency", "customer", "description", "metadata", "receipt_email", "shipping", "transfer_group")
KEPT = (*DETAILS, "capture_method", "customer")


@route("POST", "/payment_intents", CREATE, needs=("amount", "currency"))
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    if not values.get("confirm"):
        for name in ("off_session", "error_on_requires_action", "return_url"):
            if name in values:
                raise Malformed(f"You cannot provide `{name}` when `confirm` is false.", param=name)
    facts: Facts = {
        "id": new_id("pi"),
        "created": turn.created,
        "status": "requires_payment_method",
        **_price(values["amount"], values["currency"]),
        **{name: values[name] for name in KEPT if name in values},
        "metadata": merge_metadata({}, values.get("metadata", {})),
    }
    if "customer" in values:
        turn.need("customer", values["customer"], "customer")
    if "payment_method" in values:
        facts["payment_method"] = usable(turn, values["payment_method"], values.get("customer"))["id"]
        facts["status"] = "requires_confirmation"
    turn.add("payment_intent", facts)
    turn.record("payment_intent", facts, payment=facts["id"])
    turn.emit("payment_intent.created", "payment_intent", facts)
    if values.get("confirm"):
        ask_the_bank(turn, facts, values)
    return show("payment_intent", facts)


def _price(amount: int, code: str) -> Facts:
    """The amount and currency to charge. Refuses unknown currencies and amounts outside Stripe's limits."""
    currency = CURRENCIES.get(code.lower())
    if currency is None:
        raise Malformed(
            f"Invalid currency: {code}. Stripe currently supports these currencies: {', '.join(CURRENCIES)}",
            param="currency",
        )
    if amount < currency.least:
        raise Malformed(
            f"Amount must be at least {shown(currency.least, code.lower())} {code.lower()}",
            code="amount_too_small",
            param="amount",
        )
    if amount > MOST:
        raise Malformed(
            f"Amount must be no more than {shown(MOST, code.lower())}",
            code="amount_too_large",
            param="amount",
        )
    if amount % currency.step:
        raise Malformed(
            "Invalid amount: three-decimal amounts must end in 0.",
            code="invalid_charge_amount",
            param="amount",
        )
    return {"amount": amount, "currency": code.lower()}


def ask_the_bank(turn: Turn, intent: Facts, values: dict[str, Any]) -> None:
    """Ask the bank. A declined card leaves its failed charge behind and answers 402.

    A bank that wants the cardholder to confirm gets them, unless `off_session` says that nobody is there or
    `error_on_requires_action` that nobody is to be asked: then it is a no like others
    (https://docs.stripe.com/payments/save-and-reuse#charge-saved-payment-method).
    """
    if not intent.get("payment_method"):
        raise ApiError(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either "
            "update the PaymentIntent with a payment method and then confirm it again, or confirm it again "
            "directly with a payment method.",
            code="payment_intent_unexpected_state",
            payment_intent=show("payment_intent", intent),
        )
    method = turn.need("payment_method", intent["payment_method"])
    behaves = method["card"].get("behaves")
    alone = bool(values.get("off_session"))
    declined = answer(behaves, off_session=alone)
    if declined is None and wants_the_customer(behaves):
        return _wait_for_the_customer(turn, intent, method, values)
    manual = intent.get("capture_method") == "manual"
    charge: Facts = {
        "id": new_id("ch"),
        "created": turn.created,
        "amount": intent["amount"],
        "amount_captured": 0 if declined or manual else intent["amount"],
        "captured": not (declined or manual),
        "status": "failed" if declined else "succeeded",
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "card": method["card"],
        "balance_transaction": None if declined or manual else new_id("txn"),
    } | ({"no": behaves} if declined else {})
    charge |= {name: intent[name] for name in COPIED if name in intent}
    turn.add("charge", charge)
    intent["latest_charge"] = charge["id"]
    if declined:
        _decline(turn, intent, declined, method, charge)
    intent["status"] = "requires_capture" if manual else "succeeded"
    intent["amount_received"] = charge["amount_captured"]
    intent["last_payment_error"] = None
    turn.save("payment_intent", intent)
    if not manual:
        balance.charged(turn, charge)
    turn.record("payment.authorized" if manual else "payment", charge)
    turn.emit("charge.succeeded", "charge", charge)
    if manual:
        turn.emit("payment_intent.amount_capturable_updated", "payment_intent", intent)
    else:
        turn.emit("payment_intent.succeeded", "payment_intent", intent)
    if intent.get("setup_future_usage") and intent.get("customer"):
        attach_to(turn, method["id"], turn.need("customer", intent["customer"]))
    if method["card"].get("behaves") == "disputes":
        turn.later(0, "stripe charge disputed", charge["id"])
    if method["card"].get("behaves") == "is_warned_of":
        turn.later(0, "stripe charge warned of", charge["id"])


def _wait_for_the_customer(turn: Turn, intent: Facts, method: Facts, values: dict[str, Any]) -> None:
    """Nothing is charged until they have confirmed it with the bank."""
    if values.get("error_on_requires_action"):
        _decline(turn, intent, NOS["authentication_required"], method)
    if "return_url" in values:
        intent["return_url"] = values["return_url"]
    intent["status"] = "requires_action"
    turn.save("payment_intent", intent)
    turn.emit("payment_intent.requires_action", "payment_intent", intent)


def _decline(turn: Turn, intent: Facts, no: No, method: Facts, charge: Facts | None = None) -> NoReturn:
    """Answer 402. The intent stays, waits for another payment method, and says what was wrong with this one."""
    error = {
        **no.told,
        "code": no.code,
        "doc_url": DOCS + no.code.replace("_", "-"),
        "message": no.message,
        "payment_method": show("payment_method", method),
        "type": "card_error",
    } | ({"charge": charge["id"]} if charge else {})
    intent.update(status="requires_payment_method", payment_method=None, last_payment_error=error)
    turn.save("payment_intent", intent)
    if charge:
        turn.record("payment.declined", charge)
        turn.emit("charge.failed", "charge", charge)
    turn.emit("payment_intent.payment_failed", "payment_intent", intent)
    raise ApiError(
        no.message,
        status=402,
        type="card_error",
        code=no.code,
        keeps_effects=True,
        payment_intent=show("payment_intent", intent),
        payment_method=error["payment_method"],
        **no.told,
        **({"charge": charge["id"]} if charge else {}),
    )


def _of_invoice(turn: Turn, intent: str) -> bool:
    """Was it made to pay an invoice?"""
    return next(turn.all("invoice_payment", payment_intent=intent), None) is not None


def _unexpected(intent: Facts, doing: str, allowed: tuple[str, ...]) -> ApiError:
    return ApiError(
        f"You cannot {doing} this PaymentIntent because it has a status of {intent['status']}. Only a "
        f"PaymentIntent with one of the following statuses may be used: {', '.join(allowed)}.",
        code="payment_intent_unexpected_state",
        payment_intent=show("payment_intent", intent),
    )


@route("POST", "/payment_intents/<id>/confirm", CONFIRM)
def confirm(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("payment_intent", id)
    if facts["status"] not in UNFINISHED[:3]:
        raise _unexpected(facts, "confirm", UNFINISHED[:3])
    if "payment_method" in values:
        facts["payment_method"] = usable(turn, values["payment_method"], facts.get("customer"))["id"]
    facts.update({name: values[name] for name in ("receipt_email", "setup_future_usage") if name in values})
    ask_the_bank(turn, facts, values)
    if facts["status"] == "succeeded":
        for follow in WHEN_CONFIRMED:
            follow(turn, facts)
    return show("payment_intent", facts)


#: What follows when a payment is confirmed by itself: those who wait for it say so.
WHEN_CONFIRMED: list[Callable[[Turn, Facts], None]] = []


@route("POST", "/payment_intents/<id>/capture", {"amount_to_capture": integer(1), "metadata": metadata()})
def capture(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("payment_intent", id)
    if facts["status"] != "requires_capture":
        raise _unexpected(facts, "capture", ("requires_capture",))
    amount = values.get("amount_to_capture", facts["amount"])
    if amount > facts["amount"]:
        raise ApiError(
            "The amount to capture is greater than the amount that was authorized.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    charge = turn.need("charge", facts["latest_charge"])
    before = show("charge", charge)
    charge.update(
        amount_captured=amount,
        captured=True,
        amount_refunded=charge["amount"] - amount,  # what was not captured is released
        balance_transaction=new_id("txn"),
    )
    facts.update(status="succeeded", amount_received=amount)
    if "metadata" in values:
        facts["metadata"] = merge_metadata(facts["metadata"], values["metadata"])
    turn.save("charge", charge)
    turn.save("payment_intent", facts)
    balance.charged(turn, charge)
    turn.record("payment", {**charge, "amount": amount})
    turn.emit("charge.captured", "charge", charge, before)
    turn.emit("payment_intent.succeeded", "payment_intent", facts)
    return show("payment_intent", facts)


@route("POST", "/payment_intents/<id>/cancel", {"cancellation_reason": one_of(*CANCEL_REASONS)})
def cancel(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("payment_intent", id)
    if facts["status"] not in UNFINISHED:
        raise _unexpected(facts, "cancel", UNFINISHED)
    if facts["status"] != "requires_capture" and _of_invoice(turn, id):
        raise ApiError(
            "You cannot cancel the PaymentIntent of an invoice. Void the invoice instead.",
            code="payment_intent_unexpected_state",
        )
    if facts["status"] == "requires_capture":  # Stripe shows a released authorisation as refunded
        charge = turn.need("charge", facts["latest_charge"])
        before = show("charge", charge)
        charge["amount_refunded"] = charge["amount"]
        turn.save("charge", charge)
        turn.emit("charge.refunded", "charge", charge, before)
    facts.update(
        status="canceled", canceled_at=turn.created, cancellation_reason=values.get("cancellation_reason")
    )
    turn.save("payment_intent", facts)
    turn.record("payment.canceled", facts, payment=id)
    turn.emit("payment_intent.canceled", "payment_intent", facts)
    return show("payment_intent", facts)


@route("GET", "/payment_intents/<id>", {"client_secret": text()})
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show("payment_intent", turn.need("payment_intent", id))


@route("GET", "/payment_intents", {**LIST, "customer": text()})
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    where = {"customer": values.get("customer")}
    return page(turn, "payment_intent", values, "/v1/payment_intents", where=where)


MONEY: Schema = {"amount": integer(1), "currency": text(3), "customer": text(), "payment_method": text()}


@route("POST", "/payment_intents/<id>", {**DETAILS, **MONEY})
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """A finished one only takes metadata, a description and the like; money only changes before it moves."""
    facts = turn.need("payment_intent", id)
    before = show("payment_intent", facts)
    values.pop("expand", None)
    frozen = [name for name in MONEY if name in values]
    if frozen and facts["status"] not in UNFINISHED[:3]:
        raise _unexpected(facts, f"update {frozen[0]} of", UNFINISHED[:3])
    if {"amount", "currency", "customer"} & set(values) and _of_invoice(turn, id):
        raise ApiError(
            "You cannot change the amount or the customer of an invoice's PaymentIntent.", param=frozen[0]
        )
    if "amount" in values or "currency" in values:
        wanted = {**facts, **values}
        values |= _price(wanted["amount"], wanted["currency"])
    if "customer" in values:
        turn.need("customer", values["customer"], "customer")
    if "payment_method" in values:
        owner = values.get("customer", facts.get("customer"))
        values["payment_method"] = usable(turn, values["payment_method"], owner)["id"]
        facts["status"] = "requires_confirmation"
    if "metadata" in values:
        values["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    facts.update(values)
    if show("payment_intent", facts) != before:
        turn.save("payment_intent", facts)
        turn.record("payment_intent.updated", facts, payment=id)
    return show("payment_intent", facts)


def becomes_disputed(turn: Turn, charge: str) -> None:
    disputes.open_dispute(turn, turn.need("charge", charge), reason="fraudulent")


def is_warned_of(turn: Turn, charge: str) -> None:
    fraud_warnings.warn(turn, turn.need("charge", charge))

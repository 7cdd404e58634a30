"""What becomes of an invoice: draft, open, paid, void or uncollectible. Its edges are in `invoices`.

Each function changes the facts it is given in place, saves them and tells of it. What a subscription makes of it is in
`subscriptions`, which makes invoices itself: it is asked for when it is needed.
"""

from __future__ import annotations

from typing import Any

from .._agenda import Agenda
from . import _tax, balance_transactions, invoice_payments
from ._banks import NOS, No
from ._errors import ApiError
from ._invoice_lines import Line, line_in, reckon
from ._money import CURRENCIES
from ._turn import Facts, Turn, new_id, show
from .payment_intents import WHEN_CONFIRMED, ask_the_bank

FINALISES = "stripe invoice finalises"
COLLECTS = "stripe invoice collects"
OVERDUE = "stripe invoice overdue"
#: How long a draft can be changed, how often one that cannot be finalised is tried again, and how long.
DRAFT_SECONDS = 3600
AGAIN_AFTER = 3600
GIVES_UP_AFTER = 3 * 86400
BILL_TO = ("address", "email", "name", "phone", "shipping", "tax_exempt")
FINAL = ("paid", "void")


def draft_for(
    turn: Turn,
    *,
    customer: str,
    subscription: Facts | None,
    lines: list[Line],
    billing_reason: str,
    currency: str,
    at: int,
    auto_advance: bool = True,
    period: tuple[int, int] | None = None,
    discounts: list[str] | None = None,
    pending: bool = True,
    proration_date: int | None = None,
) -> Facts:
    """A new draft with these lines (see `_proration`), which finalises by itself in an hour if it auto-advances.

    The subscription says how it is paid and what lessens it. `pending`: with what waits on the customer, too.
    """
    of = subscription or {}
    invoice = blank(customer, currency, at) | {
        "billing_reason": billing_reason,
        "auto_advance": auto_advance,
        "subscription": of.get("id"),
        "subscription_metadata": of.get("metadata", {}),
        "proration_date": proration_date,
        "collection_method": of.get("collection_method", "charge_automatically"),
        "days_until_due": of.get("days_until_due"),
        "description": of.get("description"),
        "automatic_tax": _enabled(of.get("automatic_tax")),
        "discounts": list(of.get("discounts", []) if discounts is None else discounts),
        "period": list(period or (at, at)),
    }
    invoice["lines"] = [line_in(invoice["id"], line) for line in lines]
    if pending:
        take_in(turn, invoice, [item for item in waiting(turn, customer, currency) if goes_with(item, of)])
    begin(turn, invoice)
    return invoice


def blank(customer: str, currency: str, at: int) -> Facts:
    return {
        "id": new_id("in"),
        "created": at,
        "customer": customer,
        "currency": currency,
        "status": "draft",
        "billing_reason": "manual",
        "auto_advance": False,
        "automatically_finalizes_at": None,
        "subscription": None,
        "collection_method": "charge_automatically",
        "automatic_tax": False,
        "discounts": [],
        "lines": [],
        "metadata": {},
        "period": [at, at],
        "amount_paid": 0,
        "pre_payment_credits": 0,
        "post_payment_credits": 0,
        "attempt_count": 0,
        "attempted": False,
        "next_payment_attempt": None,
        "transitions": {},
    }


def begin(turn: Turn, invoice: Facts) -> None:
    """Store a draft, tell of it, and let it finalise when its time comes."""
    refresh(turn, invoice)
    turn.add("invoice", invoice)
    turn.record("invoice", _amounted(invoice))
    schedule(turn, invoice)
    turn.emit("invoice.created", "invoice", invoice)


def schedule(turn: Turn, invoice: Facts) -> None:
    """A draft that advances finalises at its time, or in an hour; one that does not waits."""
    if invoice["status"] != "draft" or not invoice["auto_advance"]:
        at = None
    else:
        at = invoice["automatically_finalizes_at"] or turn.created + DRAFT_SECONDS
        Agenda.add(turn.db, at, FINALISES, invoice["id"])
    invoice["automatically_finalizes_at"] = at
    turn.save("invoice", invoice)


def _enabled(automatic_tax: Any) -> bool:
    return bool(automatic_tax.get("enabled") if isinstance(automatic_tax, dict) else automatic_tax)


def waiting(turn: Turn, customer: str, currency: str) -> list[Facts]:
    """The customer's pending invoice items, oldest first."""
    items = [item for item in turn.all("invoiceitem", customer=customer) if not item.get("invoice")]
    return [item for item in items if item["currency"] == currency][::-1]


def goes_with(item: Facts, subscription: Facts) -> bool:
    return item.get("subscription") in (None, subscription.get("id"))


def take_in(turn: Turn, invoice: Facts, items: list[Facts]) -> None:
    """Pending items become lines. Refuses more than Stripe allows."""
    if len(invoice["lines"]) + len(items) > 250:
        raise ApiError("You can have at most 250 invoice items on an invoice.", param="invoice")
    for item in items:
        item["invoice"] = invoice["id"]
        turn.save("invoiceitem", item)
        invoice["lines"].append(line_in(invoice["id"], line_from(item)))


def line_from(item: Facts) -> Line:
    """What an invoice item says of itself as a line."""
    own = ("id", "created", "customer", "invoice", "waiting_since")
    return {name: value for name, value in item.items() if name not in own} | {"invoice_item": item["id"]}


def refresh(turn: Turn, invoice: Facts, holder: Facts | None = None) -> None:
    """What a draft comes to now, and for whom: amounts stand still from when it is finalised. Saves nothing."""
    holder = holder or turn.find("customer", invoice["customer"]) or {}
    tax = _tax.of(holder) if invoice["automatic_tax"] else None
    invoice["bill_to"] = {name: holder.get(name) for name in BILL_TO}
    invoice["tax_status"] = _tax.status(turn, tax) if invoice["automatic_tax"] else None
    invoice.update(reckon(turn, invoice["lines"], invoice["discounts"], tax))
    invoice["starting_balance"] = balance_transactions.balance_in(holder, invoice["currency"])
    amount = invoice["total"] + invoice["starting_balance"]
    invoice["amount_due"] = amount if amount >= CURRENCIES[invoice["currency"]].least else 0


def finalize(turn: Turn, invoice: Facts) -> bool:
    """Amounts are frozen and it is open, or paid when nothing is due; false when its tax cannot be told."""
    refresh(turn, invoice)
    if invoice["tax_status"] in CANNOT:
        _cannot(turn, invoice)
        return False
    if invoice.get("from_invoice"):
        void(turn, turn.need("invoice", invoice["from_invoice"]["invoice"]))
        refresh(turn, invoice)  # with the balance that came back
    before = show("invoice", turn.need("invoice", invoice["id"]))
    _take_balance(turn, invoice)
    give_number(turn, invoice)
    invoice.update(
        status="open",
        effective_at=invoice.get("effective_at") or turn.created,
        automatically_finalizes_at=None,
        last_finalization_error=None,
        transitions={"finalized_at": turn.created},
    )
    _ask_for_money(turn, invoice)
    turn.save("invoice", invoice)
    turn.record("invoice.finalized", _amounted(invoice))
    turn.emit("invoice.updated", "invoice", invoice, before)
    turn.emit("invoice.finalized", "invoice", invoice)
    if invoice["amount_due"] == 0:
        settle(turn, invoice)
    return True


#: Why it cannot be finalised, by the status of its tax.
CANNOT = {
    "requires_location_inputs": {
        "code": "customer_tax_location_invalid",
        "doc_url": "https://docs.stripe.com/error-codes#customer-tax-location-invalid",
        "message": "The customer's location isn't recognized. Set a valid customer address in order to automatically "
        "calculate tax.",
        "type": "invalid_request_error",
    },
    "failed": {
        "message": "We could not calculate tax for this invoice. Please try again later.",
        "type": "api_error",
    },
}


def _cannot(turn: Turn, invoice: Facts) -> None:
    """It stays a draft; one that advances is tried again every hour, for three days."""
    before = show("invoice", turn.need("invoice", invoice["id"]))
    since = invoice.setdefault("not_finalised_since", turn.created)
    invoice["last_finalization_error"] = CANNOT[invoice["tax_status"]]
    again = invoice["auto_advance"] and turn.created + AGAIN_AFTER <= since + GIVES_UP_AFTER
    invoice["automatically_finalizes_at"] = turn.created + AGAIN_AFTER if again else None
    if again:
        turn.later(AGAIN_AFTER, FINALISES, invoice["id"])
    turn.save("invoice", invoice)
    turn.emit("invoice.finalization_failed", "invoice", invoice)
    turn.emit("invoice.updated", "invoice", invoice, before)


def _take_balance(turn: Turn, invoice: Facts) -> None:
    """What the customer has with us pays first; too little to be charged, or less than nothing, waits there."""
    starting = invoice["starting_balance"]
    invoice["ending_balance"] = invoice["total"] + starting - invoice["amount_due"]
    if moved := invoice["ending_balance"] - starting:
        why = "invoice_too_small" if invoice["ending_balance"] > 0 else "applied_to_invoice"
        balance_transactions.move(
            turn, invoice["customer"], moved, invoice["currency"], why, invoice=invoice["id"]
        )


def give_number(turn: Turn, invoice: Facts) -> None:
    if not invoice.get("number"):
        holder = turn.need("customer", invoice["customer"])
        prefix, next_ = (
            holder.get("invoice_prefix", holder["id"][-8:].upper()),
            holder.get("next_invoice_sequence", 1),
        )
        invoice["number"] = f"{prefix}-{next_:04}"
        turn.save("customer", holder | {"next_invoice_sequence": next_ + 1})


def _ask_for_money(turn: Turn, invoice: Facts) -> None:
    """The payment that is to settle it; a date where the customer pays by themselves."""
    due = invoice["amount_due"]
    if invoice["collection_method"] == "send_invoice":
        days = invoice.get("days_until_due")
        invoice["due_date"] = invoice.get("due_date") or turn.created + 86400 * (30 if days is None else days)
        Agenda.add(turn.db, invoice["due_date"], OVERDUE, invoice["id"])
    if due == 0:
        return
    intent: Facts = {
        "id": new_id("pi"),
        "created": turn.created,
        "status": "requires_payment_method",
        "amount": due,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "description": WHAT_FOR.get(invoice["billing_reason"], "Payment for Invoice"),
        "metadata": {},
    }
    turn.add("payment_intent", intent)
    turn.record("payment_intent", intent, payment=intent["id"])
    turn.emit("payment_intent.created", "payment_intent", intent)
    invoice["payment_intent"] = intent["id"]
    invoice_payments.ask_for(turn, invoice, intent)


WHAT_FOR = {
    "subscription_create": "Subscription creation",
    "subscription_cycle": "Subscription update",
    "subscription_update": "Subscription update",
}


def left_to_pay(invoice: Facts) -> int:
    return max(0, int(invoice["amount_due"] - invoice["amount_paid"]))


def card_for(turn: Turn, invoice: Facts) -> str | None:
    """The invoice's own card, its subscription's or its customer's."""
    subscription = turn.find("subscription", invoice["subscription"]) if invoice["subscription"] else None
    holder = turn.find("customer", invoice["customer"]) or {}
    own = (of.get("default_payment_method") for of in (invoice, subscription or {}))
    return next(filter(None, own), holder.get("invoice_settings", {}).get("default_payment_method"))


def collect(turn: Turn, invoice: Facts, *, automatic: bool, method: str | None = None) -> bool:
    """Ask the bank of `method`, or of the card that is on file, for what is left; false when it says no.

    A card whose bank wants the customer leaves the intent waiting for them. Never raises for a no: the intent's
    last_payment_error says what it was.
    """
    if left_to_pay(invoice) == 0:
        settle(turn, invoice)
        return True
    from . import subscriptions

    before = show("invoice", invoice)
    card = method or card_for(turn, invoice)
    said = _said_no(turn, invoice, card)
    invoice["attempted"] = True
    if automatic or not invoice["attempt_count"]:
        invoice["attempt_count"] += 1
    if said is None:
        settle(turn, invoice, before)
        return True
    no, waits = said
    turn.save("invoice", invoice)
    turn.record("invoice.payment_failed", _amounted(invoice))
    turn.emit("invoice.updated", "invoice", invoice, before)
    if waits:
        turn.emit("invoice.payment_action_required", "invoice", invoice)
    if automatic:
        _delinquent(turn, invoice["customer"], True)
    subscriptions.invoice_failed(turn, invoice, no, automatic=automatic)
    invoice.update(turn.need("invoice", invoice["id"]))
    turn.emit("invoice.payment_failed", "invoice", invoice)
    return False


def _said_no(turn: Turn, invoice: Facts, card: str | None) -> tuple[No | None, bool] | None:
    """The bank's no (none when there was no card to ask) and whether it waits for the customer; None is a yes."""
    if card is None:
        return None, False
    intent = turn.need("payment_intent", invoice["payment_intent"])
    intent |= {"payment_method": card, "status": "requires_confirmation"}
    behaves = turn.need("payment_method", card)["card"].get("behaves")
    try:
        ask_the_bank(turn, intent, {})
    except ApiError:
        return NOS.get(behaves or ""), False
    return None if intent["status"] == "succeeded" else (NOS.get(behaves or ""), True)


def settle(
    turn: Turn, invoice: Facts, before: dict[str, Any] | None = None, *, out_of_band: bool = False
) -> None:
    """It is paid: by its payment, by nothing being due, or outside of Stripe."""
    before = before or show("invoice", invoice)
    left = left_to_pay(invoice)
    invoice["transitions"]["paid_at"] = turn.created
    invoice.update(status="paid", attempted=True, amount_paid=invoice["amount_paid"] + left)
    invoice["paid_off_stripe"] = left if out_of_band else 0
    if out_of_band or not left:
        _forget_payment(turn, invoice)
    else:
        invoice_payments.change(turn, invoice["id"], status="paid", paid_at=turn.created)
    _over(turn, invoice, before, "invoice.paid", *(() if out_of_band else ("invoice.payment_succeeded",)))


def void(turn: Turn, invoice: Facts) -> None:
    """Nobody is to pay it; the customer has their balance back. Raises ApiError when it is not open."""
    only(invoice, "void", "open", "uncollectible")
    before = show("invoice", invoice)
    invoice["transitions"]["voided_at"] = turn.created
    invoice["status"] = "void"
    if back := invoice["starting_balance"] - invoice["ending_balance"]:
        balance_transactions.move(
            turn,
            invoice["customer"],
            back,
            invoice["currency"],
            "unapplied_from_invoice",
            invoice=invoice["id"],
        )
    _forget_payment(turn, invoice)
    _over(turn, invoice, before, "invoice.voided")


def mark_uncollectible(turn: Turn, invoice: Facts, reason: str = "user_forgiven") -> None:
    """It is still owed and nobody asks for it any more. Raises ApiError when it is not open."""
    only(invoice, "mark as uncollectible", "open")
    before = show("invoice", invoice)
    invoice["transitions"]["marked_uncollectible_at"] = turn.created
    invoice.update(status="uncollectible", uncollectible_reason=reason)
    _over(turn, invoice, before, "invoice.marked_uncollectible")


def only(invoice: Facts, doing: str, *statuses: str) -> None:
    if invoice["status"] not in statuses:
        raise ApiError(
            f"You can only {doing} an invoice that is {' or '.join(statuses)}. This one is {invoice['status']}.",
            code="invoice_not_editable" if invoice["status"] in FINAL else None,
        )


def _forget_payment(turn: Turn, invoice: Facts) -> None:
    """Its payment is not to be made any more."""
    invoice_payments.change(turn, invoice["id"], status="canceled", canceled_at=turn.created)
    intent = turn.find("payment_intent", invoice.get("payment_intent") or "")
    if intent and intent["status"] not in ("succeeded", "canceled"):
        intent.update(status="canceled", canceled_at=turn.created, cancellation_reason="void_invoice")
        turn.save("payment_intent", intent)
        turn.record("payment.canceled", intent, payment=intent["id"])
        turn.emit("payment_intent.canceled", "payment_intent", intent)


def _over(turn: Turn, invoice: Facts, before: dict[str, Any], *told: str) -> None:
    """Nothing happens to it by itself any more."""
    from . import subscriptions

    invoice.update(next_payment_attempt=None, auto_advance=False)
    Agenda.drop(turn.db, invoice["id"])
    turn.save("invoice", invoice)
    turn.record(told[0], _amounted(invoice))
    turn.emit("invoice.updated", "invoice", invoice, before)
    for type in told:
        turn.emit(type, "invoice", invoice)
    if invoice["status"] != "void":
        _delinquent(turn, invoice["customer"], False)
    subscriptions.invoice_settled(turn, invoice)
    invoice.update(turn.need("invoice", invoice["id"]))


def _delinquent(turn: Turn, customer: str, owes: bool) -> None:
    """What the customer's latest invoice that failed, fell due or was settled says of them."""
    holder = turn.find("customer", customer)
    if holder and holder.get("delinquent", False) != owes:
        before = show("customer", holder)
        holder["delinquent"] = owes
        turn.save("customer", holder)
        turn.emit("customer.updated", "customer", holder, before)


def _amounted(invoice: Facts) -> Facts:
    return invoice | {"amount": invoice["total"]}


def finalises(turn: Turn, id: str) -> None:
    """An hour later, or when it was to be; what came in between counts. Nobody is billed who is deleted."""
    invoice = turn.find("invoice", id)
    if invoice is None or invoice["status"] != "draft" or not invoice["auto_advance"]:
        return
    if turn.find("customer", invoice["customer"]) is None:
        return
    if (invoice["automatically_finalizes_at"] or 0) <= turn.now and finalize(turn, invoice):
        advance(turn, invoice)


def advance(turn: Turn, invoice: Facts) -> None:
    """What follows by itself when it is open: the card is charged, or the invoice is sent."""
    if invoice["status"] == "open" and invoice["auto_advance"]:
        if invoice["collection_method"] == "send_invoice":
            turn.emit("invoice.sent", "invoice", invoice)
        elif not invoice["attempted"]:
            collect(turn, invoice, automatic=True)


def collects(turn: Turn, id: str) -> None:
    invoice = turn.find("invoice", id)
    if invoice:
        advance(turn, invoice)


def becomes_overdue(turn: Turn, id: str) -> None:
    from . import subscriptions

    invoice = turn.find("invoice", id)
    if invoice and invoice["status"] == "open" and invoice.get("due_date", 0) <= turn.now:
        _delinquent(turn, invoice["customer"], True)
        turn.emit("invoice.overdue", "invoice", invoice)
        subscriptions.invoice_overdue(turn, invoice)


def paid_by_itself(turn: Turn, intent: Facts) -> None:
    """The customer confirmed the payment of an invoice with their bank: it is paid."""
    for invoice in list(turn.all("invoice", payment_intent=intent["id"])):
        if invoice["status"] in ("open", "uncollectible"):
            settle(turn, invoice)


WHEN_CONFIRMED.append(paid_by_itself)

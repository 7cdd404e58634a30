"""PAY.HARD: no card of the customer can be charged, and there is no other one yet.

Of an order: it waits for its money, and nothing is under way that may still bring it. A payment carries no decline code
here; that Stripe waits for a card that works (`requires_payment`) tells it. Of an invoice: its policy says that trying the
same card is of no use.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from ....lib.business_time import Limit
from ....models import (
    Collection,
    Dunning,
    DunningStatus,
    Holder,
    Invoice,
    InvoiceStatus,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    Stuck,
    Team,
)
from ....models.collection import UNDER_WAY
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import at_stripe, either, first, money, write

_P = PaymentStatus
_MAY_STILL_PAY = (_P.EXPECTED, _P.REQUIRES_ACTION, _P.PROCESSING, _P.AUTHORISED)


def find(scope: Scope) -> Select[Any]:
    return either(_orders(scope), _invoices(scope))


def _orders(scope: Scope) -> Select[Any]:
    coming = select(Payment.id).where(Payment.order_id == Order.id, Payment.status.in_(_MAY_STILL_PAY))
    charging = select(Collection.id).where(Collection.order_id == Order.id, Collection.status.in_(UNDER_WAY))
    declined = select(func.max(Payment.id)).where(
        Payment.order_id == Order.id, Payment.status == _P.REQUIRES_PAYMENT
    )
    return scope.rows(
        Order, since=Order.status_since, waits=Order.status_since, payment=declined.correlate(Order).scalar_subquery(),
        dunning=None, code=None, amount=Order.total, currency=Order.currency,
    ).where(
        Order.status == OrderStatus.AWAITING_PAYMENT, ~coming.correlate(Order).exists(), ~charging.correlate(Order).exists()
    )  # fmt: skip


def _invoices(scope: Scope) -> Select[Any]:
    return (
        scope.rows(
            Invoice, since=Dunning.started_at, waits=Dunning.started_at, payment=None, dunning=Dunning.id,
            code=Dunning.decline_code, amount=Invoice.remaining, currency=Invoice.currency,
        )
        .select_from(Dunning)
        .join(Invoice, Invoice.id == Dunning.invoice_id)
        .where(Dunning.status == DunningStatus.RUNNING, Dunning.hard, Invoice.status == InvoiceStatus.OPEN)
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    waited = ago(details, "waits", now)
    if details["code"] or details["dunning"] or details["payment"]:
        why = f" ({details['code'].replace('_', ' ')})" if details["code"] else ""
        return f"The card was declined for {money(details)}{why}, and for {waited} there is no other one."
    return f"{money(details)} have been waiting to be paid for {waited}, and nobody has tried a card."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    told = stuck.details
    return [
        Evidence(label, value, f"/{nouns}/{told[which]}")
        for which, nouns, label, value in (
            ("payment", "payments", "Declined payment", "Stripe waits for a card that works"),
            ("dunning", "dunnings", "Tries and messages", "The same card is not tried again"),
        )
        if told[which]
    ]  # fmt: skip


def offers(stuck: Stuck) -> Sequence[Offer]:
    customer, order, dunning = stuck.customer_id, stuck.order_id, stuck.details["dunning"]
    told = "They read that it is not paid, and that their account takes another card."
    if dunning:
        return first(
            write(customer, "save_card", "Ask for another card", told),
            Offer("lifecycle.try_now", dunning, "Try the card now", "Of use only if they have saved another one since."),
            Offer("lifecycle.stop", dunning, "Stop trying", "No try and no message more. They still owe it."),
        )  # fmt: skip
    return first(
        write(customer, "card_needed", "Ask for another card", told, order=str(order)),
        Offer(
            "payments.collect", str(order), "Charge the saved card",
            "Of use only if they have saved another one since.", within=False,
        )
        if at_stripe(customer)
        else None,
        Offer("orders.cancel", str(order), "Cancel the order", "Nothing is charged, and nothing is sent."),
    )  # fmt: skip


RULE = Rule(
    code="PAY.HARD",
    title="No card can be charged",
    rank=Rank.EXCEPTION,
    stage=Stage.PAYMENT,
    team=Team.SUPPORT,
    ball=Holder.PATIENT,
    limit=Limit(timedelta(hours=1), timedelta(days=5)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Ask for another card",
    offers=offers,
    recipe=(
        Look(
            "Whether they were asked already: the messages on the customer’s page.", "/customers/{customer}"
        ),
        Ask(
            "card",
            "Has the customer saved another card?",
            {"yes": "Yes", "no": "Not yet", "over": "They do not want it any more"},
            leads={"no": "messages.send", "over": "orders.cancel"},
        ),
        Do(
            "The message asks for a card. With another card saved, charge that one; the old one is declined again."
        ),
        Check("Stripe says that it is paid."),
    ),
    cases=frozenset(("charge_failed", "vendor_rejected")),
)

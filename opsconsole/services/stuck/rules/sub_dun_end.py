"""SUB.DUN_END: every try to have a renewal paid is over, and it is still owed: is the customer won back, or is it closed?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select

from ....lib.business_time import Limit
from ....models import (
    Dunning,
    DunningStatus,
    Effective,
    Holder,
    Invoice,
    InvoiceStatus,
    Stuck,
    Subscription,
    Team,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import either, first, money, write


def find(scope: Scope) -> Select[Any]:
    return either(_of_policy(scope), _of_stripe(scope))


def _of_policy(scope: Scope) -> Select[Any]:
    """What our policy has ended, as long as its invoice is open."""
    told = {
        "since": Dunning.status_since, "over": Dunning.status_since, "invoice": Invoice.id, "code": Dunning.decline_code,
        "amount": Invoice.remaining, "currency": Invoice.currency,
    }  # fmt: skip
    return (
        scope.rows(Subscription, **told)
        .select_from(Dunning)
        .join(Invoice, Invoice.id == Dunning.invoice_id)
        .join(Subscription, Subscription.id == Dunning.subscription_id)
        .where(Dunning.status == DunningStatus.ENDED, Invoice.status == InvoiceStatus.OPEN)
    )


def _of_stripe(scope: Scope) -> Select[Any]:
    """What Stripe has stopped trying for, whatever our policy did: its newest open invoice."""
    newest = select(func.max(Invoice.id)).where(
        Invoice.subscription_id == Subscription.id, Invoice.status == InvoiceStatus.OPEN
    )
    return (
        scope.rows(
            Subscription, since=Subscription.status_since, over=Subscription.status_since, invoice=Invoice.id,
            code=None, amount=Invoice.remaining, currency=Invoice.currency,
        )
        .select_from(Subscription)
        .outerjoin(
            Invoice,
            and_(
                Invoice.subscription_id == Subscription.id,
                Invoice.id == newest.correlate(Subscription).scalar_subquery(),
            ),
        )
        .where(Subscription.effective == Effective.UNPAID)
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    owed = f"{money(details)} are owed" if details["amount"] else "It is not paid"
    return f"{owed}, and nobody has tried a card since {ago(details, 'over', now)}: every try is over."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    invoice = stuck.details["invoice"]
    return [Evidence("Invoice", "Not paid", f"/invoices/{invoice}")] if invoice else []


def offers(stuck: Stuck) -> Sequence[Offer]:
    invoice = stuck.details["invoice"]
    return first(
        write(stuck.customer_id, "save_card", "Win them back", "They read that their account takes another card."),
        Offer("billing.collect", invoice, "Try the card now", "Of use only if they have saved another one since.")
        if invoice
        else None,
        Offer("billing.write_off", invoice, "Write it off", "Nobody expects it to be paid any more.", within=False)
        if invoice
        else None,
        Offer(
            "subscriptions.cancel", stuck.subject_id, "End the subscription",
            "Nothing more is charged or sent.", within=False,
        ),
    )  # fmt: skip


RULE = Rule(
    code="SUB.DUN_END",
    title="A renewal was never paid",
    rank=Rank.PATIENT,
    stage=Stage.RENEWAL,
    team=Team.SUPPORT,
    ball=Holder.PATIENT,
    limit=Limit(timedelta(0), timedelta(days=3)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Win them back",
    offers=offers,
    recipe=(
        Look("What they were told, and what has not left of it.", "/subscriptions/{subject}"),
        Ask(
            "wants",
            "Do they want to go on?",
            {"yes": "Yes: with another card", "no": "No", "unknown": "Nobody knows"},
            leads={"yes": "billing.collect", "no": "billing.write_off", "unknown": "messages.send"},
        ),
        Do(
            "Won back, the invoice is paid and it goes on. Closed, it is written off and nothing more is "
            "prescribed or sent for it."
        ),
        Check("The invoice is paid, void or written off."),
    ),
)

"""PAY.HELD: a draft invoice is kept from going out, and its time is up.

What one person holds has an hour at which it goes on; what waits for somebody to look at it has none, and is told at once.
Drafts that nobody here holds and that do not go out by themselves were stopped at Stripe: they are told after the longest
time that a hold may last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Interval, Select, and_, case, cast, func

from ....lib.business_time import Limit
from ....models import Holder, Invoice, InvoiceHold, InvoiceHoldReason, InvoiceStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import money

_LONGEST = timedelta(hours=72)
_DAY = timedelta(hours=24)


def find(scope: Scope) -> Select[Any]:
    at_stripe = Invoice.created_at + cast(_LONGEST, Interval)
    fires = func.coalesce(InvoiceHold.until, case((InvoiceHold.id.is_(None), at_stripe)))
    return (
        scope.rows(
            Invoice, since=func.coalesce(InvoiceHold.created_at, Invoice.created_at), fires=fires,
            breaches=fires + cast(_DAY, Interval), held=func.coalesce(InvoiceHold.created_at, Invoice.created_at),
            until=InvoiceHold.until, code=InvoiceHold.reason, amount=Invoice.total, currency=Invoice.currency,
        )
        .select_from(Invoice)
        .outerjoin(
            InvoiceHold, and_(InvoiceHold.invoice_id == Invoice.id, InvoiceHold.released_at.is_(None))
        )
        .where(Invoice.status == InvoiceStatus.DRAFT, ~Invoice.auto_advance)
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    why = (
        InvoiceHoldReason.words_of(details["code"]).lower()
        if details["code"]
        else "somebody stopped it at Stripe"
    )
    over = f" Its time was up {ago(details, 'until', now)} ago." if details["until"] else ""
    return f"The invoice of {money(details)} has been held for {ago(details, 'held', now)}: {why}.{over}"


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    return [Evidence("Invoice", "Held", f"/invoices/{stuck.subject_id}")]


def offers(stuck: Stuck) -> Sequence[Offer]:
    invoice = stuck.subject_id
    return [
        Offer(
            "billing.release", invoice, "Release it",
            "It goes out by itself, and the card is charged, within an hour or so.",
        ),
        Offer("billing.finalise", invoice, "Send it now", "Its amounts are fixed and the card is charged at once."),
        Offer(
            "billing.adjust", invoice, "Change what is on it",
            "While it is a draft its lines can be changed.", within=False,
        ),
    ]  # fmt: skip


RULE = Rule(
    code="PAY.HELD",
    title="An invoice is held for too long",
    rank=Rank.WAITING,
    stage=Stage.PAYMENT,
    team=Team.FINANCE,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Release it",
    offers=offers,
    recipe=(
        Look("Who holds it and why, and whether that is settled.", "/invoices/{subject}"),
        Ask(
            "right",
            "Is what stands on it right?",
            {"yes": "Yes", "no": "No"},
            leads={"yes": "billing.release", "no": "billing.adjust"},
        ),
        Do("Released, it goes out by itself and the card is charged."),
        Check("Stripe says that it goes out, or was sent."),
    ),
    heals=timedelta(minutes=30),
    cases=frozenset(("hold_forgotten",)),
)

"""PAY.FINALIZE: Stripe cannot send an invoice: it does not know where to tax it, most often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select

from ....lib.business_time import Limit
from ....models import Case, CaseStatus, Holder, Invoice, InvoiceStatus, Stuck, Team
from ... import billing
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import first, money


def find(scope: Scope) -> Select[Any]:
    """It counts from its case, which is opened when Stripe says so."""
    told = select(func.max(Case.created_at)).where(
        Case.subject_id == Invoice.id, Case.reason == billing.NOT_FINALISED, Case.status == CaseStatus.OPEN
    )
    since = func.coalesce(told.correlate(Invoice).scalar_subquery(), Invoice.status_since)
    return scope.rows(
        Invoice, since=since, failed=since, code=func.coalesce(Invoice.error_code, Invoice.tax_status),
        amount=Invoice.total, currency=Invoice.currency,
    ).where(
        Invoice.status == InvoiceStatus.DRAFT,
        or_(Invoice.error_code.is_not(None), Invoice.tax_status != "complete"),
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    why = details["code"].replace("_", " ")
    return f"Stripe could not send the invoice of {money(details)} {ago(details, 'failed', now)} ago: {why}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    invoice = Invoice.require(stuck.subject_id)
    why = billing.stuck_words(invoice)
    return [Evidence("Invoice", why.what if why else "Cannot be sent", invoice.url)]


def offers(stuck: Stuck) -> Sequence[Offer]:
    invoice = Invoice.require(stuck.subject_id)
    why = billing.stuck_words(invoice)
    address = Offer(
        "customers.readdress", str(invoice.customer_id), "Put the address right",
        "The tax is worked out for it. Then have the invoice sent again.", within=False,
    )  # fmt: skip
    return first(
        Offer("billing.finalise", invoice.id, "Send it again", "Stripe works the tax out anew, and charges the card."),
        address if why and why.address and invoice.customer_id else None,
        Offer(
            "billing.adjust", invoice.id, "Change what is on it",
            "While it is a draft its lines can be changed.", within=False,
        ),
    )  # fmt: skip


RULE = Rule(
    code="PAY.FINALIZE",
    title="An invoice cannot be sent",
    rank=Rank.EXCEPTION,
    stage=Stage.PAYMENT,
    team=Team.FINANCE,
    ball=Holder.US,
    limit=Limit(timedelta(minutes=15), timedelta(hours=24)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Send it again",
    offers=offers,
    recipe=(
        Look("What Stripe says is wrong with it.", "/invoices/{subject}"),
        Ask(
            "address",
            "Is it the customer’s address?",
            {"yes": "Yes", "no": "No"},
            leads={"yes": "customers.readdress", "no": "billing.finalise"},
        ),
        Do(
            "Put right what is wrong first, else Stripe says the same again. Nothing is charged before it is sent."
        ),
        Check("Stripe has sent the invoice."),
    ),
    vendor="billing",
    heals=timedelta(hours=1),
    cases=frozenset((billing.NOT_FINALISED,)),
)

"""PAY.SOFT: the card of a renewal was declined for a reason that may pass, and will be tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_

from ....lib.business_time import Limit
from ....models import Dunning, DunningStatus, Holder, Invoice, InvoiceStatus, Stuck, Team
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ahead, at
from .._scope import Scope
from ._money import first, money, write


def find(scope: Scope) -> Select[Any]:
    """Stripe's next try, or the next step of the policy that the console keeps, whichever comes first."""
    next_try = func.least(Invoice.next_try_at, Dunning.next_step_at)
    return (
        scope.rows(
            Invoice, since=Dunning.started_at, dunning=Dunning.id, code=Dunning.decline_code, next_try=next_try,
            tried=Dunning.tried, amount=Invoice.remaining, currency=Invoice.currency,
        )
        .select_from(Dunning)
        .join(Invoice, Invoice.id == Dunning.invoice_id)
        .where(
            Dunning.status == DunningStatus.RUNNING, ~Dunning.hard, Invoice.status == InvoiceStatus.OPEN,
            or_(Invoice.next_try_at.is_not(None), Dunning.next_step_at.is_not(None)),
        )
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    why = f" ({details['code'].replace('_', ' ')})" if details["code"] else ""
    then = "is tried again now"
    if at(details, "next_try") > now:
        then = f"is tried again in {ahead(details, 'next_try', now)}"
    return f"The card was declined for {money(details)}{why} and {then}."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    tried = stuck.details["tried"]
    return [
        Evidence("Tries and messages", "The days of the policy", f"/dunnings/{stuck.details['dunning']}"),
        Evidence("Tried by itself so far", f"{tried} time{'' if tried == 1 else 's'}"),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    dunning = stuck.details["dunning"]
    return first(
        Offer("lifecycle.try_now", dunning, "Try the card now", "One try more; the days of the others stay what they are."),
        write(stuck.customer_id, "save_card", "Ask for another card", "They read that their account takes another card."),
        Offer("lifecycle.stop", dunning, "Stop trying", "No try and no message more. They still owe it."),
    )  # fmt: skip


RULE = Rule(
    code="PAY.SOFT",
    title="A card was declined and is tried again",
    rank=Rank.EXCEPTION,
    stage=Stage.PAYMENT,
    team=Team.SUPPORT,
    ball=Holder.PATIENT,
    limit=Limit(timedelta(0), timedelta(days=3)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Try the card now",
    offers=offers,
    recipe=(
        Look("When it is tried next, and what the customer was told so far.", "/invoices/{subject}"),
        Ask(
            "card",
            "Has the customer another card, or money on this one by now?",
            {
                "paid_in": "This one should work now",
                "other": "They will save another",
                "unknown": "Nobody knows",
            },
            leads={"paid_in": "lifecycle.try_now", "other": "messages.send"},
        ),
        Do("Try it now only if something has changed: banks count what was declined."),
        Check("Stripe says that the invoice is paid."),
    ),
    heals=timedelta(days=3),
)

"""SUB.NOTICE: a customer has to be told of a date beforehand, and was not; or was told one that is not so any more.

What was missed for good is told as long as its case is open: nothing is sent late, a person moves the date or calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Interval, Select, and_, case, cast, func, or_, select
from sqlalchemy.types import DateTime

from ....db import now as instant_now
from ....lib.business_time import Limit
from ....models import (
    Case,
    CaseStatus,
    Holder,
    Notice,
    NoticeKind,
    NoticeStatus,
    Stuck,
    Subscription,
    Team,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage
from .._scope import Scope
from ._money import first, write, write_down

_MISSED = "notice_missed"
_MARGIN = timedelta(days=2)  # left for sending it, once the date was moved


def find(scope: Scope) -> Select[Any]:
    """The window closes with its last day, where the customer lives."""
    closes = func.timezone(Notice.zone, cast(Notice.closes_on + 1, DateTime))
    due = and_(Notice.status == NoticeStatus.DUE, ~Notice.moved)
    missed = select(Case.subject_id).where(Case.reason == _MISSED, Case.status == CaseStatus.OPEN)
    fires = case((due, closes - cast(timedelta(days=2), Interval)))
    code = case((Notice.moved, "moved"), (Notice.status == NoticeStatus.MISSED, "missed"), else_="due")
    return (
        scope.rows(
            Subscription, since=func.least(fires, Notice.due_at), fires=fires, breaches=case((due, closes)), code=code,
            notice=Notice.id, speaks_of=Notice.kind, about=Notice.about_on, closes=Notice.closes_on,
        )
        .select_from(Notice)
        .join(Subscription, Subscription.id == Notice.subscription_id)
        .where(or_(Notice.status == NoticeStatus.DUE, Notice.moved, Notice.id.in_(missed)))
    )  # fmt: skip


def says(details: Details, now: datetime) -> str:
    what = NoticeKind(details["speaks_of"]).words
    about, closes = _day(details["about"]), _day(details["closes"])
    if details["code"] == "moved":
        return f"The customer was told of {what} on {about}; that day has moved, and they have not heard it."
    if details["code"] == "missed":
        return f"The customer had to be told by {closes} of {what} on {about}, and was not."
    return f"The customer has to be told by {closes} of {what} on {about}, and has not been."


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%-d %b %Y}"


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    notice = Notice.require(stuck.details["notice"])
    return [
        Evidence("Notice", notice.state.help, notice.url),
        *([Evidence("A law asks for it", notice.source or "see the policy")] if notice.law else []),
    ]


def offers(stuck: Stuck) -> Sequence[Offer]:
    """A day far enough ahead that a notice of it can be sent in time."""
    notice = Notice.require(stuck.details["notice"])
    on = instant_now().date() + (notice.about_on - notice.closes_on) + _MARGIN
    one = Subscription.require(stuck.subject_id)
    move = Offer(
        "subscriptions.reschedule", one.id, "Move the charge", "So far ahead that the customer can be told in time.",
        {"on": max(on, notice.about_on + _MARGIN).isoformat(), "reason": "other"},
    )  # fmt: skip
    return first(
        move if one.next_charge_at and notice.kind in (NoticeKind.RENEWAL, NoticeKind.TRIAL) else None,
        write(
            stuck.customer_id,
            "call_us",
            "Ask them to call",
            "Tell them of the day while they are on the phone.",
        ),
        write_down(
            "customers",
            str(stuck.customer_id),
            "Write down what they were told",
            "When, how, and of which day.",
        ),
    )


RULE = Rule(
    code="SUB.NOTICE",
    title="A customer was not told in time",
    rank=Rank.MISSING,
    stage=Stage.RENEWAL,
    team=Team.SUPPORT,
    ball=Holder.US,
    limit=Limit(timedelta(0), timedelta(days=1)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Move the charge, or call them",
    offers=offers,
    recipe=(
        Look(
            "Why it was not sent: an address that is missing, or e-mail that comes back.",
            "/customers/{customer}",
        ),
        Ask(
            "reach",
            "Can they be reached today?",
            {"yes": "Yes", "no": "No"},
            leads={"yes": "customers.note", "no": "subscriptions.reschedule"},
        ),
        Do("A day further ahead can be announced in time, and is, by itself. Nothing is charged before."),
        Check("The notice of the day that holds was sent, or there is nothing to announce any more."),
    ),
    heals=timedelta(days=1),
    cases=frozenset((_MISSED, "message_bounced")),
)

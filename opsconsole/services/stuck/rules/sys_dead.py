"""SYS.DEAD: a call that we owe, or an event that we were told, cannot go on by itself.

Found by the promises and the events in manual intervention, and by the open cases that alone tell of one. A definite no of
a vendor to what has a cause of its own (a refund, a charge, a fill, a prescription) is that cause's. It is about the order
that it concerns, else the refund, the subscription or the invoice; what concerns none of them holds nobody up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, and_, case, cast, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from ....db import db
from ....lib.business_time import Limit
from ....models import (
    Attempt,
    Case,
    CaseStatus,
    EventStatus,
    Holder,
    InboxEvent,
    Invoice,
    Order,
    Promise,
    PromiseStatus,
    Refund,
    Stuck,
    Subscription,
    Team,
)
from ...prescriptions import Evidence, Offer
from .._recipe import Ask, Check, Do, Look
from .._rule import Details, Rank, Rule, Stage, ago
from .._scope import Scope
from ._money import either, first

_REASONS = (
    "our_fault",
    "poison_payload",
    "vendor_unavailable_exhausted",
    "unknown_outcome",
    "vendor_rejected",
)
_OWN_CAUSE = (
    "refunds.send",
    "payments.charge",
    "fills.%",
    "prescriptions.%",
)  # to whose no another rule answers
_PORTS = {
    "stripe": "payments",
    "easypost": "tracking",
    "customerio": "crm",
}  # of events' sources; others are ports


def find(scope: Scope) -> Select[Any]:
    dead = union_all(_calls(), _events(), _cases()).cte("dead")
    nouns = (Order, Refund, Subscription, Invoice)
    told = [_first(dead, noun.PREFIX) for noun in nouns]
    placed = select(dead, *(one.label(noun.PREFIX) for noun, one in zip(nouns, told, strict=True))).cte(
        "placed"
    )
    parts = []
    for place, noun in enumerate(nouns):
        nearer = [placed.c[other.PREFIX].is_(None) for other in nouns[:place]]
        parts.append(
            scope.rows(
                noun, since=placed.c.since, vendor=placed.c.port, behind=placed.c.id, code=placed.c.code, died=placed.c.since
            )
            .select_from(placed)
            .join(noun, noun.id == placed.c[noun.PREFIX])
            .where(*nearer)
        )  # fmt: skip
    return either(*parts)


def _calls() -> Select[Any]:
    refused = select(Attempt.id).where(
        Attempt.promise_id == Promise.id, Attempt.fence == Promise.fence, Attempt.outcome == "declined"
    )
    elsewhere = and_(or_(*(Promise.kind.like(kind) for kind in _OWN_CAUSE)), refused.exists())
    return select(
        Promise.id, Promise.status_since.label("since"), Promise.port.label("port"), Promise.kind.label("code"),
        _ids(Promise),
    ).where(Promise.status == PromiseStatus.MANUAL_INTERVENTION, ~elsewhere)  # fmt: skip


def _events() -> Select[Any]:
    port = case(_PORTS, value=InboxEvent.source, else_=InboxEvent.source)
    return select(
        InboxEvent.id, InboxEvent.status_since, port, InboxEvent.kind, _ids(InboxEvent)
    ).where(InboxEvent.status == EventStatus.MANUAL_INTERVENTION)  # fmt: skip


def _cases() -> Select[Any]:
    """Those behind which no call and no event stands any more, or ever did."""
    call = select(Promise.id).where(Promise.id == Case.behind_id)
    event = select(InboxEvent.id).where(InboxEvent.id == Case.behind_id)
    return select(
        Case.id, Case.created_at, cast(literal(None), String), Case.reason, _ids(Case)
    ).where(
        Case.status == CaseStatus.OPEN, Case.reason.in_(_REASONS), ~call.exists(), ~event.exists()
    )  # fmt: skip


def _ids(noun: Any) -> Any:
    return cast(noun.about, ARRAY(String)).label("about")


def _first(dead: Any, prefix: str) -> Any:
    """The first id of that noun among those that it is about."""
    one = func.unnest(dead.c.about).column_valued("one")
    return select(func.min(one)).where(one.like(f"{prefix}\\_%")).correlate(dead).scalar_subquery()


def says(details: Details, now: datetime) -> str:
    code = details["code"].replace("_", " ")
    what = {"prm": "A call that we owe", "inb": "An event that we were told"}.get(
        details["behind"][:3], "Something"
    )
    return f"{what} ({code}) has not been able to go on for {ago(details, 'died', now)}: it needs somebody."


def evidence(stuck: Stuck) -> Sequence[Evidence]:
    behind = stuck.details["behind"]
    if promise := Promise.get(behind):
        words = promise.last_words or promise.says
        return [Evidence(promise.says, f"{promise.attempts} attempts. {words}", promise.url)]
    if event := InboxEvent.get(behind):
        return [Evidence(event.kind, event.words or "It could not be taken in", event.url)]
    told = Case.get(behind)
    return [Evidence("Case", told.says, told.url)] if told else []


def offers(stuck: Stuck) -> Sequence[Offer]:
    """Tried again unchanged under its own key, a call happens once at most: the vendor is asked first if it was done."""
    behind = stuck.details["behind"]
    told = _case_of(behind)
    again = {"reason": "Looked at: what kept it is over"}
    return first(
        Offer("inbox.replay", behind, "Take it in again", "What it is about is read as it stands now.")
        if behind.startswith(f"{InboxEvent.PREFIX}_") and told is None
        else None,
        Offer("cases.retry", told.id, "Try it again", "The same under the same key: it happens once at most.", again)
        if told and told.behind_id
        else None,
        Offer("cases.settle", told.id, "It was done by other means", "Write down where that can be seen.")
        if told and told.behind_id
        else None,
        Offer("cases.dismiss", told.id, "It need not happen", "It is not tried any more. Say why.") if told else None,
        Offer("orders.note", str(stuck.order_id), "Write down what you found", "Whoever looks next reads it.")
        if stuck.order_id and told is None
        else None,
    )  # fmt: skip


def _case_of(behind: str) -> Case | None:
    query = select(Case).where(
        Case.status == CaseStatus.OPEN, or_(Case.behind_id == behind, Case.id == behind)
    )
    return db.session.scalar(query.order_by(Case.created_at).limit(1))


RULE = Rule(
    code="SYS.DEAD",
    title="Something cannot go on by itself",
    rank=Rank.DEAD,
    stage=Stage.SYSTEM,
    team=Team.OPS,
    ball=Holder.US,
    limit=Limit(timedelta(minutes=15), timedelta(hours=4)),
    find=find,
    says=says,
    evidence=evidence,
    suggests="Try it again",
    offers=offers,
    recipe=(
        Look(
            "What the vendor answered at the last attempt. Do others fail in the same way?",
            "/cases?status=open",
        ),
        Ask(
            "over",
            "Is what kept it over?",
            {
                "yes": "Yes",
                "no": "No: put that right first",
                "done": "It was done by other means",
                "moot": "It need not happen",
            },
            leads={"yes": "cases.retry", "done": "cases.settle", "moot": "cases.dismiss"},
        ),
        Do("It is sent again under its own key, or taken in again: it happens once at most."),
        Check("The call is kept, or the event settled."),
    ),
    cases=frozenset(_REASONS),
)

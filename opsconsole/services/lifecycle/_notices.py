"""Notices go with their subscription: whenever our copy of it moves, and once a day, what is to be told is worked out anew.

Nothing here writes to anybody: `_notify.py` does, at the time. So a date that moves to and fro costs nothing but a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from ... import vendors
from ...db import db, now
from ...models import (
    Customer,
    LifecyclePolicy,
    Notice,
    NoticeKind,
    NoticeStatus,
    Subscription,
)  # fmt: skip
from ...models.subscription import LIVE
from .. import cases, subscriptions
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._occasions import occasions
from ._windows import Window, windows
from ._zones import day_in, zone_of

_S = NoticeStatus
MISSED = "notice_missed"  # the reason of the case
# Of these a customer who was told a date is told when nothing comes of it; the other kinds are good news, or their own.
CALLED_OFF = (NoticeKind.RENEWAL, NoticeKind.TRIAL)


@dataclass(frozen=True)
class Needed:
    """What brings the notices of one kind up to the date that holds: those that are `off`, whether what the customer was
    told last (`told`) has `moved`, and the window of the one that is to be `made`."""

    off: tuple[Notice, ...]
    told: Notice | None
    moved: bool
    made: Window | None

    @property
    def nothing(self) -> bool:
        return not (self.off or self.made or (self.told and self.told.moved != self.moved))


def needed(
    kind: NoticeKind, known: Sequence[Notice], wanted: Window | None, today: date, now: datetime
) -> Needed:
    """One due notice of the date that holds and none of any other. `known` are of one kind and subscription, without those
    that were canceled; `today` is the day where the customer lives."""
    about = wanted.about_on if wanted else None
    off = tuple(n for n in known if n.status == _S.DUE and (wanted is None or not _same(n, wanted)))
    told = max((n for n in known if n.told_on), key=lambda n: n.created_at, default=None)
    moved = False
    if told and told.told_on:
        ahead = told.told_on > today  # else it has come about, and what is next is another
        moved = ahead and told.told_on != about and (about is not None or kind in CALLED_OFF)
    stands = [n for n in known if n not in off and n.status in (_S.DUE, _S.SENT, _S.MISSED)]
    heard = any(n.about_on == about for n in stands)
    late = wanted is not None and wanted.closed_at(now) and not wanted.rule.law
    return Needed(off, told, moved, None if heard or late else wanted)


@subscriptions.when_moved
def follow(one: Subscription) -> None:
    """In the act that took it in."""
    if customer := _told_by_us(one):
        for change in _needed(one, customer, performing().now, lock=True):
            _apply(change, one, customer)


def _told_by_us(one: Subscription) -> Customer | None:
    """Whom it is about, where they can be told anything at all."""
    return Customer.get(one.customer_id or "") if vendors.connected("crm") else None


def _needed(one: Subscription, customer: Customer, now: datetime, *, lock: bool = False) -> list[Needed]:
    state = customer.ships_to.state if customer.ships_to else None
    zone = zone_of(state)
    rules = LifecyclePolicy.active().rules()
    wanted = windows(rules, occasions(one, one.items()), state=state, zone=zone, now=now)
    known, today = _known(one.id, lock=lock), day_in(zone, now)
    return [
        needed(kind, [n for n in known if n.kind == kind], wanted.get(kind), today, now)
        for kind in NoticeKind
    ]


def _apply(change: Needed, one: Subscription, customer: Customer) -> None:
    for notice in change.off:
        notice.move_to(_S.CANCELED)
    if change.told:
        change.told.moved = change.moved
    db.session.flush()  # there is never more than one of a date
    if change.made:
        _make(one, customer, change.made)


def _same(notice: Notice, wanted: Window) -> bool:
    held = (notice.about_on, notice.opens_on, notice.closes_on, notice.zone, notice.law)
    return held == (wanted.about_on, wanted.opens_on, wanted.closes_on, wanted.zone, wanted.rule.law)


def _make(one: Subscription, customer: Customer, wanted: Window) -> None:
    """A notice of a date; of one that came to be known too late, where a law asks for it, it is a case at once."""
    late = wanted.closed_at(performing().now)
    notice = Notice(
        status=_S.MISSED if late else _S.DUE,
        subscription_id=one.id,
        customer_id=customer.id,
        policy_id=LifecyclePolicy.active().id,
        kind=wanted.rule.kind.value,
        about_on=wanted.about_on,
        opens_on=wanted.opens_on,
        closes_on=wanted.closes_on,
        due_at=wanted.due_at,
        zone=wanted.zone,
        law=wanted.rule.law,
        source=wanted.rule.source[:300],
        trace_id=performing().trace,
        created_at=performing().now,
    ).add()
    if late:
        missed(notice, "The date was set when its window had closed already.")


def missed(notice: Notice, why: str) -> None:
    """In an act: a notice that was not sent in time is a case. It is not sent late: a person decides what to do."""
    kind = notice.speaks_of.words
    cases.open_case(
        MISSED,
        notice.id,
        says=f"The customer was not told of {kind} on {notice.about_on:%-d %b %Y}, which was to be done by "
        f"{notice.closes_on:%-d %b %Y}. {why} Call them, or move the date.",
        suggests={
            "act": "subscriptions.reschedule",
            "url": f"/subscriptions/{notice.subscription_id}/reschedule",
            "label": "Move the date",
        },
        about=notice.related(),
    )


def _known(subscription_id: str, *, lock: bool = False) -> list[Notice]:
    """Those that may still matter: the latest of them decide."""
    query = (
        select(Notice)
        .where(Notice.subscription_id == subscription_id, Notice.status != _S.CANCELED)
        .order_by(Notice.created_at.desc(), Notice.id.desc())
        .limit(24)
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(query))


# ------------------------------------------------------------------ once a day


def out_of_date(after: str = "", limit: int = 500) -> tuple[list[str], str]:
    """Of a page of the subscriptions that may charge again, in the order of their ids: those whose notices are not as they
    should be, for the policy, the address or an agreed day has changed; and the last id of the page, "" after the last."""
    query = select(Subscription).where(Subscription.status.in_(LIVE), Subscription.id > after)
    page = list(db.session.scalars(query.order_by(Subscription.id).limit(limit)))
    moment = now()
    found = [
        one.id
        for one in page
        if (customer := _told_by_us(one)) and not all(part.nothing for part in _needed(one, customer, moment))
    ]
    return found, page[-1].id if len(page) == limit else ""


@act(robots=("clock",))
def look(subscription_id: str, *, by: Actor) -> Subscription:
    """Work out anew what its customer is to be told."""
    one = Subscription.lock(subscription_id)
    follow(one)
    concerns(one.id)
    say("What is to be announced was worked out anew")
    return one

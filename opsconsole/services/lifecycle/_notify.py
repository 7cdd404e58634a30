"""Sending notices at their time, by us and from the system of record; and taking back what is not so any more."""

from __future__ import annotations

from sqlalchemy import Date, and_, cast, or_, select

from ... import vendors
from ...db import db, instant
from ...models import Customer, LifecyclePolicy, Notice, NoticeKind, NoticeStatus, Subscription
from .. import messages
from .._act import act, concerns, performing, say
from .._actor import Actor
from ._notices import follow, missed
from ._occasions import occasions
from ._windows import Window, windows
from ._zones import day_in

_S = NoticeStatus
_TEMPLATES = {
    NoticeKind.RENEWAL: "renewal_soon",
    NoticeKind.TRIAL: "trial_ends",
    NoticeKind.PRICE: "price_changes",
    NoticeKind.PAUSE: "pause_ends",
}


def due(limit: int = 200) -> list[str]:
    """Notices that are to be sent, or to be corrected, now. None without a CRM: nobody could be written to."""
    if not vendors.connected("crm"):
        return []
    reachable = Customer.email.is_not(None)
    over = Notice.closes_on < cast(instant(), Date) - 1  # wherever they live: it was missed
    query = (
        select(Notice.id)
        .join(Customer, Customer.id == Notice.customer_id)
        .where(
            or_(
                and_(Notice.status == _S.DUE, Notice.due_at <= instant(), or_(reachable, over)),
                and_(Notice.moved, reachable),
            )
        )
    )
    return list(db.session.scalars(query.order_by(Notice.due_at, Notice.id).limit(limit)))


@act(robots=("clock",))
def notify(notice_id: str, *, by: Actor) -> Notice:
    """Tell the customer, if the date is still the same and its window open; a correction, if it was told and has moved.

    Outside of its window nothing is sent: then it was missed, and a case says so. Without an address it waits in its window.
    """
    known = Notice.require(notice_id)
    customer = Customer.lock(known.customer_id)
    one = Subscription.lock(known.subscription_id)
    follow(one)  # what changed since it was planned, the policy for one, counts now
    notice = Notice.lock(notice_id)
    if notice.moved:
        _correct(notice, one, customer)
    elif notice.status == _S.DUE and notice.due_at <= performing().now:
        _send(notice, one, customer)
    concerns(*notice.related())
    return notice


def _send(notice: Notice, one: Subscription, customer: Customer) -> None:
    today = day_in(notice.zone, performing().now)
    why_not = messages.why_not_write(customer)
    if today > notice.closes_on:
        notice.move_to(_S.MISSED)
        missed(notice, why_not or "Nothing was sent while it could be.")
        say("Its window has closed: it is not sent any more")
    elif why_not or today < notice.opens_on:
        say(why_not or "It is too early")
    else:
        _told(notice, one, customer, _TEMPLATES[notice.speaks_of])


def _told(notice: Notice, one: Subscription, customer: Customer, template: str) -> None:
    message = messages.write(
        customer, template=template, data={"date": messages.on_day(notice.about_on)}, subscription_id=one.id
    )
    notice.message_id = message.id
    notice.move_to(_S.SENT)
    say(f"The customer is told of {notice.speaks_of.words} on {notice.about_on:%-d %b %Y}")


def _correct(notice: Notice, one: Subscription, customer: Customer) -> None:
    """What they were told is not so any more: one message with what is. It is the notice of the new date too, where that
    may be announced today already."""
    if messages.why_not_write(customer):
        return
    now = _window(notice, one, customer)
    told = now.about_on if now else notice.told_on
    assert told is not None
    template = "renewal_moved" if now else "renewal_off"
    message = messages.write(
        customer, template=template, data={"date": messages.on_day(told)}, subscription_id=one.id
    )
    notice.correction_id, notice.moved = message.id, False
    notice.corrected_to = now.about_on if now else None
    notice.move_to(_S.CORRECTED)
    if now and now.open_at(performing().now):
        _stands_for(notice, now, message.id)
    say(f"The customer is told that {notice.about_on:%-d %b %Y} does not hold any more")


def _window(notice: Notice, one: Subscription, customer: Customer) -> Window | None:
    """The window of what holds now in place of what was told."""
    rules = LifecyclePolicy.active().rules()
    state = customer.ships_to.state if customer.ships_to else None
    found = windows(rules, occasions(one, one.items()), state=state, zone=notice.zone, now=performing().now)
    return found.get(notice.speaks_of)


def _stands_for(notice: Notice, now: Window, message_id: str) -> None:
    """The correction told the new date within its window: its own notice is sent by that."""
    query = select(Notice).where(
        Notice.subscription_id == notice.subscription_id,
        Notice.kind == notice.kind,
        Notice.about_on == now.about_on,
        Notice.status == _S.DUE,
    )
    if fresh := db.session.scalar(query.with_for_update()):
        fresh.message_id = message_id
        fresh.move_to(_S.SENT)

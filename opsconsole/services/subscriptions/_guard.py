"""Nobody pays twice, and nobody pays whom we do not know: found within the hour, and nothing more is charged until solved.

What a customer disputes stands in the way too: that is a banner's to say (services/banners).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text

from ...db import db
from ...lib.refusal import Refused
from ...models import Case, CaseStatus, Customer, Subscription, SubscriptionItem
from ...models.subscription import LIVE
from .. import cases
from .._act import Act, act, guards, say
from .._actor import Actor

TWICE, NOBODYS, PAID = "double_subscription", "subscription_without_customer", "payment_without_order"
CHARGES = frozenset(f"subscriptions.{verb}" for verb in ("resume", "reactivate", "swap", "keep"))
AT_ITS_DOOR = frozenset({"subscriptions.reactivate"})  # which asks the same by itself

# One that ends before its next charge is not billed again. What our registry does not know is the same if its price is.
_GOES_ON = """s.status = any(:live) and not coalesce(s.cancel_at <= coalesce(s.next_charge_at, s.cancel_at), false)"""
_TWICE = f"""
    select array_agg(distinct s.id), s.customer_id
    from subscriptions s join subscription_items i on i.subscription_id = s.id
    where s.customer_id is not null and {_GOES_ON}
    group by s.customer_id, coalesce(i.product_id, i.price_key) having count(distinct s.id) > 1
    limit 200"""
_NOBODYS = """
    select s.id from subscriptions s where s.customer_id is null and s.status = any(:live)
        and s.created_at < instant() - interval '10 minutes'
        and not exists (select from external_ids x where x.system = 'stripe' and x.external_id = s.external_customer)
    limit 200"""
# The shop recorded who it is after the subscription was read.
_KNOWN_BY_NOW = """
    update subscriptions s set customer_id = x.customer_id from external_ids x
    where s.customer_id is null and x.system = 'stripe' and x.external_id = s.external_customer"""
_RENEWALS = """
    select c.subject_id from cases c join payments p on p.id = c.subject_id
    where c.status = 'open' and c.reason = :reason
        and exists (select from invoices i where i.payments @> to_jsonb(p.external_id))"""


class Faulty(Refused):
    """It would charge twice, or somebody whom nobody here knows."""


@dataclass(frozen=True)
class Fault:
    """`subject` is the subscription to look at; `others` are those that charge for the same."""

    reason: str
    subject: str
    others: tuple[str, ...] = ()
    customer_id: str | None = None


def faults() -> list[Fault]:
    """What is wrong now: two statements, however many subscriptions there are."""
    told = {"live": [status.value for status in LIVE]}
    found = {}
    for ids, customer_id in db.session.execute(text(_TWICE), told):
        newest, *others = sorted(ids, reverse=True)  # ids begin with their time
        found[newest] = Fault(TWICE, newest, tuple(others), customer_id)
    return [*found.values(), *(Fault(NOBODYS, id) for id in db.session.scalars(text(_NOBODYS), told))]


def to_guard() -> bool:
    """Is there a fault without its case, or a case whose fault is gone?"""
    known = {(case.reason, case.subject_id) for case in _open_cases()}
    return known != {(fault.reason, fault.subject) for fault in faults()} or bool(_renewals())


@act(robots=("clock",))
def guard(*, by: Actor) -> None:
    """One case for each fault, and none for what was solved."""
    db.session.execute(text(_KNOWN_BY_NOW))
    found = faults()
    for fault in found:
        _alarm(fault)
    wanted = {(fault.reason, fault.subject) for fault in found}
    solved = [case for case in _open_cases() if (case.reason, case.subject_id) not in wanted]
    for case in solved:
        cases.close_when_solved(case.reason, case.subject_id, "it is solved")
    for payment_id in _renewals():
        cases.close_when_solved(PAID, payment_id, "an invoice claims it")
    say(f"Looked for double and unknown subscriptions: {len(found)} to look at, {len(solved)} solved")


def blocked_by(one: Subscription | Customer, act: str, *, product_id: str | None = None) -> str | None:
    """Why the act of that name may not be done to a subscription, or for a customer, until a fault is solved; None when
    it may. `product_id` is the one that it is to be for, where that changes."""
    if act not in CHARGES:
        return None
    if isinstance(one, Customer):
        twice = next((fault for fault in faults() if fault.customer_id == one.id), None)
        return _words(Subscription.each(twice.others).values()) if twice else None
    if one.customer_id is None and not Customer.by_external("stripe", one.external_customer):
        return (
            f"Nobody here knows who {one.external_customer} is, whose subscription this is:"
            " record the customer first."
        )
    if act == "subscriptions.swap" and product_id is None:
        return None  # it may well be the way out
    same = list(_same(one, product_id))
    return _words(same) if same else None


@guards
def check(act: Act, subject_id: str | None, by: Actor) -> None:
    """Refuse what would make a faulty subscription charge, whatever the door."""
    if by.kind == "robot" or act.name not in CHARGES - AT_ITS_DOOR or not subject_id:
        return
    one = Subscription.get(subject_id)
    if one and (words := blocked_by(one, act.name)):
        raise Faulty(words)


def _same(one: Subscription, product_id: str | None) -> Iterator[Subscription]:
    """The customer's other subscriptions that will be charged for the same."""
    wanted = {product_id} if product_id else {_thing(item) for item in one.items()}
    others = [
        other
        for other in Subscription.of_customer(str(one.customer_id))
        if other.id != one.id and goes_on(other)
    ]
    items = SubscriptionItem.of([other.id for other in others])
    for other in others:
        if wanted & {_thing(item) for item in items[other.id]}:
            yield other


def goes_on(one: Subscription) -> bool:
    """Will it be charged again, as far as is known?"""
    ends_first = one.cancel_at and one.cancel_at <= (one.next_charge_at or one.cancel_at)
    return one.live and not ends_first


def _thing(item: SubscriptionItem) -> str:
    return item.product_id or item.price_key


def _words(others: Iterable[Subscription]) -> str:
    told = ", ".join(sorted(other.external_id for other in others))
    return f"The customer has another subscription of the same product ({told}): cancel one of them first."


def _alarm(fault: Fault) -> None:
    one = Subscription.require(fault.subject)
    if fault.reason == NOBODYS:
        says = f"It charges {one.external_customer} at Stripe, whom nobody here knows."
        suggests = {
            "act": "customers.record",
            "url": one.url,
            "label": "Find the customer in the shop and record them, or cancel it",
        }
    else:
        others = ", ".join(sorted(other.external_id for other in Subscription.each(fault.others).values()))
        says = (
            f"{one.external_id} and {others} of one customer are for the same product: both will be charged."
        )
        suggests = {
            "act": "subscriptions.cancel",
            "url": f"{one.url}/cancel",
            "label": "Cancel the newer one",
        }
    cases.open_case(
        fault.reason, one.id, says=says, suggests=suggests, about=[*one.related() - {None}, *fault.others]
    )


def _open_cases() -> Sequence[Case]:
    query = select(Case).where(Case.reason.in_((TWICE, NOBODYS)), Case.status == CaseStatus.OPEN)
    return db.session.scalars(query).all()


def _renewals() -> list[str]:
    """Payments that were missed an order for, and that an invoice claims by now."""
    return list(db.session.scalars(text(_RENEWALS), {"reason": PAID}))

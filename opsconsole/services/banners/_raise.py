"""Somebody knows what all must know: a banner goes up."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid, NotFound, Refused
from ...models import Banner, BannerStatus, Customer, Order
from .._act import act, performing, say
from .._actor import Actor
from ._kinds import KINDS, Kind


class AlreadyStanding(Refused):
    """There is at most one standing banner of a kind on a customer or an order."""


@act(private=("reason",))
def raise_(subject_id: str, *, kind: str, reason: str, by: Actor) -> Banner:
    """Raise a banner on a customer or an order, `subject_id` being the id of either.

    Kinds that follow facts cannot be raised by hand. Raises AlreadyStanding, Invalid.
    """
    noun = "order" if subject_id.startswith(f"{Order.PREFIX}_") else "customer"
    chosen = _chosen(kind, noun)
    subject = Order.lock(subject_id) if noun == "order" else Customer.lock(subject_id)
    customer_id = subject.customer_id if isinstance(subject, Order) else subject.id
    if standing(subject.id, chosen.code):
        raise AlreadyStanding(f"“{chosen.label}” stands on this {noun} already.", field="kind")
    banner = Banner(
        status=BannerStatus.STANDING,
        kind=chosen.code,
        subject_id=subject.id,
        customer_id=customer_id,
        reason=reason,
        by=by.label,
        created_at=performing().now,
    ).add()
    say(f"Raised {called(chosen)}")
    return banner


def offered(noun: str) -> list[Kind]:
    """The kinds that people may raise on an "order" or a "customer"."""
    return [kind for kind in KINDS.values() if noun in kind.stands_on and not kind.by_facts]


def _chosen(code: str, noun: str) -> Kind:
    if code not in (kinds := {kind.code: kind for kind in offered(noun)}):
        raise Invalid({"kind": [f"Choose one of: {', '.join(kinds)}."]})
    return kinds[code]


def standing(subject_id: str, kind: str) -> Banner | None:
    """The banner of a kind that stands there."""
    query = select(Banner).where(Banner.subject_id == subject_id, Banner.kind == kind)
    return db.session.scalar(query.where(Banner.status == BannerStatus.STANDING))


def locked(banner_id: str) -> Banner:
    """A banner, locked after what it stands on, or NotFound: customer or order first."""
    found = Banner.get(banner_id)
    if found is None:
        raise NotFound(f"There is no banner {banner_id[:60]}.")
    (Order if found.subject_id.startswith(f"{Order.PREFIX}_") else Customer).lock(found.subject_id)
    return Banner.lock(banner_id)


def called(kind: Kind) -> str:
    """What the audit calls it: of clinical ones no more than that, for the audit has other readers."""
    return "a banner for the clinicians" if kind.clinical else f"the banner “{kind.label}”"

"""Banners block what they must block: asked before every act, whatever the door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from ...db import db, instant
from ...lib.refusal import Refused
from ...models import REGISTRY, AuditEntry, Banner, BannerStatus, Case, Order, Promise, Subscription
from .._act import Act, guards
from .._actor import Actor
from ._kinds import KINDS, WATCHED, blockers


class Blocked(Refused):
    """A banner stands on the customer or the order, and it blocks this act."""


@guards
def check(act: Act, subject_id: str | None, by: Actor) -> None:
    """Refuse an act whose subject is, or belongs to, a customer or an order with a banner that blocks it.

    One statement, and none for an act that no banner blocks. What our own processes settle has happened
    outside already: that is never blocked.
    """
    if by.kind == "robot" or subject_id is None:
        return
    name = _behind(subject_id) if act.name == "cases.retry" else act.name
    if name not in WATCHED:
        return
    query = select(Banner).where(
        Banner.status == BannerStatus.STANDING,
        Banner.kind.in_(blockers(name)),
        or_(Banner.set_aside_until.is_(None), Banner.set_aside_until <= instant()),
        or_(*_stands_over(subject_id)),
    )
    if found := list(db.session.scalars(query.order_by(Banner.created_at, Banner.id))):
        raise Blocked(why(found))


def why(banners: Iterable[Banner]) -> str:
    """Why an act is blocked, in words: what stands, and who may set it aside."""
    kinds = [KINDS[banner.kind] for banner in banners]
    return " ".join(
        f"{kind.label}: {kind.says} {kind.overridden_by.capitalize()} can set this aside." for kind in kinds
    )


def _behind(case_id: str) -> str | None:
    """Trying a promise again is doing again what made the promise: the name of that act."""
    query = (
        select(AuditEntry.act)
        .join(Promise, Promise.entry_id == AuditEntry.id)
        .join(Case, Case.behind_id == Promise.id)
    )
    return db.session.scalar(query.where(Case.id == case_id))


def _stands_over(subject_id: str) -> Sequence[ColumnElement[bool]]:
    """Where a banner stands that counts for a subject: there, on its order, or on the customer of either."""
    noun = REGISTRY.get(subject_id.partition("_")[0])
    on: list[ColumnElement[bool]] = [Banner.subject_id == literal(subject_id)]
    if noun is Case:
        return [*on, Banner.subject_id.in_(select(func.unnest(Case.about)).where(Case.id == subject_id))]
    keys = [
        getattr(noun, name) for name in ("order_id", "customer_id") if name in getattr(noun, "BELONGS_TO", ())
    ]
    for key in keys:
        on.append(Banner.subject_id == select(key).where(noun.id == subject_id).scalar_subquery())  # type: ignore[union-attr]
        if key.key == "order_id":
            owner = select(Order.customer_id).join(noun, key == Order.id).where(noun.id == subject_id)  # type: ignore[arg-type, union-attr]
            on.append(Banner.subject_id == owner.scalar_subquery())
    if noun is Subscription:  # what the bank says of one payment of a customer counts for all that renews
        whose = select(Subscription.customer_id).where(Subscription.id == subject_id)
        facts = [kind.code for kind in KINDS.values() if kind.by_facts]
        on.append(and_(Banner.customer_id == whose.scalar_subquery(), Banner.kind.in_(facts)))
    return on

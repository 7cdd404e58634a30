"""Which roles may do what is offered, as they are granted now."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from ....db import db
from ....models import Grant, Role
from ._finding import Offer

_PROGRAMS = ("demo", "shop")


def who_may(offers: Collection[Offer]) -> Mapping[str, Sequence[str]]:
    """The names of the roles of people that hold every right an offer takes, by its choice: one statement."""
    rights = {name for one in offers for name in one.acts}
    query = select(Grant.permission, Role.name).join(Role, Role.id == Grant.role_id)
    held: dict[str, set[str]] = {name: set() for name in rights}
    for permission, role in db.session.execute(query.where(Grant.permission.in_(rights))):
        held[permission].add(role)
    return {
        one.choice: sorted(set.intersection(*(held[name] for name in one.acts)) - {*_PROGRAMS})
        for one in offers
    }

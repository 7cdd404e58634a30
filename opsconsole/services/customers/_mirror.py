"""Taking in what a system holds of a customer. The customer's lock is taken before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from ...db import db
from ...models import Customer, ExternalId, Profile
from ._systems import OWNERS, Facts, System


def take_in(
    customer: Customer, system: System, external_id: str, facts: Facts, *, fetched_at: datetime
) -> bool:
    """Bring the mirror up to what was read; False when it knows of later, which stays.

    What the system owns changes here too, and nothing else does: another's word on it is only shown.
    An owner that holds nothing has not said that there is nothing.
    """
    profile = db.session.scalar(
        select(Profile).where(Profile.customer_id == customer.id, Profile.system == system.code)
    )
    if profile is None:
        profile = Profile(
            customer_id=customer.id,
            system=system.code,
            external_id=external_id,
            facts=facts,
            fetched_at=fetched_at,
        ).add()
    elif fetched_at < profile.fetched_at:
        return False
    elif profile.facts != facts:
        profile.facts = facts
    confirm(profile, external_id, fetched_at)
    for field, owner in OWNERS.items():
        if owner == system.code and facts.get(field):
            setattr(customer, field, facts[field])
    return True


def confirm(profile: Profile, external_id: str, fetched_at: datetime) -> None:
    """It was so at that instant: bookkeeping, no change."""
    profile.fetched_at, profile.external_id = fetched_at, external_id
    db.session.execute(
        update(ExternalId)
        .where(ExternalId.system == profile.system, ExternalId.external_id == external_id)
        .values(as_of=fetched_at)
        .execution_options(synchronize_session=False)
    )


def changed(before: Facts, after: Facts) -> list[str]:
    """The names of the facts that differ."""
    return [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]

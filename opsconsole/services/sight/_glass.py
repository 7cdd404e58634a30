"""Whose health data somebody has open in an emergency: read once per request, and only when there is some."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...models import BrokenGlass
from .._actor import Actor
from ._views import per_request

BREAKS = "phi.break_glass"  # the right, and the act


def open_glass(to: Actor) -> dict[str, BrokenGlass]:
    """What `to` has open now, by the patient's id."""
    if not to.emergency or not to.may(BREAKS):
        return {}
    kept = per_request()
    if kept is None or to.id not in kept:
        query = select(BrokenGlass).where(BrokenGlass.open_to(to.id))
        found = {glass.customer_id: glass for glass in db.session.scalars(query)}
        if kept is None:
            return found
        kept[to.id] = found
    return kept[to.id]


def opened_for(to: Actor, patient: str | None) -> bool:
    return patient is not None and patient in open_glass(to)

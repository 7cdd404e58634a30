"""Which clinician an act is done by: the prescriber that a colleague is, or the one in whose name a program hands in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Provider, Visit
from .._actor import Actor
from ._licences import NotLicensed, licensed_providers

SIGN_FOR = "visits.sign_for"  # the right of a program to hand in what a clinician decided elsewhere


class NotAClinician(Refused):
    """Only prescribers decide, and the account of whoever asks is none's."""


def clinician(by: Actor) -> Provider | None:
    """The prescriber that a colleague is; None for all others."""
    return Provider.of_staff(by.id) if by.human else None


def deciding(by: Actor, named: str | None, visit: Visit, at: datetime) -> Provider:
    """Who decides: a colleague always as themselves. A program names somebody; else it is who has the visit, or of those who
    are licensed there the one with the fewest to do. Raises NotAClinician, NotLicensed, Invalid."""
    me = clinician(by)
    if me is None and not (by.kind == "token" and by.may(SIGN_FOR)):
        raise NotAClinician(
            "Your account belongs to no prescriber, and only they decide. An admin can link it to one."
        )
    if me:
        if named and _id(named) != me.id:
            raise Invalid({"provider": ["You decide as yourself alone."]})
        return me
    if named:
        return named_provider(named)
    if visit.provider_id:
        return Provider.require(visit.provider_id)
    return _fewest_to_do(visit, at)


def named_provider(named: str) -> Provider:
    """A prescriber by id or URL. Raises Invalid."""
    found = Provider.get(_id(named))
    if found is None:
        raise Invalid({"provider": ["There is no such prescriber."]})
    return found


def load_of() -> dict[str, int]:
    """How many visits each prescriber has to decide on, by their id; nobody with none."""
    query = select(Visit.provider_id, func.count()).where(
        Visit.status.in_(("assigned", "in_review")), Visit.provider_id.is_not(None)
    )
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Visit.provider_id))}


def _fewest_to_do(visit: Visit, at: datetime) -> Provider:
    could, load = licensed_providers(visit.patient_state, at), load_of()
    if not could:
        raise NotLicensed(f"Nobody is licensed in {visit.patient_state or 'the patient’s state'} today.")
    return min(could, key=lambda one: (load.get(one.id, 0), one.id))


def _id(named: str) -> str:
    return named.rsplit("/", 1)[-1]

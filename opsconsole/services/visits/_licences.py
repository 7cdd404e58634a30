"""Who may decide where: a licence counts on the day that it is where the patient is, at every step up to the signature."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, select

from ...db import db
from ...lib.refusal import Refused
from ...lib.zones import today_in
from ...models import LicenceStatus, Provider, ProviderLicence, Visit


class NotLicensed(Refused):
    """This clinician may not decide on somebody who is there, today."""


def licence_to_decide(visit: Visit, provider: Provider, at: datetime) -> ProviderLicence:
    """The licence by which they may decide on it now, locked against being taken away meanwhile. Raises NotLicensed."""
    now = db.session.scalar(_locked(select(Provider).where(Provider.id == provider.id)))
    if now is None or not now.active:
        raise NotLicensed(f"{provider.name} does not work here any more.")
    if visit.patient_state is None:
        raise NotLicensed("Nobody knows in which state the patient is: nobody may decide on it yet.")
    found = db.session.scalar(
        _locked(
            select(ProviderLicence).where(
                ProviderLicence.provider_id == provider.id, ProviderLicence.state == visit.patient_state
            )
        )
    )
    if found is None or not found.holds(today_in(visit.patient_state, at)):
        raise NotLicensed(f"{provider.name} is not licensed in {visit.patient_state} today.")
    return found


def states_of(provider: Provider, at: datetime) -> list[str]:
    """The states on whose patients they may decide now; none for who does not work here any more."""
    if not provider.active:
        return []
    return [one.state for one in provider.licences() if one.holds(today_in(one.state, at))]


def licensed_providers(state: str | None, at: datetime) -> Sequence[Provider]:
    """All who may decide on a patient there now, by name."""
    query = (
        select(Provider, ProviderLicence)
        .join(ProviderLicence, ProviderLicence.provider_id == Provider.id)
        .where(
            Provider.active, ProviderLicence.state == state, ProviderLicence.status == LicenceStatus.ACTIVE
        )
        .order_by(Provider.name, Provider.id)
    )
    today = today_in(state, at)
    return [provider for provider, licence in db.session.execute(query) if licence.holds(today)]


R = TypeVar("R", Provider, ProviderLicence)


def _locked(query: Select[tuple[R]]) -> Select[tuple[R]]:
    return query.with_for_update(read=True).execution_options(populate_existing=True)

"""The healthcare system tells of a prescriber, with the states that licensed them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update

from ...db import db
from ...models import STATES, LicenceStatus, Provider, ProviderLicence
from ...vendors import Declined
from ...vendors.healthcare import LicenceFacts, PractitionerFacts
from .._act import act, performing, say
from .._actor import Actor
from ._hooks import settled


@act(robots=("healthcare", "worker"))
def settle(external_id: str, *, facts: PractitionerFacts, fetched_at: datetime, by: Actor) -> Provider | None:
    """Mirror a prescriber and their licences. An older word never overwrites a newer one. Somebody known by the same
    National Provider Identifier is the same. Raises Declined for one who has none and whom nobody knows: a
    person has to look."""
    query = select(Provider).where(or_(Provider.external_id == external_id, Provider.npi == facts.npi))
    found = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    provider = next((one for one in found if one.external_id == external_id), found[0] if found else None)
    if provider is None and facts.npi is None:
        raise Declined("no_npi", f"Prescriber {external_id} has no National Provider Identifier.")
    if provider is not None and _later(provider, facts, fetched_at):
        say(f"Prescriber {external_id}: known as of later")
        return provider
    if provider is None:
        provider = Provider(created_at=performing().now, npi=facts.npi)
    provider.external_id = external_id
    provider.npi = facts.npi or provider.npi
    provider.name, provider.credential = facts.name[:200], facts.credential[:10]
    provider.active = facts.active
    provider.source_updated_at = facts.updated_at or provider.source_updated_at
    provider.fetched_at = max(fetched_at, provider.fetched_at or fetched_at)
    provider.add()
    _mirror_licences(provider, facts.licences)
    settled(provider)
    say(f"Prescriber {facts.name}: licensed in {len(facts.licences)} states")
    return provider


def _later(provider: Provider, facts: PractitionerFacts, fetched_at: datetime) -> bool:
    ours, theirs = provider.source_updated_at, facts.updated_at
    if ours and theirs and ours != theirs:
        return ours > theirs
    return provider.fetched_at is not None and provider.fetched_at > fetched_at


def _mirror_licences(provider: Provider, told: tuple[LicenceFacts, ...]) -> None:
    """One for each state. What is not told of any more is surrendered; a word that nobody knows licenses nobody."""
    known = {one.state: one for one in provider.licences()}
    for facts in told:
        if facts.state not in STATES:
            continue
        licence = known.pop(facts.state, None) or ProviderLicence(
            provider_id=provider.id, state=facts.state, created_at=performing().now
        )
        licence.number, licence.status = facts.number[:40], _status(facts.status)
        licence.starts_on, licence.expires_on = facts.starts_on, facts.expires_on
        licence.add()
    for gone in known:
        query = update(ProviderLicence).where(
            ProviderLicence.provider_id == provider.id, ProviderLicence.state == gone
        )
        db.session.execute(query.values(status=LicenceStatus.SURRENDERED.value))


def _status(told: str) -> str:
    return told if told in {one.value for one in LicenceStatus} else LicenceStatus.PENDING.value

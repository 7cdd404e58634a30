"""Who is to decide: an ops lead says it, or a clinician hands over to a colleague. Only ever somebody licensed there."""

from __future__ import annotations

from ...lib.refusal import Refused
from ...models import Provider, Visit, VisitStatus
from .. import notes
from .._act import act, concerns, performing, say, warn
from .._actor import Actor
from ._claim import NotToDecide, NotYours, put_back
from ._licences import licence_to_decide
from ._who import deciding, load_of, named_provider

_S = VisitStatus


class SameClinician(Refused):
    """It is theirs already."""


@act
def assign(visit_id: str, *, provider: str, by: Actor) -> Visit:
    """Say who is to decide, also where somebody has it already. Raises NotToDecide, SameClinician, NotLicensed, Invalid."""
    visit = Visit.lock(visit_id)
    chosen = named_provider(provider)
    if not visit.to_decide:
        raise NotToDecide(f"Nobody can be assigned to it: {visit.state.help}")
    if visit.status == _S.IN_REVIEW and visit.provider_id and visit.provider_id != chosen.id:
        warn(f"{Provider.require(visit.provider_id).name} is looking at it and loses it.")
    give(visit, chosen)
    waiting = load_of().get(chosen.id, 0) - 1
    if waiting > 0:
        warn(f"{chosen.name} has {waiting} others to decide on.")
    say(f"{chosen.name} is to decide")
    return visit


def give(visit: Visit, provider: Provider) -> None:
    """In an act: a locked visit is for them to decide on. Raises SameClinician, NotLicensed."""
    if visit.provider_id == provider.id:
        raise SameClinician(f"{provider.name} has it already.", field="provider")
    licence_to_decide(visit, provider, performing().now)
    visit.provider_id, visit.claimed_at = provider.id, None
    visit.move_to(_S.ASSIGNED)


@act(private=("note",))
def hand_over(visit_id: str, *, to: str | None, note: str, by: Actor) -> Visit:
    """Give a visit that is one's own to a colleague, or with no `to` back to all who may take it, with a note of what was
    seen. Raises NotYours, NotToDecide, SameClinician, NotLicensed, NotAClinician, Invalid."""
    visit = Visit.lock(visit_id)
    me = deciding(by, None, visit, performing().now)
    if not visit.to_decide:
        raise NotToDecide(f"Nobody decides on it now: {visit.state.help}")
    if visit.provider_id != me.id:
        raise NotYours("It is not yours to hand over.")
    if to:
        give(visit, named_provider(to))
    else:
        put_back(visit)
    written = notes.write(visit, text=note, phi=True, by=by)
    concerns(written.id)
    who = named_provider(to).name if to else "whoever is licensed there"
    say(f"Handed it over to {who}, with a note")
    return visit

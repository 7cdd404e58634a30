"""Which colleague signs as which prescriber: without that nobody decides on anything."""

from __future__ import annotations

from ...lib.refusal import Invalid, Refused
from ...models import Provider, Staff
from .._act import act, say
from .._actor import Actor


class LinkedAlready(Refused):
    """The colleague is another prescriber's, or this one's already."""


@act(second="Who signs prescriptions as whom is always agreed on by two people.")
def link_staff(provider_id: str, *, colleague: str | None, by: Actor) -> Provider:
    """Let a member of staff (by id) sign as this prescriber; with none, nobody does any more.

    Raises LinkedAlready, Invalid.
    """
    provider = Provider.lock(provider_id)
    if colleague:
        person = Staff.get(colleague.rsplit("/", 1)[-1])
        if person is None or person.disabled_at:
            raise Invalid({"colleague": ["There is no such colleague, or they cannot sign in."]})
        held = Provider.of_staff(person.id)
        if held:
            raise LinkedAlready(f"{person.name} signs as {held.name} already.", field="colleague")
        provider.staff_id = person.id
        say(f"{person.name} signs as {provider.name} from now on")
    else:
        if provider.staff_id is None:
            raise LinkedAlready("Nobody signs as this prescriber.", field="colleague")
        provider.staff_id = None
        say(f"Nobody signs as {provider.name} any more")
    return provider

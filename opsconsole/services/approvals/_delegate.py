"""Somebody is away: a colleague approves in their place until a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...lib.refusal import Invalid, Refused
from ...models import Delegation, Staff
from .._act import act, performing, say
from .._actor import Actor

AT_MOST = timedelta(days=60)


class NotDelegable(Refused):
    """Only people hand over, only what is theirs, and not to themselves."""


@act
def delegate(*, colleague: str, until: datetime, reason: str, by: Actor) -> Delegation:
    """Let a colleague, named by their id, approve in one's own place until then. Raises NotDelegable, Invalid."""
    other = Staff.get(colleague)
    if not by.human or other is None or other.id == by.id or other.person == by.person:
        raise NotDelegable("Choose a colleague who shall approve in your place.", field="colleague")
    if other.disabled_at:
        raise NotDelegable(f"{other.name} cannot sign in any more.", field="colleague")
    if not performing().now < until <= performing().now + AT_MOST:
        raise Invalid({"until": ["Choose a moment within the next 60 days."]})
    say(f"{other.name} approves in the place of {by.label} until {until:%-d %b %Y}")
    return Delegation(from_id=by.id, to_id=other.id, until=until, reason=reason).add()


@act
def end_delegation(delegation_id: str, *, by: Actor) -> Delegation:
    """Take it back before its time. Either of the two may."""
    delegation = Delegation.lock(delegation_id)
    if by.id not in (delegation.from_id, delegation.to_id):
        raise NotDelegable("Only the two of them can end it.")
    delegation.ended_at = delegation.ended_at or performing().now
    say("Nobody approves in the other's place any more")
    return delegation

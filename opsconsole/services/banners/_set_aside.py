"""Going on in spite of a banner: for some hours it blocks nothing, and everybody sees who decided that and why."""

from __future__ import annotations

from datetime import timedelta

from ...lib.refusal import Denied, Invalid, Refused
from ...models import Banner, BannerStatus
from .._act import act, performing, say
from .._actor import Actor
from ._kinds import KINDS
from ._lower import AlreadyLowered
from ._raise import called, locked

LONGEST = 72  # hours


class BlocksNothing(Refused):
    """There is nothing to set aside: it only warns."""


@act(private=("reason",))
def set_aside(banner_id: str, *, hours: int, reason: str, by: Actor) -> Banner:
    """Let a banner block nothing for 1 to 72 `hours`; 0 puts it back at once. It stays visible, and blocks
    again by itself. Needs the right to override its kind. Raises Denied, BlocksNothing, AlreadyLowered, Invalid.
    """
    if not 0 <= hours <= LONGEST:
        raise Invalid({"hours": [f"Between 0 and {LONGEST} hours."]})
    banner = locked(banner_id)
    kind = KINDS[banner.kind]
    if not kind.blocks:
        raise BlocksNothing("This banner blocks nothing: it only says what to look out for.")
    if not by.may(kind.override):
        raise Denied(kind.override, by.label)
    if banner.status == BannerStatus.LOWERED:
        raise AlreadyLowered("This banner is down already.")
    banner.set_aside_until = performing().now + timedelta(hours=hours) if hours else None
    banner.set_aside_by = by.label if hours else None
    banner.set_aside_reason = reason if hours else None
    say(f"Set aside {called(kind)} for {hours} h" if hours else f"Put back {called(kind)}")
    return banner

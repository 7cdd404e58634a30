"""What a banner warned of is over: it comes down."""

from __future__ import annotations

from ...lib.refusal import Denied, Refused
from ...models import Banner, BannerStatus
from .._act import act, say
from .._actor import Actor
from ._kinds import KINDS
from ._raise import called, locked


class AlreadyLowered(Refused):
    """Somebody lowered it, or the facts did."""


class FollowsFacts(Refused):
    """The vendor's facts hold it up: it falls by itself when they end."""


@act(private=("reason",))
def lower(banner_id: str, *, reason: str, by: Actor) -> Banner:
    """Lower a banner. A clinical one only with its override right. Raises AlreadyLowered, FollowsFacts, Denied."""
    banner = locked(banner_id)
    kind = KINDS[banner.kind]
    if kind.clinical and not by.may(kind.override):
        raise Denied(kind.override, by.label)
    if banner.status == BannerStatus.LOWERED:
        raise AlreadyLowered("This banner is down already.")
    if kind.by_facts:
        raise FollowsFacts("It falls by itself, as soon as Stripe says that it is over.")
    banner.lowered_by, banner.lowered_reason = by.label, reason
    banner.move_to(BannerStatus.LOWERED)
    say(f"Lowered {called(kind)}")
    return banner

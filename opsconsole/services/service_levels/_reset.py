"""Back to what the rule says."""

from __future__ import annotations

from ...lib.refusal import Invalid, Refused
from ...models import ServiceLevel
from .._act import act, performing, say
from .._actor import Actor
from ._declare import codes
from ._levels import levels
from ._set_limit import where


class AlreadyReset(Refused):
    """It does not count any more."""


@act
def reset(service_level_id: str, *, reason: str, by: Actor) -> ServiceLevel:
    """End what people set: from now on what is less specific counts, or the rule's default. The row stays, and is not
    active any more. Raises AlreadyReset, Invalid."""
    level = ServiceLevel.lock(service_level_id)
    if not 0 < len(reason.strip()) <= 500:
        raise Invalid({"reason": ["Say why, in at most 500 characters."]})
    if not level.active:
        raise AlreadyReset("This was set back already.")
    level.active, level.ended_at = False, performing().now
    level.add()
    place = f"{level.code}{where(level.pharmacy_id, level.sku)}"
    if declared := codes().get(level.code):
        after = levels().of(level.code, declared.limit, declared.team, level.pharmacy_id, level.sku)
        say(f"{place} is {after.words} again: {reason.strip()}")
    else:  # its rule is gone
        say(f"{place} has no limit of its own any more: {reason.strip()}")
    return level

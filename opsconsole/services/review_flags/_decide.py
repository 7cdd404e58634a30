"""What a clinician does about a flag: acknowledge -> resolve, with how; or escalate; or dismiss, with why."""

from __future__ import annotations

from ...lib.refusal import Invalid, Refused
from ...models import FlagOutcome, FlagStatus, ReviewFlag
from .. import staff
from .._act import act, performing, say
from .._actor import Actor
from ._overdue import decided

_S = FlagStatus


class FlagOver(Refused):
    """It was resolved or dismissed."""


class SeenAlready(Refused):
    """A clinician has seen it, or passed it on."""


@act
def acknowledge(flag_id: str, *, by: Actor) -> ReviewFlag:
    """Say that it was seen; it still stands. Raises FlagOver, SeenAlready."""
    flag = _open(flag_id)
    if flag.status != _S.OPEN:
        raise SeenAlready("A clinician has seen it already.")
    _signed(flag, by)
    flag.move_to(_S.ACKNOWLEDGED)
    say("Has seen a flag")
    return flag


@act(private=("reason",))
def resolve(flag_id: str, *, outcome: str, reason: str, by: Actor) -> ReviewFlag:
    """Deal with it: what it blocks goes on. `outcome` is one of FlagOutcome. Raises FlagOver, Invalid."""
    if outcome not in [one.value for one in FlagOutcome]:
        raise Invalid({"outcome": [f"Choose one of: {', '.join(FlagOutcome)}."]})
    flag = _open(flag_id)
    flag.outcome, flag.why = outcome, staff.reasoned(reason)
    _signed(flag, by)
    flag.move_to(_S.RESOLVED)
    decided(flag)
    say(f"Dealt with a flag: {outcome.replace('_', ' ')}")
    return flag


@act(private=("reason",))
def escalate(flag_id: str, *, reason: str, by: Actor) -> ReviewFlag:
    """Pass it on to somebody who knows more; it stands until they have dealt with it. Raises FlagOver, SeenAlready."""
    flag = _open(flag_id)
    if flag.status == _S.ESCALATED:
        raise SeenAlready("It was passed on already.")
    flag.why = staff.reasoned(reason)
    _signed(flag, by)
    flag.move_to(_S.ESCALATED)
    say("Passed a flag on")
    return flag


@act(private=("reason",))
def dismiss(flag_id: str, *, reason: str, by: Actor) -> ReviewFlag:
    """Say why it does not matter: what it blocks goes on. Raises FlagOver, Invalid."""
    flag = _open(flag_id)
    flag.why = staff.reasoned(reason)
    _signed(flag, by)
    flag.move_to(_S.DISMISSED)
    decided(flag)
    say("Dismissed a flag")
    return flag


def why_not(flag: ReviewFlag) -> str | None:
    """Why nothing can be done about it any more."""
    return None if flag.open else f"{flag.state.help} If it matters again, the next answers raise it anew."


def _open(flag_id: str) -> ReviewFlag:
    flag = ReviewFlag.lock(flag_id)
    if words := why_not(flag):
        raise FlagOver(words)
    return flag


def _signed(flag: ReviewFlag, by: Actor) -> None:
    flag.by, flag.trace_id = by.label, performing().trace

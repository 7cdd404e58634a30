"""What follows when a step of a plan ends otherwise than meant: one table, which is done, shown and tested.

Nothing that happened outside is undone behind somebody's back: what did not go out yet is held back, the rest is a case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...lib.worded import Worded
from ...models import StepKind, StepStatus

_K, _S = StepKind, StepStatus
_CALLED = {
    _K.STOP_PARCEL: "Stopping the parcel",
    _K.CANCEL: "The cancelation",
    _K.STOP_PRESCRIPTION: "Canceling the prescription",
    _K.PAUSE: "Pausing the subscription",
    _K.REFUND: "The refund",
    _K.TELL: "The message",
}


class Failure(Worded):
    """How a step can end otherwise, with the words for it."""

    DECLINED = "declined", "is declined"
    DENIED = "denied", "is refused by the pharmacy"
    TOO_LATE = "too_late", "comes too late: it has left"
    UNREACHABLE = "unreachable", "gets no answer for a day"
    REFUSED = "refused", "is refused by the carrier"
    ARRIVED = "arrived", "fails: the parcel arrives"


@dataclass(frozen=True)
class Follows:
    """`case` is the reason of the case that follows, `on` what it is about: the step's own subject, its fill, or the plan.
    `others` is how other steps stand then, as far as the plan has them. `waited`: only where the refund was made to wait for
    the pharmacy's answer (True) or was not (False)."""

    step: StepKind
    fails: Failure
    then: str
    case: str
    on: str
    others: Mapping[StepKind, StepStatus] = field(default_factory=dict)
    waited: bool | None = None

    @property
    def when(self) -> str:
        """What happened, as people read it: "The refund is declined"."""
        return f"{_CALLED[self.step]} {self.fails.words}"


_NO_MONEY = (
    "It goes out. No money went back and nothing was told. Have the carrier stop it and refund, or let it go."
)
_SHIPS = "The money went back, and it goes out all the same. Have the carrier stop it, or let it go."
TABLE: Sequence[Follows] = (
    Follows(
        _K.REFUND, Failure.DECLINED,
        "The order stays canceled, and a message about the refund waits. Its case gives the money back another way.",
        "vendor_rejected", "subject", {_K.CANCEL: _S.DONE, _K.TELL: _S.UNDER_WAY},
    ),
    Follows(
        _K.REFUND, Failure.UNREACHABLE,
        "The order stays canceled. Its case says whether the money may have gone; it is never sent twice.",
        "vendor_unavailable_exhausted", "subject", {_K.CANCEL: _S.DONE},
    ),
    Follows(
        _K.CANCEL, Failure.DENIED, _NO_MONEY, "not_stopped", "plan",
        {_K.REFUND: _S.WITHDRAWN, _K.TELL: _S.WITHDRAWN}, waited=True,
    ),
    Follows(_K.CANCEL, Failure.DENIED, _SHIPS, "refunded_but_ships", "plan", {_K.REFUND: _S.DONE}, waited=False),
    Follows(
        _K.CANCEL, Failure.TOO_LATE, _NO_MONEY, "not_stopped", "plan",
        {_K.REFUND: _S.WITHDRAWN, _K.TELL: _S.WITHDRAWN}, waited=True,
    ),
    Follows(_K.CANCEL, Failure.TOO_LATE, _SHIPS, "refunded_but_ships", "plan", {_K.REFUND: _S.DONE}, waited=False),
    Follows(
        _K.CANCEL, Failure.UNREACHABLE,
        "Nobody knows whether it is stopped. No money goes back until the pharmacy answers; its case says to call them.",
        "vendor_unavailable_exhausted", "fill", {_K.REFUND: _S.WAITING}, waited=True,
    ),
    Follows(
        _K.STOP_PRESCRIPTION, Failure.DENIED,
        "It can still be filled. No money went back and nothing was told. Telephone the pharmacy, then refund or let it be.",
        "not_stopped", "plan", {_K.REFUND: _S.WITHDRAWN, _K.TELL: _S.WITHDRAWN}, waited=True,
    ),
    Follows(
        _K.STOP_PRESCRIPTION, Failure.DENIED,
        "The money went back, and it can still be filled. Telephone the pharmacy, and write down what they say.",
        "refunded_but_ships", "plan", {_K.REFUND: _S.DONE}, waited=False,
    ),
    Follows(
        _K.STOP_PRESCRIPTION, Failure.UNREACHABLE,
        "Nobody knows whether it is canceled. No money goes back until there is an answer; its case says to ask.",
        "vendor_unavailable_exhausted", "subject", {_K.REFUND: _S.WAITING}, waited=True,
    ),
    Follows(
        _K.PAUSE, Failure.DECLINED,
        "All else stays, and its next charge comes as before. Its case pauses it another way.",
        "vendor_rejected", "subject", {_K.CANCEL: _S.DONE, _K.REFUND: _S.DONE},
    ),
    Follows(
        _K.PAUSE, Failure.UNREACHABLE,
        "All else stays. Its case says whether Stripe may have paused it; it is never asked for twice.",
        "vendor_unavailable_exhausted", "subject", {_K.CANCEL: _S.DONE, _K.REFUND: _S.DONE},
    ),
    Follows(
        _K.TELL, Failure.DECLINED, "All else stays. Its case says why, and tells the customer another way.",
        "vendor_rejected", "subject", {_K.CANCEL: _S.DONE, _K.REFUND: _S.DONE},
    ),
    Follows(_K.STOP_PARCEL, Failure.REFUSED, _SHIPS, "refunded_but_ships", "plan", {_K.REFUND: _S.DONE}),
    Follows(
        _K.STOP_PARCEL, Failure.ARRIVED, "The money went back, and the parcel arrived. Ask the customer, or let it go.",
        "refunded_but_ships", "plan", {_K.REFUND: _S.DONE},
    ),
)  # fmt: skip


def follows(step: StepKind, fails: Failure, *, waited: bool | None = None) -> Follows:
    """The row for this. Each failure that is followed here has exactly one."""
    [row] = [
        one
        for one in TABLE
        if (one.step, one.fails) == (step, fails) and (one.waited is None or one.waited == waited)
    ]
    return row

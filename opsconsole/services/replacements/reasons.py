"""Why something is sent again: first what happened, then how; and what that asks for.

Codes: the claim reasons of domain.md 8.2.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ...lib.worded import Worded


class Happened(Worded):
    """What happened to the parcel: the first question, in words for Sam."""

    NOT_ARRIVED = "not_arrived", "It did not arrive"
    WRONG = "wrong", "It arrived, and was not right"
    BROKEN = "broken", "It arrived, and was not good"


class Evidence(StrEnum):
    """When a photo is needed."""

    ALWAYS = "always"
    OVER_VALUE = "over_value"  # of what is worth more than the policy says
    NEVER = "never"  # there is nothing to take one of


@dataclass(frozen=True)
class Reason:
    """`told` ends the sentence "Replaced by …: …". `theirs`: the pharmacy or its carrier is at fault, so a pharmacy that
    makes good what it spoils does so. `clinical`: what was sent may harm whoever uses it."""

    code: str
    happened: Happened
    label: str
    told: str
    evidence: Evidence
    theirs: bool = True
    clinical: bool = False


_H, _E = Happened, Evidence
_ALL = (
    Reason("lost_in_transit", _H.NOT_ARRIVED, "Lost on its way", "it was lost on its way", _E.NEVER),
    Reason(
        "delivered_not_received", _H.NOT_ARRIVED, "Stolen, or not received though the carrier says so",
        "it was not received", _E.NEVER, theirs=False,
    ),
    Reason("returned_to_sender", _H.NOT_ARRIVED, "It went back to the sender", "it went back", _E.NEVER, theirs=False),
    Reason("missing_item", _H.WRONG, "Something was missing", "something was missing", _E.OVER_VALUE),
    Reason("wrong_item", _H.WRONG, "The wrong product", "it was the wrong product", _E.ALWAYS),
    Reason(
        "wrong_strength", _H.WRONG, "The wrong strength: a clinician is told", "it was the wrong strength", _E.ALWAYS,
        clinical=True,
    ),
    Reason("damaged", _H.BROKEN, "Damaged", "it arrived damaged", _E.ALWAYS),
    Reason("leaked_melted", _H.BROKEN, "Leaked or melted", "it had leaked or melted", _E.ALWAYS),
    Reason("expired_product", _H.BROKEN, "Past its date when it arrived", "it was past its date", _E.ALWAYS),
    Reason("quality", _H.BROKEN, "Not as it should be: colour, smell, texture", "its quality was poor", _E.ALWAYS),
    Reason(
        "other", _H.BROKEN, "Something else (say what in the note)", "for another reason", _E.OVER_VALUE, theirs=False
    ),
)  # fmt: skip
REASONS = {reason.code: reason for reason in _ALL}


def tree() -> list[tuple[Happened, list[Reason]]]:
    """What happened, and the reasons beneath each."""
    return [(happened, [one for one in _ALL if one.happened is happened]) for happened in Happened]

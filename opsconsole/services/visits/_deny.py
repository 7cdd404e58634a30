"""Saying no, or sending the patient to somebody who sees them in person: nothing is prescribed, money is offered."""

from __future__ import annotations

from collections.abc import Sequence

from ...lib.refusal import Invalid
from ...lib.worded import Worded
from ...models import DecisionKind, DenialReason, Visit, VisitStatus
from .._act import act, say
from .._actor import Actor
from ._deciding import UNDO, begin, end, nothing_is_prescribed
from ._flags import resolve, tell_what_stays
from ._sign import sign

DENIALS = {
    DenialReason.CONTRAINDICATION: "Something speaks against the treatment",
    DenialReason.PREGNANCY: "Pregnant, or about to be",
    DenialReason.AGE: "Too young for it",
    DenialReason.ALLERGY: "Allergic to it",
    DenialReason.INTERACTION: "Does not go with what they take",
    DenialReason.OUT_OF_SCOPE: "Not what we treat",
    DenialReason.INSUFFICIENT_PHOTOS: "The photos do not show enough",
    DenialReason.STATE_NOT_SERVED: "Not served where they are",
    DenialReason.SUSPECTED_MISUSE: "Not for who asks, or not for that",
}


@act(undo=UNDO, private=("reason", "words", "flag_words"))
def deny(
    visit_id: str,
    *,
    reason: str,
    words: str = "",
    flags: Sequence[str] = (),
    flag_outcome: str = "no_action",
    flag_words: str = "",
    provider: str | None = None,
    by: Actor,
) -> Visit:
    """Say no, for a DenialReason. The order is rejected and nothing of it ships; what was paid becomes a case for Support to
    give back, never by itself. Raises NotToDecide, Taken, NotLicensed, NotAClinician, BeingCharged, Invalid."""
    if reason not in [one.value for one in DenialReason]:
        raise Invalid({"reason": [f"Choose one of: {', '.join(DenialReason)}."]})
    decided = begin(visit_id, provider, by)
    visit = decided.visit
    found = resolve(visit, flags, flag_outcome, flag_words, by=by)
    sign(
        visit, DecisionKind.DENY, by=by, provider=decided.provider, licence=decided.licence, reason=reason,
        words=words, flags=found,
    )  # fmt: skip
    end(decided, VisitStatus.DENIED)
    nothing_is_prescribed(decided)
    tell_what_stays(visit)
    say(f"Denied, signed by {decided.provider.name}")
    return visit


class ReferTo(Worded):
    DERMATOLOGIST = "dermatologist", "To a dermatologist who sees them in person"
    FAMILY_DOCTOR = "family_doctor", "To their family doctor"
    GYNAECOLOGIST = "gynaecologist", "To their gynaecologist or midwife"
    ALLERGIST = "allergist", "To an allergist"
    URGENT_CARE = "urgent_care", "To urgent care, today"
    OTHER = "other", "To somebody else"


@act(undo=UNDO, private=("to", "words"))
def refer(visit_id: str, *, to: str, words: str = "", provider: str | None = None, by: Actor) -> Visit:
    """Send the patient to somebody who sees them in person: nothing is prescribed here, as with a denial.

    Raises as `deny`.
    """
    if to not in [one.value for one in ReferTo]:
        raise Invalid({"to": [f"Choose one of: {', '.join(ReferTo)}."]})
    decided = begin(visit_id, provider, by)
    sign(
        decided.visit, DecisionKind.REFER, by=by, provider=decided.provider, licence=decided.licence, reason=to,
        words=words,
    )  # fmt: skip
    end(decided, VisitStatus.REFERRED)
    nothing_is_prescribed(decided)
    say(f"Referred, signed by {decided.provider.name}")
    return decided.visit

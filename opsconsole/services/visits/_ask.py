"""Asking the patient: they are told in neutral words that there is a question, and the clock stands still meanwhile."""

from __future__ import annotations

from ...lib.refusal import Invalid
from ...models import DecisionKind, Visit, VisitStatus
from .._act import act, say, tell_change
from .._actor import Actor
from ._clock import stand_still
from ._deciding import ASKS, UNDO, begin, tell_patient
from ._sign import LONGEST, sign

#: What clinicians ask most: code -> (how it is called, the words).
QUESTIONS = {
    "photos": ("New photos", "Please take new photos in daylight, without make-up: front, left and right."),
    "medicines": ("Medicines", "Please list everything that you take or put on your skin at present."),
    "pregnancy": ("Pregnancy", "Are you pregnant, trying to become pregnant, or breast-feeding?"),
    "reaction": ("A reaction", "How did your skin react to what you used before, and how long did it last?"),
    "history": ("History", "Since when do you have this, and what have you tried so far?"),
}


@act(undo=UNDO, private=("question", "template"))
def ask(
    visit_id: str, *, template: str | None = None, question: str = "", provider: str | None = None, by: Actor
) -> Visit:
    """Ask the patient something: a `template` of QUESTIONS, or words of one's own, or both. The message names no health
    detail; the question is kept sealed and shown to the patient in their account.

    Raises NotToDecide, Taken, NotLicensed, NotAClinician, Invalid.
    """
    if template and template not in QUESTIONS:
        raise Invalid({"template": [f"Choose one of: {', '.join(QUESTIONS)}."]})
    words = " ".join(filter(None, (QUESTIONS[template][1] if template else "", question.strip())))
    if len(words) < 3:
        raise Invalid({"question": ["Choose a question, or write one."]})
    if len(words) > LONGEST:
        raise Invalid({"question": [f"At most {LONGEST:,} characters."]})
    decided = begin(visit_id, provider, by)
    visit = decided.visit
    sign(
        visit, DecisionKind.ASK, by=by, provider=decided.provider, licence=decided.licence, reason=template,
        words=words,
    )  # fmt: skip
    stand_still(visit, decided.at)
    visit.claimed_at = None
    visit.move_to(VisitStatus.NEEDS_INFO)
    tell_patient(decided, ASKS)
    tell_change(visit, "clock", "", "stands still until the patient answers")
    say(f"{decided.provider.name} asked the patient")
    return visit

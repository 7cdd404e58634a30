"""Emergency access, the last step: somebody else says whether it was justified. Until then its owner breaks no other."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db, instant
from ...lib.refusal import Invalid, Refused
from ...models import BrokenGlass, Case, CaseStatus, Customer, GlassStatus
from .. import cases
from .._act import act, concerns, performing, say
from .._actor import Actor
from .._find import Listing, among, exactly, one_of_ours
from ..notes import READ_PHI
from ..sight import seen
from ._break_glass import CASE, NotYours, OnlyPeople, Over, is_open

VERDICTS = {
    GlassStatus.JUSTIFIED.value: "Justified: it was needed",
    GlassStatus.NOT_JUSTIFIED.value: "Not justified",
}
LIST = Listing(
    BrokenGlass,
    {
        "status": among(BrokenGlass.status, GlassStatus, "Open, closed, or what the review said."),
        "customer": one_of_ours(BrokenGlass.customer_id, "Whose health data; our id or its URL."),
        "by": exactly(BrokenGlass.by_id, "Who opened it, by the id of a member of staff.", few=True),
    },
)
find = LIST.find
_LATE = "Late: "


class StillOpen(Refused):
    """Its hour is not over, and it was not closed."""


@act(private=("note",))
def review(broken_glass_id: str, *, verdict: str, note: str, by: Actor) -> BrokenGlass:
    """Say whether it was justified. Ends its case. Raises OnlyPeople, NotYours, StillOpen, Over, Invalid."""
    glass = BrokenGlass.lock(broken_glass_id)
    if not by.human:
        raise OnlyPeople("A program cannot review this: a person has to look at it.")
    if by.id == glass.by_id or by.person == glass.person:
        raise NotYours("You opened it yourself: somebody else has to review it.")
    if glass.reviewed:
        raise Over(f"{glass.reviewed_by} has reviewed it already.")
    if is_open(glass):
        raise StillOpen("It is still open: review it once it is closed or its hour is over.")
    if verdict not in VERDICTS:
        raise Invalid({"verdict": ["Say whether it was justified."]})
    if verdict == GlassStatus.NOT_JUSTIFIED and not note.strip():
        raise Invalid({"note": ["Say why it was not."]})
    glass.reviewed_at = performing().now
    glass.reviewed_by, glass.reviewed_by_id = by.label, by.id
    glass.note = note.strip() or None
    glass.move_to(GlassStatus(verdict))
    cases.close_when_solved(CASE, glass.id, verdict)
    say(f"Reviewed the emergency access of {glass.by}: {VERDICTS[glass.status].lower()}")
    return glass


def overdue() -> list[str]:
    """What nobody has reviewed within a day, and whose case does not say so yet."""
    query = (
        select(BrokenGlass.id)
        .join(Case, Case.subject_id == BrokenGlass.id)
        .where(BrokenGlass.reviewed_at.is_(None), BrokenGlass.review_by <= instant())
        .where(Case.status == CaseStatus.OPEN, Case.says.not_like(f"{_LATE}%"))
    )
    return list(db.session.scalars(query))


@act(robots=("clock",))
def remind(broken_glass_id: str, *, by: Actor) -> BrokenGlass:
    """A day is over and nobody has reviewed it: its case says so, wherever it is listed."""
    glass = BrokenGlass.lock(broken_glass_id)
    if not glass.reviewed:
        says = f"{_LATE}nobody has reviewed within a day why {glass.by} opened a patient's health details."
        cases.open_case(CASE, glass.id, says=says)
        concerns(glass.customer_id)
        say("The review of an emergency access is late")
    return glass


def told_why(glass: BrokenGlass, *, to: Actor) -> tuple[str | None, str | None]:
    """The reason, and what the review said to it: for who opened it, who reviews, and who reads notes on health."""
    if to.id != glass.by_id and not (to.may("phi.review") or to.may(READ_PHI)):
        return None, None
    seen(glass.id, "reason", by=to, customer_id=glass.customer_id)
    return glass.reason, glass.note


def patient_of(glass: BrokenGlass) -> Customer:
    return Customer.require(glass.customer_id)


def _only_by_review(*_: object, **__: object) -> None:
    raise AssertionError("cases ask `instead` first")


cases.remedy(
    BrokenGlass.PREFIX,
    cases.Remedy(
        retry=_only_by_review,
        settle=_only_by_review,
        dismiss=_only_by_review,
        fixable=lambda _: (),
        instead="Only its review ends this case.",
    ),
)

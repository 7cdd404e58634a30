"""Emergency access: break the glass -> close it -> review. One patient, one hour, and a second person looks at why.

It needs PostgreSQL and nothing else: no queue, no e-mail, no identity provider (45 CFR 164.312(a)(2)(ii)).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from ...db import db, now
from ...lib.refusal import Invalid, Refused
from ...models import BIRTH_DATES, PRODUCTS, BrokenGlass, Customer, GlassStatus
from .. import cases
from .._act import act, performing, say
from .._actor import Actor
from ..notes import READ_PHI

OPEN_FOR = timedelta(minutes=60)
REVIEWED_WITHIN = timedelta(hours=24)
CASE = "break_glass"
STANDING = (PRODUCTS, BIRTH_DATES, READ_PHI)  # who has all of these reads it without breaking anything
_WORDS = 5  # a sentence has


class OnlyPeople(Refused):
    """A program has no emergencies."""


class NotNeeded(Refused):
    """They may read it as it is."""


class ReviewFirst(Refused):
    """What they opened last has not been reviewed by somebody else."""


class NotYours(Refused):
    """Somebody else opened it, or they opened it themselves and may not judge it."""


class Over(Refused):
    """It is closed, or its time is over."""


@act(private=("reason",))
def break_glass(customer_id: str, *, reason: str, by: Actor) -> BrokenGlass:
    """Open a patient's health data to `by` for an hour. Whoever reviews is told at once, by a case.

    Raises OnlyPeople, NotNeeded, ReviewFirst, Invalid when `reason` is no sentence.
    """
    if not by.human:
        raise OnlyPeople("A program cannot break the glass: a person has to.")
    if may_read_anyway(by):
        raise NotNeeded("You may read this patient's health details as it is: nothing needs to be broken.")
    if len(reason.split()) < _WORDS or len(reason) > 2000:
        raise Invalid({"reason": ["Say in a sentence what the emergency is."]})
    customer = Customer.lock(customer_id)
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"glass {by.person}", 0))))
    if last := BrokenGlass.unreviewed_of(by.person):
        raise ReviewFirst(f"What you opened last has not been reviewed yet. Ask a colleague: {last.url}")
    at = performing().now
    glass = BrokenGlass(
        status=GlassStatus.OPEN,
        customer_id=customer.id,
        by=by.label,
        by_id=by.id,
        person=by.person,
        created_at=at,
        expires_at=at + OPEN_FOR,
        review_by=at + REVIEWED_WITHIN,
        trace_id=performing().trace,
    )
    glass.reason = reason.strip()
    glass.add()
    cases.open_case(
        CASE,
        glass.id,
        says=f"{by.label} opened a patient's health details in an emergency. Somebody else has to review it within a day.",
        behind_id=glass.id,
        suggests={"act": "phi.review", "label": "Review it", "url": f"{glass.url}/review"},
        about=[customer.id],
    )
    say("Broke the glass: the patient's health details are open for an hour")
    return glass


@act
def close_glass(broken_glass_id: str, *, by: Actor) -> BrokenGlass:
    """Close before the hour is over. Raises NotYours, Over."""
    glass = BrokenGlass.lock(broken_glass_id)
    if glass.by_id != by.id:
        raise NotYours(f"{glass.by} opened it, and closes it. It ends by itself.")
    if not is_open(glass):
        raise Over("It is closed already.")
    glass.expires_at = performing().now
    glass.move_to(GlassStatus.CLOSED)
    say("Closed the patient's health details")
    return glass


def may_read_anyway(by: Actor) -> bool:
    return all(by.may(right) for right in STANDING)


def is_open(glass: BrokenGlass) -> bool:
    return glass.status == GlassStatus.OPEN and glass.expires_at > now()

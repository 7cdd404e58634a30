"""Saying how long something may take: in general, of a product, at a pharmacy, or of a product at a pharmacy."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import Pharmacy, Product, ServiceLevel, WorkCalendar
from .._act import act, performing, say, warn
from .._actor import Actor
from ._declare import codes
from ._levels import Level, levels

LONGEST = timedelta(days=400)


class UnknownCode(Refused):
    """There is no such code."""


class SameAsBefore(Refused):
    """It may take exactly as long already."""


@act
def set_limit(
    *,
    code: str,
    pharmacy_id: str | None,
    sku: str | None,
    warn_after: int,
    late_after: int,
    calendar: str | None,
    why: str,
    by: Actor,
) -> ServiceLevel:
    """Say after how many minutes it is warned of and late, counted in the hours of a calendar, or round the clock.

    Holds from now on for what is open too. Raises UnknownCode, SameAsBefore, Invalid.
    """
    declared = codes().get(code)
    if declared is None:
        raise UnknownCode(f"There is no code {code[:40]}.", field="code")
    _check(pharmacy_id, sku, warn_after, late_after, calendar, why)
    found = _lock(code, pharmacy_id, sku)
    held = levels()
    before = held.of(code, declared.limit, declared.team, pharmacy_id, sku)
    after = Level(
        timedelta(minutes=warn_after), timedelta(minutes=late_after), held.counted_in(calendar), calendar
    )
    if (before.warn, before.breach, before.hours) == (after.warn, after.breach, after.hours):
        raise SameAsBefore(f"It is {after.words} already.")
    if found is None:
        found = ServiceLevel(code=code, pharmacy_id=pharmacy_id, sku=sku, created_at=performing().now)
    found.warn_minutes, found.breach_minutes, found.calendar = warn_after, late_after, calendar
    found.why, found.by = why.strip(), by.label
    found.add()
    warn(f"Until now it was {before.words}.")
    if warn_after == late_after:
        warn("It is late as soon as it is warned of: nobody is told before.")
    say(f"{code}{where(pharmacy_id, sku)} is {after.words}: {found.why}")
    return found


def where(pharmacy_id: str | None, sku: str | None) -> str:
    """Of which part of a code a limit is, as it follows its code in a sentence."""
    pharmacy = Pharmacy.get(pharmacy_id) if pharmacy_id else None
    return (f" of {sku}" if sku else "") + (f" at {pharmacy.name}" if pharmacy else "")


def _check(
    pharmacy_id: str | None, sku: str | None, warn_after: int, late_after: int, calendar: str | None, why: str
) -> None:
    wrong = {}
    if pharmacy_id and Pharmacy.get(pharmacy_id) is None:
        wrong["pharmacy_id"] = ["There is no such pharmacy."]
    if sku and Product.by_sku(sku) is None:
        wrong["sku"] = ["There is no product with this SKU."]
    if calendar and db.session.scalar(select(WorkCalendar.id).where(WorkCalendar.name == calendar)) is None:
        wrong["calendar"] = ["There is no such calendar."]
    most = int(LONGEST.total_seconds() // 60)
    if not -most <= warn_after <= most:
        wrong["warn_after"] = [f"At most {LONGEST.days} days."]
    if not warn_after <= late_after <= most:
        wrong["late_after"] = [f"Not before it is warned of, and at most {LONGEST.days} days."]
    if not 0 < len(why.strip()) <= 500:
        wrong["why"] = ["Say why, in at most 500 characters."]
    if wrong:
        raise Invalid(wrong)


def _lock(code: str, pharmacy_id: str | None, sku: str | None) -> ServiceLevel | None:
    """The row of exactly that, locked: one change at a time."""
    query = select(ServiceLevel).where(
        ServiceLevel.code == code,
        ServiceLevel.pharmacy_id.is_not_distinct_from(pharmacy_id),
        ServiceLevel.sku.is_not_distinct_from(sku),
        ServiceLevel.active,
    )
    return db.session.scalar(query.with_for_update())

"""What stands on a line that people add. It leaves the house and is read by whoever opens the invoice: no word of health."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set

from sqlalchemy import literal, select, union_all

from ...db import db
from ...models import Product

LONGEST = 100
# What people choose from; anything else is looked at word by word.
NEUTRAL = (
    "Goodwill credit",
    "Correction of an earlier charge",
    "Shipping",
    "Shipping credit",
    "Price as agreed",
    "Discount",
    "Service fee",
    "Credit for a missed delivery",
)
_DOSE = re.compile(r"\d\s*(?:%|mg|mcg|µg|ml|iu)(?![a-z])", re.IGNORECASE)
_WORD = re.compile(r"[a-z]{4,}")


def why_not_written(text: str) -> str | None:
    """Why that cannot stand on an invoice, in a sentence; None when it can. One statement for words of one's own."""
    return None if text.strip() in NEUTRAL else _why_not(text, drugs())


def why_none_written(texts: Iterable[str]) -> str | None:
    """The same of many at once: why the first that cannot cannot."""
    known = drugs()
    return next((why for text in texts if (why := _why_not(text, known))), None)


def _why_not(text: str, drugs: Set[str]) -> str | None:
    text = text.strip()
    if text in NEUTRAL:
        return None
    if not text:
        return "Say what the line is for."
    if len(text) > LONGEST:
        return f"At most {LONGEST} characters."
    if _DOSE.search(text):
        return "This looks like a dose. Nothing about a treatment may stand on an invoice."
    told = drugs & {*_WORD.findall(text.lower())}
    if told:
        return f"“{min(told)}” is the name of a drug. Nothing about a treatment may stand on an invoice."
    return None


def drugs() -> set[str]:
    """Every word of the strengths in the registry, "tretinoin 0.05 %" gives tretinoin; and the long ones of prescription
    products' names, which creams and gels are not."""
    strengths = select(Product.strength).where(Product.strength.is_not(None))
    names = select(Product.name).where(Product.needs_prescription)
    found = db.session.execute(union_all(strengths.add_columns(literal(4)), names.add_columns(literal(7))))
    return {word for text, least in found for word in _WORD.findall(str(text).lower()) if len(word) >= least}

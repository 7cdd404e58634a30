"""What stands on a line that people add. It leaves the house and is read by whoever opens the invoice: no word of health."""

from __future__ import annotations

import re

from sqlalchemy import select

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
    text = text.strip()
    if text in NEUTRAL:
        return None
    if not text:
        return "Say what the line is for."
    if len(text) > LONGEST:
        return f"At most {LONGEST} characters."
    if _DOSE.search(text):
        return "This looks like a dose. Nothing about a treatment may stand on an invoice."
    told = _drugs() & {*_WORD.findall(text.lower())}
    if told:
        return f"“{min(told)}” is the name of a drug. Nothing about a treatment may stand on an invoice."
    return None


def _drugs() -> set[str]:
    """Every word of the strengths in the registry: "tretinoin 0.05 %" gives tretinoin."""
    strengths = db.session.scalars(select(Product.strength).where(Product.strength.is_not(None)).distinct())
    return {word for strength in strengths for word in _WORD.findall(str(strength).lower())}

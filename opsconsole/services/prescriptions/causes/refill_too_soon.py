"""The last fill is to last longer: it may be filled from a day that the pharmacy names."""

from __future__ import annotations

from ....models import Fill
from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found, Offer
from ._offers import answer, ask, of_fill, of_order, resend, waits_for
from ._seen import Seen

TITLE = "It is too soon to fill it again"


def find(seen: Seen) -> Found | None:
    fill = seen.troubled("refill_too_soon")
    if fill is None:
        return None
    day = f"{fill.due_on:%-d %b %Y}" if fill.due_on else None
    evidence = of_fill(fill)
    if day:
        evidence.insert(0, Evidence("May be filled from", day, fill.url))
    offers = [
        *answer(
            fill,
            "fill_when_due",
            "Have it filled when it is due",
            "The pharmacy makes it up on the first day it may.",
        ),
        *resend(seen, fill, "It is due now: send the fill again"),
        *_renewals(seen, fill),
        ask(seen, "refill_too_soon"),
    ]
    says = f"The last fill is not used up yet: it may be filled {f'from {day} on' if day else 'later'}."
    return Found(says, Fixer.OPS, [*evidence, *of_order(seen.order)], offers, waits_for(fill))


def _renewals(seen: Seen, fill: Fill) -> list[Offer]:
    """The next charge is moved along, so that it does not come too soon again."""
    if not fill.due_on or fill.due_on <= seen.on:
        return []
    does = "The next charge, and the parcel that goes with it, comes on that day."
    return [
        Offer(
            "subscriptions.reschedule",
            one.id,
            "Move the next charge to that day",
            does,
            {"on": fill.due_on.isoformat()},
        )
        for one, _ in seen.renewing.values()
    ]

"""What a replacement does to the prescription: uses a fill, uses none, or waits for a new one.

Made up once more is dispensed once more, which takes a prescription with a fill left, or a pharmacy that makes good what
it or its carrier has spoilt. On an expired one nobody dispenses, whatever the pharmacy's policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...lib.refusal import Refused
from ...models import Fill
from .. import gates, pharmacies
from .reasons import Reason

# What a new prescription puts right; anything else that keeps it here somebody has to mend first.
_WAITS = {
    "rx_expired": "The prescription has expired: it waits for a new one. Nobody dispenses on an expired one.",
    "rx_expires_soon": "The prescription expires before it can be filled: it waits for a new one.",
    "no_refills": "No fill of the prescription is left: it waits for a new one.",
    "rx_missing": "There is no prescription for it any more: it waits for a new one.",
}


class NotReplaceable(Refused):
    """Something keeps it from leaving: all of it at once, each with what mends it."""

    def __init__(self, blockers: Sequence[gates.Blocker]) -> None:
        super().__init__(" ".join(one.says for one in blockers), blockers=[one.as_json for one in blockers])


@dataclass(frozen=True)
class Use:
    """`says` is for Sam. `waits`: nothing goes out before there is a new prescription. `pharmacy_id` is who is asked; None
    leaves that to the usual choice."""

    says: str
    uses_fill: bool
    waits: bool
    pharmacy_id: str | None


def use_of(asked: gates.Asked, fill: Fill | None, why: Reason) -> Use:
    """What making it good does to the prescription. Raises NotReplaceable."""
    same = fill.pharmacy_id if fill and _may(asked, fill) else None
    if fill and same and fill.pharmacy.replaces_free and why.theirs and fill.external_id:
        free = gates.check(replace(asked, made_good=fill.prescription_id))
        usable = {rx.external_id: rx for rx in free.prescriptions.values()}
        if not free.blockers and fill.prescription_id in usable:
            left, name = gates.fills_left(usable[fill.prescription_id]), fill.pharmacy.name
            says = (
                f"It uses no fill of the prescription: {name} makes it good."
                if left
                else f"No fill of the prescription is left: {name} makes it good all the same."
            )
            return Use(says, uses_fill=False, waits=False, pharmacy_id=same)
    checked = gates.check(asked)
    if any(one.code not in _WAITS for one in checked.blockers):
        raise NotReplaceable(checked.blockers)
    if checked.blockers:
        says = next(words for code, words in _WAITS.items() if code in {one.code for one in checked.blockers})
        return Use(says, uses_fill=True, waits=True, pharmacy_id=None)
    return _uses(checked, same)


def _uses(checked: gates.Checked, pharmacy_id: str | None) -> Use:
    if checked.prescriptions:
        left = min(gates.fills_left(rx) for rx in checked.prescriptions.values()) - 1
        says = (
            f"It uses one fill of the prescription: {left or 'none'} {'is' if left < 2 else 'are'} left then."
        )
        return Use(says, uses_fill=True, waits=False, pharmacy_id=pharmacy_id)
    if checked.unknown:
        says = f"{', '.join(checked.unknown)} is not in the registry: whether it uses a fill, only the pharmacy can say."
        return Use(says[:200], uses_fill=True, waits=False, pharmacy_id=pharmacy_id)
    return Use("It needs no prescription, so no fill is used.", False, False, pharmacy_id)


def _may(asked: gates.Asked, fill: Fill) -> bool:
    """Can whoever sent it before send it there now?"""
    state = asked.ship_to.state if asked.ship_to else ""
    return any(
        one.may and one.pharmacy.id == fill.pharmacy_id
        for one in pharmacies.candidates(state, asked.skus, asked.on)
    )

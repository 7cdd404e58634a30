"""How much a pharmacy takes a day, and whether it is asked at all."""

from __future__ import annotations

from ...lib.refusal import Invalid, Refused
from ...models import Pharmacy
from .._act import act, say, warn
from .._actor import Actor

MOST = 100_000  # fills a day: beyond this it is a slip of the finger


class SameAsBefore(Refused):
    """It is like that already."""


@act
def limit(
    pharmacy_id: str, *, capacity: int | None, unlimited: bool, active: bool | None, by: Actor
) -> Pharmacy:
    """Set how many fills a pharmacy takes a day, or `unlimited`; and whether orders go there at all. What is None stays.

    Fills that are there already stay there. Raises SameAsBefore, Invalid.
    """
    pharmacy = Pharmacy.lock(pharmacy_id)
    if capacity is not None and unlimited:
        raise Invalid({"capacity": ["Either a number, or any number: take one of them away."]})
    if capacity is not None and not 1 <= capacity <= MOST:
        raise Invalid(
            {"capacity": [f"Between 1 and {MOST:,}. To send nothing there, set it to not working."]}
        )
    before = (pharmacy.capacity, pharmacy.active)
    if unlimited or capacity is not None:
        pharmacy.capacity = capacity
    if active is not None:
        pharmacy.active = active
    if (pharmacy.capacity, pharmacy.active) == before:
        raise SameAsBefore("It is like that already.")
    if before[1] and not pharmacy.active:
        warn(f"No order goes to {pharmacy.name} from now on. Fills that are there go on.")
    takes = "any number of fills" if pharmacy.capacity is None else f"{pharmacy.capacity:,} fills"
    say(f"{pharmacy.name} takes {takes} a day" if pharmacy.active else f"Nothing goes to {pharmacy.name}")
    return pharmacy

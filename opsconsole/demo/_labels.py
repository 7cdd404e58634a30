"""What stands on the label of each order's parcel: the pharmacy and the carrier tell of the same one."""

from __future__ import annotations

from typing import NamedTuple

from ._chance import Chance


class Label(NamedTuple):
    carrier: str
    service: str
    code: str


def label_of(order_id: str) -> Label:
    """Numbers as the carriers make them, with their check digits."""
    chance = Chance("label", order_id)
    if chance.random() < 0.8:
        digits = "9400111" + chance.digits(14)
        weighed = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(digits)))
        return Label("USPS", "GroundAdvantage", f"{digits}{-weighed % 10}")
    body = chance.digits(6) + "03" + chance.digits(7)
    weighed = sum(int(digit) * (2 if n % 2 else 1) for n, digit in enumerate(body))
    return Label("UPS", "Ground", f"1Z{body}{-weighed % 10}")

"""What each part of an order really cost: its discount and tax shared over lines and shipping, to the last cent.

Pure functions on integer minor units, so they hold for every currency. What cannot be divided evenly goes to the
largest remainders, first come first served: the sums are exact and no part ever gets more than it weighs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """A part of what was paid: `net` after discount, and the `tax` on it, in minor units."""

    net: int
    tax: int

    @property
    def total(self) -> int:
        return self.net + self.tax


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide `amount` in proportion to `weights`; the result sums to it. All weights zero: the last gets it."""
    whole = sum(weights)
    if not whole:
        return [*(0 for _ in weights[1:]), amount]
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda at: -(amount * weights[at] % whole))
    for at in by_remainder[: amount - sum(parts)]:
        parts[at] += 1
    return parts


def allocate(lines: Sequence[int], *, shipping: int, tax: int, discount: int) -> list[Share]:
    """What was paid for each line, and for shipping, which comes last.

    The discount is shared over the lines; what exceeds them goes to shipping, then to the tax. The tax is
    shared over what it is charged on. The shares sum to lines + shipping + tax - discount.
    """
    off_lines = min(discount, sum(lines))
    off_shipping = min(discount - off_lines, shipping)
    gross = [*lines, shipping]
    off = [*share(off_lines, [*lines, 0])[:-1], off_shipping]
    net = [amount - less for amount, less in zip(gross, off, strict=True)]
    taxed = net if any(net) else gross  # all of it free, and taxed all the same
    taxes = share(tax - (discount - off_lines - off_shipping), taxed)
    return [Share(*paid) for paid in zip(net, taxes, strict=True)]


def split(amount: int, left: Share) -> Share:
    """Divide part of what is left of a share into net and tax; all of it takes all of both."""
    return Share(*share(amount, [left.net, left.tax]))

"""Chance that is the same every time: each entity has a generator of its own, so a new one shifts no other."""

from __future__ import annotations

import random
import string
from datetime import datetime, timedelta

SEED = 7
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]  # ten bits each
_LETTERS = string.ascii_letters + string.digits


class Chance(random.Random):
    """A generator for one entity, with the ids that are made from it."""

    def __new__(cls, entity: str, i: object) -> Chance:
        return super().__new__(cls)  # the base class would take one argument only

    def __init__(self, entity: str, i: object) -> None:
        super().__init__(f"{SEED}:{entity}:{i}")

    def our_id(self, prefix: str, at: datetime) -> str:
        """An id of ours, in the form of `lib.ids`: it sorts by the instant at which it was made."""
        number = (int(at.timestamp() * 1_000_000) << 72) | self.getrandbits(72)
        return f"{prefix}_" + "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])

    def stripe_id(self, prefix: str) -> str:
        """`pi_3` and 23 letters, as Stripe has made them since 2021; customers have 14."""
        if prefix == "cus":
            return "cus_" + self.letters(14)
        return f"{prefix}_3" + self.letters(23)

    def letters(self, count: int) -> str:
        return "".join(self.choices(_LETTERS, k=count))

    def digits(self, count: int) -> str:
        return "".join(self.choices(string.digits, k=count))

    def hours(self, least: float, most: float) -> timedelta:
        """In whole seconds: Stripe knows no parts of one."""
        return timedelta(seconds=self.randint(int(least * 3600), int(most * 3600)))

    def part(self, whole: timedelta, least: float, most: float) -> timedelta:
        """Between `least` and `most` of a span, in whole seconds."""
        return timedelta(seconds=int(whole.total_seconds() * self.uniform(least, most)))

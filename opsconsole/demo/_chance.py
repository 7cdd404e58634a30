"""Chance that is the same every time: each entity has a generator of its own, so a new one shifts no other."""

from __future__ import annotations

import random
import string
from datetime import datetime, timedelta
from hashlib import blake2b

SEED = 7
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _CROCKFORD for second in _CROCKFORD]  # ten bits each
_SHIFTS = range(120, -1, -10)
_LETTERS = string.ascii_letters + string.digits


def id_alone(entity: str, i: object, prefix: str, at: datetime) -> str:
    """The id of an entity that leaves nothing else to chance. Of many rows it is all there is to make up, and a
    generator for each would cost ten times as much."""
    return _spelled(
        prefix, at, int.from_bytes(blake2b(f"{SEED}:{entity}:{i}".encode(), digest_size=9).digest())
    )


def _spelled(prefix: str, at: datetime, chance: int) -> str:
    number = (int(at.timestamp() * 1_000_000) << 72) | chance
    return f"{prefix}_" + "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])


class Chance(random.Random):
    """A generator for one entity, with the ids that are made from it."""

    def __new__(cls, entity: str, i: object) -> Chance:
        return super().__new__(cls)  # the base class would take one argument only

    def __init__(self, entity: str, i: object) -> None:
        super().__init__(f"{SEED}:{entity}:{i}")

    def our_id(self, prefix: str, at: datetime) -> str:
        """An id of ours, in the form of `lib.ids`: it sorts by the instant at which it was made."""
        return _spelled(prefix, at, self.getrandbits(72))

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

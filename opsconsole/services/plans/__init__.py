"""Several acts about one order, decided on together: make -> each goes its way -> what follows when one ends otherwise."""

from ._compensation import TABLE, Failure, Follows, follows
from ._follow import carrier_answered, pharmacy_answered
from ._make import ANSWER, NoSuchStep, RefundAsked, make, subscription_of, why_not_parcel
from ._steps import Seen, seen
from ._withdraw import may_withdraw, withdraw

__all__ = [
    "ANSWER", "TABLE", "Failure", "Follows", "NoSuchStep", "RefundAsked", "Seen",
    "carrier_answered", "follows", "make", "may_withdraw", "pharmacy_answered", "seen", "subscription_of",
    "why_not_parcel", "withdraw",
]  # fmt: skip

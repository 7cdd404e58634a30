"""Why people pause, move and end subscriptions: the codes that acts take, and their words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """`clinical` ones are for a clinician to look at too. `told` are those that staff give for a customer."""

    code: str
    label: str
    clinical: bool = False


_ALL = (
    Reason("customer_request", "The customer asked for it"),
    Reason("travel", "They are away"),
    Reason("too_much_product", "They have enough of it"),
    Reason("financial", "They cannot afford it now"),
    Reason("irritation", "Their skin is irritated", clinical=True),
    Reason("pregnancy", "They are pregnant, or may be", clinical=True),
    Reason("rx_expired", "The prescription has expired"),
    Reason("awaiting_clinician", "A clinician has to decide first"),
    Reason("shipping_hold", "It cannot be shipped now"),
    Reason("other", "Something else"),
)
REASONS = {reason.code: reason for reason in _ALL}
CHOICES = [(reason.code, reason.label) for reason in _ALL]

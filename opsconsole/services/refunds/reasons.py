"""Why money goes back: our reasons, as a tree, and the one of three words the processor is told.

Source of the processor's side: docs.stripe.com/api/refunds/create (reason).
"""

from __future__ import annotations

from dataclasses import dataclass

from ...vendors.payments import RefundReason


@dataclass(frozen=True)
class Reason:
    """`group` heads it in forms, `tells` is what the processor hears, `warns` what else it causes."""

    code: str
    group: str
    label: str
    tells: RefundReason = RefundReason.REQUESTED
    warns: str | None = None


_ALL = (
    Reason("never_arrived", "The parcel", "It never arrived"),
    Reason("damaged", "The parcel", "It arrived damaged"),
    Reason("wrong_item", "The parcel", "It was the wrong item"),
    Reason("cancelled_before_ship", "The parcel", "Called off before it shipped"),
    Reason("adverse_reaction", "The treatment", "The customer reacted badly to it"),
    Reason("clinically_rejected", "The treatment", "A clinician declined to prescribe"),
    Reason("duplicate_charge", "The money", "Charged twice", RefundReason.DUPLICATE),
    Reason("billing_error", "The money", "We charged the wrong amount"),
    Reason("price_adjustment", "The money", "A price or promotion applied late"),
    Reason(
        "fraud",
        "The money",
        "The payment was fraudulent",
        RefundReason.FRAUDULENT,
        "Stripe will also block this card and this e-mail address for all future payments.",
    ),
    Reason("goodwill", "Kindness", "Goodwill: the order stays as it is"),
    Reason("other", "Kindness", "Something else (say what in the note)"),
)
REASONS = {reason.code: reason for reason in _ALL}

"""Who has to do something next, and who in the company sees to it."""

from __future__ import annotations

from ..lib.worded import Worded


class Holder(Worded):
    """Who has the ball, with the words for "with …"."""

    PATIENT = "patient", "the customer"
    CLINIC = "clinic", "the clinic"
    PHARMACY = "pharmacy", "the pharmacy"
    CARRIER = "carrier", "the carrier"
    PAYMENT = "payment", "Stripe or the bank"
    US = "us", "us"
    NOBODY = "nobody", "nobody"


class Team(Worded):
    """Whose work something is, with the team's name."""

    SUPPORT = "support", "Support"
    OPS = "ops", "Ops"
    CLINIC = "clinic", "Clinic"
    FINANCE = "finance", "Finance"
    ENGINEERING = "engineering", "Engineering"

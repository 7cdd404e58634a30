"""Whose work a case is, and since when it lasts too long: told by its reason where nothing else tells it.

What is stuck brings its own team and its own limits; what waits for a decision, its own last instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ...lib.business_time import Limit
from ...models import Team

#: What is not listed with a team is ops'.
_TEAMS: Mapping[Team, frozenset[str]] = {
    Team.FINANCE: frozenset((
        "refund_failed", "charge_failed", "invoice_not_finalised", "hold_forgotten", "reference_used_twice",
        "payment_without_order", "double_subscription", "subscription_without_customer", "refunded_beyond_paid",
        "does_not_tie_out", "payout_failed", "harm_refunded_beyond_paid", "harm_subscribed_twice",
        "harm_charged_uncovered",
    )),
    Team.CLINIC: frozenset((
        "flag_undecided", "clinically_rejected", "rx_not_replaced", "opinions_differ", "visit_overdue",
        "clinical_pause", "product_mismatch", "two_prescriptions", "rx_missing", "sig_unclear", "quantity_mismatch",
        "refill_too_soon", "no_refills", "rx_expired", "duplicate_therapy", "interaction", "therapy_change", "md_outreach",
        "harm_shipped_after_deny", "harm_resumed_uncovered", "replacement_needs_rx", "swap_needs_prescription",
    )),
    Team.SUPPORT: frozenset((
        "message_bounced", "message_not_sent", "notice_missed", "address_unverifiable", "bad_address",
        "lost_parcel_arrived", "replaced_parcel_arrived", "harm_written_after_opt_out",
    )),
    Team.ENGINEERING: frozenset((
        "poison_payload", "our_fault", "vendor_status_unknown", "vendor_refuses_credentials", "form_unknown",
        "form_not_asked", "unknown_problem",
    )),
}  # fmt: skip
_OF = {reason: team for team, reasons in _TEAMS.items() for reason in reasons}

# An act that somebody has to intervene in waits four hours at most (the fourth is too long), worth a look after one.
USUAL = Limit(timedelta(hours=1), timedelta(hours=4))
_AT_ONCE = Limit(timedelta(minutes=15), timedelta(hours=1))
_DAY = Limit(timedelta(hours=8), timedelta(hours=24))
_LIMITS: Mapping[str, Limit] = {
    **dict.fromkeys(
        (
            "break_glass", "intercept", "refunded_but_ships", "shipped_after_cancel", "two_copies",
            "invoice_not_finalised", "vendor_refuses_credentials",
        ),
        _AT_ONCE,
    ),
    **dict.fromkeys(
        (
            "drift", "does_not_tie_out", "vendor_status_unknown", "parcel_late", "parcel_renumbered",
            "parcel_not_followed", "message_bounced", "hold_overdue", "reference_used_twice", "opinions_differ",
            "rx_not_replaced", "form_unknown", "form_not_asked", "state_not_served", "patient_unknown",
            "subscription_without_customer", "lost_parcel_arrived", "replaced_parcel_arrived",
        ),
        _DAY,
    ),
}  # fmt: skip

# What is harmful, or where nobody knows where money is, stands before the rest.
_GRAVE = frozenset((
    "break_glass", "unknown_outcome", "refunded_beyond_paid", "does_not_tie_out", "double_subscription", "two_copies",
    "shipped_after_cancel", "refunded_but_ships", "wrong_strength_sent", "two_prescriptions", "interaction",
    "duplicate_therapy", "flag_undecided",
))  # fmt: skip
_TIER = 10**11  # more seconds than any instant has, as in the urgency of what is stuck


def team_of(reason: str) -> Team:
    """Whose work cases of this reason are."""
    return _OF.get(reason, Team.OPS)


def limit_of(reason: str) -> Limit:
    """After how long a case of this reason is worth a look, and after how long that is too long."""
    return _AT_ONCE if reason.startswith("harm_") else _LIMITS.get(reason, USUAL)


def urgency(reason: str, due_at: datetime) -> int:
    """What orders the queue, the smallest first: what is grave, then the rest; each by the instant from which it lasts too
    long."""
    tier = 1 if reason in _GRAVE or reason.startswith("harm_") else 2
    return tier * _TIER + int(due_at.timestamp())


def fingerprint(vendor: str | None, code: str, step: str | None) -> str:
    """By which those of one cause are known: who, what they said, and at which step. No ids."""
    return ":".join(filter(None, (vendor, code, step)))[:80]

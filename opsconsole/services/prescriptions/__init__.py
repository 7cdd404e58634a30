"""Prescriptions, mirrored from the healthcare system, and what it is asked about them: prescribe, resend, cancel."""

from ._ask import NotKnownThere, ask, asked, not_asked
from ._cancel import OUTCOMES, REASONS, NotCancelable, NotRecordable, cancel, record_outcome, withdraw
from ._clock import escalate, expire, expiring, recognise, recognised, unanswered
from ._find import LIST, REQUESTS, find, find_requests
from ._hooks import when_settled
from ._map import waiting
from ._prescribe import AlreadyPrescribed, prescribe, take_back, write, written
from ._resend import NotResendable, resend
from ._settle import settle, settle_dispense, settle_request
from ._two import live
from ._unknown import (
    EVIDENCE,
    AlreadyLinked,
    BirthDateDiffers,
    OtherPatient,
    link,
    patient_now,
    read_all,
    take_in,
    why_not_link,
)
from ._when_answered import when_answered
from ._why_not import at_pharmacy, why_not_cancel, why_not_record, why_not_resend, why_not_withdraw
from ._windows import ACK_WINDOW

__all__ = [
    "ACK_WINDOW", "EVIDENCE", "LIST", "OUTCOMES", "REASONS", "REQUESTS", "AlreadyLinked", "AlreadyPrescribed",
    "BirthDateDiffers", "NotCancelable", "NotKnownThere", "NotRecordable", "NotResendable", "OtherPatient", "ask",
    "asked", "at_pharmacy", "cancel", "escalate", "expire", "expiring", "find", "find_requests", "link", "live",
    "not_asked", "patient_now", "prescribe", "read_all", "recognise", "recognised", "record_outcome", "resend",
    "settle", "settle_dispense", "settle_request", "take_back", "take_in", "unanswered", "waiting", "when_answered",
    "when_settled", "why_not_cancel", "why_not_link", "why_not_record", "why_not_resend", "why_not_withdraw",
    "withdraw", "write", "written",
]  # fmt: skip

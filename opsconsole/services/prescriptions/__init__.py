"""Prescriptions, mirrored from the healthcare system, and what it is asked about them: prescribe, resend, cancel. What keeps
one from being filled is found (`causes`), and put right around it (`fix`): nobody here changes what stands on one."""

from ._ask import NotKnownThere, ask, asked, not_asked
from ._cancel import OUTCOMES, REASONS, NotCancelable, NotRecordable, cancel, record_outcome, withdraw
from ._clock import escalate, expire, expiring, recognise, recognised, unanswered
from ._differs import Difference, Owners, differences, owners
from ._find import LIST, REQUESTS, find, find_requests
from ._fix import chosen, fix, next_steps, why_not_yours
from ._flags import flags_against
from ._hooks import when_settled
from ._map import waiting
from ._prescribe import AlreadyPrescribed, prescribe, take_back, write, written
from ._resend import NotResendable, resend
from ._settle import settle, settle_dispense, settle_request
from ._trail import Trail, of_fill, of_prescription, of_shipment
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
from .causes import ASK, CAUSES, Evidence, Finding, Known, Offer, diagnose, who_may

__all__ = [
    "ACK_WINDOW", "ASK", "CAUSES", "EVIDENCE", "LIST", "OUTCOMES", "REASONS", "REQUESTS", "AlreadyLinked",
    "AlreadyPrescribed", "BirthDateDiffers", "Difference", "Evidence", "Finding", "Known", "NotCancelable", "NotKnownThere",
    "NotRecordable", "NotResendable", "Offer", "OtherPatient", "Owners", "Trail", "ask", "asked", "at_pharmacy",
    "cancel", "chosen", "diagnose", "differences", "escalate", "expire", "expiring", "find", "find_requests", "fix",
    "flags_against", "link", "live", "next_steps", "not_asked", "of_fill", "of_prescription", "of_shipment", "owners",
    "patient_now", "prescribe", "read_all", "recognise", "recognised", "record_outcome", "resend", "settle",
    "settle_dispense", "settle_request", "take_back", "take_in", "unanswered", "waiting", "when_answered",
    "when_settled", "who_may", "why_not_cancel", "why_not_link", "why_not_record", "why_not_resend",
    "why_not_withdraw", "why_not_yours", "withdraw", "write", "written",
]  # fmt: skip

"""It is signed, and has not got through to the pharmacy."""

from __future__ import annotations

from datetime import timedelta

from ....models import Prescription, PrescriptionRequest, PrescriptionStatus, RequestKind, RequestStatus
from ....vendors.pharmacy.codes import Fixer
from .._why_not import why_not_resend
from ._finding import Evidence, Found, Offer, Waits
from ._offers import of_order, of_rx, on_day
from ._seen import Seen

TITLE = "The prescription has not got through to the pharmacy"
LATE = timedelta(hours=1)  # a signed one is there within minutes
#: NCPDP SCRIPT's words for trouble on the way, where the same again may get through.
AGAIN = ("600", "602")
_R = RequestStatus
_ON_ITS_WAY = (_R.PLANNED, _R.SUBMITTED, _R.REQUESTED)


def find(seen: Seen) -> Found | None:
    """Its sending broke down on the way, or nobody has confirmed it for an hour."""
    for rx in seen.prescriptions if seen.leaving else ():
        sent = seen.request(rx, RequestKind.TRANSMIT)
        if rx.status != PrescriptionStatus.ACTIVE or sent is None:
            continue
        if sent.status == _R.FAILED and (sent.failure_code or "600") in AGAIN:
            return _broke(seen, rx, sent)
        if sent.status in _ON_ITS_WAY:
            return _unheard(seen, rx, sent)
    return None


def _broke(seen: Seen, rx: Prescription, sent: PrescriptionRequest) -> Found:
    why_not = why_not_resend(rx, seen.now)
    does = "The same signed prescription goes to the same pharmacy once more; nothing on it changes."
    offers = [] if why_not else [Offer("prescriptions.resend", rx.id, "Have it sent again", does)]
    how = Evidence("How it stands", f"broke down on the way ({sent.failure_code or 'no code'})")
    says = "The signed prescription has not got through: have it sent again."
    waits = Waits(why_not, rx.url) if why_not else None
    return Found(says, Fixer.OPS, [*_sent(seen, rx, sent), how], offers, waits)


def _unheard(seen: Seen, rx: Prescription, sent: PrescriptionRequest) -> Found | None:
    """What nobody has answered may still arrive: sent again, the pharmacy could have it twice. So they are called."""
    if seen.now - sent.status_since <= LATE:
        if not seen.troubled("rx_missing"):
            return None  # on its way, as it should be
        says = "The prescription is on its way to the pharmacy."
        waits = Waits("It is being sent again. The pharmacy answers within the hour, mostly.", rx.url)
        return Found(says, Fixer.PHARMACY, _sent(seen, rx, sent), [], waits)
    does = "Whether they have it. What waits for the answer goes on from it."
    call = Offer(
        "prescriptions.record_outcome", sent.id, "Call the pharmacy, and write down what they said", does
    )
    how = Evidence("How it stands", "nobody has confirmed it")
    says = "Nobody has confirmed the signed prescription: call the pharmacy before it is sent again."
    return Found(says, Fixer.OPS, [*_sent(seen, rx, sent), how], [call])


def _sent(seen: Seen, rx: Prescription, sent: PrescriptionRequest) -> list[Evidence]:
    return [of_rx(rx), Evidence("Sent", on_day(sent.created_at)), *of_order(seen.order)]

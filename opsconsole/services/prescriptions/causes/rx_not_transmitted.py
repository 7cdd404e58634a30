"""It is signed, and has not got through to the pharmacy."""

from __future__ import annotations

from datetime import timedelta

from ....models import PrescriptionRequest, PrescriptionStatus, RequestKind, RequestStatus
from ....vendors.pharmacy.codes import Fixer
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
    """Its sending broke down on the way, or nobody has confirmed it for an hour. What was sent moments ago is under way."""
    for rx in seen.prescriptions if seen.leaving else ():
        sent = seen.request(rx, RequestKind.TRANSMIT)
        if (
            rx.status != PrescriptionStatus.ACTIVE
            or sent is None
            or sent.status in (_R.DECLINED, _R.WITHDRAWN)
        ):
            continue
        broke = sent.status == _R.FAILED and (sent.failure_code or "600") in AGAIN
        late = sent.status in _ON_ITS_WAY and seen.now - sent.status_since > LATE
        if broke or late:
            return _found(seen, sent, broke, of_rx(rx), rx.id)
        if sent.status in _ON_ITS_WAY and _before(seen, sent):
            waits = Waits("It is being sent again. The pharmacy answers within the hour, mostly.", rx.url)
            evidence = [of_rx(rx), Evidence("Sent again", on_day(sent.created_at)), *of_order(seen.order)]
            return Found(
                "The prescription is on its way to the pharmacy.", Fixer.PHARMACY, evidence, [], waits
            )
    return None


def _found(seen: Seen, sent: PrescriptionRequest, broke: bool, rx: Evidence, rx_id: str) -> Found:
    how = f"broke down on the way ({sent.failure_code or 'no code'})" if broke else "nobody has confirmed it"
    does = "The same signed prescription goes to the same pharmacy once more; nothing on it changes."
    again = Offer("prescriptions.resend", rx_id, "Have it sent again", does)
    evidence = [
        rx,
        Evidence("Sent", on_day(sent.created_at)),
        Evidence("How it stands", how),
        *of_order(seen.order),
    ]
    # What nobody has answered may still arrive: sent again, the pharmacy could have it twice.
    asked = "call the pharmacy before it is sent again" if not broke else "have it sent again"
    return Found(f"The signed prescription has not got through: {asked}.", Fixer.OPS, evidence, [again])


def _before(seen: Seen, sent: PrescriptionRequest) -> bool:
    """Did an earlier one fail, or does the pharmacy miss it?"""
    return seen.troubled("rx_missing") is not None or bool(sent.reason)

"""The network, or the pharmacy's system, would not take it as it is addressed."""

from __future__ import annotations

from ....models import PrescriptionStatus, RequestKind, RequestStatus
from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found, Offer
from ._offers import ask, of_order, of_rx, on_day
from ._seen import Seen
from .rx_not_transmitted import AGAIN

TITLE = "The network rejected the prescription"


def find(seen: Seen) -> Found | None:
    """NCPDP SCRIPT 601 and 900: the same again is rejected again, until somebody's identifiers are put right."""
    for rx in seen.prescriptions if seen.leaving else ():
        sent = seen.request(rx, RequestKind.TRANSMIT)
        if rx.status != PrescriptionStatus.ACTIVE or sent is None:
            continue
        failed = sent.status == RequestStatus.FAILED and (sent.failure_code or "600") not in AGAIN
        if not (failed or sent.status == RequestStatus.DENIED):
            continue
        doctor = seen.prescriber()
        evidence = [of_rx(rx), Evidence("Rejected", on_day(sent.status_since)),
                    Evidence("Its code", sent.failure_code or "none told"), *of_order(seen.order)]  # fmt: skip
        if doctor:
            evidence.append(Evidence("Prescriber", f"{doctor.name}, NPI {doctor.npi}", doctor.url))
        offers = [
            Offer(
                "prescriptions.resend", rx.id, "They are right now: send it again",
                "The same signed prescription goes out once more; nothing on it changes.",
            ),
            ask(seen, "rx_rejected_by_network", rx),
        ]  # fmt: skip
        says = "The network would not take the prescription: identifiers have to be put right before it is sent again."
        return Found(says, Fixer.OPS, evidence, offers)
    return None

"""Every fill of it is used."""

from __future__ import annotations

from ....models import PrescriptionStatus, Renewal, RenewalStatus
from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found, Offer
from ._offers import ask, of_fill, of_order, of_rx, waits_for
from ._seen import Seen

TITLE = "The prescription has no fill left"


def find(seen: Seen) -> Found | None:
    fill = seen.troubled("no_refills")
    wants = seen.order is not None and seen.leaving and not seen.fills
    rx = next(
        (
            rx for rx in seen.prescriptions
            if rx.status == PrescriptionStatus.DEPLETED or (rx.status == PrescriptionStatus.ACTIVE and not rx.fills_left)
        ), None,
    ) if wants else None  # fmt: skip
    if fill is None and rx is None:
        return None
    rx = rx or next(iter(seen.prescriptions), None)
    evidence = [*(of_fill(fill) if fill else ()), *([of_rx(rx)] if rx else ()), *of_order(seen.order)]
    if rx:
        evidence.insert(0, Evidence("Fills used", f"{rx.fills_used} of {rx.fills_authorised}", rx.url))
    does = "The customer is invited to the visit that ends in a new prescription."
    renewal = Renewal.of_prescription(rx.id) if rx else None
    renew = [Offer("renewals.begin", rx.id, "Begin the renewal", does)] if rx else []
    if renewal and renewal.status != RenewalStatus.STOPPED:
        evidence.append(Evidence("Renewal", renewal.status.replace("_", " "), renewal.url))
        renew = []
    says = "Every fill of the prescription is used: a clinician has to prescribe again."
    offers = [*renew, ask(seen, "no_refills", rx)]
    return Found(says, Fixer.CLINICIAN, evidence, offers, waits_for(fill) if fill else None)

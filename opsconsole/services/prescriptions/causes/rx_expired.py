"""Its last day has passed, or passes before it can have left."""

from __future__ import annotations

from ....models import PrescriptionStatus
from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found
from ._offers import ask, of_fill, of_order, of_rx, waits_for
from ._seen import Seen

TITLE = "The prescription has expired"


def find(seen: Seen) -> Found | None:
    """Nobody extends a date: a clinician prescribes again."""
    fill = seen.troubled("rx_expired")
    rx = next(
        (
            rx for rx in seen.prescriptions
            if rx.status == PrescriptionStatus.EXPIRED
            or (rx.status == PrescriptionStatus.ACTIVE and rx.expires_on and rx.expires_on < seen.on)
        ), None,
    ) if seen.leaving else None  # fmt: skip
    if fill is None and rx is None:
        return None
    evidence = [*(of_fill(fill) if fill else ()), *([of_rx(rx)] if rx else ()), *of_order(seen.order)]
    if rx and rx.expires_on:
        evidence.insert(0, Evidence("Its last day", f"{rx.expires_on:%-d %b %Y}", rx.url))
    says = "The prescription has expired: a clinician has to prescribe again. Nobody extends the date."
    return Found(
        says, Fixer.CLINICIAN, evidence, [ask(seen, "rx_expired", rx)], waits_for(fill) if fill else None
    )

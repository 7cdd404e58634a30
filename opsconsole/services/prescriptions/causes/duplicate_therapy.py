"""Something speaks against dispensing it: like medicine, an interaction, a clinical flag; or it could be dispensed twice."""

from __future__ import annotations

from ....models import Prescription, PrescriptionStatus
from ....vendors.pharmacy.codes import Fixer
from .._flags import flags_against
from ._finding import Evidence, Found
from ._offers import ask, of_fill, of_order, of_rx, waits_for
from ._seen import Seen

TITLE = "Something speaks against dispensing it"
_LIVE = (PrescriptionStatus.ACTIVE, PrescriptionStatus.ON_HOLD)


def find(seen: Seen) -> Found | None:
    """What a pharmacist sees, two live prescriptions of a product, or a flag of the clinic's: which one is not told."""
    fill = seen.troubled("duplicate_therapy", "interaction")
    twice = _twice(seen)
    flags = flags_against(seen.customer_id, seen.order, seen.products.values()) if seen.leaving else []
    if fill is None and not twice and not flags:
        return None
    evidence = [*(of_fill(fill) if fill else ()), *(of_rx(rx, "Also live") for rx in twice)]
    if flags:
        evidence.append(Evidence("Clinical flags that stand", str(len(flags))))
    says = "Send nothing: a clinician has to say whether it may be dispensed."
    waits = waits_for(fill) if fill else None
    return Found(
        says, Fixer.CLINICIAN, [*evidence, *of_order(seen.order)], [ask(seen, "duplicate_therapy")], waits
    )


def _twice(seen: Seen) -> list[Prescription]:
    """The live prescriptions of a product of which there is more than one."""
    live = [rx for rx in seen.prescribed if rx.status in _LIVE and rx.sku in seen.needing and rx.fills_left]
    return [rx for rx in live if sum(other.sku == rx.sku for other in live) > 1]

"""It was to be canceled, and the pharmacy would not."""

from __future__ import annotations

from ....models import FillStatus, RequestKind, RequestStatus
from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found, Offer
from ._offers import of_fill, of_order, of_rx, on_day
from ._seen import Seen

TITLE = "The pharmacy would not cancel it"
SAYS = "The pharmacy would not cancel it: call them, and write down what they said."


def find(seen: Seen) -> Found | None:
    """A fill that was not stopped, or a prescription that was not canceled. Money waits for the answer, not for our wish."""
    fill = next((one for one in seen.fills if one.status == FillStatus.CANCEL_DENIED), None)
    if fill:
        again = Offer(
            "fills.cancel", fill.id, "Ask them to stop once more",
            "After a call they may say yes. Until they do, it counts as leaving.",
        )  # fmt: skip
        name = fill.pharmacy.name
        evidence = of_fill(fill) if fill.code else [Evidence(name, "would not stop it", fill.url)]
        return Found(SAYS, Fixer.OPS, [*evidence, *of_order(seen.order)], [again])
    for rx in seen.prescriptions:
        asked = seen.request(rx, RequestKind.CANCEL)
        if asked and asked.status == RequestStatus.DENIED:
            offer = Offer(
                "prescriptions.record_outcome", asked.id, "Write down what they said on the telephone",
                "Canceled or not: whatever waits for the answer goes on from it.",
            )  # fmt: skip
            evidence = [of_rx(rx), Evidence("Said no", on_day(asked.status_since)), *of_order(seen.order)]
            return Found(SAYS, Fixer.OPS, evidence, [offer])
    return None

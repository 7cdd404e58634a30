"""It was bought, and nobody has prescribed it; or the pharmacy has no prescription for it."""

from __future__ import annotations

from ....models import OrderPaymentStatus, PrescriptionStatus
from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found, Offer
from ._offers import answer, ask, of_fill, of_order, of_rx, resend, waits_for
from ._seen import Seen

TITLE = "There is no prescription"
_UNPAID = (OrderPaymentStatus.UNPAID, OrderPaymentStatus.PARTIALLY_PAID)


def find(seen: Seen) -> Found | None:
    fill = seen.troubled("rx_missing")
    signed = next((rx for rx in seen.prescriptions if rx.status == PrescriptionStatus.ACTIVE), None)
    if fill and signed:
        does = "The healthcare system sends the same signed prescription once more; nothing on it changes."
        again = Offer("prescriptions.resend", signed.id, "Have the prescription sent again", does)
        offers = [
            again,
            *answer(fill, "rx_sent", "Tell them: it was sent again", "The pharmacy looks once more."),
            *resend(seen, fill),
            ask(seen, "rx_missing", signed),
        ]
        says = "There is a signed prescription, and the pharmacy has not got it."
        return Found(
            says, Fixer.OPS, [*of_fill(fill), of_rx(signed), *of_order(seen.order)], offers, waits_for(fill)
        )
    lacking = _lacking(seen)
    if not (fill or lacking):
        return None
    evidence = [
        *(of_fill(fill) if fill else ()),
        *of_order(seen.order),
        *(Evidence("Nothing for", sku) for sku in lacking),
    ]
    says = "It was bought, and there is no prescription for it: a clinician has to write one."
    return Found(says, Fixer.CLINICIAN, evidence, [ask(seen, "rx_missing")])


def _lacking(seen: Seen) -> list[str]:
    """What was bought and paid for, and is not prescribed to them under any name that waits to be mapped."""
    order = seen.order
    if (
        order is None
        or not seen.leaving
        or seen.asked_about
        or (order.total and order.payment_status in _UNPAID)
    ):
        return []
    if any(rx.sku is None and rx.status == PrescriptionStatus.ACTIVE for rx in seen.prescribed):
        return []
    signed = [PrescriptionStatus.PENDING_SIGNATURE, PrescriptionStatus.DRAFT]
    waits = {rx.sku for rx in seen.prescribed if rx.status in signed}
    return [sku for sku in seen.needing if seen.best(sku) is None and sku not in waits]

"""The pharmacy asks for a coverage. Our patients pay themselves: none is used."""

from __future__ import annotations

from ....vendors.pharmacy.codes import Fixer
from ._finding import Found
from ._offers import answer, of_fill, of_order, resend, send_elsewhere, waits_for
from ._seen import Seen

TITLE = "The pharmacy asks for a coverage"


def find(seen: Seen) -> Found | None:
    fill = seen.troubled("prior_auth")
    if fill is None:
        return None
    says = "The pharmacy asks for a coverage that we do not use: tell them that the patient pays."
    offers = [
        *answer(
            fill, "patient_pays", "Tell them: the patient pays", "The pharmacy goes on without a coverage."
        ),
        *resend(seen, fill, "Send the fill again, without a coverage"),
        *send_elsewhere(seen, fill),
    ]
    return Found(says, Fixer.OPS, [*of_fill(fill), *of_order(seen.order)], offers, waits_for(fill))

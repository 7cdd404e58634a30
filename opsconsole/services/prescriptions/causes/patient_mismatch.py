"""Name or date of birth on the prescription are not the patient's."""

from __future__ import annotations

from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found, Offer
from ._offers import answer, ask, of_fill, of_order, of_rx, resend, waits_for
from ._seen import Seen

TITLE = "Name or date of birth do not fit"


def find(seen: Seen) -> Found | None:
    """A typo is put right with proof of who they are, and a second person; another legal name is another identity."""
    fill = seen.troubled("patient_mismatch")
    if fill is None:
        return None
    rx = next(iter(seen.prescriptions), None)
    offers = [
        Offer(
            "customers.correct",
            seen.customer_id,
            "Put a typo in the name right",
            "With proof of who they are, and a second person. A changed legal name or birth date goes to the clinic.",
            {"email": "", "phone": "", "birth_date": ""},
            second="A patient’s name is changed by two people.",
        ),
        *answer(
            fill, "record_corrected", "Tell them: the record is right now", "The pharmacy looks once more."
        ),
        *resend(seen, fill, "It is right now: send the fill again"),
        ask(seen, "patient_mismatch"),
    ]
    customer = Evidence("Customer", "as we hold them", seen.customer.url)
    evidence = [*of_fill(fill), customer, *([of_rx(rx)] if rx else ()), *of_order(seen.order)]
    says = "Name or date of birth at the pharmacy are not those on the prescription."
    return Found(says, Fixer.OPS, evidence, offers, waits_for(fill))

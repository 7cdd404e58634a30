"""The pharmacist cannot tell what the patient is to do with it."""

from __future__ import annotations

from ....vendors.pharmacy.codes import Fixer
from ._finding import Found
from ._offers import ask, of_fill, of_order, waits_for
from ._seen import Seen

TITLE = "The directions on the prescription are unclear"


def find(seen: Seen) -> Found | None:
    fill = seen.troubled("sig_unclear")
    if fill is None:
        return None
    says = "The pharmacist cannot tell how it is to be used: a clinician has to prescribe it anew."
    evidence = [*of_fill(fill), *of_order(seen.order)]
    return Found(says, Fixer.CLINICIAN, evidence, [ask(seen, "wrong_sig")], waits_for(fill))

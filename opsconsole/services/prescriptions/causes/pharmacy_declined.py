"""The pharmacy does not fill it for this patient or plan: another one may."""

from __future__ import annotations

from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found
from ._offers import of_fill, of_order, resend, send_elsewhere, waits_for
from ._seen import Seen

TITLE = "The pharmacy does not fill it"


def find(seen: Seen) -> Found | None:
    fill = seen.troubled("pharmacy_declined")
    if fill is None:
        return None
    other = seen.elsewhere(fill)
    evidence = of_fill(fill)
    name = other.pharmacy.name if other else "nobody"
    evidence.append(Evidence("Who else may and can", name, other.pharmacy.url if other else "/pharmacies"))
    says = "This pharmacy does not fill it: it has to go to another one that is licensed there."
    offers = [*send_elsewhere(seen, fill), *resend(seen, fill, "They say yes now: send it to the same one")]
    return Found(says, Fixer.OPS, [*evidence, *of_order(seen.order)], offers, waits_for(fill))

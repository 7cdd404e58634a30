"""How much is prescribed is missing, or is not what the product is."""

from __future__ import annotations

from ....vendors.pharmacy.codes import Fixer
from .._differs import differences
from ._finding import Evidence, Found
from ._offers import ask, of_fill, of_order, of_rx, waits_for
from ._seen import Seen

TITLE = "The quantity on the prescription does not fit"


def find(seen: Seen) -> Found | None:
    if fill := seen.troubled("quantity_mismatch"):
        says = "The pharmacy cannot make up the quantity that is prescribed, or finds none."
        evidence = [*of_fill(fill), *of_order(seen.order)]
        return Found(says, Fixer.CLINICIAN, evidence, [ask(seen, "quantity_mismatch")], waits_for(fill))
    for rx in seen.prescriptions if seen.leaving else ():
        product = seen.products.get(rx.sku or "")
        for one in differences(rx, product, seen.owned) if product else ():
            if product and one.code == "quantity_mismatch":
                evidence = [
                    Evidence("Prescribed a fill", one.prescribed, rx.url),
                    Evidence("In the registry", one.registered, product.url), of_rx(rx), *of_order(seen.order),
                ]  # fmt: skip
                says = f"The prescription {one.says}."
                return Found(says, Fixer.CLINICIAN, evidence, [ask(seen, "quantity_mismatch", rx)])
    return None

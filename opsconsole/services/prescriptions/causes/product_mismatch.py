"""What is prescribed is not what was bought, or nobody has said yet which product of ours it is."""

from __future__ import annotations

from ....models import OrderLine, Prescription, PrescriptionStatus, UnmappedKey
from ....vendors.pharmacy.codes import Fixer
from .._differs import differences
from ._finding import Evidence, Found, Offer
from ._offers import ask, of_order, of_rx
from ._seen import Seen

TITLE = "What is prescribed is not what was bought"


def find(seen: Seen) -> Found | None:
    if not seen.leaving:
        return None
    return _unmapped(seen) or _names_another(seen) or _bought_another(seen)


def _unmapped(seen: Seen) -> Found | None:
    """A signed one of which nobody has said which product it is: mapped once, everything that waited goes on."""
    rx = next(
        (
            rx
            for rx in seen.prescribed
            if rx.sku is None and rx.status == PrescriptionStatus.ACTIVE and rx.keys
        ),
        None,
    )
    lacking = [sku for sku in seen.needing if seen.best(sku) is None]
    if rx is None or not (lacking or rx is seen.asked_about):
        return None
    keys = [(str(one["system"]), str(one["code"])) for one in rx.keys]
    unmapped = [found for system, code in keys if (found := UnmappedKey.of(system, code))]
    evidence = [
        of_rx(rx),
        *(Evidence(f"Named by {system}", code) for system, code in keys),
        *of_order(seen.order),
    ]
    offers = [
        Offer(
            "products.map", one.id, "Say which product it is",
            "It is said once; everything that waited for it goes on.",
            {"product": lacking[0]} if lacking else {},
        )
        for one in unmapped
    ]  # fmt: skip
    says = "There is a signed prescription, and nobody has said yet which of our products it is for."
    return Found(says, Fixer.OPS_LEAD, evidence, [*offers, ask(seen, "product_mismatch", rx)])


def _names_another(seen: Seen) -> Found | None:
    """It names a product by a key that is another product's."""
    for rx in seen.prescriptions:
        product = seen.products.get(rx.sku or "")
        odd = product and next(
            (d for d in differences(rx, product, seen.owned) if d.code == "product_mismatch"), None
        )
        if product and odd:
            evidence = [
                of_rx(rx),
                Evidence("In the registry", product.sku, product.url),
                *of_order(seen.order),
            ]
            says = "By our registry the prescription names another product than the one it stands for."
            return Found(
                says,
                Fixer.CLINICIAN,
                evidence,
                [*_edit(seen, product.sku, rx), ask(seen, "product_mismatch", rx)],
            )
    return None


def _bought_another(seen: Seen) -> Found | None:
    """Nothing is prescribed for a line, and something that was prescribed was not bought."""
    bought = {line.sku for line in seen.lines}
    for sku in seen.needing:
        if seen.best(sku) is not None:
            continue
        other = next(
            (rx for rx in seen.prescribed if rx.status == PrescriptionStatus.ACTIVE and rx.fills_left
             and rx.sku not in (None, *bought)), None,
        )  # fmt: skip
        if other:
            evidence = [of_rx(other, "Prescribed"), *of_order(seen.order), Evidence("Bought", sku)]
            says = f"{sku} was bought, and the prescription is for {other.sku}."
            return Found(
                says, Fixer.OPS, evidence, [*_edit(seen, sku, other), ask(seen, "product_mismatch", other)]
            )
    return None


def _edit(seen: Seen, sku: str, rx: Prescription) -> list[Offer]:
    """Where the order's line is what is wrong: it becomes what was prescribed, as long as no pharmacy has it."""
    line: OrderLine | None = next((line for line in seen.lines if line.sku == sku), None)
    if not (seen.order and seen.ours and line and rx.sku and rx.sku != sku):
        return []
    fields = {
        "lines-0-line": line.id, "lines-0-seen": str(line.version), "lines-0-sku": rx.sku, "lines-0-quantity": "",
        "lines-0-unit_price": "", "lines-0-keep": "",
    }  # fmt: skip
    does = f"The order’s line becomes {rx.sku}, at its price of today. Ask the customer first."
    return [Offer("orders.edit", seen.order.id, f"Make the line {rx.sku}", does, fields)]

"""Which product a prescription is for, by the keys under which the vendor names what is prescribed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...models import Prescription, PrescriptionRequest, Product
from .. import cases, products
from ..products import NoOneProduct

NO_ONE = "product_mismatch"
_FIRST = ("compound", "ndc", "rxnorm")  # from what says most to what says least


def find_product(rx: Prescription) -> None:
    """Set its sku, by the first system that knows one of its keys. What nobody has mapped waits for it to be; what names two
    products, or none at all by any key, is a case."""
    groups = in_turn(rx.keys)
    try:
        product = products.known_as(groups)
    except NoOneProduct as several:
        rx.sku = None
        _case(
            rx, f"Prescription {rx.external_id} names {several}. A clinician has to say which one is meant."
        )
        return
    asked = PrescriptionRequest.of_ref(rx.ref) if product is None else None
    if asked and asked.sku:  # what was asked for from here is known, whatever keys it has there
        product = Product.by_sku(asked.sku)
    rx.sku = product.sku if product else None
    if product is None and not groups:
        _case(
            rx,
            f"Prescription {rx.external_id} has no key that says which product it is for. A clinician has to prescribe "
            "it anew, or the clinic to add one.",
        )
        return
    cases.close_when_solved(NO_ONE, rx.id, "it names one product")
    if product is None:
        products.not_known(*leading(rx.keys), named=rx.drug)


def in_turn(keys: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[str]]]:
    """Its keys by system, from the system that says most to the one that says least."""
    systems = sorted({str(key["system"]) for key in keys}, key=lambda one: (_rank(one), one))
    return [(one, sorted({str(key["code"]) for key in keys if key["system"] == one})) for one in systems]


def leading(keys: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The key by which somebody has to say which product it is."""
    system, codes = in_turn(keys)[0]
    return system, codes[0]


def _rank(system: str) -> int:
    return _FIRST.index(system) if system in _FIRST else len(_FIRST)


def _case(rx: Prescription, says: str) -> None:
    suggests = {"act": "cases.dismiss", "label": "Dismiss it once a clinician has decided"}
    cases.open_case(NO_ONE, rx.id, says=says, suggests=suggests, about=rx.related())

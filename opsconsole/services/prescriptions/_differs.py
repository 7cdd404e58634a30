"""Does a prescription say what our registry says of the product that it is for?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select, tuple_

from ...db import db
from ...models import Prescription, Product, ProductKey

Owners = Mapping[tuple[str, str], str]  # (system, key) -> the id of the product that has it
# The same thing under several names; what is not here is compared as it is written.
_UNITS = {"gram": "g", "grams": "g", "gm": "g", "milliliter": "ml", "milliliters": "ml", "millilitre": "ml"}


@dataclass(frozen=True)
class Difference:
    """`code` is quantity_mismatch, days_supply_mismatch or product_mismatch; `says` goes on from "The prescription …".
    `prescribed` and `registered` are the two values as people read them."""

    code: str
    says: str
    prescribed: str
    registered: str


def owners(prescriptions: Collection[Prescription]) -> Owners:
    """Whose the keys are by which these prescriptions name what they are for: one statement, none where there are none."""
    keys = {(str(one["system"]), str(one["code"])) for rx in prescriptions for one in rx.keys}
    if not keys:
        return {}
    query = select(ProductKey.system, ProductKey.key, ProductKey.product_id)
    found = db.session.execute(query.where(tuple_(ProductKey.system, ProductKey.key).in_(keys)))
    return {(system, key): product for system, key, product in found}


def differences(rx: Prescription, product: Product, owned: Owners) -> Iterator[Difference]:
    """Where it does not fit the product. What the registry does not know is not compared."""
    others = {
        product_id
        for one in rx.keys
        if (product_id := owned.get((str(one["system"]), str(one["code"])))) and product_id != product.id
    }
    if others:
        words = f"names another product than {product.sku}"
        yield Difference("product_mismatch", words, f"{len(others)} other", product.sku)
    if product.quantity is not None and _amount(rx.quantity, rx.unit) != _amount(
        product.quantity, product.unit or rx.unit
    ):
        said, wanted = _told(rx.quantity, rx.unit), _told(product.quantity, product.unit or "")
        words = f"is for {said} a fill, and {product.sku} is {wanted}"
        yield Difference("quantity_mismatch", words, said, wanted)
    if product.days_supply and rx.days_supply != product.days_supply:
        said = f"{rx.days_supply} days" if rx.days_supply else "nothing said"
        words = f"is to last {said}, and {product.sku} lasts {product.days_supply} days"
        yield Difference("days_supply_mismatch", words, said, f"{product.days_supply} days")


def _amount(quantity: Decimal | None, unit: str) -> tuple[Decimal | None, str]:
    said = unit.strip().lower()
    return (None if quantity is None else Decimal(quantity).normalize()), _UNITS.get(said, said)


def _told(quantity: Decimal | None, unit: str) -> str:
    return "nothing said" if quantity is None else f"{Decimal(quantity).normalize():f} {unit}".strip()

"""What is prescribed lasts another time than the product, or than until the next parcel."""

from __future__ import annotations

from sqlalchemy import select

from ....db import db
from ....models import Prescription, Price, SubscriptionItem
from ....vendors.pharmacy.codes import Fixer
from .._differs import differences
from ._finding import Evidence, Found, Offer
from ._offers import ask, of_order, of_rx
from ._seen import Seen

TITLE = "What is prescribed lasts another time"
DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_NEAR = 5  # days: two months are 59 to 62


def find(seen: Seen) -> Found | None:
    """Ops may change how often it comes. How long a prescription lasts, only a clinician does."""
    if not seen.leaving:
        return None
    for rx in seen.prescriptions:
        if found := _of_product(seen, rx) or _of_cadence(seen, rx):
            return found
    return None


def _of_product(seen: Seen, rx: Prescription) -> Found | None:
    product = seen.products.get(rx.sku or "")
    for one in differences(rx, product, seen.owned) if product else ():
        if product and one.code == "days_supply_mismatch":
            evidence = [
                Evidence("Prescribed for", one.prescribed, rx.url),
                Evidence("In the registry", one.registered, product.url), of_rx(rx), *of_order(seen.order),
            ]  # fmt: skip
            return Found(
                f"The prescription {one.says}.",
                Fixer.CLINICIAN,
                evidence,
                [ask(seen, "days_supply_mismatch", rx)],
            )
    return None


def _of_cadence(seen: Seen, rx: Prescription) -> Found | None:
    if not rx.days_supply or (rx.sku or "") not in seen.renewing:
        return None
    subscription, item = seen.renewing[rx.sku or ""]
    every = DAYS.get(item.interval or "", 0) * (item.interval_count or 0)
    if not every or abs(every - rx.days_supply) <= _NEAR:
        return None
    evidence = [
        Evidence("Prescribed for", f"{rx.days_supply} days", rx.url), Evidence("Comes", item.cadence, subscription.url),
        of_rx(rx), *of_order(seen.order),
    ]  # fmt: skip
    offers = []
    if price := _priced(item, rx.days_supply):
        does = f"It comes {price.cadence}, as long as what is prescribed lasts."
        fields = {"item": item.id, "price": price.id, "quantity": str(item.quantity)}
        offers.append(
            Offer("subscriptions.alter", subscription.id, f"Let it come {price.cadence}", does, fields)
        )
    says = f"What is prescribed lasts {rx.days_supply} days, and it comes {item.cadence}."
    return Found(says, Fixer.OPS, evidence, [*offers, ask(seen, "days_supply_mismatch", rx)])


def _priced(item: SubscriptionItem, days: int) -> Price | None:
    """What the product is sold for at that cadence."""
    query = select(Price).where(
        Price.product_id == item.product_id,
        Price.active,
        Price.currency == item.currency,
        Price.external_id != item.price_key,
    )
    return next(
        (one for one in db.session.scalars(query)
         if abs(DAYS.get(one.interval or "", 0) * (one.interval_count or 0) - days) <= _NEAR), None,
    )  # fmt: skip

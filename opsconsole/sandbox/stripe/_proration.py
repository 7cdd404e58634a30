"""What a change in the middle of a period costs: per second, to the cent, the same for the act and for its preview.

Lines are what subscriptions hand to invoices. `Line` is a dict with
    amount            minor units, negative for a credit; quantity times unit amount unless it is a proration
    currency, description, quantity, metadata
    period            {"start", "end"}, unix seconds
    price, product    ids;  unit_amount_decimal  text, minor units
    proration         True for the lines of `compute`: discounts are in their amounts already
    subscription, subscription_item       ids
    discounts         ids of the item's own discounts;  discountable  whether discounts may lessen it
    credited          the amount of an earlier line that a credit gives back, or None

Nothing in here reads or writes: https://docs.stripe.com/billing/subscriptions/prorations
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Facts = dict[str, Any]
Line = dict[str, Any]
Less = Callable[[Facts, int], int]


def total(price: Facts, quantity: int) -> int:
    """Minor units for a whole period, halves rounded up as Stripe does."""
    exact = Decimal(price["unit_amount_decimal"]) * quantity
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def share(amount: int, part: int, whole: int) -> int:
    """`amount` for `part` of `whole` seconds, to the nearest cent; exact, in whole numbers."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) * part + whole) // (2 * whole)) if whole else 0


def line_of(subscription: Facts, item: Facts, start: int, end: int, amount: int | None = None) -> Line:
    """One item for one period. `amount` only where it is not the price's."""
    price, quantity = item["price"], item["quantity"]
    return {
        "amount": total(price, quantity) if amount is None else amount,
        "currency": price["currency"],
        "description": _said(item),
        "quantity": quantity,
        "metadata": {},
        "period": {"start": start, "end": end},
        "price": price["id"],
        "product": price["product"],
        "unit_amount_decimal": price["unit_amount_decimal"],
        "proration": False,
        "subscription": subscription["id"],
        "subscription_item": item["id"],
        "discounts": item.get("discounts", []),
        "discountable": True,
        "credited": None,
    }


def trial_line(subscription: Facts, item: Facts, start: int, end: int) -> Line:
    line = line_of(subscription, item, start, end, 0)
    return line | {"description": f"Trial period for {item['price'].get('name') or 'subscription'}"}


def compute(subscription: Facts, before: list[Facts], after: list[Facts], at: int, less: Less) -> list[Line]:
    """Credits for what of `before` was paid beyond `at`, and charges for what of `after` is left from then on.

    Items are alike when id, price, quantity and period are. `less(item, amount)` takes the discounts off an
    amount. Items of `after` say by `start` and `end` which period they are in; nothing is charged where that
    has ended by `at`.
    """
    kept = {_key(item) for item in before} & {_key(item) for item in after}
    gone = [item for item in before if _key(item) not in kept]
    new = [item for item in after if _key(item) not in kept]
    credits = [line for item in gone for line in credit(subscription, item, at, less)]
    return credits + [line for item in new for line in debit(subscription, item, at, less)]


def _key(item: Facts) -> tuple[Any, ...]:
    return item["id"], item["price"]["id"], item["quantity"], item["start"], item["end"]


def credit(subscription: Facts, item: Facts, at: int, less: Less) -> list[Line]:
    """The time beyond `at` that was billed. Flexible: of what the bill was; classic: of what the price is now."""
    start, end = item["start"], item["end"]
    billed = item.get("billed")
    if billed is None or billed["end"] <= at:
        return []
    until = billed["end"]
    if subscription["billing_mode"]["type"] == "flexible":
        amount, start, end = billed["amount"], billed["start"], billed["end"]
    else:
        amount, end = less(item, total(item["price"], item["quantity"])), start + _whole(item)
    back = -share(amount, until - max(at, start), end - start)
    line = line_of(subscription, item, max(at, start), until, back)
    return [line | _prorated("Unused time", item, at) | {"credited": amount}]


def debit(subscription: Facts, item: Facts, at: int, less: Less, until: int | None = None) -> list[Line]:
    """What the item costs from `at` to the end of its period, or `until` an earlier moment."""
    start, end = item["start"], item["end"]
    until = end if until is None else until
    if until <= at:
        return []
    whole = less(item, total(item["price"], item["quantity"]))
    amount = share(whole, until - max(at, start), _whole(item))
    return [
        line_of(subscription, item, max(at, start), until, amount) | _prorated("Remaining time", item, at)
    ]


def _whole(item: Facts) -> int:
    """The seconds that its price is for."""
    return int(item.get("whole") or item["end"] - item["start"])


def _prorated(words: str, item: Facts, at: int) -> Line:
    day = datetime.fromtimestamp(at, UTC)
    what = _what(item)
    on = f"{day:%d %b %Y}".lstrip("0")
    return {"description": f"{words} on {what} after {on}", "proration": True, "discountable": False}


def _what(item: Facts) -> str:
    name = item["price"].get("name") or "subscription"
    return name if item["quantity"] == 1 else f"{item['quantity']} × {name}"


def _said(item: Facts) -> str:
    price, each = item["price"], Decimal(item["price"]["unit_amount_decimal"]) / 100
    every = price["recurring"]["interval"]
    if price["recurring"]["interval_count"] > 1:
        every = f"every {price['recurring']['interval_count']} {every}s"
    name = price.get("name") or "Subscription"
    return f"{item['quantity']} × {name} (at {each:.2f} {price['currency'].upper()} / {every})"

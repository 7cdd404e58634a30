"""The lines of an invoice, and what they come to: discounts first, then tax.

A line is kept in its invoice, as what `_proration` says a line is, and with
    id             il_.., once it stands in an invoice
    invoice_item   the invoice item that it came from, or None
    tax_behavior   "inclusive" when the tax is within the amount
    discount_amounts, taxes       what `reckon` found
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ._tax import Tax
from ._turn import Facts, Turn, new_id
from .coupons import take_off

Line = dict[str, Any]
NEW: Line = {
    "description": None,
    "quantity": 1,
    "metadata": {},
    "price": None,
    "product": None,
    "unit_amount_decimal": None,
    "proration": False,
    "subscription": None,
    "subscription_item": None,
    "invoice_item": None,
    "discountable": True,
    "discounts": [],
    "tax_behavior": "unspecified",
    "discount_amounts": [],
    "taxes": [],
    "credited": None,
}


def line_in(invoice: str, given: Line) -> Line:
    """A line of its own in that invoice."""
    return {**NEW, **given, "id": new_id("il"), "invoice": invoice}


def shown(line: Line) -> dict[str, Any]:
    return {
        "id": line["id"],
        "object": "line_item",
        "amount": line["amount"],
        "currency": line["currency"],
        "description": line["description"],
        "discount_amounts": line["discount_amounts"],
        "discountable": line["discountable"],
        "discounts": line["discounts"],
        "invoice": line["invoice"],
        "livemode": False,
        "metadata": line["metadata"],
        "parent": _parent(line),
        "period": line["period"],
        "pretax_credit_amounts": credits(line["discount_amounts"]),
        "pricing": pricing(line),
        "quantity": line["quantity"],
        "quantity_decimal": str(line["quantity"]),
        "subscription": line["subscription"],
        "subtotal": line["amount"],
        "taxes": line["taxes"],
    }


def credits(amounts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Discounts as credits before tax."""
    return [{**amount, "type": "discount"} for amount in amounts]


def pricing(of: Facts) -> dict[str, Any] | None:
    """By which price; None where an amount was given."""
    if of["price"] is None:
        return None
    details = {"price": of["price"], "product": of["product"]}
    return {
        "price_details": details,
        "type": "price_details",
        "unit_amount_decimal": of["unit_amount_decimal"],
    }


def _parent(line: Line) -> dict[str, Any] | None:
    details = {
        "invoice_item": line["invoice_item"],
        "proration": line["proration"],
        "proration_details": {"credited_items": line.get("credited_items")},
        "subscription": line["subscription"],
    }
    if line["subscription_item"]:
        kind, details = (
            "subscription_item_details",
            {**details, "subscription_item": line["subscription_item"]},
        )
    elif line["invoice_item"]:
        kind = "invoice_item_details"
    else:
        return None
    other = {
        "subscription_item_details": "invoice_item_details",
        "invoice_item_details": "subscription_item_details",
    }
    return {kind: details, other[kind]: None, "type": kind}


def reckon(turn: Turn, lines: list[Line], discounts: Sequence[str], tax: Tax | None) -> dict[str, Any]:
    """Write discounts and taxes into the lines; returns what they come to, in minor units.

    Line discounts come before those of the invoice, tax is on what is left.
    """
    for line in lines:
        line.update(discount_amounts=[], taxes=[])
    for line in lines:
        if line["discountable"]:
            _lessen(turn, line["discounts"], [line])
    _lessen(turn, discounts, [line for line in lines if line["discountable"]])
    for line in lines:
        line["taxes"] = [_taxed(line, tax)] if tax else []
    subtotal = sum(line["amount"] for line in lines)
    less = summed((amount for line in lines for amount in line["discount_amounts"]), ("discount",))
    taxes = summed((entry for line in lines for entry in line["taxes"]), TAX_WORDS)
    off = sum(amount["amount"] for amount in less)
    added = sum(entry["amount"] for entry in taxes if entry["tax_behavior"] == "exclusive")
    within = sum(entry["amount"] for entry in taxes if entry["tax_behavior"] == "inclusive")
    return {
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - within,
        "total": subtotal - off + added,
        "total_excluding_tax": subtotal - off - within,
        "total_discount_amounts": less,
        "total_taxes": taxes,
    }


TAX_WORDS = ("tax_behavior", "tax_rate_details", "taxability_reason", "type")


def left_of(line: Line) -> int:
    """What is left of a line after its discounts."""
    return int(line["amount"] - sum(amount["amount"] for amount in line["discount_amounts"]))


def _taxed(line: Line, tax: Tax) -> dict[str, Any]:
    inclusive = line["tax_behavior"] == "inclusive"
    taxable = left_of(line)
    amount = tax.on(taxable, inclusive)
    return {
        "amount": amount,
        "tax_behavior": "inclusive" if inclusive else "exclusive",
        "tax_rate_details": {"tax_rate": tax.id},
        "taxability_reason": tax.reason,
        "taxable_amount": (taxable - amount * inclusive) if tax.percent else 0,
        "type": "tax_rate_details",
    }


def summed(entries: Iterable[dict[str, Any]], words: tuple[str, ...]) -> list[dict[str, Any]]:
    """Entries that say the same but for their amounts, as one."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        numbers = [name for name in entry if name not in words]
        one = found.setdefault(str([entry[word] for word in words]), {**entry, **dict.fromkeys(numbers, 0)})
        one.update({name: one[name] + entry[name] for name in numbers})
    return list(found.values())


def _lessen(turn: Turn, ids: Sequence[str], lines: list[Line]) -> None:
    """Take discounts off these lines, each bearing its part."""
    lefts, products = [left_of(line) for line in lines], [line["product"] for line in lines]
    for line, off in zip(lines, take_off(turn, list(ids), lefts, products), strict=True):
        line["discount_amounts"] += [{"amount": amount, "discount": id} for id, amount in off.items()]

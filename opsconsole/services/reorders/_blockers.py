"""Everything that stands in the way of a reorder, found at once, each with where it is put right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ...lib.refusal import Refused
from ...models import Order, OrderKind, ShipTo
from .. import gates, payments
from ..gates import Blocker, Fix
from ..orders import Holder, in_our_hands_still
from ._prices import Priced, Today


def blockers(
    order: Order, at: Today, *, ship_to: ShipTo | None, card: str | None, now: datetime
) -> list[Blocker]:
    """What is not sold, what keeps a pharmacy from shipping it there, the card, and a reorder that waits already."""
    lines = [gates.Line(one.line.sku, one.line.quantity) for one in at.lines]
    asked = gates.Asked(order.customer_id, lines, ship_to, gates.day_of(ship_to, now), order)
    wrong = [_addressed_here(one, order) for one in gates.check(asked).blockers]
    return [*_already(order), *_gone(at), *wrong, *_no_card(order, at, card, now)]


def _already(order: Order) -> Iterator[Blocker]:
    for child in order.children():
        if child.kind == OrderKind.REORDER and in_our_hands_still(child):
            words = f"It was reordered as {child.reference}, which has not gone to a pharmacy yet."
            fix = Fix("", child.url, f"Go on with {child.reference}")
            yield Blocker("already_reordered", "hold", words, Holder.US, fix)


def _gone(at: Today) -> Iterator[Blocker]:
    for one in at.lines:
        if one.price is None:
            fix = Fix("", one.product.url if one.product else "/products", _see(one))
            yield Blocker("product_gone", "stock", _why_gone(one), Holder.US, fix)


def _see(one: Priced) -> str:
    return "See the product" if one.product else "See what is sold"


def _why_gone(one: Priced) -> str:
    if one.product and one.product.active:
        return f"{one.line.sku} has no price in {one.line.currency.upper()} today."
    return f"{one.line.sku} is not sold any more."


def _addressed_here(one: Blocker, order: Order) -> Blocker:
    """An address is written on the reorder's own form: the old order may be long gone."""
    if one.code != "bad_address":
        return one
    return replace(one, fix=Fix("", f"{order.url}/reorder#ship-to", "Write where it ships to"))


def _no_card(order: Order, at: Today, card: str | None, now: datetime) -> Iterator[Blocker]:
    if at.sold and not at.total:
        return
    try:
        payments.saved(order.customer_id, card, now=now)
    except payments.NoCard as no:
        url = f"/customers/{order.customer_id}/message?template=save_card"
        yield _on_the_card(no, Holder.PATIENT, Fix("messages.send", url, "Write to the customer"))
    except payments.CardUnknown as unknown:
        yield _on_the_card(unknown, Holder.PAYMENT, Fix("", f"{order.url}/reorder", "Look again"))


def _on_the_card(said: Refused, who: Holder, fix: Fix) -> Blocker:
    return Blocker(said.code, "paid", said.message, who, fix)

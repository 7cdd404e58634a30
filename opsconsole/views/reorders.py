"""Reorders: the same again at today's price, and what an order and its like have to do with each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from wtforms import Form, FormField

from ..models import Collection, Order
from ..services import payments, reorders
from ._acting import Asked, NoInput, performs
from ._addressing import ShipToForm
from ._listing import Acts, act_on

pages = Blueprint("reorders", __name__)


def reorder_of(order: Order) -> dict[str, Any]:
    """The act that orders the same again, as the order's page offers it."""
    why_not = reorders.why_not_reorder(order)
    return act_on(order, "reorders.place", f"{order.url}/reorder", "Reorder", why_not=why_not)


def undo_on(order: Order, collections: Sequence[Collection]) -> Acts:
    """Undo, on a reorder whose card was not charged yet; on others it is not spoken of."""
    if not reorders.may_withdraw(order, collections):
        return []
    return [act_on(order, "reorders.withdraw", f"{order.url}/withdraw", "Undo reorder")]


class ElsewhereForm(ShipToForm):
    """A page sends its fields empty when nobody wrote into them: then it is not given."""

    @property
    def given(self) -> bool:
        return any(str(text).strip() for field in self for text in field.raw_data or ())


class ReorderForm(Form):
    ship_to = FormField(ElsewhereForm, "Ships to", description="Unless given, where the old order went.")


@pages.route("/orders/<order_id>/reorder", methods=["GET", "POST"])
@performs(reorders.place, ReorderForm)
def place(form: ReorderForm, order_id: str) -> Asked:
    """The processor is asked for the card first, with no transaction open; then the act, or its preview, charges it."""
    order = Order.require(order_id)
    today = reorders.today(order)
    return Asked(
        order_id,
        lambda: {
            "card": None if reorders.why_not_reorder(order) else payments.ask_card(order.customer_id),
            "ship_to": form.ship_to.form.address,
        },
        context={
            "order": order,
            "customer": order.customer,
            "today": today,
            "submit": f"Reorder for {today.total_money}" if today.sold else "Reorder",
        },
        done="Reordered. The card is charged in a minute; until then you can undo it.",
    )


@pages.route("/orders/<order_id>/withdraw", methods=["GET", "POST"])
@performs(reorders.withdraw)
def withdraw(form: NoInput, order_id: str) -> Asked:
    order = Order.require(order_id)
    context = {"order": order, "customer": order.customer, "submit": "Undo this reorder"}
    return Asked(order_id, context=context, done="The reorder was undone: nothing is charged or sent.")

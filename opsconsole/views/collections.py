"""Collections: charging the card that a customer saved with what an order costs, and how that goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..lib.money import Money
from ..models import Collection, CollectionStatus, Customer, Order, Paid
from ..services import audit, cases, outbox, payments
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._happened import happened
from ._listing import act_on, common, shown
from ._live import live
from ._masking import written
from ._undoing import sending, undo
from ._who import reads

pages = Blueprint("collections", __name__)


def collect_from(order: Order, paid: Sequence[Paid], collections: Sequence[Collection]) -> dict[str, Any]:
    """The act that charges the saved card, as the order's page offers it."""
    under_way = next((one for one in collections if not one.final), None)
    why_not = payments.why_not_collect(order, [one.payment for one in paid], under_way)
    return act_on(order, "payments.collect", f"{order.url}/collect", "Charge saved card", why_not=why_not)


@pages.route("/orders/<order_id>/collect", methods=["GET", "POST"])
@performs(payments.collect)
def collect(form: NoInput, order_id: str) -> Asked:
    """The processor is asked for the card first, with no transaction open; then the act, or its preview, charges it."""
    order = Order.require(order_id)
    known = order.payments()
    why_not = payments.why_not_collect(order, known, Collection.under_way(order.id))
    unpaid = Money(payments.unpaid(order, known), order.currency)
    context = {"order": order, "customer": order.customer, "unpaid": unpaid, "submit": f"Charge {unpaid}"}
    return Asked(
        order_id,
        lambda: {"card": None if why_not else payments.ask_card(order.customer_id)},
        context=context,
        done="The card is charged in a minute; until then you can undo it.",
    )


def told(collection: Collection) -> dict[str, Any]:
    back = undo(collection, "payments.withdraw", "Stripe has been asked already.")
    return common(collection, [back]) | {
        "order": f"/orders/{collection.order_id}",
        "customer": f"/customers/{collection.customer_id}",
        "amount": collection.money.as_json,
        "card": collection.card,
        "external_id": collection.external_id,
        "failure_reason": written(collection.failure_reason),
        "by": collection.by,
        "trace": collection.trace_id,
        "fetched_at": at(collection.fetched_at),
    }


@pages.get("/collections/<collection_id>")
@reads("payments")
def show(collection_id: str) -> ResponseReturnValue:
    collection = Collection.require(collection_id)
    looks = [collection.status, collection.external_id, audit.movement(collection.id)]
    return live(
        looks,
        lambda: shown(
            collection, lambda: told(collection), "collections/show.html", lambda: _page(collection)
        ),
        final=collection.final,
    )


def _page(collection: Collection) -> dict[str, Any]:
    sent = sending(collection)
    order = Order.require(collection.order_id)
    failed = collection.status == CollectionStatus.FAILED
    return sent | {
        "collection": collection,
        "order": order,
        "customer": Customer.require(collection.customer_id),
        "payment": next((p for p in order.payments() if p.external_id == collection.external_id), None),
        "breakers": [one for one in outbox.health() if one.opened_at and one.method == "charge"],
        "again": collect_from(order, order.paid(), Collection.of_order(order.id)) if failed else None,
        "cases": cases.of(collection.id),
        "timeline": happened(collection),
    }


@pages.route("/collections/<collection_id>/withdraw", methods=["GET", "POST"])
@performs(payments.withdraw)
def withdraw(form: NoInput, collection_id: str) -> Asked:
    collection = Collection.require(collection_id)
    context = {
        "collection": collection,
        "order": Order.require(collection.order_id),
        "submit": "Undo this charge",
    }
    return Asked(collection_id, context=context, done="It was undone: the card is not charged.")

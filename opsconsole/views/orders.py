"""Orders: what was bought, and how it stands. Giving money back is in refunding, what is done before it leaves in unsent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import (
    FieldList,
    Form,
    FormField,
    IntegerField,
    StringField,
    ValidationError,
)  # fmt: skip
from wtforms.validators import Length, NumberRange, Regexp

from ..lib.money import Money
from ..lib.refusal import Invalid
from ..models import (
    Bought,
    Collection,
    Customer,
    Fill,
    Hold,
    Order,
    OrderPaymentStatus,
    OrderStatus,
    Paid,
    Pharmacy,
    Plan,
)
from ..services import audit, cases, gates, orders, refunds
from ..services.prescriptions import Known
from ._acting import Asked, performs
from ._addressing import ShipToForm, address_acts, told_address
from ._fields import MoneyField, instant, required, text
from ._happened import happened
from ._lanes import draw
from ._listing import Acts, Told, act_on, common, found, listed, shown
from ._live import PAGE, live
from ._masking import told as told_pii
from ._noting import noting
from ._page import now
from ._replacing import Linked, linked, replace_on
from ._standing import told_banners
from ._who import reads
from ._would_go import would_go
from .attachments import beside
from .banners import raise_on
from .causes import panel, told_findings
from .clocks import told_short
from .collections import collect_from
from .fills import reroute_on, submit_on
from .gates import override_on
from .phi import product_of
from .plans import plan_on
from .reconciliation import compare_on
from .reorders import reorder_of, undo_on
from .shipments import record_on
from .stuck import panel as stuck_panel

pages = Blueprint("orders", __name__)
noting(pages, orders.note, Order)


def told(order: Order, parts: Sequence[refunds.Part], paid: Sequence[Paid]) -> dict[str, Any]:
    def money(minor: int) -> dict[str, str]:
        return Money(minor, order.currency).as_json

    return common(order, acts_of(order, paid)) | {
        "payment_status": order.payment_status,
        "fulfilment_status": order.fulfilment,
        "reference": order.reference,
        "kind": order.kind,
        "parent": f"/orders/{order.parent_order_id}" if order.parent_order_id else None,
        "customer": f"/customers/{order.customer_id}",
        "placed_at": order.placed_at.isoformat(),
        **told_pii(order, "ship_to"),
        "address_verdict": order.address_verdict,
        "lines": [
            {
                "line": line.id, "sku": line.sku,
                "product": f"/products/{line.product_id}" if name and line.product_id else None,
                "name": name,
                "quantity": line.quantity,
                "unit_price": money(line.unit_price), "amount": money(line.amount), "version": line.version,
                "refunded": part.refunded_money.as_json, "refundable": part.left_money.as_json,
            }
            for part in parts
            if (line := part.line)
            for name in [product_of(line, order)]  # None: masked
        ],
        "shipping_refunded": parts[-1].refunded_money.as_json,
        "shipping_refundable": parts[-1].left_money.as_json,
        "subtotal": money(order.subtotal),
        "shipping": money(order.shipping),
        "tax": money(order.tax),
        "discount": money(order.discount),
        "total": money(order.total),
        "refundable": money(sum(one.left.refundable for one in paid)),
        "payments": [one.payment.url for one in paid],
        "banners": told_banners(order),
        "hold": _told_hold(order),
    }  # fmt: skip


def _told_hold(order: Order) -> dict[str, Any] | None:
    found = _hold(order)
    return None if found is None else {
        "reason": found.reason, "until": found.until_on.isoformat(), "by": found.by, "returns_to": found.returns_to,
    }  # fmt: skip


def _hold(order: Order) -> Hold | None:
    return Hold.on(order.id) if order.status == OrderStatus.ON_HOLD else None


def acts_of(
    order: Order,
    paid: Sequence[Paid],
    fills: Sequence[Fill] | None = None,
    collections: Sequence[Collection] = (),
    made: Linked | None = None,
) -> Acts:
    """`fills` are the order's; without them, only what its status tells of what the pharmacy may be asked."""
    why_not = (
        None
        if any(one.left.refundable for one in paid)
        else "Stripe refuses refunds while the bank has the money: see the dispute."
        if any(one.payment.frozen for one in paid)
        else "Nothing is left to refund."
        if paid
        else "Nothing was paid on this order."
    )
    refund = act_on(order, "refunds.issue", f"{order.url}/refund", "Refund", why_not=why_not)
    gone = orders.gone(order)
    held = order.status == OrderStatus.ON_HOLD
    back = (
        act_on(order, "orders.release", f"{order.url}/release", "Release")
        if held
        else act_on(order, "orders.hold", f"{order.url}/hold", "Hold", why_not=gone)
    )
    return [
        *undo_on(order, collections),
        refund,
        collect_from(order, paid, collections),
        *(() if gone else (plan_on(order),)),
        replace_on(order, fills or (), made),
        reorder_of(order),
        *((plan_on(order),) if gone else ()),
        submit_on(order, fills or ()),
        back,
        act_on(order, "orders.edit", f"{order.url}/edit", "Edit lines", why_not=gone),
        act_on(order, "orders.readdress", f"{order.url}/readdress", "Change address", why_not=gone),
        reroute_on(order, fills or ()),
        act_on(
            order,
            "orders.cancel",
            f"{order.url}/cancel",
            "Cancel",
            why_not=orders.why_not_cancel(order, fills),
        ),
        record_on(order),
        raise_on(order),
        compare_on(order),
    ]


@pages.get("/orders")
@reads("orders", orders.LIST)
def list() -> ResponseReturnValue:
    page = found()
    return listed(
        page,
        _teller(page.items),
        "orders/list.html",
        statuses=OrderStatus,
        payment_statuses=OrderPaymentStatus,
    )


def _teller(several: Sequence[Order]) -> Told:
    """`told` for several orders, whose lines and payments are read together once the first is told of."""
    bought = cache(lambda: Bought.of(several))
    parts = cache(lambda: refunds.parts_of(several, bought().lines))
    return lambda order: told(order, parts()[order.id], bought().payments[order.id])


class LineForm(Form):
    sku = StringField("SKU", text(60, needed=True))
    name = StringField("Product", text(200, needed=True))
    quantity = IntegerField("Quantity", [*required(), NumberRange(1, 1000, "Between 1 and 1,000.")])
    unit_price = StringField("Price of one", text(40, needed=True))  # in the order's currency


class RecordForm(Form):
    reference = StringField(
        "Your reference", text(100, needed=True), description="The order's number in the shop."
    )
    customer = StringField("Customer", text(100, needed=True), description="Our id, or the shop's reference.")
    currency = StringField(
        "Currency", [Regexp("^[a-z]{3}$", message="Three small letters, like usd.")], default="usd"
    )
    lines = FieldList(
        FormField(LineForm), "Lines", [Length(1, 100, "Between 1 and 100 lines.")], max_entries=101
    )
    shipping = MoneyField("Shipping", default="0")
    tax = MoneyField("Tax", default="0")
    discount = MoneyField("Discount", default="0")
    total = MoneyField("Total", required())
    payment = StringField("Payment", text(255), description="Stripe's id of the payment, pi_….")
    ship_to = FormField(ShipToForm, "Ships to", description="May be left out.")
    placed_at = StringField("Placed at", text(40), description="ISO 8601 with its offset; now unless given.")

    def validate_placed_at(self, field: StringField) -> None:
        if field.data and (instant(field.data) is None):
            raise ValidationError("Write an instant like 2026-11-21T10:00:00Z.")

    def validate_payment(self, field: StringField) -> None:
        if field.data and not (field.data.isascii() and field.data.replace("_", "").isalnum()):
            raise ValidationError("Write Stripe's payment id, like pi_3Abc.")


@pages.route("/orders", methods=["POST"])
@performs(orders.record, RecordForm)
def record(form: RecordForm) -> Asked:
    def minor(field: MoneyField) -> int:
        if (field.minor or 0) < 0:
            raise Invalid({field.name: ["An amount cannot be below zero."]})
        return field.minor or 0

    return Asked(
        None,
        lambda: {
            "reference": form.reference.data,
            "customer": (form.customer.data or "").rsplit("/", 1)[-1],
            "currency": form.currency.data,
            "lines": [
                orders.LineFacts(
                    line.form.sku.data or "", line.form.name.data or "", line.form.quantity.data or 0,
                    _price(line.form.unit_price.data or "", form.currency.data or "usd", line.name),
                )
                for line in form.lines
            ],
            "shipping": minor(form.shipping),
            "tax": minor(form.tax),
            "discount": minor(form.discount),
            "total": minor(form.total),
            "payment": form.payment.data or None,
            "placed_at": instant(form.placed_at.data) if form.placed_at.data else None,
            "ship_to": form.ship_to.form.address,
        },
    )  # fmt: skip


def _price(text: str, currency: str, name: str) -> int:
    """A line's price in the order's currency, which the line itself does not know."""
    minor = minor_of(text, currency, f"{name}-unit_price")
    if minor < 0:
        raise Invalid({f"{name}-unit_price": ["A price cannot be below zero."]})
    return minor


def minor_of(text: str, currency: str, name: str) -> int:
    """What was typed, in minor units. Raises Invalid for the field `name`."""
    try:
        return Money.parse(text, currency).minor
    except ValueError as error:
        raise Invalid({name: [str(error)]}) from None


@pages.get("/orders/<order_id>")
@reads("orders")
def show(order_id: str) -> ResponseReturnValue:
    order, customer = Order.with_customer(order_id)

    def answer() -> ResponseReturnValue:
        return shown(
            order,
            lambda: _told_whole(order),
            "orders/show.html",
            lambda: _page(order, customer),
        )

    return live([order.status, order.status_since, audit.movement(order.id)], answer, every=PAGE)


def _told_whole(order: Order) -> dict[str, Any]:
    """One order also tells where each lane stands, and who has the ball."""
    paid, parts = order.paid(), refunds.parts(order)
    stands = _gates(order, parts)
    collections = Collection.of_order(order.id)
    lanes = orders.lanes(order, paid, awaited=_awaited(stands), collections=collections)
    of_order = Fill.of_order(order.id)
    made = linked(order)
    acts = common(
        order,
        [
            *acts_of(order, paid, of_order, collections, made),
            *address_acts(order),
            *override_on(order, stands),
        ],
    )["acts"]
    return told(order, parts, paid) | {
        "acts": acts,
        "address": told_address(order),
        "fills": [fill.url for fill in of_order],
        "would_go": going.as_json if (going := would_go(order, of_order)) else None,
        "collections": [one.url for one in collections],
        "linked": made.as_json,
        "plans": [plan.url for plan in Plan.of_order(order.id)],
        "lanes": [
            {"lane": lane.name, "state": now.state, "since": now.since.isoformat(), "says": now.says}
            for lane in lanes.all
            if (now := lane.current)
        ],
        "ball": {
            "who": lanes.ball.who.value,
            "since": lanes.ball.since.isoformat(),
            "says": lanes.ball.says,
        },
        "clocks": told_short(order, lanes),
        "gates": [told_gate(gate) for gate in stands],
        "findings": told_findings(order, Known([part.line for part in parts if part.line], of_order)),
    }


def _gates(order: Order, parts: Sequence[refunds.Part]) -> Sequence[gates.Gate]:
    lines = [part.line for part in parts if part.line]
    return gates.of_order(order, now(), lines).all


def _awaited(stands: Sequence[gates.Gate]) -> orders.Awaited | None:
    """What keeps an order from going that is ready: the first thing, in the order of its gates."""
    first = next((one for gate in stands for one in gate.blockers), None)
    return orders.Awaited(first.who, first.says) if first else None


def told_gate(gate: gates.Gate) -> dict[str, Any]:
    return {
        "gate": gate.code, "stands": gate.stands.value, "says": gate.says,
        "blockers": [one.as_json for one in gate.blockers],
        "overridden": [told_override(one) for one in gate.overridden],
    }  # fmt: skip


def told_override(one: gates.Blocker) -> dict[str, Any]:
    assert one.override
    return {
        "code": one.code, "says": one.says, "reason": one.override.reason, "by": one.override.by,
        "until": one.override.until_on.isoformat(),
        "withdraw": f"{one.override.url}/withdraw_override",
    }  # fmt: skip


def _page(order: Order, customer: Customer) -> dict[str, Any]:
    paid = order.paid()
    parts = refunds.parts(order)
    sent = orders.parcels(order)
    stands = _gates(order, parts)
    collections = Collection.of_order(order.id)
    lanes = orders.lanes(order, paid, sent, awaited=_awaited(stands), collections=collections)
    of_order = Fill.of_order(order.id)
    made = linked(order)
    return {
        "collections": collections,
        "fills": of_order,
        "going": would_go(order, of_order),
        "plans": Plan.of_order(order.id),
        "overpaid": orders.overpaid(order, paid),
        "pharmacies": Pharmacy.each(fill.pharmacy_id for fill in of_order),
        "linked": made,
        "lanes": lanes,
        "drawn": draw(lanes),
        "before_it_goes": stands,
        "stuck": stuck_panel(order),
        "causes": panel(
            order, Known([part.line for part in parts if part.line], of_order, [one.shipment for one in sent])
        ),
        "order": order,
        "hold": _hold(order),
        "customer": customer,
        "parts": parts,
        "products": {part.line.id: product_of(part.line, order) for part in parts if part.line},
        "why_not_more": refunds.why_not_more,
        "why_no_line": refunds.why_no_line(parts, sum(one.left.refundable for one in paid)),
        "paid": paid,
        "shipments": [one.shipment for one in sent],
        "acts": [
            *acts_of(order, paid, of_order, collections, made),
            *address_acts(order),
            *override_on(order, stands),
        ],
        "being_checked": orders.being_checked(order) if order.address_verdict == "unchecked" else None,
        "cases": cases.of(order.id),
        "timeline": happened(order),
    } | beside(order)

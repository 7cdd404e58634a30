"""Fills: having a pharmacy make up and ship an order, and what is wrong with it on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField, StringField

from ..models import Customer, Fill, FillStatus, Order, Pharmacy, RoutingRules, Shipment
from ..services import audit, cases, fills, orders, outbox, pharmacies, prescriptions
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
from ._live import live
from ._page import now
from ._undoing import sending, undo
from ._who import reads

pages = Blueprint("fills", __name__)
TOO_LATE = "The pharmacy has been asked already: ask it to stop instead."


def told(fill: Fill) -> dict[str, Any]:
    recipe = fills.recipe_of(fill)
    return common(fill, acts_of(fill)) | {
        "order": f"/orders/{fill.order_id}",
        "customer": f"/customers/{fill.customer_id}",
        "pharmacy": f"/pharmacies/{fill.pharmacy_id}",
        "why_here": fill.why,
        "chosen": fill.chosen,
        "rules": f"/routing/{fill.routing_id}" if fill.routing_id else None,
        "not_elsewhere": [
            {"pharmacy": f"/pharmacies/{one['pharmacy']}", "why_not": one["why_not"]}
            for one in fill.considered
        ],
        "prescription": fill.prescription_id,
        "number": fill.number,
        "replaces": f"/fills/{fill.replaces_fill_id}" if fill.replaces_fill_id else None,
        "items": [{"sku": item["sku"], "quantity": item["quantity"]} for item in fill.items],
        "external_id": fill.external_id,
        "raw_status": fill.raw_status,
        "exception": {
            "code": recipe.code,
            "vendor_code": fill.vendor_code,
            "means": recipe.means,
            "do": recipe.do,
            "who": recipe.fixer.value,
            "answers": dict(recipe.answers),
            "answer": fill.answer,
            "answer_by": at(fills.answer_by(fill)),
            "due_on": fill.due_on.isoformat() if fill.due_on else None,
        }
        if recipe
        else None,
        "carrier": fill.carrier,
        "tracking_number": fill.tracking_number,
        "by": fill.by,
        "trace": fill.trace_id,
        "fetched_at": at(fill.fetched_at),
    }


def acts_of(fill: Fill) -> Acts:
    return [
        act_on(fill, "fills.answer", f"{fill.url}/answer", "Answer", why_not=fills.why_not_answer(fill)),
        act_on(fill, "fills.resend", f"{fill.url}/resend", "Resend", why_not=fills.why_not_resend(fill)),
        act_on(fill, "fills.cancel", f"{fill.url}/cancel", "Ask to stop", why_not=fills.why_not_cancel(fill)),
        undo(fill, "fills.withdraw", TOO_LATE),
    ]


def submit_on(order: Order, of_order: Sequence[Fill] = ()) -> dict[str, Any]:
    """The act of sending an order to a pharmacy, as its page offers it."""
    why_not = fills.why_not_submit(order, [*of_order])
    return act_on(order, "fills.submit", f"{order.url}/submit", "Send to pharmacy", why_not=why_not)


def reroute_on(order: Order, of_order: Sequence[Fill] = ()) -> dict[str, Any]:
    """The act of naming another pharmacy for an order, as its page offers it."""
    movable = any(fills.movable(fill) for fill in of_order)
    why_not = orders.why_not_reroute(order, movable=movable)
    return act_on(order, "orders.reroute", f"{order.url}/reroute", "Other pharmacy", why_not=why_not)


@pages.get("/fills")
@reads("fills", fills.LIST)
def list() -> ResponseReturnValue:
    found = fills.find(**asked())
    return listed(
        found,
        told,
        "fills/list.html",
        statuses=FillStatus,
        pharmacies={one.id: one for one in pharmacies.find().items},
        orders=Order.each(fill.order_id for fill in found.items),
        recipes=fills.RECIPES,
        recipe_of=fills.recipe_of,
        answer_by=fills.answer_by,
    )


@pages.get("/fills/<fill_id>")
@reads("fills")
def show(fill_id: str) -> ResponseReturnValue:
    fill = Fill.require(fill_id)

    def whole() -> dict[str, Any]:
        shipment = Shipment.of_fill(fill)
        trail = prescriptions.of_fill(fill).as_json
        return told(fill) | {"shipment": shipment.url if shipment else None, "trail": trail}

    looks = [fill.status, fill.fetched_at, fill.answer, audit.movement(fill.id)]
    return live(
        looks,
        lambda: shown(fill, whole, "fills/show.html", lambda: _page(fill)),
        final=fill.final,
    )


def _page(fill: Fill) -> dict[str, Any]:
    pharmacy = fill.pharmacy
    return sending(fill) | {
        "fill": fill,
        "shipment": Shipment.of_fill(fill),
        "pharmacy": pharmacy,
        "others": Pharmacy.each(one["pharmacy"] for one in fill.considered),
        "rules": RoutingRules.get(fill.routing_id) if fill.routing_id else None,
        "breakers": [one for one in outbox.health() if one.opened_at and one.port == pharmacy.port],
        "recipe": fills.recipe_of(fill),
        "answer_by": fills.answer_by(fill),
        "order": Order.require(fill.order_id),
        "customer": Customer.require(fill.customer_id),
        "acts": [act for act in acts_of(fill) if act["act"] != "fills.withdraw"],
        "cases": cases.of(fill.id),
        "trail": prescriptions.of_fill(fill),
        "timeline": happened(fill),
    }


class SubmitForm(Form):
    """Choices of `pharmacy` are those that may ship to the order's state."""

    pharmacy = SelectField(
        "Pharmacy", validate_choice=False, description="Whom the routing rules say, unless you choose one."
    )
    prescription = StringField(
        "Prescription", text(100), description="Its id; the one that was sent for this order unless given."
    )


@pages.route("/orders/<order_id>/submit", methods=["GET", "POST"])
@performs(fills.submit, SubmitForm)
def submit(form: SubmitForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    form.pharmacy.choices = pharmacies_for(order, "Whom the routing rules say")
    return Asked(
        order_id,
        lambda: {"pharmacy": form.pharmacy.data or None, "prescription": form.prescription.data or None},
        context={"order": order, "customer": order.customer, "submit": "Send to pharmacy"},
        done="The fill is queued. It goes out in a minute; until then you can undo it.",
    )


def pharmacies_for(order: Order, first: str, but_not: str = "") -> Sequence[SelectChoice]:
    """The pharmacies that may ship to an order's state, as choices."""
    address = order.ships_to
    may = pharmacies.licensed(address.state, now().date()) if address else []
    return [SelectChoice("", first), *(SelectChoice(one.id, one.name) for one in may if one.id != but_not)]


class ResendForm(Form):
    pharmacy = SelectField(
        "Pharmacy", validate_choice=False, description="Another one that may ship to the order's state."
    )


@pages.route("/fills/<fill_id>/resend", methods=["GET", "POST"])
@performs(fills.resend, ResendForm)
def resend(form: ResendForm, fill_id: str) -> Asked:
    fill = Fill.require(fill_id)
    same = f"The same, {fill.pharmacy.name}"
    form.pharmacy.choices = pharmacies_for(Order.require(fill.order_id), same, fill.pharmacy_id)
    return Asked(
        fill_id,
        lambda: {"pharmacy": form.pharmacy.data or None},
        context=_about(fill) | {"submit": "Resend it"},
        done="It goes to the pharmacy again.",
    )


class CancelForm(Form):
    reason = SelectField(
        "Why",
        required("Choose why."),
        choices=[
            SelectChoice("", "Choose why…"),
            *(SelectChoice(code, words.capitalize()) for code, words in fills.REASONS.items()),
        ],
        validate_choice=False,
    )


@pages.route("/fills/<fill_id>/cancel", methods=["GET", "POST"])
@performs(fills.cancel, CancelForm)
def cancel(form: CancelForm, fill_id: str) -> Asked:
    fill = Fill.require(fill_id)
    return Asked(
        fill_id,
        lambda: {"reason": form.reason.data},
        context=_about(fill) | {"submit": "Ask the pharmacy to stop"},
        done="The pharmacy is asked to stop.",
    )


class AnswerForm(Form):
    """Choices come from the recipe of what the pharmacy asks."""

    answer = SelectField("Answer", required("Choose an answer."), validate_choice=False)


@pages.route("/fills/<fill_id>/answer", methods=["GET", "POST"])
@performs(fills.answer, AnswerForm)
def answer(form: AnswerForm, fill_id: str) -> Asked:
    fill = Fill.require(fill_id)
    recipe = fills.recipe_of(fill)
    answers = recipe.answers.items() if recipe else ()
    form.answer.choices = [
        SelectChoice("", "Choose…"),
        *(SelectChoice(code, words) for code, words in answers),
    ]
    return Asked(
        fill_id,
        lambda: {"answer": form.answer.data},
        context=_about(fill) | {"submit": "Answer the pharmacy"},
        done="The pharmacy is told.",
    )


@pages.route("/fills/<fill_id>/withdraw", methods=["GET", "POST"])
@performs(fills.withdraw)
def withdraw(form: NoInput, fill_id: str) -> Asked:
    context = _about(Fill.require(fill_id)) | {"submit": "Undo this fill"}
    return Asked(fill_id, context=context, done="The fill was undone.")


def _about(fill: Fill) -> dict[str, Any]:
    return {
        "fill": fill,
        "recipe": fills.recipe_of(fill),
        "answer_by": fills.answer_by(fill),
        "order": Order.require(fill.order_id),
        "pharmacy": Pharmacy.require(fill.pharmacy_id),
    }

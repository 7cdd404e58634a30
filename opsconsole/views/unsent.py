"""Orders, continued: what is done before one leaves. It is held, canceled, changed, or sent elsewhere."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import (
    DateField,
    Form,
    FormField,
    SelectField,
    TextAreaField,
)  # fmt: skip

from ..models import (
    Hold,
    HoldReason,
    Order,
    OrderStatus,
)
from ..services import orders
from ._acting import Asked, NoInput, performs
from ._addressing import ShipToForm, address_of, prefill
from ._fields import SelectChoice, required, text
from ._order_edit import EditForm, edits_asked, rows_of
from ._would_go import would_go
from .fills import pharmacies_for
from .orders import pages


class HoldForm(Form):
    reason = SelectField(
        "Reason",
        required("Choose why."),
        choices=[SelectChoice("", "Choose…"), *(SelectChoice(one.value, one.words) for one in HoldReason)],
        validate_choice=False,
    )
    until = DateField("Until the end of", required("Choose a day."), description="Thirty days at most.")
    note = TextAreaField(
        "Note for colleagues", text(2000), description="No health details: anybody in ops can read it."
    )


@pages.route("/orders/<order_id>/hold", methods=["GET", "POST"])
@performs(orders.hold, HoldForm)
def hold(form: HoldForm, order_id: str) -> Asked:
    return Asked(
        order_id,
        lambda: {"reason": form.reason.data, "until": form.until.data, "note": form.note.data or ""},
        context=_about(order_id, "Hold the order"),
        done="Nothing is sent until somebody releases it.",
    )


@pages.route("/orders/<order_id>/release", methods=["GET", "POST"])
@performs(orders.release)
def release(form: NoInput, order_id: str) -> Asked:
    context = _about(order_id, "Release the order") | {"hold": Hold.on(order_id)}
    return Asked(order_id, context=context, done="The order goes on.")


class CancelForm(Form):
    reason = SelectField(
        "Reason",
        required("Choose why."),
        choices=[
            SelectChoice("", "Choose…"),
            *(SelectChoice(code, words) for code, words in orders.REASONS.items()),
        ],
        validate_choice=False,
    )


@pages.route("/orders/<order_id>/cancel", methods=["GET", "POST"])
@performs(orders.cancel, CancelForm)
def cancel(form: CancelForm, order_id: str) -> Asked:
    there = Order.require(order_id).status in (OrderStatus.SUBMITTED, OrderStatus.AT_PHARMACY)
    return Asked(
        order_id,
        lambda: {"reason": form.reason.data},
        context=_about(order_id, "Ask the pharmacy to stop" if there else "Cancel the order"),
        done="It is canceled, or the pharmacy is asked to stop: its page says which.",
    )


@pages.route("/orders/<order_id>/edit", methods=["GET", "POST"])
@performs(orders.edit, EditForm)
def edit(form: EditForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    return Asked(
        order_id,
        lambda: {"lines": edits_asked(form, order.currency), "note": form.note.data or ""},
        context=_about(order_id, "Change the order") | rows_of(form, order),
        done="The order is changed.",
        pinned=True,  # each line says which version of it was seen
    )


class ReaddressForm(Form):
    ship_to = FormField(ShipToForm, "Ships to")


@pages.route("/orders/<order_id>/readdress", methods=["GET", "POST"])
@performs(orders.readdress, ReaddressForm)
def readdress(form: ReaddressForm, order_id: str) -> Asked:
    if request.method == "GET" and request.args.get("as") == "post":
        prefill(form.ship_to.form, Order.require(order_id))
    return Asked(
        order_id,
        lambda: {"ship_to": address_of(form.ship_to.form)},
        context=_about(order_id, "Change the address"),
        done="It ships to the new address.",
    )


@pages.route("/orders/<order_id>/check_address", methods=["GET", "POST"])
@performs(orders.check_address)
def check_address(form: NoInput, order_id: str) -> Asked:
    context = _about(order_id, "Have it checked")
    return Asked(order_id, context=context, done="EasyPost is asked. What it finds stands here in a moment.")


class AcceptAddressForm(Form):
    reason = SelectField(
        "Reason",
        required("Choose why."),
        choices=[
            SelectChoice("", "Choose…"),
            *(SelectChoice(code, words) for code, words in orders.ACCEPTED.items()),
        ],
        validate_choice=False,
    )


@pages.route("/orders/<order_id>/accept_address", methods=["GET", "POST"])
@performs(orders.accept_address, AcceptAddressForm)
def accept_address(form: AcceptAddressForm, order_id: str) -> Asked:
    return Asked(
        order_id,
        lambda: {"reason": form.reason.data},
        context=_about(order_id, "Accept the address"),
        done="It ships there. The order says that you accepted the address.",
    )


class RerouteForm(Form):
    """Choices of `pharmacy` are those that may ship to the order's state."""

    pharmacy = SelectField(
        "Pharmacy",
        validate_choice=False,
        description="It keeps to the one you choose, whatever the rules say.",
    )
    reason = SelectField(
        "Why",
        required("Choose why."),
        choices=[SelectChoice("", "Choose why…"), *(SelectChoice(*one) for one in orders.REROUTES.items())],
        validate_choice=False,
    )


@pages.route("/orders/<order_id>/reroute", methods=["GET", "POST"])
@performs(orders.reroute, RerouteForm)
def reroute(form: RerouteForm, order_id: str) -> Asked:
    about = _about(order_id, "Send it there")
    form.pharmacy.choices = pharmacies_for(about["order"], "Whom the routing rules say")
    return Asked(
        order_id,
        lambda: {"pharmacy": form.pharmacy.data or None, "reason": form.reason.data},
        context=about | {"going": would_go(about["order"], ())},
        done="It goes there.",
    )


def _about(order_id: str, submit: str) -> dict[str, Any]:
    order = Order.require(order_id)
    return {"order": order, "customer": order.customer, "submit": submit}

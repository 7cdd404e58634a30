"""Letting an order through a closed gate: a clinician's word, for a time."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint
from wtforms import DateField, Form, SelectField, TextAreaField

from ..models import Order, OverrideReason
from ..services import gates
from ._acting import Asked, performs
from ._fields import SelectChoice, required, text
from ._page import now

pages = Blueprint("gates", __name__)


class OverrideForm(Form):
    """Choices of `code` are what keeps the order here and is a clinician's to judge."""

    code = SelectField("What to let it through", required("Choose what."), validate_choice=False)
    reason = SelectField(
        "Reason",
        required("Choose why."),
        choices=[
            SelectChoice("", "Choose…"),
            *(SelectChoice(one.value, one.words) for one in OverrideReason),
        ],
        validate_choice=False,
    )
    words = TextAreaField(
        "In your words", text(2000, needed=True), description="Only who may read health data is shown this."
    )
    until = DateField(
        "Until the end of",
        required("Choose a day."),
        description="Thirty days at most, where the patient lives.",
    )


@pages.route("/orders/<order_id>/override", methods=["GET", "POST"])
@performs(gates.override, OverrideForm)
def override(form: OverrideForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    closed = gates.of_order(order, now()).blockers
    may = gates.overridable(order, closed)
    form.code.choices = [SelectChoice("", "Choose…"), *(SelectChoice(one.code, one.says) for one in may)]
    never = [(one.says, gates.NEVER[one.code]) for one in closed if one.code in gates.NEVER]
    today = gates.day_of(order.ships_to, now())
    return Asked(
        order_id,
        lambda: {
            "code": form.code.data, "reason": form.reason.data, "words": form.words.data or "",
            "until": form.until.data,
        },
        context={
            "order": order, "may_override": may, "never": never, "submit": "Let it through", "why": gates.MAY,
            "latest": today + timedelta(days=30),
        },
        done="The order is let through. Whatever goes out because of it says so.",
    )  # fmt: skip


class WithdrawForm(Form):
    """Choices of `code` are what is overridden now."""

    code = SelectField("What counts again", required("Choose what."), validate_choice=False)


@pages.route("/orders/<order_id>/withdraw_override", methods=["GET", "POST"])
@performs(gates.withdraw_override, WithdrawForm)
def withdraw_override(form: WithdrawForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    lifted = gates.of_order(order, now()).overridden
    form.code.choices = [SelectChoice("", "Choose…"), *(SelectChoice(one.code, one.says) for one in lifted)]
    return Asked(
        order_id,
        lambda: {"code": form.code.data},
        context={"order": order, "submit": "Let it count again"},
        done="The gate counts again.",
    )

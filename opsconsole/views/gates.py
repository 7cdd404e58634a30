"""Letting an order through a closed gate: a clinician's word, for a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint
from wtforms import DateField, Form, SelectField, TextAreaField

from ..models import GateOverride, Order, OverrideReason
from ..services import gates, sight
from ._acting import Asked, performs
from ._fields import SelectChoice, required, text
from ._listing import Acts, act_on
from ._page import now
from ._who import actor

pages = Blueprint("gates", __name__)


def override_on(order: Order, stands: Sequence[gates.Gate]) -> Acts:
    """The acts about overriding gates, where there is something that a clinician may override, or has."""
    closed = [one for gate in stands for one in gate.blockers]
    lifted = [one for gate in stands for one in gate.overridden]
    let, back = f"{order.url}/override", f"{order.url}/withdraw_override"
    return [
        *([act_on(order, "gates.override", let, "Let it through")] if gates.overridable(closed) else ()),
        *([act_on(order, "gates.withdraw_override", back, "Let the gate count again")] if lifted else ()),
    ]


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
    may = gates.overridable(closed)
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
            "latest": today + timedelta(days=30), "overrides": _overrides(order, today),
        },
        done="The order is let through. Whatever goes out because of it says so.",
    )  # fmt: skip


def _overrides(order: Order, today: date) -> list[dict[str, Any]]:
    """What was overridden of an order; what was said to it, for who may read of somebody's health."""
    return [
        {
            "one": one,
            "stands": one.stands(today),
            "words": sight.shown(one, "words", to=actor(), patient=order.customer_id),
        }
        for one in GateOverride.of_order(order.id)
    ]


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

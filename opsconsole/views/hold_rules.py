"""The rules by which drafts are held for a look: versions, and what another one would have held."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, IntegerField
from wtforms.validators import Optional

from ..lib.money import Money
from ..models import HoldRules, HoldRulesStatus
from ..services import hold_rules
from ._acting import Asked, NoInput, performs
from ._fields import MoneyField, Reason, text
from ._happened import happened
from ._listing import Acts, act_on, asked, listed, shown
from ._versions import acts_of_version, again, told_version, waits_for
from ._who import reads

pages = Blueprint("hold_rules", __name__)
SHOWN = 100  # invoices that a page lists; programs get all


def told(version: HoldRules) -> dict[str, Any]:
    return told_version(version, acts_of(version)) | {
        "amount_above": Money(version.amount_above, "usd").as_json
        if version.amount_above is not None
        else None,
        "delta_percent": version.delta_percent,
        "first_invoice": version.first_invoice,
        "lines_above": version.lines_above,
        "says": version.sentences,
    }


def acts_of(version: HoldRules) -> Acts:
    return acts_of_version(version, "hold_rules", "Use these rules")


@pages.get("/hold-rules")
@reads("hold_rules", hold_rules.LIST)
def list() -> ResponseReturnValue:
    return listed(
        hold_rules.find(**asked()),
        told,
        "hold_rules/list.html",
        statuses=HoldRulesStatus,
        version=HoldRules.active(),
        propose=act_on(None, "hold_rules.propose", "/hold-rules/propose", "Try a change"),
    )


@pages.get("/hold-rules/<hold_rules_id>")
@reads("hold_rules")
def show(hold_rules_id: str) -> ResponseReturnValue:
    version = HoldRules.require(hold_rules_id)
    seen = hold_rules.simulate(version)
    return shown(
        version,
        lambda: told(version) | {"simulation": _told(seen)},
        "hold_rules/show.html",
        lambda: {
            "version": version,
            "seen": seen,
            "held": seen.held[:SHOWN],
            "acts": acts_of(version),
            "again": again(version, "hold_rules"),
            "waiting": waits_for(version),
            "timeline": happened(version),
        },
    )


def _told(seen: hold_rules.Simulated) -> dict[str, Any]:
    return {
        "says": seen.says,
        "looked_at": seen.looked_at,
        "held": [{"invoice": f"/invoices/{one.invoice_id}", "why": one.why} for one in seen.held],
    }


class ProposeForm(Reason):
    amount_above = MoneyField(
        "The total is above",
        text(40),
        description="In US dollars; in other currencies what is about as much.",
    )
    delta_percent = IntegerField(
        "It differs from the last one by more than",
        [Optional()],
        description="Up or down, of the last invoice of the same subscription.",
    )
    first_invoice = BooleanField("It is the customer's first")
    lines_above = IntegerField("It has more lines than", [Optional()])
    currency = "usd"


@pages.route("/hold-rules/propose", methods=["GET", "POST"])
@performs(hold_rules.propose, ProposeForm)
def propose(form: ProposeForm) -> Asked:
    if request.method == "GET" and "start" in request.args:
        start = HoldRules.get(request.args["start"]) or HoldRules.active()
        above = Money(start.amount_above, "usd").amount if start.amount_above is not None else None
        form.amount_above.data = above
        form.delta_percent.data, form.lines_above.data = start.delta_percent, start.lines_above
        form.first_invoice.data = start.first_invoice
    return Asked(
        None,
        lambda: {
            "amount_above": form.amount_above.minor,
            "delta_percent": form.delta_percent.data,
            "first_invoice": form.first_invoice.data,
            "lines_above": form.lines_above.data,
            "reason": form.reason.data,
        },
        context={"submit": "Write it down", "version": HoldRules.active()},
        done="The version is written down. Invoices are held by it once a second person agreed.",
    )


def _about(hold_rules_id: str, submit: str) -> dict[str, Any]:
    return {"version": HoldRules.require(hold_rules_id), "submit": submit}


@pages.route("/hold-rules/<hold_rules_id>/adopt", methods=["GET", "POST"])
@performs(hold_rules.adopt)
def adopt(form: NoInput, hold_rules_id: str) -> Asked:
    context = _about(hold_rules_id, "Use these rules")
    return Asked(hold_rules_id, context=context, done="Invoices are held by these rules from now on.")


@pages.route("/hold-rules/<hold_rules_id>/withdraw", methods=["GET", "POST"])
@performs(hold_rules.withdraw)
def withdraw(form: NoInput, hold_rules_id: str) -> Asked:
    context = _about(hold_rules_id, "Take it back")
    return Asked(hold_rules_id, context=context, done="The version was taken back.")

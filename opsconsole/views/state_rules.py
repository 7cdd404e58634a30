"""What each state asks of care at a distance. A state without a rule is not served."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, Form, IntegerField, SelectField, StringField
from wtforms.validators import Optional

from ..models import STATES, Modality, StateRule
from ..services import state_rules
from ._acting import Asked, performs
from ._fields import SelectChoice, required
from ._fields import text as at_most
from ._listing import act_on, asked, common, listed, shown
from ._page import now
from ._who import reads

pages = Blueprint("state_rules", __name__)
WAYS = {
    "async_photo": "By questionnaire and photos",
    "sync_first": "By video first",
    "sync_each": "By video each time",
}


def told(rule: StateRule) -> dict[str, Any]:
    return common(rule) | {
        "state": rule.state,
        "modality": rule.modality,
        "min_age": rule.min_age,
        "id_check": rule.id_check,
        "prescription_days": rule.prescription_days,
        "effective_from": rule.effective_from.isoformat(),
        "effective_to": rule.effective_to.isoformat() if rule.effective_to else None,
        "source": rule.source,
        "signed_off_by": rule.signed_off_by,
    }


def record_act(state: str = "") -> dict[str, Any]:
    start = f"?start={state}" if state else ""
    return act_on(None, "state_rules.record", f"/state-rules/record{start}", "New rule")


@pages.get("/state-rules")
@reads("state_rules", state_rules.LIST)
def list() -> ResponseReturnValue:
    today = now().date()
    return listed(
        state_rules.find(**asked()),
        told,
        "state_rules/list.html",
        today=today,
        ways=WAYS,
        states=state_rules.by_state(today),
        record=record_act(),
    )


@pages.get("/state-rules/<rule_id>")
@reads("state_rules")
def show(rule_id: str) -> ResponseReturnValue:
    rule = StateRule.require(rule_id)
    return shown(
        rule,
        lambda: told(rule),
        "state_rules/show.html",
        lambda: {
            "rule": rule,
            "today": now().date(),
            "ways": WAYS,
            "history": state_rules.history(rule.state),
            "record": record_act(rule.state),
        },
    )


class RecordForm(Form):
    state = SelectField(
        "State", choices=[SelectChoice(one, one) for one in sorted(STATES)], validate_choice=False
    )
    modality = SelectField(
        "Care is given",
        choices=[SelectChoice(one.value, WAYS[one]) for one in Modality],
        validate_choice=False,
    )
    min_age = IntegerField("From the age of", required())
    id_check = BooleanField("Patients have to show who they are", description="By a photo of a document.")
    prescription_days = IntegerField("A prescription lasts at most", required(), description="Days.")
    effective_from = DateField("From the day", required("Choose a day."))
    effective_to = DateField(
        "Until the end of", [Optional()], description="Empty: until another rule counts."
    )
    source = StringField("Where the rule stands", at_most(300, needed=True))
    signed_off_by = StringField("Signed off by", at_most(120, needed=True))


@pages.route("/state-rules/record", methods=["GET", "POST"])
@performs(state_rules.record, RecordForm)
def record(form: RecordForm) -> Asked:
    if request.method == "GET" and (start := request.args.get("start")):
        _start_from(form, start)
    return Asked(
        None,
        lambda: {name: field.data for name, field in form._fields.items()},
        context={"submit": "Write it down"},
        done="The rule is written down.",
    )


def _start_from(form: RecordForm, state: str) -> None:
    rule = StateRule.of(state, now().date())
    form.state.data = state
    if rule:
        for name in ("modality", "min_age", "id_check", "prescription_days", "source"):
            form._fields[name].data = getattr(rule, name)
    form.effective_from.data = now().date()

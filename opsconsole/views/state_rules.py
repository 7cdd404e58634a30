"""What each state asks of care at a distance. A state without a rule is not served."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import StateRule
from ..services import state_rules
from ._listing import asked, common, listed, shown
from ._page import now
from ._who import reads

pages = Blueprint("state_rules", __name__)


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


@pages.get("/state-rules")
@reads("state_rules", state_rules.LIST)
def list() -> ResponseReturnValue:
    found = state_rules.find(**asked())
    return listed(found, told, "state_rules/list.html", today=now().date())


@pages.get("/state-rules/<rule_id>")
@reads("state_rules")
def show(rule_id: str) -> ResponseReturnValue:
    rule = StateRule.require(rule_id)
    return shown(
        rule, lambda: told(rule), "state_rules/show.html", lambda: {"rule": rule, "today": now().date()}
    )

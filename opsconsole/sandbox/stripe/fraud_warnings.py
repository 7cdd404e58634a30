"""Early fraud warnings: a card's bank says that a charge may be fraud. Raised by a test card or the control side."""

from __future__ import annotations

from typing import Any

from ._form import text
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show

KIND = "radar.early_fraud_warning"
TYPES = (
    *(
        "card_never_received",
        "fraudulent_card_application",
        "made_with_counterfeit_card",
        "made_with_lost_card",
    ),
    *("made_with_stolen_card", "misc", "unauthorized_use_of_card"),
)


@shape_of(KIND)
def fraud_warning(facts: Facts) -> dict[str, Any]:
    return {
        "id": facts["id"],
        "object": KIND,
        "actionable": facts["actionable"],
        "charge": facts["charge"],
        "created": facts["created"],
        "fraud_type": facts["fraud_type"],
        "livemode": False,
        "payment_intent": facts["payment_intent"],
    }


def facts_of(charge: Facts, created: int, **given: Any) -> Facts:
    return {
        "id": given.get("id") or new_id("issfr"),
        "created": created,
        "charge": charge["id"],
        "payment_intent": charge["payment_intent"],
        "fraud_type": given.get("fraud_type") or "misc",
        "actionable": _actionable(charge),
    }


def _actionable(charge: Facts) -> bool:
    """Not disputed and not fully refunded: then a refund may still prevent a dispute."""
    return not charge.get("disputed") and charge.get("amount_refunded", 0) < charge["amount"]


def warn(turn: Turn, charge: Facts, **given: Any) -> Facts:
    """`given`: fraud_type."""
    facts = turn.add(KIND, facts_of(charge, turn.created, **given))
    turn.record("fraud_warning", facts)
    turn.emit("radar.early_fraud_warning.created", KIND, facts)
    return facts


def look_again(turn: Turn, charge: Facts) -> None:
    """The charge was refunded or disputed: its warnings may not be actionable any more."""
    for facts in turn.all(KIND, charge=charge["id"]):
        before = show(KIND, facts)
        facts["actionable"] = _actionable(charge)
        if show(KIND, facts) != before:
            turn.save(KIND, facts)
            turn.emit("radar.early_fraud_warning.updated", KIND, facts, before)


@route("GET", "/radar/early_fraud_warnings/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show(KIND, turn.need(KIND, id))


@route("GET", "/radar/early_fraud_warnings", {**LIST, "charge": text(), "payment_intent": text()})
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    where = {"charge": values.get("charge"), "payment_intent": values.get("payment_intent")}
    return page(turn, KIND, values, "/v1/radar/early_fraud_warnings", where=where)

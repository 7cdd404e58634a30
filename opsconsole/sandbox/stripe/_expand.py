"""expand[]: ids replaced by the objects they name, up to four levels deep."""

from __future__ import annotations

from typing import Any

from ._errors import Malformed
from ._turn import Turn, show

#: field -> kind of object behind it. A balance transaction stays an id: the sandbox keeps none.
KINDS = {
    "charge": "charge",
    "customer": "customer",
    "default_payment_method": "payment_method",
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
}
STAYS_AN_ID = ("balance_transaction", "failure_balance_transaction")


def expand(turn: Turn, answer: dict[str, Any], paths: list[str]) -> None:
    """Replace in place. Raises Malformed for a path that names nothing expandable."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > 4 + (steps[0] == "data"):
            raise Malformed(
                f"You cannot expand more than 4 levels of a property. Property: {path}", param="expand"
            )
        _expand(turn, answer, steps, path)


def _expand(turn: Turn, here: dict[str, Any], steps: list[str], path: str) -> None:
    field, rest = steps[0], steps[1:]
    if here.get("deleted"):  # nothing is left of it, and asking for more is no mistake
        return
    if here.get("object") == "list":
        if field != "data" or not rest:
            raise _not_expandable(path)
        for item in here["data"]:
            _expand(turn, item, rest, path)
        return
    if here.get("object") == "charge" and field == "refunds" and "refunds" not in here:
        here["refunds"] = _refunds_of(turn, here["id"])
    elif field not in here or not (field in KINDS or field in STAYS_AN_ID or isinstance(here[field], dict)):
        raise _not_expandable(path)
    elif field in KINDS and isinstance(here[field], str):
        here[field] = _behind(turn, KINDS[field], here[field])
    if rest and isinstance(here[field], dict):
        _expand(turn, here[field], rest, path)


def _behind(turn: Turn, kind: str, id: str) -> Any:
    for stored_as in (kind, f"deleted_{kind}"):
        facts = turn.find(stored_as, id)
        if facts is not None:
            return show(stored_as, facts)
    return id


def _refunds_of(turn: Turn, charge: str) -> dict[str, Any]:
    refunds = [show("refund", facts) for facts in turn.all("refund", charge=charge)]
    return {
        "object": "list",
        "data": refunds[:10],
        "has_more": len(refunds) > 10,
        "url": f"/v1/charges/{charge}/refunds",
    }


def _not_expandable(path: str) -> Malformed:
    return Malformed(f"This property cannot be expanded ({path}).", param="expand")

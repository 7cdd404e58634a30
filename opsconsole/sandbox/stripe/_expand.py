"""expand[]: ids replaced by the objects they name, up to four levels deep."""

from __future__ import annotations

import json
from typing import Any

from . import invoices, subscriptions
from ._errors import Malformed
from ._turn import Turn, show

#: What holds the id of another object, or several. An id that names nothing the sandbox keeps stays one.
NAMES_ANOTHER = frozenset(
    (
        *(
            "balance_transaction",
            "charge",
            "coupon",
            "credit_note",
            "customer",
            "customer_balance_transaction",
        ),
        *("default_payment_method", "discount", "discounts", "failure_balance_transaction", "invoice"),
        *("latest_charge", "latest_invoice", "latest_revision", "payment_intent", "payment_method", "payout"),
        *("pending_setup_intent", "price", "product", "promotion_code", "refund", "schedule", "source"),
        "subscription",
    )
)


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
    absent = ONLY_WHEN_ASKED_FOR.get((str(here.get("object")), field))
    if absent and field not in here:
        here[field] = absent(turn, here)
    elif field not in here or not (field in NAMES_ANOTHER or isinstance(here[field], (dict, list))):
        raise _not_expandable(path)
    elif field in NAMES_ANOTHER:
        here[field] = _behind(turn, here[field])
    below = here[field] if isinstance(here[field], list) else [here[field]]
    for one in below if rest else ():
        if isinstance(one, dict):
            _expand(turn, one, rest, path)


def _behind(turn: Turn, there: Any) -> Any:
    """The object of an id, however it is kept; of several, each."""
    if isinstance(there, list):
        return [_behind(turn, one) for one in there]
    if not isinstance(there, str):
        return there
    row = turn.db.execute("SELECT kind, facts FROM stripe_objects WHERE id = ?", (there,)).fetchone()
    return show(row["kind"], json.loads(row["facts"])) if row else there


def _refunds_of(turn: Turn, answer: dict[str, Any]) -> dict[str, Any]:
    charge = answer["id"]
    refunds = [show("refund", facts) for facts in turn.all("refund", charge=charge)]
    return {
        "object": "list",
        "data": refunds[:10],
        "has_more": len(refunds) > 10,
        "url": f"/v1/charges/{charge}/refunds",
    }


ONLY_WHEN_ASKED_FOR = {
    ("charge", "refunds"): _refunds_of,
    ("customer", "subscriptions"): subscriptions.of_customer,
    ("invoice", "confirmation_secret"): invoices.secret_of,
    ("invoice", "payments"): invoices.payments_of,
}


def _not_expandable(path: str) -> Malformed:
    return Malformed(f"This property cannot be expanded ({path}).", param="expand")

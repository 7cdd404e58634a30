"""What automatic tax makes of an address: a state's rate where the company collects, nothing where it does not.

The company of the sandbox is registered in five states. Without a postal address in a state of the country there is
no telling, and nothing that has automatic tax can be finalised
(https://docs.stripe.com/tax/customer-locations).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ._turn import Facts, Turn

SETTING = "tax"
#: Percent, the state's own part: cities and counties add nothing in here.
COLLECTED = {"CA": "7.25", "FL": "6", "NY": "4", "TX": "6.25", "WA": "6.5"}
CODES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK"
    " OR PA RI SC SD TN TX UT VT VA WA WV WI WY"
)
STATES = frozenset(CODES.split())


@dataclass(frozen=True)
class Tax:
    """A rate in percent, the id under which invoices name it, and why it is what it is."""

    percent: Decimal
    id: str
    reason: str

    def on(self, amount: int, inclusive: bool) -> int:
        """The tax of an amount in minor units; of one that includes it, the part that is tax."""
        part = self.percent / (100 + self.percent) if inclusive else self.percent / 100
        return int((amount * part).quantize(Decimal(1), ROUND_HALF_UP))


def set_working(turn: Turn, working: bool) -> None:
    """Let the reckoning of taxes fail, or work again."""
    facts: Facts = {"id": SETTING, "created": turn.created, "working": working}
    if turn.find("setting", SETTING):
        turn.save("setting", facts)
    else:
        turn.add("setting", facts)


def status(turn: Turn, tax: Tax | None) -> str:
    """`automatic_tax.status` of what `of` found."""
    if not (turn.find("setting", SETTING) or {"working": True})["working"]:
        return "failed"
    return "complete" if tax else "requires_location_inputs"


def of(customer: dict[str, Any]) -> Tax | None:
    """The tax of who lives there, where things are sent before where bills go; None when that is not known."""
    shipping = (customer.get("shipping") or {}).get("address")
    address = shipping or customer.get("address") or {}
    state = str(address.get("state") or "").upper()
    if address.get("country") != "US" or not address.get("postal_code") or state not in STATES:
        return None
    id = "txr_" + hashlib.sha256(state.encode()).hexdigest()[:24]
    if customer.get("tax_exempt", "none") != "none":
        return Tax(Decimal(0), id, "customer_exempt")
    if state not in COLLECTED:
        return Tax(Decimal(0), id, "not_collecting")
    return Tax(Decimal(COLLECTED[state]), id, "standard_rated")

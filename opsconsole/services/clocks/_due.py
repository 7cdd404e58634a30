"""When the running party is late: by the service level of what it owes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...lib.business_time import Pause
from ...models import OrderStatus
from .. import service_levels
from ..service_levels import Levels
from ._attribute import Attribution

_S = OrderStatus
# The code whose level counts for what is awaited. Where nothing declared it, the lane's usual time does.
CODES: Mapping[str, str] = {
    _S.AWAITING_VISIT: "INT.INCOMPLETE",
    _S.IN_REVIEW: "CLI.OVERDUE",
    _S.AWAITING_RX: "RX.UNSIGNED",
    _S.READY: "PHA.NOT_SUBMITTED",
    _S.SUBMITTED: "PHA.NO_ACK",
    _S.AT_PHARMACY: "PHA.FILL_LONG",
    _S.SHIPPED: "SHP.STALLED",
    "visit_invited": "INT.INCOMPLETE",
    "visit_in_progress": "INT.INCOMPLETE",
    "visit_submitted": "CLI.UNASSIGNED",
    "visit_assigned": "CLI.OVERDUE",
    "visit_in_review": "CLI.OVERDUE",
    "visit_needs_info": "CLI.WAIT_PATIENT",
    "fill_queued": "PHA.NOT_SUBMITTED",
    "fill_exception": "PHA.ON_HOLD",
    "fill_error": "PHA.REJECTED",
    "fill_rejected": "PHA.REJECTED",
    "fill_cancel_denied": "RX.CANCEL_DENIED",
    "parcel_exception": "SHP.EXCEPTION",
    "parcel_returning": "SHP.RETURNING",
    "returned": "SHP.RETURNING",
    "stopping": "RX.CANCEL_WAIT",
    "requires_action": "PAY.ACTION",
    "requires_payment": "PAY.HARD",
    "processing": "PAY.PROCESSING",
    "refund_failed": "REF.FAILED",
    "refund_pending": "REF.PROCESSING",
    "refund_submitted": "REF.UNKNOWN",
}


@dataclass(frozen=True)
class Due:
    """`code` is whose service level it is; None where it is the usual time of the lane. `stands`: a vendor is down and
    the clock stands; then neither instant is known."""

    since: datetime
    code: str | None = None
    warn_at: datetime | None = None
    breach_at: datetime | None = None
    stands: bool = False


def due(found: Attribution, held: Levels, sku: str | None = None) -> Due | None:
    """Since when whoever has the ball owes what it owes, and when that is too long; None when nothing is awaited.

    The time in which a vendor was down does not count against who waited for it.
    """
    running = found.running
    if running is None:
        return None
    since, pauses = running.since, list[Pause]()
    for span in reversed(found.spans):
        if span.state != running.state:
            break
        since = span.since
        if span.down:
            pauses.append((span.since, span.until))
    if running.down:
        return Due(since, CODES.get(running.state), stands=True)
    code = CODES.get(running.state, "")
    declared = service_levels.codes().get(code)
    if declared is None:
        return Due(since, breach_at=running.due)
    pharmacy_id = next((id for id, name in held.of_pharmacy.items() if name == running.port), None)
    level = held.of(code, declared.limit, declared.team, pharmacy_id, sku)
    return Due(since, code, *level.instants(since, pauses))

"""What a parcel's scans come to: the same end, in whatever order they were heard of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ...models import MOVING, Scan, ShipmentStatus

_S = ShipmentStatus
_LOST = "lost"
# Where a scan of each status leads from. What stands nowhere changes nothing: a parcel that arrived is not on its way again
# because a carrier's machine says so late, and one that goes back arrives at the sender.
_ENDS = {_S.DELIVERED, _S.RETURNING}
FOLLOWS = {
    _S.LABEL_CREATED: {*MOVING, *_ENDS, _S.VOIDED},
    _S.VOIDED: {*MOVING, *_ENDS},  # its label was called off, and the carrier has it nevertheless
    **{status: {*MOVING, *_ENDS} for status in MOVING},
    _S.DELIVERED: {_S.RETURNING},
    _S.RETURNING: {_S.DELIVERED},
    _S.RETURNED: set[ShipmentStatus](),
}


@dataclass(frozen=True)
class Leg:
    """The parcel stood so from this scan on."""

    status: ShipmentStatus
    since: datetime
    scan: Scan | None


@dataclass(frozen=True)
class Way:
    """`legs` begin with the label. `code` says what went wrong, where something did."""

    legs: Sequence[Leg]
    code: str | None
    last_scan_at: datetime | None  # None until the carrier had it in its hands

    @property
    def status(self) -> ShipmentStatus:
        return self.legs[-1].status

    @property
    def delivered_at(self) -> datetime | None:
        """When it first arrived at the customer's, whatever came then."""
        return next((leg.since for leg in self.legs if leg.status is _S.DELIVERED), None)

    @property
    def came_back(self) -> bool:
        """It was delivered, and went back after that."""
        passed = [leg.status for leg in self.legs]
        arrived = passed.index(_S.DELIVERED) if _S.DELIVERED in passed else len(passed)
        return _S.RETURNING in passed[arrived:]

    def turned_up(self, lost_at: datetime | None) -> bool:
        """It arrived although it was given up."""
        return lost_at is not None and self.status == _S.DELIVERED


def way(labelled_at: datetime, scans: Sequence[Scan], lost_at: datetime | None = None) -> Way:
    """`scans` are all that count, in any order. Giving a parcel up is an event of its way like a scan."""
    events = [(scan.place_in_time, _leads_to(scan), scan) for scan in scans]
    told: list[tuple[datetime, ShipmentStatus | None, Scan | None]] = [
        (scan.occurred_at, status, scan) for _, status, scan in sorted(events, key=lambda event: event[0])
    ]
    if lost_at:
        told = sorted([*told, (lost_at, _S.EXCEPTION, None)], key=lambda event: event[0])
    legs, code = [Leg(_S.LABEL_CREATED, labelled_at, None)], None
    for at, status, scan in told:
        here = legs[-1].status
        if status is None or status not in FOLLOWS[here]:
            continue
        if here is _S.RETURNING:
            status = _S.RETURNED
        if status is _S.EXCEPTION:
            code = (scan.detail or scan.raw_status) if scan else _LOST
        elif status in MOVING or status is _S.DELIVERED:
            code = None
        elif scan and status is _S.RETURNING:
            code = scan.detail or None
        if status is not here:
            legs.append(Leg(status, at, scan))
    carried = [scan for scan in scans if scan.state in MOVING - {_S.UNKNOWN} or scan.state in _ENDS]
    last = max((scan.occurred_at for scan in carried), default=None)
    return Way(legs, code, last)


def _leads_to(scan: Scan) -> ShipmentStatus | None:
    """None for what says nothing about where it is: the vendor's own word for not knowing."""
    return None if scan.state is _S.UNKNOWN and not scan.strange else scan.state

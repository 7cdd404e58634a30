"""Taking in a parcel as its vendor knows it: its scans, where it stands, what that means for the order.

Whatever the order in which scans and fetches arrive, the end is that of all scans together. Order and shipment are locked
before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from ...db import db
from ...lib import ids
from ...models import MOVING, Fill, FillStatus, Order, OrderStatus, Scan, Shipment, ShipmentStatus
from ...vendors.tracking import ScanFacts, TrackerFacts
from .. import cases
from .._act import performing
from ._intercept import by_scans
from ._late import judge
from ._way import Way, way
from ._when_arrived import arrived

_S, _O = ShipmentStatus, OrderStatus
_HANDED_OVER = (
    _O.SUBMITTED,
    _O.AT_PHARMACY,
)  # a parcel that is scanned proves that the pharmacy had the order
UNKNOWN_WORD, WRONG, BACK, ODD, FOUND = (
    "vendor_status_unknown", "parcel_exception", "parcel_came_back", "parcel_order_mismatch", "lost_parcel_arrived",
)  # fmt: skip


def take_in(shipment: Shipment, order: Order, facts: TrackerFacts, *, fetched_at: datetime) -> Way:
    """Bring our parcel and its order up to what the vendor says. An older fetch adds its scans and nothing else."""
    newest = shipment.fetched_at is None or fetched_at >= shipment.fetched_at
    if newest:
        shipment.fetched_at = fetched_at
        shipment.raw_status = facts.raw_status
        shipment.promised_on = shipment.promised_on or facts.promised_on
    _keep(shipment, facts.scans)
    gone = follow(shipment, order, shipment.scans(), Shipment.of_order(order.id))
    _tell_strange(shipment, gone, facts if newest else None)
    return gone


def _keep(shipment: Shipment, scans: Sequence[ScanFacts]) -> None:
    """Each scan once."""
    rows = [
        {
            "id": ids.new(Scan.PREFIX), "shipment_id": shipment.id, "tracking_code": shipment.tracking_code,
            "occurred_at": scan.occurred_at, "status": scan.state.value, "raw_status": scan.raw_status,
            "detail": scan.detail, "message": scan.words, "place": scan.place,
        }
        for scan in scans
        if counts(shipment, scan)
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Scan).values(rows).on_conflict_do_nothing())


def counts(shipment: Shipment, scan: ScanFacts) -> bool:
    """Is it of this parcel? What is older than our label is of another one: numbers are used again."""
    return scan.occurred_at >= shipment.scans_from


def follow(shipment: Shipment, order: Order, scans: Sequence[Scan], of_order: Sequence[Shipment]) -> Way:
    """Where all scans together bring the parcel, and the order with it; a case for whatever is somebody's."""
    before, was_there, waiting = _stood(shipment), shipment.delivered_at is not None, unsent(order)
    gone = stand(shipment, order, scans, of_order, waiting)
    judge(shipment, performing().now)
    wanted = wanted_by(of_order, waiting)
    _solved(shipment, order, gone, wanted)
    by_scans(shipment)
    told = bool(shipment.delivered_at) and not was_there and arrived(order, shipment)
    if _stood(shipment) != before:  # whoever dismissed a case is not asked again for the same
        _tell_wrong(shipment, gone, told)
        _tell_odd(shipment, order, wanted)
    return gone


def _stood(shipment: Shipment) -> tuple[object, ...]:
    return shipment.status, shipment.exception_code, shipment.delivered_at


def stand(
    shipment: Shipment,
    order: Order,
    scans: Sequence[Scan],
    of_order: Sequence[Shipment],
    waiting: Sequence[Fill] = (),
) -> Way:
    """Move the parcel, and the order where its parcels are, as far as its own moves allow. `waiting` are the order's fills
    that are in no parcel yet."""
    gone = way(shipment.labelled_at, scans, shipment.lost_at)
    shipment.move_to(gone.status)
    shipment.exception_code = gone.code
    shipment.last_scan_at = gone.last_scan_at
    shipment.delivered_at = gone.delivered_at
    if wanted := wanted_by(of_order, waiting):
        for step in _steps(_O(order.status), wanted):
            order.move_to(step)
    return gone


def _tell_strange(shipment: Shipment, gone: Way, facts: TrackerFacts | None) -> None:
    """A case as long as the vendor's last word is one that we do not know."""
    last = gone.legs[-1].scan
    strange = last.raw_status if last and last.strange else None
    if strange is None and facts and facts.strange and not facts.scans:
        strange = facts.raw_status
    if strange is None:
        cases.close_when_solved(UNKNOWN_WORD, shipment.id, "the vendor uses a word that we know")
        return
    says = f"EasyPost says “{strange}” of this parcel, a word that we do not know. Look there, and tell engineering."
    _case(UNKNOWN_WORD, shipment, says)


def _solved(shipment: Shipment, order: Order, gone: Way, wanted: OrderStatus | None) -> None:
    """Close what has come right by itself."""
    if gone.status not in (_S.EXCEPTION, _S.RETURNING, _S.RETURNED):
        cases.close_when_solved(WRONG, shipment.id, "the parcel goes on")
    if _agree(order, wanted):
        cases.close_when_solved(ODD, shipment.id, "order and parcel agree")


def _tell_wrong(shipment: Shipment, gone: Way, told: bool) -> None:
    """What goes wrong on the way is somebody's at once. `told`: another case says already that it arrived."""
    if gone.status is _S.EXCEPTION:
        what = "was given up as lost" if shipment.lost_at and gone.code == "lost" else "met with trouble"
        code = "" if gone.code in (None, "lost") else f" ({str(gone.code).replace('_', ' ')})"
        _case(WRONG, shipment, f"The parcel {what}{code}. Replace it, or give the money back.")
    elif gone.status in (_S.RETURNING, _S.RETURNED):
        where = "is on its way back" if gone.status is _S.RETURNING else "came back"
        _case(
            WRONG,
            shipment,
            f"The parcel {where}. Ask the customer for their address before anything is sent again.",
        )
    if gone.came_back:
        _case(
            BACK,
            shipment,
            "The carrier said that the parcel arrived, and then brought it back. Ask the customer.",
        )
    if gone.turned_up(shipment.lost_at) and not told:
        says = "This parcel was given up as lost, and arrived. If it was replaced, the customer has two: medicine is never "
        _case(FOUND, shipment, says + "taken back into stock.")


def _tell_odd(shipment: Shipment, order: Order, wanted: OrderStatus | None) -> None:
    """A case while the order does not stand where its parcels are."""
    if wanted is None or _agree(order, wanted):
        return
    is_, should = order.status.replace("_", " "), wanted.value.replace("_", " ")
    says = (
        f"The carrier's scans say that the order is {should}, and it stands as {is_}. Find out which is so."
    )
    _case(ODD, shipment, says)


def _agree(order: Order, wanted: OrderStatus | None) -> bool:
    further = {_O.SHIPPED: {_O.DELIVERED, _O.CLOSED}, _O.DELIVERED: {_O.CLOSED}}  # it may have gone on since
    return wanted is None or order.status in {wanted} | further.get(wanted, set())


def unsent(order: Order) -> list[Fill]:
    """The order's fills that are not in a parcel yet, where it has several: of one, every parcel is its. One statement."""
    fills = [
        one
        for one in Fill.of_order(order.id)
        if one.status not in (FillStatus.CANCELED, FillStatus.WITHDRAWN)
    ]
    return [one for one in fills if one.status != FillStatus.SHIPPED] if len(fills) > 1 else []


def wanted_by(of_order: Sequence[Shipment], unsent: Sequence[Fill] = ()) -> OrderStatus | None:
    """Where the order belongs by its parcels; None as long as no carrier had one, or fills are `unsent`: then its fills say
    where it is."""
    if unsent:
        return None
    sent = [one for one in of_order if one.status != _S.VOIDED]
    if sent and all(one.status == _S.RETURNED for one in sent):
        return _O.RETURNED
    if sent and all(one.delivered_at or one.status == _S.RETURNED for one in sent):
        return _O.DELIVERED
    return _O.SHIPPED if any(one.last_scan_at for one in sent) else None


def _steps(here: OrderStatus, wanted: OrderStatus) -> Sequence[OrderStatus]:
    """The moves that lead there; none when the order cannot go there by what its parcels tell."""
    on_the_way = {_O.SHIPPED: [], _O.DELIVERED: [_O.DELIVERED], _O.RETURNED: [_O.RETURNED]}[wanted]
    if here in _HANDED_OVER or here is _O.MANUAL_INTERVENTION:
        before = [_O.AT_PHARMACY] if here is _O.SUBMITTED else []
        return [*before, _O.SHIPPED, *on_the_way]
    return on_the_way if here is _O.SHIPPED or (here, wanted) == (_O.DELIVERED, _O.RETURNED) else []


def _case(reason: str, shipment: Shipment, says: str) -> None:
    suggests = {"act": "cases.dismiss", "label": "Dismiss it once it is dealt with"}
    if reason in (WRONG, BACK) and shipment.status in MOVING | {_S.RETURNING, _S.RETURNED}:
        suggests = {
            "act": "replacements.issue",
            "url": f"/orders/{shipment.order_id}/replace",
            "label": "Replace it",
        }
    cases.open_case(reason, shipment.id, says=says, suggests=suggests, about=shipment.related())

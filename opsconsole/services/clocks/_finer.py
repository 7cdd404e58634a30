"""What an order's visits, fills and parcels tell of whose turn it was, where the order's own status is too coarse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, literal, select, union_all

from ...db import db
from ...models import Fill, FillStatus, Pharmacy, Shipment, ShipmentStatus, StatusMove, Visit, VisitStatus
from ..orders import Holder, Look, Span

_V, _F, _P = VisitStatus, FillStatus, ShipmentStatus
Told = tuple[Holder, str]
# Statuses that say whose turn it is, and what is awaited. What is not here leaves it to the order's own status.
_VISIT: dict[str, Told] = {
    _V.INVITED: (Holder.PATIENT, "The customer has to answer the questionnaire"),
    _V.IN_PROGRESS: (Holder.PATIENT, "The customer answers the questionnaire"),
    _V.NEEDS_INFO: (Holder.PATIENT, "The customer has to answer the clinician"),
    _V.SUBMITTED: (Holder.CLINIC, "A clinician has to take it"),
    _V.ASSIGNED: (Holder.CLINIC, "A clinician has to look at it"),
    _V.IN_REVIEW: (Holder.CLINIC, "A clinician looks at it"),
}
_FILL: dict[str, Told] = {
    _F.QUEUED: (Holder.US, "It is about to be sent to the pharmacy"),
    _F.EXCEPTION: (Holder.US, "The pharmacy waits for our answer"),
    _F.ERROR: (Holder.US, "The pharmacy could not take it"),
    _F.REJECTED: (Holder.US, "The pharmacy will not fill it"),
    _F.CANCEL_DENIED: (Holder.US, "The pharmacy would not stop"),
}
_PARCEL: dict[str, Told] = {
    _P.EXCEPTION: (Holder.US, "Something went wrong on its way"),
    _P.RETURNING: (Holder.US, "It is on its way back"),
    _P.PICKUP_READY: (Holder.PATIENT, "The customer has to fetch it"),
}
_WORDS: Mapping[str, Mapping[str, Told]] = {"visit": _VISIT, "fill": _FILL, "parcel": _PARCEL}


@dataclass(frozen=True)
class Stay:
    """One status of one record over a time. `port` is the vendor that keeps the record, where it is a pharmacy."""

    kind: str  # visit, fill or parcel
    record_id: str
    status: str
    since: datetime
    until: datetime | None
    port: str | None

    @property
    def told(self) -> Told | None:
        return _WORDS[self.kind].get(self.status)


def stays(order_id: str) -> list[Stay]:
    """Where the order's visits, fills and parcels stood. One statement."""
    found: dict[str, list[Any]] = {}
    for row in db.session.execute(_QUERY, {"order_id": order_id}):
        found.setdefault(row.id, []).append(row)
    return [stay for rows in found.values() for stay in _stays(rows)]


def _record(kind: str, noun: Any, port: Any) -> Any:
    return select(
        literal(kind).label("kind"),
        noun.id,
        noun.created_at,
        noun.status,
        noun.status_since,
        port.label("port"),
    )


def _query() -> Any:
    order_id: Any = bindparam("order_id")
    nothing = literal(None, String)
    port = literal("pharmacy-").concat(Pharmacy.adapter)
    records = union_all(
        _record("visit", Visit, nothing).where(Visit.order_id == order_id),
        _record("fill", Fill, port)
        .join(Pharmacy, Pharmacy.id == Fill.pharmacy_id)
        .where(Fill.order_id == order_id),
        _record("parcel", Shipment, nothing).where(Shipment.order_id == order_id),
    ).subquery()
    return (
        select(records, StatusMove.at, StatusMove.before, StatusMove.after)
        .join(StatusMove, StatusMove.record_id == records.c.id, isouter=True)
        .order_by(records.c.created_at, records.c.id, StatusMove.at, StatusMove.id)
    )


_QUERY = _query()


def _stays(rows: Sequence[Any]) -> Iterator[Stay]:
    """A record's statuses in order, from its moves; without any, where it stands since it came there."""
    one = rows[0]
    known = [(one.status_since, one.status)]
    if one.at is not None:
        known = [(min(one.created_at, one.at), one.before), *((row.at, row.after) for row in rows)]
    ends = [*(at for at, _ in known[1:]), None]
    for (since, status), until in zip(known, ends, strict=True):
        if until is None or since < until:
            yield Stay(one.kind, one.id, status, since, until, one.port)


def cut(span: Span, over: Sequence[Stay]) -> Iterator[tuple[Span, Stay | None]]:
    """A span in the pieces that these stays make of it, each with the stay that says whose turn it was then: the first of
    those that say anything, in the order in which they are given; None where none does."""
    inside = {
        at
        for one in over
        for at in (one.since, one.until)
        if at and span.since < at and (span.until is None or at < span.until)
    }
    starts = [span.since, *sorted(inside)]
    for begin, end in zip(starts, [*starts[1:], span.until], strict=True):
        stay = next((one for one in over if _holds(one, begin)), None)
        piece = replace(span, since=begin, until=end)
        if stay is not None and stay.told:
            holder, says = stay.told
            piece = replace(
                piece, state=f"{stay.kind}_{stay.status}", holder=holder, says=says, look=Look.WAIT
            )
        yield piece, stay


def _holds(stay: Stay, at: datetime) -> bool:
    return stay.told is not None and stay.since <= at and (stay.until is None or at < stay.until)

"""A parcel on its way to a customer, and what carriers wrote down of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import pii, public
from ._record import Record, Stateful, Status, one_of
from .fill import Fill


class ShipmentStatus(Status):
    LABEL_CREATED = "label_created", "It has a label; the carrier has not scanned it yet."
    IN_TRANSIT = "in_transit", "The carrier has it and it moves."
    OUT_FOR_DELIVERY = "out_for_delivery", "It is on the van: it arrives today, mostly."
    ATTEMPTED = "attempted", "The carrier tried to deliver it and nobody took it. They mostly try again."
    PICKUP_READY = "pickup_ready", "It waits where the customer has to fetch it: tell them so."
    DELIVERED = "delivered", "The carrier says it arrived."
    EXCEPTION = "exception", "Something went wrong on its way. A case says what to do."
    RETURNING = (
        "returning",
        "It is on its way back to the pharmacy. Ask the customer before sending it again.",
    )
    RETURNED = "returned", "It is back at the sender. Medicine that came back is never sent again."
    VOIDED = "voided", "The label was called off before the carrier had the parcel."
    UNKNOWN = "unknown", "The carrier uses a word that we do not know. A case says which."


_S = ShipmentStatus
#: With the carrier, and where each scan may lead anywhere else.
MOVING = frozenset(
    {_S.IN_TRANSIT, _S.OUT_FOR_DELIVERY, _S.ATTEMPTED, _S.PICKUP_READY, _S.EXCEPTION, _S.UNKNOWN}
)
_ENDS = {_S.DELIVERED, _S.RETURNING, _S.RETURNED}


class Shipment(Stateful):
    """`tracking_code` is the carrier's number, `external_id` the tracker that follows it. Scans before `scans_from` are of
    an older parcel with the same number. `promised_on` is the first day that was promised. `late` is the code of the
    threshold that has passed, `watch_at` when the next one does. `fill_id` is our fill's id, or whatever the pharmacy
    calls its work."""

    __tablename__ = "shipments"
    __table_args__ = (
        one_of("status", ShipmentStatus),
        Index("shipments_order_idx", "order_id", "created_at"),
        Index("shipments_customer_idx", "customer_id", "created_at"),
        Index("shipments_tracking_code_idx", "tracking_code"),
        Index("shipments_external_id_idx", "external_id"),
        Index("shipments_created_idx", "created_at", "id"),
        Index("shipments_status_created_idx", "status", "created_at", "id"),
        Index("shipments_carrier_created_idx", "carrier", "created_at", "id"),
        Index("shipments_late_created_idx", "created_at", "id", postgresql_where="late is not null"),
        Index("shipments_missing_idx", "missing_at", postgresql_where="missing_at is not null"),
        Index("shipments_watch_idx", "watch_at", postgresql_where="watch_at is not null"),
    )
    PREFIX, PLURAL = "shp", "shipments"
    TOLD = (
        "status",
        "carrier",
        "service",
        "tracking_code",
        "promised_on",
        "exception_code",
        "late",
        "missing_at",
    )
    BELONGS_TO = ("order_id", "customer_id")
    STATUS = ShipmentStatus
    # Scans come late and in any order: a status may lead to whatever an older scan, heard of only now, makes of it. What
    # the carrier has cannot be a bare label again, unless it gets another label (shipments.relabel).
    MOVES = {
        _S.LABEL_CREATED: {*MOVING, *_ENDS, _S.VOIDED},
        _S.VOIDED: {*MOVING, *_ENDS, _S.LABEL_CREATED},
        **{status: ({*MOVING, *_ENDS, _S.LABEL_CREATED} - {status}) for status in MOVING},
        _S.DELIVERED: {_S.RETURNING, _S.RETURNED},
        _S.RETURNING: {_S.RETURNED},
        _S.RETURNED: set(),
    }

    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    fill_id: Mapped[str | None] = mapped_column(String(80))
    carrier: Mapped[str] = public(String(40))
    service: Mapped[str] = public(String(60), default="")
    tracking_code: Mapped[str] = pii(String(60))
    external_id: Mapped[str | None] = mapped_column(String(255))
    raw_status: Mapped[str] = mapped_column(String(60), default="")
    exception_code: Mapped[str | None] = public(String(60))
    promised_on: Mapped[date | None]
    labelled_at: Mapped[datetime]
    scans_from: Mapped[datetime]
    last_scan_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]  # it may have come back since
    lost_at: Mapped[datetime | None]  # a person gave it up then
    missing_at: Mapped[
        datetime | None
    ]  # the customer told us then that it did not come, whatever the carrier says
    late: Mapped[str | None] = public(String(20))
    watch_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime | None]

    def tell(self, field: str, value: Any) -> Any:
        if field == "missing_at":  # since when, nobody decides: a preview tells that it is so
            return "the customer has not got it" if value else None
        return value.isoformat() if isinstance(value, date) else super().tell(field, value)

    @property
    def final(self) -> bool:
        return self.status in (_S.DELIVERED, _S.RETURNED, _S.VOIDED)

    @property
    def parcel(self) -> str:
        """What people call it: "USPS 9400111206206406260787"."""
        return f"{self.carrier} {self.tracking_code}"

    @classmethod
    def of_order(cls, order_id: str) -> list[Shipment]:
        """An order's parcels, oldest first."""
        query = select(cls).where(cls.order_id == order_id).order_by(cls.created_at, cls.id)
        return list(db.session.scalars(query))

    @classmethod
    def of_fill(cls, fill: Fill) -> Shipment | None:
        """The parcel in which a fill left."""
        query = select(cls).where(cls.order_id == fill.order_id, cls.fill_id == fill.id)
        return db.session.scalar(query.order_by(cls.created_at, cls.id).limit(1))

    @classmethod
    def by_external(cls, external_id: str) -> list[Shipment]:
        """Those that a tracker follows: mostly one, two when two orders share a box."""
        query = select(cls).where(cls.external_id == external_id).order_by(cls.id)
        return list(db.session.scalars(query))

    def scans(self) -> Sequence[Scan]:
        """What counts of its present number, in the order in which it happened."""
        query = select(Scan).where(Scan.shipment_id == self.id, Scan.tracking_code == self.tracking_code)
        return sorted(db.session.scalars(query), key=lambda scan: scan.place_in_time)


_RANK = {status: rank for rank, status in enumerate((
    _S.LABEL_CREATED, _S.UNKNOWN, _S.IN_TRANSIT, _S.OUT_FOR_DELIVERY, _S.ATTEMPTED, _S.PICKUP_READY, _S.EXCEPTION,
    _S.DELIVERED, _S.RETURNING, _S.RETURNED, _S.VOIDED,
))}  # fmt: skip


class Scan(Record):
    """One thing a carrier wrote down. Only ever added to. `status` is in our words, `raw_status` and `detail` in the
    vendor's."""

    __tablename__ = "scans"
    __table_args__ = (
        UniqueConstraint("shipment_id", "occurred_at", "raw_status", "place"),
        one_of("status", ShipmentStatus),
    )
    PREFIX, PLURAL = "scn", "scans"
    BELONGS_TO = ("shipment_id",)

    shipment_id: Mapped[str] = mapped_column(ForeignKey("shipments.id"))
    tracking_code: Mapped[str] = pii(String(60))
    occurred_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(24))
    raw_status: Mapped[str] = mapped_column(String(60))
    detail: Mapped[str] = public(String(60), default="")
    message: Mapped[str] = pii(String(200), default="")
    place: Mapped[str] = pii(String(200), default="")

    @property
    def state(self) -> ShipmentStatus:
        return ShipmentStatus(self.status)

    @property
    def strange(self) -> bool:
        """The vendor used a word that we do not know; its own word for not knowing is another thing."""
        return self.status == _S.UNKNOWN and self.raw_status != _S.UNKNOWN

    @property
    def place_in_time(self) -> tuple[datetime, int, str, str]:
        """By this scans are ordered, also those of one instant: the end does not turn on which came first."""
        return (self.occurred_at, _RANK[self.state], self.raw_status, self.place)

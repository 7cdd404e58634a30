"""Somebody asks a carrier to stop a parcel: who, why, and how that ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import pii, public
from ._record import Stateful, Status, one_of


class InterceptStatus(Status):
    ASKED = "asked", "Somebody has to ask the carrier; its case says where and what to say."
    CONFIRMED = (
        "confirmed",
        "The carrier took the wish in. Whether it catches the parcel, the scans will tell.",
    )
    REFUSED = "refused", "The carrier will not stop the parcel: it goes on to the customer."
    STOPPED = "stopped", "The parcel was caught and is on its way back."
    DELIVERED = "delivered", "The parcel arrived all the same."
    WITHDRAWN = "withdrawn", "Taken back: the parcel may go on."


_S = InterceptStatus


class Intercept(Stateful):
    """`external_id` is the carrier's confirmation number. Of one parcel at most one is open."""

    __tablename__ = "intercepts"
    __table_args__ = (
        one_of("status", InterceptStatus),
        Index(
            "intercepts_open_key", "shipment_id", unique=True,
            postgresql_where="status in ('asked', 'confirmed')",
        ),
        Index("intercepts_order_idx", "order_id", "created_at"),
    )  # fmt: skip
    PREFIX, PLURAL = "icp", "intercepts"
    TOLD = ("status", "external_id")
    BELONGS_TO = ("shipment_id", "order_id", "customer_id")
    STATUS = InterceptStatus
    # A scan has the last word, whatever the carrier said before.
    MOVES = {
        _S.ASKED: {_S.CONFIRMED, _S.REFUSED, _S.STOPPED, _S.DELIVERED, _S.WITHDRAWN},
        _S.CONFIRMED: {_S.STOPPED, _S.DELIVERED, _S.REFUSED},
        _S.REFUSED: set(),
        _S.STOPPED: {_S.DELIVERED},
        _S.DELIVERED: set(),
        _S.WITHDRAWN: set(),
    }

    shipment_id: Mapped[str] = mapped_column(ForeignKey("shipments.id"))
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    reason: Mapped[str] = pii(String(500))
    external_id: Mapped[str | None] = mapped_column(String(255))
    carrier: Mapped[str] = public(String(40))
    by: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[str] = mapped_column(String(40))
    trace_id: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None]

    @property
    def url(self) -> str:
        """It stands on its parcel's page."""
        return f"/shipments/{self.shipment_id}"

    @property
    def open(self) -> bool:
        return self.status in (_S.ASKED, _S.CONFIRMED)

    @classmethod
    def of(cls, shipment_id: str) -> list[Intercept]:
        """A parcel's, the newest first."""
        query = select(cls).where(cls.shipment_id == shipment_id)
        return list(db.session.scalars(query.order_by(cls.created_at.desc(), cls.id.desc())))

    @classmethod
    def of_each(cls, shipment_ids: Collection[str]) -> dict[str, list[Intercept]]:
        """Those of several parcels: one statement for all."""
        found: dict[str, list[Intercept]] = {id: [] for id in shipment_ids}
        query = select(cls).where(cls.shipment_id.in_(found)).order_by(cls.created_at.desc(), cls.id.desc())
        for one in db.session.scalars(query) if found else ():
            found[one.shipment_id].append(one)
        return found

    @classmethod
    def of_order(cls, order_id: str) -> list[Intercept]:
        """An order's, oldest first."""
        query = select(cls).where(cls.order_id == order_id).order_by(cls.created_at, cls.id)
        return list(db.session.scalars(query))

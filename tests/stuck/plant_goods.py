"""Rows about pharmacies and parcels."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from opsconsole.models import (
    Case,
    Drift,
    Hold,
    Incident,
    Order,
    OrderLine,
    OrderStatus,
    Pharmacy,
    PharmacyLicence,
    PharmacyOffer,
    ReconciliationRun,
    Replacement,
    Shipment,
    StatusMove,
)

SHIP_TO = {
    "name": "Jo Field", "line1": "1 Main Street", "city": "Albany", "state": "NY", "zip": "12207",
    "country": "US",
}  # fmt: skip


class Goods:
    now: datetime
    _licensed: Pharmacy | None = None

    def plain_line(self, order: Order, sku: str = "NC60", **more: Any) -> OrderLine:
        """One product of an order, which nobody registered unless somebody did."""
        return OrderLine(
            **{
                "order_id": order.id, "position": 1, "sku": sku, "name": "Night cream", "quantity": 1, "currency": "usd",
                "unit_price": 6000, "amount": 6000, **more,
            }
        ).add()  # fmt: skip

    def licensed(self, adapter: str = "truepill", *, stock: str | None = None, sku: str = "NC60") -> Pharmacy:
        """One that may ship to where orders of these worlds go."""
        name = f"Pharmacy {uuid4().hex[:12]}"
        made = Pharmacy(name=name, adapter=adapter, active=True, rank=9).add()
        PharmacyLicence(pharmacy_id=made.id, state="NY", number="1").add()
        if stock:
            PharmacyOffer(pharmacy_id=made.id, sku=sku, stock=stock, cost=900, currency="usd").add()
        return made

    def one_licensed(self) -> Pharmacy:
        """The same one each time."""
        self._licensed = self._licensed or self.licensed("honeybee")
        return self._licensed

    def sendable(self, status: OrderStatus, since: datetime, **more: Any) -> Order:
        """An order with a line and an address, which a pharmacy may take."""
        self.one_licensed()
        order: Order = self.order(status, since, **{"ship_to": SHIP_TO, **more})  # type: ignore[attr-defined]
        self.plain_line(order)
        return order

    def items(self, order: Order) -> list[dict[str, Any]]:
        return [{"line": line.id, "sku": line.sku, "quantity": line.quantity} for line in order.lines()]

    def moved(self, record: Any, before: str, after: str, at: datetime) -> None:
        from opsconsole.db import db

        db.session.add(
            StatusMove(record_id=record.id, at=at, before=before, after=after, by="a test", cause="")
        )

    def shipment(self, order: Order, status: str, since: datetime, **more: Any) -> Shipment:
        return Shipment(
            **{
                "status": status, "status_since": since, "created_at": since, "order_id": order.id,
                "customer_id": order.customer_id, "carrier": "USPS", "service": "Priority",
                "tracking_code": f"9400{uuid4().int % 10**16}", "external_id": f"trk_{uuid4().hex[:12]}",
                "labelled_at": since, "scans_from": since, **more,
            }
        ).add()  # fmt: skip

    def hold(self, order: Order, until_on: date, **more: Any) -> Hold:
        return Hold(
            **{
                "status": "standing", "order_id": order.id, "reason": "other", "returns_to": "ready",
                "until_on": until_on, "by": "Sam Rivera", "by_id": "stf_test", **more,
            }
        ).add()  # fmt: skip

    def finding(self, order: Order | None, kind: str, since: datetime, **more: Any) -> Drift:
        from opsconsole.services import reconciliation

        how = reconciliation.KINDS[kind]
        run = ReconciliationRun(
            status="done", fix=False, since=since, parts=[], by="clock", created_at=since, ended_at=since
        ).add()
        suggests = {"act": "reconciliation.repair", "url": "", "label": how.label} if how.repair else None
        return Drift(
            **{
                "status": "open", "created_at": since, "run_id": run.id, "kind": kind, "subject": uuid4().hex,
                "port": "pharmacy-truepill", "external_id": "TP-1", "order_id": order.id if order else None,
                "ours": "sent", "theirs": "filling", "suggests": suggests, "last_seen_at": since, **more,
            }
        ).add()  # fmt: skip

    def case_of(self, reason: str, subject: Any, since: datetime, **more: Any) -> Case:
        return Case(
            **{
                "status": "open", "reason": reason, "subject_id": subject.id, "says": "A test.", "created_at": since,
                "trace_id": "trc_test", "about": sorted(subject.related()), **more,
            }
        ).add()  # fmt: skip

    def replacement(self, order: Order, made: Order, **more: Any) -> Replacement:
        return Replacement(
            **{
                "status": "order_created", "order_id": order.id, "new_order_id": made.id,
                "customer_id": order.customer_id, "lines": [], "reason": "lost_in_transit", "photos": [],
                "currency": "usd", "value": 6000, "uses_fill": False, "prescription_use": "A test.", "by": "a test",
                "by_id": "stf_test", "trace_id": "trc_test", **more,
            }
        ).add()  # fmt: skip

    def incident(self, port: str, since: datetime, *because: str, **more: Any) -> Incident:
        """A vendor in trouble; `port` is one that no other row waits for, unless that is meant."""
        return Incident(
            **{
                "status": "open", "status_since": since, "created_at": since, "opened_at": since, "port": port,
                "ports": [port], "source": port, "because": list(because), "signs": list(because), "methods": [],
                "says": "A test.", "trace_id": "trc_test", **more,
            }
        ).add()  # fmt: skip

    def history(self, pharmacy: Pharmacy, fills: int, took: timedelta) -> None:
        """So many fills of it that left, each after so long."""
        for ago in range(fills):
            left = self.now - timedelta(days=3, hours=ago)
            order: Order = self.order(OrderStatus.CLOSED, left)  # type: ignore[attr-defined]
            self.fill(  # type: ignore[attr-defined]
                order, "shipped", left, pharmacy=pharmacy, created_at=left - took, tracking_number="1Z"
            )

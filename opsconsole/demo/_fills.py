"""The two pharmacies of the demo, and what each of them makes up of the orders that are on their way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from ..models import Fill, FillStatus, OrderStatus, Pharmacy, PharmacyLicence
from ..vendors.pharmacy.codes import ERRORS, EXCEPTIONS, TRIAGE
from . import _moves
from ._calls import Row
from ._chance import Chance, id_alone
from ._labels import label_of
from ._story import Bought, Person

_S, _F = OrderStatus, FillStatus
# Who may ship where: both, one of them, or nobody (HI, PR and the armed forces).
_FIRST = (
    "CA", "FL", "NY", "PA", "IL", "OH", "GA", "NC", "MI", "NJ", "VA", "WA", "AZ", "MA", "TN", "IN", "MD", "MO",
    "WI", "CO", "MN", "SC", "AL", "LA", "KY",
)  # fmt: skip
_SECOND = (
    "CA", "WA", "OR", "OK", "CT", "UT", "IA", "NV", "AR", "MS", "KS", "NM", "NE", "ID", "WV", "NH", "ME", "RI", "MT",
    "DE", "SD", "ND", "AK", "DC", "VT", "WY", "TX", "NY",
)  # fmt: skip
PHARMACIES = {"truepill": ("Truepill", _FIRST), "honeybee": ("Honeybee", _SECOND)}
_MOMENT = timedelta(seconds=2)


def id_of(adapter: str, at: datetime) -> str:
    return Chance("pharmacy", adapter).our_id("pha", at)


def pharmacies(at: datetime, until: datetime) -> Iterator[Row]:
    """Both, with their licences, which end at the ends of years to come."""
    for rank, (adapter, (name, states)) in enumerate(PHARMACIES.items(), 1):
        yield Pharmacy, {
            "id": id_of(adapter, at), "created_at": at, "name": name, "adapter": adapter, "active": True,
            "rank": rank, "replaces_free": adapter == "truepill",
        }  # fmt: skip
        for nth, state in enumerate(states):
            yield PharmacyLicence, {
                "id": id_alone("licence", f"{adapter} {state}", "lic", at), "created_at": at,
                "pharmacy_id": id_of(adapter, at), "state": state, "number": f"NRP.{rank}{nth:04}",
                "expires_on": date(until.year + 1 + nth % 2, 12, 31),
            }  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """One order's fill. `code` and `vendor_code` are of what is wrong; `since` is when it came to its status."""

    order: Bought
    adapter: str
    status: FillStatus
    raw_status: str
    made_at: datetime
    sent_at: datetime
    since: datetime
    code: str | None = None
    vendor_code: str | None = None
    prescription: str = ""
    number: int = 1

    @property
    def id(self) -> str:
        return Chance("fill", self.order.id).our_id("fil", self.made_at)

    @property
    def external_id(self) -> str:
        number = int(self.order.reference.removeprefix("S-")) + 50_000_000
        return f"TP-{number}" if self.adapter == "truepill" else f"hb-{number:010}"

    @property
    def tracking_number(self) -> str | None:
        if self.status is not _F.SHIPPED:
            return None
        return label_of(self.order.id).code

    @property
    def carrier(self) -> str | None:
        return label_of(self.order.id).carrier if self.tracking_number else None

    @property
    def trace(self) -> str:
        return id_alone("trace", f"fill {self.order.id}", "trc", self.made_at)

    @property
    def ref(self) -> str:
        """The id of its promise, as `kept` makes it."""
        return Chance("promise", self.id).our_id("prm", self.made_at)

    @property
    def arguments(self) -> dict[str, Any]:
        items = [{"sku": f"MX-{line.sku}", "quantity": line.quantity} for line in self.order.lines]
        return {
            "order": self.order.reference, "patient": "", "prescription": self.prescription, "fill_number": self.number,
            "items": items, "ship_to": self.order.ship_to.as_json,
        }  # fmt: skip


def adapter_of(order: Bought) -> str | None:
    """The pharmacy that may ship it."""
    return next((one for one, (_, states) in PHARMACIES.items() if order.ship_to.state in states), None)


_ON_ITS_WAY = (_S.SUBMITTED, _S.AT_PHARMACY, _S.MANUAL_INTERVENTION, _S.SHIPPED)


def filled(order: Bought, numbers: Mapping[str, tuple[str, int]] | None = None) -> Filled | None:
    """What became of an order at a pharmacy; None for one that is not on its way, or that nobody may ship. `numbers` says
    from which prescription each order was filled, and which fill of it that was."""
    if order.status not in _ON_ITS_WAY:
        return None
    adapter = adapter_of(order)
    at = {move.after: move.at for move in _moves.of_order(order)}
    if adapter is None or _S.SUBMITTED not in at or _S.READY not in at:
        return None
    chance = Chance("fate", order.id)
    look = _looks(order.status, adapter, chance.random())
    if look is None:
        return None
    status, raw, code, vendor_code = look
    made = at[_S.READY] + (at[_S.SUBMITTED] - at[_S.READY]) * 0.3
    rx = (numbers or {}).get(order.id, (f"rx-{order.reference}", 1))
    return Filled(order, adapter, status, raw, made, at[_S.SUBMITTED], order.since, code, vendor_code, *rx)


def _looks(
    status: OrderStatus, adapter: str, chance: float
) -> tuple[FillStatus, str, str | None, str | None] | None:
    """The fill's status, the pharmacy's word for it, our code and theirs for what is wrong."""
    truepill = adapter == "truepill"
    match status:
        case _S.SUBMITTED if truepill and chance < 0.4:
            return _F.TRIAGE, "triage", TRIAGE["T005"], "T005"
        case _S.SUBMITTED:
            return _F.SENT, "accepted" if truepill else "Received", None, None
        case _S.AT_PHARMACY if not truepill and chance < 0.5:
            return _F.EXCEPTION, "On Hold", EXCEPTIONS["OOS"], "OOS"
        case _S.AT_PHARMACY:
            return _F.FILLING, "filling" if truepill else "Filling", None, None
        case _S.MANUAL_INTERVENTION if truepill:
            return _F.ERROR, "error", ERRORS["R2"], "R2"
        case _S.MANUAL_INTERVENTION:
            return _F.REJECTED, "Canceled", EXCEPTIONS["ADDRESS"], "ADDRESS"
        case _S.SHIPPED:
            return _F.SHIPPED, "TRANSIT" if truepill else "Shipped", None, None
    return None


def row(fill: Filled, person: Person, pharmacies_at: datetime) -> Row:
    lines = [
        {"line": line.id, "sku": f"MX-{line.sku}", "quantity": line.quantity} for line in fill.order.lines
    ]
    return Fill, {
        "id": fill.id, "created_at": fill.made_at, "status": fill.status.value, "status_since": fill.since,
        "order_id": fill.order.id, "customer_id": person.id, "pharmacy_id": id_of(fill.adapter, pharmacies_at),
        "prescription_id": fill.prescription, "number": fill.number, "items": Jsonb(lines), "line_set": fill.order.id,
        "why": f"Licensed in {fill.order.ship_to.state}", "external_id": fill.external_id,
        "raw_status": fill.raw_status, "code": fill.code, "vendor_code": fill.vendor_code, "due_on": None,
        "answer": None, "carrier": fill.carrier,
        "tracking_number": fill.tracking_number, "by": "clock", "trace_id": fill.trace, "fetched_at": fill.since,
    }  # fmt: skip


_THEN = {
    _F.FILLING: (_F.ACKNOWLEDGED, _F.FILLING),
    _F.EXCEPTION: (_F.EXCEPTION,),
    _F.TRIAGE: (_F.TRIAGE,),
    _F.ERROR: (_F.ERROR,),
    _F.REJECTED: (_F.ACKNOWLEDGED, _F.REJECTED),
    _F.SHIPPED: (_F.ACKNOWLEDGED, _F.FILLING, _F.SHIPPED),
}


def moves(fill: Filled) -> Iterator[_moves.Move]:
    """How it came to where it is."""
    yield _moves.Move(fill.id, fill.sent_at, _F.QUEUED, _F.SENT, "worker", "fills.submit")
    steps = _THEN.get(fill.status, ())
    before = _F.SENT
    for nth, after in enumerate(steps, 1):
        at = fill.sent_at + (fill.since - fill.sent_at) * (nth / len(steps))
        yield _moves.Move(fill.id, at, before, after, f"pharmacy-{fill.adapter}", "fills.settle")
        before = after


def told_to_pharmacies(
    person: Person, numbers: Mapping[str, tuple[str, int]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The person's orders as the sandbox's pharmacies hold them: (adapter, a line for its bulk load)."""
    for order in person.orders:
        fill = filled(order, numbers)
        if fill:
            yield fill.adapter, (_at_truepill if fill.adapter == "truepill" else _at_honeybee)(fill, person)


def _tags(fill: Filled) -> dict[str, str]:
    return {"opsconsole_trace": fill.trace, "opsconsole_subject": fill.id, "opsconsole_round": "1"}


def _at_truepill(fill: Filled, person: Person) -> dict[str, Any]:
    asked = fill.arguments
    wrong = {"code": fill.vendor_code, "message": fill.vendor_code} if fill.vendor_code else None
    shipped = {"carrier": fill.carrier, "tracking_number": fill.tracking_number, "status": "TRANSIT"}
    return {
        "order_number": fill.external_id, "status": "shipped" if fill.tracking_number else fill.raw_status,
        "reference": asked["order"], "patient_reference": person.id,
        "prescription": {"id": fill.prescription, "fill_number": fill.number}, "medications": asked["items"],
        "shipping_address": asked["ship_to"], "metadata": {**_tags(fill), "opsconsole_ref": fill.ref},
        "created_at": fill.sent_at.isoformat(), "error": wrong if fill.status is _F.ERROR else None,
        "triage": wrong if fill.status is _F.TRIAGE else None, "shipment": shipped if fill.tracking_number else None,
    }  # fmt: skip


def _at_honeybee(fill: Filled, person: Person) -> dict[str, Any]:
    asked = fill.arguments
    names = {"name": "recipient", "line1": "street1", "line2": "street2", "zip": "postalCode"}
    opened = int(fill.since.timestamp() * 1000)
    asks = {
        "exceptionId": f"exc_{fill.external_id}",
        "type": fill.vendor_code,
        "status": "OPEN",
        "response": None,
    }
    return {
        "orderId": fill.external_id, "status": fill.raw_status, "externalReference": fill.ref,
        "orderNumber": asked["order"], "patient": {"externalId": person.id},
        "rx": {"number": fill.prescription, "fill": fill.number},
        "products": [{"sku": item["sku"], "qty": item["quantity"]} for item in asked["items"]],
        "shipTo": {names.get(name, name): value for name, value in asked["ship_to"].items()},
        "partnerMetadata": _tags(fill),
        "exceptions": [{**asks, "openedAt": opened}] if fill.status is _F.EXCEPTION else [],
        "shipments": [{"carrier": fill.carrier, "trackingNumber": fill.tracking_number}] if fill.tracking_number else [],
        "cancelReason": fill.vendor_code if fill.status is _F.REJECTED else None,
        "createdAt": int(fill.sent_at.timestamp() * 1000),
    }  # fmt: skip

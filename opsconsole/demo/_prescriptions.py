"""Who prescribes in the demo, what the states ask, what pharmacies offer, and each person's prescriptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..models import (
    LicenceStatus,
    Modality,
    OrderStatus,
    PharmacyOffer,
    Prescription,
    PrescriptionStatus,
    Provider,
    ProviderLicence,
    StateRule,
    Stock,
)
from ._calls import Row
from ._chance import Chance, id_alone
from ._fills import PHARMACIES, id_of
from ._products import BY_SKU, EXTRAS, TREATMENTS
from ._story import Bought, Line, Person

_S, _O = PrescriptionStatus, OrderStatus
_LASTS = timedelta(days=365)
# Their last digits are check digits: Luhn over 80840 and the first nine (45 CFR 162.406).
_PROVIDERS = (
    ("Dr. Ada Lindqvist", "1234567893", "MD", ("CA", "NY", "TX", "FL", "WA", "OR", "NV", "AZ", "UT", "ID", "MT", "WY")),
    ("Dr. Samuel Osei", "1245319599", "MD", ("IL", "OH", "MI", "IN", "WI", "MN", "IA", "MO", "KS", "NE", "SD", "ND")),
    ("Dr. Priya Raman", "1982637013", "DO", ("PA", "NJ", "MA", "CT", "RI", "NH", "VT", "ME", "DE", "MD", "DC", "NY")),
    ("Nora Whitfield", "1710982343", "NP", ("GA", "NC", "SC", "TN", "AL", "MS", "KY", "WV", "VA", "LA", "AR", "OK")),
    ("Dr. Tomas Rivera", "1558364273", "MD", ("CO", "NM", "AK", "HI", "CA", "TX", "FL")),
)  # fmt: skip
SERVED = frozenset(state for *_, states in _PROVIDERS for state in states)
# By video first; everywhere else the questionnaire and photos are enough. Who is not named here and has no prescriber
# (Puerto Rico, the armed forces abroad) is not served.
_VIDEO_FIRST = ("AR", "ID", "KS", "NM", "WV")
_NOT_FROM_THE_SECOND = ("SC-040-60",)
_OUT = {("truepill", "RG-150-90"), ("honeybee", "NN-025-60")}
_HANDED_OVER = {
    _O.SUBMITTED, _O.AT_PHARMACY, _O.MANUAL_INTERVENTION, _O.SHIPPED, _O.DELIVERED, _O.CLOSED, _O.RETURNED,
}  # fmt: skip
_UNSIGNED = {_O.DRAFT, _O.AWAITING_VISIT, _O.IN_REVIEW, _O.REJECTED}


def registry(at: datetime, until: datetime) -> Iterator[Row]:
    """Prescribers with their licences, the states' rules, and what each pharmacy offers at what price."""
    for nth, (name, npi, credential, states) in enumerate(_PROVIDERS, 1):
        yield Provider, {
            "id": _provider_id(name, at), "created_at": at, "name": name, "npi": npi, "credential": credential,
            "active": True,
        }  # fmt: skip
        for place, state in enumerate(states):
            yield ProviderLicence, {
                "id": id_alone("provider licence", f"{npi} {state}", "pli", at), "created_at": at,
                "provider_id": _provider_id(name, at), "state": state, "number": f"{state}-{nth}{place:03}",
                "status": LicenceStatus.ACTIVE.value, "expires_on": date(until.year + 1 + place % 2, 12, 31),
            }  # fmt: skip
    for state in sorted({state for *_, states in _PROVIDERS for state in states}):
        video = state in _VIDEO_FIRST
        yield StateRule, {
            "id": id_alone("state rule", state, "srl", at), "created_at": at, "state": state,
            "modality": (Modality.SYNC_FIRST if video else Modality.ASYNC_PHOTO).value, "min_age": 18, "id_check": video,
            "prescription_days": _LASTS.days, "effective_from": at.date(), "effective_to": None,
            "source": "Made up for the demo: no statement of any state's law", "signed_off_by": "Dr. Ada Lindqvist",
        }  # fmt: skip
    for adapter in PHARMACIES:
        yield from _offers(adapter, at)


def _offers(adapter: str, at: datetime) -> Iterator[Row]:
    for product in (*TREATMENTS, *EXTRAS):
        if adapter == "honeybee" and product.sku in _NOT_FROM_THE_SECOND:
            continue
        chance = Chance("offer", f"{adapter} {product.sku}")
        stock = (
            Stock.OUT
            if (adapter, product.sku) in _OUT
            else chance.choices((Stock.IN_STOCK, Stock.LOW), (9, 1))[0]
        )
        yield PharmacyOffer, {
            "id": chance.our_id("off", at), "created_at": at, "pharmacy_id": id_of(adapter, at), "sku": product.sku,
            "stock": stock.value, "back_on": None, "cost": round(product.cents * chance.uniform(0.28, 0.4)),
            "currency": "usd",
        }  # fmt: skip


def _provider_id(name: str, at: datetime) -> str:
    return id_alone("provider", name, "prv", at)


@dataclass(frozen=True)
class Prescribed:
    """One prescription and the orders that were filled from it, oldest first; `waiting` is one that could be."""

    person: Person
    line: Line
    filled: tuple[Bought, ...]
    waiting: tuple[Bought, ...]
    newest: bool

    @property
    def first(self) -> Bought:
        return (*self.filled, *self.waiting)[0]

    @property
    def external_id(self) -> str:
        return f"rx-{self.first.reference}"


def of(person: Person) -> list[Prescribed]:
    """What clinicians prescribed to a person: for each product one a year."""
    found: list[Prescribed] = []
    for sku in dict.fromkeys(line.sku for order in person.orders for line in _treatments(order)):
        orders = [
            order
            for order in sorted(person.orders, key=lambda one: one.placed_at)
            if order.status not in _UNSIGNED and any(line.sku == sku for line in _treatments(order))
        ]
        while orders:
            first = orders[0]
            year = [one for one in orders if one.placed_at < first.placed_at + _LASTS]
            orders = orders[len(year) :]
            line = next(line for line in _treatments(first) if line.sku == sku)
            filled = tuple(one for one in year if one.status in _HANDED_OVER)
            waiting = tuple(one for one in year if one.status not in _HANDED_OVER)
            found.append(Prescribed(person, line, filled, waiting, not orders))
    return found


def numbers(person: Person) -> dict[str, tuple[str, int]]:
    """order's id -> the prescription that it was filled from, and the number of the fill."""
    found: dict[str, tuple[str, int]] = {}
    for rx in of(person):
        for number, order in enumerate(rx.filled, 1):
            found.setdefault(order.id, (rx.external_id, number))
    return found


def rows(person: Person, registered: datetime, until: datetime) -> Iterator[Row]:
    """The person's prescriptions; `registered` is since when there are prescribers."""
    for rx in of(person):
        chance = Chance("prescription", rx.external_id + rx.line.sku)
        signed = rx.first.placed_at + chance.hours(1, 20)
        written = signed.date()
        left = chance.choices((0, 1, 2, 3), (12, 30, 36, 22))[0]
        if rx.waiting and left == 0 and chance.random() < 0.7:
            left = 2
        expires = written + _LASTS
        used = len(rx.filled)
        status = _status(rx, left, used, expires, until)
        yield Prescription, {
            "id": chance.our_id("rx", signed), "created_at": signed, "status": status.value, "status_since": signed,
            "customer_id": rx.person.id, "external_id": rx.external_id, "sku": rx.line.sku,
            "drug": BY_SKU[rx.line.sku].name, "quantity": 1, "days_supply": int(rx.line.sku.rsplit("-", 1)[-1].rstrip("D")),
            "refills_authorised": max(used + left - 1, 0), "fills_used": used, "written_on": written,
            "expires_on": expires, "provider_id": _provider_of(rx, chance, registered), "raw_status": _RAW[status],
            "fetched_at": min(signed + timedelta(days=1), until),
        }  # fmt: skip


_RAW = {
    _S.ACTIVE: "active", _S.DEPLETED: "completed", _S.EXPIRED: "active", _S.SUPERSEDED: "stopped",
    _S.PENDING_SIGNATURE: "draft",
}  # fmt: skip


def _status(rx: Prescribed, left: int, used: int, expires: date, until: datetime) -> PrescriptionStatus:
    if not rx.newest:
        return _S.SUPERSEDED
    if not rx.filled and all(order.status is _O.AWAITING_RX for order in rx.waiting):
        return _S.PENDING_SIGNATURE
    if expires < until.date():
        return _S.EXPIRED
    return _S.ACTIVE if left or not used else _S.DEPLETED


def _provider_of(rx: Prescribed, chance: Chance, at: datetime) -> str:
    """One who is licensed where they live, else the first: of those few nobody may prescribe there."""
    state = rx.first.ship_to.state
    licensed = [name for name, _, _, states in _PROVIDERS if state in states]
    return _provider_id(chance.choice(licensed or [_PROVIDERS[0][0]]), at)


def _treatments(order: Bought) -> list[Line]:
    return [line for line in order.lines if BY_SKU[line.sku].prescription]

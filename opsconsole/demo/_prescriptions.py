"""Who prescribes in the demo, what the states ask, what pharmacies offer, and each person's prescriptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg.types.json import Jsonb

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
_VISITS_OF = timedelta(days=60)  # those before are told of by nobody
# Their last digits are check digits: Luhn over 80840 and the first nine (45 CFR 162.406).
PROVIDERS = (
    ("Dr. Ada Lindqvist", "1234567893", "MD", ("CA", "NY", "TX", "FL", "WA", "OR", "NV", "AZ", "UT", "ID", "MT", "WY")),
    ("Dr. Samuel Osei", "1245319599", "MD", ("IL", "OH", "MI", "IN", "WI", "MN", "IA", "MO", "KS", "NE", "SD", "ND")),
    ("Dr. Priya Raman", "1982637013", "DO", ("PA", "NJ", "MA", "CT", "RI", "NH", "VT", "ME", "DE", "MD", "DC", "NY")),
    ("Nora Whitfield", "1710982343", "NP", ("GA", "NC", "SC", "TN", "AL", "MS", "KY", "WV", "VA", "LA", "AR", "OK")),
    ("Dr. Tomas Rivera", "1558364273", "MD", ("CO", "NM", "AK", "HI", "CA", "TX", "FL")),
)  # fmt: skip
SERVED = frozenset(state for *_, states in PROVIDERS for state in states)
# By video first; everywhere else the questionnaire and photos are enough. Who is not named here and has no prescriber
# (Puerto Rico, the armed forces abroad) is not served.
_VIDEO_FIRST = ("AR", "ID", "KS", "NM", "WV")
_NOT_FROM_THE_SECOND = ("SC-040-60",)
_OUT = {("truepill", "RG-150-90"), ("honeybee", "NN-025-60")}
_HANDED_OVER = {
    _O.SUBMITTED, _O.AT_PHARMACY, _O.MANUAL_INTERVENTION, _O.SHIPPED, _O.DELIVERED, _O.CLOSED, _O.RETURNED,
}  # fmt: skip
_UNSIGNED = {_O.DRAFT, _O.AWAITING_VISIT, _O.IN_REVIEW, _O.REJECTED}


def registry(at: datetime, until: datetime, staff: Mapping[str, str]) -> Iterator[Row]:
    """Prescribers with their licences, the states' rules, and what each pharmacy offers at what price. `staff` are the ids
    of colleagues by name: who is a prescriber signs as one."""
    for nth, (name, npi, credential, states) in enumerate(PROVIDERS, 1):
        yield Provider, {
            "id": _provider_id(name, at), "created_at": at, "name": name, "npi": npi, "credential": credential,
            "active": True, "external_id": practitioner_id(npi), "staff_id": staff.get(name),
            "source_updated_at": at, "fetched_at": at,
        }  # fmt: skip
        for state, number, expires in licences(nth, states, until):
            yield ProviderLicence, {
                "id": id_alone("provider licence", f"{npi} {state}", "pli", at), "created_at": at,
                "provider_id": _provider_id(name, at), "state": state, "number": number,
                "status": LicenceStatus.ACTIVE.value, "expires_on": expires,
            }  # fmt: skip
    for state in sorted({state for *_, states in PROVIDERS for state in states}):
        video = state in _VIDEO_FIRST
        yield StateRule, {
            "id": id_alone("state rule", state, "srl", at), "created_at": at, "state": state,
            "modality": (Modality.SYNC_FIRST if video else Modality.ASYNC_PHOTO).value, "min_age": 18, "id_check": video,
            "prescription_days": _LASTS.days, "effective_from": at.date(), "effective_to": None,
            "source": "Made up for the demo: no statement of any state's law", "signed_off_by": "Dr. Ada Lindqvist",
        }  # fmt: skip
    for adapter in PHARMACIES:
        yield from _offers(adapter, at)


def practitioner_id(npi: str) -> str:
    """Under which the healthcare system knows a prescriber."""
    return f"prac-{npi}"


def licences(nth: int, states: Sequence[str], until: datetime) -> Iterator[tuple[str, str, date]]:
    """State, number and last day of the licences of the `nth` prescriber."""
    for place, state in enumerate(states):
        yield state, f"{state}-{nth}{place:03}", date(until.year + 1 + place % 2, 12, 31)


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


def providers(at: datetime) -> dict[str, str]:
    """The ids of prescribers by their NPI."""
    return {npi: _provider_id(name, at) for name, npi, _, _ in PROVIDERS}


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


@dataclass(frozen=True)
class Written:
    """A prescription as it was signed and as it stands; `word` is the healthcare system's for that, `prior` the one whose
    place it takes and `visit` the visit that it came of, where one is told of (ids there). `npi` is the prescriber's."""

    rx: Prescribed
    id: str
    signed: datetime
    refills: int
    npi: str
    status: PrescriptionStatus
    word: str
    prior: str | None
    visit: str | None

    @property
    def expires(self) -> date:
        return self.signed.date() + _LASTS


def written(person: Person, until: datetime) -> list[Written]:
    """All of a person's, each product's in the order in which they were signed."""
    found: list[Written] = []
    prior: str | None = None
    all_of = of(person)
    for rx, after in zip(all_of, [*all_of[1:], *all_of[-1:]], strict=True):
        chance = Chance("prescription", rx.external_id + rx.line.sku)
        signed = min(rx.first.placed_at + chance.hours(1, 20), until)
        left = chance.choices((0, 1, 2, 3), (12, 30, 36, 22))[0]
        if rx.waiting and left == 0 and chance.random() < 0.7:
            left = 2
        used = len(rx.filled)
        word = _word(rx, None if rx.newest else after, left)
        status = _status(word, signed.date() + _LASTS, until)
        id = chance.our_id("rx", signed)
        told = prior if word != "draft" else None
        late = until - signed < _VISITS_OF and word != "draft"
        visit = visit_id(rx.first) if late else None
        found.append(
            Written(rx, id, signed, max(used + left - 1, 0), _npi_of(rx, chance), status, word, told, visit)
        )
        prior = None if rx.newest else rx.external_id
    return found


def rows(prescribed: Sequence[Written], providers: Mapping[str, str], until: datetime) -> Iterator[Row]:
    """`providers` are the prescribers' ids by NPI."""
    for one in prescribed:
        product = BY_SKU[one.rx.line.sku]
        yield Prescription, {
            "id": one.id, "created_at": one.signed, "status": one.status.value, "status_since": one.signed,
            "customer_id": one.rx.person.id, "external_id": one.rx.external_id, "sku": product.sku,
            "keys": Jsonb([{"system": system, "code": key} for system, key in product.prescribed_as]),
            "drug": product.name, "sig": product.sig, "quantity": product.grams, "unit": "g",
            "days_supply": product.days, "refills_authorised": one.refills, "fills_used": len(one.rx.filled),
            "written_on": one.signed.date(), "expires_on": one.expires,
            "provider_id": providers[one.npi], "raw_status": one.word,
            "prior_external_id": one.prior, "visit_external_id": one.visit,
            "source_status": _TOLD[one.word], "source_expires_on": one.expires,
            "prescriber_external_id": practitioner_id(one.npi),
            "source_version": "1", "source_updated_at": told_at(one.signed, until),
            "fetched_at": min(one.signed + timedelta(days=1), until),
        }  # fmt: skip


_TOLD = {
    "draft": "draft",
    "active": "active",
    "stopped": "discontinued",
    "completed": "depleted",
}  # in our words


def visit_id(order: Bought) -> str:
    """Under which the healthcare system knows the visit that an order came of."""
    return f"enc-{order.reference}"


def told_at(at: datetime, until: datetime) -> datetime:
    """When the healthcare system last changed a record: so long ago that no list of changes names it."""
    return min(at, until - timedelta(days=40)).replace(microsecond=0)


def _word(rx: Prescribed, after: Prescribed | None, left: int) -> str:
    """FHIR's word for where it stands. `after` is the one that came after it."""
    if _unsigned(rx):
        return "draft"
    if after is not None and not _unsigned(after):
        return "stopped"
    return "active" if left or not rx.filled else "completed"


def _unsigned(rx: Prescribed) -> bool:
    return rx.newest and not rx.filled and all(order.status is _O.AWAITING_RX for order in rx.waiting)


def _status(word: str, expires: date, until: datetime) -> PrescriptionStatus:
    """As the console works it out (services/prescriptions)."""
    if word == "active":
        return _S.EXPIRED if expires < until.date() else _S.ACTIVE
    return {"draft": _S.DRAFT, "stopped": _S.SUPERSEDED, "completed": _S.DEPLETED}[word]


def _npi_of(rx: Prescribed, chance: Chance) -> str:
    """One who is licensed where they live, else the first: of those few nobody may prescribe there."""
    state = rx.first.ship_to.state
    licensed = [npi for _, npi, _, states in PROVIDERS if state in states]
    return chance.choice(licensed or [PROVIDERS[0][1]])


def _treatments(order: Bought) -> list[Line]:
    return [line for line in order.lines if BY_SKU[line.sku].prescription]

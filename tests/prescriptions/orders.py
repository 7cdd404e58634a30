"""What the healthcare system tells, in any order: events as facts, and how all of it stands afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import SessionTransaction

from opsconsole.db import db
from opsconsole.models import Customer, ExternalId, Product, ProductKey, UnmappedKey
from opsconsole.services import prescriptions, providers, transaction
from opsconsole.services._actor import robot
from opsconsole.vendors.healthcare import (
    DispenseFacts,
    DrugKey,
    Face,
    LicenceFacts,
    PractitionerFacts,
    PrescriptionFacts,
    Seen,
    TaskFacts,
)

from ..house import House

BEGUN = datetime(2026, 11, 1, 12, tzinfo=UTC)
FACE = Face(
    drug="Tretinoin 0.05 % cream", keys=(DrugKey("compound", "tret-05"),), sig="At night", quantity=Decimal(30), unit="g",
    days_supply=60, refills=2, written_on=date(2026, 10, 31), expires_on=date(2027, 6, 1),
)  # fmt: skip
_ACTS: dict[type[Seen], Any] = {
    PrescriptionFacts: prescriptions.settle,
    DispenseFacts: prescriptions.settle_dispense,
    TaskFacts: prescriptions.settle_request,
    PractitionerFacts: providers.settle,
}


@dataclass(frozen=True)
class Told:
    """One event: the record as it was fetched because of it."""

    facts: Seen

    def settle(self) -> Any:
        act = _ACTS[type(self.facts)]
        at = self.facts.updated_at
        return act(self.facts.id, facts=self.facts, fetched_at=at, by=robot("healthcare"))


def _seen(id: str, version: int) -> dict[str, Any]:
    return {"id": id, "version": str(version), "updated_at": BEGUN + timedelta(minutes=version)}


def rx(id: str, version: int, status: str, raw: str = "", **more: Any) -> Told:
    face = replace(FACE, **more.pop("face", {}))
    facts = PrescriptionFacts(
        **_seen(id, version), status=status, raw_status=raw or status, patient=more.pop("patient", "pat-1"), face=face,
        **{"prescriber": "ada", **more},
    )  # fmt: skip
    return Told(facts)


def fill(id: str, version: int, status: str, of: str, **more: Any) -> Told:
    return Told(
        DispenseFacts(
            **_seen(id, version), status=status, raw_status=status, prescription=of, patient="pat-1", **more
        )
    )


def task(id: str, version: int, status: str, kind: str, of: str, **more: Any) -> Told:
    told = _seen(id, version)
    return Told(
        TaskFacts(
            **told, status=status, raw_status=status, kind=kind, prescription=of, patient="pat-1", **more
        )
    )


def doctor(version: int, *, active: bool = True) -> Told:
    licence = LicenceFacts("NV", "NV-1", "active", None, None)
    facts = PractitionerFacts(
        **_seen("ada", version), npi="1234567893", name="Dr. Ada Lindqvist", credential="MD", active=active,
        licences=(licence,),
    )  # fmt: skip
    return Told(facts)


def scene(*, mapped: bool = True, patient: str = "pat-1") -> str:
    """In a transaction: the customer who is that patient, and the product. The customer's id."""
    customer = Customer(reference="cust-1", name="Jo Field").add()
    ExternalId(customer_id=customer.id, system="healthcare", external_id=patient, as_of=BEGUN).add()
    product = Product(
        sku="NC60", name="Night cream", kind="prescription", needs_prescription=True, active=True
    ).add()
    if mapped:
        ProductKey(product_id=product.id, system="compound", key="tret-05", as_of=BEGUN).add()
    return customer.id


def end(told: Iterable[Told]) -> Any:
    """How all of it stands once these were settled in this order; then it is as if nothing had been."""
    here = db.session.begin_nested()
    for one in told:
        one.settle()
    stands = _stands()
    _back(here)
    return stands


def every_order(told: Sequence[Told]) -> Iterator[tuple[list[Told], Any]]:
    """Every order of these, with how all of it stands then. What several begin with is settled once."""
    if not told:
        yield [], _stands()
    for one in told:
        here = db.session.begin_nested()
        one.settle()
        for rest, stands in every_order([other for other in told if other is not one]):
            yield [one, *rest], stands
        _back(here)


def _stands() -> Any:
    db.session.flush()
    return [sorted(map(str, db.session.execute(text(query)))) for query in _STANDS]


def _back(here: SessionTransaction) -> None:
    here.rollback()
    db.session.expire_all()


_STANDS: Sequence[str] = (
    "select p.external_id, p.status, p.sku, p.fills_used, p.refills_authorised, p.expires_on, p.raw_status,"
    " p.source_version, p.source_updated_at, p.fetched_at, p.prior_external_id, p.keys, v.npi from prescriptions p"
    " left join providers v on v.id = p.provider_id",
    "select d.external_id, d.status, d.raw_status, d.prescription_external_id, d.dispensed_at, p.external_id,"
    " d.source_version, d.fetched_at, d.customer_id is null from dispenses d"
    " left join prescriptions p on p.id = d.prescription_id",
    "select q.external_id, q.kind, q.status, q.raw_status, q.failure_code, p.external_id, q.source_version, q.fetched_at,"
    " q.customer_id is null from prescription_requests q left join prescriptions p on p.id = q.prescription_id",
    "select c.reason, c.says, coalesce(p.external_id, q.external_id, d.external_id) from cases c"
    " left join prescriptions p on p.id = c.subject_id left join prescription_requests q on q.id = c.subject_id"
    # What guards against harm is told of once, of whichever came last: it has tests of its own.
    " left join dispenses d on d.id = c.subject_id where c.status = 'open' and c.reason not like 'harm%'",
    "select v.npi, v.name, v.active, v.source_updated_at, l.state, l.status from providers v"
    " left join provider_licences l on l.provider_id = v.id",
    "select system, key, status from unmapped_keys u where exists (select 1 from prescriptions p where p.sku is null"
    " and p.keys @> jsonb_build_array(jsonb_build_object('system', u.system, 'code', u.key)))",
    "select external_id, status, waiting from unknown_patients",
)

#: Stories of five events each.
STORIES: dict[str, tuple[Told, ...]] = {
    "a renewal takes its place": (
        rx("old", 1, "active"), rx("old", 5, "discontinued"), rx("new", 3, "draft", prior="old"),
        rx("new", 4, "active", prior="old"), fill("d1", 2, "dispensed", "old"),
    ),
    "used up, and a fill that never was": (
        rx("one", 1, "active", face={"refills": 1}), fill("d1", 2, "preparing", "one"), fill("d1", 4, "dispensed", "one"),
        fill("d2", 3, "dispensed", "one"), fill("d2", 5, "entered_in_error", "one"),
    ),
    "a word that nobody knows": (
        rx("one", 1, "active"), rx("one", 2, "unknown", "suspended-by-payer"), rx("one", 3, "on_hold"),
        fill("d1", 2, "unknown", "one"), doctor(4),
    ),
    "canceled as a conversation": (
        rx("one", 1, "active"), task("t1", 2, "requested", "cancel", "one"), task("t1", 3, "rejected", "cancel", "one"),
        task("t2", 4, "requested", "cancel", "one"), rx("one", 5, "cancelled"),
    ),
    "a second live copy": (
        rx("one", 1, "active"), rx("two", 2, "active"), task("t1", 3, "requested", "transmit", "one"),
        task("t2", 4, "accepted", "transmit", "two"), task("t1", 5, "failed", "transmit", "one", reason="602"),
    ),
    "two copies, and one is canceled": (
        rx("one", 1, "active"), rx("two", 2, "active"), task("t1", 3, "requested", "cancel", "one"),
        task("t1", 5, "completed", "cancel", "one"), rx("one", 4, "cancelled"),
    ),
    "expired, whatever else": (
        rx("one", 1, "active", face={"expires_on": date(2026, 11, 2)}), doctor(2), doctor(3, active=False),
        fill("d1", 4, "dispensed", "one"), fill("d1", 5, "canceled", "one"),
    ),
    "used up by its last fill": (
        rx("one", 1, "active", face={"refills": 2}), fill("d1", 2, "dispensed", "one"), fill("d2", 3, "dispensed", "one"),
        fill("d3", 4, "dispensed", "one"), rx("two", 5, "active", prior="one"),
    ),
    "nobody knows the product": (
        rx("one", 1, "active", face={"keys": (DrugKey("ndc", "42192-0151-01"),)}), rx("two", 2, "draft"),
        rx("one", 3, "active", face={"keys": (DrugKey("compound", "tret-05"),)}), rx("two", 4, "entered_in_error"),
        fill("d1", 5, "dispensed", "two"),
    ),
}  # fmt: skip


def told_of_by_the_clinic(house: House) -> None:
    """Two of each thing that the healthcare system tells of and that is nobody's, or of rx-1 and rx-2."""
    with house.app.app_context(), transaction():
        for n in "12":
            rx(f"rx-of-nobody-{n}", 1, "active", patient=f"pat-{n}").settle()
            fill(f"d{n}", 1, "dispensed", f"rx-{n}").settle()
            task(f"t{n}", 1, "rejected", "cancel", f"rx-{n}").settle()
        UnmappedKey(status="open", system="compound", key="one").add()
        UnmappedKey(status="open", system="compound", key="two").add()

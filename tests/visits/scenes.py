"""Scenes at the clinic: a clinician who is licensed somewhere, and a patient whose order waits for them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from opsconsole.db import db, now
from opsconsole.models import (
    ExternalId,
    Order,
    OrderStatus,
    Product,
    Provider,
    ProviderLicence,
    Questionnaire,
    ReviewFlag,
    Staff,
    Visit,
    VisitAnswers,
)
from opsconsole.services import transaction

from ..gates import scenes as of_gates
from ..house import PEOPLE, House
from ..kept import scene

ITEMS = [
    {"id": "skin", "text": "What is your skin like?", "kind": "text"},
    {"id": "pregnant", "text": "Are you pregnant?", "kind": "yes_no"},
]


@scene
def clinic(house: House, *, states: tuple[str, ...] = ("NV", "CA")) -> str:
    """A product, the rules of the states, and Dr. Ada, who is licensed there and signs in here. Her id as a prescriber."""
    of_gates.served(house, states=states)
    with house.app.app_context(), transaction():
        doctor = db.session.scalars(select(Provider)).one()
        doctor.external_id = "pract-ada"
        db.session.scalars(select(Product)).one().days_supply = 60
        doctor.staff_id = db.session.scalar(select(Staff.id).where(Staff.email == PEOPLE["clinician"][0]))
        return doctor.id


def colleague(house: House, name: str, npi: str, states: tuple[str, ...]) -> str:
    """Another prescriber, who has no account here. Their id."""
    with house.app.app_context(), transaction():
        made = Provider(name=name, npi=npi, credential="MD", active=True, external_id=f"pract-{npi}").add()
        for state in states:
            ProviderLicence(provider_id=made.id, state=state, number=f"{state}-{npi}", status="active").add()
        return made.id


@scene
def to_review(
    house: House, *, customer: str = "cust-1", state: str = "NV", paid: bool = True, **more: Any
) -> str:
    """A visit that waits for a clinician, with its answers and an order in review. Its URL."""
    order = of_gates.order(house, customer=customer, state=state, paid=paid)
    with house.app.app_context(), transaction():
        mine = Order.lock(order["id"])
        db.session.execute(
            Order.__table__.update().where(Order.id == mine.id).values(status=OrderStatus.IN_REVIEW.value)
        )
        if not db.session.scalar(select(ExternalId.id).where(ExternalId.customer_id == mine.customer_id)):
            ExternalId(
                customer_id=mine.customer_id, system="healthcare", external_id=f"pat-{customer}", as_of=now()
            ).add()
        visit = answered(mine.customer_id, state, order_id=mine.id, **more)
        return visit.url


def answered(customer_id: str, state: str, **more: Any) -> Visit:
    """Inside a transaction: a visit that was handed in just now."""
    form = (
        Questionnaire.of("intake", 1)
        or Questionnaire(
            status="active", key="intake", number=1, title="Intake", items=ITEMS, why="the first", by="a test"
        ).add()
    )
    visit = Visit(
        **{
            "status": "submitted", "kind": "initial", "customer_id": customer_id, "patient_state": state,
            "submitted_at": now(), "due_at": now() + timedelta(hours=24), "questionnaire_id": form.id,
        } | more
    ).add()  # fmt: skip
    told = VisitAnswers(
        visit_id=visit.id, customer_id=customer_id, questionnaire_id=form.id, external_id=f"ans-{visit.id}",
        status="completed", authored_at=now(), fetched_at=now(), source_version="1",
    )  # fmt: skip
    told.told = json.dumps({"skin": ["Dry and red at the cheeks"], "pregnant": [False]})
    told.add()
    return visit


@scene
def waiting(house: House, customer: str, state: str = "NV") -> str:
    """A visit of a customer (their URL) that is about no order. Its id."""
    with house.app.app_context(), transaction():
        return answered(customer.rsplit("/", 1)[-1], state, kind="follow_up").id


def flagged(house: House, visit: str, *, effect: str = "block", severity: str = "high") -> str:
    """Something about the patient that a clinician has to have looked at. The flag's id."""
    with house.app.app_context(), transaction():
        one = Visit.require(visit.rsplit("/", 1)[-1])
        return (
            ReviewFlag(
                status="open", kind="allergy", severity=severity, effect=effect, customer_id=one.customer_id,
                visit_id=one.id, source="rule:allergy",
            )
            .add()
            .id
        )  # fmt: skip


def clock(house: House) -> None:
    """What the clock does about visits each minute."""
    from opsconsole.jobs.schedule import _look_after_visits

    with house.app.app_context():
        _look_after_visits()

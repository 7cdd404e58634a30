"""Scenes of visits up to the moment a clinician takes over: a form that is asked, a patient who answers it at the clinic."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from opsconsole import vendors
from opsconsole.db import db, now
from opsconsole.models import Questionnaire, QuestionnaireStatus, StateRule
from opsconsole.services import questionnaires, transaction
from opsconsole.views.questionnaires import as_rows

from ..approvals.scenes import agreed
from ..gates.scenes import today
from ..house import House
from ..kept import scene

HOME = {"name": "Jo Field", "line1": "1 Elm St", "city": "Reno", "state": "NV", "zip": "89501"}
WHY = {"reason": "What is asked has to be known"}
ANSWERS: dict[str, Any] = {
    "concern": ["acne"], "can_be_pregnant": True, "pregnant": False, "breastfeeding": False, "allergies": False,
    "medicines": False, "isotretinoin": False, "hydroquinone": False,
}  # fmt: skip
PHOTOS = {"photo_front": 1, "photo_side": 1}


def rows(items: Any) -> list[dict[str, Any]]:
    """A version's items as programs send them to the editor."""
    return [dict(row) for row in as_rows(items)]


@scene
def form(house: House, items: Any = None, *, key: str = "skin-intake", number: int = 1) -> str:
    """A form that patients are asked, as two people agreed on it and the clinic published it. Its id."""
    with house.app.app_context(), transaction():
        if before := Questionnaire.active(key):
            before.move_to(QuestionnaireStatus.SUPERSEDED)
            db.session.flush()
        made = Questionnaire(
            status="active", key=key, number=number, title="Your skin", why="It has to be known", by="Ada",
            items=questionnaires.FIRST if items is None else items, published_at=now(), external_id=f"{key}-{number}",
        ).add()  # fmt: skip
        id, told = (
            made.id,
            {"url": made.canonical, "number": str(number), "title": made.title, "items": made.items},
        )
    with house.app.app_context():
        call = vendors.Call(ref=id, round=1, tags={}, ask_first=False, pin=lambda request: request)
        vendors.port("healthcare").publish(call, status="active", **told)
    return id


@scene
def adopted(house: House, items: Any, *, key: str = "skin-intake") -> Any:
    """A version that goes through the doors: proposed, agreed on by a second person, published. Its JSON."""
    api = house.api()
    draft = api.post(
        "/questionnaires/propose", WHY | {"key": key, "title": "Your skin", "items": rows(items)}
    )
    agreed(house, api.post(f"{draft['subject']}/adopt", {}, 202))
    house.drain()
    return api.get(draft["subject"])


@scene
def served(house: House, state: str = "NV", **changes: Any) -> None:
    """The state's rule: by questionnaire and photos, from 18, unless said otherwise."""
    with house.app.app_context(), transaction():
        StateRule(
            **{
                "state": state, "modality": "async_photo", "min_age": 18, "id_check": False, "prescription_days": 365,
                "effective_from": today(house) - timedelta(days=900), "effective_to": None, "source": "a test",
                "signed_off_by": "Dr. Ada",
            } | changes
        ).add()  # fmt: skip


@scene
def patient(house: House, *, id: str = "pat-1", born: str | None = "1990-02-03", state: str = "NV") -> str:
    """A customer whom the clinic knows, and where their parcels go. Their URL."""
    address = {
        "use": "home",
        "type": "both",
        "line": ["1 Elm St"],
        "city": "Reno",
        "state": state,
        "postalCode": "89501",
    }
    line = {"resourceType": "Patient", "id": id, "birthDate": born or "1990-02-03", "address": [address]}
    house.sandbox.fhir.load([line])
    told = {
        "reference": id,
        "name": "Jo Field",
        "email": f"{id}@example.test",
        "external_ids": {"healthcare": id},
    }
    told |= {"birth_date": born} if born else {}
    url = str(house.api("shop").post("/customers", told)["subject"])
    house.contact(url.rsplit("/", 1)[-1], f"{id}@example.test")
    house.drain()
    return url


@scene
def order(house: House, *, customer: str = "pat-1", sku: str = "NC60") -> Any:
    """An order of theirs that waits for a visit. Its JSON."""
    house.orders += 1
    made = house.api("shop").post(
        "/orders",
        {
            "reference": f"V{house.orders:04}", "customer": customer, "total": "60.00", "ship_to": HOME,
            "lines": [{"sku": sku, "name": "Night cream, 60 days", "quantity": 1, "unit_price": "60.00"}],
        },
    )  # fmt: skip
    with house.app.app_context(), transaction():
        db.session.execute(
            text("update orders set status = 'awaiting_visit' where id = :id"), {"id": made["subject"][8:]}
        )
    return house.api().get(made["subject"])


@scene
def invited(house: House, customer: str, **more: Any) -> Any:
    """A visit that the clinic has opened. Its JSON."""
    asked = {"form": "skin-intake", "kind": "initial", **more}
    done = house.api().post(f"{customer}/invite", asked)
    house.drain()
    return house.api().get(done["subject"])


def answer(house: House, visit: Any, *, photos: Any = None, status: str = "completed", **answers: Any) -> Any:
    """The patient answers at the clinic, and we hear of it. The visit's JSON. An answer of None is left out."""
    given = {id: value for id, value in (ANSWERS | answers).items() if value is not None}
    [row] = house.rows(
        "select v.external_id, q.number from visits v left join questionnaires q on q.id = v.questionnaire_id"
        " where v.id = :id",
        id=visit["id"],
    )
    house.sandbox.fhir.answer(
        row.external_id, given, photos=PHOTOS if photos is None else photos, status=status,
        questionnaire=f"https://forms.opsconsole.example/skin-intake|{row.number}",
    )  # fmt: skip
    house.drain()
    return house.api().get(visit["url"])


def flags(house: House, visit: Any) -> list[Any]:
    query = "select kind, severity, effect, status, source, due_at from review_flags where visit_id = :id order by source"
    return house.rows(query, id=visit["id"])


@scene
def submitted(house: House, *, id: str = "pat-1", **answers: Any) -> Any:
    """A visit that was answered. The form and the state's rule are there."""
    url = patient(house, id=id)
    return answer(house, invited(house, url), **answers)


def noon(house: House) -> None:
    """Midday in Nevada: nobody is written to at night."""
    query = (
        "select extract(epoch from (instant()::date + 1 + time '20:00') at time zone 'utc' - instant()) as s"
    )
    house.advance(float(house.rows(query)[0].s))

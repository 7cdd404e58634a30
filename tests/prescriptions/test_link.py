"""Prescriptions of patients whom nobody knows wait, until somebody says whose they are."""

from __future__ import annotations

from typing import Any

from opsconsole.jobs import schedule

from ..house import House
from ..sandbox.clinic import sound
from ..scenes import cases_of, denied, invalid, nothing_written, only_case, refused
from .scenes import clinic, prescribed

SURE = {"customer": "cust-1", "evidence": "birth_date"}


def unknown(house: House, *, patient: str = "pat-9", born: str | None = "1990-02-03") -> dict[str, Any]:
    """A prescription for a patient who is nobody's here. The patient's JSON."""
    house.sandbox.fhir.load([sound("Patient", id=patient, birthDate=born)])
    assert prescribed(house, "rx-9", patient=patient) == {}
    [row] = house.rows("select id from unknown_patients where external_id = :id", id=patient)
    return dict(house.api().get(f"/unknown-patients/{row.id}"))


def customer_without(house: House) -> None:
    """cust-1 is no patient yet."""
    clinic(house)
    house.rows("select 1")
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(text("delete from external_ids where system = 'healthcare'"))
        db.session.commit()


def test_linked_what_waited_is_taken_in(house: House) -> None:
    customer_without(house)
    patient = unknown(house)
    case = only_case(house, patient["url"])
    assert case["reason"] == "patient_unknown" and patient["waiting"] == ["rx-9"]
    assert case["suggests"]["url"] == f"{patient['url']}/link"
    done = house.api("support").post(f"{patient['url']}/link", SURE, key="k")
    with nothing_written(house):
        assert house.api("support").post(f"{patient['url']}/link", SURE, key="k") == done
    house.drain()
    [rx] = house.api().get("/prescriptions")["items"]
    assert (rx["external_id"], rx["status"]) == ("rx-9", "active") and cases_of(house, patient["url"]) == []
    refused(house, house.api(), f"{patient['url']}/link", SURE, "already_linked")
    assert "Jo Field" in house.page("support").get(patient["url"])


def test_somebody_born_on_another_day_is_somebody_else(house: House) -> None:
    customer_without(house)
    patient = unknown(house, born="1991-07-07")
    refused(house, house.api(), f"{patient['url']}/link", SURE, "birth_date_differs", "customer")
    assert "1991" not in str(house.api().get(f"/audit?subject={patient['url']}"))


def test_where_a_birth_date_is_not_known_two_people_make_sure(house: House) -> None:
    customer_without(house)
    patient = unknown(house, born=None)
    url = f"{patient['url']}/link"
    invalid(house, house.api(), url, SURE, "evidence")
    asked = house.api().post(url, {**SURE, "evidence": "id_document"}, 202)
    assert asked["approval"]["status"] == "waiting"
    assert cases_of(house, patient["url"])


def test_refusals_write_nothing(house: House) -> None:
    customer_without(house)
    patient = unknown(house)
    url = f"{patient['url']}/link"
    invalid(house, house.api(), url, {**SURE, "customer": "cust-none"}, "customer")
    invalid(house, house.api(), url, {**SURE, "evidence": "a feeling"}, "evidence")
    for role in ("clinician", "finance", "auditor", "shop"):
        denied(house, role, url, SURE)
    house.sandbox.fault(vendor="fhir", kind="down", method="*")
    refused(house, house.api(), url, SURE, "no_answer")


def test_the_shop_may_say_it_too(house: House) -> None:
    customer_without(house)
    patient = unknown(house)
    known = {"reference": "cust-1", "name": "Jo Field", "external_ids": {"healthcare": "pat-9"}}
    house.api("shop").post("/customers", known)
    house.drain()
    assert [one["external_id"] for one in house.api().get("/prescriptions")["items"]] == ["rx-9"]
    assert cases_of(house, patient["url"]) == []


def test_who_became_known_at_that_moment_is_recognised(house: House) -> None:
    customer_without(house)
    patient = unknown(house)
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(
            text(
                "insert into external_ids (id, customer_id, system, external_id)"
                " select 'xid_1', id, 'healthcare', 'pat-9' from customers"
            )
        )
        db.session.commit()
        [job] = [one for one in schedule.SCHEDULE if one.name == "pharmacies that do not answer"]
        job.run()
    house.drain()
    assert house.api().get(patient["url"])["status"] == "linked"
    assert [one["external_id"] for one in house.api().get("/prescriptions")["items"]] == ["rx-9"]

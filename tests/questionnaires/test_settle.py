"""What the clinic tells of a form that we published."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of
from ..visits.form_scenes import form


def test_a_form_that_is_retired_there_is_a_case_until_it_is_asked_again(house: House) -> None:
    id = form(house)
    house.drain()
    [there] = house.sandbox.fhir.find("Questionnaire", url="https://forms.opsconsole.example/skin-intake")
    assert house.api().get(f"/questionnaires/{id}")["external_id"] == there["id"]
    house.sandbox.fhir.set_status(f"Questionnaire/{there['id']}", "retired")
    house.drain()
    assert [one["reason"] for one in cases_of(house, f"/questionnaires/{id}")] == ["form_not_asked"]
    house.sandbox.fhir.set_status(f"Questionnaire/{there['id']}", "active")
    house.drain()
    assert cases_of(house, f"/questionnaires/{id}") == []


def test_a_form_of_somebody_else_is_none_of_ours(house: House) -> None:
    url = "https://elsewhere.example/skin-intake"
    line = {"resourceType": "Questionnaire", "id": "q-1", "url": url, "version": "1", "status": "active"}
    form(house)
    house.sandbox.fhir.load([line])
    house.sandbox.fhir.set_status("Questionnaire/q-1", "retired")
    house.drain()
    [row] = house.rows(
        "select says from audit_entries where act = 'questionnaires.settle' and says like '%not ours'"
    )
    assert row.says == "It is a form that is not ours"
    assert house.rows("select 1 from cases") == []

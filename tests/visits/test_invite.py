"""A patient is asked to answer, once; and a visit is called off, here and at the clinic."""

from __future__ import annotations

from ..gates.scenes import change
from ..house import House
from ..scenes import cases_of, denied, invalid, only_case, refused
from .form_scenes import answer, form, invited, order, patient, served

ASKED = {"form": "skin-intake", "kind": "initial"}


def test_a_patient_is_invited_once(house: House) -> None:
    form(house)
    url, api = patient(house), house.api()
    waits = order(house)
    asked = ASKED | {"order": waits["url"]}
    seen = api.post(f"{url}/invite?preview=1", asked, 200)["preview"]
    assert [one["to"] for one in seen["promises"]] == ["healthcare"]
    done = api.post(f"{url}/invite", asked, key="k")
    assert api.post(f"{url}/invite", asked, key="k")["subject"] == done["subject"]
    house.drain()
    visit = api.get(done["subject"])
    there = house.sandbox.fhir.show(f"Encounter/{visit['external_id']}")
    assert (visit["status"], visit["patient_state"], there["status"]) == ("invited", "NV", "planned")
    assert len(house.sandbox.fhir.find("Encounter", patient="Patient/pat-1")) == 1
    refused(house, api, f"{url}/invite", asked, "invited")
    invalid(house, api, f"{url}/invite", ASKED | {"form": "nobody"}, "form")
    invalid(house, api, f"{url}/invite", ASKED | {"kind": "rx_request"}, "kind")
    denied(house, "finance", f"{url}/invite", asked)
    page = house.page("support")
    assert "Close it as abandoned" in page.get(visit["url"]) and "Invite a patient" in page.get(
        f"{url}/invite"
    )


def test_who_cannot_be_asked(house: House) -> None:
    stranger = house.api("shop").post("/customers", {"reference": "x", "name": "Jo Field"})["subject"]
    invalid(house, house.api(), f"{stranger}/invite", ASKED, "form")
    form(house)
    refused(house, house.api(), f"{stranger}/invite", ASKED, "no_health_record")
    url = patient(house)
    change(house, "update questionnaires set published_at = null")
    refused(house, house.api(), f"{url}/invite", ASKED, "not_asked", "form")


def test_the_clinics_no_is_a_case(house: House) -> None:
    form(house)
    url = patient(house)
    house.sandbox.fhir.forget("Patient/pat-1")
    done = house.api().post(f"{url}/invite", ASKED)
    house.drain()
    assert only_case(house, done["subject"])["reason"] == "vendor_rejected"
    case = cases_of(house, done["subject"])[0]
    house.api("ops_lead").post(f"{case['url']}/dismiss", {"reason": "The patient is gone"})
    assert house.api().get(done["subject"])["status"] == "cancelled"


def test_calling_it_off(house: House) -> None:
    form(house)
    served(house)
    api = house.api()
    url = patient(house)
    visit = invited(house, url)
    denied(house, "finance", f"{visit['url']}/cancel", {"reason": "A mistake"})
    api.post(f"{visit['url']}/cancel", {"reason": "A mistake"})
    house.drain()
    assert api.get(visit["url"])["status"] == "cancelled"
    assert house.sandbox.fhir.show(f"Encounter/{visit['external_id']}")["status"] == "cancelled"
    assert {one.status for one in house.rows("select status from reminders")} == {"canceled"}
    refused(house, api, f"{visit['url']}/cancel", {"reason": "Again"}, "not_cancelable")
    answer(house, visit)  # what comes now is kept, and changes nothing
    assert api.get(visit["url"])["status"] == "cancelled"
    # before the clinic was asked: nothing goes out
    done = api.post(f"{url}/invite", ASKED)
    api.post(f"{done['subject']}/cancel", {"reason": "A mistake"})
    house.drain()
    assert api.get(done["subject"])["external_id"] is None
    assert len(house.sandbox.fhir.find("Encounter", patient="Patient/pat-1")) == 1

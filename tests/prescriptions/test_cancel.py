"""Canceling a prescription is a conversation: asked, confirmed or denied, and then somebody telephones."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of, denied, invalid, nothing_written, only_case, refused
from .scenes import MINUTES, WINDOW, asked, cancel, clinic, look, prescribed, sent

WHY = {"reason": "customer_asked"}
SAID = {"outcome": "canceled", "evidence": "Ms Hill at the counter, 14:10"}


def answered(house: House) -> None:
    house.later(WINDOW)
    for _ in range(4):
        house.later(2 * MINUTES)


def test_confirmed_it_is_canceled(house: House) -> None:
    clinic(house)
    rx = sent(house)
    request = cancel(house, rx, "clinician")
    assert request["status"] == "planned" and request["says"].endswith("cancel prescription rx")
    answered(house)
    assert asked(house, rx) == [("cancel", "confirmed"), ("transmit", "confirmed")]
    assert look(house, rx)["status"] == "cancelled" and cases_of(house, request["url"]) == []
    page = house.page("support").get(rx["url"])
    assert "Cancel it" in page and "the customer asked for it" in page


def test_denied_somebody_telephones_and_writes_down_what_they_say(house: House) -> None:
    clinic(house)
    rx = sent(house)
    house.sandbox.fhir.set("cancel_answer", "deny")
    request = cancel(house, rx)
    answered(house)
    assert look(house, request)["status"] == "denied" and look(house, rx)["status"] == "active"
    case = only_case(house, request["url"])
    assert (case["reason"], case["suggests"]["act"]) == ("cancel_denied", "prescriptions.record_outcome")
    api, url = house.api("support"), f"{request['url']}/record_outcome"
    invalid(house, api, url, {"outcome": "received", "evidence": "somebody"}, "outcome")
    invalid(house, api, url, {"outcome": "canceled"}, "evidence")
    done = api.post(url, SAID, key="k")
    with nothing_written(house):
        assert api.post(url, SAID, key="k") == done
    told = look(house, request)
    assert (
        told["status"] == "confirmed" and "Ms Hill" in told["note"] and cases_of(house, request["url"]) == []
    )
    refused(house, api, url, SAID, "not_recordable")
    assert "Ms Hill" in house.page("support").get(request["url"])


def test_what_they_will_not_cancel_stays(house: House) -> None:
    clinic(house)
    rx = sent(house)
    house.sandbox.fhir.set("cancel_answer", "deny")
    request = cancel(house, rx)
    answered(house)
    house.api().post(f"{request['url']}/record_outcome", {**SAID, "outcome": "not_canceled"})
    assert look(house, request)["status"] == "denied" and cases_of(house, request["url"]) == []
    assert look(house, rx)["status"] == "active"


def test_refusals_write_nothing(house: House) -> None:
    clinic(house)
    rx = prescribed(house)
    api, url = house.api(), f"{rx['url']}/cancel"
    invalid(house, api, url, {"reason": "because"}, "reason")
    for role in ("finance", "auditor", "shop"):
        denied(house, role, url, WHY)
    request = cancel(house, rx)
    refused(house, api, url, WHY, "not_cancelable")
    refused(house, api, f"{request['url']}/record_outcome", SAID, "not_recordable")
    for role in ("finance", "auditor"):
        denied(house, role, f"{request['url']}/record_outcome", SAID)
        denied(house, role, f"{request['url']}/withdraw")
    house.later(WINDOW)
    refused(house, api, f"{request['url']}/withdraw", {}, "not_withdrawable")
    answered(house)
    assert "nothing to cancel" in refused(house, api, url, WHY, "not_cancelable")


def test_undone_nobody_is_asked(house: House) -> None:
    clinic(house)
    rx = prescribed(house)
    done = house.api("support").post(f"{rx['url']}/cancel", WHY, key="k")
    with nothing_written(house):
        assert house.api("support").post(f"{rx['url']}/cancel", WHY, key="k") == done
    house.api("support").post(done["undo"], {})
    refused(house, house.api(), done["undo"], {}, "already_withdrawn")
    answered(house)
    assert ("cancel", "withdrawn") in asked(house, rx) and look(house, rx)["status"] == "active"


def test_the_vendors_no_becomes_a_case(house: House) -> None:
    clinic(house)
    rx = prescribed(house)
    request = cancel(house, rx)
    house.sandbox.fhir.forget("MedicationRequest/rx")
    house.later(WINDOW)
    assert look(house, request)["status"] == "declined"
    assert only_case(house, request["url"])["reason"] == "vendor_rejected"


def test_a_lost_answer_asks_once(house: House) -> None:
    clinic(house)
    rx = sent(house)
    house.sandbox.fault(vendor="fhir", kind="lost_answer", method="POST */Task", times=1)
    cancel(house, rx)
    answered(house)
    answered(house)
    tasks = house.sandbox.fhir.find("Task", focus="MedicationRequest/rx")
    assert len(tasks) == 2 and look(house, rx)["status"] == "cancelled"


def test_nobody_is_a_customer_without_a_patient(house: House) -> None:
    clinic(house)
    rx = prescribed(house)
    with house.app.app_context():
        from sqlalchemy import text

        from opsconsole.db import db

        db.session.execute(text("delete from external_ids where system = 'healthcare'"))
        db.session.commit()
    refused(house, house.api(), f"{rx['url']}/cancel", WHY, "not_known_there")

"""Sending a prescription to its pharmacy again: never beside a copy that lives, or may."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of, denied, nothing_written, only_case, refused
from .scenes import MINUTES, WINDOW, asked, clinic, look, prescribed, sent

HOUR = 3600


def failed(house: House) -> dict[str, object]:
    """One that did not get through, more than four hours ago."""
    house.sandbox.fhir.set("transmit_answer", "error_600")
    rx = sent(house)
    house.sandbox.fhir.set("transmit_answer", "verified")
    house.later(4 * HOUR)
    return rx


def test_what_did_not_get_through_is_sent_again(house: House) -> None:
    clinic(house)
    rx = failed(house)
    [(kind, status)] = asked(house, rx)
    assert (kind, status) == ("transmit", "failed")
    first = look(house, rx)["requests"][0]
    assert only_case(house, first["url"])["reason"] == "rx_not_transmitted"
    done = house.api("support").post(f"{rx['url']}/resend", {})
    assert done["undo"] and cases_of(house, first["url"]) == []
    house.later(WINDOW)
    for _ in range(4):
        house.later(4 * MINUTES)
    assert house.api().get(done["subject"])["status"] == "confirmed"
    assert len(house.sandbox.fhir.find("Task", focus=f"MedicationRequest/{rx['external_id']}")) == 2


def test_it_is_refused_while_a_copy_may_arrive(house: House) -> None:
    clinic(house)
    rx = prescribed(house)
    url = f"{rx['url']}/resend"
    assert "less than an hour ago" in refused(house, house.api(), url, {}, "not_resendable")
    house.sandbox.fhir.set("transmit_answer", "silent")
    house.later(40)
    assert asked(house, rx) == [("transmit", "requested")]
    house.later(9 * HOUR)
    assert "has not answered" in refused(house, house.api(), url, {}, "not_resendable")
    [act] = [one for one in look(house, rx)["acts"] if one["act"] == "prescriptions.resend"]
    assert not act["allowed"] and "second copy" in act["why_not"]


def test_a_failure_of_a_moment_ago_may_still_arrive(house: House) -> None:
    clinic(house)
    house.sandbox.fhir.set("transmit_answer", "error_600")
    rx = sent(house)
    words = refused(house, house.api(), f"{rx['url']}/resend", {}, "not_resendable")
    assert "less than four hours ago" in words
    house.later(4 * HOUR)
    house.api().post(f"{rx['url']}/resend?preview=1", {}, 200)


def test_what_the_pharmacy_has_is_not_sent_again(house: House) -> None:
    clinic(house)
    rx = sent(house)
    house.later(5 * HOUR)
    assert "has confirmed" in refused(house, house.api(), f"{rx['url']}/resend", {}, "not_resendable")


def test_nor_beside_another_live_one_at_a_pharmacy(house: House) -> None:
    clinic(house)
    one = failed(house)
    sent(house, "rx-2")
    words = refused(house, house.api(), f"{one['url']}/resend", {}, "not_resendable")
    assert "rx-2" in words and "cancel that one first" in words


def test_who_may_and_a_second_click(house: House) -> None:
    clinic(house)
    rx = failed(house)
    for role in ("clinician", "finance", "auditor", "shop"):
        denied(house, role, f"{rx['url']}/resend", {})
    first = house.api().post(f"{rx['url']}/resend", {}, key="k")
    with nothing_written(house):
        assert house.api().post(f"{rx['url']}/resend", {}, key="k") == first
    refused(house, house.api(), f"{rx['url']}/resend", {}, "not_resendable")


def test_undone_nobody_is_asked(house: House) -> None:
    clinic(house)
    rx = failed(house)
    done = house.api().post(f"{rx['url']}/resend", {})
    house.api().post(done["undo"], {})
    house.later(WINDOW)
    assert asked(house, rx)[0] == ("transmit", "withdrawn")
    assert len(house.sandbox.fhir.find("Task", focus=f"MedicationRequest/{rx['external_id']}")) == 1


def test_the_vendors_no_becomes_a_case(house: House) -> None:
    clinic(house)
    rx = failed(house)
    done = house.api().post(f"{rx['url']}/resend", {})
    house.sandbox.fhir.forget(f"MedicationRequest/{rx['external_id']}")
    house.later(WINDOW)
    request = house.api().get(done["subject"])
    assert request["status"] == "declined", request
    assert only_case(house, request["url"])["reason"] == "vendor_rejected"


def test_the_timeline_that_made_two_of_everything(house: House) -> None:
    """Sent, and no answer for seven hours; staff sent it again in between, and so did a retry whose answer was lost. Here
    nobody can, and what was lost is looked for first: one prescription, sent once."""
    clinic(house)
    rx = prescribed(house)
    house.later(40)
    url = f"{rx['url']}/resend"
    for _ in range(6):
        house.sandbox.fhir.set("transmit_answer", "silent")
        house.later(HOUR)
        refused(house, house.api("support"), url, {}, "not_resendable")
    [task] = house.sandbox.fhir.find("Task", focus=f"MedicationRequest/{rx['external_id']}")
    house.sandbox.fhir.set_status(f"Task/{task['id']}", "failed")
    house.drain()
    house.sandbox.fhir.set("transmit_answer", "verified")
    house.sandbox.fault(vendor="fhir", kind="lost_answer", method="POST */Task", times=2)
    house.api("support").post(url, {})
    for _ in range(12):
        house.later(3 * MINUTES)
        refused(house, house.api("ops_lead"), url, {}, "not_resendable")
    tasks = house.sandbox.fhir.find("Task", focus=f"MedicationRequest/{rx['external_id']}")
    assert sorted(one["status"] for one in tasks) == ["completed", "failed"]
    assert asked(house, rx) == [("transmit", "confirmed"), ("transmit", "failed")]
    assert len(house.api().get("/prescriptions?status=active")["items"]) == 1


def test_a_second_live_one_made_outside_is_found(house: House) -> None:
    clinic(house)
    one = sent(house)
    two = prescribed(house, "rx-2")
    case = only_case(house, one["url"])
    assert case["reason"] == "two_prescriptions" and "rx and rx-2" in case["says"]
    assert case["suggests"]["url"] == f"{one['url']}/cancel"
    house.sandbox.fhir.set_status("rx-2", "entered-in-error")
    house.drain()
    assert cases_of(house, one["url"]) == [] and look(house, two)["status"] == "entered_in_error"

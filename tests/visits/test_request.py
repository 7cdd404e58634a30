"""Asking a clinician about a prescription: once about each thing, in the queue of the patient's state."""

from __future__ import annotations

from typing import Any

import pytest

from ..gates.scenes import order, prescribed, served
from ..house import House
from ..scenes import nothing_written


@pytest.fixture
def ready(house: House) -> Any:
    served(house)
    made = order(house)
    prescribed(house)
    return made


def test_it_waits_in_the_queue_of_the_patients_state(house: House, ready: Any) -> None:
    rx = house.api().get(f"/prescriptions?customer={ready['customer'].rsplit('/', 1)[-1]}")["items"][0]
    for role, url, asks in (("support", rx["url"], "wrong_sig"), ("clinician", ready["url"], "rx_missing")):
        done = house.api(role).post(f"{url}/ask_clinician", {"asks": asks})
        [visit] = house.rows("select * from visits where id = :id", id=done["subject"].rsplit("/", 1)[-1])
        assert (visit.kind, visit.status, visit.asks, visit.patient_state) == (
            "rx_request",
            "submitted",
            asks,
            "NV",
        )
        hours = (visit.due_at - visit.submitted_at).total_seconds() / 3600
        assert hours == (4 if asks == "wrong_sig" else 24)
        assert (visit.prescription_id == rx["id"]) == (url == rx["url"]) and visit.says.endswith(".")
    said = house.api().get(f"{rx['url']}")["findings"]
    assert said == []  # nothing is wrong with it by itself: somebody asked all the same


def test_the_same_is_asked_once(house: House, ready: Any) -> None:
    rx = house.rows("select id from prescriptions")[0].id
    for url in (f"/prescriptions/{rx}", ready["url"]):
        api = house.api("support")
        first = api.post(f"{url}/ask_clinician", {"asks": "rx_expired"}, key=url)
        with nothing_written(house):
            assert api.post(f"{url}/ask_clinician", {"asks": "rx_expired"}, key=url) == first
            refused = api.post(f"{url}/ask_clinician", {"asks": "rx_expired"}, 409)["refused"]
        assert refused["code"] == "already_asked" and refused["blockers"][0]["fix"]["url"] == first["subject"]
        api.post(f"{url}/ask_clinician", {"asks": "no_refills"})


def test_who_may_not_and_what_is_no_cause_writes_nothing(house: House, ready: Any) -> None:
    with nothing_written(house):
        house.api("finance").post(f"{ready['url']}/ask_clinician", {"asks": "rx_expired"}, 403)
        house.api("support").post(f"{ready['url']}/ask_clinician", {"asks": "whatever"}, 422)
    page = house.page("support")
    page.get(f"{ready['url']}/ask_clinician?asks=rx_expired")
    assert "Ask a clinician" in page.html
    assert "A clinician is asked" in page.submit(f"{ready['url']}/ask_clinician", {"asks": "rx_expired"})

"""What the healthcare system tells of where parcels go, by rest-hook, by its list, and when the shop names a patient."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from opsconsole import vendors
from opsconsole.services import CLOCK, customers, inbox, robot

from ..house import House
from ..scenes import denied, nothing_written
from .test_readdress import NEW, mirrored, patient

MOVED = {name: NEW[name] for name in ("line1", "city", "state", "zip")}


def events(house: House) -> list[Any]:
    query = "select external_id, via, status, words from inbox_events where source = 'healthcare' order by created_at"
    return house.rows(query)


def test_a_rest_hook_is_settled_from_the_patient_as_they_stand(house: House) -> None:
    url = patient(house)
    house.sandbox.fhir.move("pat-1", **MOVED)
    house.drain()
    assert mirrored(house, url) == {**NEW, "line2": "", "country": "US"}
    [event] = events(house)
    assert (event.external_id, event.via, event.status) == ("Patient/pat-1/2", "webhook", "settled")
    assert "Reno" not in (event.words or "")


def test_what_was_not_heard_is_found_in_the_list(house: House) -> None:
    url = patient(house)
    house.sandbox.fault(vendor="fhir", kind="drop", method="webhook *")
    house.sandbox.fhir.move("pat-1", **MOVED)
    house.drain()
    assert mirrored(house, url)["city"] == "Fresno" and events(house) == []
    with house.app.app_context():
        inbox.sweep_nightly("healthcare", by=CLOCK)
    house.drain()
    assert mirrored(house, url)["city"] == "Reno"
    assert {event.via for event in events(house)} == {"sweep"}


def test_a_patient_who_is_nobodys_customer_is_ignored(house: House) -> None:
    patient(house)
    house.sandbox.fhir.load([{"resourceType": "Patient", "id": "pat-9"}])
    house.sandbox.fhir.move("pat-9", **MOVED)
    house.drain()
    assert [event.status for event in events(house)] == ["ignored"]


def test_a_patient_without_an_address_leaves_ours(house: House) -> None:
    assert mirrored(house, patient(house, None)) is None


def test_an_older_fetch_never_overwrites_a_newer_one(house: House) -> None:
    url = patient(house)
    at = datetime.fromisoformat(house.api().get(url)["ship_to_fetched_at"])
    with house.app.app_context():
        found = vendors.port("healthcare").fetch_patient("pat-1")
        house.sandbox.fhir.move("pat-1", **MOVED)
        new = vendors.port("healthcare").fetch_patient("pat-1")

        def settle(facts: Any, seconds: int) -> None:
            fetched_at = at + timedelta(seconds=seconds)
            customers.settle_address("pat-1", facts=facts, fetched_at=fetched_at, by=robot("healthcare"))

        settle(new, 20)
        settle(found, 10)
    assert mirrored(house, url)["city"] == "Reno"


def test_who_is_named_on_parcels_is_ours(house: House) -> None:
    url = patient(house)
    house.sandbox.fhir.move("pat-1", **MOVED)
    house.drain()
    assert mirrored(house, url)["name"] == "Jo Doe"


def test_a_forged_rest_hook_is_refused(house: House) -> None:
    patient(house)
    with house.app.app_context():
        for headers in ({}, {"X-Signature": "0" * 64}):
            assert (
                house.deliver("http://x/webhooks/healthcare", headers, b'{"resourceType": "Patient"}') == 400
            )
    assert events(house) == []


@pytest.mark.parametrize("role", ["support", "demo"])
def test_nobody_settles_by_hand(house: House, role: str) -> None:
    from opsconsole.lib.refusal import Denied
    from opsconsole.services import Actor

    with house.app.app_context(), nothing_written(house), pytest.raises(Denied):
        somebody = Actor("stf_1", "Sam", "person", frozenset({"customers.settle_address"}))
        customers.settle_address("pat-1", facts=None, fetched_at=datetime.now(), by=somebody)
    denied(house, "auditor", f"{patient(house)}/readdress", {"ship_to": NEW})

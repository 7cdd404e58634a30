"""Approving: what follows is told before the signature, signed once, and undone as a whole."""

from __future__ import annotations

from typing import Any

from opsconsole.db import db, now
from opsconsole.models import PrescriptionRequest, Provider
from opsconsole.services import WORKER, prescriptions
from opsconsole.services.prescriptions._face import face_of
from opsconsole.vendors.healthcare import PrescriptionFacts

from ..house import House
from ..scenes import cases_of, denied, invalid, nothing_written, refused
from .form_scenes import served
from .scenes import clinic, colleague, flagged, to_review


def requests(house: House) -> list[Any]:
    return house.rows("select status, sku, provider_id, visit_id from prescription_requests order by id")


def test_what_follows_is_told_then_signed_and_undone_as_a_whole(house: House) -> None:
    ada, api = clinic(house), house.api()
    visit = to_review(house)
    order = api.get(visit)["order"]
    with nothing_written(house):
        seen = api.post(f"{visit}/approve?preview=1", {}, 200)["preview"]
    told = {change["field"]: change["to"] for change in seen["changes"]}
    assert (
        told["prescription NC-050-60"].startswith("6 fills, until ")
        and "$60.00 is paid already" in told["money"]
    )
    assert [one["to"] for one in seen["promises"]] == ["crm", "healthcare"] and seen["undo_for"] == 120
    done = api.post(f"{visit}/approve", {}, key="k", match=seen["hash"])
    with nothing_written(house):
        assert api.post(f"{visit}/approve", {}, key="k") == done
    assert done["undo"] == f"{visit}/withdraw" and api.get(visit)["status"] == "approved"
    assert api.get(order)["status"] == "awaiting_rx"
    assert [(one.status, one.sku, one.provider_id) for one in requests(house)] == [
        ("planned", "NC-050-60", ada)
    ]
    refused(house, api, f"{visit}/approve", {}, "not_to_decide")
    assert api.post(f"{visit}/withdraw")["status"] == "in_review"
    assert api.get(order)["status"] == "in_review" and requests(house)[0].status == "withdrawn"
    assert house.rows("select status from messages") == [("withdrawn",)]
    assert [one["number"] for one in api.get(visit)["decisions"]] == [1, 2]
    api.post(f"{visit}/approve", {})  # and signed anew, now for good
    house.advance(121)
    refused(house, api, f"{visit}/withdraw", {}, "too_late")


def test_with_changes_as_the_registry_has_it(house: House) -> None:
    clinic(house)
    visit, api = to_review(house), house.api()
    invalid(house, api, f"{visit}/approve", {"refills": 40}, "refills")
    invalid(house, api, f"{visit}/approve", {"quantity": "0"}, "quantity")
    invalid(house, api, f"{visit}/approve", {"sku": "NONE-1"}, "sku")
    house.api("shop").post(
        "/products", {"sku": "OTC-1", "name": "Wash", "kind": "otc", "needs_prescription": False}
    )
    refused(house, api, f"{visit}/approve", {"sku": "OTC-1"}, "not_prescribable", "sku")
    asked = {"refills": 1, "sig": "Every other night.", "words": "Start slowly."}
    seen = api.post(f"{visit}/approve?preview=1", asked, 200)["preview"]
    assert "2 fills" in str(seen["changes"]) and "Start slowly" not in str(seen)
    api.post(f"{visit}/approve", asked)
    [kind] = house.rows("select kind from decisions")
    assert kind.kind == "approve_with_changes"
    ada = house.page("clinician").get(visit)
    assert "Start slowly." in ada and "Every other night." in ada
    said = str(house.rows("select inputs::text, says, changes::text from audit_entries"))
    assert "Start slowly" not in said and "Every other night" not in said


def test_a_flag_that_blocks_is_answered_in_the_decision(house: House) -> None:
    clinic(house)
    visit, api = to_review(house), house.api()
    flag = flagged(house, visit)
    said = refused(house, api, f"{visit}/approve", {}, "flags_open", "flags")
    assert "blocks it" in said
    invalid(house, api, f"{visit}/approve", {"flags": [flag]}, "flag_words")
    invalid(house, api, f"{visit}/approve", {"flags": ["flg_none"], "flag_words": "Seen"}, "flags")
    api.post(f"{visit}/approve", {"flags": [flag], "flag_words": "Only to fragrance, none is in it."})
    [row] = house.rows("select status, outcome from review_flags")
    assert (row.status, row.outcome) == ("resolved", "no_action")
    api.post(f"{visit}/withdraw")
    assert house.rows("select status from review_flags") == [("open",)]


def written(house: House) -> None:
    """The healthcare system has written what it was asked for."""
    [asked] = house.rows("select id from prescription_requests")
    with house.app.app_context():
        request = PrescriptionRequest.require(asked.id)
        provider = Provider.require(request.provider_id or "")
        facts = PrescriptionFacts(
            id="MR-1", version="1", status="active", raw_status="active", patient="pat-cust-1",
            prescriber=provider.external_id, ref=asked.id, face=face_of(request.face or ""),
        )  # fmt: skip
        fetched_at = now()
        db.session.rollback()
        prescriptions.written(asked.id, facts=facts, fetched_at=fetched_at, by=WORKER)


def test_once_the_prescription_is_there_the_order_goes_on(house: House) -> None:
    clinic(house)
    visit, api = to_review(house), house.api()
    api.post(f"{visit}/approve", {})
    written(house)
    assert api.get(api.get(visit)["order"])["status"] == "ready"


def test_who_may_and_never_who_is_not_licensed(house: House) -> None:
    clinic(house, states=("CA",))
    visit, api = to_review(house, state="NV"), house.api()
    for role in ("support", "ops_lead", "finance", "admin", "auditor", "shop"):
        denied(house, role, f"{visit}/approve", {})
    refused(house, api, f"{visit}/approve", {}, "not_licensed")
    other = colleague(house, "Dr. Osei", "1245319599", ("NV",))
    # no rule says how care is given there
    refused(house, api, f"{visit}/approve", {"provider": other}, "not_served")
    served(house, "NV")
    ada = house.page("clinician")
    ada.get(visit)
    assert "Dry and red" not in ada.html and "licensed in NV" in ada.html
    api.post(f"{visit}/approve", {"provider": other})
    assert house.rows("select provider_id from decisions")[0].provider_id == other


def test_the_vendors_no_is_a_case(house: House) -> None:
    clinic(house)
    visit, api = to_review(house), house.api()
    api.post(f"{visit}/approve", {})
    [row] = house.rows("select id from prescription_requests")
    with house.app.app_context():
        prescriptions.not_asked(row.id, code="invalid", words="The face is not taken", by=WORKER)
    assert requests(house)[0].status == "declined" and not cases_of(house, visit)

"""Answering what a pharmacy asks: from a list, once, by who may."""

from __future__ import annotations

import pytest

from ..house import House
from ..scenes import cases_of, denied, invalid, nothing_written, refused
from .scenes import at_pharmacy, look, pharmacies


@pytest.mark.parametrize(("state", "fate"), [("CA", "EXCEPTION OOS"), ("NV", "TRIAGE T005")])
def test_an_answer_lets_it_go_on(house: House, state: str, fate: str) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state=state, fate=fate)
    house.api("support").post(f"{fill['url']}/answer", {"answer": "wait"})
    house.later(1)
    assert house.api().get(fill["url"])["exception"]["answer"] == "wait"
    house.later(61)
    assert look(house, fill) == ("acknowledged", "at_pharmacy") and cases_of(house, fill["url"]) == []
    assert len(house.sandbox.ledger("fill_answer")) == 1


def test_a_clinical_question_is_a_clinicians(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state="CA", fate="EXCEPTION RX_CLARIFICATION")
    denied(house, "support", f"{fill['url']}/answer", {"answer": "new_rx"})
    house.api("clinician").post(f"{fill['url']}/answer", {"answer": "new_rx"})


def test_refusals_write_nothing(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house)
    refused(house, house.api(), f"{fill['url']}/answer", {"answer": "wait"}, "not_asked")
    asked = at_pharmacy(house, state="CA", fate="EXCEPTION OOS", customer="cust-2")
    invalid(house, house.api(), f"{asked['url']}/answer", {"answer": "maybe"}, "answer")
    for role in ("finance", "auditor", "shop"):
        denied(house, role, f"{asked['url']}/answer", {"answer": "wait"})
    silent = at_pharmacy(house, state="CA", fate="EXCEPTION CLOSED_NETWORK", customer="cust-3")
    refused(house, house.api(), f"{silent['url']}/answer", {"answer": "wait"}, "not_asked")


def test_a_second_click_answers_once_also_when_the_answer_to_it_is_lost(house: House) -> None:
    pharmacies(house)
    fill = at_pharmacy(house, state="CA", fate="EXCEPTION OOS")
    house.sandbox.fault(vendor="honeybee", kind="lost_answer", method="POST */response", times=2)
    first = house.api().post(f"{fill['url']}/answer", {"answer": "wait"}, key="k")
    with nothing_written(house):
        assert house.api().post(f"{fill['url']}/answer", {"answer": "wait"}, key="k") == first
    for _ in range(4):
        house.later(5)
    refused(house, house.api(), f"{fill['url']}/answer", {"answer": "wait"}, "not_asked")
    assert len(house.sandbox.ledger("fill_answer")) == 1


def test_the_pharmacys_no_is_a_case_and_it_can_be_answered_again(house: House) -> None:
    """Somebody answered on the telephone meanwhile, and the webhook got lost."""
    pharmacies(house)
    fill = at_pharmacy(house, state="CA", fate="EXCEPTION OOS")
    house.sandbox.fault(vendor="honeybee", kind="drop", method="webhook")
    house.sandbox.honeybee.move(fill["external_id"], "Processing")
    house.api().post(f"{fill['url']}/answer", {"answer": "wait"})
    house.later(1)
    assert [case["reason"] for case in cases_of(house, fill["url"]) if case["reason"] == "vendor_rejected"]
    assert house.api().get(fill["url"])["exception"]["answer"] is None


def test_the_inbox_of_exceptions(house: House) -> None:
    pharmacies(house)
    asked = at_pharmacy(house, state="CA", fate="EXCEPTION OOS")
    at_pharmacy(house, customer="cust-2")
    [found] = house.api().get("/fills?exception=yes")["items"]
    assert found["id"] == asked["id"]
    assert found["exception"]["who"] == "ops" and found["exception"]["answers"] == {
        "wait": "Wait until it is there again"
    }
    sam = house.page("support")
    assert ">late<" not in sam.get("/fills?exception=yes").replace("</svg>", ">")
    house.later(25 * 3600)
    sam = house.page("support")  # the first session has ended
    assert ">late<" in sam.get("/fills?exception=yes").replace("</svg>", ">") and "Support or ops" in sam.html
    assert "This is late" in sam.get(asked["url"])
    sam.get(f"{asked['url']}/answer?answer=")
    sam.submit(f"{asked['url']}/answer", {"answer": "wait"})
    assert sam.url == asked["url"]

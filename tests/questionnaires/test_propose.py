"""Versions of forms: written down with all that is wrong told at once, agreed on by two, published, answered."""

from __future__ import annotations

from typing import Any

import pytest

from opsconsole import vendors
from opsconsole.models import Visit
from opsconsole.services import questionnaires, visits
from opsconsole.views.questionnaires import as_items

from ..approvals.scenes import agreed
from ..house import House
from ..scenes import cases_of, denied, invalid, refused
from ..visits.form_scenes import adopted, answer, form, invited, patient, rows, served

URL = "/questionnaires/propose"
SMALL: list[dict[str, Any]] = [
    {"id": "pregnant", "text": "Are you pregnant?", "kind": "yes_no", "required": True},
    {"id": "weeks", "text": "For how many weeks?", "kind": "integer",
     "when": [{"question": "pregnant", "is": "=", "value": True}]},
]  # fmt: skip
SENT = {"key": "small", "title": "A small form", "reason": "It has to be known"}


def test_two_people_change_a_form_and_the_clinic_publishes_it(house: House) -> None:
    api = house.api()
    first = adopted(house, SMALL, key="small")
    assert (first["status"], first["number"], first["items"]) == ("active", 1, SMALL)
    assert first["published_at"] and first["external_id"]
    published = house.sandbox.fhir.find("Questionnaire", url="https://forms.opsconsole.example/small")
    assert [(one["version"], one["status"]) for one in published] == [("1", "active")]
    more = [*SMALL, {"id": "due", "text": "When is it due?", "kind": "date",
                     "when": [{"question": "weeks", "is": ">=", "value": 4}]}]  # fmt: skip
    seen = api.post(f"{URL}?preview=1", SENT | {"items": rows(more)}, 200)["preview"]
    assert seen["warnings"] == ["New, a day: “When is it due?”"]
    draft = api.post(URL, SENT | {"items": rows(more)}, key="k")
    assert api.post(URL, SENT | {"items": rows(more)}, key="k")["subject"] == draft["subject"]
    assert house.api().get(draft["subject"])["difference"] == ["New, a day: “When is it due?”"]
    agreed(house, api.post(f"{draft['subject']}/adopt", {}, 202))
    house.drain()
    states = [(one["number"], one["status"]) for one in api.get("/questionnaires?key=small")["items"]]
    assert sorted(states) == [(1, "superseded"), (2, "active")]
    published = house.sandbox.fhir.find("Questionnaire", url="https://forms.opsconsole.example/small")
    assert {(one["version"], one["status"]) for one in published} == {("1", "retired"), ("2", "active")}
    page = house.page("clinician").get(draft["subject"])
    assert "Asked when “For how many weeks?” is at least 4." in page and "What differs" in page


def test_a_live_form_that_is_edited_leaves_old_answers_as_they_were_given(house: House) -> None:
    """An answer is read in the words of the version that it was given to."""
    old = [{"id": "allergies", "text": "Any allergy?", "kind": "yes_no"}]
    form(house, old)
    served(house)
    visit = invited(house, patient(house))
    other = [{"id": "allergies", "text": "Are you allergic to a medicine?", "kind": "yes_no"}]
    newer = form(house, other, number=2)
    house.sandbox.fhir.answer(
        visit["external_id"],
        {"allergies": True},
        questionnaire="https://forms.opsconsole.example/skin-intake|1",
    )
    house.drain()
    [kept] = house.rows(
        "select q.number, q.id from visit_answers a join questionnaires q on q.id = a.questionnaire_id"
    )
    assert kept.number == 1 and kept.id != newer
    assert house.api().get(visit["url"])["status"] == "submitted"
    with house.app.app_context():
        told, _, _ = visits.answers_of(Visit.require(visit["id"]))
    assert [(one.question, one.now) for one in told] == [("Any allergy?", "Yes")]


def test_everything_that_is_wrong_is_told_at_once(house: House) -> None:
    def item(id: str, kind: str = "yes_no", **more: Any) -> dict[str, Any]:
        return {"id": id, "text": "?", "kind": kind, **more}

    def when(question: str, is_: str = "=", value: Any = True) -> dict[str, Any]:
        return {"when": [{"question": question, "is": is_, "value": value}]}

    table: list[tuple[list[dict[str, Any]], str]] = [
        ([], "There is no question."),
        ([item("A")], "1 A: An id has small letters"),
        ([item("a"), item("a")], "2 a: Another question has the same id."),
        ([item("a", "slider")], "There is no kind “slider”"),
        ([item("a", "choice")], "Write down what can be chosen."),
        ([item("a", choices=[{"code": "x", "text": "X"}])], "Only a choice has answers"),
        ([item("a", "choice", choices=[{"code": "x", "text": "X"}] * 2)], "can be chosen twice"),
        ([item("a", "group")], "Nothing stands in this group."),
        ([item("a", "display", required=True)], "cannot be required"),
        ([item("a", **when("b"))], "“b”, which is no question"),
        ([item("a", **when("a"))], "its own answer"),
        ([item("a", **when("b")), item("b")], "“b”, which comes later"),
        ([item("a", **when("b")), item("b", **when("a"))], "1 a: It asks about “b”, which waits for this one"),
        ([item("a"), item("b", **when("a", "~"))], "is no condition"),
        ([item("a"), item("b", **when("a", "=", "maybe"))], "compares “a” with “maybe”"),
        ([item("a"), item("b", **when("a", ">", True))], "nothing is more or less"),
        ([item("a", "photo"), item("b", **when("a"))], "can only be asked whether it is answered"),
        ([item("a", "integer"), item("b", **when("a", "=", 1.5))], "not a whole number"),
        ([item("g", "group", items=[item("a", "group", items=[item("b", **when("c"))])])], "1.1.1 b:"),
        (
            [item("a"), item("b", **when("a")), item("c", required=True, when_all=True, when=[
                {"question": "a", "is": "=", "value": False}, {"question": "b", "is": "exists", "value": True},
            ])],
            "3 c: Whatever is answered, this is never asked, and it is required.",
        ),
        (
            [item("n", "integer"), item("c", when_all=True, when=[
                {"question": "n", "is": ">", "value": 4}, {"question": "n", "is": "<", "value": 5},
            ])],
            "2 c: Whatever is answered, this is never asked.",
        ),
    ]  # fmt: skip
    for items, words in table:
        assert any(words in one for one in questionnaires.problems(items)), (
            words,
            questionnaires.problems(items),
        )
    assert len(questionnaires.problems([item("A"), item("b", "slider"), item("c", **when("zz"))])) == 3
    assert questionnaires.problems(questionnaires.FIRST) == []
    bad = [
        {"id": "A", "text": "?", "kind": "slider"},
        {"id": "b", "text": "?", "kind": "yes_no", "inside": "zz"},
    ]
    invalid(house, house.api(), URL, SENT | {"items": bad}, "items")
    invalid(house, house.api(), URL, SENT | {"key": "A form", "items": rows(SMALL)}, "key")


def test_the_editor_takes_back_what_it_gave(house: House) -> None:
    """Without JavaScript: the page of the suggested form, sent as it came, writes exactly that form down."""
    page = house.page("clinician")
    page.get("/questionnaires/propose?start=first")
    with house.app.app_context():
        sent = rows(questionnaires.FIRST)
    assert as_items(sent) == questionnaires.FIRST
    fields = {"key": "skin-intake", "title": "Your skin", "reason": "The first one"}
    for n, row in enumerate(sent):
        told = row | {"place": (n + 1) * 10}
        said = {name: "y" if value is True else str(value) for name, value in told.items() if value}
        fields |= {f"items-{n}-{name}": value for name, value in said.items()}
    page.submit(URL, fields)
    [version] = house.api().get("/questionnaires")["items"]
    assert version["items"] == questionnaires.FIRST and version["status"] == "draft"


def test_who_may_and_what_is_refused(house: House) -> None:
    api = house.api()
    body = SENT | {"items": rows(SMALL)}
    denied(house, "support", URL, body)
    draft = api.post(URL, body)["subject"]
    denied(house, "support", f"{draft}/adopt")
    assert "everything" not in house.page("auditor").get(draft)
    api.post(f"{draft}/withdraw")
    for verb in ("adopt", "withdraw"):
        refused(house, api, f"{draft}/{verb}", {}, "not_a_draft")
    adopted(house, SMALL, key="small")
    refused(house, api, URL, body | {"title": "Your skin"}, "same_form")


def test_the_clinics_no_is_a_case(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(*_: Any, **__: Any) -> None:
        raise vendors.Declined("invariant", "The clinic takes no such form.")

    monkeypatch.setattr(vendors.port("healthcare"), "publish", no)
    api = house.api()
    draft = api.post(URL, SENT | {"items": rows(SMALL)})["subject"]
    agreed(house, api.post(f"{draft}/adopt", {}, 202))
    house.drain()
    assert [one["reason"] for one in cases_of(house, draft)] == ["vendor_rejected"]
    assert house.api().get(draft)["published_at"] is None


def test_an_answer_shows_a_photo_of_a_document_only_where_it_was_sent(house: House) -> None:
    """A state that asks who the patient is flags answers without one."""
    form(house)
    served(house, id_check=True)
    visit = answer(house, invited(house, patient(house)))
    assert [one["code"] for one in visit["barriers"]] == ["identity_unchecked"]
    [flag] = house.rows("select kind, effect from review_flags")
    assert tuple(flag) == ("identity_mismatch", "block")
    other = invited(house, patient(house, id="pat-2"))
    shown = answer(house, other, photos={"photo_front": 1, "photo_side": 1, "id_photo": 1})
    assert shown["barriers"] == []

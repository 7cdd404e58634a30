"""What the FHIR adapter writes, at servers that do as R4 says and no more: every body is one that R4 allows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from opsconsole.vendors import Declined, Unavailable
from opsconsole.vendors.healthcare import DrugKey, Face
from opsconsole.vendors.healthcare.fhir import Fhir

from . import fhir_r4
from .fhir_server import OtherServer, refusal
from .payments_contract import Promise

FACE = Face(
    drug="Tretinoin 0.05 % cream",
    keys=(DrugKey("rxnorm", "313453"), DrugKey("ndc", "42192-0151-01"), DrugKey("compound", "T-050"),
          DrugKey("urn:acme:drugs", "t5")),
    sig="A pea-sized amount at night.\nSunscreen by day.",
    quantity=Decimal("28.35"),
    unit="g",
    days_supply=60,
    refills=2,
    written_on=date(2026, 11, 21),
    expires_on=date(2027, 11, 20),
)  # fmt: skip
ITEMS: list[dict[str, Any]] = [
    {"id": "skin", "text": "Your skin", "kind": "group", "items": [
        {"id": "kind", "text": "What is it like?", "kind": "choice", "required": True,
         "choices": [{"code": "oily", "text": "Oily"}, {"code": "dry", "text": "Dry"}]},
        {"id": "where", "text": "Where?", "kind": "choices",
         "choices": [{"code": "face", "text": "Face"}, {"code": "back", "text": "Back"}]},
        {"id": "photo", "text": "Show us", "kind": "photo", "required": True},
    ]},
    {"id": "pregnant", "text": "Are you pregnant?", "kind": "yes_no", "required": True},
    {"id": "weeks", "text": "For how many weeks?", "kind": "integer",
     "when": [{"question": "pregnant", "is": "=", "value": True}]},
    {"id": "why", "text": "Tell us more", "kind": "text", "when_all": True, "when": [
        {"question": "kind", "is": "=", "value": "dry"}, {"question": "where", "is": "!=", "value": "face"},
        {"question": "weeks", "is": ">=", "value": 2}, {"question": "weight", "is": "<", "value": 90.5},
        {"question": "since", "is": "exists", "value": True}]},
    {"id": "either", "text": "Or this", "kind": "text", "when": [
        {"question": "since", "is": ">", "value": "2026-01-01"}, {"question": "kind", "is": "=", "value": "oily"}]},
    {"id": "weight", "text": "Your weight", "kind": "number"},
    {"id": "since", "text": "Since when?", "kind": "date"},
    {"id": "bye", "text": "Thank you", "kind": "display", "required": True},
]  # fmt: skip
Act = Callable[[Fhir, Promise, bool], Any]


def prescribe(adapter: Fhir, promise: Promise, ask_first: bool = False, **more: Any) -> Any:
    said = {"patient": "p1", "prescriber": "dr1", "face": FACE, "visit": "v1", "prior": "rx0"} | more
    return adapter.prescribe(promise.attempt(ask_first=ask_first), **said)


def ask(adapter: Fhir, promise: Promise, ask_first: bool = False, **more: Any) -> Any:
    said = {
        "kind": "cancel",
        "prescription": "rx1",
        "patient": "p1",
        "reason": "wrong_sig",
        "requester": "dr1",
    } | more
    return adapter.ask(promise.attempt(ask_first=ask_first), **said)


def open_visit(adapter: Fhir, promise: Promise, ask_first: bool = False, **more: Any) -> Any:
    said = {"patient": "p1", "kind": "renewal", "practitioner": "dr1", "questionnaire": None} | more
    return adapter.open_visit(promise.attempt(ask_first=ask_first), **said)


def publish(adapter: Fhir, promise: Promise, ask_first: bool = False, **more: Any) -> Any:
    said = {"url": "https://console.example.test/q/skin", "number": "3", "title": "Skin", "status": "active",
            "items": ITEMS} | more  # fmt: skip
    return adapter.publish(promise.attempt(ask_first=ask_first), **said)


MAKES: dict[str, Act] = {
    "MedicationRequest": prescribe, "Task": ask, "Encounter": open_visit, "Questionnaire": publish,
}  # fmt: skip


def test_what_is_prescribed_is_read_back_as_it_was_said() -> None:
    server = OtherServer()
    made = prescribe(server.adapter(), Promise())
    assert made.face == FACE and made.status == "active" and made.ref == "prm_1"
    assert (made.patient, made.prescriber, made.visit, made.prior) == ("p1", "dr1", "v1", "rx0")
    assert server.adapter().fetch_prescription(made.id) == made
    (kept,) = server.all("MedicationRequest")
    assert kept["dispenseRequest"]["numberOfRepeatsAllowed"] == 2, (
        "the first fill is no repeat: 3 fills in all"
    )
    assert [one["code"] for one in kept["medicationCodeableConcept"]["coding"]][:1] == ["313453"]
    bare = replace(
        FACE, keys=(), quantity=None, unit="", days_supply=None, refills=0, written_on=None, expires_on=None
    )
    made = prescribe(server.adapter(), Promise("prm_2"), face=bare, visit=None, prior=None)
    assert made.face == bare and made.visit is None and made.prior is None


def test_a_face_that_nobody_could_fill_is_not_sent() -> None:
    server = OtherServer()
    for spoilt in (
        {"drug": " "}, {"sig": ""}, {"refills": -1}, {"quantity": Decimal(0)}, {"quantity": Decimal("NaN")},
        {"expires_on": date(2026, 11, 20)},
    ):  # fmt: skip
        with pytest.raises(Declined):
            prescribe(server.adapter(), Promise(), face=replace(FACE, **spoilt))
    for odd in ({"patient": "a b"}, {"prescriber": "../x"}, {"visit": ""}, {"prior": "x" * 65}):
        with pytest.raises(Declined):
            prescribe(server.adapter(), Promise(), **odd)
    assert server.asked == []


def test_no_health_data_is_pinned() -> None:
    server = OtherServer()
    promises = [Promise(f"prm_{number}") for number in range(4)]
    for promise, act in zip(promises, MAKES.values(), strict=True):
        act(server.adapter(), promise, False)
    pinned = json.dumps([promise.pins for promise in promises])
    assert not [word for word in ("retinoin", "pea-sized", "wrong_sig", "pregnant") if word in pinned]


def test_what_is_asked_about_a_prescription_is_a_task_of_hl7s_code() -> None:
    server = OtherServer()
    made = ask(server.adapter(), Promise())
    assert (made.kind, made.raw_code, made.status, made.prescription, made.patient, made.reason, made.ref) == (
        "cancel", "abort", "requested", "rx1", "p1", "wrong_sig", "prm_1",
    )  # fmt: skip
    sent = ask(server.adapter(), Promise("prm_2"), kind="transmit", reason=None, requester=None)
    assert (sent.kind, sent.raw_code, sent.reason) == ("transmit", "fulfill", None)


def test_a_visit_is_planned_and_its_questionnaire_asked_for() -> None:
    server, asked = OtherServer(), "https://console.example.test/q/skin|3"
    made = open_visit(server.adapter(), Promise(), questionnaire=asked)
    assert (made.status, made.kind, made.patient, made.practitioner, made.ref) == (
        "planned", "renewal", "p1", "dr1", "prm_1",
    )  # fmt: skip
    (task,) = server.all("Task")
    assert task["encounter"] == {"reference": f"Encounter/{made.id}"} and task["owner"] == task["for"]
    assert [one["valueCanonical"] for one in task["input"]] == [asked]
    told = server.adapter().fetch_task(task["id"])
    assert told is not None and (told.kind, told.prescription) == ("other", None)
    open_visit(server.adapter(), Promise("prm_2"), practitioner=None)
    assert len(server.all("Task")) == 1


def test_a_visit_whose_questionnaire_is_refused_tells_of_the_visit_and_is_not_opened_again() -> None:
    server, asked = OtherServer(), "https://console.example.test/q/skin|3"
    server.missing = {"Task"}
    with pytest.raises(Declined) as caught:
        open_visit(server.adapter(), Promise(), questionnaire=asked)
    assert caught.value.facts.status == "planned"
    server.missing = set()
    assert open_visit(server.adapter(), Promise(), questionnaire=asked) == caught.value.facts
    server.away = {"Task"}
    with pytest.raises(Unavailable) as lost:
        open_visit(server.adapter(), Promise("prm_2"), questionnaire=asked)
    assert lost.value.maybe_done, "the visit is there"
    server.away = set()
    open_visit(server.adapter(), Promise("prm_2"), questionnaire=asked)
    assert (len(server.all("Encounter")), len(server.all("Task"))) == (2, 2)


def test_a_questionnaire_is_published_once_and_only_its_status_changes() -> None:
    server = OtherServer()
    made = publish(server.adapter(), Promise())
    assert (made.url, made.number, made.status) == ("https://console.example.test/q/skin", "3", "active")
    (kept,) = server.all("Questionnaire")
    links = {one["linkId"]: one for one in fhir_r4._items(kept)}
    assert links["where"]["repeats"] and "repeats" not in links["kind"]
    assert links["why"]["enableBehavior"] == "all" and links["either"]["enableBehavior"] == "any"
    assert "enableBehavior" not in links["weeks"] and "required" not in links["bye"]
    types = (
        "group",
        "choice",
        "choice",
        "attachment",
        "boolean",
        "integer",
        "text",
        "text",
        "decimal",
        "date",
        "display",
    )
    assert tuple(one["type"] for one in fhir_r4._items(kept)) == types
    server.keep(kept | {"publisher": "Acme", "extension": [{"url": "urn:x", "valueDecimal": 1.5}]})
    retired = publish(server.adapter(), Promise("prm_2"), status="retired", title="Other", items=[])
    assert retired.id == made.id and retired.status == "retired"
    (now,) = server.all("Questionnaire")
    assert now == kept | {
        "publisher": "Acme",
        "extension": now["extension"],
        "status": "retired",
        "meta": now["meta"],
    }
    assert publish(server.adapter(), Promise("prm_3"), status="retired", items=[]) == retired
    assert len(server.requests("PUT")) == 1 and len(server.requests("POST")) == 1
    assert publish(server.adapter(), Promise("prm_4"), number="4").id != made.id


@pytest.mark.parametrize(
    "items",
    [
        [ITEMS[1], ITEMS[1]],
        [ITEMS[2]],
        [{"id": "a", "text": "A", "kind": "riddle"}],
        [{"id": "a", "text": "A", "kind": "photo"},
         {"id": "b", "text": "B", "kind": "text", "when": [{"question": "a", "is": "=", "value": "x"}]}],
    ],
)  # fmt: skip
def test_items_that_are_no_questionnaire_are_not_sent(items: list[dict[str, Any]]) -> None:
    server = OtherServer()
    with pytest.raises(Declined):
        publish(server.adapter(), Promise(), items=items)
    assert server.asked == []


WAYS = [
    (), ("minimal",), ("silent",), ("outcome",), ("bare",), ("unconditional",), ("no identifier",),
    ("no identifier", "no patient"), ("no identifier", "lenient", "silent"), ("unconditional", "minimal"),
    ("remembers", "silent"), ("remembers", "unconditional"), ("no scopes",),
]  # fmt: skip


@pytest.mark.parametrize("quirks", WAYS, ids=" and ".join)
def test_whatever_is_lost_on_the_way_it_is_made_once(quirks: tuple[str, ...]) -> None:
    """For each way in which a server may be, each thing that is made, and each way in which an answer may be lost."""
    for kind, act in MAKES.items():
        for fault, made in (("lost after", 1), ("500 after", 1), ("lost before", 0), ("garbage", 1)):
            server, promise = OtherServer(*quirks), Promise()
            for number in range(3):  # others', so that there is more than one page
                act(server.adapter(), Promise(f"other_{number}"), False, **_another(kind, number))
            others = len(server.all(kind))
            server.faults = [fault]
            try:
                act(server.adapter(), promise, False)
            except Unavailable as failure:
                assert failure.maybe_done, (kind, fault)
            else:
                assert fault == "garbage", "it could be asked for what was made"
            assert len(server.all(kind)) - others == made, (kind, fault)
            again = act(server.adapter(), promise, False)
            posts = len(server.requests("POST"))
            assert act(server.adapter(), promise, True) == again, (kind, fault)
            assert len(server.all(kind)) - others == 1 and len(server.requests("POST")) == posts, (
                "it is adopted"
            )


def _another(kind: str, number: int) -> dict[str, str]:
    return {"number": f"{number + 10}"} if kind == "Questionnaire" else {}


def test_who_makes_it_in_between_is_adopted() -> None:
    """Two workers with one promise: the second is told by If-None-Exist, or by a 412 where there are several."""
    kept = {
        "resourceType": "Task", "status": "accepted", "intent": "order",
        "identifier": [{"system": "urn:opsconsole:ref", "value": "prm_1"}],
    }  # fmt: skip
    for times, server in ((1, OtherServer()), (2, OtherServer()), (1, OtherServer("minimal"))):
        server.before_write = [lambda server, times=times: [server.keep(kept) for _ in range(times)]]
        made = ask(server.adapter(), Promise())
        assert made.status == "accepted" and made.id == server.all("Task")[0]["id"], "the oldest"
        assert len(server.all("Task")) == times


def test_what_a_condition_finds_must_be_ours() -> None:
    """A server that takes If-None-Exist for something else answers with a record of others."""
    server = OtherServer()
    server._fits = lambda kind, one, query: "identifier" not in query or len(query) > 1  # type: ignore[method-assign]
    server.keep({"resourceType": "Task", "status": "accepted", "intent": "order"})
    original = server._done

    def done(*told: Any) -> Any:
        server._fits = lambda *_: True  # type: ignore[method-assign]
        return original(*told)

    server._done = done  # type: ignore[method-assign]
    with pytest.raises(Unavailable) as caught:
        ask(server.adapter(), Promise())
    assert caught.value.maybe_done and caught.value.code == "nonsense"


VISIT: dict[str, Any] = {
    "resourceType": "Encounter", "id": "v1", "status": "in-progress",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    "extension": [{"url": "http://e.test/w", "valueDecimal": 61.50}],
    "subject": {"reference": "Patient/p1", "display": "Jo"},
    "participant": [{"individual": {"display": "Nurse"}, "extension": [{"url": "urn:x", "valueBoolean": True}]}],
    "period": {"start": "2026-11-22T10:00:00-08:00"},
}  # fmt: skip


def close(adapter: Fhir, status: str = "finished", practitioner: str | None = "dr2") -> Any:
    return adapter.close_visit(Promise().attempt(), visit="v1", practitioner=practitioner, status=status)


def test_a_visit_is_closed_and_all_else_of_it_stays() -> None:
    server = OtherServer("bare")
    server.keep(VISIT)
    done = close(server.adapter())
    assert (done.status, done.practitioner) == ("finished", "dr2")
    (now,) = server.all("Encounter")
    assert now["participant"][0] == VISIT["participant"][0] and len(now["participant"]) == 2
    same = ("class", "extension", "subject", "period")
    assert [now[name] for name in same] == [VISIT[name] for name in same]
    assert close(server.adapter()) == done and len(server.requests("PUT")) == 1
    with pytest.raises(Declined):
        close(server.adapter(), "cancelled")
    server.keep(VISIT | {"participant": [{"individual": {"reference": "Practitioner/dr2"}}]})
    close(server.adapter(), "cancelled")
    assert len(server.all("Encounter")[0]["participant"]) == 1
    with pytest.raises(Declined):
        server.adapter().close_visit(
            Promise().attempt(), visit="nobody", practitioner=None, status="finished"
        )


def test_a_visit_that_others_change_meanwhile_keeps_their_change() -> None:
    server = OtherServer()
    server.keep(VISIT)
    server.before_write = [lambda server: server.keep(server.all("Encounter")[0] | {"language": "en"})] * 2
    assert close(server.adapter(), practitioner=None).status == "finished"
    assert server.all("Encounter")[0]["language"] == "en"
    server.keep(VISIT)
    server.before_write = [lambda server: server.keep(VISIT)] * 3
    with pytest.raises(Unavailable) as caught:
        close(server.adapter())
    assert caught.value.code == "conflict" and not caught.value.maybe_done


@pytest.mark.parametrize("quirk", ["minimal", "silent", "outcome"])
def test_what_is_not_told_is_read_and_may_be_done_where_that_fails(quirk: str) -> None:
    for how in ("missing", "away"):
        server = OtherServer(quirk)
        server.keep(VISIT)
        assert close(server.adapter()).status == "finished"
        server.keep(VISIT)
        done = server._done

        def gone(*told: Any, server: OtherServer = server, done: Any = done, how: str = how) -> Any:
            answer = done(*told)
            setattr(server, how, {"Encounter"})
            return answer

        server._done = gone  # type: ignore[method-assign]
        for act in (lambda adapter: open_visit(adapter, Promise()), close):
            with pytest.raises(Unavailable) as caught:
                act(server.adapter())
            assert caught.value.maybe_done
            server.missing = server.away = set()


def test_a_no_tells_a_code_and_nobodys_words() -> None:
    server = OtherServer()
    server.missing = {"MedicationRequest"}
    with pytest.raises(Declined) as caught:
        prescribe(server.adapter(), Promise())
    assert caught.value.code == "not-supported"
    assert not [word for word in ("Feather", "tretinoin") if word in f"{caught.value} {caught.value.words}"]


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [(409, "business-rule", Declined), (409, "duplicate", Declined), (409, "conflict", Unavailable),
     (412, "multiple-matches", Unavailable), (422, "business-rule", Declined), (503, "transient", Unavailable)],
)  # fmt: skip
def test_a_conflict_is_tried_again_and_a_rule_is_a_no(status: int, code: str, error: type[Exception]) -> None:
    server = OtherServer()
    server._done = lambda *_: refusal(status, code)  # type: ignore[method-assign]
    with pytest.raises(error):
        ask(server.adapter(), Promise())

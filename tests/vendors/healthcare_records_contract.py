"""What any adapter of the healthcare port must keep of prescriptions, fills, visits, answers and what is asked about them: a
test file subclasses `HealthcareRecordsContract`.

It gives two fixtures: `adapter`, and `clinic`, the vendor's side of things, with a patient `pat` and a prescriber `ada`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

import pytest

from opsconsole.vendors import Call, Declined, Unavailable
from opsconsole.vendors.healthcare import DrugKey, Face, Healthcare, HealthcareDelivery

from .healthcare_contract import FAULTS
from .payments_contract import Promise

FACE = Face(
    drug="Tretinoin 0.05 % cream",
    keys=(DrugKey("rxnorm", "313453"), DrugKey("ndc", "42192-0151-01"), DrugKey("compound", "T-050")),
    sig="A pea-sized amount at night.\nSunscreen by day.",
    quantity=Decimal("28.35"),
    unit="g",
    days_supply=60,
    refills=2,
    written_on=date(2026, 1, 2),
    expires_on=date(2027, 1, 2),
)  # fmt: skip
FORM, NUMBER = "https://forms.opsconsole.example/skin", "3"
ITEMS: list[Mapping[str, Any]] = [
    {"id": "about", "text": "About you", "kind": "group", "items": [
        {"id": "skin", "text": "Your skin?", "kind": "choice", "required": True,
         "choices": [{"code": "oily", "text": "Oily"}, {"code": "dry", "text": "Dry"}]},
        {"id": "pregnant", "text": "Are you pregnant?", "kind": "yes_no"},
    ]},
    {"id": "weeks", "text": "How many weeks?", "kind": "integer",
     "when": [{"question": "pregnant", "is": "=", "value": True}, {"question": "skin", "is": "=", "value": "dry"}]},
    {"id": "face", "text": "Your face", "kind": "photo"},
]  # fmt: skip
SECRETS = ("retinoin", "pea-sized", "oily", "Melanoma")  # what must get into no message, pin or repr


class Clinic(Protocol):
    """The vendor, as a test sees it from behind. `what` is prescription, dispense, task, visit or questionnaire."""

    def now(self) -> datetime: ...

    def later(self, hours: float) -> None: ...

    def made(self, what: str, ref: str) -> int:
        """How many records carry a ref of ours, from the vendor's own book."""
        ...

    def writes(self, what: str) -> int:
        """How often records of that kind were written by a caller."""
        ...

    def fail(self, what: str, how: str, *, changing: bool = False) -> None:
        """The next making (or changing) of such a record goes wrong: a key of FAULTS."""
        ...

    def heal(self) -> None: ...

    def set_status(self, what: str, id: str, status: str) -> None:
        """In the vendor's own words; any, also one that nobody has heard of."""
        ...

    def fill(self, prescription: str, ref: str) -> str:
        """The pharmacy tells of a fill. Returns its id; raises ValueError where none is left."""
        ...

    def answer(self, visit: str, answers: Mapping[str, Any], photos: int) -> str:
        """The patient of a visit answers what they were asked, with so many photos of their "face"."""
        ...

    def flag(self, kind: str, visit: str) -> str: ...

    def licence(self, state: str, status: str, number: str, expires: str) -> None:
        """Ada's licence in a state."""
        ...

    def rest_of(self, visit: str) -> Any:
        """All that is kept of a visit beside its status, its version and who takes part."""
        ...

    def interfere(self, visit: str, times: int) -> None:
        """So often, between our reading of a visit and our writing, somebody writes "interfered" into it."""
        ...

    def told(self) -> list[tuple[dict[str, str], bytes]]: ...

    def small_pages(self) -> None:
        """From now on lists come two by two."""
        ...


def prescribe(adapter: Healthcare, call: Call, **more: Any) -> Any:
    told = {"patient": "pat", "prescriber": "ada", "face": FACE, "visit": None, "prior": None} | more
    return adapter.prescribe(call, **told)


def ask(adapter: Healthcare, call: Call, **more: Any) -> Any:
    told = {
        "kind": "cancel",
        "prescription": "rx",
        "patient": "pat",
        "reason": "wrong_sig",
        "requester": "ada",
    } | more
    return adapter.ask(call, **told)


def open_visit(adapter: Healthcare, call: Call, **more: Any) -> Any:
    told = {"patient": "pat", "kind": "renewal", "practitioner": "ada", "questionnaire": None} | more
    return adapter.open_visit(call, **told)


def publish(adapter: Healthcare, call: Call, **more: Any) -> Any:
    told = {"url": FORM, "number": NUMBER, "title": "Skin", "status": "active", "items": ITEMS} | more
    return adapter.publish(call, **told)


MAKES: dict[str, Callable[..., Any]] = {
    "prescription": prescribe, "task": ask, "visit": open_visit, "questionnaire": publish,
}  # fmt: skip
FETCHES: dict[str, Callable[[Healthcare, str], Any]] = {
    "prescription": lambda adapter, id: adapter.fetch_prescription(id),
    "dispense": lambda adapter, id: adapter.fetch_dispense(id),
    "task": lambda adapter, id: adapter.fetch_task(id),
    "visit": lambda adapter, id: adapter.fetch_visit(id),
    "questionnaire": lambda adapter, id: adapter.fetch_questionnaire(id),
}


class HealthcareRecordsContract:
    @pytest.fixture
    def adapter(self) -> Healthcare:
        raise NotImplementedError

    @pytest.fixture
    def clinic(self) -> Clinic:
        raise NotImplementedError

    def test_what_is_not_there_is_none(self, adapter: Healthcare, clinic: Clinic) -> None:
        for id in ("nobody", "../Task", "", "a b", "x" * 65):
            others = (adapter.fetch_practitioner, adapter.fetch_flag, adapter.fetch_answers)
            found = [*(fetch(adapter, id) for fetch in FETCHES.values()), *(fetch(id) for fetch in others)]
            assert not any(found) and adapter.prescriptions_of(id) == ()

    def test_what_is_made_is_read_back_and_shows_no_health_data(
        self, adapter: Healthcare, clinic: Clinic
    ) -> None:
        for number, (what, make) in enumerate(MAKES.items()):
            promise = Promise(f"prm_{number}")
            made = make(adapter, promise.attempt())
            assert FETCHES[what](adapter, made.id) == made and made.version and made.updated_at
            assert clinic.made(what, promise.ref) == 1 and getattr(made, "ref", promise.ref) == promise.ref
            assert not [word for word in SECRETS if word in f"{made!r} {promise.pins}"]

    def test_a_prescription_stands_as_it_was_prescribed(self, adapter: Healthcare, clinic: Clinic) -> None:
        first = prescribe(adapter, Promise("prm_1").attempt())
        visit = open_visit(adapter, Promise("prm_2").attempt())
        second = prescribe(adapter, Promise("prm_3").attempt(), visit=visit.id, prior=first.id)
        assert first.face == second.face == FACE
        assert (second.status, second.patient, second.prescriber, second.visit, second.prior) == (
            "active", "pat", "ada", visit.id, first.id,
        )  # fmt: skip
        none_told = replace(
            FACE, keys=(), quantity=None, unit="", days_supply=None, refills=0, expires_on=None
        )
        assert prescribe(adapter, Promise("prm_4").attempt(), face=none_told).face == none_told

    def test_refills_are_not_fills(self, adapter: Healthcare, clinic: Clinic) -> None:
        """2 refills are 3 fills, and then it is used up."""
        made = prescribe(adapter, Promise().attempt())
        assert made.face.refills == 2
        fills = [clinic.fill(made.id, f"fil_{number}") for number in range(3)]
        with pytest.raises(ValueError):
            clinic.fill(made.id, "fil_4")
        now = adapter.fetch_prescription(made.id)
        assert now is not None and now.status == "depleted" and now.face == FACE
        told = [adapter.fetch_dispense(id) for id in fills]
        assert [(one.status, one.prescription, one.patient, one.ref) for one in told if one] == [
            ("dispensed", made.id, "pat", f"fil_{number}") for number in range(3)
        ]
        assert (
            told[0]
            and told[0].quantity == Decimal("28.35")
            and told[0].days_supply == 60
            and told[0].dispensed_at
        )

    @pytest.mark.parametrize("what", MAKES)
    def test_whatever_goes_wrong_it_is_made_once(
        self, adapter: Healthcare, clinic: Clinic, what: str
    ) -> None:
        """In this round or another, whether or not the caller knows that they have to ask first. Where an answer is
        garbage the vendor may be asked at once what was made."""
        for how, (maybe_done, credentials, written) in FAULTS.items():
            promise = Promise(f"prm_{how.replace(' ', '_')}")
            told = {"number": how} if what == "questionnaire" else {}
            clinic.fail(what, how)
            try:
                MAKES[what](adapter, promise.attempt(), **told)
            except Unavailable as failure:
                assert (failure.maybe_done, failure.credentials) == (maybe_done, credentials), how
            else:
                assert how == "garbage", how
            assert clinic.made(what, promise.ref) == written, how
            clinic.heal()
            made = MAKES[what](adapter, promise.attempt(), **told)
            clinic.later(30)
            for round, ask_first in ((1, True), (2, True), (2, False)):
                again = MAKES[what](adapter, promise.attempt(round=round, ask_first=ask_first), **told)
                assert again.id == made.id, how
            assert clinic.made(what, promise.ref) == 1, how

    def test_a_no_is_one_and_tells_of_nobody(self, adapter: Healthcare, clinic: Clinic) -> None:
        for attempt in (
            lambda: prescribe(adapter, Promise().attempt(), patient="nobody"),
            lambda: prescribe(adapter, Promise().attempt(), prescriber="nobody"),
            lambda: prescribe(adapter, Promise().attempt(), face=replace(FACE, drug="")),
            lambda: ask(adapter, Promise().attempt(), prescription="nobody"),
            lambda: open_visit(adapter, Promise().attempt(), patient="nobody"),
            lambda: adapter.close_visit(
                Promise().attempt(), visit="nobody", practitioner="ada", status="finished"
            ),
            lambda: publish(adapter, Promise().attempt(), items=[ITEMS[1]]),
        ):
            with pytest.raises(Declined) as caught:
                attempt()
            assert caught.value.code and caught.value.words
            assert not [word for word in (*SECRETS, "nobody") if word in caught.value.words]
        assert [clinic.made(what, "prm_1") for what in MAKES] == [0, 0, 0, 0]

    def test_what_is_asked_is_answered_as_a_change_of_it(self, adapter: Healthcare, clinic: Clinic) -> None:
        rx = prescribe(adapter, Promise("prm_1").attempt())
        sent = ask(adapter, Promise("prm_2").attempt(), kind="transmit", prescription=rx.id)
        assert (sent.kind, sent.status, sent.prescription, sent.patient) == (
            "transmit",
            "requested",
            rx.id,
            "pat",
        )
        clinic.later(1)
        told = adapter.fetch_task(sent.id)
        assert (
            told is not None and told.status == "completed" and told.business_status and told.ref == "prm_2"
        )
        stop = ask(adapter, Promise("prm_3").attempt(), prescription=rx.id)
        clinic.later(1)
        told, now = adapter.fetch_task(stop.id), adapter.fetch_prescription(rx.id)
        assert told is not None and (told.kind, told.status) == ("cancel", "completed")
        assert now is not None and now.status == "cancelled"

    def test_a_status_that_nobody_has_heard_of_is_unknown(self, adapter: Healthcare, clinic: Clinic) -> None:
        rx = prescribe(adapter, Promise("prm_1").attempt())
        ids = {"prescription": rx.id, "dispense": clinic.fill(rx.id, "fil_1")}
        ids |= {
            what: MAKES[what](adapter, Promise(f"prm_{what}").attempt()).id
            for what in ("task", "visit", "questionnaire")
        }
        for what, id in ids.items():
            clinic.set_status(what, id, "NewStatusX")
            found = FETCHES[what](adapter, id)
            assert (found.status, found.raw_status) == ("unknown", "NewStatusX"), what

    def test_a_visit_is_opened_answered_and_closed(self, adapter: Healthcare, clinic: Clinic) -> None:
        publish(adapter, Promise("prm_1").attempt())
        visit = open_visit(adapter, Promise("prm_2").attempt(), questionnaire=f"{FORM}|{NUMBER}")
        assert (visit.status, visit.kind, visit.patient, visit.practitioner) == (
            "planned",
            "renewal",
            "pat",
            "ada",
        )
        answered = adapter.fetch_answers(
            clinic.answer(visit.id, {"skin": "oily", "pregnant": True, "weeks": 3}, 2)
        )
        assert answered is not None
        assert (answered.status, answered.questionnaire, answered.number) == ("completed", FORM, NUMBER)
        assert (answered.patient, answered.visit) == ("pat", visit.id) and answered.authored_at
        photos = answered.answers["face"]
        assert {link: values for link, values in answered.answers.items() if link != "face"} == {
            "skin": ({"code": "oily", "display": "Oily"},), "pregnant": (True,), "weeks": (3,),
        }  # fmt: skip
        assert not [word for word in SECRETS if word in repr(answered)]
        for one in photos:
            photo = adapter.fetch_photo(one["photo"])
            assert photo is not None and photo.content_type == one["content_type"] == "image/png"
            assert photo.data.startswith(b"\x89PNG")
        assert len(photos) == 2
        kept = clinic.rest_of(visit.id)
        done = adapter.close_visit(
            Promise("prm_3").attempt(), visit=visit.id, practitioner="ada", status="finished"
        )
        assert (
            done.status == "finished" and done.version != visit.version and clinic.rest_of(visit.id) == kept
        )
        assert adapter.fetch_visit(visit.id) == done

    def test_a_visit_is_closed_once(self, adapter: Healthcare, clinic: Clinic) -> None:
        for how, (maybe_done, credentials, _) in FAULTS.items():
            opened = open_visit(adapter, Promise(f"prm_{how.replace(' ', '_')}").attempt(), practitioner=None)
            before, promise = clinic.writes("visit"), Promise("prm_2")

            def close(id: str = opened.id, promise: Promise = promise, **attempt: Any) -> Any:
                call = promise.attempt(**attempt)
                return adapter.close_visit(call, visit=id, practitioner="ada", status="cancelled")

            clinic.fail("visit", how, changing=True)
            with pytest.raises(Unavailable) as caught:
                close()
            assert (caught.value.maybe_done, caught.value.credentials) == (maybe_done, credentials), how
            clinic.heal()
            done = close()
            assert (done.status, done.practitioner) == ("cancelled", "ada"), how
            assert close(round=2, ask_first=True) == done and clinic.writes("visit") == before + 1, how
            with pytest.raises(Declined):
                adapter.close_visit(
                    Promise().attempt(), visit=opened.id, practitioner=None, status="finished"
                )

    def test_who_was_faster_keeps_their_change(self, adapter: Healthcare, clinic: Clinic) -> None:
        visit = open_visit(adapter, Promise().attempt())
        clinic.interfere(visit.id, 2)
        call = Promise("prm_2").attempt()
        assert (
            adapter.close_visit(call, visit=visit.id, practitioner="ada", status="finished").status
            == "finished"
        )
        assert "interfered" in str(clinic.rest_of(visit.id))
        other = open_visit(adapter, Promise("prm_3").attempt())
        clinic.interfere(other.id, 3)
        with pytest.raises(Unavailable) as caught:
            adapter.close_visit(call, visit=other.id, practitioner="ada", status="finished")
        assert not caught.value.maybe_done

    def test_of_a_questionnaire_only_the_status_changes(self, adapter: Healthcare, clinic: Clinic) -> None:
        made = publish(adapter, Promise().attempt())
        assert (made.url, made.number, made.status) == (FORM, NUMBER, "active")
        retired = publish(adapter, Promise("prm_2").attempt(), status="retired")
        assert (retired.id, retired.status) == (made.id, "retired")
        assert publish(adapter, Promise("prm_3").attempt(), status="retired") == retired
        assert clinic.writes("questionnaire") == 2
        assert publish(adapter, Promise("prm_4").attempt(), number="4").id != made.id

    def test_licences_and_flags_are_told(self, adapter: Healthcare, clinic: Clinic) -> None:
        clinic.licence("CA", "active", "CA-1", "2999-12-31")
        clinic.licence("NV", "inactive", "NV-1", "2020-01-31")
        ada = adapter.fetch_practitioner("ada")
        assert ada is not None and ada.npi == "1234567893" and ada.name and ada.credential == "MD"
        told = {one.state: (one.number, one.status, one.expires_on) for one in ada.licences}
        assert told["CA"] == ("CA-1", "active", date(2999, 12, 31))
        assert told["NV"] == ("NV-1", "expired", date(2020, 1, 31))
        visit = open_visit(adapter, Promise().attempt())
        flag = adapter.fetch_flag(clinic.flag("pregnancy", visit.id))
        assert flag is not None and (flag.status, flag.kind, flag.patient, flag.visit) == (
            "active", "pregnancy", "pat", visit.id,
        )  # fmt: skip
        assert "pregnancy" not in repr(flag)

    def test_lists_are_read_to_their_end(self, adapter: Healthcare, clinic: Clinic) -> None:
        clinic.small_pages()
        ids = [prescribe(adapter, Promise(f"prm_{number}").attempt()).id for number in range(5)]
        found = adapter.prescriptions_of("pat")
        assert {one.id for one in found} == {*ids, "rx"} and len(found) == 6
        assert all(one.patient == "pat" for one in found)

    def test_every_kind_of_change_is_told_and_listed_under_the_same_id(
        self, adapter: Healthcare, clinic: Clinic
    ) -> None:
        clinic.later(48)
        clinic.small_pages()
        since = int(clinic.now().timestamp()) - 3600
        publish(adapter, Promise("prm_1").attempt())
        visit = open_visit(adapter, Promise("prm_2").attempt(), questionnaire=f"{FORM}|{NUMBER}")
        clinic.answer(visit.id, {"skin": "dry"}, 1)
        clinic.flag("allergy", visit.id)
        clinic.licence("OR", "active", "OR-1", "2999-12-31")
        clinic.fill(prescribe(adapter, Promise("prm_3").attempt()).id, "fil_1")
        clinic.later(1)
        heard = [adapter.read(body, headers, now=clinic.now()) for headers, body in clinic.told()]
        found: list[HealthcareDelivery] = []
        after: str | None = None
        while True:
            page = adapter.events(since=since, after=after)
            found += page.items
            if (after := page.next) is None:
                break
        newest = {(one.about, one.object_id): one.external_id for one in heard}
        assert {one.external_id for one in found} == {*newest.values()}
        assert len({one.external_id for one in found}) == len(found)
        assert {one.about for one in found} == {
            "questionnaire", "encounter", "task", "questionnaireresponse", "flag", "practitioner",
            "medicationrequest", "medicationdispense",
        }  # fmt: skip
        for kind in {one.about for one in found}:
            at = [one.occurred_at for one in found if one.about == kind]
            assert at == sorted(at)
        assert not [word for word in SECRETS if word in repr(found)]

"""The healthcare port over a FHIR R4 server: https://hl7.org/fhir/R4/

What every resource is in our words stands in a file of its own (`_fhir_prescriptions.py` …), how the server is asked in
`_fhir_server.py`. `docs/vendors/healthcare.md` tells what is sent, and what holds where a server does less than FHIR says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from .. import Call, Declined, Unavailable
from .._asking import health
from .._wire import DEADLINE_SECONDS, Exchange, Wire, deadline
from . import (
    AnswersFacts,
    DispenseFacts,
    Face,
    FlagFacts,
    HealthcareDelivery,
    HealthcarePage,
    PatientFacts,
    Photo,
    PostalAddress,
    PractitionerFacts,
    PrescriptionFacts,
    QuestionnaireFacts,
    TaskFacts,
    VisitFacts,
)
from . import _fhir_answers as answers
from . import _fhir_patients as patients
from . import _fhir_prescriptions as prescriptions
from . import _fhir_questionnaires as questionnaires
from . import _fhir_references as references
from . import _fhir_tasks as tasks
from . import _fhir_told as told
from . import _fhir_visits as visits
from ._fhir_changes import changes
from ._fhir_dispenses import dispense
from ._fhir_elements import ID, REF, Record
from ._fhir_flags import flag
from ._fhir_practitioners import practitioner
from ._fhir_references import Beside
from ._fhir_server import Asked, Server, already_done, at, has, sense
from ._token import FAILURES, Token

LARGEST = 8 * 1024 * 1024  # bytes of an answer: a page of records, each with all that is kept, or a photo
PAGE = 100  # prescriptions of one answer
T = TypeVar("T")


class Fhir:
    """Several `webhook_secrets` are accepted at once, for rolling one. `wire` and `seconds` (the deadline of one port
    method) are there for tests."""

    name = "fhir"

    def __init__(
        self,
        *,
        base_url: str,
        client_id: str,
        client_secret: str,
        webhook_secrets: Sequence[str],
        wire: Exchange | None = None,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        if not all(webhook_secrets):
            raise ValueError("A webhook secret is empty: anybody could sign with it.")
        base, wire = base_url.rstrip("/"), wire or Wire(LARGEST)
        self._server = Server(base, Token(base, client_id, client_secret, wire), wire)
        self._keys = tuple(secret.encode() for secret in webhook_secrets)
        self._seconds = seconds

    # reading

    def fetch_patient(self, id: str) -> PatientFacts | None:
        return self._fetch("Patient", id, lambda found, _: patients.patient(found))

    def fetch_practitioner(self, id: str) -> PractitionerFacts | None:
        return self._fetch("Practitioner", id, lambda found, _: practitioner(found))

    def fetch_prescription(self, id: str) -> PrescriptionFacts | None:
        return self._fetch("MedicationRequest", id, prescriptions.prescription)

    def fetch_dispense(self, id: str) -> DispenseFacts | None:
        return self._fetch("MedicationDispense", id, dispense)

    def fetch_task(self, id: str) -> TaskFacts | None:
        return self._fetch("Task", id, tasks.task)

    def fetch_visit(self, id: str) -> VisitFacts | None:
        return self._fetch("Encounter", id, visits.visit)

    def fetch_answers(self, id: str) -> AnswersFacts | None:
        return self._fetch("QuestionnaireResponse", id, answers.answers)

    def fetch_questionnaire(self, id: str) -> QuestionnaireFacts | None:
        return self._fetch("Questionnaire", id, lambda found, _: questionnaires.questionnaire(found))

    def fetch_flag(self, id: str) -> FlagFacts | None:
        return self._fetch("Flag", id, flag)

    def _fetch(self, kind: str, id: str, read: Callable[[Record, Beside], T]) -> T | None:
        with self._in_time():
            found = self._server.find(kind, id)
            return read(found, Asked(self._server)) if found else None

    def fetch_photo(self, where: str) -> Photo | None:
        """GET [base]/Binary/[id] as it is, or from within the answers that hold it. Never from another server."""
        with self._in_time():
            if held := answers.inline(where):
                found = self._server.find("QuestionnaireResponse", held[0])
                return answers.photo_within(found, held[1]) if found else None
            there = references.place(where)
            if not there or there[0] != "Binary":
                raise Declined("elsewhere", "The photo is kept outside the healthcare system.")
            return self._binary(there[1])

    def _binary(self, id: str) -> Photo | None:
        accept = {"Accept": "image/*, */*;q=0.1"}
        try:
            answer = self._server.ask("GET", at("Binary", id), headers=accept)
        except Declined as no:
            if no.http_status in (404, 410):
                return None
            raise
        kind = answer.headers.get("Content-Type") or ""
        if "json" in kind:
            return answers.binary(Record.of("Binary", answer.body).data)
        return answers.photo(kind, answer.body)

    def prescriptions_of(self, patient: str) -> tuple[PrescriptionFacts, ...]:
        """GET [base]/MedicationRequest?patient=…, by subject where the server does not know that."""
        if not ID.fullmatch(patient):
            return ()
        with self._in_time():
            asked, beside = {"_count": str(PAGE)}, Asked(self._server)
            by = ({"patient": patient} | asked, {"subject": f"Patient/{patient}"} | asked)
            found = self._server.search("MedicationRequest", *by)
            read = [prescriptions.prescription(Record(one), beside) for one in found]
            return tuple(one for one in read if one.patient == patient)

    # changing

    def change_address(self, call: Call, *, patient: str, ship_to: Mapping[str, str]) -> PatientFacts:
        _needs(patient)
        request = call.pin({"patient": patient, "address": PostalAddress.of(ship_to).as_json})
        wanted = PostalAddress.of(request["address"])

        def edited(found: Record) -> str | None:
            return None if patients.patient(found).address == wanted else patients.moved(found, wanted)

        with self._in_time():
            changed = self._server.change("Patient", patient, edited)
            with already_done():
                return patients.patient(changed)

    def prescribe(
        self, call: Call, *, patient: str, prescriber: str, face: Face, visit: str | None, prior: str | None
    ) -> PrescriptionFacts:
        _needs(patient, prescriber, visit, prior)
        made = prescriptions.request(
            call.ref, patient=patient, prescriber=prescriber, face=face, visit=visit, prior=prior
        )
        return self._make(call, made, patient, prescriptions.prescription)

    def ask(
        self,
        call: Call,
        *,
        kind: str,
        prescription: str,
        patient: str,
        reason: str | None,
        requester: str | None,
    ) -> TaskFacts:
        _needs(prescription, patient, requester)
        pinned: dict[str, Any] = call.pin(
            {"kind": kind, "prescription": prescription, "patient": patient, "requester": requester}
        )
        made = tasks.request(call.ref, reason=reason, **pinned)
        return self._make(call, made, patient, tasks.task)

    def open_visit(
        self, call: Call, *, patient: str, kind: str, practitioner: str | None, questionnaire: str | None
    ) -> VisitFacts:
        """An Encounter, and a Task that asks the patient for the answers: R4 has nothing in an Encounter that may name a
        Questionnaire. Both carry the ref, so that the second is made by the next attempt if this one fails between."""
        _needs(patient, practitioner)
        pinned = call.pin(
            {"patient": patient, "kind": kind, "practitioner": practitioner, "questionnaire": questionnaire}
        )
        form = pinned["questionnaire"]
        made = visits.request(
            call.ref, patient=patient, kind=pinned["kind"], practitioner=pinned["practitioner"]
        )
        with self._in_time():
            opened = self._make(call, made, patient, visits.visit)
            if form:
                self._ask_for_answers(call, opened, patient, form)
        return opened

    def _ask_for_answers(self, call: Call, opened: VisitFacts, patient: str, form: str) -> None:
        """Whatever fails here, the visit is there."""
        asked = tasks.form(call.ref, patient=patient, visit=opened.id, questionnaire=form)
        try:
            self._make(call, asked, patient, tasks.task)
        except Unavailable as silence:
            silence.maybe_done = True
            raise
        except Declined as no:
            raise Declined(no.code, no.words, http_status=no.http_status, facts=opened) from None

    def close_visit(self, call: Call, *, visit: str, practitioner: str | None, status: str) -> VisitFacts:
        _needs(visit, practitioner)
        pinned = call.pin({"visit": visit, "practitioner": practitioner, "status": status})
        beside = Asked(self._server)

        def edited(found: Record) -> str | None:
            now = visits.visit(found, beside).status
            if now == pinned["status"]:
                return None
            if now in visits.OVER:
                raise Declined("business-rule", "There the visit has ended otherwise.")
            return visits.closed(
                found, status=pinned["status"], practitioner=pinned["practitioner"], beside=beside
            )

        with self._in_time():
            changed = self._server.change("Encounter", visit, edited)
            with already_done():
                return visits.visit(changed, beside)

    def publish(
        self, call: Call, *, url: str, number: str, title: str, status: str, items: list[Mapping[str, Any]]
    ) -> QuestionnaireFacts:
        made = questionnaires.request(
            call.ref, url=url, number=number, title=title, status=status, items=items
        )

        def same(one: Mapping[str, Any]) -> bool:
            return (one.get("url"), one.get("version")) == (url, number)

        def edited(found: Record) -> str | None:
            stands = questionnaires.questionnaire(found).status == status
            return None if stands else questionnaires.with_status(found, status)

        with self._in_time():
            found = self._server.make(made, same, {"url": url, "version": number}, {"url": url})
            if questionnaires.questionnaire(found).status != status:
                found = self._server.change("Questionnaire", found.id, edited)
            with already_done():
                return questionnaires.questionnaire(found)

    def _make(
        self, call: Call, made: Mapping[str, Any], patient: str, read: Callable[[Record, Beside], T]
    ) -> T:
        """At most once for the call's ref, in any round. Who cannot be asked for the ref is asked for the patient's."""
        queries = (
            {"identifier": f"{REF}|{call.ref}"}, {"patient": patient}, {"subject": f"Patient/{patient}"},
        )  # fmt: skip
        with self._in_time():
            found = self._server.make(made, lambda one: has(one, REF, call.ref), *queries)
            with already_done():
                return read(found, Asked(self._server))

    # what it tells us

    def events(self, *, since: int, after: str | None = None) -> HealthcarePage:
        """GET [base]/[kind]?_lastUpdated=gt…, oldest first; then where the Bundle's next link leads, then the next kind."""
        with self._in_time():
            return changes(self._server, since=since, after=after)

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> HealthcareDelivery:
        told.check_signature(body, headers, self._keys)
        return told.delivery(body, now)

    def health(self) -> Mapping[str, Any]:
        """GET [base]/metadata with a fresh token: so it also tells whether we get in, and reads nobody's record."""
        server = self._server
        server.token.forget()
        found = health(
            FAILURES.label, [server.base], lambda: server.ask("GET", "/metadata"), self._seconds, paths=True
        )
        if lacks := server.token.lacks():
            return {**found, "words": f"{found['words']} It does not allow us: {', '.join(lacks)}."}
        return found

    @contextlib.contextmanager
    def _in_time(self) -> Iterator[None]:
        with deadline(self._seconds), sense():
            yield


def _needs(*ids: str | None) -> None:
    """Raises Declined for an id that no FHIR server can have given."""
    if not all(id is None or ID.fullmatch(id) for id in ids):
        raise Declined("not-found", "The healthcare system can have no record of this id.")

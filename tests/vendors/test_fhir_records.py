"""The FHIR adapter over the sandbox's clinic: prescriptions, fills, visits, answers and what is asked about them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from opsconsole.vendors._wire import Answer
from opsconsole.vendors.healthcare import _fhir_changes, fhir
from opsconsole.vendors.healthcare._token import SCOPE
from opsconsole.vendors.healthcare.fhir import Fhir

from ..sandbox.clinic import sound
from ..sandbox.wsgi import WsgiWire
from . import fhir_r4
from .healthcare_records_contract import HealthcareRecordsContract
from .test_fhir import BASE, DIALS, KEYS, SandboxWorld

KINDS = {
    "prescription": "MedicationRequest", "dispense": "MedicationDispense", "task": "Task", "visit": "Encounter",
    "questionnaire": "Questionnaire",
}  # fmt: skip


class SandboxClinic:
    """The sandbox's clinic from behind; as a wire to it, every body that is sent must be what R4 allows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.world = SandboxWorld()
        self.wire = WsgiWire(self.world.app)
        self._busy: list[str] = []
        self.fhir = self.world.app.sandbox.fhir
        self.fhir.load([sound(kind) for kind in ("Patient", "Practitioner", "Encounter")])
        self.fhir.load([sound("MedicationRequest", identifier=None)])

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        if method in ("POST", "PUT") and "/Patient" not in url and "token" not in url:
            fhir_r4.check(json.loads(body))
        if method == "PUT" and self._busy:
            with self.fhir.turn() as turn:
                turn.db.execute(
                    "UPDATE fhir_resources SET version = version + 1, body = json_set(body, '$.language', 'interfered')"
                    " WHERE id = ?",
                    (self._busy.pop(),),
                )
        return self.wire.exchange(method, url, headers, body)

    def now(self) -> datetime:
        return self.world.now()

    def later(self, hours: float) -> None:
        self.world.later(hours)

    def made(self, what: str, ref: str) -> int:
        system = "urn:opsconsole:ref"
        return len(self.fhir.find(KINDS[what], identifier=f"{system}|{ref}"))

    def writes(self, what: str) -> int:
        kind = {
            "prescription": "medication_request",
            "dispense": "medication_dispense",
            "visit": "encounter",
        }.get(what, what)
        told = self.world.app.sandbox.ledger(kind)
        return sum(one["metadata"]["by"] == "client" for one in told)

    def fail(self, what: str, how: str, *, changing: bool = False) -> None:
        method = f"PUT /fhir/{KINDS[what]}/*" if changing else f"POST /fhir/{KINDS[what]}"
        self.world.later(0.2)  # the token has run out, and is asked for
        self.world.app.sandbox.fault(vendor="fhir", **{"method": method, "times": 1, **DIALS[how]})

    def heal(self) -> None:
        self.world.heal()

    def set_status(self, what: str, id: str, status: str) -> None:
        self.fhir.set_status(f"{KINDS[what]}/{id}", status)

    def fill(self, prescription: str, ref: str) -> str:
        return str(self.fhir.dispense(prescription, ref=ref)["id"])

    def answer(self, visit: str, answers: Mapping[str, Any], photos: int) -> str:
        return str(self.fhir.answer(visit, answers, photos={"face": photos})["id"])

    def flag(self, kind: str, visit: str) -> str:
        return str(self.fhir.flag("pat", kind, visit)["id"])

    def licence(self, state: str, status: str, number: str, expires: str) -> None:
        self.fhir.licence("ada", state, status, number=number, expires=expires)

    def rest_of(self, visit: str) -> Any:
        kept = self.fhir.show(f"Encounter/{visit}")
        return {name: value for name, value in kept.items() if name not in ("meta", "status", "participant")}

    def interfere(self, visit: str, times: int) -> None:
        self._busy += [visit] * times

    def told(self) -> list[tuple[dict[str, str], bytes]]:
        return self.world.told()

    def small_pages(self) -> None:
        self._patch.setattr(fhir, "PAGE", 2)
        self._patch.setattr(_fhir_changes, "PAGE", 2)


class TestFhirRecords(HealthcareRecordsContract):
    @pytest.fixture
    def clinic(self, monkeypatch: pytest.MonkeyPatch) -> SandboxClinic:
        return SandboxClinic(monkeypatch)

    @pytest.fixture
    def adapter(self, clinic: SandboxClinic) -> Fhir:
        return Fhir(
            base_url=BASE, client_id=KEYS.client_id, client_secret=KEYS.client_secret,
            webhook_secrets=[KEYS.webhook_secret], wire=clinic,
        )  # fmt: skip

    def test_the_scopes_that_are_asked_for_are_enough_and_no_more(
        self, adapter: Fhir, clinic: SandboxClinic
    ) -> None:
        assert "*" not in SCOPE and "system/Binary.write" not in SCOPE
        assert "system/Practitioner.write" not in SCOPE and "system/QuestionnaireResponse.write" not in SCOPE
        assert "does not allow" not in adapter.health()["words"], "what it does not have at all is not missed"
        clinic.fhir.set("scopes", SCOPE)
        self.test_a_visit_is_opened_answered_and_closed(adapter, clinic)
        assert "does not allow" not in adapter.health()["words"]
        clinic.fhir.set("scopes", SCOPE.replace("system/Task.write ", ""))
        assert adapter.health()["words"].endswith("It does not allow us: Task.write.")

    def test_what_a_token_lacks_is_told_in_either_writing_of_smart(self, adapter: Fhir) -> None:
        token = adapter._server.token
        for granted, lacking in (
            ("", 0), ("openid", 0), ("system/*.*", 0), ("system/*.cruds", 0), ("system/*.read system/*.write", 0),
            ("system/*.rs", 5), ("system/*.r system/*.cu?category=x", 0), ("system/Patient.read", 14),
        ):  # fmt: skip
            token._granted = granted
            assert len(token.lacks()) == lacking, granted

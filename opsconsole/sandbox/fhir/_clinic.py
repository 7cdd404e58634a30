"""What people at the clinic and the pharmacy do there without us: the dials of the sandbox's page and of tests.

Ids are the resources' own. What cannot be done is a ValueError, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .._vendor import Vendor
from . import _dials, _licences, _pharmacy, _records, _search
from ._answers import answered, attachments
from ._pharmacy import concept
from ._turn import Refusal, Turn

FLAGS = "urn:opsconsole:flag"
REASONS = "http://terminology.hl7.org/CodeSystem/medicationrequest-status-reason"
_NOT_FILLED = ("cancelled", "entered-in-error", "stopped", "declined")
#: Where each type keeps why it has its status.
_WHY = {
    "MedicationRequest": "statusReason",
    "MedicationDispense": "statusReasonCodeableConcept",
    "Task": "statusReason",
}


class Clinic(Vendor[Turn]):
    """Every method answers with the resource as it is afterwards."""

    @contextmanager
    def _at_work(self) -> Iterator[Turn]:
        try:
            with self.turn() as turn:
                yield turn
        except Refusal as no:
            issue = no.body["issue"][0]
            raise ValueError(
                f"{', '.join(issue.get('expression', []))} {issue['diagnostics']}".strip()
            ) from None

    # what is set for all that follows

    def set(self, dial: str, value: str) -> dict[str, str]:
        """One of `_dials.DIALS`: what pharmacies answer from now on, and what the client is allowed."""
        with self._at_work() as turn:
            _dials.put(turn, dial, value)
            return {dial: value}

    def dials(self) -> dict[str, str]:
        with self.turn() as turn:
            return {name: _dials.value(turn, name) for name in _dials.DIALS}

    # patients

    def move(self, patient: str, line1: str, city: str, state: str, zip: str) -> dict[str, Any]:
        """Somebody writes down where a patient lives now."""
        address = {"line": [line1], "city": city, "state": state, "postalCode": zip, "country": "US"}
        with self._at_work() as turn:
            now = _records.show(turn, "Patient", patient)
            addresses = [dict(one) for one in now.get("address", [])]
            place = next((n for n, one in enumerate(addresses) if one.get("use") == "home"), None)
            if place is None:
                addresses.insert(0, {"use": "home", "type": "both"})
                place = 0
            kept = {name: addresses[place][name] for name in ("use", "type") if name in addresses[place]}
            addresses[place] = kept | address
            return _records.change(turn, now, {"address": addresses})

    def flag(self, patient: str, code: str, encounter: str | None = None) -> dict[str, Any]:
        """A clinician raises a flag on a patient; `set_status("Flag/…", "inactive")` lifts it."""
        with self._at_work() as turn:
            told: dict[str, Any] = {
                "resourceType": "Flag", "status": "active", "code": concept(FLAGS, code),
                "subject": {"reference": f"Patient/{patient}"}, "period": {"start": turn.instant},
            }  # fmt: skip
            if encounter:
                told["encounter"] = {"reference": f"Encounter/{encounter}"}
            return _records.add(turn, told)

    def licence(
        self,
        practitioner: str,
        state: str,
        status: str = "active",
        *,
        number: str | None = None,
        expires: str | None = None,
    ) -> dict[str, Any]:
        """A prescriber's licence in a state changes, or is new. `status` is a code of plan-net's, `expires` the last day."""
        with self._at_work() as turn:
            now = _records.show(turn, "Practitioner", practitioner)
            changed = _licences.changed(now.get("qualification", []), state, status, number, expires)
            return _records.change(turn, now, {"qualification": changed})

    def answer(
        self,
        encounter: str,
        answers: Mapping[str, Any],
        *,
        photos: Mapping[str, Any] | None = None,
        questionnaire: str | None = None,
        status: str = "completed",
    ) -> dict[str, Any]:
        """The patient of a visit answers: {link id: a value or several}. `photos` are {link id: how many} of the sandbox's
        own, or [{"content_type", "data" in base64}]. `questionnaire` is its canonical; else the one that a Task asks the
        patient to complete. Who leaves half-way ("in-progress") goes on where they were."""
        with self._at_work() as turn:
            visit = _records.show(turn, "Encounter", encounter)
            begun = self._begun(turn, encounter)
            tasks = _to_complete(turn, encounter)
            asked = questionnaire or next(iter([*tasks, str((begun or {}).get("questionnaire", ""))]), "")
            if not asked:
                raise ValueError("say which questionnaire: nobody asked for one")
            for task in tasks.values():
                _records.change(turn, task, {"status": status, "lastModified": turn.instant})
            shown = {
                link: attachments(turn, visit.get("subject"), some) for link, some in (photos or {}).items()
            }
            given: dict[str, Any] = {**answers, **shown}
            items = answered(turn, asked, given, (begun or {}).get("item", []))
            said = {"status": status, "authored": turn.instant, "questionnaire": asked, "item": items or None}
            if begun:
                return _records.change(turn, begun, said)
            told = {
                "resourceType": "QuestionnaireResponse", "subject": visit.get("subject"), "source": visit.get("subject"),
                "encounter": {"reference": f"Encounter/{encounter}"}, **said,
            }  # fmt: skip
            return _records.add(turn, {name: value for name, value in told.items() if value is not None})

    def _begun(self, turn: Turn, encounter: str) -> dict[str, Any] | None:
        found = _records.pointing_at(turn, "QuestionnaireResponse", "encounter", f"Encounter/{encounter}")
        return next((one for one in found if one["status"] == "in-progress"), None)

    # prescriptions

    def sign(self, prescription: str) -> dict[str, Any]:
        """A clinician signs what was drafted."""
        return self.set_status(prescription, "active")

    def set_status(self, what: str, status: str, reason: str | None = None) -> dict[str, Any]:
        """Somebody there stops, holds, finishes … `what`: a prescription's id, or "Encounter/…" and the like. A status that
        R4 does not know is written too."""
        type, id = what.split("/", 1) if "/" in what else ("MedicationRequest", what)
        with self._at_work() as turn:
            before = _records.show(turn, type, id)
            if "status" not in before:
                raise ValueError(f"a {type} has no status")
            more: dict[str, Any] = {_WHY[type]: concept(REASONS, reason)} if reason and type in _WHY else {}
            if type == "Task":
                more["lastModified"] = turn.instant
            after = _records.change(turn, before, {"status": status, **more}, unchecked=True)
            _pharmacy.hears(turn, before, after)
            return after

    def dispense(
        self,
        prescription: str,
        *,
        quantity: float | None = None,
        days: int | None = None,
        ref: str | None = None,
        pharmacy: str | None = None,
    ) -> dict[str, Any]:
        """The pharmacy tells of a fill; refused when none is left (numberOfRepeatsAllowed and the first one). The last one
        completes the prescription. `ref` is the console's reference of the fill, where the pharmacy was given it."""
        with self._at_work() as turn:
            rx = _records.show(turn, "MedicationRequest", prescription)
            if rx["status"] != "active":
                raise ValueError(f"the prescription is {rx['status']}")
            terms = rx.get("dispenseRequest", {})
            filled = self._fills(turn, prescription)
            if filled > (repeats := int(terms.get("numberOfRepeatsAllowed", 0))):
                raise ValueError(f"no fill is left: {repeats} repeats are allowed")
            made = _records.add(turn, _fill(turn, rx, terms, quantity, days, ref, pharmacy))
            if filled == repeats:
                _records.change(turn, rx, {"status": "completed"})
            return made

    def _fills(self, turn: Turn, prescription: str) -> int:
        where = f"MedicationRequest/{prescription}"
        found = _records.pointing_at(turn, "MedicationDispense", "authorizingPrescription", where)
        return sum(one["status"] not in _NOT_FILLED for one in found)

    # records

    def forget(self, what: str) -> dict[str, str]:
        """Somebody deletes a record, "Encounter/…": it is gone."""
        with self._at_work() as turn:
            _records.forget(turn, *_two(what))
            return {"forgotten": what}

    def show(self, what: str) -> dict[str, Any]:
        """A record as it is now, "Encounter/…"."""
        with self._at_work() as turn:
            return _records.show(turn, *_two(what))

    def find(self, type: str, **parameters: str) -> list[dict[str, Any]]:
        """What a search would find: find("Task", focus="MedicationRequest/…"). A - in a name is written _."""
        with self._at_work() as turn:
            return _search.found(turn, type, [(n.replace("_", "-"), v) for n, v in parameters.items()])


def _two(what: str) -> tuple[str, str]:
    type, slash, id = what.partition("/")
    if not slash:
        raise ValueError("name it as type/id")
    return type, id


def _to_complete(turn: Turn, encounter: str) -> dict[str, dict[str, Any]]:
    """What the patient was asked to complete for a visit and has not, by its canonical:
    https://hl7.org/fhir/uv/sdc/workflow.html"""
    found = _records.pointing_at(turn, "Task", "encounter", f"Encounter/{encounter}")
    return {
        str(part["valueCanonical"]): task
        for task in found
        if task["status"] in _pharmacy.LIVE
        for part in task.get("input", ())
        if "valueCanonical" in part
    }


def _fill(
    turn: Turn, rx: Mapping[str, Any], terms: Mapping[str, Any], quantity: float | None, days: int | None, ref: str | None,
    pharmacy: str | None,
) -> dict[str, Any]:  # fmt: skip
    amount = dict(terms.get("quantity", {})) | ({"value": quantity} if quantity is not None else {})
    supply = dict(terms.get("expectedSupplyDuration", {})) | (
        {"value": days, "unit": "day"} if days is not None else {}
    )
    told: dict[str, Any] = {
        "resourceType": "MedicationDispense", "status": "completed", "subject": rx["subject"],
        "authorizingPrescription": [{"reference": f"MedicationRequest/{rx['id']}"}], "whenHandedOver": turn.instant,
        "quantity": amount, "daysSupply": supply,
        "identifier": [{"system": _records.REF, "value": ref}] if ref else None,
        "performer": [{"actor": {"display": pharmacy}}] if pharmacy else None,
    }  # fmt: skip
    drugs: Sequence[str] = ("medicationCodeableConcept", "medicationReference")
    return {name: value for name, value in told.items() if value} | {
        name: rx[name] for name in drugs if name in rx
    }

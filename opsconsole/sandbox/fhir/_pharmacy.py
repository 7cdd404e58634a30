"""The pharmacy's system behind the clinic's: what is asked of it as a Task is received and answered, minutes later.

A prescription that becomes active is transmitted by itself, unless somebody has asked for it before. Nobody here looks
whether the same medicine was sent under another prescription: what is sent twice arrives twice.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from . import _dials, _records
from ._turn import Refusal, Turn, reference_of

TRANSMITS, RECEIVES, ANSWERS, ENDS = 30.0, 60.0, 240.0, 300.0  # seconds after the step before
TASK_CODE = "http://hl7.org/fhir/CodeSystem/task-code"
BUSINESS_STATUS = "urn:opsconsole:erx-status"  # words as e-prescribing systems show them
SCRIPT = "urn:opsconsole:ncpdp-script"  # codes of NCPDP SCRIPT's Error and Status
FULFIL, ABORT = "fulfill", "abort"
LIVE = ("requested", "received", "accepted", "in-progress", "on-hold", "ready")
_WORDS = {
    "600": "Communication problem",
    "601": "The receiver cannot process it",
    "602": "The receiver's system failed",
    "900": "Rejected",
    "dispensed": "It was dispensed already",
}


def hears(turn: Turn, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
    """Of everything that is written; `before` is None for what is new."""
    was = before and before.get("status")
    kind, status = after["resourceType"], after.get("status")
    if kind == "MedicationRequest" and status == "active" and was != "active":
        turn.later(TRANSMITS, "fhir.transmit", after["id"])
    if kind == "Task" and status == "requested" and was != "requested" and code(after) in (FULFIL, ABORT):
        turn.later(RECEIVES, "fhir.receive", after["id"])


def code(task: Mapping[str, Any]) -> str:
    """fulfill, abort …; empty for a Task of another kind."""
    codings = task.get("code", {}).get("coding", ())
    return next((str(one["code"]) for one in codings if one.get("system") == TASK_CODE and "code" in one), "")


def asked(turn: Turn, prescription: str, kind: str) -> list[dict[str, Any]]:
    """The Tasks of that kind about a prescription (its id), oldest first."""
    found = _records.pointing_at(turn, "Task", "focus", f"MedicationRequest/{prescription}")
    return [task for task in found if code(task) == kind]


def _transmit(turn: Turn, id: str) -> None:
    prescription = _records.find(turn, f"MedicationRequest/{id}")
    if not prescription or prescription["status"] != "active" or asked(turn, id, FULFIL):
        return
    if _dials.value(turn, "transmit") == "no":
        return
    task = {
        "resourceType": "Task", "status": "requested", "intent": "order", "code": concept(TASK_CODE, FULFIL),
        "focus": {"reference": f"MedicationRequest/{id}"}, "for": prescription["subject"],
        "authoredOn": turn.instant, "lastModified": turn.instant,
    }  # fmt: skip
    if "requester" in prescription:
        task["requester"] = prescription["requester"]
    hears(turn, None, _records.add(turn, task))


def _receive(turn: Turn, id: str) -> None:
    task = _records.find(turn, f"Task/{id}")
    if not task or task["status"] != "requested" or _answer_to(turn, task) == "silent":
        return
    _becomes(turn, task, "received", "eRxSent" if code(task) == FULFIL else "CancelPending")
    turn.later(ANSWERS, "fhir.answer", id)


def _answer(turn: Turn, id: str) -> None:
    task = _records.find(turn, f"Task/{id}")
    if not task or task["status"] != "received" or (answer := _answer_to(turn, task)) == "silent":
        return
    prescription = _records.find(turn, reference_of(task.get("focus")))
    if code(task) == ABORT:
        _cancel(turn, task, prescription, answer)
    elif answer == "verified" and prescription and prescription["status"] == "active":
        _becomes(turn, task, "accepted", "PharmacyVerified")
        turn.later(ENDS, "fhir.end", id)
    else:
        how, _, why = answer.partition("_")
        _becomes(turn, task, "failed" if how == "error" else "rejected", "Error", why or "900")


def _cancel(turn: Turn, task: dict[str, Any], prescription: dict[str, Any] | None, answer: str) -> None:
    if answer == "deny" or not prescription or prescription["status"] == "completed":
        _becomes(turn, task, "rejected", "CancelDenied", "dispensed")
        return
    if prescription["status"] != "cancelled":
        _records.change(turn, prescription, {"status": "cancelled"})
    for one in asked(turn, prescription["id"], FULFIL):
        if one["status"] in LIVE:
            _becomes(turn, one, "cancelled", "Cancelled")
    _becomes(turn, task, "completed", "Cancelled")


def _end(turn: Turn, id: str) -> None:
    task = _records.find(turn, f"Task/{id}")
    if task and task["status"] == "accepted":
        _becomes(turn, task, "completed", "PharmacyVerified")


def _answer_to(turn: Turn, task: Mapping[str, Any]) -> str:
    return _dials.value(turn, "cancel_answer" if code(task) == ABORT else "transmit_answer")


def _becomes(turn: Turn, task: dict[str, Any], status: str, business: str, why: str = "") -> None:
    reason = concept(SCRIPT, why) | {"text": _WORDS.get(why, why)} if why else None
    told = {"businessStatus": concept(BUSINESS_STATUS, business), "statusReason": reason}
    _records.change(turn, task, {"status": status, **told, "lastModified": turn.instant})


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def _if_it_can(happens: Callable[[Turn, str], None]) -> Callable[[Turn, str], None]:
    """What is about a record that was deleted or made unsound meanwhile does not happen."""

    def run(turn: Turn, id: str) -> None:
        with contextlib.suppress(Refusal):
            happens(turn, id)

    return run


FALLS_DUE = {
    f"fhir.{name}": _if_it_can(happens)
    for name, happens in {"transmit": _transmit, "receive": _receive, "answer": _answer, "end": _end}.items()
}

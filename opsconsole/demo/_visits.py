"""The story's visits and what patients answered: those that wait for somebody, and the latest that were decided on.

Decisions of older days were signed at the clinic, before this console: none of them stands here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from ..models import (
    AnswersStatus,
    OrderStatus,
    Questionnaire,
    QuestionnaireStatus,
    Visit,
    VisitAnswers,
    VisitKind,
    VisitStatus,
)
from ._calls import Row
from ._chance import Chance, id_alone
from ._prescriptions import Written, told_at, visit_id
from ._story import Bought, Person

_O, _V = OrderStatus, VisitStatus
_DECIDED_WITHIN = timedelta(hours=24)
KEY, NUMBER, FORM = "skin", 1, "form-skin-1"  # the form, its version, its id at the healthcare system
CANONICAL = f"https://forms.opsconsole.example/{KEY}"
SKIN = (("dry", "Dry"), ("oily", "Oily"), ("mixed", "Mixed"), ("sensitive", "Sensitive"))
PHOTOS = ("photo-left", "photo-right")
ITEMS: tuple[dict[str, Any], ...] = (
    {"id": "skin", "text": "What is your skin like?", "kind": "choice", "required": True,
     "choices": [{"code": code, "text": text} for code, text in SKIN]},
    {"id": "pregnant", "text": "Are you pregnant, or trying to be?", "kind": "yes_no", "required": True},
    {"id": "breastfeeding", "text": "Are you breastfeeding?", "kind": "yes_no", "required": True},
    {"id": "allergies", "text": "Are you allergic to any medicine?", "kind": "yes_no", "required": True},
    {"id": "isotretinoin", "text": "Have you taken isotretinoin in the last six months?", "kind": "yes_no",
     "required": True},
    {"id": "hydroquinone_months", "text": "How many months have you used hydroquinone?", "kind": "integer"},
    {"id": "photos", "text": "Photos of your face, from both sides", "kind": "photo", "required": True},
)  # fmt: skip


@dataclass(frozen=True)
class Visited:
    """A visit of the story. `answers` is {item's id: values} as the port has them, None before the patient has begun."""

    person: Person
    order: Bought
    kind: VisitKind
    status: VisitStatus
    began: datetime
    since: datetime
    answers: dict[str, list[Any]] | None
    npi: str | None

    @property
    def external_id(self) -> str:
        return visit_id(self.order)

    @property
    def answers_id(self) -> str:
        return f"ans-{self.order.reference}"

    @property
    def id(self) -> str:
        return id_alone("visit", self.order.reference, "vis", self.began)

    @property
    def word(self) -> str:
        """FHIR's for where it stands."""
        return "finished" if self.status is _V.COMPLETED else "planned"

    @property
    def complete(self) -> bool:
        return self.status not in (_V.INVITED, _V.IN_PROGRESS)

    @property
    def submitted(self) -> datetime | None:
        """Before it was decided on, or when it came to be looked at."""
        if not self.complete:
            return None
        return self.since if self.status is _V.SUBMITTED else self.began + (self.since - self.began) * 0.4

    @property
    def answered(self) -> datetime:
        return self.submitted or self.since


def of(person: Person, prescribed: Sequence[Written]) -> list[Visited]:
    """One for each prescription of late, and one for each order that waits for one or was turned down."""
    found: list[Visited] = []
    for one in prescribed:
        if one.visit:
            kind = VisitKind.RENEWAL if one.prior else VisitKind.INITIAL
            found.append(_visited(person, one.rx.first, kind, _V.COMPLETED, one.signed, one.npi))
    for order in person.orders:
        if order.status is _O.AWAITING_VISIT:
            begun = Chance("begun", order.id).random() < 0.4
            status = _V.IN_PROGRESS if begun else _V.INVITED
            found.append(_visited(person, order, VisitKind.INITIAL, status, order.since, None))
        elif order.status is _O.IN_REVIEW:
            found.append(_visited(person, order, VisitKind.INITIAL, _V.SUBMITTED, order.since, None))
    return found


def _visited(
    person: Person, order: Bought, kind: VisitKind, status: VisitStatus, since: datetime, npi: str | None
) -> Visited:
    answers = (
        _answers(Chance("answers", order.id), half=status is _V.IN_PROGRESS)
        if status is not _V.INVITED
        else None
    )
    return Visited(person, order, kind, status, min(order.placed_at, since), since, answers, npi)


def _answers(chance: Chance, *, half: bool) -> dict[str, list[Any]]:
    """Of those who were prescribed to nobody is pregnant; of those who wait somebody now and then has something to tell."""
    code, text = chance.choice(SKIN)
    told: dict[str, list[Any]] = {
        "skin": [{"code": code, "display": text}],
        "pregnant": [False],
        "breastfeeding": [chance.random() < 0.03],
        "allergies": [chance.random() < 0.08],
    }
    if half:
        return told
    months = chance.choice((0, 0, 0, 1, 2))
    shown = [
        {"photo": f"Binary/{id}", "content_type": "image/png", "title": f"Photo {n}"}
        for n, id in enumerate(PHOTOS, 1)
    ]
    return told | {"isotretinoin": [False], "hydroquinone_months": [months], "photos": shown}


def questionnaire(at: datetime) -> Row:
    return Questionnaire, {
        "id": form_id(at), "created_at": at, "status": QuestionnaireStatus.ACTIVE.value, "status_since": at, "key": KEY,
        "number": NUMBER, "title": "About your skin", "items": Jsonb(list(ITEMS)), "external_id": FORM,
        "published_at": at, "why": "What the shop has asked since it opened", "by": "Lee Okafor", "trace_id": None,
    }  # fmt: skip


def form_id(at: datetime) -> str:
    return id_alone("questionnaire", f"{KEY} {NUMBER}", "qst", at)


def rows(
    visits: Sequence[Visited], opened: datetime, providers: Mapping[str, str], until: datetime
) -> Iterator[Row]:
    """`opened` is since when the form is asked; `providers` are the prescribers' ids by NPI."""
    for one in visits:
        decided = one.since if one.status is _V.COMPLETED else None
        waits = None if one.complete else one.since
        at = told_at(one.since, until)
        yield Visit, {
            "id": one.id, "created_at": one.began, "status": one.status.value, "status_since": one.since,
            "kind": one.kind.value, "customer_id": one.person.id, "order_id": one.order.id,
            "questionnaire_id": form_id(opened), "external_id": one.external_id,
            "patient_state": one.order.ship_to.state, "provider_id": providers[one.npi] if one.npi else None,
            "submitted_at": one.submitted, "due_at": one.submitted + _DECIDED_WITHIN if one.submitted else None,
            "waiting_since": waits, "decided_at": decided, "raw_status": one.word, "says": "", "by": "token shop",
            "source_version": "1", "source_updated_at": at, "fetched_at": one.since,
        }  # fmt: skip
        if one.answers is None:
            continue
        status = AnswersStatus.COMPLETED if one.complete else AnswersStatus.IN_PROGRESS
        yield VisitAnswers, {
            "id": id_alone("answers", one.order.reference, "ans", one.answered), "created_at": one.answered,
            "visit_id": one.id, "customer_id": one.person.id, "questionnaire_id": form_id(opened),
            "asked": f"{CANONICAL}|{NUMBER}", "external_id": one.answers_id, "visit_external_id": one.external_id,
            "status": status.value, "raw_status": status.value.replace("_", "-"), "told": json.dumps(one.answers),
            "authored_at": one.answered, "source_version": "1", "source_updated_at": at, "fetched_at": one.answered,
        }  # fmt: skip

"""What waits for clinicians beside first visits: renewals with what is otherwise now, prescriptions that are to be put
right, and the flags that answers raise."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..models import (
    AnswersStatus,
    FlagEffect,
    FlagKind,
    FlagSeverity,
    FlagStatus,
    OrderStatus,
    PrescriptionStatus,
    ReviewFlag,
    Visit,
    VisitAnswers,
    VisitKind,
    VisitStatus,
)
from ._calls import Row
from ._chance import Chance, id_alone
from ._prescriptions import Written
from ._story import Bought, Person
from ._visits import CANONICAL, NUMBER, PHOTOS, SKIN, Visited, form_id

Answers = dict[str, list[Any]]
_HAS = timedelta(hours=24)  # how long a clinician has
_SINCE = timedelta(days=45)  # treatment that began later does not end yet
_OVER = (PrescriptionStatus.DEPLETED, PrescriptionStatus.EXPIRED)
# What only some visits have: each row of a table has the same columns.
NOT_TOLD: dict[str, Any] = dict.fromkeys((
    "order_id", "questionnaire_id", "external_id", "provider_id", "waiting_since", "source_version",
    "source_updated_at", "fetched_at", "previous_id", "prescription_id", "asks",
))  # fmt: skip
# What is wrong with a prescription that a pharmacy sent back, and the words for it.
_ASKS = (
    ("sig_unclear", "The pharmacy cannot read the directions as they are written."),
    ("quantity_mismatch", "The pharmacy says that the quantity is none that the product is sold in."),
)


def rows(
    person: Person,
    prescribed: Sequence[Written],
    visits: Sequence[Visited],
    opened: datetime,
    until: datetime,
) -> Iterator[Row]:
    """`visits` are those that the clinic tells of, `opened` is since when the form is asked."""
    for one in visits:
        if one.status is VisitStatus.SUBMITTED and one.answers:
            yield from _flags(person, one.id, one.answered, one.answers)
    if _renews(person, prescribed, visits, until):
        yield from _renewal(person, prescribed[-1], opened, until)
    if wrong := [one for one in prescribed if _is_wrong(one, person)]:
        yield _to_put_right(person, wrong[-1], until)


def _renews(
    person: Person, prescribed: Sequence[Written], visits: Sequence[Visited], until: datetime
) -> bool:
    """Whoever has treatment that comes to its end: most of the cast, a few of the others."""
    if not prescribed or any(one.status is not VisitStatus.COMPLETED for one in visits):
        return False
    last = prescribed[-1]
    left = last.refills + 1 - len(last.rx.filled)
    soon = last.status is PrescriptionStatus.ACTIVE and left <= 2 and until - last.signed > _SINCE
    share = 0.8 if person.of_the_cast else 0.06
    return (soon or last.status in _OVER) and Chance("renews", person.reference).random() < share


def _is_wrong(one: Written, person: Person) -> bool:
    """What waits at a pharmacy and cannot be filled as it stands."""
    if one.status is not PrescriptionStatus.ACTIVE or not person.of_the_cast:
        return False
    return _stuck(one) is not None or Chance("wrong", one.id).random() < 0.06


def _stuck(one: Written) -> Bought | None:
    orders = (*one.rx.filled, *one.rx.waiting)
    return next((each for each in orders if each.status is OrderStatus.MANUAL_INTERVENTION), None)


def _renewal(person: Person, last: Written, opened: datetime, until: datetime) -> Iterator[Row]:
    """The visit of then, which nobody but we remembers, and the one of now."""
    chance = Chance("renewal", last.rx.external_id)
    ref = last.rx.first.reference
    then, at, came = _then(chance), until - chance.hours(0.3, 13), last.signed - timedelta(hours=3)
    before = _visit(person, VisitKind.INITIAL, f"{ref}-then", came, VisitStatus.COMPLETED, opened)
    yield before
    yield _answered(person, before[1]["id"], f"ans-{ref}-then", came, then, opened)
    now = then | _changes(chance)
    visit = _visit(person, VisitKind.RENEWAL, f"{ref}-r", at, VisitStatus.SUBMITTED, opened)
    yield visit[0], visit[1] | {"previous_id": before[1]["id"], "prescription_id": last.id}
    yield _answered(person, visit[1]["id"], f"ans-{ref}-r", at, now, opened)
    yield from _flags(person, visit[1]["id"], at, now, changed=now != then)


def _to_put_right(person: Person, one: Written, until: datetime) -> Row:
    chance = Chance("rx request", one.id)
    (asks, says), order = chance.choice(_ASKS), _stuck(one)
    at = until - chance.hours(0.3, 10)
    model, row = _visit(person, VisitKind.RX_REQUEST, f"about {one.id}", at, VisitStatus.SUBMITTED, None)
    return model, row | {
        "order_id": order.id if order else None, "prescription_id": one.id, "asks": asks, "says": says,
        "due_at": at + timedelta(hours=14),
    }  # fmt: skip


def _visit(
    person: Person, kind: VisitKind, what: str, at: datetime, status: VisitStatus, opened: datetime | None
) -> Row:
    over = status is VisitStatus.COMPLETED
    return Visit, {
        "id": id_alone("visit", what, "vis", at), "created_at": at, "status": status.value, "status_since": at,
        "kind": kind.value, "customer_id": person.id, "questionnaire_id": form_id(opened) if opened else None,
        "patient_state": person.orders[0].ship_to.state, "submitted_at": at, "due_at": None if over else at + _HAS,
        "decided_at": at + timedelta(hours=3) if over else None, "raw_status": "", "says": "", "by": "token shop",
    }  # fmt: skip


def _answered(
    person: Person, visit: str, external: str, at: datetime, answers: Answers, opened: datetime
) -> Row:
    return VisitAnswers, {
        "id": id_alone("answers", external, "ans", at), "created_at": at, "visit_id": visit,
        "customer_id": person.id, "questionnaire_id": form_id(opened), "asked": f"{CANONICAL}|{NUMBER}",
        "external_id": external, "visit_external_id": None, "status": AnswersStatus.COMPLETED.value,
        "raw_status": "completed", "told": json.dumps(answers), "authored_at": at, "source_version": "1",
        "source_updated_at": at, "fetched_at": at,
    }  # fmt: skip


def _then(chance: Chance) -> Answers:
    code, text = chance.choice(SKIN)
    shown = [{"photo": f"Binary/{id}"} for id in PHOTOS]
    return {
        "skin": [{"code": code, "display": text}],
        "pregnant": [False],
        "breastfeeding": [False],
        "allergies": [chance.random() < 0.15],
        "isotretinoin": [False],
        "hydroquinone_months": [chance.choice((0, 0, 1))],
        "photos": shown,
    }


def _changes(chance: Chance) -> Answers:
    """What is otherwise a year later."""
    found: Answers = {}
    if chance.random() < 0.5:
        code, text = chance.choice(SKIN)
        found["skin"] = [{"code": code, "display": text}]
    if chance.random() < 0.3:
        found["hydroquinone_months"] = [chance.choice((2, 3))]
    if chance.random() < 0.12:
        found["pregnant"] = [True]
    if chance.random() < 0.12:
        found["isotretinoin"] = [True]
    return found


def _flags(
    person: Person, visit: str, at: datetime, answers: Mapping[str, list[Any]], *, changed: bool = False
) -> Iterator[Row]:
    """What the answers raise, as the first version of the flag rules has it."""
    raised = (
        (answers["pregnant"][0], "pregnancy", FlagKind.PREGNANCY, FlagSeverity.HIGH, FlagEffect.BLOCK),
        (answers["breastfeeding"][0], "breastfeeding", FlagKind.PREGNANCY, FlagSeverity.MODERATE, FlagEffect.REVIEW),
        (answers["allergies"][0], "allergy", FlagKind.ALLERGY, FlagSeverity.HIGH, FlagEffect.REVIEW),
        (answers["isotretinoin"][0], "interaction", FlagKind.INTERACTION, FlagSeverity.HIGH, FlagEffect.BLOCK),
        (changed, "renewal_answers_changed", FlagKind.RENEWAL_ANSWERS_CHANGED, FlagSeverity.MODERATE, FlagEffect.REVIEW),
    )  # fmt: skip
    for so, rule, kind, severity, effect in raised:
        if so:
            yield ReviewFlag, {
                "id": id_alone("flag", f"{rule} {visit}", "flg", at), "created_at": at,
                "status": FlagStatus.OPEN.value, "status_since": at, "kind": kind.value, "severity": severity.value,
                "effect": effect.value, "customer_id": person.id, "visit_id": visit, "source": f"rule:{rule}",
                "why": "", "by": "",
            }  # fmt: skip

"""What came before clinicians in the demo: orders in review, renewals, and prescriptions that are to be put right."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from ..models import (
    FlagEffect,
    FlagKind,
    FlagSeverity,
    FlagStatus,
    OrderStatus,
    PrescriptionStatus,
    Questionnaire,
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

KEY = "skin-intake"
_HAS = timedelta(hours=24)  # how long a clinician has
_FORM_OF = timedelta(days=900)  # since when it is asked
_RENEWS = (PrescriptionStatus.DEPLETED, PrescriptionStatus.EXPIRED)
PHOTOS = ("face_front", "face_left")


def _choices(*texts: str) -> list[dict[str, str]]:
    return [{"code": text.lower().replace(" ", "_"), "text": text} for text in texts]


ITEMS: list[dict[str, Any]] = [
    {
        "id": "concern", "text": "What would you like to have treated?", "kind": "choice", "required": True,
        "choices": _choices("Acne", "Fine lines", "Dark spots", "Redness"),
    },
    {"id": "since", "text": "Since when do you have it?", "kind": "text", "required": True},
    {
        "id": "skin", "text": "What is your skin like?", "kind": "choice", "required": True,
        "choices": _choices("Dry", "Oily", "Mixed", "Sensitive"),
    },
    {"id": "pregnant", "text": "Are you pregnant, or trying to become pregnant?", "kind": "yes_no", "required": True},
    {"id": "allergies", "text": "Are you allergic to anything?", "kind": "yes_no", "required": True},
    {
        "id": "allergic_to", "text": "What are you allergic to?", "kind": "text", "required": True,
        "when": [{"question": "allergies", "is": "=", "value": True}],
    },
    {"id": "medicines", "text": "Which medicines do you take?", "kind": "text"},
    {"id": "tried", "text": "What have you used on your skin so far?", "kind": "text"},
    {"id": "reaction", "text": "Did your skin ever react badly to a cream?", "kind": "yes_no", "required": True},
    {
        "id": "reaction_how", "text": "How did it react?", "kind": "text",
        "when": [{"question": "reaction", "is": "=", "value": True}],
    },
    {"id": "goal", "text": "What would you like to see in three months?", "kind": "text"},
    {"id": "face_front", "text": "A photo of your face from the front", "kind": "photo", "required": True},
    {"id": "face_left", "text": "A photo of your left side", "kind": "photo", "required": True},
]  # fmt: skip
# What is wrong with a prescription that a pharmacy sent back, and the words for it.
_ASKS = (
    ("sig_unclear", "The pharmacy cannot read the directions as they are written."),
    ("quantity_mismatch", "The pharmacy says that the quantity is none that the product is sold in."),
    ("no_refills", "No fill is left, and the patient has ordered again."),
)
_SAID = {
    "since": ("Two years", "My teens", "About six months", "Since my second child", "Last summer"),
    "medicines": (
        "None", "A multivitamin", "Lisinopril 10 mg", "The pill", "Sertraline 50 mg", "Cetirizine in spring",
    ),
    "tried": (
        "Benzoyl peroxide wash", "Nothing that was prescribed", "Retinol from the drugstore", "Salicylic acid",
    ),
    "goal": ("Fewer breakouts", "Even skin tone", "Calmer skin", "Smoother skin around the eyes"),
}  # fmt: skip
_ALLERGIC_TO = ("Penicillin", "Fragrance", "Nickel", "Latex and band-aids")
_REACTED = ("Redness and peeling for a week", "It burned, I stopped after two days", "Itching")
_TAKES_NOW = ("Isotretinoin, until last month", "Doxycycline 100 mg", "Spironolactone 50 mg")


def questionnaires(at: datetime) -> Iterator[Row]:
    yield Questionnaire, {
        "id": _form_id(at), "created_at": at, "status": "active", "status_since": at, "key": KEY, "number": 1,
        "title": "About your skin", "items": Jsonb(ITEMS), "external_id": f"qst-{KEY}-1", "published_at": at,
        "why": "The first version", "by": "Dr. Ada Lindqvist", "trace_id": None,
    }  # fmt: skip


def rows(person: Person, prescribed: Sequence[Written], until: datetime) -> Iterator[Row]:
    """The visits of a person with answers and flags."""
    for order in person.orders:
        if order.status is OrderStatus.IN_REVIEW:
            yield from _of_order(order, person, until)
    if _renews(person, prescribed, until):
        yield from _renewal(person, prescribed[-1], until)
    if wrong := [one for one in prescribed if _is_wrong(one, person)]:
        yield _to_put_right(person, wrong[-1], until)


def _renews(person: Person, prescribed: Sequence[Written], until: datetime) -> bool:
    """Whoever has treatment that comes to its end: most of the cast, a few of the others."""
    if not prescribed or any(_open(one) for one in person.orders):
        return False
    last = prescribed[-1]
    left = last.refills + 1 - len(last.rx.filled)
    long_ago = until - last.signed > timedelta(days=45)
    ends = last.status in _RENEWS or (last.status is PrescriptionStatus.ACTIVE and left <= 2 and long_ago)
    share = 0.8 if person.of_the_cast else 0.06
    return ends and Chance("renews", person.reference).random() < share


def _open(order: Bought) -> bool:
    return order.status in (OrderStatus.IN_REVIEW, OrderStatus.AWAITING_VISIT, OrderStatus.AWAITING_RX)


def _is_wrong(one: Written, person: Person) -> bool:
    """What waits at a pharmacy and cannot be filled as it stands."""
    if one.status is not PrescriptionStatus.ACTIVE or not person.of_the_cast:
        return False
    stuck = any(_stuck(order) for order in (*one.rx.filled, *one.rx.waiting))
    return stuck or Chance("wrong", one.id).random() < 0.06


def _stuck(order: Bought) -> bool:
    return order.status is OrderStatus.MANUAL_INTERVENTION


def _of_order(order: Bought, person: Person, until: datetime) -> Iterator[Row]:
    chance = Chance("visit", order.reference)
    external, first = f"enc-{order.reference}", len(person.orders) == 1
    at = max(order.placed_at, until - chance.hours(0.3, 13))
    answers, previous = _answered(chance), None
    if not first:
        then = order.placed_at - timedelta(days=120)
        previous = visit_id(f"{external}-b", then)
        yield from _handed_in(
            person, VisitKind.INITIAL, f"{external}-b", then, _answered(chance), until, over=True
        )
    kind = VisitKind.INITIAL if first else VisitKind.FOLLOW_UP
    yield from _handed_in(person, kind, external, at, answers, until, order=order, previous=previous)
    yield from _flags(person, external, at, answers)


def _renewal(person: Person, last: Written, until: datetime) -> Iterator[Row]:
    chance = Chance("renewal", last.rx.external_id)
    before, now = f"enc-{last.rx.first.reference}", f"enc-{last.rx.first.reference}-r"
    then, at, came = _answered(chance), until - chance.hours(0.3, 13), last.signed - timedelta(hours=3)
    yield from _handed_in(person, VisitKind.INITIAL, before, came, then, until, over=True)
    answers = then | _changes(chance)
    yield from _handed_in(
        person, VisitKind.RENEWAL, now, at, answers, until, previous=visit_id(before, came), about=last
    )
    changed = any(answers[id] != then[id] for id in ("medicines", "reaction", "pregnant"))
    yield from _flags(person, now, at, answers, changed=changed)


def _to_put_right(person: Person, one: Written, until: datetime) -> Row:
    chance = Chance("rx request", one.id)
    asks, says = chance.choice(_ASKS)
    at = until - chance.hours(0.3, 10)
    order = next((each for each in (*one.rx.filled, *one.rx.waiting) if _stuck(each)), None)
    row = _visit(person, VisitKind.RX_REQUEST, None, at, VisitStatus.SUBMITTED, until, order=order, about=one)
    return row[0], row[1] | {"asks": asks, "says": says, "due_at": at + timedelta(hours=14)}


def _handed_in(
    person: Person,
    kind: VisitKind,
    external: str,
    at: datetime,
    answers: dict[str, list[Any]],
    until: datetime,
    *,
    order: Bought | None = None,
    previous: str | None = None,
    about: Written | None = None,
    over: bool = False,
) -> Iterator[Row]:
    status = VisitStatus.COMPLETED if over else VisitStatus.SUBMITTED
    visit = _visit(person, kind, external, at, status, until, order=order, previous=previous, about=about)
    yield visit
    told = {**answers, **{id: [{"photo": f"Binary/{external}-{id}"}] for id in PHOTOS}}
    yield VisitAnswers, {
        "id": id_alone("answers", external, "ans", at), "created_at": at, "visit_id": visit[1]["id"],
        "customer_id": person.id, "questionnaire_id": _form_id(until - _FORM_OF), "asked": "",
        "external_id": f"ans-{external}", "visit_external_id": external, "status": "completed",
        "raw_status": "completed", "told": json.dumps(told), "authored_at": at, "source_version": "1",
        "source_updated_at": at, "fetched_at": at,
    }  # fmt: skip


def visit_id(external: str, at: datetime) -> str:
    return id_alone("visit", external, "vis", at)


def _visit(
    person: Person,
    kind: VisitKind,
    external: str | None,
    at: datetime,
    status: VisitStatus,
    until: datetime,
    *,
    order: Bought | None = None,
    previous: str | None = None,
    about: Written | None = None,
) -> Row:
    over, told_at = status is VisitStatus.COMPLETED, at if external else None
    return Visit, {
        "id": visit_id(external or f"about {about.id if about else ''}", at), "created_at": at,
        "status": status.value, "status_since": at, "kind": kind.value, "customer_id": person.id,
        "order_id": order.id if order else None, "prescription_id": about.id if about else None,
        "questionnaire_id": _form_id(until - _FORM_OF) if external else None, "previous_id": previous,
        "external_id": external, "patient_state": person.orders[0].ship_to.state, "asks": None, "provider_id": None,
        "claimed_at": None, "submitted_at": at, "due_at": None if over else at + _HAS, "waiting_since": None,
        "waited_seconds": 0, "escalated_at": None, "escalated_why": None,
        "decided_at": at + timedelta(hours=3) if over else None, "says": "",
        "raw_status": "" if external is None else "finished" if over else "in-progress", "by": "healthcare",
        "trace_id": None, "source_version": "1" if external else None, "source_updated_at": told_at,
        "fetched_at": told_at,
    }  # fmt: skip


def _answered(chance: Chance) -> dict[str, list[Any]]:
    allergic, reacted = chance.random() < 0.2, chance.random() < 0.25
    answers: dict[str, list[Any]] = {
        "concern": [{"code": chance.choice(ITEMS[0]["choices"])["code"]}],
        "skin": [{"code": chance.choice(ITEMS[2]["choices"])["code"]}],
        "pregnant": [chance.random() < 0.06],
        "allergies": [allergic],
        "reaction": [reacted],
    }
    answers.update({id: [chance.choice(said)] for id, said in _SAID.items()})
    if allergic:
        answers["allergic_to"] = [chance.choice(_ALLERGIC_TO)]
    if reacted:
        answers["reaction_how"] = [chance.choice(_REACTED)]
    return answers


def _changes(chance: Chance) -> dict[str, list[Any]]:
    """What is otherwise a year later."""
    found: dict[str, list[Any]] = {
        "goal": [chance.choice(("Keep it as it is", "A little stronger, if that is possible"))],
        "tried": ["The cream from here, every night"],
    }
    if chance.random() < 0.5:
        found["medicines"] = [chance.choice(_TAKES_NOW)]
    if chance.random() < 0.3:
        found |= {"reaction": [True], "reaction_how": ["Dry and peeling in the first month"]}
    if chance.random() < 0.1:
        found["pregnant"] = [True]
    return found


def _flags(
    person: Person, external: str, at: datetime, answers: dict[str, list[Any]], *, changed: bool = False
) -> Iterator[Row]:
    """What the answers raise."""
    raised = (
        (answers["pregnant"][0], FlagKind.PREGNANCY, FlagSeverity.HIGH, FlagEffect.BLOCK),
        (answers["allergies"][0], FlagKind.ALLERGY, FlagSeverity.MODERATE, FlagEffect.REVIEW),
        (answers["reaction"][0], FlagKind.ADVERSE_EVENT, FlagSeverity.LOW, FlagEffect.NOTE),
        (changed, FlagKind.RENEWAL_ANSWERS_CHANGED, FlagSeverity.MODERATE, FlagEffect.REVIEW),
    )
    visit = visit_id(external, at)
    for so, kind, severity, effect in raised:
        if so:
            yield ReviewFlag, {
                "id": id_alone("flag", f"{kind.value} {visit}", "flg", at), "created_at": at,
                "status": FlagStatus.OPEN.value, "status_since": at, "kind": kind.value, "severity": severity.value,
                "effect": effect.value, "customer_id": person.id, "visit_id": visit, "order_id": None,
                "source": f"rule:{kind.value}", "external_id": None, "outcome": None, "why": "", "by": "",
                "due_at": None, "source_updated_at": None, "trace_id": None,
            }  # fmt: skip


def _form_id(at: datetime) -> str:
    return id_alone("questionnaire", KEY, "qst", at)

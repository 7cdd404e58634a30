"""What the causes of care suggest can be done: previewed through the door of the act, by whose work it is, where the rule
finds something. One database for each test."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask

from opsconsole.db import db, now
from opsconsole.models import OrderStatus, Stuck, Team, UnknownPatient
from opsconsole.services import ACTS, stuck, transaction

from ..house import House
from .plant import Plant
from .plant_care import SERVED
from .test_rules import planted

ROLES = {Team.OPS: "ops_lead", Team.SUPPORT: "support", Team.CLINIC: "clinician"}
#: What nobody but a person can know: what they found, whom they asked, which one they choose.
TYPED = frozenset(
    ("text", "reason", "words", "evidence", "outcome", "product", "name", "note", "form", "customer")
)


def test_what_is_suggested_can_be_done_as_it_stands(house: House) -> None:
    subjects = planted(house)
    care = [(code, subjects[code][0]) for code in stuck.RULES if code.startswith(("INT.", "CLI.", "RX."))]
    assert len(care) == 24
    assert not (wrong := not_to_be_done(house, care)), wrong


def test_what_else_the_rules_find_is_told_and_can_be_done(house: House) -> None:
    with house.app.app_context(), transaction():
        plant = Plant(now())
        found = [*_of_intake(plant), *_of_fills(plant), *_of_prescriptions(plant)]
        stuck.diagnose(stuck.Scope(plant.now))
        causes = {one.subject_id: one for one in db.session.scalars(db.select(Stuck))}
        told = [(code, causes[id].code if id in causes else None) for code, id in found]
        assert not [pair for pair in told if pair[0] != pair[1]], told
        for code, id in found:
            said = stuck.RULES[code].says(causes[id].details, plant.now)
            assert said.endswith(".") and "None" not in said, said
            assert all(one.label and one.value for one in stuck.RULES[code].evidence(causes[id])), code
    assert not (wrong := not_to_be_done(house, found)), wrong


def _of_intake(plant: Plant) -> list[tuple[str, str]]:
    """Nobody asks; too young; no document; a flag before a decision; decided on while it was held; a renewal not written."""
    long = plant.ago(days=4)
    order = plant.ordered(plant.product(), OrderStatus.AWAITING_VISIT, long)
    young, shown, flagged = (plant.visit("submitted", long, submitted_at=long) for _ in range(3))
    plant.flag(young.customer_id, long, visit_id=young.id, kind="age", source="state:too_young")
    plant.flag(
        shown.customer_id,
        long,
        visit_id=shown.id,
        kind="identity_mismatch",
        source="state:identity_unchecked",
    )
    shown.submitted_at, shown.status_since = plant.now, plant.now  # only the photo is late
    flagged.status, flagged.provider_id, flagged.claimed_at = "in_review", plant.provider(SERVED).id, long
    plant.flag(flagged.customer_id, long)
    held = plant.ordered(plant.product(), OrderStatus.IN_REVIEW, long)
    plant.visit("completed", long, order=held, decided_at=long)
    renewed = plant.visit("completed", long, kind="renewal", decided_at=long)
    prior = plant.rx(renewed.customer_id, plant.product())
    plant.asked(prior, "prescribe", "declined", long, visit_id=renewed.id)
    return [
        ("INT.INCOMPLETE", order.id), ("INT.STATE", young.id), ("INT.CONSENT", shown.id), ("CLI.FLAG", flagged.id),
        ("CLI.NOT_APPLIED", held.id), ("RX.NOT_CREATED", renewed.id),
    ]  # fmt: skip


def _of_fills(plant: Plant) -> list[tuple[str, str]]:
    """What pharmacies say of fills; one that was answered; and those that were to be stopped."""
    long = plant.ago(days=4)
    told = {
        "RX.TX_ERROR": "rx_missing", "RX.EXPIRED": "rx_expired", "RX.NO_REFILL": "no_refills", "RX.CLARIFY": "interaction",
    }  # fmt: skip
    found = [(code, plant.trouble(trouble, long)[0].id) for code, trouble in told.items()]
    answered = plant.trouble("sig_unclear", long, answer="called_back")[0]
    asked = plant.trouble("", long, status="cancel_requested")[0]
    refused = plant.trouble("", long, status="cancel_denied")[0]
    return [
        *found,
        ("RX.CLARIFY", answered.id),
        ("RX.CANCEL_WAIT", asked.id),
        ("RX.CANCEL_DENIED", refused.id),
    ]


def _of_prescriptions(plant: Plant) -> list[tuple[str, str]]:
    """A patient whom nobody knows; what ends before it is charged for next; nothing left for an order; a renewal that is
    with the clinic."""
    stranger = UnknownPatient(
        status="open", status_since=plant.ago(days=4), created_at=plant.ago(days=4), external_id=f"pat-{plant.word()}",
        waiting=["rx-1"],
    ).add()  # fmt: skip
    product, customer = plant.product(), plant.patient()
    plant.subscribed(customer.id, product, plant.ahead(days=25))
    ends = plant.rx(customer.id, product, expires_on=plant.day(days=20))
    needs = plant.product()
    order = plant.ordered(needs, OrderStatus.AWAITING_PAYMENT, plant.ago(minutes=30), paid=False)
    plant.rx(order.customer_id, needs, "depleted", fills_used=4)
    old = plant.rx(plant.patient().id, plant.product(), expires_on=plant.day(days=2))
    visit = plant.visit(
        "assigned", plant.now, kind="renewal", submitted_at=plant.now, provider_id=plant.clinic().id
    )
    renewal = plant.renewal(old, "requested", plant.day(days=2), visit_id=visit.id)
    return [
        ("RX.MISMATCH", stranger.id), ("RX.EXPIRED", ends.id), ("RX.NO_REFILL", order.id), ("RX.RENEWAL", renewal.id)
    ]  # fmt: skip


# ---------------------------------------------------------------- doors


def not_to_be_done(house: House, found: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Of what is suggested for these (code, subject), what its door does not show a plan of, though nothing but a person's
    own words is missing."""
    with house.app.app_context():
        causes = {one.subject_id: one for one in db.session.scalars(db.select(Stuck))}
        asked = [
            (code, ROLES[stuck.RULES[code].team], offer, url_of(house.app, offer.act, offer.subject))
            for code, id in found
            for offer in stuck.RULES[code].offers(causes[id])[:1]
        ]
    wrong = {}
    for code, role, offer, url in asked:
        api = house.api(role)
        answer = api.client.post(f"{url}?preview=1", json=dict(offer.fields), headers=api.headers)
        told = answer.get_json()
        typed = answer.status_code == 422 and told.get("errors") and set(told["errors"]) <= TYPED
        if not (answer.status_code == 200 or typed):
            wrong[code] = (offer.act, answer.status_code, told)
    return wrong


def url_of(app: Flask, act: str, subject: str) -> str:
    """Where an act on a thing is done."""
    noun = {"ord": "order_id", "rx": "prescription_id"}.get(subject.partition("_")[0])
    doors = [
        rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "act", None) is ACTS[act] and len(rule.arguments) == 1
    ]
    rule = next((one for one in doors if noun in one.arguments), doors[0])
    [name] = rule.arguments
    return rule.rule.replace(f"<{name}>", subject)

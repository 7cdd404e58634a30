"""What is suggested for a cause of goods can be done as it stands: by whoever's work it is, in the world of its cause."""

from __future__ import annotations

from flask import Flask

from opsconsole.db import db, now
from opsconsole.models import REGISTRY, Stuck, Team
from opsconsole.services import ACTS, stuck, transaction

from ..house import House
from .plant import Plant
from .test_rules import world

GOODS = tuple(
    code for code in stuck.RULES if code.startswith(("PHA.", "SHP.", "SYS.OUTAGE", "SYS.SIGNATURE"))
)
WHO = {Team.SUPPORT: "support", Team.OPS: "ops_lead", Team.ENGINEERING: "admin"}
#: What only a person can know, and types: by act, of which fields.
TYPED = {
    "incidents.expect_back": {"words"},
    "orders.cancel": {"reason"},
    "orders.hold": {"reason", "until"},
    "orders.note": {"text"},
    "orders.readdress": {"ship_to"},
    "orders.reroute": {"pharmacy"},
    "reconciliation.dismiss": {"reason"},
    "refunds.issue": {"reason", "amount", "lines"},
    "shipments.record": {"carrier", "tracking_code"},
}


def test_each_suggestion_is_a_plan_that_can_be_done(house: House) -> None:
    with house.app.app_context(), transaction():
        plant = Plant(now())
        subjects = {code: world(code).firing(plant) for code in GOODS}
        stuck.diagnose(stuck.Scope(plant.now))
    with house.app.app_context():
        plans = [
            (code, role, offer, door(house.app, offer.act, offer.subject))
            for code, subject in subjects.items()
            for place, offer in enumerate(stuck.RULES[code].offers(cause(subject)))
            # What comes second may be somebody else's: an ops lead may do all of it.
            if (role := WHO[stuck.RULES[code].team] if place == 0 else "ops_lead")
        ]
    wrong = []
    for code, role, offer, url in plans:
        assert url, offer.act
        client, headers = house.app.test_client(use_cookies=False), house.api(role).headers
        answer = client.post(f"{url}?preview=1", json=dict(offer.fields), headers=headers)
        asked = TYPED.get(offer.act, set()) - offer.fields.keys()
        lacking = set(answer.json["errors"]) if answer.status_code == 422 else set()
        if answer.status_code != (422 if asked else 200) or lacking - asked:
            wrong.append((code, role, offer.act, dict(offer.fields), answer.status_code, answer.json))
    assert not wrong, wrong


def cause(subject: str) -> Stuck:
    return db.session.scalars(
        db.select(Stuck).where(Stuck.subject_id == subject, Stuck.ended_at.is_(None))
    ).one()


def door(app: Flask, act: str, subject: str) -> str | None:
    """Where an act is done on a thing."""
    noun = f"{REGISTRY[subject.partition('_')[0]].noun().replace(' ', '_')}_id"
    rules = [
        rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "act", None) is ACTS[act] and len(rule.arguments) == 1
    ]
    rule = next((one for one in rules if noun in one.arguments), rules[0] if rules else None)
    return rule.rule.replace(f"<{next(iter(rule.arguments))}>", subject) if rule else None

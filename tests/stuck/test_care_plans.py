"""What the causes of care suggest can be done: previewed through the door of the act, by whose work it is, in the world
that the rule finds. One database for all."""

from __future__ import annotations

from typing import Any

from flask import Flask

from opsconsole.db import db
from opsconsole.models import Stuck, Team
from opsconsole.services import ACTS, stuck

from ..house import House
from .test_rules import planted

ROLES = {Team.OPS: "ops_lead", Team.SUPPORT: "support", Team.CLINIC: "clinician"}
#: What nobody but a person can know: what they found, whom they asked, which one they choose.
TYPED = frozenset(("text", "reason", "words", "evidence", "outcome", "product", "name", "note", "form"))


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


def test_what_is_suggested_can_be_done_as_it_stands(house: House) -> None:
    subjects = planted(house)
    with house.app.app_context():
        causes = {one.subject_id: one for one in db.session.scalars(db.select(Stuck))}
        asked = [
            (code, rule.team, offer, url_of(house.app, offer.act, offer.subject))
            for code, rule in stuck.RULES.items()
            if code.startswith(("INT.", "CLI.", "RX."))
            for offer in rule.offers(causes[subjects[code][0]])[:1]
        ]
    assert len(asked) == 24
    wrong = {}
    for code, team, offer, url in asked:
        status, answer = previewed(house, ROLES[team], url, dict(offer.fields))
        typed = status == 422 and answer.get("errors") and set(answer["errors"]) <= TYPED
        if not (status == 200 or typed):
            wrong[code] = (offer.act, status, answer)
    assert not wrong, wrong


def previewed(house: House, role: str, url: str, fields: dict[str, Any]) -> tuple[int, Any]:
    api = house.api(role)
    answer = api.client.post(f"{url}?preview=1", json=fields, headers=api.headers)
    return answer.status_code, answer.get_json()

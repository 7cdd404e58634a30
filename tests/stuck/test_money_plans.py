"""What the causes of money suggest is a plan that can be looked at: its preview answers, for the role whose work it is, in
the world where the cause holds. What it lacks, if anything, is what only a person can write."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import current_app

from opsconsole.db import db, now
from opsconsole.models import Approval, Stuck, Team
from opsconsole.services import ACTS, stuck, transaction
from opsconsole.services.prescriptions import Offer
from opsconsole.services.staff import MATRIX

from ..approvals.scenes import waiting
from ..house import House, PageClient
from .plant import Plant
from .test_rules import world

CODES = (
    "PAY.ACTION", "PAY.SOFT", "PAY.HARD", "PAY.PROCESSING", "PAY.PAID_NO_ORDER", "PAY.ORDER_UNPAID", "PAY.REVIEW",
    "PAY.DISPUTE", "PAY.HELD", "PAY.FINALIZE", "PAY.DRIFT", "REF.FUNDS", "REF.PROCESSING", "REF.FAILED", "REF.UNKNOWN",
    "REF.APPROVAL", "SUB.DUN_END", "SUB.RESUME", "SUB.NOTICE", "SYS.DEAD",
)  # fmt: skip
ROLES = {Team.SUPPORT: "support", Team.OPS: "ops_lead", Team.FINANCE: "finance"}
TYPED = {
    "text",
    "note",
    "reason",
    "confirm_fraud",
    "external_id",
    "when",
    "ship_to",
}  # what only a person can say
SPEND_AGAIN = {"refunds.issue", "payments.collect", "billing.collect", "cases.retry", "orders.record"}


def door(act: str, subject_id: str) -> str:
    """Where it is done: among its doors the one of that noun."""
    urls = [
        rule.rule.replace(f"<{next(iter(rule.arguments))}>", subject_id)
        for rule in current_app.url_map.iter_rules()
        if getattr(current_app.view_functions[rule.endpoint], "act", None) is ACTS[act]
        and len(rule.arguments) == 1
    ]
    nouns = {"ord": "/orders/", "pay": "/payments/", "cst": "/customers/"}
    return next((url for url in urls if url.startswith(nouns.get(subject_id[:3], "/"))), urls[0])


def planted(house: House) -> Iterator[tuple[Stuck, Offer, str]]:
    """Every offer of the firing worlds, with where it is done; the request for approval is one that was really made."""
    asked = waiting(house, "150.00", "support")
    with house.app.app_context(), transaction():
        plant = Plant(now())
        found = {code: world(code).firing(plant) for code in CODES}
        found["REF.APPROVAL"] = asked["id"]
        Approval.require(asked["id"]).created_at = plant.now - timedelta(days=6)
        db.session.flush()
        stuck.diagnose(stuck.Scope(plant.now))
    with house.app.app_context():
        for code, subject in found.items():
            one = stuck.of(subject)
            assert one is not None and one.code == code, (code, one and one.code)
            for offer in stuck.RULES[code].offers(one):
                yield one, offer, door(offer.act, offer.subject)


class Person:
    """Somebody of a role who asks for previews as a program reads them: a program itself never agrees to a request."""

    def __init__(self, page: PageClient) -> None:
        page.get("/account")
        token = page.html.partition('name="csrf-token" content="')[2].partition('"')[0]
        self.client, self.headers = page.client, {"Accept": "application/json", "X-CSRFToken": token}

    def previews(self, url: str, offer: Offer) -> tuple[int, Any]:
        answer = self.client.post(f"{url}?preview=1", json=dict(offer.fields), headers=self.headers)
        return answer.status_code, answer.get_json()


def test_what_is_offered_can_be_previewed_by_whose_work_it_is(house: House) -> None:
    offered = [*planted(house)]
    people = {role: Person(house.page(role)) for role in ("support", "ops_lead", "finance")}
    wrong: dict[str, Any] = {}
    suggested: dict[str, str] = {}
    for one, offer, url in offered:
        role = suggests = ROLES[Team(one.team)]
        if one.code in suggested:  # what stands behind the suggested one may be a lead's
            suggests = role if role in roles_of(offer) else "ops_lead"
        suggested.setdefault(one.code, offer.act)
        status, body = people[suggests].previews(url, offer)
        if status != 200 and not (status == 422 and body["errors"].keys() <= TYPED):
            wrong[f"{one.code} {offer.act} as {suggests}"] = (status, body)
    assert not wrong, wrong
    assert suggested.keys() == set(CODES)
    unknown = {offer.act for one, offer, _ in offered if one.code in ("REF.UNKNOWN", "PAY.PAID_NO_ORDER")}
    assert not unknown & SPEND_AGAIN, unknown
    assert suggested["REF.UNKNOWN"] == suggested["PAY.PAID_NO_ORDER"] == "payments.refresh"


def roles_of(offer: Offer) -> set[str]:
    return {role for role, mark in MATRIX[offer.act].items() if mark != "-"}

"""A thousand races of approve, withdraw and execute, in threads on a real database: no effect without an approval.

`pytest -m soak tests/approvals/test_races.py`; RACES makes it more or fewer. The suite runs forty (test_approve.py).
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from opsconsole.db import db

from ..house import House
from ..scenes import WINDOW
from ..staff.sign_in_scenes import hidden
from .scenes import ask

RACES = int(os.environ.get("RACES", "1000"))
EACH = 50  # races on one order, by people who signed in anew
SEED = 20261121


def together(*hands: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(hands)) as pool:
        return list(pool.map(lambda hand: hand(), hands))


def decider(house: House, role: str) -> Callable[[Any, str], TestResponse]:
    """Somebody signed in who has the page open already: one request decides."""
    person = house.page(role)
    person.get("/approvals")
    headers = {"Accept": "application/json", "X-CSRFToken": hidden(person.html)["csrf_token"]}

    def decide(asked: Any, how: str) -> TestResponse:
        body = {"note": "Seen."} | ({"hash": asked["hash"]} if how == "approve" else {})
        return person.client.post(f"{asked['url']}/{how}", json=body, headers=headers)

    return decide


@pytest.mark.soak
def test_a_thousand_races_leave_no_unapproved_effect(house: House) -> None:
    """Each is a request that nobody may do alone. Two approve it, one says no, one takes it back, in any order and at
    once. What was approved is due then: a worker executes it while somebody undoes it."""
    chance = random.Random(SEED)
    with house.app.app_context():
        db.session.execute(text("update limits set alone = 0, at_most = null"))
        db.session.commit()
    sam, ends = house.api("support"), Counter[str]()
    for nth in range(RACES):
        if nth % EACH == 0:
            order = house.order("500.00", customer=f"race-{nth}")
            lee, finn = decider(house, "ops_lead"), decider(house, "finance")
        asked = ask(house, order, "1.00").get_json()["approval"]
        hands = [
            lambda: lee(asked, "approve"),  # noqa: B023
            lambda: finn(asked, "approve"),  # noqa: B023
            lambda: finn(asked, "reject"),  # noqa: B023
            lambda: sam.client.post(f"{asked['url']}/withdraw", json={}, headers=sam.headers),  # noqa: B023
        ]
        chance.shuffle(hands)
        codes = [answer.status_code for answer in together(*hands[: chance.randint(2, 4)])]
        assert set(codes) <= {200, 409} and codes.count(200) == 1, codes
        [end] = house.rows("select status, done_id from approvals where id = :id", id=asked["id"])
        ends[end.status] += 1
        if end.done_id:
            house.advance(WINDOW)
            undo = f"/refunds/{end.done_id}/withdraw"
            together(house.work, lambda: sam.client.post(undo, json={}, headers=sam.headers))  # noqa: B023
    house.drain()
    sent = _nothing_unapproved(house)
    print(f"\n{RACES} races: {dict(ends)}; of those approved {sent} were sent, the others undone in time")


def _nothing_unapproved(house: House) -> int:
    """Each refund has its approval, each approval one refund; what was sent is what was not undone, each once."""
    made = {row.id: row.status for row in house.rows("select id, status from refunds")}
    agreed = [row.done_id for row in house.rows("select done_id from approvals where status = 'approved'")]
    assert sorted(made) == sorted(agreed)
    sent = [entry["metadata"]["opsconsole_subject"] for entry in house.sandbox.ledger("refund")]
    assert sorted(sent) == sorted(id for id, status in made.items() if status != "withdrawn")
    assert {entry["amount"] for entry in house.sandbox.ledger("refund")} == {100}
    return len(sent)

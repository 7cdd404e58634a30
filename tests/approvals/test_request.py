"""Over the limit: nothing happens, the request is written down with exactly what would have."""

from __future__ import annotations

import pytest

from opsconsole.db import db
from opsconsole.services import NeedsApproval, refunds, tokens
from opsconsole.services.approvals import _weigh

from ..house import TOKENS, House
from ..scenes import WINDOW, declined, refund_elsewhere
from .scenes import ask


@pytest.mark.parametrize(
    ("role", "amount", "status"),
    [
        ("support", "99.99", 201), ("support", "100.00", 201), ("support", "100.01", 202), ("support", "300.00", 202),
        ("support", "300.01", 409), ("ops_lead", "300.00", 201), ("ops_lead", "300.01", 202),
        ("finance", "300.00", 201), ("finance", "499.00", 202),
    ],
)  # fmt: skip
def test_the_boundaries_of_each_role(house: House, role: str, amount: str, status: int) -> None:
    order = house.order("500.00")
    answer = ask(house, order, amount, role)
    assert answer.status_code == status, answer.get_json()
    made = house.rows("select * from refunds")
    assert len(made) == (status == 201)
    if status == 409:
        assert answer.get_json()["refused"]["code"] == "over_limit"
    if status == 202:
        told = answer.get_json()
        assert set(told) == {"approval", "trace"}
        assert set(told["approval"]) == {"id", "url", "status", "hash", "needs", "expires_at"}
        assert told["approval"]["status"] == "waiting"


def test_the_preview_says_so_before(house: House) -> None:
    order = house.order("500.00")
    asked = {"amount": "150.00", "reason": "goodwill"}
    before = house.checksum()
    seen = house.api("support").post(f"{order['url']}/refund?preview=1", asked, 200)["preview"]
    assert "$150.00 to this customer in 7 days" in seen["approval"]["why"]
    assert "ops lead" in seen["approval"]["who"] and "finance" in seen["approval"]["who"]
    assert "support" not in seen["approval"]["who"]
    assert house.checksum() == before
    told = ask(house, order, "150.00").get_json()
    assert told["approval"]["hash"] == seen["hash"]
    shown = house.api("ops_lead").get(told["approval"]["url"])
    assert shown["preview"]["changes"] == seen["changes"] and shown["preview"]["promises"] == seen["promises"]


def test_asking_twice_with_one_key_is_one_request(house: House) -> None:
    order = house.order("500.00")
    first, again = (ask(house, order, "150.00", key="k-1") for _ in range(2))
    assert first.status_code == again.status_code == 202 and first.get_json() == again.get_json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(house.rows("select * from approvals")) == 1


def test_splitting_across_people_parts_and_midnight_is_caught(house: House) -> None:
    """301.00 in twenty parts of 15.05, by two people in turn, half of them the day after."""
    order = house.order("500.00")
    done = 0
    for part in range(20):
        if part == 10:
            house.later(24 * 3600)
        role = ("finance", "ops_lead")[part % 2]
        answer = ask(house, order, "15.05", role)
        done += 1505 if answer.status_code == 201 else 0
    assert done == 19 * 1505 and answer.status_code == 202


def test_a_refund_that_did_not_happen_does_not_count(house: House) -> None:
    order = house.order("500.00")
    first = ask(house, order, "100.00").get_json()
    assert ask(house, order, "1.00").status_code == 202
    house.api("support").post(f"{first['subject']}/withdraw")
    assert ask(house, order, "100.00").status_code == 201


def test_another_currency_is_weighed_roughly(house: House) -> None:
    for amount, status in (("9000", 201), ("30000", 202)):
        order = house.order(amount, currency="jpy", customer=f"jpy-{amount}")
        assert ask(house, order, amount).status_code == status


def test_an_unknown_currency_is_not_decided_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(_weigh.PER_DOLLAR, "kwd")
    order = house.order("1.000", currency="kwd")
    assert ask(house, order, "1.000", "ops_lead").status_code == 202


def test_a_direct_call_is_refused_and_writes_nothing(house: House) -> None:
    order = house.order("500.00")
    before = house.checksum()
    with house.app.app_context():
        by = tokens.actor_of(TOKENS["support"], address="127.0.0.1")
        assert by
        with pytest.raises(NeedsApproval):
            refunds.issue(
                order["id"], amount=15000, lines=[], shipping=None, reason="goodwill", note="", payment=None,
                confirm_fraud=False, by=by,
            )  # fmt: skip
        db.session.rollback()
    assert house.checksum() == before


def test_trying_a_declined_refund_again_is_weighed_too(house: House) -> None:
    """It counts nothing while it is failed; the amount that it is tried with does."""
    order, _, case = declined(house, left=500)
    refund_elsewhere(house, house.order("400.00", customer=order["customer"]), 9600)
    house.drain()
    api = house.api("support")
    api.post(f"{case['url']}/retry", {"reason": "again", "fix": {"amount": "5.00"}}, 202)
    assert [row.status for row in house.rows("select * from refunds where by_id is not null")] == ["failed"]


def test_sam_asks_in_the_browser_and_sees_that_nothing_was_done(house: House) -> None:
    order = house.order("500.00")
    sam = house.page("support")
    sam.get(f"{order['url']}/refund")
    seen = sam.submit(f"{order['url']}/refund", {"amount": "150.00", "reason": "goodwill"})
    assert "Nothing was done yet" in seen and "Take it back" in seen
    assert house.rows("select * from refunds") == []
    house.later(WINDOW)
    assert house.sandbox.ledger("refund") == []

"""Putting right what does not go on: from the board to the act, with what is answered on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from opsconsole.db import db, now
from opsconsole.models import OrderStatus, RecipeRun
from opsconsole.services import stuck, transaction

from ..house import House
from .plant import Plant


@pytest.fixture
def one(house: House) -> dict[str, Any]:
    """An order on whose fill a pharmacy is silent. Its row on the board."""
    with house.app.app_context(), transaction():
        plant = Plant(now())
        order = plant.order(OrderStatus.SUBMITTED, plant.ago(hours=5))
        plant.fill(order, "sent", plant.ago(hours=5))
        stuck.diagnose(stuck.Scope(plant.now))
    [row] = house.api().get("/stuck?status=stuck")["items"]
    return house.api().get(row["url"])


def test_what_it_is_told(house: House, one: dict[str, Any]) -> None:
    assert one["code"] == "PHA.NO_ACK" and one["ball"] == "pharmacy" and not one["final"]
    assert "5 h ago" in one["says"] and one["evidence"] and one["recipe"]
    assert [offer["act"] for offer in one["offers"]] == [
        "reconciliation.reconcile",
        "messages.send",
        "orders.note",
    ]


def test_the_board_and_each_of_its_numbers(house: House, one: dict[str, Any]) -> None:
    page = house.page("ops_lead").get("/stuck")
    assert "No pharmacy has confirmed it" in page and "5 h ago" in page
    assert house.page("ops_lead").get(one["url"]) and house.page("ops_lead").get(f"{one['url']}/fix")
    assert house.page("ops_lead").get("/stuck/recipes")


def test_its_case_shows_the_steps(house: House, one: dict[str, Any]) -> None:
    page = house.page("ops_lead").get(one["case"])
    assert "Step by step" in page and "Have you asked the pharmacy?" in page and f"{one['url']}/fix" in page


def test_the_act_is_done_within_and_kept(house: House, one: dict[str, Any]) -> None:
    body = _ask(one)
    seen = house.api("ops_lead").post(f"{one['url']}/fix?preview=1", body, 200)["preview"]
    assert seen["act"] == "stuck.fix"
    house.api("ops_lead").post(f"{one['url']}/fix", body, 201)
    assert house.rows("select * from reconciliation_runs where order_id is not null")
    with house.app.app_context():
        [run] = db.session.scalars(db.select(RecipeRun))
        assert (run.code, run.act, run.suggested) == ("PHA.NO_ACK", "reconciliation.reconcile", True)
        [measured] = [each for each in stuck.measured() if each.fixed]
        assert (measured.rule.code, measured.fixed, measured.as_suggested) == ("PHA.NO_ACK", 1, 1)


def test_the_second_click_changes_nothing(house: House, one: dict[str, Any]) -> None:
    body = _ask(one)
    first = house.api("ops_lead").post(f"{one['url']}/fix", body, 201, key="k1")
    before = house.checksum()
    assert house.api("ops_lead").post(f"{one['url']}/fix", body, 201, key="k1") == first
    assert house.checksum() == before


def test_what_is_not_offered_and_what_is_no_answer_write_nothing(house: House, one: dict[str, Any]) -> None:
    before = house.checksum()
    refused = house.api("ops_lead").post(f"{one['url']}/fix", {"choice": "orders.cancel:x"}, 409)
    assert refused["refused"]["code"] == "not_offered"
    house.api("ops_lead").post(f"{one['url']}/fix", {"answers": {"asked": "perhaps"}}, 422)
    house.api("auditor").post(f"{one['url']}/fix", {}, 403)
    assert house.checksum() == before


def test_once_it_goes_on_nothing_has_to_be_done(house: House, one: dict[str, Any]) -> None:
    with house.app.app_context(), transaction():
        db.session.execute(db.text("update fills set status = 'acknowledged' where status = 'sent'"))
        stuck.diagnose(stuck.Scope(now() + timedelta(minutes=1)))
    told = house.api().get(one["url"])
    assert told["final"] and told["status"] == "cleared"
    refused = house.api("ops_lead").post(f"{one['url']}/fix", {}, 409)
    assert refused["refused"]["code"] == "not_stuck"


def _ask(one: dict[str, Any]) -> dict[str, Any]:
    return {"choice": f"reconciliation.reconcile:{one['order'].rpartition('/')[2]}", "fix": True}

"""The CRM is told how subscriptions stand, so that it works nothing out by itself; e-mail and phone stay its own."""

from __future__ import annotations

from typing import Any

from ..house import CRM, House
from ..scenes import processor
from ..subscriptions.scenes import subscribed
from .scenes import ADDRESS, HOUR, subscriber


def at_crm(house: House, one: Any) -> dict[str, str]:
    id = one["customer"].rsplit("/", 1)[-1]
    answer = house.sandbox_app.test_client().get(
        f"/customerio/app/v1/customers/{id}/attributes?id_type=id",
        headers={"Authorization": f"Bearer {CRM.app_key}"},
    )
    found = answer.get_json()["customer"]["attributes"]
    return {k: v for k, v in found.items() if k not in ("id", "cio_id")}


def pushes(house: House) -> int:
    [row] = house.rows("select count(*) as n from promises where kind = 'lifecycle.project'")
    return int(row.n)


def test_the_crm_holds_the_state_and_the_days_and_nothing_else_of_ours(house: House) -> None:
    one = subscriber(house)
    house.later(HOUR)
    stripe = processor(house)
    stripe.subscriptions.update(one["external_id"], {"cancel_at_period_end": True})
    house.drain()
    house.later(HOUR)
    assert at_crm(house, one) == {"email": ADDRESS, "subscription_state": "canceling"}
    before = pushes(house)
    for cancel in (False, True, False):
        stripe.subscriptions.update(one["external_id"], {"cancel_at_period_end": cancel})
        house.drain()
    assert pushes(house) == before + 1  # what moves together is told together
    house.later(HOUR)
    held = at_crm(house, one)
    assert held.keys() == {"email", "subscription_state", "next_charge_on"} and held["email"] == ADDRESS
    assert held["subscription_state"] == "active"
    stripe.subscriptions.update(one["external_id"], {"metadata": {"looked": "1"}})
    house.drain()
    house.later(HOUR)
    assert pushes(house) == before + 1  # nothing that it holds has changed


def test_a_customer_whom_the_crm_does_not_know_is_nobodys_case(house: House) -> None:
    subscribed(house)
    house.later(HOUR)
    [row] = house.rows("select facts, told_at from projections")
    assert (row.facts, row.told_at) == ({}, None)
    assert house.api().get("/cases?status=open")["items"] == []

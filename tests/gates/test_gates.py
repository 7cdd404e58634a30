"""The gates of an order: what keeps it from leaving, all of it at once, each with what opens it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from opsconsole.services.gates import ship_by

from ..banners.scenes import put_up
from ..house import House
from ..scenes import nothing_written, refused
from .scenes import SKU, change, order, prescribed, served, today

Set = Callable[[House], None]
# What is taken away -> the gate that closes, the code, and who has to move.
CLOSED: dict[str, tuple[str, str, str, str]] = {
    "rx_missing": ("delete from prescriptions", "prescription", "rx_missing", "clinic"),
    "rx_expired": ("update prescriptions set expires_on = instant()::date - 2", "prescription", "rx_expired", "clinic"),
    "rx_expires_soon": (
        "update prescriptions set expires_on = instant()::date", "prescription", "rx_expires_soon", "clinic"
    ),
    "no_refills": ("update prescriptions set fills_used = 3", "prescription", "no_refills", "clinic"),
    "depleted": ("update prescriptions set status = 'depleted'", "prescription", "no_refills", "clinic"),
    "on_hold": ("update prescriptions set status = 'on_hold'", "prescription", "rx_on_hold", "clinic"),
    "unsigned": ("update prescriptions set status = 'pending_signature'", "prescription", "rx_not_signed", "clinic"),
    "stopped": ("update prescriptions set status = 'discontinued'", "prescription", "rx_stopped", "clinic"),
    "prescriber": ("update provider_licences set status = 'suspended'", "licence", "prescriber_not_licensed", "clinic"),
    "state": ("delete from state_rules", "licence", "state_not_served", "us"),
    "pharmacy": ("delete from pharmacy_licences", "licence", "pharmacy_not_licensed", "us"),
    "stock": ("update pharmacy_offers set stock = 'out', back_on = '2027-02-03'", "stock", "out_of_stock", "pharmacy"),
    "address": ("update orders set ship_to = null", "address", "bad_address", "us"),
}  # fmt: skip


@pytest.fixture
def ready(house: House) -> Any:
    served(house)
    made = order(house)
    prescribed(house)
    return made


def stands(house: House, of: Any) -> dict[str, Any]:
    return {gate["gate"]: gate for gate in house.api().get(of["url"])["gates"]}


def test_everything_is_open(house: House, ready: Any) -> None:
    gates = stands(house, ready)
    assert list(gates) == [
        "paid",
        "approved",
        "clinical",
        "prescription",
        "address",
        "licence",
        "stock",
        "hold",
    ]
    assert {gate["stands"] for gate in gates.values()} == {"open"}, gates
    now = house.api().get(ready["url"])
    assert now["ball"]["says"] == "It has to go to the pharmacy."
    page = house.page("support").get(ready["url"])
    assert "Everything is open: it can go to a pharmacy" in page
    done = house.api().post(f"{ready['url']}/submit", {})
    fill = house.api().get(done["subject"])
    assert (fill["prescription"], fill["number"]) == ("rx-9", 1)
    assert stands(house, ready)  # undone, it could go again
    house.later(61)
    assert house.api().get(ready["url"])["gates"] == []  # it left our hands


@pytest.mark.parametrize("taken", CLOSED)
def test_what_is_missing_closes_its_gate_and_nothing_goes(house: House, ready: Any, taken: str) -> None:
    statement, gate, code, who = CLOSED[taken]
    change(house, statement)
    found = stands(house, ready)
    assert [one for one, is_ in found.items() if is_["stands"] == "closed"] == [gate], found
    [blocker] = found[gate]["blockers"]
    assert (blocker["code"], blocker["who"]) == (code, who)
    assert blocker["says"].endswith(".") and blocker["fix"]["url"].startswith("/")
    fix = house.page("support")
    fix.get(blocker["fix"]["url"])
    ball = house.api().get(ready["url"])["ball"]
    assert (ball["who"], ball["says"]) == (who, blocker["says"])
    page = house.page("support").get(ready["url"])
    assert "Gates that are closed" in page and blocker["fix"]["label"] in page
    refusal = {"address": ("no_ship_to", None), "pharmacy": ("no_pharmacy", "pharmacy")}.get(
        taken, ("not_ready", None)
    )
    words = refused(house, house.api(), f"{ready['url']}/submit", {}, *refusal)
    assert refusal[0] != "not_ready" or blocker["says"] in words


def test_all_that_is_wrong_is_told_at_once(house: House, ready: Any) -> None:
    for one in ("no_refills", "state", "pharmacy"):
        change(house, CLOSED[one][0])
    house.api().post(f"{ready['url']}/hold", {"reason": "other", "until": today(house).isoformat()})
    codes = [one["code"] for gate in stands(house, ready).values() for one in gate["blockers"]]
    assert codes == ["no_refills", "state_not_served", "pharmacy_not_licensed", "on_hold"]


def test_a_banner_closes_the_last_gate_and_an_unpaid_order_the_first(house: House) -> None:
    served(house)
    unpaid = order(house, paid=False)
    prescribed(house)
    put_up(house, unpaid["url"])
    gates = stands(house, unpaid)
    assert [one["code"] for one in gates["paid"]["blockers"]] == ["unpaid"]
    assert [one["code"] for one in gates["hold"]["blockers"]] == ["banner"]


def test_refills_are_not_fills(house: House, ready: Any) -> None:
    """With no refills the first fill is there; the second is not. Fills that only we know of count too."""
    change(house, "update prescriptions set refills_authorised = 0")
    assert stands(house, ready)["prescription"]["stands"] == "open"
    done = house.api().post(f"{ready['url']}/submit", {})
    second = order(house)
    [blocker] = stands(house, second)["prescription"]["blockers"]
    assert blocker["code"] == "no_refills"
    house.api().post(f"{house.api().get(done['subject'])['url']}/withdraw", {})
    assert stands(house, second)["prescription"]["stands"] == "open"


def test_the_best_of_several_is_taken(house: House, ready: Any) -> None:
    prescribed(house, used=3, external_id="rx-used-up")
    prescribed(house, status="superseded", external_id="rx-old")
    longest = prescribed(house, days=300, external_id="rx-longest")
    change(house, f"update prescriptions set written_on = null where id = '{longest}'")
    api = house.api()
    fill = api.get(api.post(f"{ready['url']}/submit", {})["subject"])
    assert fill["prescription"] == "rx-longest"


def test_another_prescription_than_those_that_fit_is_no_choice(house: House, ready: Any) -> None:
    with nothing_written(house):
        said = house.api().post(f"{ready['url']}/submit", {"prescription": "rx-of-somebody"}, 422)
    assert said["errors"]["prescription"] == ["It can be filled from rx-9; from another one it cannot."]


def test_what_is_in_no_registry_is_the_pharmacys_to_judge(house: House, ready: Any) -> None:
    unknown = order(house, sku="WHAT-1")
    gate = stands(house, unknown)["prescription"]
    assert gate["stands"] == "unneeded" and "WHAT-1 is not in the registry" in gate["says"]


def test_it_must_have_left_before_it_expires(house: House) -> None:
    monday = today(house) + timedelta(days=(7 - today(house).weekday()) % 7)
    assert (ship_by(monday) - monday).days >= 3
    friday = monday + timedelta(days=4)
    assert (ship_by(friday) - friday).days >= 5
    assert SKU


def test_two_pharmacies_one_without_it(house: House, ready: Any) -> None:
    change(
        house,
        "insert into pharmacies (id, name, adapter, active, rank) values ('pha_2', 'Honeybee', 'honeybee', true, 2);"
        "insert into pharmacy_licences (id, pharmacy_id, state, number) values ('lic_2', 'pha_2', 'NV', 'N-2')",
    )
    change(house, "update pharmacy_offers set stock = 'out'")
    [blocker] = stands(house, ready)["stock"]["blockers"]
    assert (
        "Truepill: NC-050-60 is out" in blocker["says"]
        and "Honeybee: does not make NC-050-60" in blocker["says"]
    )

"""What is ready goes by itself, where the installation says so."""

from __future__ import annotations

import dataclasses

import pytest

from opsconsole.config import Misconfigured, Settings
from opsconsole.jobs.schedule import _submit_what_is_ready
from opsconsole.services import fills

from ..house import House
from ..scenes import cases_of
from .scenes import made_up, order, pharmacies


def tick(house: House, *, on: bool = True) -> None:
    settings = dataclasses.replace(house.app.config["SETTINGS"], submit_fills=on)
    with house.app.app_context():
        house.app.config["SETTINGS"] = settings
        _submit_what_is_ready()
    house.drain()


def test_the_clock_sends_each_once_and_only_when_it_is_on(house: House) -> None:
    pharmacies(house)
    ready = [order(house, customer=f"c-{n}") for n in range(2)]
    tick(house, on=False)
    assert made_up(house) == []
    for _ in range(3):
        tick(house)
    assert sorted(made_up(house)) == [one["reference"] for one in ready]
    [fill, _] = house.api().get("/fills")["items"]
    assert fill["by"] == "clock"


def test_a_banner_holds_it(house: House) -> None:
    pharmacies(house)
    ready = order(house)
    house.api("ops_lead").post(
        f"{ready['url']}/banner", {"kind": "do_not_ship", "reason": "Asked us to wait"}
    )
    tick(house)
    assert made_up(house) == []


def test_no_pharmacy_is_one_case_that_closes_when_one_is_found(house: House) -> None:
    ids = pharmacies(house)
    ready = order(house, state="WY")
    for _ in range(2):
        tick(house)
    [case] = cases_of(house, ready["url"])
    assert case["reason"] == "no_pharmacy" and case["suggests"]["url"] == f"{ready['url']}/submit"
    with house.app.app_context():
        from opsconsole.models import PharmacyLicence
        from opsconsole.services import transaction

        assert fills.ready() == []
        with transaction():
            PharmacyLicence(pharmacy_id=ids["honeybee"], state="WY", number="1", expires_on=None).add()
    house.api().post(f"{ready['url']}/submit")
    assert cases_of(house, ready["url"]) == []


def test_the_switch_and_the_pharmacies_are_read_from_the_environment() -> None:
    basics = {
        "OPSCONSOLE_ENV": "test", "OPSCONSOLE_DATABASE_URL": "postgresql://x@h/d", "OPSCONSOLE_SECRET_KEY": "x" * 40,
        "STRIPE_API_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRET": "whsec_1",
    }  # fmt: skip
    assert Settings.from_environment(basics).pharmacies == {}
    found = Settings.from_environment(
        basics | {"PHARMACY_TRUEPILL_API_KEY": "k", "OPSCONSOLE_SUBMIT_FILLS": "on"}
    )
    assert found.submit_fills and found.pharmacies["truepill"].base_url.startswith("https://")
    assert "api_key" not in repr(found.pharmacies["truepill"])
    for wrong, named in (
        ({"PHARMACY_TRUEPILL_BASE_URL": "http://localhost"}, "PHARMACY_TRUEPILL_API_KEY"),
        ({"PHARMACY_HONEYBEE_API_KEY": "k"}, "PHARMACY_HONEYBEE_WEBHOOK_SECRET"),
        ({"PHARMACY_ACME_API_KEY": "k"}, "PHARMACY_ACME"),
        ({"OPSCONSOLE_SUBMIT_FILLS": "maybe"}, "OPSCONSOLE_SUBMIT_FILLS"),
    ):
        with pytest.raises(Misconfigured, match=named):
            Settings.from_environment(basics | wrong)

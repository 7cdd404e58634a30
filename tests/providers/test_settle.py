"""The healthcare system tells of prescribers and their licences: mirrored, an older word never over a newer one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from opsconsole.models import Provider
from opsconsole.services import CLOCK, providers, transaction
from opsconsole.services._actor import robot
from opsconsole.vendors import Declined
from opsconsole.vendors.healthcare import LicenceFacts

from ..gates.scenes import served
from ..house import House
from ..prescriptions.orders import doctor
from ..prescriptions.scenes import clinic, look, prescribed


def settle(told: Any, **other: Any) -> Any:
    facts = replace(told.facts, **other)
    return providers.settle(facts.id, facts=facts, fetched_at=facts.updated_at, by=robot("healthcare"))


def test_one_whom_we_know_by_their_number_is_the_same(house: House) -> None:
    served(house)
    with house.app.app_context(), transaction():
        known = Provider.require(house.rows("select id from providers")[0].id)
        states = {one.state for one in known.licences()}
        two = (
            LicenceFacts("NV", "NV-7", "active", None, None),
            LicenceFacts("OR", "OR-1", "odd", None, None),
        )
        assert settle(doctor(2), licences=two).id == known.id and known.external_id == "ada"
        assert {one.state: (one.number, one.status) for one in known.licences() if one.state in ("NV", "OR")} == {
            "NV": ("NV-7", "active"), "OR": ("OR-1", "pending"),
        }  # fmt: skip
        gone = states - {"NV", "OR"}
        assert gone and all(one.status == "surrendered" for one in known.licences() if one.state in gone)
        settle(doctor(1), licences=(), name="An older name")
        assert known.name == "Dr. Ada Lindqvist" and len(known.licences()) == len(states | {"OR"})


def test_nobody_without_a_number_is_made_up(house: House) -> None:
    with house.app.app_context(), transaction(), pytest.raises(Declined):
        settle(doctor(1), npi=None)
    assert house.rows("select count(*) from providers")[0][0] == 0


def test_only_the_healthcare_system_tells_of_them(house: House) -> None:
    told = doctor(1)
    with house.app.app_context(), pytest.raises(Exception, match="may not"):
        providers.settle("ada", facts=told.facts, fetched_at=told.facts.updated_at, by=CLOCK)


def test_what_they_prescribed_before_they_were_told_of_is_theirs(house: House) -> None:
    clinic(house)
    rx = prescribed(house)
    assert rx["provider"] is None
    house.sandbox.fhir.licence("ada", "NV")
    house.drain()
    provider = house.api().get(look(house, rx)["provider"])
    assert provider["npi"] == "1234567893"

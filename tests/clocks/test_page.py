"""Who had the ball, on the order's page, on a page of its own, and for programs."""

from __future__ import annotations

import re

import pytest

from opsconsole.db import now
from opsconsole.models import Incident, IncidentStatus
from opsconsole.services import transaction

from ..fills import scenes as of_fills
from ..house import House
from ..statements import statements


def test_the_times_of_an_order_are_told_and_sum(house: House) -> None:
    of_fills.pharmacies(house)
    order = of_fills.at_pharmacy(house)["order"]
    house.advance(11 * 86_400)
    api, sam = house.api(), house.page()
    with statements(house) as sent:
        told = api.get(f"{order}/clocks")
    assert len(sent) <= 16, len(sent)
    running, whole = told["running"], told["elapsed_seconds"]
    assert told["open"] and running["who"] == "pharmacy" == api.get(order)["ball"]["who"]
    assert sum(one["ball_seconds"] for one in told["parties"]) == pytest.approx(whole, abs=1e-5)
    assert sum(one["seconds"] for one in told["spans"]) == pytest.approx(whole, abs=1e-5)
    pharmacy = next(one for one in told["parties"] if one["who"] == "pharmacy")
    assert 0 < pharmacy["working_seconds"] < pharmacy["ball_seconds"] <= pharmacy["clock_seconds"] + 1e-5
    assert told["since"] <= running["since"] < running["breach_at"] < told["until"]
    short = api.get(order)["clocks"]
    assert short["url"] == f"{order}/clocks" and short["open"]
    assert [one["who"] for one in short["parties"]] == [one["who"] for one in told["parties"]]
    page = sam.get(order)
    assert f'hx-get="{order}/clocks"' in page and f'href="{order}/clocks"' in page
    alone = sam.get(f"{order}/clocks")
    assert "<svg" in alone and "Late since" in alone and "With the pharmacy" in alone
    part = sam.client.get(f"{order}/clocks", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.lstrip().startswith("<section") and len(part) < 16_000
    assert not re.search(r"style=|<script", part)


def test_the_time_of_an_incident_is_its_vendors(house: House) -> None:
    of_fills.pharmacies(house)
    order = of_fills.at_pharmacy(house)["order"]
    with house.app.app_context(), transaction():
        Incident(
            port="pharmacy-truepill", ports=["pharmacy-truepill"], because=["declared"], signs=["declared"], methods=[],
            status=IncidentStatus.OPEN, says="Truepill told us that it is down", opened_at=now(), trace_id="trc_1",
        ).add()  # fmt: skip
    house.advance(3600)
    told = house.api().get(f"{order}/clocks")
    assert told["running"]["stands"] and told["running"]["breach_at"] is None
    last = told["spans"][-1]
    assert (last["who"], last["outage"]) == ("pharmacy", "pharmacy-truepill")
    assert 3600 <= last["seconds"] < 3700
    assert told["spans"][-2]["outage"] is None and told["running"]["since"] < last["since"]
    assert "The clock stands until the vendor answers again" in house.page().get(f"{order}/clocks")

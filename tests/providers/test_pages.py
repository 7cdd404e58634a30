"""Who may prescribe where, and what each state asks."""

from __future__ import annotations

from ..gates.scenes import NPI, change, served
from ..house import House


def test_prescribers_tell_of_their_licences(house: House) -> None:
    served(house)
    change(house, "update provider_licences set expires_on = instant()::date - 1 where state = 'CA'")
    api = house.api()
    [one] = api.get("/providers?state=NV")["items"]
    assert one["npi"] == NPI and {licence["state"] for licence in one["licences"]} == {"NV", "CA"}
    assert api.get("/providers?state=TX")["items"] == []
    assert set(api.get("/providers?state=zz", 422)["errors"]) == {"state"}
    page = house.page("support").get(one["url"])
    assert "Expired" in page and "NV-1" in page
    assert "2 states" in house.page("support").get("/providers")


def test_a_state_without_a_rule_is_not_served(house: House) -> None:
    served(house)
    api, sam = house.api(), house.page("support")
    [rule] = api.get("/state-rules?state=NV")["items"]
    assert (rule["modality"], rule["min_age"], rule["prescription_days"]) == ("async_photo", 18, 365)
    assert "Counts now" in sam.get(rule["url"])
    change(house, "update state_rules set effective_to = instant()::date - 1 where state = 'NV'")
    assert "Does not count now" in sam.get(rule["url"])
    assert "It is not served" in sam.get("/state-rules?state=TX")

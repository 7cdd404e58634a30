"""What people set can be set back: the rule's own limit counts again, and what was set stays to be read."""

from __future__ import annotations

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import asked
from .scenes import codes as codes

WHY = {"reason": "They are quick again"}


def test_the_rules_own_limit_counts_again(house: House) -> None:
    api = house.api("ops_lead")
    row = api.post("/service-levels/set_limit", asked())["subject"]
    denied(house, "finance", f"{row}/reset", WHY)
    invalid(house, api, f"{row}/reset", {"reason": " "}, "reason")
    with nothing_written(house):
        api.post(f"{row}/reset?preview=1", WHY, 200)
    done = api.post(f"{row}/reset", WHY, key="once")
    with nothing_written(house):
        assert api.post(f"{row}/reset", WHY, key="once")["trace"] == done["trace"]
    refused(house, api, f"{row}/reset", WHY, "already_reset")
    [told] = api.get("/service-levels?code=TST.SLOW")["items"]
    assert told["level"] == told["default"] and told["set"] is None
    assert api.get(row)["active"] is False
    # It can be set anew, and the old one stays.
    again = api.post("/service-levels/set_limit", asked())["subject"]
    assert again != row and len(house.rows("select id from service_levels")) == 2
    assert "Set back" in house.page("support").get(row)

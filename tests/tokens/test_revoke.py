"""A token ends with the next request, and so does what it asked for."""

from __future__ import annotations

from ..approvals.scenes import decide, waiting
from ..house import House
from ..scenes import invalid, refused
from ..staff.scenes import WHY, takes_two


def token_url(house: House, name: str) -> str:
    [found] = house.rows("select id from tokens where name = :name", name=name)
    return f"/tokens/{found.id}"


def test_it_is_worth_nothing_at_once(house: House) -> None:
    request, url = waiting(house), token_url(house, "support")
    house.api("support").get("/orders")
    api = house.api("admin")
    for role in ("finance", "auditor"):
        house.api(role).post(f"{url}/revoke", WHY, 403)
    seen = api.post(f"{url}/revoke?preview=1", WHY, 200)["preview"]
    assert ("may come in", "yes", "no") in [(c["field"], c["from"], c["to"]) for c in seen["changes"]]
    asked = api.post(f"{url}/revoke", WHY, 202)
    house.api("support").get("/orders")
    assert decide(house.page("admin"), asked["approval"]).status_code == 200
    house.api("support").get("/orders", 401)
    assert house.api("auditor").get(request["url"])["status"] == "void"
    assert decide(house.page("ops_lead"), request).status_code == 409
    refused(house, api, f"{url}/revoke", WHY, "already_revoked")


def test_it_takes_two_and_a_reason(house: House) -> None:
    url = token_url(house, "shop")
    invalid(house, house.api("admin"), f"{url}/revoke", {}, "reason")
    takes_two(house, f"{token_url(house, 'clinician')}/revoke", WHY)

"""Access ends at once, with everything that hangs on it; and can be given back."""

from __future__ import annotations

from ..approvals.scenes import agreed, decide
from ..house import House
from ..scenes import invalid, refused
from .scenes import WHY, person, second_admin, takes_two


def test_sessions_end_and_requests_are_void_at_once(house: House) -> None:
    sam, order = house.page("support"), house.order("500.00")
    sam.get(f"{order['url']}/refund")
    sam.submit(f"{order['url']}/refund", {"amount": "150.00", "reason": "goodwill"})
    request = house.api().get(sam.url)
    url = person(house, "support")
    seen, _ = takes_two(house, f"{url}/disable", WHY)
    assert [(c["field"], c["to"]) for c in seen["changes"]] == [("may come in", "no"), ("status", "void")]
    assert "Ends 1 session" in seen["warnings"][0] and "1 request" in seen["warnings"][1]
    assert sam.client.get("/orders").status_code == 303
    assert house.api().get(request["url"])["status"] == "void"
    assert decide(house.page("ops_lead"), request).status_code == 409
    assert house.rows("select * from refunds") == []
    assert house.api("admin").get(url)["disabled_at"] and house.api("admin").get(url)["sessions"] == 0


def test_and_is_given_back_but_not_the_sessions(house: House) -> None:
    sam, url, api = house.page("support"), person(house, "support"), house.api("admin")
    refused(house, api, f"{url}/enable", WHY, "not_disabled")
    agreed(house, api.post(f"{url}/disable", WHY, 202), "admin")
    refused(house, api, f"{url}/disable", WHY, "already_disabled")
    takes_two(house, f"{url}/enable", WHY)
    assert sam.client.get("/orders").status_code == 303
    assert house.page("support").client.get("/orders").status_code == 200


def test_neither_oneself_nor_the_last_admin(house: House) -> None:
    api, url = house.api("admin"), f"{person(house, 'admin')}/disable"
    refused(house, api, url, WHY, "last_admin")
    invalid(house, api, url, {}, "reason")
    root = house.page("admin")
    second_admin(house)
    root.get(url)
    assert "ask another admin" in root.submit(url, WHY, 409)
    agreed_by_ann = api.post(url, WHY, 202)  # with a second one there it may be asked for
    assert decide(root, agreed_by_ann["approval"]).get_json()["refused"]["code"] == "not_yours"

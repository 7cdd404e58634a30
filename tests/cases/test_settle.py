"""It was done by other means: where, and no more tries."""

from __future__ import annotations

from ..approvals.scenes import agreed
from ..house import House
from ..scenes import declined, denied, invalid, nothing_written, paid_back, refused, unknown_outcome


def test_marked_as_done_outside(house: House) -> None:
    _, refund, case = declined(house)
    api, url = house.api(), f"{case['url']}/settle"
    body = {"reason": "A cheque went out", "external_id": "cheque 1207"}
    seen = api.post(f"{url}?preview=1", body, 200)["preview"]
    assert seen["promises"] == [] and seen["undo_for"] == 0
    done = api.post(url, body, key="k", match=seen["hash"])
    after = api.get(refund["url"])
    assert (after["status"], after["external_id"], after["raw_status"]) == (
        "succeeded",
        "cheque 1207",
        "done outside",
    )
    [promise] = api.get(f"/promises?subject={refund['id']}")["items"]
    assert promise["status"] == "kept" and api.get(case["url"])["outcome"] == "settled"
    with nothing_written(house):
        assert api.post(url, body, key="k") == done
    refused(house, api, url, body, "already_resolved")
    house.later(25 * 3600)
    assert paid_back(house) == [5500]


def test_what_belongs_to_another_refund_cannot_stand_for_this_one(house: House) -> None:
    order, _, case = declined(house)
    api = house.api()
    [elsewhere] = [
        one for one in api.get(f"/refunds?order={order['id']}")["items"] if one["reason"] == "made_elsewhere"
    ]
    body = {"reason": "r", "external_id": elsewhere["external_id"]}
    assert "dismiss" in refused(house, api, f"{case['url']}/settle", body, "id_taken", "external_id")


def test_what_is_needed_and_who_may(house: House) -> None:
    _, _, case = declined(house)
    api, url = house.api(), f"{case['url']}/settle"
    invalid(house, api, url, {}, "reason", "external_id")
    invalid(house, api, url, {"reason": "r" * 501, "external_id": "e" * 256}, "reason", "external_id")
    for role in ("support", "auditor", "admin"):
        denied(house, role, url, {"reason": "r", "external_id": "x"})
    house.api("finance").post(url, {"reason": "r", "external_id": "x"})


def test_while_nobody_knows_it_takes_two(house: House) -> None:
    refund, case = unknown_outcome(house)
    api = house.api("finance")
    body = {"reason": "Seen in the dashboard", "external_id": "cheque 9"}
    agreed(house, api.post(f"{case['url']}/settle", body, 202))
    assert api.get(case["url"])["outcome"] == "settled" and api.get(refund["url"])["status"] == "succeeded"

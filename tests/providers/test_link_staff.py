"""Who signs as whom: two people say it."""

from __future__ import annotations

from ..gates.scenes import served
from ..house import PEOPLE, House
from ..scenes import denied, invalid, nothing_written


def test_two_people_say_who_signs_as_whom(house: House) -> None:
    served(house, pharmacy=False)
    [doctor] = house.rows("select id from providers")
    [ada] = house.rows("select id from staff where email = :email", email=PEOPLE["clinician"][0])
    url, lee = f"/providers/{doctor.id}/link_staff", house.api("ops_lead")
    invalid(house, lee, url, {"colleague": "stf_none"}, "colleague")
    for role in ("support", "clinician", "auditor", "shop"):
        denied(house, role, url, {"colleague": ada.id})
    asked = lee.post(url, {"colleague": ada.id}, 202, key="l")["approval"]
    with nothing_written(house):
        assert lee.post(url, {"colleague": ada.id}, 202, key="l")["approval"]["id"] == asked["id"]
    assert house.rows("select staff_id from providers")[0].staff_id is None
    root = house.page("admin")
    root.get(f"{asked['url']}/approve")
    root.submit(f"{asked['url']}/approve", {"note": "Checked her licence"})
    assert house.rows("select staff_id from providers")[0].staff_id == ada.id
    assert "/visits/" not in house.page("clinician").get("/visits")

"""Taking a file away: shown no more, and kept."""

from __future__ import annotations

from pathlib import Path

from ..house import House
from ..scenes import denied, invalid, refused
from .scenes import attached, look

WHY = {"reason": "It is another customer's"}


def test_what_was_taken_away_is_shown_to_nobody_and_kept(house: House, tmp_path: Path) -> None:
    order = house.order()
    id = attached(house, order["url"])
    for role in ("support", "finance", "auditor"):
        denied(house, role, f"/attachments/{id}/remove", WHY)
    invalid(house, house.api(), f"/attachments/{id}/remove", {}, "reason")
    lee = house.page("ops_lead")
    lee.get(f"/attachments/{id}/remove")
    lee.submit(f"/attachments/{id}/remove", WHY)
    assert "another customer" in lee.html and "was taken away" in lee.html
    for role in ("clinician", "demo"):
        assert look(house, id, role=role).status_code == 404
    assert f"/attachments/{id}" not in house.page("clinician").get(order["url"]).split("What happened")[0]
    told = house.api().get(f"/attachments/{id}")
    assert told["content"] is None and told["removed_by"] == "Lee Okafor"
    assert (tmp_path / "files" / f"{id}.content").exists()
    refused(house, house.api(), f"/attachments/{id}/remove", WHY, "already_removed")


def test_the_second_click_changes_nothing(house: House) -> None:
    id = attached(house, house.order()["url"])
    first = house.api().post(f"/attachments/{id}/remove", WHY, key="k")
    assert house.api().post(f"/attachments/{id}/remove", WHY, key="k") == first

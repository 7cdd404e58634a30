"""A second person says no, with a word; nothing happens."""

from __future__ import annotations

from ..house import House
from .scenes import decide, waiting


def test_a_no_ends_it_and_its_word_is_kept(house: House) -> None:
    approval, lee = waiting(house), house.page("ops_lead")
    answer = decide(lee, approval, "reject", note="The parcel is on its way.")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "rejected")
    after = house.api().get(approval["url"])
    assert after["note"] == "The parcel is on its way." and after["decided_by"] == "Lee Okafor"
    assert house.rows("select * from refunds") == []
    assert decide(lee, approval).get_json()["refused"]["code"] == "already_decided"


def test_a_no_without_a_word_is_none(house: House) -> None:
    approval = waiting(house)
    assert decide(house.page("ops_lead"), approval, "reject", note="").status_code == 422
    assert house.api().get(approval["url"])["status"] == "waiting"


def test_who_may_not_approve_may_not_say_no(house: House) -> None:
    approval = waiting(house)
    assert decide(house.page("support"), approval, "reject").status_code == 403
    assert decide(house.page("auditor"), approval, "reject").status_code == 403

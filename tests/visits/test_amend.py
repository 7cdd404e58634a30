"""What was signed stays: words are added, and whoever touches a row is found out."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from opsconsole.machine.postgres import OWNER
from opsconsole.models import Decision
from opsconsole.services import visits

from ..house import House
from ..scenes import denied, invalid, nothing_written, refused
from .scenes import clinic, to_review


def test_words_are_added_and_nothing_is_changed(house: House) -> None:
    clinic(house)
    visit, api = to_review(house), house.api()
    refused(house, api, f"{visit}/amend", {"words": "Later"}, "nothing_signed")
    api.post(f"{visit}/deny", {"reason": "allergy", "words": "To fragrance."})
    invalid(house, api, f"{visit}/amend", {}, "words")
    invalid(house, api, f"{visit}/amend", {"words": "They rang", "number": "7"}, "number")
    done = api.post(f"{visit}/amend", {"words": "They rang: to nickel, too."}, key="w")
    with nothing_written(house):
        assert api.post(f"{visit}/amend", {"words": "They rang: to nickel, too."}, key="w") == done
    api.post(f"{visit}/note", {"text": "Rang twice", "phi": True})
    page = house.page("clinician").get(visit)
    assert "To fragrance." in page and "to nickel, too." in page
    support = house.page("support").get(visit)
    assert "nickel" not in support and "fragrance" not in support and "Dry and red" not in support
    for role in ("support", "ops_lead", "auditor"):
        denied(house, role, f"{visit}/amend", {"words": "Later"})


def test_whoever_touches_what_was_signed_is_found_out(house: House, cluster: Any) -> None:
    clinic(house)
    visit, api = to_review(house), house.api()
    api.post(f"{visit}/deny", {"reason": "allergy"})
    for words in ("One", "Two", "Three"):
        api.post(f"{visit}/amend", {"words": f"Word {words}"})
    assert _touched(house) == []
    with house.app.app_context():
        forged = Decision.of_visit(visit.rsplit("/", 1)[-1])[1]
        forged.content = forged.content.replace("Word One", "Word Six")
        edited, id = bytes(forged.content_sealed), forged.id
    [name] = house.rows("select current_database()")
    url = cluster.url(name[0], OWNER).replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(url, autocommit=True) as owner:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("delete from decisions where number = 4")
        owner.execute("alter table decisions disable trigger user")  # as whoever owns the table can
        owner.execute("create temp table saved as table decisions")
        for statement, says in (
            ("update decisions set content = %(edited)s where id = %(id)s", "its hash does not fit"),
            (
                "update decisions set kind = 'opinion' where number = 3",
                "otherwise than what was signed: kind",
            ),
            ("update decisions set number = 9 where number = 3", "does not follow"),
            (
                "update decisions set prior_hash = null where number = 2",
                "does not follow from the one before",
            ),
            ("delete from decisions where number = 4", "decision 4 is gone"),
        ):
            owner.execute(statement, {"edited": edited, "id": id})
            assert any(says in one for one in _touched(house)), (statement, _touched(house))
            owner.execute("delete from decisions")
            owner.execute("insert into decisions select * from saved order by number")
        assert _touched(house) == []


def _touched(house: House) -> list[str]:
    with house.app.app_context():
        return [f"{one.what} {one.says}" for one in visits.verify().touched]

"""What all kinds of rules with versions have in common: one holds, whoever hurries."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

from sqlalchemy import text

from opsconsole.db import db

from ..approvals.scenes import agreed
from ..house import House

URL = "/hold-rules/propose"
WHY = {"reason": "Somebody should look at long ones"}


def test_one_version_holds_and_a_proposal_is_compared_with_the_one_that_does(house: House) -> None:
    """Also when another took its place while it was waited for."""
    api, lee = house.api(), house.api("ops_lead")
    other, next = (api.post(URL, WHY | {"lines_above": lines})["subject"] for lines in (3, 4))
    with house.app.app_context(), db.engine.connect() as adopting, ThreadPoolExecutor(1) as pool:
        adopting.execute(text("update hold_rules set status = 'superseded' where number = 1"))
        adopting.execute(text("update hold_rules set status = 'active' where number = 3"))
        waits = pool.submit(api.post, URL, WHY | {"lines_above": 4}, 409)
        sleep(0.3)
        assert not waits.done()
        adopting.commit()
        assert waits.result()["refused"]["code"] == "same_as_before"
    assert lee.post(f"{next}/adopt", {}, 409)["refused"]["code"] == "not_draft"
    agreed(house, lee.post(f"{other}/adopt", {}, 202), "finance")
    rows = house.rows("select number, status from hold_rules order by number")
    assert [tuple(row) for row in rows] == [(1, "superseded"), (2, "active"), (3, "superseded")]
    assert api.get(api.post(URL, WHY | {"lines_above": 4})["subject"])["number"] == 4

"""Put away until a day, with the reason; back by itself then, or as soon as something happens."""

from __future__ import annotations

from datetime import timedelta

from opsconsole.db import db, now
from opsconsole.models import AuditEntry
from opsconsole.services import transaction

from ..house import PEOPLE, House
from ..scenes import declined, denied, invalid, issue, nothing_written, refused
from .scenes import clock, of, planted


def body(house: House, **span: float) -> dict[str, str]:
    with house.app.app_context():
        until = (now() + timedelta(**span)).isoformat()
    return {"until": until, "reason": "The bank answers on Monday"}


def test_it_is_out_of_the_way_and_comes_back_when_its_time_has_come(house: House) -> None:
    [url] = planted(house)
    api, wanted = house.api(), body(house, days=1)
    seen = api.post(f"{url}/snooze?preview=1", wanted, 200)["preview"]
    assert seen["warnings"] == ["It is due before that."]
    done = api.post(f"{url}/snooze", wanted, key="k", match=seen["hash"])
    assert of(house, url, "snoozed_why", "status") == ("The bank answers on Monday", "open")
    with nothing_written(house):
        assert api.post(f"{url}/snooze", wanted, key="k") == done
    assert api.get("/cases?snoozed=yes")["items"] and not api.get("/cases?snoozed=no")["items"]
    assert "back in" in house.page("support").get("/cases?status=open&snoozed=yes")
    clock(house)
    assert of(house, url, "snoozed_until") != (None,)
    house.advance(86_401)
    clock(house)
    assert of(house, url, "snoozed_until", "snoozed_why") == (None, None)
    assert "its time has come" in api.get("/audit?act=cases.bring_back")["items"][0]["says"]


def test_it_comes_back_when_something_happens_and_when_somebody_wants_it(house: House) -> None:
    order, refund, case = declined(house)
    api, url = house.api(), case["url"]
    api.post(f"{url}/snooze", body(house, days=9))
    api.post(f"{url}/note", {"text": "Still waiting"})  # on the case itself
    issue(house, order, "1.00")  # on the order, which is not what it is about
    clock(house)
    assert of(house, url, "snoozed_until") != (None,)
    house.advance(10)
    with house.app.app_context(), transaction():  # the vendor tells of it after all
        db.session.add(
                AuditEntry(
                    id="aud_told", created_at=now(), act="refunds.settle", by="worker", by_id="worker",
                    subject=refund["id"], says="Told", inputs={}, changes=[{"on": refund["url"]}], promises=[],
                    trace_id="trc_1", about=[refund["id"]],
                )
            )  # fmt: skip
    clock(house)
    assert of(house, url, "snoozed_until") == (None,)
    refused(house, api, f"{url}/wake", {}, "not_snoozed")
    api.post(f"{url}/snooze", body(house, days=1))
    api.post(f"{url}/wake", key="k")
    with nothing_written(house):
        api.post(f"{url}/wake", key="k")
    assert of(house, url, "snoozed_until") == (None,)


def test_what_cannot_be_and_who_may(house: House) -> None:
    [url] = planted(house)
    api = house.api()
    invalid(house, api, f"{url}/snooze", {}, "until", "reason")
    invalid(house, api, f"{url}/snooze", body(house, days=31), "until")
    invalid(house, api, f"{url}/snooze", body(house, minutes=-1), "until")
    for role in ("auditor", "admin", "shop"):
        denied(house, role, f"{url}/snooze", body(house, days=1))
        denied(house, role, f"{url}/wake")
    lee = house.page("ops_lead")
    lee.get(f"{url}/claim")
    lee.submit(f"{url}/claim", {})
    words = refused(house, house.api("support"), f"{url}/snooze", body(house, days=1), "not_yours")
    assert words == "Lee Okafor has this case." and of(house, url, "owner") == (PEOPLE["ops_lead"][0],)

"""One fix for many cases: the list is frozen, each is looked at, then each is done by itself."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from opsconsole.models import GroupFix
from opsconsole.services import cases, transaction
from opsconsole.services.cases import _fix_group

from ..house import House
from ..scenes import declined, denied, invalid, nothing_written, paid_back, refused, unknown_outcome
from .scenes import of, planted

WHY = {"reason": "The bank is back"}


def prepared(house: House, fix: str, urls: list[str], role: str = "demo", **more: Any) -> Any:
    api = house.api(role)
    done = api.post(
        "/cases/prepare_fix", {"fix": fix, "cases": [url.rsplit("/", 1)[-1] for url in urls], **more}
    )
    return api.get(done["subject"])


def outcomes(house: House, fix: Any) -> list[str]:
    return [one["outcome"] for one in house.api().get(fix["url"])["cases"]]


def test_each_has_its_own_outcome_and_a_second_run_does_only_what_is_left(house: House) -> None:
    _, _, first = declined(house)
    _, _, second = declined(house)
    lonely, gone, changed = planted(house, 3)  # nothing waits behind these
    api = house.api()
    urls = [first["url"], second["url"], lonely]
    fix = prepared(house, "dismiss", [*urls, gone, changed], **WHY)
    assert prepared(house, "retry", urls[:2], **WHY)["says"] == "Try 2 again at Stripe"
    assert (fix["status"], fix["says"]) == ("prepared", "Dismiss 5 cases")
    assert outcomes(house, fix) == ["waiting"] * 5 and paid_back(house) == [5500, 5500]
    api.post(f"{gone}/dismiss", {"reason": "Already"})
    with house.app.app_context(), transaction():
        case = cases.open_case("drift", "rf_x", says="x")
        assert case.fingerprint == "drift:refund"
    done = api.post(f"{fix['url']}/run_fix", key="k")
    assert done["status"] == "running" and api.get(fix["url"])["status"] == "done"
    assert outcomes(house, fix) == ["done", "done", "done", "refused", "done"]
    assert "dismissed already" in api.get(fix["url"])["cases"][3]["words"]
    assert {of(house, url, "outcome") for url in urls} == {("dismissed",)}
    with nothing_written(house):
        assert api.post(f"{fix['url']}/run_fix", key="k") == done
    before = len(api.get("/audit?act=cases.dismiss")["items"])
    api.post(f"{fix['url']}/run_fix")  # nothing is left
    assert len(api.get("/audit?act=cases.dismiss")["items"]) == before
    told = [entry["name"] for entry in api.get(f"/traces/{fix['trace']}")["entries"]]
    assert told.count("cases.dismiss") == 4


def test_what_stopped_half_way_goes_on_where_it_stopped(house: House, monkeypatch: Any) -> None:
    urls = planted(house, 4)
    fix = prepared(house, "dismiss", urls, **WHY)
    real, seen = _fix_group._do, []

    def dies(fix_id: str, row: Any, by: Any) -> Any:
        done = real(fix_id, row, by)
        seen.append(row.case_id)
        if len(seen) == 2:
            raise KeyboardInterrupt  # after the act was committed, before its outcome was written down
        return done

    monkeypatch.setattr(_fix_group, "_do", dies)
    api = house.api()
    with suppress(KeyboardInterrupt):
        api.post(f"{fix['url']}/run_fix")
    assert outcomes(house, fix) == ["done", "waiting", "waiting", "waiting"]
    monkeypatch.setattr(_fix_group, "_do", real)
    monkeypatch.setattr(_fix_group, "BUDGET", timedelta(0))
    api.post(f"{fix['url']}/run_fix")  # no time at all: nothing is lost
    assert api.get(fix["url"])["status"] == "running"
    [act] = api.get(fix["url"])["acts"]
    assert act["allowed"]
    monkeypatch.undo()
    api.post(f"{fix['url']}/run_fix")
    assert outcomes(house, fix) == ["done"] * 4  # the second one is done, not refused: it has its answer
    assert len(api.get("/audit?act=cases.dismiss")["items"]) == 4


def test_what_changed_and_what_needs_a_second_person(house: House) -> None:
    _, unknown = unknown_outcome(house)
    _, _, case = declined(house)
    fix = prepared(house, "retry", [unknown["url"], case["url"], *planted(house)], **WHY)
    told = house.api().get(fix["url"])["cases"]
    assert [one["outcome"] for one in told] == ["waiting", "refused", "refused"]
    assert "At most $5.00" in told[1]["words"] and "Nothing" in told[2]["words"]
    asks = prepared(house, "dismiss", [unknown["url"]], "ops_lead", **WHY)
    assert "may have done it already" in asks["cases"][0]["words"]
    house.api("ops_lead").post(f"{asks['url']}/run_fix")
    [asked] = house.api().get(asks["url"])["cases"]
    assert asked["outcome"] == "approval" and asked["result"].startswith("/approvals/")
    assert of(house, unknown["url"], "status") == ("open",)
    with (
        house.app.app_context(),
        transaction(),
    ):  # another promise stands behind it by now: its preview is another
        row = GroupFix.require(fix["id"]).rows()[0]
        row.hash = "0" * 64
    house.api().post(f"{fix['url']}/run_fix")
    [first, *_] = house.api().get(fix["url"])["cases"]
    assert first["outcome"] == "refused" and "has changed since" in first["words"]


def test_in_a_browser_from_the_group_to_the_last_outcome(house: House) -> None:
    planted(house, 3, reason="refund_failed", vendor="pharmacy-truepill", fingerprint="f")
    lee = house.page("ops_lead")
    assert "cases/prepare_fix?fingerprint=f" in lee.get("/cases/groups")
    page = lee.get("/cases/prepare_fix?fingerprint=f&fix=hand_over")
    assert page.count(" checked") >= 3
    ids = [row.id for row in house.rows("select id from cases")]
    lee.submit("/cases/prepare_fix", {"fix": "hand_over", "cases": ids, "to": "finance", "note": "Yours"})
    assert "Hand 3 cases over" in lee.html and "The list is frozen" in lee.html
    url = lee.url
    lee.get(f"{url}/run_fix")
    lee.submit(f"{url}/run_fix", {})
    assert "3 done" in lee.html and lee.url == url
    assert {row.team for row in house.rows("select team from cases")} == {"finance"}


def test_what_is_needed_and_who_may(house: House) -> None:
    urls = planted(house, 51)
    ids = [url.rsplit("/", 1)[-1] for url in urls]
    api = house.api()
    invalid(house, api, "/cases/prepare_fix", {}, "fix", "cases")
    for body, field in (
        ({"fix": "burn", "cases": ids[:1]}, "fix"),
        ({"fix": "retry", "cases": ids[:1]}, "reason"),
        ({"fix": "snooze", "cases": ids[:1], "reason": "r"}, "until"),
        ({"fix": "dismiss", "cases": ids, "reason": "r"}, "cases"),
    ):
        invalid(house, api, "/cases/prepare_fix", body, field)
    suggested = prepared(house, "suggested", urls[:1])
    assert "without looking" in suggested["cases"][0]["words"]
    for role in ("auditor", "admin", "clinician", "shop"):
        denied(house, role, "/cases/prepare_fix", {"fix": "retry", "cases": ids[:1], "reason": "r"})
    fix = prepared(house, "dismiss", urls[:1], **WHY)
    assert "runs as them" in refused(
        house, house.api("finance"), f"{fix['url']}/run_fix", {}, "not_yours_to_run"
    )
    denied(house, "auditor", f"{fix['url']}/run_fix")
    mine = prepared(
        house, "dismiss", urls[:1], "support", **WHY
    )  # who may not dismiss one cannot dismiss fifty
    assert mine["cases"][0]["outcome"] == "refused"

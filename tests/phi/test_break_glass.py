"""Emergency access: one patient, one hour, everybody knows, and somebody else looks at why before the next one."""

from __future__ import annotations

from typing import Any

import pytest

from opsconsole import jobs
from opsconsole.db import db
from opsconsole.jobs import schedule
from opsconsole.services import CLOCK, phi

from ..house import House, PageClient
from ..scenes import cases_of, nothing_written

DRUG = "Night cream, 60 days"
WHY = "The patient collapsed and the hospital asks what they take"


def patient(house: House) -> dict[str, Any]:
    """An order with a note about health, as its JSON."""
    order = house.order("60.00")
    house.api("clinician").post(f"{order['url']}/note", {"text": "A rash after two days", "phi": True})
    return order


def broken(house: House, order: dict[str, Any], role: str = "ops_lead", why: str = WHY) -> PageClient:
    """The browser of who has just broken the glass."""
    person = house.page(role)
    person.get(f"{order['customer']}/break_glass")
    person.submit(f"{order['customer']}/break_glass", {"reason": why})
    return person


def glass(house: House) -> Any:
    return house.api("auditor").get("/break-glass")["items"][0]


def reviews(
    house: House, role: str = "admin", verdict: str = "justified", note: str = "", status: int = 200
) -> None:
    """Whatever is refused writes nothing."""
    person, url = house.page(role), f"{glass(house)['url']}/review"
    person.get(url)
    if status == 200:
        person.submit(url, {"verdict": verdict, "note": note})
        return
    with nothing_written(house):
        person.submit(url, {"verdict": verdict, "note": note}, status)


@pytest.mark.parametrize("role", ["ops_lead", "admin"])
def test_it_shows_one_patient_for_an_hour_and_each_view_is_marked(house: House, role: str) -> None:
    order, other = patient(house), house.order("60.00", customer="cust-2")
    before = house.page(role)
    assert DRUG not in before.get(order["url"]) and "A rash" not in before.html
    lee = broken(house, order, role)
    assert DRUG in lee.get(order["url"]) and "A rash after two days" in lee.html
    assert DRUG not in lee.get(other["url"]) and "Emergency access is open" in lee.html
    assert "Emergency access is open" in lee.get("/") and "Close now" in lee.html
    views = house.api("auditor").get(f"{order['customer']}/views")["items"]
    assert {(one["field"], one["purpose"]) for one in views if one["by"] == glass(house)["by"]} >= {
        ("name", "break_glass"), ("text", "break_glass"),
    }  # fmt: skip
    assert "Emergency access" in house.page("auditor").get(f"{order['customer']}/views")
    version = lee.client.get(order["url"], headers={"Accept": "text/html"}).headers["ETag"]
    house.advance(3601)
    polled = {"Accept": "text/html", "If-None-Match": version, "X-Poll": "1"}
    assert (
        lee.client.get(order["url"], headers=polled).status_code == 200
    )  # the page on the screen is masked too
    assert DRUG not in lee.get(order["url"]) and "Emergency access is open" not in lee.html


def test_it_is_told_at_once_and_its_reason_is_sealed_and_in_no_audit(house: House) -> None:
    order = patient(house)
    broken(house, order)
    [case] = cases_of(house, glass(house)["id"])
    assert case["reason"] == "break_glass" and case["suggests"]["act"] == "phi.review"
    for role in ("admin", "auditor"):
        assert "Somebody broke the glass" in house.page(role).get("/cases")
    [(kept,)] = house.rows("select reason from broken_glass")
    assert b"hospital" not in kept
    stored = house.rows("select string_agg(a::text, '') from audit_entries a")[0][0]
    assert "hospital" not in stored and "Broke the glass" in stored
    assert glass(house)["reason"] == WHY
    assert house.api("demo").get(glass(house)["url"])["reason"] == WHY  # reads notes on health
    assert house.page("auditor").get(glass(house)["url"]).count(WHY) == 1


def test_closing_ends_it_and_only_who_opened_it_closes_it(house: House) -> None:
    order = patient(house)
    lee = broken(house, order)
    url = f"{glass(house)['url']}/close_glass"
    root = house.page("admin")
    root.get(url)
    with nothing_written(house):
        root.submit(url, {}, 409)
    lee.get("/")
    lee.submit(url, {})
    assert DRUG not in lee.get(order["url"]) and "Emergency access is open" not in lee.html
    lee.get(url)
    with nothing_written(house):
        lee.submit(url, {}, 409)


def test_nobody_breaks_it_again_before_somebody_else_has_reviewed_it(house: House) -> None:
    order, other = patient(house), house.order("60.00", customer="cust-2")
    lee = broken(house, order)
    lee.get(f"{other['customer']}/break_glass")
    with nothing_written(house):
        lee.submit(f"{other['customer']}/break_glass", {"reason": WHY}, 409)
    assert "has not been reviewed yet" in lee.html
    reviews(house, "admin", status=409)  # it is still open
    house.advance(3601)
    lee = house.page("ops_lead")
    lee.get(f"{glass(house)['url']}/review")
    with nothing_written(house):
        lee.submit(f"{glass(house)['url']}/review", {"verdict": "justified"}, 409)
    assert "somebody else" in lee.html
    reviews(house, "admin")
    told = glass(house)
    assert (told["status"], told["reviewed_by"], told["final"]) == ("justified", "Root Admin", True)
    assert cases_of(house, told["id"]) == []
    reviews(house, "clinician", status=409)
    lee.get(f"{other['customer']}/break_glass")
    lee.submit(f"{other['customer']}/break_glass", {"reason": WHY})
    assert DRUG in lee.get(other["url"])


def test_a_second_account_of_the_same_person_neither_reviews_nor_breaks_another(house: House) -> None:
    order = patient(house)
    broken(house, order)
    with house.app.app_context():
        db.session.execute(
            db.text("update staff set person = 'lee@example.test' where email = 'root@example.test'")
        )
        db.session.commit()
    root = house.page("admin")
    root.get(f"{order['customer']}/break_glass")
    root.submit(f"{order['customer']}/break_glass", {"reason": WHY}, 409)
    house.advance(3601)
    reviews(house, "admin", status=409)


def test_not_justified_needs_a_word_and_the_case_ends_by_the_review_alone(house: House) -> None:
    order = patient(house)
    broken(house, order)
    house.advance(3601)
    [case] = cases_of(house, glass(house)["id"])
    said = house.api("demo").post(f"{case['url']}/dismiss", {"reason": "Seen"}, 409)
    assert said["refused"]["code"] == "ended_otherwise"
    reviews(house, verdict="not_justified", status=422)
    reviews(house, verdict="not_justified", note="They asked for a refund")
    assert (glass(house)["status"], glass(house)["note"]) == ("not_justified", "They asked for a refund")


def test_who_needs_no_emergency_who_gives_no_reason_and_what_is_no_person_is_refused(house: House) -> None:
    order = patient(house)
    url = f"{order['customer']}/break_glass"
    for role, reason, status in (("clinician", WHY, 409), ("ops_lead", "Because", 422), ("admin", "", 422)):
        person = house.page(role)
        person.get(url)
        with nothing_written(house):
            person.submit(url, {"reason": reason}, status)
    with nothing_written(house):
        said = house.api("ops_lead").post(url, {"reason": WHY}, 409)
        for role in ("support", "finance", "auditor", "shop", "demo"):
            house.api(role).post(url, {"reason": WHY}, 403)
    assert said["refused"]["code"] == "only_people"
    assert "Emergency access" not in house.page("clinician").get(order["customer"])
    assert "Emergency access" in house.page("admin").get(order["customer"])


def test_it_asks_who_one_is_and_a_second_click_changes_nothing(house: House) -> None:
    order = patient(house)
    url = f"{order['customer']}/break_glass"
    lee = house.page("ops_lead")
    with house.app.app_context():
        db.session.execute(db.text("update sign_ins set fresh_at = fresh_at - interval '1 hour'"))
        db.session.commit()
    lee.get(url)
    with nothing_written(house):
        lee.submit(url, {"reason": WHY}, 403)  # prove who you are
    assert house.rows("select count(*) from broken_glass")[0][0] == 0
    fresh = broken(house, order)
    with nothing_written(house):
        fresh.get(url)
        fresh.submit(url, {"reason": WHY}, 409)


def test_what_nobody_reviewed_within_a_day_is_late_wherever_it_stands(house: House) -> None:
    order = patient(house)
    broken(house, order)
    house.advance(24 * 3600 + 1)
    with house.app.app_context():
        for _ in range(2):
            for id in phi.overdue():
                phi.remind(id, by=CLOCK)
    assert any(one.name == "emergencies nobody reviewed" for one in schedule.SCHEDULE) and jobs
    root = house.page("admin")
    assert "Late: nobody has reviewed" in root.get("/") and "Late: nobody has reviewed" in root.get("/cases")
    assert ">Late<" in root.get("/break-glass") and glass(house)["late"]
    assert house.rows("select count(*) from audit_entries where act = 'phi.remind'")[0][0] == 1
    reviews(house)
    assert not glass(house)["late"] and "Late: nobody" not in root.get("/cases")


def test_it_needs_nothing_but_the_database(house: House) -> None:
    """Every vendor, and with them e-mail and the queue, is away."""
    order = patient(house)
    house.sandbox.fault(kind="down", method="*")
    assert house.app.config["SETTINGS"].redis_url is None
    assert DRUG in broken(house, order).get(order["url"])

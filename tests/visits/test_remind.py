"""Reminders: planned ahead, outside of quiet hours where the patient lives, never twice, and called off with the visit."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from opsconsole import vendors
from opsconsole.services import CLOCK, lifecycle, robot, visits
from opsconsole.services.visits._sequence import after_quiet, sequence

from ..gates.scenes import change
from ..house import House
from .form_scenes import ANSWERS, PHOTOS, answer, form, invited, noon, order, patient, served

DAY = 86_400
NIGHT = (time(21), time(8))


def test_quiet_hours_by_table() -> None:
    table = [
        ("America/New_York", "2026-06-01T14:00", "2026-06-01T14:00"),  # by day: at once
        ("America/New_York", "2026-06-01T21:00", "2026-06-02T08:00"),  # the hours begin
        ("America/New_York", "2026-06-02T07:59", "2026-06-02T08:00"),
        ("America/New_York", "2026-06-02T08:00", "2026-06-02T08:00"),  # and are over
        ("America/New_York", "2026-12-31T23:30", "2027-01-01T08:00"),  # over a year's end
        ("America/New_York", "2026-03-07T23:00", "2026-03-08T08:00"),  # the clocks go forward that night
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T08:00"),  # and back: it is 01:30 twice
        ("America/Phoenix", "2026-03-08T03:00", "2026-03-08T08:00"),  # Arizona's stay as they are
        ("Pacific/Honolulu", "2026-06-01T20:59", "2026-06-01T20:59"),
    ]  # fmt: skip
    for zone, at, due in table:
        there = ZoneInfo(zone)
        found = after_quiet(datetime.fromisoformat(at).replace(tzinfo=there), *NIGHT)
        assert found == datetime.fromisoformat(due).replace(tzinfo=there), (zone, at)
    by_day = (time(9), time(17))
    assert after_quiet(datetime(2026, 6, 1, 12, tzinfo=UTC), *by_day) == datetime(2026, 6, 1, 17, tzinfo=UTC)


def test_a_sequence_over_a_change_of_the_clocks() -> None:
    """Invited at 14:00 in New York the day before the clocks go forward: each reminder is at 14:00 there too."""
    zone = "America/New_York"
    began = datetime(2026, 3, 7, 14, tzinfo=ZoneInfo(zone))
    steps = sequence([(1, False), (3, False), (7, False), (30, True)], began.astimezone(UTC), zone, *NIGHT)
    there = [one.due_at.astimezone(ZoneInfo(zone)) for one in steps]
    assert [one.hour for one in there] == [14, 14, 14, 14]
    assert [(one.month, one.day) for one in there] == [(3, 8), (3, 10), (3, 14), (4, 6)]
    assert (steps[0].due_at - began).total_seconds() == 23 * 3600
    night = sequence(
        [(1, False), (2, True)], datetime(2026, 3, 8, 3, tzinfo=UTC), zone, *NIGHT
    )  # 22:00 there
    assert [one.due_at.astimezone(ZoneInfo(zone)).hour for one in night] == [8, 22], "closing disturbs nobody"


def test_completing_in_the_middle_cancels_the_rest(house: House) -> None:
    visit = _waiting(house)
    assert [one.status for one in _steps(house, visit)] == ["planned"] * 4
    _reach(house, visit, 1)
    assert [one.status for one in _steps(house, visit)] == ["sent", "planned", "planned", "planned"]
    _tick(house, visit)  # the clock comes round again: never twice
    house.drain()
    [mail] = house.rows("select m.status, m.template, m.data from messages m")
    assert (mail.template, mail.data) == ("answers_awaited", {}) and mail.status != "planned"
    _reach(house, visit, 2, drain=False)  # written, and the CRM was not asked yet
    [unsent] = house.rows("select id from messages where status = 'planned'")
    _submit(house, visit)
    assert [one.status for one in _steps(house, visit)] == ["sent", "canceled", "canceled", "canceled"]
    house.drain()
    [row] = house.rows("select status from messages where id = :id", id=unsent.id)
    assert row.status == "withdrawn"
    assert len(house.rows("select 1 from messages where status <> 'withdrawn'")) == 1


def test_nobody_answers_and_it_is_closed_then_they_do(house: House) -> None:
    noon(house)
    visit = _waiting(house)
    house.advance(8 * DAY)
    _tick(house, visit)
    statuses = [(one.status, one.why) for one in _steps(house, visit)]
    assert statuses[:3] == [("skipped", "A later one was due too.")] * 2 + [("sent", "")], (
        "of three only the last"
    )
    house.advance(23 * DAY)
    _tick(house, visit)
    assert house.api().get(visit["url"])["status"] == "abandoned"
    assert _steps(house, visit)[3].status == "done"
    assert answer(house, visit)["status"] == "submitted"


def test_what_stops_them(house: House) -> None:
    table: list[tuple[str, str]] = [
        ("update orders set status = 'canceled'", "Its order was canceled."),
        (
            "insert into profiles (id, customer_id, system, external_id, facts, fetched_at) select 'pfl_1', id,"
            " 'customerio', 'x', '{\"unsubscribed\": true}', instant() from customers",
            "The customer does not want to be written to.",
        ),
        ("update messages set status = 'bounced'", "An earlier one bounced."),
    ]
    visit = _waiting(house)
    _reach(house, visit, 1)
    for n, (statement, why) in enumerate(table):
        change(house, "update reminders set status = 'planned', why = '' where step > 1")
        change(house, "update orders set status = 'awaiting_visit'")
        change(house, "delete from profiles where system = 'customerio'")
        change(house, statement)
        house.advance(3 * DAY if n == 0 else 60)
        _tick(house, visit, by_day=True)
        told = {(one.status, one.why) for one in _steps(house, visit)[1:3]}
        assert told == {("canceled", why)}, (why, told)
        assert _steps(house, visit)[3].status == "planned", "it is closed all the same"
        change(house, "update messages set status = 'sent'")


def test_at_night_there_it_waits_for_the_morning(house: House) -> None:
    """The clock was away until the middle of the night."""
    visit = _waiting(house)
    zone = ZoneInfo(lifecycle.zone_of("NV"))
    due = _steps(house, visit)[0].due_at
    [row] = house.rows("select instant() as now")
    late = datetime.combine(due.astimezone(zone).date(), time(23), zone)
    house.advance((late - row.now).total_seconds())
    _tick(house, visit)
    first = _steps(house, visit)[0]
    assert first.status == "planned" and first.due_at.astimezone(zone).timetz().replace(tzinfo=None) == time(
        8
    )


def test_a_visit_that_waits_and_has_no_plan_gets_one(house: House) -> None:
    visit = _waiting(house)
    change(house, "delete from reminders")
    with house.app.app_context():
        assert visit["id"] in visits.to_remind()
    _tick(house, visit)
    assert [one.status for one in _steps(house, visit)] == ["planned"] * 4


def _waiting(house: House) -> Any:
    form(house)
    served(house)
    url = patient(house)
    return invited(house, url, order=order(house)["url"])


def _steps(house: House, visit: Any) -> list[Any]:
    query = "select step, status, due_at, why from reminders where visit_id = :id order by began_at, step"
    return house.rows(query, id=visit["id"])[:4]


def _reach(house: House, visit: Any, step: int, *, drain: bool = True) -> None:
    """Let time pass until that step is due, and the clock come round."""
    [row] = house.rows("select instant() as now")
    house.advance((_steps(house, visit)[step - 1].due_at - row.now).total_seconds() + 1)
    _tick(house, visit)
    if drain:
        house.drain()


def _tick(house: House, visit: Any, *, by_day: bool = False) -> None:
    if by_day:
        change(house, "update visit_policy set quiet_from = '00:00', quiet_until = '00:01'")
    with house.app.app_context():
        for visit_id in visits.to_remind():
            visits.remind(visit_id, by=CLOCK)


def _submit(house: House, visit: Any) -> None:
    """The answers are taken in before any worker asked the CRM."""
    house.sandbox.fhir.answer(
        visit["external_id"],
        ANSWERS,
        photos=PHOTOS,
        questionnaire="https://forms.opsconsole.example/skin-intake|1",
    )
    with house.app.app_context():
        [said] = house.sandbox.fhir.find(
            "QuestionnaireResponse", encounter=f"Encounter/{visit['external_id']}"
        )
        facts = vendors.port("healthcare").fetch_answers(said["id"])
        [row] = house.rows("select instant() as now")
        visits.settle_answers(said["id"], facts=facts, fetched_at=row.now, by=robot("healthcare"))
    assert house.api().get(visit["url"])["status"] == "submitted"

"""What follows when a step of a plan ends otherwise: each row of the table is brought about, and holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opsconsole.models import StepKind
from opsconsole.services.cases import REASONS
from opsconsole.services.plans import TABLE, Failure, Follows

from ..gates import scenes as of_gates
from ..house import House
from ..prescriptions import scenes as of_clinic
from ..scenes import WINDOW, cases_of, paid_back, processor, refund_elsewhere
from ..shipments.scenes import scan
from ..subscriptions.scenes import charges, subscribed
from .scenes import ALL, CANCEL, again, at_pharmacy, fill_of, on_its_way, plan, ready, stands, step

Injected = Callable[[House, Follows], Any]
TOLD = {"cancel": CANCEL, "refund": ALL, "tell": "refund_issued"}
DAY = 26 * 3600


def a_day_later(house: House) -> None:
    for _ in range(3):
        house.later(DAY / 3)


def refund_declined(house: House, row: Follows) -> Any:
    order = ready(house)
    made = plan(house, order, **TOLD)
    refund_elsewhere(house, order, 6000)
    house.later(WINDOW)
    return made


def refund_unreachable(house: House, row: Follows) -> Any:
    made = plan(house, ready(house), **TOLD)
    house.sandbox.fault(vendor="stripe", kind="rate_limit", method="*/refunds*")
    house.later(WINDOW)
    a_day_later(house)
    return made


def asked_too_late(house: House, row: Follows) -> Any:
    """The pharmacy makes it up already."""
    order = at_pharmacy(house)
    house.later(700)
    made = plan(house, order, **TOLD, wait=row.waited)
    if row.fails is Failure.TOO_LATE:
        house.sandbox.truepill.move(fill_of(house, order)["external_id"], "shipped")
    house.later(WINDOW)
    house.later(10)
    return made


def pharmacy_unreachable(house: House, row: Follows) -> Any:
    order = at_pharmacy(house, fate="STALL")
    house.sandbox.fault(vendor="truepill", kind="rate_limit", method="POST */cancel")
    made = plan(house, order, cancel=CANCEL, refund=ALL)
    house.later(1)
    a_day_later(house)
    return made


def message_declined(house: House, row: Follows) -> Any:
    order = ready(house)
    house.contact(order["customer"].rsplit("/", 1)[-1], "moved@example.test")
    made = plan(house, order, **TOLD)
    house.later(WINDOW)
    house.later(10)
    return made


def carrier_would_not(house: House, row: Follows) -> Any:
    order, parcel = on_its_way(house)
    made = plan(house, order, stop_parcel=True, refund=ALL)
    house.later(WINDOW)
    if row.fails is Failure.ARRIVED:
        scan(house, parcel, "delivered")
    else:
        [case] = cases_of(house, parcel["url"])
        house.api().post(f"{case['url']}/settle", {"reason": "On the phone", "external_id": "refused"})
    return made


def paused(house: House) -> Any:
    """A plan that pauses too, for an order of what the customer has subscribed."""
    one = subscribed(house)
    order = of_gates.order(house)
    house.contact(order["customer"].rsplit("/", 1)[-1], "cust-1@example.test")
    until = (charges(one)[1]).isoformat()
    return plan(house, order, **TOLD, pause_until=until)


def pause_declined(house: House, row: Follows) -> Any:
    made = paused(house)
    stripe = processor(house)
    [one] = stripe.subscriptions.list({}).data
    stripe.subscriptions.cancel(one.id)
    house.later(WINDOW)
    return made


def pause_unreachable(house: House, row: Follows) -> Any:
    made = paused(house)
    house.sandbox.fault(vendor="stripe", kind="rate_limit", method="POST */subscriptions/*")
    house.later(WINDOW)
    a_day_later(house)
    return made


def prescription_stays(house: House, row: Follows) -> Any:
    """The pharmacy would not cancel the prescription, or nobody can be asked."""
    of_clinic.clinic(house)
    rx = of_clinic.sent(house)
    order = ready(house)
    steps = {**TOLD, "cancel": None, "prescription": rx["url"], "wait": row.waited}
    if row.fails is Failure.UNREACHABLE:
        house.sandbox.fault(vendor="fhir", kind="rate_limit", method="POST */Task")
    house.sandbox.fhir.set("cancel_answer", "deny")
    made = plan(house, order, **{name: value for name, value in steps.items() if value is not None})
    house.later(WINDOW)
    if row.fails is Failure.UNREACHABLE:
        a_day_later(house)
    for _ in range(6):
        house.later(60)
    return made


INJECT: dict[tuple[StepKind, Failure], Injected] = {
    (StepKind.REFUND, Failure.DECLINED): refund_declined,
    (StepKind.REFUND, Failure.UNREACHABLE): refund_unreachable,
    (StepKind.CANCEL, Failure.DENIED): asked_too_late,
    (StepKind.CANCEL, Failure.TOO_LATE): asked_too_late,
    (StepKind.CANCEL, Failure.UNREACHABLE): pharmacy_unreachable,
    (StepKind.STOP_PRESCRIPTION, Failure.DENIED): prescription_stays,
    (StepKind.STOP_PRESCRIPTION, Failure.UNREACHABLE): prescription_stays,
    (StepKind.PAUSE, Failure.DECLINED): pause_declined,
    (StepKind.PAUSE, Failure.UNREACHABLE): pause_unreachable,
    (StepKind.TELL, Failure.DECLINED): message_declined,
    (StepKind.STOP_PARCEL, Failure.REFUSED): carrier_would_not,
    (StepKind.STOP_PARCEL, Failure.ARRIVED): carrier_would_not,
}


def named(row: Follows) -> str:
    return f"{row.step.value}-{row.fails.value}" + (
        "" if row.waited is None else f"-{'waits' if row.waited else 'at once'}"
    )


@pytest.mark.parametrize("row", TABLE, ids=named)
def test_the_end_is_as_the_table_says(house: House, row: Follows) -> None:
    made = again(house, INJECT[(row.step, row.fails)](house, row))
    subjects = {"plan": made["url"], "subject": step(made, row.step)["subject"]}
    if row.on == "fill":
        subjects["fill"] = fill_of(house, house.api().get(made["order"]))["url"]
    reasons = [case["reason"] for case in cases_of(house, subjects[row.on])]
    assert row.case in reasons, reasons
    assert len(reasons) == 1 or row.on == "subject"
    now = stands(made)
    assert {kind.value: now[kind] for kind in row.others if kind in now} == {
        kind.value: status.value for kind, status in row.others.items() if kind in now
    }
    assert row.others.keys() <= set(now), "the scene has every step that the row speaks of"
    assert made["status"] == ("under_way" if row.fails is Failure.UNREACHABLE else "failed")
    if row.others.get(StepKind.REFUND) == "done":
        assert paid_back(house) == [6000]
    elif row.step != StepKind.REFUND:
        assert paid_back(house) == []
    page = house.page("support").get(made["url"])
    assert row.then.replace("'", "&#39;") in page
    if row.on == "plan":
        assert "This needs somebody" in page


def test_every_row_is_brought_about_and_its_case_has_words() -> None:
    assert {(row.step, row.fails) for row in TABLE} == {*INJECT}
    assert all(row.case in REASONS and row.then.endswith(".") for row in TABLE)


def test_a_no_that_was_dismissed_is_not_told_again_when_it_ships(house: House) -> None:
    order = at_pharmacy(house)
    house.later(700)
    made = plan(house, order, cancel=CANCEL, refund=ALL, wait=False)
    house.later(WINDOW)
    house.later(10)
    [case] = cases_of(house, made["url"])
    house.api().post(f"{case['url']}/dismiss", {"reason": "let it go"})
    house.later(7 * 3600)
    assert house.api().get(order["url"])["status"] == "shipped" and cases_of(house, made["url"]) == []

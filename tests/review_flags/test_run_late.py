"""A flag that keeps something here and that nobody decides on is a case, which does not say what kind of flag."""

from __future__ import annotations

from opsconsole.models import FlagEffect, FlagKind, FlagSeverity, ReviewFlag
from opsconsole.services import transaction

from ..cases.scenes import clock
from ..house import House
from ..scenes import cases_of
from ..visits.form_scenes import patient
from .test_resolve import WHY, flagged


def test_after_a_day_it_is_a_case_that_ends_with_the_decision(house: House) -> None:
    customer = patient(house)
    url = flagged(house, customer)
    with house.app.app_context(), transaction():
        ReviewFlag(
            status="open", kind=FlagKind.ALLERGY.value, severity=FlagSeverity.LOW.value, effect=FlagEffect.NOTE.value,
            customer_id=customer.rsplit("/", 1)[-1], source="rule:note",
        ).add()  # fmt: skip
    house.advance(23 * 3600)
    clock(house)
    assert house.api().get("/cases?reason=flag_undecided")["items"] == []
    house.advance(2 * 3600)
    clock(house)
    clock(house)  # once
    [case] = house.api().get("/cases?reason=flag_undecided")["items"]
    assert (case["subject"], case["team"]) == (url, "clinic") and "pregnancy" not in str(case)
    ada = house.api("clinician")
    ada.post(f"{url}/acknowledge")
    assert cases_of(house, url)
    ada.post(f"{url}/resolve", WHY | {"outcome": "no_action"})
    assert cases_of(house, url) == [] and house.api().get(case["url"])["outcome"] == "resolved"
    assert "pregnancy" not in str(
        [tuple(row) for row in house.rows("select says, inputs from audit_entries")]
    )

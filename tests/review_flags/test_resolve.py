"""What a clinician does about a flag; who else is told that there is one and not what about."""

from __future__ import annotations

from typing import Any

from opsconsole.models import FlagEffect, FlagKind, FlagSeverity, ReviewFlag
from opsconsole.services import transaction

from ..house import House
from ..scenes import denied, invalid, refused
from ..visits.form_scenes import patient

WHY = {"reason": "Spoke to the patient: it was long ago"}


def flagged(house: House, customer: str, kind: FlagKind = FlagKind.PREGNANCY, source: str = "rule:x") -> str:
    with house.app.app_context(), transaction():
        return ReviewFlag(
            status="open", kind=kind.value, severity=FlagSeverity.HIGH.value, effect=FlagEffect.BLOCK.value,
            customer_id=customer.rsplit("/", 1)[-1], source=source,
        ).add().url  # fmt: skip


def test_seen_passed_on_dealt_with(house: House) -> None:
    api: Any = house.api("clinician")
    url = flagged(house, patient(house))
    api.post(f"{url}/acknowledge", key="k")
    api.post(f"{url}/acknowledge", key="k")
    assert api.get(url)["status"] == "acknowledged"
    refused(house, api, f"{url}/acknowledge", {}, "seen_already")
    api.post(f"{url}/escalate", WHY)
    refused(house, api, f"{url}/escalate", WHY, "seen_already")
    invalid(house, api, f"{url}/resolve", WHY | {"outcome": "nothing"}, "outcome")
    api.post(f"{url}/resolve", WHY | {"outcome": "patient_contacted"})
    flag = api.get(url)
    assert (flag["status"], flag["outcome"], flag["why"]) == ("resolved", "patient_contacted", WHY["reason"])
    for verb, body in (("resolve", WHY | {"outcome": "no_action"}), ("dismiss", WHY), ("acknowledge", {})):
        refused(house, api, f"{url}/{verb}", body, "flag_over")
    said = " ".join(str(tuple(row)) for row in house.rows("select says, inputs, changes from audit_entries"))
    assert "long ago" not in said and "pregnancy" not in said
    other = flagged(house, api.get(url)["customer"], source="rule:y")
    api.post(f"{other}/dismiss", WHY)
    assert api.get(other)["status"] == "dismissed"


def test_only_clinicians_act_and_read_what_it_is_about(house: House) -> None:
    url = flagged(house, patient(house))
    for verb, body in (
        ("resolve", WHY | {"outcome": "no_action"}),
        ("dismiss", WHY),
        ("escalate", WHY),
        ("acknowledge", {}),
    ):
        denied(house, "support", f"{url}/{verb}", body)
    told = house.api("support").get(url)
    assert (told["kind"], told["source"], told["severity"]) == (None, "rule", "high") and "kind" in told[
        "masked"
    ]
    for page in (house.page("support").get(url), house.page("support").get("/review-flags")):
        assert "regnancy" not in page and "omething for a clinician" in page
    assert "Pregnancy" in house.page("clinician").get("/review-flags")
    [view] = house.rows("select field, by from phi_views where field = 'kind'")
    assert view.by == "Ada Lindqvist"

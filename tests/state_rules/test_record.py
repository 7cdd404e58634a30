"""What a state asks is written down by one person and agreed to by another; a state without a rule is not served."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..approvals.scenes import agreed
from ..gates.scenes import change, today
from ..house import House
from ..scenes import cases_of, denied, invalid, refused
from ..visits.form_scenes import flags, form, served, submitted

URL = "/state-rules/record"


def asked(house: House, **changes: Any) -> dict[str, Any]:
    return {
        "state": "NV", "modality": "sync_first", "min_age": 21, "id_check": True, "prescription_days": 180,
        "effective_from": (today(house) + timedelta(days=1)).isoformat(), "source": "NRS 629.515",
        "signed_off_by": "Counsel",
    } | changes  # fmt: skip


def test_the_rule_before_ends_the_day_before(house: House) -> None:
    served(house)
    api = house.api()
    done = agreed(house, api.post(URL, asked(house), 202))
    rule = api.get(done["subject"])
    assert (rule["modality"], rule["min_age"], rule["effective_to"]) == ("sync_first", 21, None)
    [before] = house.rows("select effective_to from state_rules where modality = 'async_photo'")
    assert before.effective_to == today(house)
    refused(house, api, URL, asked(house), "has_rule_from", "effective_from")
    refused(
        house,
        api,
        URL,
        asked(house, effective_from=(today(house) + timedelta(days=9)).isoformat()),
        "same_rule",
    )
    page = house.page("ops_lead")
    assert "1 of 62 states and territories" in page.get("/state-rules")
    assert "All rules of NV" in page.get(rule["url"]) and page.html.count("row-link") == 2


def test_who_may_and_what_is_wrong(house: House) -> None:
    api = house.api()
    denied(house, "support", URL, asked(house))
    for changes in (
        {"state": "XX"}, {"modality": "by_letter"}, {"min_age": 300}, {"prescription_days": 0}, {"source": "  "},
        {"effective_from": "2020-01-01"}, {"effective_to": "2020-01-01"},
    ):  # fmt: skip
        invalid(house, api, URL, asked(house, **changes), next(iter(changes)))


def test_what_the_rule_says_to_answers(house: House) -> None:
    """By table: what the state asks, how old the patient is, what stands in the way and what is flagged."""
    form(house)
    table: list[tuple[str, dict[str, Any] | None, list[str], list[str]]] = [
        ("pat-1", None, ["state_not_served"], []),
        ("pat-2", {"modality": "async_photo"}, [], []),
        ("pat-3", {"modality": "sync_each"}, ["video_each_time"], []),
        ("pat-4", {"modality": "sync_first"}, ["video_first"], []),
        ("pat-5", {"min_age": 60}, ["too_young"], ["age"]),
        ("pat-6", {"id_check": True}, ["identity_unchecked"], ["identity_mismatch"]),
    ]
    for id, rule, codes, kinds in table:
        change(house, "delete from state_rules")
        if rule is not None:
            served(house, **rule)
        visit = submitted(house, id=id)
        assert [one["code"] for one in visit["barriers"]] == codes, id
        assert [one.kind for one in flags(house, visit)] == kinds, id
        reasons = [one["reason"] for one in cases_of(house, visit["url"])]
        assert reasons == (["state_not_served"] if rule is None else []), id
    assert "is not served" not in house.page("support").get(visit["url"])

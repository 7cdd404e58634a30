"""Flag rules: what applies, what another version would have flagged in the last thirty days, and that two agree on it."""

from __future__ import annotations

from typing import Any

from opsconsole.models import FlagRule, FlagRules
from opsconsole.services import flag_rules
from opsconsole.services.flag_rules import Told

from ..approvals.scenes import agreed
from ..gates.scenes import change
from ..house import House
from ..scenes import denied, invalid, refused
from ..visits.form_scenes import flags, form, order, served, submitted

URL = "/flag-rules/propose"
WHY = {"reason": "Allergies have to be looked at"}


def rule(code: str, when: str, **more: Any) -> dict[str, Any]:
    """A rule as programs send it."""
    told = {
        "code": code,
        "kind": "other",
        "severity": "moderate",
        "effect": "review",
        "says": "Look at it.",
        "when": when,
    }
    return told | {"when_all": False} | more


def reads(text: str, **more: Any) -> FlagRule:
    """A rule that applies when the conditions that are written hold."""
    return FlagRule.read(rule("r", "") | {"when": flag_rules.as_conditions(text)} | more)


def active(house: House) -> list[dict[str, Any]]:
    """The rules that hold, as programs send them."""
    with house.app.app_context():
        rules = FlagRules.active().rules
        return [one | {"when": flag_rules.written(one["when"])} for one in rules]


def test_what_applies_by_table(house: House) -> None:
    known = Told(
        kind="renewal", answers={"pregnant": [True], "months": [4]}, before={"pregnant": [False], "months": [4]}, age=17,
        skus=frozenset({"NC60"}), ingredients=frozenset({"tretinoin"}), not_in_pregnancy=True, photos=1,
    )  # fmt: skip
    table = [
        ("answer pregnant = yes", True), ("answer pregnant = no", False), ("answer months >= 5", False),
        ("answer nobody is not answered", True), ("age < 18", True), ("photos < 1", False), ("product = NC60", True),
        ("ingredient = Tretinoin", True), ("not_in_pregnancy = yes", True), ("visit = renewal", True),
        ("changed pregnant", True), ("changed months", False), ("not changed months", True), ("changed *", True),
    ]  # fmt: skip
    with house.app.app_context():
        for text, holds in table:
            made = reads(text)
            assert flag_rules.applies(made, known) is holds, text
            assert flag_rules.as_conditions(flag_rules.written(made.when)) == [*made.when], text
        for all_of, holds in ((True, False), (False, True)):
            assert flag_rules.applies(reads("age < 18\nphotos > 5", when_all=all_of), known) is holds
        nobody = Told(kind="initial")
        assert not flag_rules.applies(reads("changed *"), nobody)
        assert not flag_rules.applies(reads("age < 18"), nobody)


def test_what_the_first_version_flags(house: House) -> None:
    """A product that nobody registered counts as one that may not be taken in pregnancy."""
    form(house)
    served(house)
    house.lift_limits()
    for id, answers, found in (
        ("pat-1", {"pregnant": True}, []),  # nothing was ordered
        ("pat-2", {"pregnant": True}, [("pregnancy", "high", "block")]),
        ("pat-3", {"allergies": True, "allergies_which": "Nuts", "isotretinoin": True},
         [("allergy", "high", "review"), ("interaction", "high", "block")]),
        ("pat-4", {"photos": {"photo_front": 1, "photo_side": 1}}, []),
    ):  # fmt: skip
        if id == "pat-2":
            house.api("shop").post(
                "/customers", {"reference": id, "name": "Jo Field", "email": f"{id}@example.test"}
            )
            order(house, customer=id)
        visit = submitted(house, id=id, **answers)
        assert [(one.kind, one.severity, one.effect) for one in flags(house, visit)] == found, id


def test_the_preview_lists_exactly_what_would_flip(house: House) -> None:
    form(house)
    served(house)
    plain = submitted(house)
    allergic = submitted(house, id="pat-2", allergies=True, allergies_which="Nuts")
    old = submitted(house, id="pat-3", allergies=True, allergies_which="Nuts")
    change(
        house, f"update visits set submitted_at = submitted_at - interval '31 days' where id = '{old['id']}'"
    )
    rules = [one for one in active(house) if one["code"] != "allergy"] + [
        rule("no_pregnancy", "answer can_be_pregnant = yes", severity="low"),
        rule("allergy", "answer allergies = yes", severity="moderate", kind="allergy"),
    ]
    api = house.api()
    seen = api.post(f"{URL}?preview=1", WHY | {"rules": rules}, 200)["preview"]
    assert seen["warnings"] == [
        "Of 2 visits that were answered in the last 30 days, 2 would newly be flagged: 1 moderate, 1 low.",
        "Of 2 visits that were answered in the last 30 days, 1 would no longer be flagged: 1 high.",
    ]
    draft = api.post(URL, WHY | {"rules": rules})["subject"]
    told = api.get(draft)["simulation"]
    flips = {
        one["visit"]: ([g["rule"] for g in one["gained"]], [g["rule"] for g in one["lost"]])
        for one in told["flips"]
    }
    assert flips == {
        plain["url"]: (["no_pregnancy"], []),
        allergic["url"]: (["no_pregnancy", "allergy"], ["allergy"]),
    }
    # who may not read of somebody's health is told how severe, and not which
    assert {
        g["rule"] for one in house.api("ops_lead").get(draft)["simulation"]["flips"] for g in one["gained"]
    } == {None}
    assert "no_pregnancy" in house.page("clinician").get(draft)
    before = len(flags(house, allergic))
    agreed(house, api.post(f"{draft}/adopt", {}, 202))
    assert len(flags(house, allergic)) == before, "what is flagged already stays so"
    assert [one.severity for one in flags(house, submitted(house, id="pat-4"))] == ["low"]


def test_who_may_and_what_is_wrong(house: House) -> None:
    form(house)
    api = house.api()
    table = [
        (rule("A", "age < 18"), "small letters"), (rule("r", ""), "Write when it applies."),
        (rule("r", "answer nobody = yes"), "Patients are asked no “nobody” now."),
        (rule("r", "answer pregnant = maybe"), "“maybe” is no answer"), (rule("r", "age = yes"), "a whole number"),
        (rule("r", "weight > 3"), "“weight” is no condition"), (rule("r", "visit > renewal"), "no number"),
        (rule("r", "age < 18", kind="?"), "Choose its kind"), (rule("r", "age < 18", says=""), "Write what the clinician"),
    ]  # fmt: skip
    for one, words in table:
        with house.app.app_context():
            when = flag_rules.as_conditions(one["when"])
            assert any(words in said for said in flag_rules.problems([one | {"when": when}])), words
    invalid(house, api, URL, WHY | {"rules": [rule("r", "weight > 3")]}, "rules")
    refused(house, api, URL, WHY | {"rules": active(house)}, "same_as_before")
    denied(house, "support", URL, WHY | {"rules": [rule("r", "age < 18")]})
    made = api.post(URL, WHY | {"rules": [rule("r", "age < 18")]}, key="k")
    assert api.post(URL, WHY | {"rules": [rule("r", "age < 18")]}, key="k")["subject"] == made["subject"]
    denied(house, "support", f"{made['subject']}/adopt")
    api.post(f"{made['subject']}/withdraw")
    for verb in ("adopt", "withdraw"):
        refused(house, api, f"{made['subject']}/{verb}", {}, "not_draft")
    page = house.page("clinician")
    assert "Are you pregnant, or trying to be?" in page.get("/flag-rules")
    assert "no_pregnancy" not in page.get("/flag-rules/propose")

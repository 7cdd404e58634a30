"""Saying no: nothing ships, and what was paid is offered back by a case, never by itself."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of, denied, invalid, nothing_written, paid_back
from .scenes import clinic, to_review


def test_after_a_charge_support_gets_the_refund_filled_in(house: House) -> None:
    clinic(house)
    visit, api = to_review(house), house.api()
    order = api.get(visit)["order"]
    invalid(house, api, f"{visit}/deny", {"reason": "because"}, "reason")
    with nothing_written(house):
        seen = api.post(f"{visit}/deny?preview=1", {"reason": "allergy", "words": "Anaphylaxis"}, 200)[
            "preview"
        ]
    assert "Support gets a case to refund all of it" in str(seen["changes"]) and "Anaphylaxis" not in str(
        seen
    )
    done = api.post(
        f"{visit}/deny", {"reason": "allergy", "words": "Anaphylaxis"}, match=seen["hash"], key="d"
    )
    with nothing_written(house):
        assert api.post(f"{visit}/deny", {"reason": "allergy", "words": "Anaphylaxis"}, key="d") == done
    assert api.get(order)["status"] == "rejected" and paid_back(house) == []
    [case] = cases_of(house, order)
    assert case["reason"] == "clinically_rejected" and "allergy" not in case["says"]
    form = house.page("support").get(case["suggests"]["url"])
    assert 'value="60.00"' in form and '<option selected value="clinically_rejected">' in form
    assert "allergy" not in str(house.rows("select inputs::text, says from audit_entries"))
    api.post(f"{visit}/withdraw")
    assert api.get(order)["status"] == "in_review" and not cases_of(house, order)


def test_unpaid_nothing_is_owed_and_a_referral_is_no_different(house: House) -> None:
    clinic(house)
    api = house.api()
    for number, (verb, body) in enumerate((("deny", {"reason": "age"}), ("refer", {"to": "dermatologist"}))):
        visit = to_review(house, customer=f"c-{number}", paid=False)
        seen = api.post(f"{visit}/{verb}?preview=1", body, 200)["preview"]
        assert "nothing was charged" in str(seen["changes"])
        api.post(f"{visit}/{verb}", body)
        order = api.get(visit)["order"]
        assert api.get(order)["status"] == "rejected" and not cases_of(house, order)
    invalid(house, api, f"{visit}/refer", {"to": "nobody"}, "to")
    for role in ("support", "ops_lead", "auditor"):
        denied(house, role, f"{visit}/deny", {"reason": "age"})
        denied(house, role, f"{visit}/refer", {"to": "other"})

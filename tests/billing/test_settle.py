"""Invoices as we hold them: what Stripe showed last, and nothing else."""

from __future__ import annotations

from ..house import House
from ..scenes import cases_of
from .facts import facts, fields, known_at_stripe, line, settled


def test_an_invoice_is_kept_as_it_was_read_last(house: House) -> None:
    first = settled(
        house, facts(lines=(line(), line("il_2", -5_00, item="ii_1", tags={"opsconsole_subject": "chg_1"})))
    )
    kept = fields(house, first, "status", "customer_id", "external_customer", "lines", "total", "held")
    assert (kept["status"], kept["customer_id"], kept["external_customer"]) == ("draft", None, "cus_1")
    assert [(one["amount"], one["item"], one["change"]) for one in kept["lines"]] == [
        (60_00, None, None), (-5_00, "ii_1", "chg_1"),
    ]  # fmt: skip
    assert not kept["held"]

    customer = house.order()["customer"].rsplit("/", 1)[-1]  # the shop tells of them only now
    known_at_stripe(house, customer)
    assert settled(house, facts(state="open"), after=20) == first
    assert settled(house, facts(auto_advance=False), after=10) == first  # an older fetch comes late
    now = fields(house, first, "status", "number", "customer_id", "auto_advance")
    assert now == {"status": "open", "number": "F-1", "customer_id": customer, "auto_advance": False}

    second = settled(house, facts("in_2", tags={"opsconsole_replaces": "in_1"}))
    assert fields(house, second, "replaces_id") == {"replaces_id": first}


def test_a_deleted_draft_keeps_what_it_was(house: House) -> None:
    assert settled(house, facts("in_never", "deleted", currency="", lines=())) == ""
    made = settled(house, facts())
    settled(house, facts(state="deleted", currency="", customer=None, total=0, lines=()), after=1)
    kept = fields(house, made, "status", "total", "currency", "final")
    assert kept == {"status": "deleted", "total": 60_00, "currency": "usd", "final": True}


def test_a_word_that_stripe_has_added_is_a_case_until_we_know_it(house: House) -> None:
    made = settled(house, facts(state="sleeping"))
    [case] = cases_of(house, made)
    assert case["reason"] == "vendor_status_unknown" and "“sleeping”" in case["says"]
    assert fields(house, made, "status") == {"status": "unknown"}
    settled(house, facts(state="paid"), after=1)
    assert not cases_of(house, made)


def test_what_cannot_be_sent_is_a_case_with_what_to_do(house: House) -> None:
    known_at_stripe(house, house.order()["customer"].rsplit("/", 1)[-1])
    told = {
        "customer_tax_location_invalid": ("where the customer lives", "customers.readdress"),
        "tax_id_invalid": ("tax number is not a valid one", "billing.finalise"),
        "something_new": ("Stripe could not send it: Words of Stripe's.", "billing.finalise"),
    }
    for number, (code, (words, act)) in enumerate(told.items(), 1):
        stuck = facts(f"in_{number}", error_code=code, error_words="Words of Stripe's.")
        made = settled(house, stuck)
        [case] = cases_of(house, made)
        assert case["reason"] == "invoice_not_finalised"
        assert words in case["says"] and case["suggests"]["act"] == act
        settled(house, facts(f"in_{number}", "open"), after=1)
        assert not cases_of(house, made)
    waits = settled(house, facts("in_9", tax_status="requires_location_inputs"))
    assert [case["reason"] for case in cases_of(house, waits)] == ["invoice_not_finalised"]

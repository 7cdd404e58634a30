"""The 22 causes: each fires on its scene, and keeps quiet on one that is almost it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from opsconsole.db import db, instant
from opsconsole.models import Order, Prescription
from opsconsole.services.fills import RECIPES
from opsconsole.services.prescriptions import ASK, CAUSES, Finding, diagnose

from ..gates.scenes import order, prescribed, served
from ..house import House
from ..statements import statements

NOW = "instant()"


def _fill(code: str, status: str = "error") -> str:
    return f"update fills set status = '{status}', code = '{code}', vendor_code = 'X1'"


def _sent(status: str, code: str | None, hours: int = 5) -> str:
    """The prescription of the ready order was sent to its pharmacy."""
    return (
        "insert into prescription_requests (id, kind, status, status_since, created_at, customer_id, prescription_id,"
        " raw_status, business_status, reason, note, failure_code, says, by, by_id, trace_id, prescription_external_id)"
        f" select 'prq_1', 'transmit', '{status}', {NOW} - interval '{hours} hours', {NOW} - interval '{hours} hours',"
        f" customer_id, id, '', '', '', '', {repr(code) if code else 'null'}, 'x', 'a test', 'x', 'trc_1', external_id"
        " from prescriptions where external_id = 'rx-9'"
    )


_FLAG = (
    "insert into review_flags (id, kind, severity, effect, status, customer_id, source, why, by)"
    " select 'flg_1', 'pregnancy', 'high', '{}', 'open', customer_id, 'rule:x', '', '' from orders where id = :ready"
)
# code -> (whose order, what makes it so, what is almost it)
SCENES: dict[str, tuple[str, str, str]] = {
    "duplicate_therapy": ("filled", _fill("interaction"), _fill("interaction", "filling")),
    "product_mismatch": (
        "ready", "update prescriptions set sku = 'NC-100-60' where external_id = 'rx-9'",
        "update prescriptions set sku = 'NC-100-60', status = 'discontinued' where external_id = 'rx-9'",
    ),
    "quantity_mismatch": (
        "ready", "update products set quantity = 30, unit = 'g'", "update products set quantity = 1.000, unit = null",
    ),
    "wrong_sig": ("filled", _fill("sig_unclear", "exception"), _fill("sig_unclear", "acknowledged")),
    "md_outreach": ("filled", _fill("md_outreach", "triage"), _fill("md_outreach", "filling")),
    "cancel_denied": (
        "filled", "update fills set status = 'cancel_denied'", "update fills set status = 'cancel_requested'",
    ),
    "duplicate_order": ("filled", _fill("duplicate_order"), _fill("duplicate_order", "dispensed")),
    "patient_mismatch": ("filled", _fill("patient_mismatch", "exception"), _fill("patient_mismatch", "canceled")),
    "state_licence_mismatch": (
        "ready", "update provider_licences set status = 'suspended' where state = 'NV'",
        "update provider_licences set status = 'suspended' where state = 'CA'",
    ),
    "prescriber_id_problem": ("ready", "update providers set active = false", "update providers set credential = 'DO'"),
    "rx_missing": (
        "ready", "delete from prescriptions where external_id = 'rx-9'",
        "update prescriptions set status = 'pending_signature' where external_id = 'rx-9'",
    ),
    "rx_expired": (
        "ready",
        f"update prescriptions set expires_on = {NOW}::date - 2", f"update prescriptions set expires_on = {NOW}::date",
    ),
    "no_refills": ("ready", "update prescriptions set fills_used = 3", "update prescriptions set fills_used = 2"),
    "rx_rejected_by_network": ("ready", _sent("failed", "900"), _sent("failed", "600")),
    "rx_not_transmitted": ("ready", _sent("failed", "600"), _sent("requested", None, hours=0)),
    "pharmacy_declined": ("filled", _fill("pharmacy_declined", "rejected"), _fill("pharmacy_declined", "acknowledged")),
    "bad_address": (
        "ready", "update orders set address_verdict = 'unverifiable'", "update orders set address_verdict = 'overridden'",
    ),
    "returned_to_sender": ("filled", "update orders set status = 'returned'", "update orders set status = 'delivered'"),
    "out_of_stock": ("ready", "update pharmacy_offers set stock = 'out'", "update pharmacy_offers set stock = 'low'"),
    "prior_auth": ("filled", _fill("prior_auth"), _fill("prior_auth", "filling")),
    "refill_too_soon": ("filled", _fill("refill_too_soon", "exception"), _fill("refill_too_soon", "acknowledged")),
    "days_supply_mismatch": ("ready", "update products set days_supply = 90", "update products set days_supply = 60"),
}  # fmt: skip
CLINICAL = {
    "duplicate_therapy",
    "quantity_mismatch",
    "wrong_sig",
    "md_outreach",
    "rx_missing",
    "rx_expired",
    "no_refills",
}


@pytest.fixture
def orders(house: House) -> dict[str, str]:
    """An order that is ready, and another customer's that a pharmacy has: their ids."""
    served(house)
    ready, filled = order(house), order(house, customer="cust-2")
    prescribed(house)
    prescribed(house, "cust-2", external_id="rx-2")
    house.api().post(f"{filled['url']}/submit", {})
    return {"ready": ready["id"], "filled": filled["id"]}


def _found(house: House, about: str, statement: str, **values: Any) -> dict[str, Finding]:
    """What is found while it is so; afterwards it is as it was."""
    with house.app.app_context():
        db.session.execute(text(statement), values)
        now = db.session.scalar(db.select(instant()))
        subject = Order.require(about) if about.startswith("ord_") else Prescription.require(about)
        with statements(house) as made:
            found = diagnose(subject, now)
        db.session.rollback()
    assert len(made) <= 16, made
    return {one.code: one for one in found}


def test_each_cause_fires_and_keeps_quiet_on_what_is_almost_it(house: House, orders: dict[str, str]) -> None:
    assert set(SCENES) == set(CAUSES) and len(CAUSES) == 22
    for kind in orders.values():
        assert _found(house, kind, "select 1") == {}
    for code, (whose, fires, almost) in SCENES.items():
        found = _found(house, orders[whose], fires)
        assert code in found, (code, found)
        one = found[code]
        assert one.says.endswith(".") and one.title and one.evidence and one.offers, code
        assert "tretinoin" not in f"{one}".lower(), code
        assert code not in CLINICAL or one.offers[0].act == ASK or code == "no_refills", (code, one.offers)
        for offer in one.offers:
            answers = RECIPES.get({"wrong_sig": "sig_unclear"}.get(code, code))
            assert offer.act != "fills.answer" or (answers and offer.fields["answer"] in answers.answers), (
                offer
            )
        assert code not in _found(house, orders[whose], almost), code


def test_the_most_harmful_comes_first_and_a_flag_is_not_named(house: House, orders: dict[str, str]) -> None:
    both = f"update pharmacy_offers set stock = 'out'; update prescriptions set fills_used = 3; {_FLAG.format('block')}"
    found = _found(house, orders["ready"], both.replace(":ready", f"'{orders['ready']}'"))
    assert (
        list(found) == ["duplicate_therapy", "no_refills", "out_of_stock"] or "duplicate_therapy" not in found
    )
    unfit = f"update products set not_in_pregnancy = true; {both}".replace(":ready", f"'{orders['ready']}'")
    found = _found(house, orders["ready"], unfit)
    assert [*found] == ["duplicate_therapy", "no_refills", "out_of_stock"]
    assert "pregnan" not in str(found).lower()
    seen = unfit.replace("'block'", "'review'")
    assert "duplicate_therapy" not in _found(house, orders["ready"], seen)


def test_an_unmapped_prescription_is_to_be_mapped_by_an_ops_lead(
    house: House, orders: dict[str, str]
) -> None:
    statement = (
        """update prescriptions set sku = null, keys = '[{"system": "rxnorm", "code": "106304"}]'"""
        " where external_id = 'rx-9';"
        "insert into unmapped_keys (id, system, key, named, status) values ('umk_1', 'rxnorm', '106304', 'x', 'open')"
    )
    found = _found(house, orders["ready"], statement)
    assert [*found] == ["product_mismatch"] and found["product_mismatch"].who == "ops_lead"
    first = found["product_mismatch"].offers[0]
    assert (first.act, first.subject, first.fields) == ("products.map", "umk_1", {"product": "NC-050-60"})


def test_it_is_told_on_the_prescription_too_and_nothing_of_what_has_left(
    house: House, orders: dict[str, str]
) -> None:
    rx = house.rows("select id from prescriptions where external_id = 'rx-9'")[0].id
    assert [*_found(house, rx, "update products set days_supply = 90")] == ["days_supply_mismatch"]
    assert [*_found(house, rx, "update prescriptions set fills_used = 3")] == ["no_refills"]
    gone = "update orders set status = 'delivered'; update prescriptions set fills_used = 3"
    assert _found(house, orders["ready"], gone) == {}

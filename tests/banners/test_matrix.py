"""Every banner x act cell, decided where acts are run: what blocks is refused at every door, nothing else is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from opsconsole.db import db
from opsconsole.models import Order
from opsconsole.services import ACTS, STRIPE, WORKER, preview, tokens, transaction
from opsconsole.services.banners import KINDS, OVERRIDES, WATCHED, Blocked, _guard, _kinds, blockers, check

from ..house import TOKENS, House
from ..scenes import declined, issue, nothing_written, refused
from ..statements import statements
from .scenes import act_called, places, plant

# The acts that programs may rely on, also those that are still to come.
PROMISED = {
    "orders": "record hold release cancel readdress reroute", "reorders": "place", "replacements": "issue",
    "refunds": "issue withdraw", "subscriptions": "pause resume skip reschedule swap cancel reactivate",
    "billing": "hold release adjust finalise void reissue credit", "prescriptions": "resend cancel link fix",
    "visits": "claim approve deny ask refer", "cases": "claim snooze retry settle dismiss hand_over",
    "approvals": "approve reject", "customers": "record correct refresh note",
}  # fmt: skip
NAMES = {f"{noun}.{verb}" for noun, verbs in PROMISED.items() for verb in verbs.split()}
EVERY_ACT = sorted(NAMES | {name for name, act in ACTS.items() if act.for_people})


def actor(house: House) -> Any:
    with house.app.app_context():
        return tokens.actor_of(TOKENS["demo"], address="127.0.0.1")


def test_the_table_names_only_acts_there_are_or_will_be() -> None:
    for kind in KINDS.values():
        assert kind.blocks | kind.warns <= set(EVERY_ACT), kind.code
        assert not kind.blocks & kind.warns and kind.stands_on <= {"customer", "order"} and kind.stands_on
        assert kind.tone in ("info", "warn", "bad") and kind.says.endswith(".") and kind.advises.endswith(".")
        assert (kind.override in OVERRIDES) == bool(kind.blocks)
    assert {"dispute_open", "fraud_warning", "do_not_ship", "undeliverable_address"} < KINDS.keys()
    assert {"allergy_conflict", "minor"} < KINDS.keys()


def test_every_act_that_is_shown_has_words() -> None:
    page = Path(__file__).parents[2] / "opsconsole" / "templates" / "banners" / "_one.html"
    said = set(re.findall(r'"(\w+\.\w+)": "', page.read_text()))
    assert {act for kind in KINDS.values() for act in kind.blocks | kind.warns} <= said


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_cell_is_decided_as_the_table_says(house: House, kind: str) -> None:
    """The deciding function itself, for every act there is or will be, on the order, its customer and another order."""
    order, other = house.order("60.00"), house.order("60.00", customer="cust-2")
    by, customer = actor(house), order["customer"].rsplit("/", 1)[-1]
    for on in places(kind):
        banner = plant(house, kind, order, on)
        with house.app.app_context():
            for name in EVERY_ACT:
                one = ACTS.get(name) or type("Later", (), {"name": name})()
                under = {order["id"]: True, customer: on == "customer", other["id"]: False}
                for subject, stands in under.items():
                    blocks = stands and name in KINDS[kind].blocks
                    assert _refuses(one, subject, by) == blocks, (kind, on, name, subject)
                assert not _refuses(one, order["id"], WORKER) and not _refuses(one, order["id"], STRIPE)
        _forget(house, banner)


def _refuses(act: Any, subject: str, by: Any) -> bool:
    try:
        check(act, subject, by)
    except Blocked:
        return True
    return False


def _forget(house: House, banner: str) -> None:
    with house.app.app_context():
        db.session.execute(db.text("delete from banners where id = :id"), {"id": banner})
        db.session.commit()


@pytest.mark.own_app
def test_every_blocked_act_is_refused_at_its_door_and_writes_nothing(house: House) -> None:
    api, orders = house.api(), {kind: house.order("60.00", customer=f"of-{kind}") for kind in sorted(KINDS)}
    for kind, order in orders.items():
        plant(house, kind, order, places(kind)[0])
    for name in sorted(WATCHED):
        with act_called(house, name) as door:
            for kind, order in orders.items():
                try:
                    if kind in blockers(name):
                        words = refused(house, api, f"{door}/{order['id']}", {}, "blocked")
                        assert KINDS[kind].label in words and KINDS[kind].overridden_by in words.lower()
                        refused(house, api, f"{door}/{order['id']}?preview=1", {}, "blocked")
                    else:
                        api.post(f"{door}/{order['id']}", {})
                except AssertionError as failed:
                    failed.add_note(f"{name} under {kind}")
                    raise


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_acts_that_there_are_go_on_unless_the_table_blocks_them(house: House, kind: str) -> None:
    """Real acts through their own doors. One that a kind blocks from now on needs no change here."""
    order, api = house.order("60.00"), house.api()
    done = issue(house, order, "5.00")["subject"]
    plant(house, kind, order, places(kind)[0])
    doors = {
        "refunds.issue": (f"{order['url']}/refund", {"amount": "5.00", "reason": "goodwill"}),
        "refunds.withdraw": (f"{done}/withdraw", {}),
        "messages.send": (f"{order['customer']}/message", {"template": "call_us"}),
    }
    for name, (url, body) in doors.items():
        if kind in blockers(name) and (name != "messages.send" or "customer" in KINDS[kind].stands_on):
            refused(house, api, url, body, "blocked")
        else:
            api.post(url, body)


def test_what_belongs_to_the_order_or_the_customer_is_blocked_too(house: House) -> None:
    """A refund's own act is stopped by a banner on its order, and by one on its customer."""
    order, by = house.order("60.00"), actor(house)
    refund = issue(house, order, "5.00")["subject"].rsplit("/", 1)[-1]
    for on in ("order", "customer"):
        banner = plant(house, "do_not_ship", order, on)
        with house.app.app_context():
            assert _refuses(type("Later", (), {"name": "orders.release"})(), refund, by)
        _forget(house, banner)


def test_trying_again_is_doing_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry repeats what an act promised: what blocks that act blocks the retry."""
    order, _, case = declined(house)
    plant(house, "do_not_ship", order, "order")
    retry = {"reason": "again", "fix": {"amount": "1.00"}}
    row = KINDS["do_not_ship"]
    with monkeypatch.context() as blocked:
        blocked.setattr(_guard, "WATCHED", WATCHED | {"refunds.issue"})
        blocked.setattr(
            _kinds, "_ALL", [type(row)(**{**vars(row), "blocks": row.blocks | {"refunds.issue"}})]
        )
        refused(house, house.api(), f"{case['url']}/retry", retry, "blocked")
    house.api().post(f"{case['url']}/retry", retry)


@pytest.mark.own_app
def test_a_direct_call_and_an_act_called_by_an_act_are_refused_too(house: House) -> None:
    order, by = house.order("60.00"), actor(house)
    plant(house, "do_not_ship", order, "customer")
    with act_called(house, "orders.release"), house.app.app_context():
        act, by = ACTS["orders.release"], actor(house)
        with nothing_written(house):
            with pytest.raises(Blocked):
                act(order["id"], by=by)
            with pytest.raises(Blocked), transaction():
                Order.lock(order["id"])
                act(order["id"], by=by)
            with pytest.raises(Blocked):
                preview(act, order["id"], {}, by=by)


def test_an_act_that_no_banner_blocks_costs_nothing_and_one_that_some_do_one_statement(house: House) -> None:
    order, by = house.order("60.00"), actor(house)
    with house.app.app_context():
        for name, most in (("refunds.issue", 0), ("orders.release", 1)):
            with statements(house) as sent:
                check(type("Later", (), {"name": name})(), order["id"], by)  # type: ignore[arg-type]
            assert len(sent) == most

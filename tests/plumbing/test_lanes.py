"""A lane: what changes one vendor object happens one after the other, and other objects do not wait."""

from __future__ import annotations

from opsconsole.db import db, own_connection
from opsconsole.services import outbox

from ..house import House
from ..scenes import WINDOW, issue, paid_back


def waiting(house: House) -> list[str]:
    with house.app.app_context():
        return [id for id, _ in outbox.due()]


def promise_of(house: House, answer: dict[str, list[dict[str, str]]]) -> str:
    return answer["promises"][0]["id"]


def test_only_heads_of_lanes_are_due_in_the_order_they_were_promised(house: House) -> None:
    one, other = house.order("60.00"), house.order("60.00")
    first, second, apart = (promise_of(house, issue(house, order)) for order in (one, one, other))
    assert waiting(house) == []
    house.advance(WINDOW)
    assert waiting(house) == [first, apart]
    house.drain()
    assert house.api().get(f"/promises/{second}")["status"] == "kept" and len(paid_back(house)) == 3


def test_a_withdrawn_one_holds_nobody_up(house: House) -> None:
    order = house.order("60.00")
    first, second = issue(house, order), issue(house, order, "2.00")
    house.api().post(first["undo"])
    house.later(WINDOW)
    assert paid_back(house) == [200] and house.api().get(second["subject"])["status"] == "succeeded"


def test_one_that_waits_for_a_person_holds_nobody_up(house: House) -> None:
    order = house.order("60.00")
    declined = issue(house, order, "10.00")
    house.sandbox.fault(kind="drop", method="webhook")
    from ..scenes import refund_elsewhere

    refund_elsewhere(house, order, 5500)
    following = issue(house, order, "5.00")
    house.later(WINDOW)
    assert house.api().get(declined["subject"])["status"] == "failed"
    assert house.api().get(following["subject"])["status"] == "succeeded"


def test_what_is_not_due_or_not_its_turn_is_not_claimed(house: House) -> None:
    order = house.order("60.00")
    first, second = promise_of(house, issue(house, order)), promise_of(house, issue(house, order))
    with house.app.app_context():
        connection = own_connection()
        assert outbox.keep(first, connection=connection) is None  # too early: it can be undone
        house.advance(WINDOW)
        assert outbox.keep(second, connection=connection) is None  # the other goes first
        assert outbox.keep("prm_nowhere", connection=connection) is None
        assert outbox.keep(first, connection=connection) == "kept"
        assert outbox.keep(first, connection=connection) is None  # once is enough
        assert outbox.keep(second, connection=connection) == "kept"
        connection.close()
        db.session.remove()
    assert paid_back(house) == [1000, 1000]

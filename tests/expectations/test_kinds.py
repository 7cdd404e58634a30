"""The table of what is awaited agrees with what tells of it, with what asks for it and with the database."""

from __future__ import annotations

from opsconsole import jobs
from opsconsole.db import db
from opsconsole.services import expectations, inbox, outbox

from ..house import House

# Calls that change something and whose answer is all there is: nothing is told of it later that anybody waits for.
ANSWERED = {
    "billing", "customers", "lifecycle", "questionnaires", "reconciliation", "staff", "subscriptions", "visits",
    "fills.cancel", "fills.answer",
}  # fmt: skip


def test_every_kind_is_told_of_by_an_event_that_is_settled_and_asked_by_its_port(house: House) -> None:
    assert jobs
    for kind in expectations.KINDS.values():
        for source, event in kind.events.items():
            how = inbox.ROUTES[source, event]
            assert expectations.PORTS[source] in (how.port, "payments"), kind.name
        assert kind.says and kind.rule.endswith("."), kind.name
        assert set(kind.watches) <= {column.name for column in kind.of.__table__.columns}, kind.name
    with house.app.app_context():
        for kind in expectations.KINDS.values():
            assert db.session.execute(kind.stand()).all() == []  # the database understands it


def test_every_promise_that_changes_something_says_what_should_come_back() -> None:
    silent = set()
    for name, keeper in outbox.KEEPERS.items():
        assert set(keeper.expects) <= set(expectations.KINDS), name
        if keeper.changes and not keeper.expects:
            silent.add(name if name in ANSWERED else name.split(".")[0])
    assert silent == ANSWERED, "what should come back of it?"

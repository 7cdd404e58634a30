"""A worker that was thought dead and comes back: what it says is not taken, and nothing happens twice."""

from __future__ import annotations

import threading

import pytest

from opsconsole import vendors
from opsconsole.db import own_connection
from opsconsole.services import outbox

from ..house import House
from ..scenes import WINDOW, issue, paid_back


class SlowWorker:
    """Keeps a promise in a thread, and stands still inside the call until it is let go."""

    def __init__(self, house: House, promise_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calling, self.go = threading.Event(), threading.Event()
        self.outcome: str | None = "not yet"
        adapter = vendors.port("payments")
        real = adapter.refund

        def refund(*args: object, **more: object) -> object:
            if threading.current_thread() is self.thread:
                self.calling.set()
                assert self.go.wait(20)
            return real(*args, **more)

        monkeypatch.setattr(adapter, "refund", refund)
        self.thread = threading.Thread(target=self._work, args=(house, promise_id))
        self.thread.start()
        assert self.calling.wait(20)

    def _work(self, house: House, promise_id: str) -> None:
        with house.app.app_context():
            self.connection = own_connection()
            self.outcome = outbox.keep(promise_id, connection=self.connection)

    def finish(self) -> None:
        self.go.set()
        self.thread.join(20)
        self.connection.close()


def sweep(house: House) -> int:
    with house.app.app_context():
        connection = own_connection()
        freed = outbox.sweep(connection)
        connection.close()
        return freed


def test_a_slow_worker_is_not_taken_for_a_dead_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    done = issue(house, house.order("60.00"))
    house.advance(WINDOW)
    slow = SlowWorker(house, done["promises"][0]["id"], monkeypatch)
    promise = house.api().get(f"/promises/{done['promises'][0]['id']}")
    assert (promise["status"], promise["attempts"], promise["maybe_done"]) == ("claimed", 1, True)
    assert house.api().get(done["subject"])["status"] == "submitted"  # committed before a byte left
    house.advance(3600)
    assert sweep(house) == 0
    house.work()
    assert paid_back(house) == []
    slow.finish()
    house.drain()
    assert slow.outcome == "kept" and paid_back(house) == [1000]


def test_who_lost_its_lock_is_superseded(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    done = issue(house, house.order("60.00"))
    house.advance(WINDOW)
    slow = SlowWorker(house, done["promises"][0]["id"], monkeypatch)
    slow.connection.exec_driver_sql("select pg_advisory_unlock_all()")  # as if its connection had died
    assert sweep(house) == 1
    house.later(5)
    assert house.api().get(done["subject"])["status"] == "succeeded"
    slow.finish()
    house.drain()
    promise = house.api().get(f"/promises/{done['promises'][0]['id']}")
    assert slow.outcome is None and promise["status"] == "kept"
    assert [one["outcome"] for one in promise["tries"]] == ["lost", "kept"]
    assert paid_back(house) == [1000]

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from opsconsole.vendors import sandbox_load
from opsconsole.vendors.sandbox_load import NotLoaded, load
from tests.vendors.wire import Heard, Wire, http

CUSTOMERS = [{"object": "customer", "id": "cus_1"}, {"object": "customer", "id": "cus_2"}]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    monkeypatch.setattr(sandbox_load.time, "sleep", lambda seconds: None)
    made = Wire()
    yield made
    made.close()


def test_what_got_no_answer_is_sent_again_unchanged(wire: Wire) -> None:
    def hang_up_once(heard: Heard, conn: socket.socket) -> None:
        if len(wire.heard) > 1:
            conn.sendall(http({"loaded": 0, "unchanged": 2}))
        else:
            conn.shutdown(socket.SHUT_RDWR)

    wire.say = hang_up_once
    assert load(wire.url, CUSTOMERS) == {"loaded": 0, "unchanged": 2}
    first, second = wire.heard
    assert first.body == second.body
    assert first.body.count(b"\n") == 1


def test_a_refusal_is_told_and_not_repeated(wire: Wire) -> None:
    wire.answers(http({"error": "refunds exceed the payment"}, "400 Bad Request"))
    with pytest.raises(NotLoaded, match="refunds exceed the payment"):
        load(wire.url, CUSTOMERS)
    assert len(wire.heard) == 1


def test_it_gives_up_with_a_sentence(wire: Wire) -> None:
    wire.answers(http("down", "503 Service Unavailable"))
    with pytest.raises(NotLoaded, match="does not answer"):
        load(wire.url, CUSTOMERS)
    assert len(wire.heard) == sandbox_load.TRIES

"""What any adapter of the pharmacy port must keep: a test file subclasses `PharmacyContract`.

It gives two fixtures: `adapter`, and `world`, the pharmacy's side of things: it goes wrong on demand, decides what
becomes of a fill, and has its own book of what it really makes up.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from itertools import product
from typing import Any, Protocol

import pytest

from opsconsole.vendors import Call, Declined, NotParseable, Unavailable
from opsconsole.vendors.pharmacy import CancelState, FillFacts, FillState, Pharmacy, PharmacyDelivery

from .payments_contract import Promise

ADDRESS = {
    "name": "Jo Field",
    "line1": "1 Elm St",
    "city": "Reno",
    "state": "NV",
    "zip": "89501",
    "country": "US",
}
ITEMS = [{"sku": "MX-NC60", "quantity": 1}]

# fault -> maybe_done, credentials, fills made
FAULTS = {
    "lost answer": (True, False, 1),
    "lost before": (True, False, 0),
    "garbage": (True, False, 1),
    "error after": (True, False, 1),
    "error before": (True, False, 0),
    "down": (True, False, 0),
    "slow down": (False, False, 0),
    "bad key": (False, True, 0),
    "forbidden": (False, True, 0),
}
DIALS: dict[str, dict[str, Any]] = {
    "lost answer": {"kind": "lost_answer", "side": "after"},
    "lost before": {"kind": "lost_answer", "side": "before"},
    "garbage": {"kind": "garbage", "side": "after"},
    "error after": {"kind": "error_500", "side": "after"},
    "error before": {"kind": "error_500", "side": "before"},
    "down": {"kind": "down"},
    "slow down": {"kind": "rate_limit"},
    "bad key": {"kind": "unauthorized"},
    "forbidden": {"kind": "forbidden"},
    "slow": {"kind": "slow", "seconds": 0.05},
}


class World(Protocol):
    """The pharmacy, as a test sees it from behind."""

    def now(self) -> datetime: ...

    def later(self, hours: float = 0.01) -> None:
        """Move the pharmacy's time on, and let fall due what then falls due."""
        ...

    def made(self, ref: str, what: str = "fill") -> list[str]:
        """The ids of the fills (answers, cancellations) that a promise really led to, from its own book."""
        ...

    def move(self, id: str, status: str, code: str | None = None) -> None:
        """What its staff does to a fill."""
        ...

    def fail(self, how: str, what: str = "submit", *, times: int | None = 1) -> None:
        """The next calls (submit, cancel, answer, address) go wrong: a key of DIALS."""
        ...

    def heal(self) -> None: ...

    def told(self) -> list[tuple[dict[str, str], bytes]]:
        """Every delivery so far: headers and body."""
        ...


def submit(adapter: Pharmacy, call: Call, *, fate: str = "", prescription: str = "rx_1") -> FillFacts:
    return adapter.submit_fill(
        call, order="S-1001", patient="cst_1", prescription=prescription, fill_number=1, items=ITEMS,
        ship_to=ADDRESS | ({"line2": f"FATE {fate}"} if fate else {}),
    )  # fmt: skip


def try_to(adapter: Pharmacy, call: Call) -> FillFacts | None:
    """One attempt; None when its outcome is unknown."""
    try:
        return submit(adapter, call)
    except Unavailable as failure:
        assert failure.maybe_done
        return None


def fetched(adapter: Pharmacy, id: str | None) -> FillFacts:
    found = adapter.fetch_fill(id or "")
    assert found
    return found


class PharmacyContract:
    name: str
    asks: str  # the fate that makes it ask us something, and our code for it
    asks_code: str

    @pytest.fixture
    def adapter(self) -> Pharmacy:
        raise NotImplementedError

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    # once per ref, for ever

    def test_a_fill_is_accepted_made_and_shipped(self, adapter: Pharmacy, world: World) -> None:
        accepted = submit(adapter, Promise().attempt())
        assert accepted.state is FillState.ACCEPTED and accepted.id
        seen = [fetched(adapter, accepted.id).state]
        for hours in (0.01, 0.2, 6.1, 61):
            world.later(hours)
            seen.append(fetched(adapter, accepted.id).state)
        assert seen == [
            FillState.ACCEPTED, FillState.ACKNOWLEDGED, FillState.FILLING, FillState.SHIPPED, FillState.DELIVERED,
        ]  # fmt: skip
        now = fetched(adapter, accepted.id)
        assert now.carrier and now.tracking_number and now.tracking_number.startswith("1Z")
        assert now.ref == "prm_1" and now.tags["opsconsole_order"] == "ord_1"
        assert world.made("prm_1") == [accepted.id]

    def test_the_same_promise_again_is_one_fill(self, adapter: Pharmacy, world: World) -> None:
        for number, (hours, round, ask_first) in enumerate(product((0, 1, 30), (1, 2), (False, True))):
            ref = f"prm_{number}"
            promise = Promise(ref)
            first = submit(adapter, promise.attempt(), prescription=ref)
            world.later(hours)
            call = promise.attempt(round=round, ask_first=ask_first or hours > 23)  # as the outbox does
            assert submit(adapter, call, prescription=ref).id == first.id
            world.later(1)
            assert world.made(ref) == [first.id], (hours, round, ask_first)

    def test_a_fault_says_whether_it_may_be_done(self, adapter: Pharmacy, world: World) -> None:
        for how, (maybe_done, credentials, fills) in FAULTS.items():
            promise = Promise(f"prm_{how}")
            world.fail(how)
            with pytest.raises(Unavailable) as caught:
                submit(adapter, promise.attempt(), prescription=how)
            assert (caught.value.maybe_done, caught.value.credentials) == (maybe_done, credentials), how
            world.heal()
            world.later()
            assert len(world.made(promise.ref)) == fills, how
            submit(adapter, promise.attempt(), prescription=how)
            world.later(1)
            assert len(world.made(promise.ref)) == 1, how

    def test_many_at_once_are_one_fill(self, adapter: Pharmacy, world: World) -> None:
        """Without keys the second one may get in, and is then refused as a duplicate: nothing is made twice."""
        promise = Promise()
        world.fail("slow", times=None)
        senders = [threading.Thread(target=lambda: try_to(adapter, promise.attempt())) for _ in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        world.heal()
        world.later(1)
        assert len(world.made("prm_1")) == 1

    def test_what_is_sent_again_is_what_was_sent_before(self, adapter: Pharmacy, world: World) -> None:
        promise = Promise()
        world.fail("lost before")
        assert try_to(adapter, promise.attempt()) is None
        submit(adapter, promise.attempt(), fate="NEVER")
        world.later(0.1)
        found = adapter.find_fill("prm_1")
        assert found and found.state is FillState.ACKNOWLEDGED

    def test_two_promises_are_two_fills(self, adapter: Pharmacy, world: World) -> None:
        for ref in ("prm_1", "prm_2"):
            submit(adapter, Promise(ref).attempt(ask_first=True), prescription=f"rx of {ref}")
        assert len(world.made("prm_1")) == len(world.made("prm_2")) == 1

    def test_what_is_made_good_is_no_duplicate_of_what_has_left(
        self, adapter: Pharmacy, world: World
    ) -> None:
        def remake(ref: str, of: str | None) -> FillFacts:
            return adapter.submit_fill(
                Promise(ref).attempt(ask_first=True), order="S-1001-R1", patient="cst_1", prescription="rx_1",
                fill_number=1, items=ITEMS, ship_to=ADDRESS, replaces=of,
            )  # fmt: skip

        first = submit(adapter, Promise().attempt())
        with pytest.raises(Declined):
            remake("prm_2", first.id)  # nothing has left yet
        for hours in (0.01, 0.2, 6.1):
            world.later(hours)
        again = remake("prm_3", first.id)
        world.later()
        assert again.id != first.id and fetched(adapter, again.id).state is FillState.ACKNOWLEDGED
        assert world.made("prm_3") == [again.id] and world.made("prm_2") == []

    def test_a_fill_is_found_by_our_ref(self, adapter: Pharmacy, world: World) -> None:
        assert adapter.find_fill("prm_1") is None
        made = submit(adapter, Promise().attempt())
        found = adapter.find_fill("prm_1")
        assert found and found.id == made.id and adapter.find_fill("prm_") is None

    def test_a_fill_that_ended_is_the_outcome_of_its_own_round(self, adapter: Pharmacy, world: World) -> None:
        promise = Promise()
        first = submit(adapter, promise.attempt(), fate="NEVER")
        world.later(0.1)
        again = submit(adapter, promise.attempt(ask_first=True))
        assert again.id == first.id and again.state is FillState.CANCELED
        anew = submit(adapter, promise.attempt(round=2, ask_first=True))
        assert anew.id != first.id and len(world.made("prm_1")) == 2

    # facts

    def test_what_is_not_there_is_none(self, adapter: Pharmacy, world: World) -> None:
        for id in ("TP-1", "hb-00000001", "../ping", "a?b=c", "é"):
            assert adapter.fetch_fill(id) is None

    def test_a_status_nobody_has_told_of_is_unknown(self, adapter: Pharmacy, world: World) -> None:
        id = submit(adapter, Promise().attempt(), fate="STATUS NewStatusX").id
        world.later()
        now = fetched(adapter, id)
        assert (now.state, now.raw_status) == (FillState.UNKNOWN, "NewStatusX")
        assert any(
            one.kind.endswith("unknown") or one.kind == "RX_UPDATED" for one in self.heard(adapter, world)
        )

    # stopping

    def test_a_fill_that_is_not_made_yet_is_stopped(self, adapter: Pharmacy, world: World) -> None:
        id = submit(adapter, Promise().attempt()).id or ""
        world.later()
        first = adapter.cancel_fill(Promise("prm_2").attempt(), id=id)
        adapter.cancel_fill(Promise("prm_2").attempt(), id=id)
        assert first.state is FillState.CANCELED or first.cancel is CancelState.ASKED
        world.later()
        assert fetched(adapter, id).state is FillState.CANCELED
        assert len(world.made("prm_1", "fill_cancel")) == 1

    def test_a_fill_that_is_made_is_not_stopped(self, adapter: Pharmacy, world: World) -> None:
        id = submit(adapter, Promise().attempt()).id or ""
        world.later(0.3)
        facts = adapter.cancel_fill(Promise("prm_2").attempt(), id=id)
        world.later()
        assert CancelState.DENIED in (facts.cancel, fetched(adapter, id).cancel)
        assert fetched(adapter, id).state is FillState.FILLING

    def test_what_has_shipped_says_so(self, adapter: Pharmacy, world: World) -> None:
        id = submit(adapter, Promise().attempt()).id or ""
        for hours in (0.01, 0.2, 6.2):
            world.later(hours)
        assert adapter.cancel_fill(Promise("prm_2").attempt(), id=id).state is FillState.SHIPPED

    def test_a_lost_answer_to_a_wish_to_stop(self, adapter: Pharmacy, world: World) -> None:
        for how in ("lost answer", "lost before", "error after"):
            ref = f"prm_{how}"
            id = submit(adapter, Promise(ref).attempt(), prescription=how).id or ""
            stop = Promise(f"{ref} stop")
            world.fail(how, "cancel")
            with pytest.raises(Unavailable) as caught:
                adapter.cancel_fill(stop.attempt(), id=id)
            assert caught.value.maybe_done
            adapter.cancel_fill(stop.attempt(), id=id)
            world.later()
            assert fetched(adapter, id).state is FillState.CANCELED
            assert len(world.made(ref, "fill_cancel")) == 1

    # answering

    def test_what_is_asked_is_answered_once(self, adapter: Pharmacy, world: World) -> None:
        id = submit(adapter, Promise().attempt(), fate=self.asks).id or ""
        world.later()
        asked = fetched(adapter, id)
        assert asked.state in (FillState.EXCEPTION, FillState.TRIAGE) and asked.code == self.asks_code
        answer = Promise("prm_2")
        for how in ("lost answer", None, None):
            if how:
                world.fail(how, "answer")
                with pytest.raises(Unavailable):
                    adapter.answer_exception(answer.attempt(), id=id, code=self.asks_code, answer="wait")
            else:
                given = adapter.answer_exception(answer.attempt(), id=id, code=self.asks_code, answer="wait")
                assert given.answered == "wait"
        assert len(world.made("prm_1", "fill_answer")) == 1
        world.later(0.1)
        assert fetched(adapter, id).state is FillState.ACKNOWLEDGED

    def test_what_is_not_asked_is_not_answered(self, adapter: Pharmacy, world: World) -> None:
        id = submit(adapter, Promise().attempt()).id or ""
        with pytest.raises(Declined) as caught:
            adapter.answer_exception(Promise("prm_2").attempt(), id=id, code="out_of_stock", answer="wait")
        assert caught.value.code == "not_asked"
        assert world.made("prm_1", "fill_answer") == []

    # addresses

    def test_an_address_is_changed_until_it_ships(self, adapter: Pharmacy, world: World) -> None:
        id = submit(adapter, Promise().attempt()).id or ""
        elsewhere = ADDRESS | {"line1": "2 Oak St"}
        for ref in ("prm_2", "prm_3"):
            assert adapter.change_address(Promise(ref).attempt(), id=id, ship_to=elsewhere).id == id
        assert len(world.made("prm_1", "fill_address")) == 1
        for hours in (0.01, 0.2, 6.2):
            world.later(hours)
        with pytest.raises(Declined):
            adapter.change_address(Promise("prm_4").attempt(), id=id, ship_to=ADDRESS)

    # what it tells

    def heard(self, adapter: Pharmacy, world: World) -> list[PharmacyDelivery]:
        return [adapter.read(body, headers, now=world.now()) for headers, body in world.told()]

    def test_every_delivery_is_tied_to_its_fill(self, adapter: Pharmacy, world: World) -> None:
        id = submit(adapter, Promise().attempt()).id
        for hours in (0.01, 0.2, 6.2):
            world.later(hours)
        heard = self.heard(adapter, world)
        assert len(heard) >= 3 and {(one.about, one.object_id) for one in heard} == {("fill", id)}
        assert len({one.external_id for one in heard}) == len(heard)
        assert {one.tags["opsconsole_trace"] for one in heard} == {"trc_1"}
        assert [one.body for one in heard] == [body for _, body in world.told()]

    def test_the_list_tells_all_that_webhooks_told(self, adapter: Pharmacy, world: World) -> None:
        since = int(world.now().timestamp()) - 60
        for number in range(52):
            submit(adapter, Promise(f"prm_{number}").attempt(), prescription=f"rx_{number}")
        world.later(0.01)
        world.later(0.3)
        found: list[PharmacyDelivery] = []
        after, pages = None, 0
        while pages == 0 or after:
            page = adapter.events(since=since, after=after)
            found += page.items
            after, pages = page.next, pages + 1
        assert pages > 1
        assert {one.external_id for one in found} == {one.external_id for one in self.heard(adapter, world)}

    # what it has, by whomever it was ordered

    def test_its_list_has_every_fill_as_it_stands(self, adapter: Pharmacy, world: World) -> None:
        since = int(world.now().timestamp()) - 60
        ids = [
            submit(adapter, Promise(f"prm_{number}").attempt(), prescription=f"rx_{number}").id
            for number in range(102)
        ]
        world.later(0.01)
        found: list[FillFacts] = []
        after, pages = None, 0
        while pages == 0 or after:
            page = adapter.fills(since=since, after=after)
            assert page.of == adapter.name
            found += page.items
            after, pages = page.next, pages + 1
        assert pages > 1 and [one.id for one in found] == ids, "the oldest first, each once"
        assert found[0] == fetched(adapter, ids[0])
        one = found[0]
        assert (one.order, one.items, one.state_to) == ("S-1001", (("MX-NC60", 1),), "NV")
        assert adapter.fills(since=since + 86400).items == ()

    def test_its_list_knows_the_fills_of_one_order(self, adapter: Pharmacy, world: World) -> None:
        id = submit(adapter, Promise().attempt()).id
        assert [one.id for one in adapter.fills(since=0, order="S-1001").items] == [id]
        assert adapter.fills(since=0, order="S-none").items == ()

    def test_many_are_fetched_until_it_stops_answering(self, adapter: Pharmacy, world: World) -> None:
        ids = [
            submit(adapter, Promise(f"prm_{number}").attempt(), prescription=f"rx_{number}").id or ""
            for number in range(3)
        ]
        found = adapter.fetch_fills([ids[0], "nosuchfill", ids[1]])
        assert found.of == adapter.name and [*found.items] == [ids[0], "nosuchfill", ids[1]]
        assert found.items["nosuchfill"] is None and found.items[ids[1]] == fetched(adapter, ids[1])
        world.fail("slow down", f"GET */{ids[1]}")
        assert [*adapter.fetch_fills(ids).items] == [ids[0]]
        world.fail("slow down", f"GET */{ids[0]}")
        with pytest.raises(Unavailable):
            adapter.fetch_fills(ids)

    def test_what_is_no_event_is_not_parseable(self, adapter: Pharmacy, world: World) -> None:
        for body in (b"", b"{", b"null", b"[]", b'"x"', b"{}", b"[" * 100_000, b'{"id": NaN}'):
            with pytest.raises(NotParseable):
                adapter.read(body, self.signed(body, world.now()), now=world.now())

    def signed(self, body: bytes, at: datetime) -> Mapping[str, str]:
        raise NotImplementedError

    def test_health_tells_where_calls_go_and_no_secret(self, adapter: Pharmacy, world: World) -> None:
        health = adapter.health()
        assert set(health) == {"base_url", "reachable", "words", "sandbox"} and health["reachable"] is True
        world.fail("bad key", "*", times=None)
        assert "key" in adapter.health()["words"] and "secret" not in str([health, adapter.health()])

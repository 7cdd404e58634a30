"""What any adapter of the CRM port must keep: a test file subclasses `CrmContract` and `CrmReportsContract`.

It gives two fixtures: `adapter`, which knows the templates below, and `world`, the vendor's side of things:
it keeps people, goes wrong on demand, and has its own book of what was really sent.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest

from opsconsole.vendors import Call, Declined, NotAuthentic, NotParseable, Unavailable
from opsconsole.vendors.crm import ContactFacts, Crm, MessageFacts, MessageState, Template

from .payments_contract import Promise

TEMPLATES = {
    "refund_issued": Template("opsconsole_refund_issued", frozenset({"amount", "order_number"})),
    "order_delayed": Template("opsconsole_order_delayed"),
}
SAM = "cus_sam"
ADDRESS = "sam@example.test"
DATA = {"amount": "$12.00", "order_number": "1001"}

# fault -> maybe_done, credentials, messages sent
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


class World(Protocol):
    """The vendor, as a test sees it from behind."""

    def now(self) -> datetime:
        """What time it is for signatures."""
        ...

    def later(self, hours: float = 1) -> None:
        """Move the vendor's time on, and let fall due what then falls due."""
        ...

    def contact(self, id: str, email: str, **more: Any) -> None:
        """Somebody the CRM knows, or a change to them."""
        ...

    def sent(self, ref: str) -> list[str]:
        """The addresses really written to for a promise, from the vendor's own book."""
        ...

    def report(self, message: MessageFacts, metric: str) -> None:
        """Something becomes of a message, at the vendor's choice of moment."""
        ...

    def fail(self, how: str, *, times: int | None = 1) -> None:
        """The next sends go wrong: a key of FAULTS, or "slow"."""
        ...

    def heal(self) -> None: ...

    def told(self) -> list[tuple[dict[str, str], bytes]]:
        """Every delivery so far: headers and body."""
        ...

    def sign(self, body: bytes, *, at: datetime, as_us: bool = True) -> dict[str, str]:
        """The headers the vendor would send with this body, or somebody else would."""
        ...


def write(adapter: Crm, call: Call, to: str = ADDRESS, customer: str = SAM) -> MessageFacts:
    return adapter.send(call, customer=customer, to=to, template="refund_issued", data=dict(DATA))


def try_to(adapter: Crm, call: Call) -> MessageFacts | None:
    """One attempt; None when its outcome is unknown."""
    try:
        return write(adapter, call)
    except Unavailable as failure:
        assert failure.maybe_done
        return None


class Fixtures:
    @pytest.fixture
    def adapter(self) -> Crm:
        raise NotImplementedError

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def sam(self, world: World) -> None:
        world.contact(SAM, ADDRESS, phone="+15550100")


class CrmContract(Fixtures):
    """What is called."""

    # once per ref, for ever

    def test_a_message_is_accepted_and_arrives(self, adapter: Crm, world: World) -> None:
        accepted = write(adapter, Promise().attempt())
        assert accepted.state is MessageState.ACCEPTED
        assert accepted.id == adapter.message_id("prm_1") != adapter.message_id("prm_2")
        world.later()
        arrived = adapter.fetch_message(SAM, accepted.id)
        assert arrived and arrived.state is MessageState.DELIVERED
        assert (arrived.id, arrived.customer) == (accepted.id, SAM)
        assert arrived.delivery and arrived.created_at
        assert world.sent("prm_1") == [ADDRESS]

    @pytest.mark.parametrize("ask_first", [False, True])
    @pytest.mark.parametrize("round", [1, 2])
    @pytest.mark.parametrize("hours", [0, 1, 30])
    def test_the_same_promise_again_is_one_message(
        self, adapter: Crm, world: World, hours: float, round: int, ask_first: bool
    ) -> None:
        promise = Promise()
        first = write(adapter, promise.attempt())
        world.later(hours)
        assert write(adapter, promise.attempt(round=round, ask_first=ask_first)).id == first.id
        world.later()
        assert world.sent("prm_1") == [ADDRESS]

    @pytest.mark.parametrize("how", FAULTS)
    def test_a_fault_says_whether_it_may_be_done(self, adapter: Crm, world: World, how: str) -> None:
        maybe_done, credentials, messages = FAULTS[how]
        promise = Promise()
        world.fail(how)
        with pytest.raises(Unavailable) as caught:
            write(adapter, promise.attempt())
        assert (caught.value.maybe_done, caught.value.credentials) == (maybe_done, credentials)
        world.heal()
        world.later(0.1)
        assert world.sent("prm_1") == [ADDRESS] * messages
        write(adapter, promise.attempt())
        world.later()
        assert world.sent("prm_1") == [ADDRESS]

    @pytest.mark.parametrize("how", ["lost answer", "lost before"])
    @pytest.mark.parametrize("days", [1, 4, 40])
    def test_a_machine_sends_no_message_days_late_and_a_person_can(
        self, adapter: Crm, world: World, how: str, days: int
    ) -> None:
        promise = Promise()
        world.fail(how)
        assert try_to(adapter, promise.attempt()) is None
        world.later(days * 24)
        again = try_to(adapter, promise.attempt(ask_first=True))
        if again is None:
            assert how == "lost before" and days > 1
            assert world.sent("prm_1") == []
            write(adapter, promise.attempt(round=2, ask_first=True))
        world.later()
        assert world.sent("prm_1") == [ADDRESS]

    def test_many_at_once_are_one_message(self, adapter: Crm, world: World) -> None:
        promise = Promise()
        world.fail("slow", times=None)
        senders = [threading.Thread(target=lambda: try_to(adapter, promise.attempt())) for _ in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        world.heal()
        world.later()
        assert world.sent("prm_1") == [ADDRESS]

    def test_what_is_sent_again_is_what_was_sent_before(self, adapter: Crm, world: World) -> None:
        promise = Promise()
        world.fail("lost before")
        assert try_to(adapter, promise.attempt()) is None
        write(adapter, promise.attempt(), to="other@example.test")
        world.later()
        assert world.sent("prm_1") == [ADDRESS]

    def test_two_promises_are_two_messages(self, adapter: Crm, world: World) -> None:
        for ref in ("prm_1", "prm_2"):
            write(adapter, Promise(ref).attempt(ask_first=True))
        world.later()
        assert (world.sent("prm_1"), world.sent("prm_2")) == ([ADDRESS], [ADDRESS])

    def test_a_message_is_found_among_many(self, adapter: Crm, world: World) -> None:
        first = write(adapter, Promise("prm_first").attempt())
        world.later()
        for number in range(120):
            write(adapter, Promise(f"prm_{number}").attempt())
        world.later()
        found = adapter.fetch_message(SAM, first.id)
        assert found and found.id == first.id
        write(adapter, Promise("prm_first").attempt(ask_first=True))
        world.later()
        assert world.sent("prm_first") == [ADDRESS]

    # a definite no

    def test_only_the_address_the_crm_holds_is_written_to(self, adapter: Crm, world: World) -> None:
        with pytest.raises(Declined) as caught:
            write(adapter, Promise().attempt(), to="old@example.test")
        assert caught.value.code == "address_differs"
        assert "@" not in caught.value.words
        write(adapter, Promise("prm_2").attempt(), to=ADDRESS.upper())
        world.later()
        assert world.sent("prm_1") == []
        assert len(world.sent("prm_2")) == 1

    def test_a_new_round_after_a_no_goes_through(self, adapter: Crm, world: World) -> None:
        promise = Promise()
        with pytest.raises(Declined):
            write(adapter, promise.attempt(), to="old@example.test")
        write(adapter, promise.attempt(round=2, ask_first=True))
        world.later()
        assert world.sent("prm_1") == [ADDRESS]

    def test_somebody_the_crm_does_not_know_is_not_written_to(self, adapter: Crm, world: World) -> None:
        with pytest.raises(Declined) as caught:
            write(adapter, Promise().attempt(), customer="cus_nobody")
        assert caught.value.code == "contact_unknown"
        world.later()
        assert world.sent("prm_1") == []
        assert adapter.fetch_contact("cus_nobody") is None

    def test_after_an_unknown_outcome_a_changed_address_is_no_definite_no(
        self, adapter: Crm, world: World
    ) -> None:
        promise = Promise()
        world.fail("lost before")
        assert try_to(adapter, promise.attempt()) is None
        world.contact(SAM, "new@example.test")
        world.later()
        with pytest.raises(Unavailable) as caught:
            write(adapter, promise.attempt(ask_first=True))
        assert (caught.value.maybe_done, caught.value.code) == (True, "address_differs")
        assert world.sent("prm_1") == []

    @pytest.mark.parametrize(
        ("template", "data", "code"),
        [
            ("unheard_of", {}, "template_unknown"),
            ("order_delayed", {"diagnosis": "x"}, "data_refused"),
            ("refund_issued", {**DATA, "drug": "x"}, "data_refused"),
            ("refund_issued", {"amount": "$1.00"}, "data_refused"),
            ("refund_issued", {**DATA, "recipient": "x@example.test"}, "data_refused"),
            ("refund_issued", {**DATA, "amount": "x" * 201}, "data_refused"),
            ("refund_issued", {**DATA, "amount": "two\nlines"}, "data_refused"),
            ("refund_issued", {**DATA, "amount": 12}, "data_refused"),
        ],
    )
    def test_only_what_the_template_lists_goes_out(
        self, adapter: Crm, world: World, template: str, data: dict[str, Any], code: str
    ) -> None:
        promise = Promise()
        with pytest.raises(Declined) as caught:
            adapter.send(promise.attempt(), customer=SAM, to=ADDRESS, template=template, data=data)
        assert caught.value.code == code
        assert promise.pins == {}, "what is refused is not stored either"
        world.later()
        assert world.sent("prm_1") == []

    # facts

    def test_a_contact_as_it_stands_now(self, adapter: Crm, world: World) -> None:
        assert adapter.fetch_contact(SAM) == ContactFacts(SAM, ADDRESS, "+15550100", unsubscribed=False)
        world.contact(SAM, "new@example.test", unsubscribed=True)
        assert adapter.fetch_contact(SAM) == ContactFacts(
            SAM, "new@example.test", "+15550100", unsubscribed=True
        )

    # changes

    def change(
        self, adapter: Crm, call: Call, email: str | None = None, phone: str | None = None
    ) -> ContactFacts:
        return adapter.update_contact(call, customer=SAM, email=email, phone=phone)

    def test_an_address_is_changed_and_shown(self, adapter: Crm, world: World) -> None:
        changed = self.change(adapter, Promise().attempt(), email="new@example.test")
        assert changed == adapter.fetch_contact(SAM)
        assert (changed.email, changed.phone) == ("new@example.test", "+15550100")
        again = self.change(adapter, Promise("prm_2").attempt(), phone="+15550199")
        assert (again.email, again.phone) == ("new@example.test", "+15550199")
        assert "new@example.test" not in adapter.contact_page(SAM) and SAM in adapter.contact_page(SAM)

    def test_the_same_change_again_sends_what_was_sent_before(self, adapter: Crm, world: World) -> None:
        promise = Promise()
        self.change(adapter, promise.attempt(), email="new@example.test")
        again = self.change(adapter, promise.attempt(ask_first=True), email="other@example.test")
        assert again.email == "new@example.test"

    def test_nobody_is_made_and_nobodys_address_is_taken(self, adapter: Crm, world: World) -> None:
        with pytest.raises(Declined) as unknown:
            adapter.update_contact(
                Promise().attempt(), customer="cus_nobody", email="new@example.test", phone=None
            )
        assert unknown.value.code == "contact_unknown" and adapter.fetch_contact("cus_nobody") is None
        world.contact("cus_lee", "lee@example.test")
        with pytest.raises(Declined) as taken:
            self.change(adapter, Promise("prm_2").attempt(), email="lee@example.test")
        assert taken.value.code == "address_taken"
        held = adapter.fetch_contact(SAM)
        assert held and held.email == ADDRESS

    def test_what_is_told_of_subscriptions_is_held_and_taken_away(self, adapter: Crm, world: World) -> None:
        """States and days only; the address stays, telling it again changes nothing, and nobody is made."""
        told = {"subscription_state": "active", "next_charge_on": "2027-01-02", "pauses_until": ""}
        for ref in ("prm_1", "prm_2"):
            held = adapter.update_facts(Promise(ref).attempt(), customer=SAM, facts=told)
            assert held == adapter.fetch_contact(SAM) and held.email == ADDRESS
        assert {**held.attributes} == {"subscription_state": "active", "next_charge_on": "2027-01-02"}
        gone = adapter.update_facts(Promise("prm_3").attempt(), customer=SAM, facts={"next_charge_on": ""})
        assert "next_charge_on" not in gone.attributes and gone == adapter.fetch_contact(SAM)
        for customer, facts in (
            (SAM, {"email": "x@y.test"}),
            (SAM, {"pauses_until": "a\nb"}),
            ("cst_nobody", told),
        ):
            with pytest.raises(Declined):
                adapter.update_facts(Promise("prm_4").attempt(), customer=customer, facts=facts)
        assert adapter.fetch_contact("cst_nobody") is None

    def test_what_is_not_listed_is_not_read(self, adapter: Crm, world: World) -> None:
        world.contact(SAM, ADDRESS, first_name="Sam", diagnosis="acne")
        held = adapter.fetch_contact(SAM)
        assert held and held.attributes == {"first_name": "Sam"}

    @pytest.mark.parametrize("id", ["cus/../x", "cus é", "cus?x=1", "a@b.test", "%2e%2e"])
    def test_an_odd_id_is_that_person_and_no_other(self, adapter: Crm, world: World, id: str) -> None:
        assert adapter.fetch_contact(id) is None
        assert adapter.fetch_message(id, adapter.message_id("prm_1")) is None

    @pytest.mark.parametrize(
        ("address", "state"),
        [
            ("bounced@example.test", MessageState.BOUNCED),
            ("dropped@example.test", MessageState.DROPPED),
            ("failed@example.test", MessageState.FAILED),
        ],
    )
    def test_what_did_not_arrive_says_why(
        self, adapter: Crm, world: World, address: str, state: MessageState
    ) -> None:
        world.contact(SAM, address)
        id = write(adapter, Promise().attempt(), to=address).id
        world.later()
        message = adapter.fetch_message(SAM, id)
        assert message and message.state is state and message.failure_words

    def test_what_was_delivered_can_still_bounce(self, adapter: Crm, world: World) -> None:
        id = write(adapter, Promise().attempt()).id
        world.later()
        delivered = adapter.fetch_message(SAM, id)
        assert delivered and delivered.state is MessageState.DELIVERED
        world.report(delivered, "bounced")
        bounced = adapter.fetch_message(SAM, id)
        assert bounced and bounced.state is MessageState.BOUNCED

    def test_health_tells_where_calls_go_and_no_secret(self, adapter: Crm, world: World) -> None:
        health = adapter.health()
        assert set(health) == {"base_url", "reachable", "words", "sandbox"}
        assert health["reachable"] is True
        world.fail("bad key", times=None)
        sick = adapter.health()
        assert sick["words"] != health["words"]
        assert "secret" not in json.dumps([health, sick])


class CrmReportsContract(Fixtures):
    """What the vendor tells."""

    def event(self, adapter: Crm, world: World) -> bytes:
        write(adapter, Promise().attempt())
        world.later()
        return world.told()[-1][1]

    def test_every_delivery_of_a_message_is_tied_to_its_promise(self, adapter: Crm, world: World) -> None:
        message = write(adapter, Promise().attempt())
        world.later()
        read = [adapter.read(body, headers, now=world.now()) for headers, body in world.told()]
        assert [item.kind for item in read] == ["email.sent", "email.delivered"]
        assert [item.state for item in read] == [MessageState.SENT, MessageState.DELIVERED]
        assert {(item.about, item.object_id, item.customer) for item in read} == {
            ("message", message.id, SAM)
        }
        assert len({item.external_id for item in read}) == 2
        assert len({item.delivery for item in read}) == 1
        assert [item.body for item in read] == [body for _, body in world.told()]

    def test_an_unsubscribed_contact_is_told(self, adapter: Crm, world: World) -> None:
        world.contact(SAM, ADDRESS, unsubscribed=True)
        world.later()
        (headers, body), *_ = world.told()
        read = adapter.read(body, headers, now=world.now())
        assert (read.kind, read.about, read.object_id) == ("customer.unsubscribed", "contact", SAM)
        assert read.state is None

    @pytest.mark.parametrize("seconds", [-299, 0, 299])
    def test_a_delivery_may_be_a_little_old_or_early(self, adapter: Crm, world: World, seconds: int) -> None:
        body, now = self.event(adapter, world), world.now()
        adapter.read(body, world.sign(body, at=now + timedelta(seconds=seconds)), now=now)

    @pytest.mark.parametrize("seconds", [-302, 302, -86400 * 400, 86400 * 400])
    def test_a_stale_or_future_delivery_is_not_authentic(
        self, adapter: Crm, world: World, seconds: int
    ) -> None:
        body, now = self.event(adapter, world), world.now()
        with pytest.raises(NotAuthentic):
            adapter.read(body, world.sign(body, at=now + timedelta(seconds=seconds)), now=now)

    def test_a_forged_delivery_is_not_authentic(self, adapter: Crm, world: World) -> None:
        body, now = self.event(adapter, world), world.now()
        ours = world.sign(body, at=now)
        forgeries: list[tuple[bytes, Mapping[str, str]]] = [
            (body, {}),
            (body, world.sign(body, at=now, as_us=False)),
            (body + b" ", ours),
            (body[:-1], ours),
            (b"", ours),
            (body, dict.fromkeys(ours, "")),
            *((body, {**ours, name: value[:-1]}) for name, value in ours.items()),
            *((body, {**ours, name: value + "é"}) for name, value in ours.items()),
            *((body, {**ours, name: value * 1000}) for name, value in ours.items()),
            *((body, {**ours, name.lower(): value}) for name, value in ours.items()),
        ]
        for forged, headers in forgeries:
            with pytest.raises(NotAuthentic):
                adapter.read(forged, headers, now=now)

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"null", b"[]", b"5", b'"text"', b"{}", b"\xff\xfe{}", b"[" * 200_000, b'{"id": NaN}'],
    )
    def test_a_genuine_delivery_that_is_no_event_is_not_parseable(
        self, adapter: Crm, world: World, body: bytes
    ) -> None:
        with pytest.raises(NotParseable):
            adapter.read(body, world.sign(body, at=world.now()), now=world.now())

"""What any adapter of the payments port must keep. An adapter's test file subclasses `PaymentsContract`.

It gives two fixtures: `adapter`, and `world`, the vendor's side of things: it makes payments, goes wrong
on demand, and keeps its own book of what really happened.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest

from opsconsole.vendors import Call, Declined, NotAuthentic, NotParseable, Unavailable
from opsconsole.vendors.payments import PaymentFacts, Payments, PaymentState, RefundFacts, RefundState


class World(Protocol):
    """The vendor, as a test sees it from behind."""

    def now(self) -> datetime:
        """What time it is for signatures."""
        ...

    def today(self) -> datetime:
        """What time it is for the vendor's objects."""
        ...

    def later(self, hours: float) -> None:
        """Move the vendor's time on, and let fall due what then falls due."""
        ...

    def payment(self, amount: int = 10_000, *, refunds: str = "at once") -> str:
        """A payment that succeeded. `refunds`: "at once", "later" or "fail"."""
        ...

    def dispute(self, payment: str) -> None: ...

    def warn(self, payment: str) -> str:
        """The card's bank warns of fraud. Returns the warning's id."""
        ...

    def customer(self, *, card: bool = False) -> str:
        """A customer sam@example.test called Sam Example with 12.50 of credit; `card`: an Amex to be charged."""
        ...

    def save(self, customer: str, bank: str = "says yes", *, default: bool = True) -> str:
        """The customer saves a card whose bank "says yes", "says no", "has no money", "sees it expired" or "wants them".
        Returns its id."""
        ...

    def relent(self, customer: str) -> None:
        """The banks of the customer's cards say yes from now on."""
        ...

    def charges(self, ref: str) -> list[int]:
        """The amounts really taken from saved cards for a promise, from the vendor's own book."""
        ...

    def forget(self, customer: str) -> None:
        """Delete a customer."""
        ...

    def effects(self, ref: str) -> list[int]:
        """The amounts really given back for a promise, from the vendor's own book."""
        ...

    def fail(self, how: str, *, times: int | None = 1) -> None:
        """The next refunds and charges go wrong: a key of FAULTS, "lost before" (it is done), "saved error" (after it is
        done), "saved error without effect", or "slow"."""
        ...

    def heal(self) -> None: ...

    def event(self) -> bytes:
        """The body of a genuine delivery."""
        ...

    def sign(self, body: bytes, *, at: datetime, as_us: bool = True) -> dict[str, str]:
        """The headers the vendor would send with this body, or somebody else would."""
        ...


# fault -> maybe_done, credentials, effects
FAULTS = {
    "lost answer": (True, False, 1),
    "garbage": (True, False, 1),
    "down": (True, False, 0),
    "slow down": (False, False, 0),
    "locked": (False, False, 0),
    "bad key": (False, True, 0),
    "forbidden": (False, True, 0),
}


@dataclass
class Promise:
    """The caller's side: what a promise keeps over its attempts."""

    ref: str = "prm_1"
    pins: dict[int, dict[str, Any]] = field(default_factory=dict)

    def attempt(self, *, round: int = 1, ask_first: bool = False) -> Call:
        def pin(request: dict[str, Any]) -> dict[str, Any]:
            return copy.deepcopy(self.pins.setdefault(round, copy.deepcopy(request)))

        tags = {"opsconsole_trace": "trc_1", "opsconsole_order": "ord_1"}
        return Call(ref=self.ref, round=round, tags=tags, ask_first=ask_first, pin=pin)


def give_back(adapter: Payments, call: Call, payment: str, amount: int = 1000) -> RefundFacts:
    return adapter.refund(
        call, payment=payment, amount=amount, currency="usd", reason="requested_by_customer"
    )


def try_to(adapter: Payments, call: Call, payment: str, amount: int = 1000) -> RefundFacts | None:
    """One attempt; None when its outcome is unknown."""
    try:
        return give_back(adapter, call, payment, amount)
    except Unavailable as failure:
        assert failure.maybe_done
        return None


def charge(adapter: Payments, call: Call, customer: str, card: str, amount: int = 6900) -> PaymentFacts:
    return adapter.charge(
        call, customer=customer, payment_method=card, amount=amount, currency="usd", order="R0001"
    )


def try_to_charge(adapter: Payments, call: Call, customer: str, card: str) -> PaymentFacts | None:
    """One attempt; None when its outcome is unknown."""
    try:
        return charge(adapter, call, customer, card)
    except Unavailable as failure:
        assert failure.maybe_done
        return None


# a bank's no -> the code, and words that staff must be told
BANKS = {
    "says no": ("generic_decline", "gives no reason"),
    "has no money": ("insufficient_funds", "not enough money"),
    "sees it expired": ("expired_card", "expired"),
    "wants them": ("authentication_required", "wants the customer to confirm"),
}


def seconds(instant: datetime) -> int:
    return int(instant.timestamp())


class PaymentsContract:
    @pytest.fixture
    def adapter(self) -> Payments:
        raise NotImplementedError

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    # once per ref, for ever

    def test_a_refund_tells_what_it_is(self, adapter: Payments, world: World) -> None:
        payment = world.payment()
        refund = give_back(adapter, Promise().attempt(), payment)
        assert (refund.payment, refund.amount, refund.currency) == (payment, 1000, "usd")
        assert refund.state is RefundState.SUCCEEDED
        assert refund.reason == "requested_by_customer"
        assert refund.tags["opsconsole_ref"] == "prm_1"
        assert refund.tags["opsconsole_round"] == "1"
        assert refund.tags["opsconsole_order"] == "ord_1"
        assert abs(refund.created_at - world.today()) < timedelta(minutes=1)
        assert world.effects("prm_1") == [1000]

    def test_the_same_attempt_twice_is_one_refund(self, adapter: Payments, world: World) -> None:
        payment, call = world.payment(), Promise().attempt()
        assert give_back(adapter, call, payment).id == give_back(adapter, call, payment).id
        assert world.effects("prm_1") == [1000]

    @pytest.mark.parametrize("how", ["lost answer", "lost before", "garbage", "down", "saved error"])
    def test_after_an_unknown_outcome_the_next_attempt_settles_it(
        self, adapter: Payments, world: World, how: str
    ) -> None:
        payment, promise = world.payment(), Promise()
        world.fail(how)
        try_to(adapter, promise.attempt(), payment)
        refund = try_to(adapter, promise.attempt(), payment) or give_back(
            adapter, promise.attempt(ask_first=True), payment
        )
        assert refund.state is RefundState.SUCCEEDED
        assert world.effects("prm_1") == [1000]

    def test_a_day_later_asking_first_finds_what_the_key_no_longer_knows(
        self, adapter: Payments, world: World
    ) -> None:
        payment, promise = world.payment(), Promise()
        world.fail("lost answer")
        assert try_to(adapter, promise.attempt(), payment) is None
        world.later(hours=25)
        give_back(adapter, promise.attempt(ask_first=True), payment)
        assert world.effects("prm_1") == [1000]

    def test_a_day_later_asking_first_creates_what_never_happened(
        self, adapter: Payments, world: World
    ) -> None:
        payment, promise = world.payment(), Promise()
        world.fail("lost before")
        assert try_to(adapter, promise.attempt(), payment) is None
        assert world.effects("prm_1") == []
        world.later(hours=25)
        give_back(adapter, promise.attempt(ask_first=True), payment)
        assert world.effects("prm_1") == [1000]

    def test_a_failure_that_is_repeated_for_ever_stays_unknown_until_its_key_is_forgotten(
        self, adapter: Payments, world: World
    ) -> None:
        payment, promise = world.payment(), Promise()
        world.fail("saved error without effect")
        for ask_first in (False, False, True):
            assert try_to(adapter, promise.attempt(ask_first=ask_first), payment) is None
        assert world.effects("prm_1") == []
        world.later(hours=25)
        give_back(adapter, promise.attempt(ask_first=True), payment)
        assert world.effects("prm_1") == [1000]

    def test_a_new_round_after_a_no_goes_through(self, adapter: Payments, world: World) -> None:
        payment, promise = world.payment(5000), Promise()
        with pytest.raises(Declined):
            give_back(adapter, promise.attempt(), payment, 6000)
        give_back(adapter, promise.attempt(round=2), payment, 4000)
        assert world.effects("prm_1") == [4000]

    def test_a_new_round_adopts_what_an_earlier_one_did(self, adapter: Payments, world: World) -> None:
        payment, promise = world.payment(), Promise()
        first = give_back(adapter, promise.attempt(), payment)
        assert give_back(adapter, promise.attempt(round=2), payment).id == first.id
        assert world.effects("prm_1") == [1000]

    def test_a_new_round_does_not_adopt_a_refund_that_failed(self, adapter: Payments, world: World) -> None:
        payment, promise = world.payment(refunds="fail"), Promise()
        first = give_back(adapter, promise.attempt(), payment)
        world.later(hours=1)
        failed = adapter.fetch_refund(first.id)
        assert failed and failed.state is RefundState.FAILED and failed.failure_reason
        assert give_back(adapter, promise.attempt(ask_first=True), payment).id == first.id
        assert give_back(adapter, promise.attempt(round=2), payment).id != first.id

    def test_two_at_once_are_one_refund(self, adapter: Payments, world: World) -> None:
        payment, promise = world.payment(), Promise()
        world.fail("slow")
        found: list[RefundFacts | None] = []
        senders = [
            threading.Thread(target=lambda: found.append(try_to(adapter, promise.attempt(), payment)))
            for _ in range(4)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert len(found) == 4
        assert len({refund.id for refund in found if refund}) == 1
        assert world.effects("prm_1") == [1000]

    def test_what_is_sent_again_is_what_was_sent_before(self, adapter: Payments, world: World) -> None:
        payment, promise = world.payment(), Promise()
        world.fail("lost before")
        assert try_to(adapter, promise.attempt(), payment, 1000) is None
        assert give_back(adapter, promise.attempt(), payment, 2000).amount == 1000
        assert give_back(adapter, promise.attempt(), payment, 3000).amount == 1000
        assert world.effects("prm_1") == [1000]

    def test_two_promises_are_two_refunds(self, adapter: Payments, world: World) -> None:
        payment = world.payment()
        one = give_back(adapter, Promise("prm_1").attempt(), payment)
        two = give_back(adapter, Promise("prm_2").attempt(ask_first=True), payment)
        assert one.id != two.id
        assert (world.effects("prm_1"), world.effects("prm_2")) == ([1000], [1000])

    # charging a saved card: once per ref, for ever

    def test_the_card_that_would_be_charged(self, adapter: Payments, world: World) -> None:
        customer = world.customer()
        assert adapter.saved_card(customer) is None
        world.save(customer, default=False)
        newest = world.save(customer, default=False)
        found = adapter.saved_card(customer)
        assert found and (found.id, found.brand, found.last4) == (newest, "visa", "4242")
        assert (found.exp_month, found.exp_year) == (12, 2034)
        default = world.save(customer)
        world.save(customer, default=False)
        found = adapter.saved_card(customer)
        assert found and found.id == default
        world.forget(customer)
        assert adapter.saved_card(customer) is None and adapter.saved_card("cus_unknown") is None

    def test_a_charge_tells_what_it_is(self, adapter: Payments, world: World) -> None:
        customer = world.customer()
        paid = charge(adapter, Promise().attempt(), customer, world.save(customer))
        assert (paid.state, paid.amount, paid.captured, paid.currency) == (
            PaymentState.SUCCEEDED,
            6900,
            6900,
            "usd",
        )
        assert (paid.customer, paid.card_brand, paid.card_last4) == (customer, "visa", "4242")
        assert (paid.tags["opsconsole_ref"], paid.tags["opsconsole_round"]) == ("prm_1", "1")
        assert paid.tags["opsconsole_order"] == "ord_1" and world.charges("prm_1") == [6900]
        again = adapter.fetch_payment(paid.id)
        assert again and (again.captured, again.charge) == (6900, paid.charge)

    def test_the_same_charge_twice_is_one(self, adapter: Payments, world: World) -> None:
        customer = world.customer()
        card, call = world.save(customer), Promise().attempt()
        assert charge(adapter, call, customer, card).id == charge(adapter, call, customer, card, 100).id
        assert world.charges("prm_1") == [6900], "what is sent again is what was sent before"

    @pytest.mark.parametrize("how", ["lost answer", "lost before", "garbage", "down", "saved error"])
    def test_a_charge_of_which_nobody_knows_is_settled_by_the_next_attempt(
        self, adapter: Payments, world: World, how: str
    ) -> None:
        customer, promise = world.customer(), Promise()
        card = world.save(customer)
        world.fail(how)
        try_to_charge(adapter, promise.attempt(), customer, card)
        paid = try_to_charge(adapter, promise.attempt(), customer, card) or charge(
            adapter, promise.attempt(ask_first=True), customer, card
        )
        assert paid.state is PaymentState.SUCCEEDED
        assert world.charges("prm_1") == [6900]

    @pytest.mark.parametrize("how", ["lost answer", "lost before"])
    def test_a_day_later_asking_first_finds_the_charge_or_makes_it(
        self, adapter: Payments, world: World, how: str
    ) -> None:
        customer, promise = world.customer(), Promise()
        card = world.save(customer)
        world.fail(how)
        assert try_to_charge(adapter, promise.attempt(), customer, card) is None
        world.later(hours=25)
        paid = charge(adapter, promise.attempt(ask_first=True), customer, card)
        assert (paid.captured, paid.card_last4, world.charges("prm_1")) == (6900, "4242", [6900])
        assert charge(adapter, promise.attempt(round=2), customer, card).id == paid.id
        assert world.charges("prm_1") == [6900]

    @pytest.mark.parametrize("bank", BANKS)
    def test_a_banks_no_is_declined_and_its_payment_told_of(
        self, adapter: Payments, world: World, bank: str
    ) -> None:
        code, words = BANKS[bank]
        customer, promise = world.customer(), Promise()
        card = world.save(customer, bank)
        with pytest.raises(Declined) as caught:
            charge(adapter, promise.attempt(), customer, card)
        no, begun = caught.value, caught.value.facts
        assert (no.code, no.http_status) == (code, 402) and words in no.words
        assert (begun.state, begun.captured, begun.failure_code) == (PaymentState.REQUIRES_PAYMENT, 0, code)
        assert begun.tags["opsconsole_ref"] == "prm_1" and begun.card_last4
        with pytest.raises(Declined) as asked:
            charge(adapter, promise.attempt(ask_first=True), customer, card)
        assert (asked.value.code, asked.value.words, asked.value.facts.id) == (code, no.words, begun.id)
        assert world.charges("prm_1") == []

    def test_a_new_round_after_a_banks_no_charges_once(self, adapter: Payments, world: World) -> None:
        customer, promise = world.customer(), Promise()
        card = world.save(customer, "has no money")
        with pytest.raises(Declined):
            charge(adapter, promise.attempt(), customer, card)
        world.relent(customer)
        with pytest.raises(Declined):
            charge(adapter, promise.attempt(), customer, card)  # the round's answer stands
        paid = charge(adapter, promise.attempt(round=2), customer, card)
        assert charge(adapter, promise.attempt(round=3), customer, card).id == paid.id
        assert world.charges("prm_1") == [6900]

    @pytest.mark.parametrize("case", ["unknown customer", "unknown card", "somebody else's card"])
    def test_what_cannot_be_charged_is_declined(self, adapter: Payments, world: World, case: str) -> None:
        customer = world.customer()
        card = "pm_unknown" if case == "unknown card" else world.save(customer)
        whom = "cus_unknown" if case == "unknown customer" else customer
        if case == "somebody else's card":
            whom = world.customer()
        with pytest.raises(Declined) as caught:
            charge(adapter, Promise().attempt(), whom, card)
        assert caught.value.code and caught.value.words and caught.value.facts is None
        assert world.charges("prm_1") == []

    @pytest.mark.parametrize("how", FAULTS)
    def test_a_fault_says_whether_the_card_may_be_charged(
        self, adapter: Payments, world: World, how: str
    ) -> None:
        maybe_done, credentials, effects = FAULTS[how]
        customer, promise = world.customer(), Promise()
        card = world.save(customer)
        world.fail(how)
        try:
            charge(adapter, promise.attempt(), customer, card)
        except Unavailable as failure:
            assert (failure.maybe_done, failure.credentials) == (maybe_done, credentials)
        else:
            assert how == "garbage", "only what the vendor can be asked about may be settled at once"
        assert world.charges("prm_1") == [6900] * effects
        world.heal()
        charge(adapter, promise.attempt(ask_first=True), customer, card)
        assert world.charges("prm_1") == [6900]

    # a definite no, and no answer

    @pytest.mark.parametrize("case", ["over the remainder", "nothing left", "disputed", "unknown payment"])
    def test_a_no_is_declined_with_words(self, adapter: Payments, world: World, case: str) -> None:
        payment = "pi_unknown" if case == "unknown payment" else world.payment(5000)
        amount = 1000
        if case == "over the remainder":
            amount = 5001
        elif case == "nothing left":
            give_back(adapter, Promise("prm_0").attempt(), payment, 5000)
        elif case == "disputed":
            world.dispute(payment)
        with pytest.raises(Declined) as caught:
            give_back(adapter, Promise().attempt(), payment, amount)
        assert caught.value.code and caught.value.words
        assert world.effects("prm_1") == []

    @pytest.mark.parametrize("how", FAULTS)
    def test_a_fault_says_whether_it_may_be_done(self, adapter: Payments, world: World, how: str) -> None:
        maybe_done, credentials, effects = FAULTS[how]
        payment, promise = world.payment(), Promise()
        world.fail(how)
        try:
            give_back(adapter, promise.attempt(), payment)
        except Unavailable as failure:
            assert (failure.maybe_done, failure.credentials) == (maybe_done, credentials)
        else:
            assert how == "garbage", "only what the vendor can be asked about may be settled at once"
        assert world.effects("prm_1") == [1000] * effects
        world.heal()
        give_back(adapter, promise.attempt(ask_first=True), payment)
        assert world.effects("prm_1") == [1000]

    # facts

    def test_a_payment_with_all_that_was_taken_from_it(self, adapter: Payments, world: World) -> None:
        id = world.payment(8000)
        for number in range(3):
            give_back(adapter, Promise(f"prm_{number}").attempt(), id, 500)
        payment = adapter.fetch_payment(id)
        assert payment is not None
        assert (payment.id, payment.state) == (id, PaymentState.SUCCEEDED)
        assert (payment.amount, payment.captured, payment.refunded) == (8000, 8000, 1500)
        assert payment.currency == "usd"
        assert payment.card_last4 and payment.card_brand and payment.card_exp_year
        assert {refund.tags["opsconsole_ref"] for refund in payment.refunds} == {"prm_0", "prm_1", "prm_2"}
        assert payment.disputes == ()
        world.dispute(id)
        payment = adapter.fetch_payment(id)
        assert payment is not None
        (dispute,) = payment.disputes
        assert (dispute.payment, dispute.currency) == (id, "usd")

    def test_a_fraud_warning_comes_with_its_payment(self, adapter: Payments, world: World) -> None:
        id = world.payment(8000)
        warning = adapter.fetch_fraud_warning(world.warn(id))
        assert warning is not None and warning.of is not None
        assert (warning.of.id, warning.of.captured, warning.actionable) == (id, 8000, True)
        assert warning.kind
        world.dispute(id)
        again = adapter.fetch_fraud_warning(warning.id)
        assert again is not None and not again.actionable
        assert adapter.fetch_fraud_warning("issfr_nowhere") is None

    def test_a_refund_as_it_stands_now(self, adapter: Payments, world: World) -> None:
        refund = give_back(adapter, Promise().attempt(), world.payment(refunds="later"))
        assert refund.state is RefundState.PENDING
        world.later(hours=48)
        found = adapter.fetch_refund(refund.id)
        assert found and found.state is RefundState.SUCCEEDED

    def test_a_customer_and_what_is_left_of_one(self, adapter: Payments, world: World) -> None:
        id = world.customer()
        customer = adapter.fetch_customer(id)
        assert customer is not None
        assert (customer.email, customer.name) == ("sam@example.test", "Sam Example")
        assert (customer.phone, customer.balance, customer.card_last4) == ("+15550100", -1250, None)
        assert not customer.deleted and customer.delinquent is False
        world.forget(id)
        gone = adapter.fetch_customer(id)
        assert gone and gone.deleted and gone.email is None

    def test_a_customer_comes_with_the_card_that_invoices_are_charged_to(
        self, adapter: Payments, world: World
    ) -> None:
        id = world.customer(card=True)
        customer = adapter.fetch_customer(id)
        assert customer is not None
        assert (customer.card_brand, customer.card_last4) == ("amex", "8431")
        assert (customer.card_exp_month, customer.card_exp_year) == (12, 2034)
        assert id in adapter.customer_page(id) and adapter.customer_page(id).startswith("https://")

    def test_what_the_vendor_does_not_know_is_none(self, adapter: Payments, world: World) -> None:
        assert adapter.fetch_refund("re_unknown") is None
        assert adapter.fetch_payment("pi_unknown") is None
        assert adapter.fetch_customer("cus_unknown") is None

    # what the vendor tells

    def test_paging_through_events_finds_every_one_once(self, adapter: Payments, world: World) -> None:
        since = seconds(world.today() - timedelta(minutes=1))
        payment = world.payment(100_000)
        refunds = {give_back(adapter, Promise(f"prm_{n}").attempt(), payment, 100).id for n in range(60)}
        found, after = [], None
        while True:
            page = adapter.events(since=since, after=after)
            found += page.items
            if not page.next:
                break
            assert page.items and page.next != after
            after = page.next
        assert len(found) > 100, "more than a page"
        assert len({item.external_id for item in found}) == len(found)
        assert [i.occurred_at for i in found] == sorted((i.occurred_at for i in found), reverse=True)
        assert {item.object_id for item in found if item.about == "refund"} >= refunds
        assert any(item.about == "payment" and item.object_id == payment for item in found)
        assert {i.tags.get("opsconsole_ref") for i in found if i.about == "refund"} >= {"prm_0", "prm_59"}
        later = adapter.events(since=seconds(world.today() + timedelta(hours=1)))
        assert (later.items, later.next) == ((), None)

    def test_a_genuine_delivery_is_read(self, adapter: Payments, world: World) -> None:
        body = world.event()
        read = adapter.read(body, world.sign(body, at=world.now()), now=world.now())
        listed = {
            i.external_id: i for i in adapter.events(since=seconds(world.today() - timedelta(days=1))).items
        }
        twin = listed[read.external_id]
        assert (read.kind, read.about, read.object_id) == (twin.kind, twin.about, twin.object_id)
        assert (read.occurred_at, read.tags, read.livemode) == (twin.occurred_at, twin.tags, twin.livemode)
        assert read.body == body

    @pytest.mark.parametrize("seconds", [-299, 0, 299])
    def test_a_delivery_may_be_a_little_old_or_early(
        self, adapter: Payments, world: World, seconds: int
    ) -> None:
        body, now = world.event(), world.now()
        adapter.read(body, world.sign(body, at=now + timedelta(seconds=seconds)), now=now)

    @pytest.mark.parametrize("seconds", [-302, 302, -86400 * 400, 86400 * 400])
    def test_a_stale_or_future_delivery_is_not_authentic(
        self, adapter: Payments, world: World, seconds: int
    ) -> None:
        body, now = world.event(), world.now()
        with pytest.raises(NotAuthentic):
            adapter.read(body, world.sign(body, at=now + timedelta(seconds=seconds)), now=now)

    def test_a_forged_delivery_is_not_authentic(self, adapter: Payments, world: World) -> None:
        body, now = world.event(), world.now()
        ours = world.sign(body, at=now)
        forgeries: list[tuple[bytes, Mapping[str, str]]] = [
            (body, {}),
            (body, world.sign(body, at=now, as_us=False)),
            (body + b" ", ours),
            (body[:-1], ours),
            (b"", ours),
            (body.replace(b"0", b"1", 1), ours),
            (body, dict.fromkeys(ours, "")),
            (body, {name: value[:-1] for name, value in ours.items()}),
            (body, {name: value + "é" for name, value in ours.items()}),
            (body, {name: value * 1000 for name, value in ours.items()}),
        ]
        for forged, headers in forgeries:
            with pytest.raises(NotAuthentic):
                adapter.read(forged, headers, now=now)

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"null", b"[]", b"5", b'"text"', b"{}", b"\xff\xfe{}", b"[" * 200_000, b'{"id": NaN}'],
    )
    def test_a_genuine_delivery_that_is_no_event_is_not_parseable(
        self, adapter: Payments, world: World, body: bytes
    ) -> None:
        with pytest.raises(NotParseable):
            adapter.read(body, world.sign(body, at=world.now()), now=world.now())

    def test_health_tells_where_calls_go_and_no_secret(self, adapter: Payments, world: World) -> None:
        health = adapter.health()
        assert set(health) == {"base_url", "reachable", "words", "sandbox"}
        assert health["reachable"] is True
        world.fail("bad key", times=None)
        assert adapter.health()["words"] != health["words"]

"""What any adapter of the billing port must keep. An adapter's test file subclasses `BillingContract`.

It gives two fixtures: `adapter`, and `world`, the vendor's side of things. The methods stand in a table, `CHANGES`: how
each is reached, asked and seen to have happened, so that every one of them is put through the same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest

from opsconsole.vendors import Call, Declined, Unavailable
from opsconsole.vendors.billing import Billing, InvoiceState, SubscriptionState


class World(Protocol):
    """The vendor, as a test sees it from behind."""

    def now(self) -> datetime: ...

    def later(self, days: float) -> None:
        """Move the vendor's time on, and let fall due what then falls due."""
        ...

    def customer(self, bank: str = "says yes") -> str:
        """One with a saved card whose bank "says yes" or "has no money"."""
        ...

    def turn_bank(self, customer: str, bank: str) -> None: ...

    def price(self, amount: int = 6900, interval: str = "month") -> str: ...

    def subscription(self, customer: str, price: str, *, flexible: bool = True) -> str: ...

    def draft(self, customer: str, *amounts: int, auto_advance: bool = True) -> str:
        """An invoice of no subscription with these lines."""
        ...

    def invoice(self, customer: str, amount: int = 6900) -> str:
        """One that is open, goes on by itself, and was not tried yet."""
        ...

    def paid(self, customer: str, amount: int = 6900) -> str: ...

    def schedule(self, subscription: str) -> None:
        """Let the vendor change it later by itself."""
        ...

    def taken(self, customer: str) -> list[int]:
        """What was really taken from the customer's card, from the vendor's own book, newest last."""
        ...

    def made(self, ref: str, customer: str) -> int:
        """How many objects the vendor keeps that carry this promise's mark."""
        ...

    def fail(self, how: str, *, times: int | None = 1, reads: bool = False) -> None:
        """The next changes go wrong: a key of FAULTS. With `reads`, everything."""
        ...

    def heal(self) -> None: ...


# fault -> maybe_done, credentials
FAULTS = {
    "lost answer": (True, False),
    "lost before": (True, False),
    "garbage": (True, False),
    "saved error": (True, False),
    "down": (True, False),
    "slow down": (False, False),
    "locked": (False, False),
    "bad key": (False, True),
}
PROFILES = ("html200", "bad_json", "null", "list", "nan", "wrong_types", "missing_id")


@dataclass
class Promise:
    """The caller's side: what a promise keeps over its attempts."""

    ref: str
    pins: dict[int, dict[str, Any]] = field(default_factory=dict)

    def attempt(self, *, round: int = 1, ask_first: bool = False) -> Call:
        def pin(request: dict[str, Any]) -> dict[str, Any]:
            return copy.deepcopy(self.pins.setdefault(round, copy.deepcopy(request)))

        tags = {"opsconsole_trace": "trc_1", "opsconsole_subject": "sub_ours"}
        return Call(ref=self.ref, round=round, tags=tags, ask_first=ask_first, pin=pin)


class Scene:
    """One customer of the vendor, with what the cases below need. `arguments` are of the method."""

    def __init__(self, world: World, adapter: Billing) -> None:
        self.world, self.adapter = world, adapter
        self.customer = world.customer()
        self.taken_before: list[int] = []
        self.begun = world.now()

    def subscribed(self, **how: Any) -> dict[str, Any]:
        self.price = self.world.price()
        self.subscription = self.world.subscription(self.customer, self.price, **how)
        self.taken_before = self.world.taken(self.customer)
        self.begun = self.world.now()
        return {"subscription": self.subscription}

    def item(self) -> str:
        found = self.adapter.fetch_subscription(self.subscription)
        assert found
        return found.items[0].id

    def paused(self, kind: str) -> dict[str, Any]:
        arguments = self.subscribed()
        behavior = "void" if kind == "collection" else None
        self.adapter.pause(
            Promise(f"prm_{self.customer}").attempt(),
            **arguments,
            kind=kind,
            behavior=behavior,
            resumes_at=None,
        )
        return {**arguments, "kind": kind}

    def ending(self, at: str | None) -> dict[str, Any]:
        arguments = self.subscribed()
        before = Promise(f"prm_{self.customer}").attempt()
        self.adapter.schedule_cancel(before, **arguments, at=at, feedback=None, comment=None)
        return arguments

    def in_days(self, days: float) -> str:
        return (self.begun + timedelta(days=days)).isoformat().replace("+00:00", "Z")

    def at(self, days: float) -> datetime:
        return datetime.fromisoformat(self.in_days(days)).replace(microsecond=0)

    def drafted(self, *amounts: int, **how: Any) -> dict[str, Any]:
        self.invoice = self.world.draft(self.customer, *amounts, **how)
        return {"invoice": self.invoice}

    def lines(self) -> tuple[str, ...]:
        found = self.adapter.fetch_invoice(self.invoice)
        assert found
        return tuple(line.id for line in found.lines)

    def opened(self, amount: int = 6900) -> dict[str, Any]:
        self.invoice = self.world.invoice(self.customer, amount)
        return {"invoice": self.invoice}

    def credited(self) -> dict[str, Any]:
        call = Promise(f"prm_{self.customer}").attempt()
        note = self.adapter.credit(
            call, **self.opened(), amount=500, reason="order_change", refund=0, credit=0, out_of_band=0
        )
        return {"credit_note": note.id}

    def waiting(self) -> dict[str, Any]:
        call = Promise(f"prm_{self.customer}").attempt()
        item = self.adapter.charge(
            call,
            customer=self.customer,
            subscription=None,
            amount=700,
            currency="usd",
            description="Shipping",
        )
        return {"item": item.id}

    def taken(self) -> list[int]:
        """Since the scene was set."""
        return self.world.taken(self.customer)[len(self.taken_before) :]


@dataclass(frozen=True)
class Change:
    """`set_up` gives the arguments, `happened` tells from the facts (and the scene) that it did, once. `makes` objects
    that carry the mark."""

    method: str
    set_up: Callable[[Scene], dict[str, Any]]
    happened: Callable[[Any, Scene], bool]
    makes: int = 0


NEW = {"currency": "usd", "description": "Shipping"}
LINES = [{"amount": 900, "description": "Shipping"}, {"amount": -400, "description": "For the delay"}]

CHANGES = {
    "pause": Change(
        "pause",
        lambda s: {**s.subscribed(), "kind": "paused", "behavior": None, "resumes_at": None},
        lambda f, s: f.state is SubscriptionState.PAUSED and not s.taken() and not s.adapter.pending(s.customer),
    ),
    "pause collection": Change(
        "pause",
        lambda s: {**s.subscribed(), "kind": "collection", "behavior": "void", "resumes_at": s.in_days(60)},
        lambda f, s: (
            (f.state, f.pause_behavior, f.pauses_until) == (SubscriptionState.ACTIVE, "void", s.at(60))
        ),
    ),
    "resume": Change(
        "resume",
        lambda s: s.paused("paused"),
        lambda f, s: f.state is SubscriptionState.ACTIVE and s.taken() == [6900],
    ),
    "resume collection": Change(
        "resume", lambda s: s.paused("collection"), lambda f, s: f.pause_behavior is None and not s.taken()
    ),
    "reschedule": Change(
        "reschedule",
        lambda s: {**s.subscribed(), "next_charge_at": s.in_days(45)},
        lambda f, s: f.trial_end == f.anchor_at == f.items[0].period_end == s.at(45) and not s.taken(),
    ),
    "alter quantity at once": Change(
        "alter",
        lambda s: {
            **s.subscribed(),
            "items": [{"id": s.item(), "quantity": 3}],
            "proration": "always_invoice",
            "as_of": s.in_days(0),
        },
        lambda f, s: f.items[0].quantity == 3 and s.taken() == [13800],
    ),
    "alter price with nothing billed": Change(
        "alter",
        lambda s: {
            **s.subscribed(),
            "items": [{"id": s.item(), "price": s.world.price(9900), "quantity": 1}],
            "proration": "none",
            "as_of": None,
        },
        lambda f, s: len(f.items) == 1 and f.items[0].price.amount == 9900 and not s.taken(),
    ),
    "schedule_cancel with the period": Change(
        "schedule_cancel",
        lambda s: {**s.subscribed(), "at": None, "feedback": "too_expensive", "comment": "Moves abroad."},
        lambda f, s: f.cancel_at == f.items[0].period_end and f.cancel_feedback == "too_expensive",
    ),
    "schedule_cancel at an instant": Change(
        "schedule_cancel",
        lambda s: {**s.subscribed(), "at": s.in_days(10), "feedback": None, "comment": None},
        lambda f, s: f.cancel_at == s.at(10) and not s.adapter.pending(s.customer),
    ),
    "keep after the period": Change(
        "keep",
        lambda s: s.ending(None),
        lambda f, s: f.cancel_at is None and not f.cancel_at_period_end and f.cancel_feedback is None,
    ),
    "keep after an instant": Change(
        "keep", lambda s: s.ending(s.in_days(10)), lambda f, s: f.cancel_at is None
    ),
    "cancel": Change(
        "cancel",
        lambda s: {**s.subscribed(), "feedback": "unused", "comment": None},
        lambda f, s: f.state is SubscriptionState.CANCELED and f.cancel_feedback == "unused" and not s.taken(),
    ),
    "subscribe": Change(
        "subscribe",
        lambda s: {
            "customer": s.customer,
            "items": [{"price": s.world.price(), "quantity": 2}],
            "starts_at": None,
            "replaces": "sub_old",
        },
        lambda f, s: (
            f.state is SubscriptionState.ACTIVE
            and f.flexible
            and f.tags["opsconsole_replaces"] == "sub_old"
            and s.taken() == [13800]
        ),
        makes=1,
    ),
    "subscribe later": Change(
        "subscribe",
        lambda s: {
            "customer": s.customer,
            "items": [{"price": s.world.price(), "quantity": 1}],
            "starts_at": s.in_days(20),
            "replaces": "sub_old",
        },
        lambda f, s: f.state is SubscriptionState.TRIALING and f.items[0].period_end == s.at(20) and not s.taken(),
        makes=1,
    ),
    "hold": Change("hold", lambda s: s.drafted(6900), lambda f, s: not f.auto_advance),
    "release": Change(
        "release", lambda s: s.drafted(6900, auto_advance=False), lambda f, s: f.auto_advance
    ),
    "add_lines": Change(
        "add_lines",
        lambda s: {**s.drafted(6900), "lines": LINES},
        lambda f, s: sorted(line.amount for line in f.lines) == [-400, 900, 6900] and f.total == 7400,
    ),
    "change_line": Change(
        "change_line",
        lambda s: {
            **s.drafted(6900, 500),
            "line": s.lines()[0],
            "amount": 100,
            "quantity": None,
            "description": "As agreed",
        },
        lambda f, s: {"As agreed": 100}.items() <= {line.description: line.amount for line in f.lines}.items(),
    ),
    "remove_lines": Change(
        "remove_lines",
        lambda s: {**s.drafted(6900, 500), "lines": s.lines()[:1], "keep": False},
        lambda f, s: len(f.lines) == 1 and not s.adapter.pending(s.customer),
    ),
    "remove_lines that wait": Change(
        "remove_lines",
        lambda s: {**s.drafted(6900, 500), "lines": s.lines()[:1], "keep": True},
        lambda f, s: len(f.lines) == 1 and len(s.adapter.pending(s.customer)) == 1,
    ),
    "finalise": Change(
        "finalise",
        lambda s: s.drafted(6900),
        lambda f, s: f.state in (InvoiceState.OPEN, InvoiceState.PAID) and len(s.taken()) <= 1,
    ),
    "collect": Change(
        "collect",
        lambda s: s.opened(),
        lambda f, s: (f.state, f.paid, s.taken()) == (InvoiceState.PAID, 6900, [6900]) and len(f.payments) == 1,
    ),
    "stop_collecting": Change(
        "stop_collecting",
        lambda s: s.opened(),
        lambda f, s: (f.state, f.auto_advance) == (InvoiceState.OPEN, False),
    ),
    "record_payment": Change(
        "record_payment",
        lambda s: {**s.opened(), "reference": "wire 4711"},
        lambda f, s: (
            (f.state, f.out_of_band, s.taken()) == (InvoiceState.PAID, True, [])
            and f.tags["opsconsole_reference"] == "wire 4711"
        ),
    ),
    "void": Change("void", lambda s: s.opened(), lambda f, s: f.state is InvoiceState.VOID),
    "write_off": Change(
        "write_off", lambda s: s.opened(), lambda f, s: f.state is InvoiceState.UNCOLLECTIBLE
    ),
    "drop_draft": Change(
        "drop_draft",
        lambda s: s.drafted(6900),
        lambda f, s: (f.state, f.paid, s.taken()) == (InvoiceState.VOID, 0, []),
    ),
    "reissue": Change(
        "reissue",
        lambda s: {
            "invoice": "in_old",
            "customer": s.customer,
            "currency": "usd",
            **s.subscribed(),
            "lines": LINES,
        },
        lambda f, s: (
            (f.state, f.total, f.auto_advance, f.subscription)
            == (InvoiceState.DRAFT, 500, False, s.subscription)
            and f.tags["opsconsole_replaces"] == "in_old"
            and len(f.lines) == 2
        ),
        makes=1,
    ),
    "credit of an open one": Change(
        "credit",
        lambda s: {
            **s.opened(),
            "amount": 900,
            "reason": "order_change",
            "refund": 0,
            "credit": 0,
            "out_of_band": 0,
        },
        lambda f, s: (f.amount, f.status, f.refunded, f.credited) == (900, "issued", 0, 0),
        makes=1,
    ),
    "credit of a paid one": Change(
        "credit",
        lambda s: {
            "invoice": s.world.paid(s.customer),
            "amount": 1000,
            "reason": "duplicate",
            "refund": 600,
            "credit": 300,
            "out_of_band": 100,
        },
        lambda f, s: (f.amount, f.refunded, f.credited, f.out_of_band) == (1000, 600, 300, 100) and len(f.refunds) == 1,
        makes=1,
    ),
    "void_credit": Change("void_credit", lambda s: s.credited(), lambda f, s: f.status == "void"),
    "charge": Change(
        "charge",
        lambda s: {"customer": s.customer, **s.subscribed(), "amount": 700, **NEW},
        lambda f, s: (f.amount, f.subscription, f.invoice) == (700, s.subscription, None),
        makes=1,
    ),
    "charge on a draft": Change(
        "charge",
        lambda s: {"customer": s.customer, "subscription": None, "amount": 700, **NEW, **s.drafted(6900)},
        lambda f, s: (f.amount, f.invoice, len(s.lines())) == (700, s.invoice, 2),
    ),
    "drop_charge": Change(
        "drop_charge", lambda s: s.waiting(), lambda f, s: f is None and not s.adapter.pending(s.customer)
    ),
    "move_balance": Change(
        "move_balance",
        lambda s: {"customer": s.customer, "amount": -500, **NEW},
        lambda f, s: (f.amount, f.balance, f.customer) == (-500, -500, s.customer),
        makes=1,
    ),
}  # fmt: skip


def ask(scene: Scene, call: Call, of: Change, arguments: dict[str, Any]) -> Any:
    return getattr(scene.adapter, of.method)(call, **arguments)


def seen(scene: Scene, of: Change, facts: Any, ref: str) -> bool:
    """That it happened, and once."""
    return of.happened(facts, scene) and (not of.makes or scene.world.made(ref, scene.customer) == of.makes)


class BillingContract:
    @pytest.fixture
    def adapter(self) -> Billing:
        raise NotImplementedError

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    def test_every_change_does_what_it_says_and_twice_is_once(self, adapter: Billing, world: World) -> None:
        for name, of in CHANGES.items():
            scene = Scene(world, adapter)
            arguments, promise = of.set_up(scene), Promise(f"prm_{name}")
            first = ask(scene, promise.attempt(), of, arguments)
            assert seen(scene, of, first, promise.ref), (name, first)
            for call in (
                promise.attempt(),
                promise.attempt(ask_first=True),
                promise.attempt(round=2),
            ):
                again = ask(scene, call, of, arguments)
                assert again is first is None or again.id == first.id, name
                assert seen(scene, of, again, promise.ref), (name, again)

    @pytest.mark.parametrize("how", ["lost answer", "lost before", "garbage", "saved error"])
    def test_after_an_unknown_outcome_it_has_happened_once(
        self, adapter: Billing, world: World, how: str
    ) -> None:
        for name, of in CHANGES.items():
            scene = Scene(world, adapter)
            arguments, promise = of.set_up(scene), Promise(f"prm_{name} {how}")
            world.fail(how)
            try:
                done = ask(scene, promise.attempt(), of, arguments)
                assert seen(scene, of, done, promise.ref), name
            except Unavailable as failure:
                assert failure.maybe_done, name
            world.heal()
            done = ask(scene, promise.attempt(ask_first=True), of, arguments)
            assert seen(scene, of, done, promise.ref), (name, done)

    def test_the_same_request_is_sent_again_until_it_is_answered(
        self, adapter: Billing, world: World
    ) -> None:
        for name in ("charge", "collect", "alter quantity at once", "add_lines", "reissue"):
            of, scene = CHANGES[name], Scene(world, adapter)
            arguments, promise = of.set_up(scene), Promise(f"prm_{name}")
            for how in ("lost before", "lost answer"):
                world.fail(how)
                with pytest.raises(Unavailable):
                    ask(scene, promise.attempt(), of, arguments)
            assert seen(scene, of, ask(scene, promise.attempt(), of, arguments), promise.ref), name

    def test_days_later_what_was_made_is_found_although_its_key_is_forgotten(
        self, adapter: Billing, world: World
    ) -> None:
        names = [name for name, of in CHANGES.items() if of.makes]
        asked = []
        for name in names:
            of, scene = CHANGES[name], Scene(world, adapter)
            arguments, promise = of.set_up(scene), Promise(f"prm_{name}")
            world.fail("lost answer")
            with pytest.raises(Unavailable):
                ask(scene, promise.attempt(), of, arguments)
            asked.append((of, scene, arguments, promise))
        world.later(days=2)
        for of, scene, arguments, promise in asked:
            found = ask(scene, promise.attempt(ask_first=True), of, arguments)
            assert found.tags["opsconsole_ref"] == promise.ref
            assert world.made(promise.ref, scene.customer) == 1, of.method

    @pytest.mark.parametrize("how", FAULTS)
    def test_a_fault_says_whether_it_may_be_done(self, adapter: Billing, world: World, how: str) -> None:
        for name in ("charge", "void", "cancel", "pause"):
            of, scene = CHANGES[name], Scene(world, adapter)
            arguments, promise = of.set_up(scene), Promise(f"prm_{name} {how}")
            world.fail(how)
            try:
                ask(scene, promise.attempt(), of, arguments)
            except Unavailable as failure:
                assert (failure.maybe_done, failure.credentials) == FAULTS[how], name
            else:
                assert how in ("garbage", "saved error"), "only what can be seen may be settled at once"
            world.heal()

    # a definite no

    def test_a_cards_no_is_declined_in_words_and_changes_nothing(
        self, adapter: Billing, world: World
    ) -> None:
        for name in ("collect", "resume", "subscribe", "alter quantity at once"):
            of, scene = CHANGES[name], Scene(world, adapter)
            arguments, promise = of.set_up(scene), Promise(f"prm_{name}")
            world.turn_bank(scene.customer, "has no money")
            with pytest.raises(Declined) as caught:
                ask(scene, promise.attempt(), of, arguments)
            assert caught.value.code == "insufficient_funds", name
            assert "not enough money" in caught.value.words, name
            assert scene.taken() == [] and world.made(promise.ref, scene.customer) == 0, name
            if name == "resume":
                assert "stays paused, and nothing is owed" in caught.value.words
                now = adapter.fetch_subscription(scene.subscription)
                latest = adapter.fetch_invoice(now.latest_invoice) if now and now.latest_invoice else None
                assert now and now.state is caught.value.facts.state is SubscriptionState.PAUSED
                assert latest and latest.state is InvoiceState.VOID
            if name.startswith("alter"):
                now = adapter.fetch_subscription(scene.subscription)
                assert now and (now.items[0].quantity, now.pending_update) == (1, False)

    def test_a_new_round_after_a_cards_no_charges_once(self, adapter: Billing, world: World) -> None:
        for name in ("collect", "resume", "subscribe", "alter quantity at once"):
            of, scene = CHANGES[name], Scene(world, adapter)
            arguments, promise = of.set_up(scene), Promise(f"prm_{name}")
            world.turn_bank(scene.customer, "has no money")
            with pytest.raises(Declined):
                ask(scene, promise.attempt(), of, arguments)
            world.turn_bank(scene.customer, "says yes")
            for round in (2, 3):
                done = ask(scene, promise.attempt(round=round), of, arguments)
                assert seen(scene, of, done, promise.ref), name

    def test_what_is_past_the_change_is_declined_in_words(self, adapter: Billing, world: World) -> None:
        def refuses(name: str, words: str, arguments: dict[str, Any]) -> None:
            number = next(rounds)
            with pytest.raises(Declined) as caught:
                ask(scene, Promise(f"prm_no_{number}").attempt(), CHANGES[name], arguments)
            assert words in caught.value.words and caught.value.code, (name, caught.value.words)

        rounds = iter(range(100))
        scene = Scene(world, adapter)
        classic = {**scene.subscribed(flexible=False), "behavior": None, "resumes_at": None}
        refuses("pause", "Pause its collection instead", {**classic, "kind": "paused"})
        arguments = scene.subscribed()
        pause = {**arguments, "kind": "paused", "behavior": None, "resumes_at": None}
        world.schedule(scene.subscription)
        refuses("pause", "Release the schedule", pause)
        ended = scene.subscribed()
        ask(
            scene,
            Promise("prm_end").attempt(),
            CHANGES["cancel"],
            {**ended, "feedback": None, "comment": None},
        )
        refuses("pause", "ended for good", {**pause, **ended})
        refuses("resume", "ended for good", {**ended, "kind": "paused"})
        refuses("reschedule", "ended for good", {**ended, "next_charge_at": scene.in_days(5)})
        refuses("keep after an instant", "ended for good", ended)
        unknown = {"subscription": "sub_unknown"}
        refuses("reschedule", "does not have this", {**unknown, "next_charge_at": scene.in_days(5)})
        refuses("cancel", "does not have this", {**unknown, "feedback": None, "comment": None})

        gone = {"invoice": world.paid(scene.customer)}
        for name in ("collect", "void", "write_off", "finalise"):
            refuses(name, "paid already", gone)
        refuses("record_payment", "paid already", {**gone, "reference": "wire 1"})
        refuses("add_lines", "a draft", {**gone, "lines": LINES})
        refuses("finalise", "no draft any more", scene.opened())
        refuses("drop_draft", "paid already", gone)
        for name in ("collect", "void", "drop_draft"):
            refuses(name, "does not have this invoice", {"invoice": "in_unknown"})
        draft = scene.drafted(6900)
        refuses("void", "still a draft", draft)
        credit = {"reason": "duplicate", "refund": 0, "credit": 0, "out_of_band": 0}
        refuses("credit of an open one", "still a draft", {**draft, "amount": 100, **credit})
        waits = scene.waiting()
        draft = scene.drafted(500)
        found = adapter.fetch_invoice(draft["invoice"])
        assert found and found.lines[0].item and waits
        refuses("drop_charge", "on an invoice", {"item": found.lines[0].item})

    def test_what_a_card_paid_meanwhile_is_not_recorded_as_paid_by_other_means(
        self, adapter: Billing, world: World
    ) -> None:
        scene, promise = Scene(world, adapter), Promise("prm_wire")
        arguments = {**scene.opened(), "reference": "wire 1"}
        of = CHANGES["record_payment"]
        world.fail("lost answer")
        with pytest.raises(Unavailable):
            ask(scene, promise.attempt(), of, arguments)
        adapter.collect(Promise("prm_card").attempt(), invoice=scene.invoice)
        with pytest.raises(Declined, match="paid already"):
            ask(scene, promise.attempt(ask_first=True), of, arguments)
        now = adapter.fetch_invoice(scene.invoice)
        assert now and not now.out_of_band and scene.taken() == [6900]

    # what comes instead of an answer

    def test_nothing_of_an_odd_answer_escapes(self, adapter: Billing, world: World) -> None:
        scene = Scene(world, adapter)
        arguments, invoice = scene.subscribed(), scene.opened()["invoice"]
        reads: list[Callable[[], Any]] = [
            lambda: adapter.fetch_subscription(arguments["subscription"]),
            lambda: adapter.fetch_invoice(invoice),
            lambda: adapter.fetch_price(scene.price),
            lambda: adapter.subscriptions(customer=scene.customer),
            lambda: adapter.invoices(customer=scene.customer),
            lambda: adapter.pending(scene.customer),
            lambda: adapter.credits(scene.customer),
            lambda: adapter.entries(since=1),
            lambda: adapter.preview(**arguments, change=None, arguments={}, as_of=world.now()),
            lambda: adapter.portal(
                customer=scene.customer, return_url="https://x.test", flow=None, subscription=None
            ),
        ]
        for profile in PROFILES:
            for read in reads:
                world.fail(f"garbage {profile}", times=None, reads=True)
                try:
                    read()  # a list is read without what is odd in it
                except Unavailable as failure:
                    assert not failure.maybe_done
                finally:
                    world.heal()
        names = ("pause", "charge", "add_lines", "finalise", "credit of an open one", "cancel", "collect")
        for number, profile in enumerate(PROFILES):
            for name in (names[number], names[number - 1]):
                of, scene = CHANGES[name], Scene(world, adapter)
                set_up = of.set_up(scene)
                world.fail(f"garbage {profile}", times=None, reads=True)
                with pytest.raises(Unavailable):
                    ask(scene, Promise(f"prm_{profile} {name}").attempt(), of, set_up)
                world.heal()

    # what is there

    def test_what_the_vendor_does_not_know_is_none(self, adapter: Billing, world: World) -> None:
        for noun in ("subscription", "invoice", "price", "credit_note", "payout"):
            assert getattr(adapter, f"fetch_{noun}")(f"{noun}_unknown") is None

    def test_lists_go_on_to_the_last(self, adapter: Billing, world: World) -> None:
        scene = Scene(world, adapter)
        price = world.price()
        made = {world.subscription(scene.customer, price) for _ in range(3)}
        found = adapter.subscriptions(customer=scene.customer)
        assert {one.id for one in found.items} == made and found.next is None
        since = int(world.now().timestamp()) - 3600
        mine = adapter.invoices(customer=scene.customer, since=since)
        assert [one.subscription in made for one in mine.items] == [True] * 3
        assert all(one.payments and one.state is InvoiceState.PAID for one in mine.items)
        assert adapter.invoices(customer=scene.customer, since=since + 7200).items == ()
        rest = adapter.invoices(customer=scene.customer, after=mine.items[0].id)
        assert [one.id for one in rest.items] == [one.id for one in mine.items[1:]]
        assert price in {one.id for one in adapter.prices().items}
        fetched = adapter.fetch_invoice(mine.items[0].id)
        assert fetched == mine.items[0] and fetched.lines[0].price == price

    def test_every_movement_of_our_balance_is_told(self, adapter: Billing, world: World) -> None:
        scene = Scene(world, adapter)
        invoice = adapter.fetch_invoice(world.paid(scene.customer))
        assert invoice
        mine = [one for one in adapter.entries(since=1).items if one.payment == invoice.payments[0]]
        assert [(one.kind, one.amount, one.net) for one in mine] == [("charge", 6900, 6900 - mine[0].fee)]
        world.later(days=8)
        paid_out = [one for one in adapter.payouts(since=1).items if one.status == "paid"]
        entries = {entry.payment for payout in paid_out for entry in adapter.entries(payout=payout.id).items}
        assert invoice.payments[0] in entries
        assert adapter.fetch_payout(paid_out[0].id) == paid_out[0]

    # previews

    def test_what_was_shown_is_what_is_billed(self, adapter: Billing, world: World) -> None:
        for name in ("alter quantity at once", "resume", "subscribe"):
            of, scene = CHANGES[name], Scene(world, adapter)
            arguments = of.set_up(scene)
            as_of = world.now()
            if "as_of" in arguments:
                arguments["as_of"] = as_of.isoformat()
            about = arguments.get("subscription") or scene.subscribed()["subscription"]
            shown = adapter.preview(subscription=about, change=of.method, arguments=arguments, as_of=as_of)
            assert shown.as_of == shown.next_charge_at == as_of, name
            assert shown.currency == "usd" and shown.lines, name
            ask(scene, Promise(f"prm_{name}").attempt(), of, arguments)
            assert scene.taken() == [shown.due], name

    def test_what_will_be_billed_next(self, adapter: Billing, world: World) -> None:
        scene = Scene(world, adapter)
        arguments, as_of = scene.subscribed(), world.now()
        now = adapter.fetch_subscription(scene.subscription)
        assert now

        def shown(change: str | None, **more: Any) -> Any:
            return adapter.preview(**arguments, change=change, arguments={**arguments, **more}, as_of=as_of)

        usual = shown(None)
        assert (usual.due, [line.amount for line in usual.lines]) == (6900, [6900])
        assert timedelta(0) <= usual.next_charge_at - now.items[0].period_end <= timedelta(hours=1)
        kept = {"behavior": "void", "resumes_at": None}
        assert shown("pause", kind="collection", **kept).total == 6900
        for what, more in (
            ("pause", {"kind": "paused", "behavior": None, "resumes_at": None}),
            ("cancel", {"feedback": None, "comment": None}),
            ("schedule_cancel", {"at": None, "feedback": None, "comment": None}),
        ):
            none = shown(what, **more)
            assert (none.total, none.lines, none.next_charge_at, none.currency) == (0, (), None, "usd"), what
        moved = shown("reschedule", next_charge_at=scene.in_days(45))
        assert (moved.due, moved.next_charge_at) == (0, scene.at(45))
        extra = shown("charge", customer=scene.customer, amount=700, **NEW)
        assert extra.total == 7600
        next_one = shown(
            "alter", items=[{"id": now.items[0].id, "quantity": 2}], proration="create_prorations", as_of=None
        )
        assert next_one.total > 13800 and any(line.proration for line in next_one.lines)
        assert adapter.pending(scene.customer) == () and scene.taken() == []
        with pytest.raises(Declined):
            adapter.preview(subscription="sub_unknown", change=None, arguments={}, as_of=as_of)

    def test_the_portal_is_a_link_of_one_customer(self, adapter: Billing, world: World) -> None:
        scene = Scene(world, adapter)
        subscription = scene.subscribed()["subscription"]
        links = {
            adapter.portal(
                customer=scene.customer,
                return_url="https://console.example.test/",
                flow=flow,
                subscription=subscription,
            )
            for flow in (None, "payment_method_update", "subscription_cancel")
        }
        assert len(links) == 3 and all(link.startswith("http") for link in links)
        with pytest.raises(Declined):
            adapter.portal(customer="cus_unknown", return_url=None, flow=None, subscription=None)
        assert adapter.portal(customer=scene.customer, return_url=None, flow=None, subscription=None)

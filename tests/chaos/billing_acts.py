"""What can be changed of a subscription and of an invoice at Stripe, and must happen there once: a step for each act.

The steps of one family follow each other on one scene, so that a run proves them all for one set-up
(test_billing_once.py); each is a row of the crash grid, too, where processes are killed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from .acts import Row, Scene, World

_numbers = count(1)
BROKE, GOOD = "pm_card_chargeCustomerFail", "pm_card_visa"
WINDOW = 61  # seconds after which a change can be undone no more, and Stripe is asked
WHY = {"reason": "travel"}


@dataclass(frozen=True)
class Step:
    """One act on what the scene calls `of`. `happens` is as in Row; `stands` is how it stands then; `after` are the steps
    without which there is nothing to do."""

    act: str
    of: str
    body: Callable[[World, Scene], dict[str, Any]]
    happens: Mapping[str, int]
    stands: str
    after: tuple[str, ...] = ()
    first: Callable[[World, Scene], None] = lambda world, scene: None  # what somebody does at Stripe before

    @property
    def verb(self) -> str:
        return self.act.split(".")[1]


def ask(world: World, scene: Scene, step: Step) -> Any:
    """Do it as if nothing went wrong. The act's answer."""
    step.first(world, scene)
    answer = world.do(f"{scene[step.of]}/{step.verb}", step.body(world, scene))
    world.later(WINDOW)
    assert world.get(answer["subject"])["status"] == "done", step.act
    taken_up(world, scene, step, answer)
    return answer


def taken_up(world: World, scene: Scene, step: Step, answer: Any) -> None:
    """What comes in place of an ended one is what the next steps are about."""
    if step.verb == "reactivate":
        scene["subscription"] = one_of(world, "subscriptions", world.get(answer["subject"])["external_id"])


# ------------------------------------------------------------ subscriptions


def subscribed(world: World) -> Scene:
    """A monthly subscription of a service, which needs no prescription; a dearer service that it can become."""
    nth = next(_numbers)
    stripe, email = world.stripe, f"subscribed-{nth}@example.test"
    known_as = world.saves_card(email)
    world.shop(
        "/customers",
        {"reference": email, "name": "Jo Field", "email": email, "external_ids": {"stripe": known_as}},
    )
    prices = {}
    for sku, amount in ((f"CARE-{nth}", 3800), (f"CARE-PLUS-{nth}", 5200)):
        product = stripe.products.create({"name": sku})
        price = stripe.prices.create(
            {
                "product": product.id,
                "currency": "usd",
                "unit_amount": amount,
                "recurring": {"interval": "month"},
            }
        )
        keys = [{"system": "stripe_price", "key": price.id}]
        world.shop("/products", {"sku": sku, "name": "Care", "kind": "service", "keys": keys})
        prices[amount] = price.id
    known_to_crm(world, email)
    made = stripe.subscriptions.create(
        {
            "customer": known_as, "items": [{"price": prices[3800], "quantity": 1}],
            "billing_mode": {"type": "flexible"},
        }
    )  # fmt: skip
    world.later(0)
    return {
        "subscription": one_of(world, "subscriptions", made.id), "dearer": prices[5200], "pharmacy": "truepill",
        "fills": 0,
    }  # fmt: skip


def known_to_crm(world: World, email: str) -> None:
    """What is told to a customer who is known arrives: nothing is left over of that."""
    [customer] = world.get(f"/customers?reference={email}")["items"]
    world.knows(customer["id"], email)


def one_of(world: World, what: str, external_id: str) -> str:
    """Where the one is that Stripe calls so."""
    [found] = world.get(f"/{what}?external_id={external_id}")["items"]
    return str(found["url"])


def ahead(world: World, days: int) -> str:
    return (world.today() + timedelta(days=days)).isoformat()


def swapping(world: World, scene: Scene) -> dict[str, Any]:
    return {**WHY, "price": world.price(scene["dearer"])}


def in_its_window(world: World, scene: Scene) -> None:
    """An invoice of the subscription is a draft, and would go out within the hour."""
    external_id = world.get(scene["subscription"])["external_id"]
    known_as = world.stripe.subscriptions.retrieve(external_id).customer
    line = {"customer": known_as, "subscription": external_id, "amount": 700, "currency": "usd"}
    world.stripe.invoice_items.create(line | {"description": "Shipping"})
    world.stripe.invoices.create(
        {"customer": known_as, "subscription": external_id, "currency": "usd", "auto_advance": True,
         "pending_invoice_items_behavior": "include"}
    )  # fmt: skip
    world.later(0)


UPDATED = {"subscription.updated": 1}
# Stripe moves a charge by a trial until then, and begins that with an invoice of nothing.
MOVED = UPDATED | {"invoice": 1, "invoice.finalized": 1, "invoice.paid": 1}
PAID = {
    "invoice": 1,
    "invoice.finalized": 1,
    "payment": 1,
    "invoice.paid": 1,
}  # a period that begins is charged once
OF_SUBSCRIPTIONS = (
    Step("subscriptions.pause", "subscription", lambda *_: {**WHY, "kind": "paused", "deliveries": 1},
         {"subscription.paused": 1}, "paused"),
    Step("subscriptions.resume", "subscription", lambda *_: {},
         {"subscription.resumed": 1} | PAID, "active", after=("subscriptions.pause",)),
    Step("subscriptions.skip", "subscription", lambda *_: WHY, MOVED, "active"),
    Step("subscriptions.unskip", "subscription", lambda *_: {}, MOVED, "active", after=("subscriptions.skip",)),
    Step("subscriptions.reschedule", "subscription", lambda world, _: {**WHY, "on": ahead(world, 19)}, MOVED, "active"),
    Step("subscriptions.alter", "subscription", lambda *_: {**WHY, "quantity": 2}, UPDATED, "active"),
    Step("subscriptions.swap", "subscription", swapping, UPDATED, "active"),
    Step("subscriptions.cancel", "subscription", lambda *_: {**WHY, "when": "period_end"}, UPDATED, "canceling"),
    Step("subscriptions.keep", "subscription", lambda *_: {}, UPDATED, "active", after=("subscriptions.cancel",)),
    Step("subscriptions.cancel", "subscription", lambda *_: {**WHY, "when": "now"},
         {"subscription.canceled": 1, "invoice.finalized": 1, "invoice.voided": 1}, "canceled", first=in_its_window),
    Step("subscriptions.reactivate", "subscription", lambda *_: WHY,
         {"subscription": 1} | PAID, "active", after=("subscriptions.cancel now",)),
)  # fmt: skip


# ------------------------------------------------------------ invoices


def invoiced(world: World) -> Scene:
    """A draft, and two invoices that were sent and that the card did not pay."""
    email = f"invoiced-{next(_numbers)}@example.test"
    stripe, known_as = world.stripe, world.saves_card(email, BROKE)
    world.shop(
        "/customers",
        {"reference": email, "name": "Jo Field", "email": email, "external_ids": {"stripe": known_as}},
    )
    known_to_crm(world, email)
    scene: Scene = {"known_as": known_as, "pharmacy": "truepill", "fills": 0}
    made = {name: _drafted(stripe, known_as) for name in ("draft", "sent", "wrong")}
    for name in ("sent", "wrong"):
        stripe.invoices.finalize_invoice(made[name], {"auto_advance": True})
    world.later(0)
    return scene | {name: one_of(world, "invoices", id) for name, id in made.items()}


def _drafted(stripe: Any, known_as: str) -> str:
    made = stripe.invoices.create({"customer": known_as, "currency": "usd", "auto_advance": True})
    for amount, words in ((60_00, "Service fee"), (7_00, "Shipping")):
        stripe.invoice_items.create(
            {
                "customer": known_as, "invoice": made.id, "amount": amount, "currency": "usd",
                "description": words,
            }
        )  # fmt: skip
    return str(made.id)


def adjusting(world: World, scene: Scene) -> dict[str, Any]:
    """All that can be changed of a draft at once: one line more, one less, one for less."""
    lines = {line["description"]: line["line"] for line in world.get(scene["draft"])["lines"]}
    return {
        "reason": "goodwill",
        "add": [{"amount": "-5.00", "description": "Goodwill credit"}],
        "change": [{"line": lines["Service fee"], "amount": "50.00"}],
        "remove": [lines["Shipping"]],
    }


def paying(world: World, scene: Scene) -> dict[str, Any]:
    reference = f"wire {scene['sent'][-8:]}"
    return {"reference": reference, "amount": "67.00", "received_on": world.today().isoformat()}


def good_card(world: World, scene: Scene) -> None:
    world.changes_card(scene["known_as"], GOOD)


WRONG = {"reason": "wrong_amount"}
REISSUED = {"invoice": 1, "invoiceitem": 2, "invoice.updated": 1}  # made, filled, and marked as whole
OF_INVOICES = (
    Step("billing.hold", "draft", lambda *_: {"reason": "amount"}, {"invoice.updated": 1}, "draft"),
    Step("billing.release", "draft", lambda *_: {}, {"invoice.updated": 1}, "draft", after=("billing.hold",)),
    Step("billing.adjust", "draft", adjusting, {"invoice.updated": 3, "invoiceitem": 1}, "draft"),
    Step("billing.finalise", "draft", lambda *_: {}, {"invoice.finalized": 1, "invoice.payment_failed": 1}, "open"),
    Step("billing.stop_collecting", "draft", lambda *_: {}, {"invoice.updated": 1}, "open", after=("billing.finalise",)),
    Step("billing.collect", "draft", lambda *_: {}, {"invoice.paid": 1, "payment": 1}, "paid",
         after=("billing.finalise",), first=good_card),
    Step("billing.record_payment", "sent", paying, {"invoice.updated": 1, "invoice.paid": 1}, "paid"),
    Step("billing.write_off", "wrong", lambda *_: WRONG, {"invoice.marked_uncollectible": 1}, "uncollectible"),
    Step("billing.void", "wrong", lambda *_: WRONG, {"invoice.voided": 1}, "void"),
    Step("billing.reissue", "wrong", lambda *_: WRONG, REISSUED, "void", after=("billing.void",)),
)  # fmt: skip


# ------------------------------------------------------------ as rows of the crash grid


def _rows(family: tuple[Step, ...], scene: Callable[[World], Scene]) -> list[Row]:
    return [_row(family, nth, scene) for nth in range(len(family))]


def _row(family: tuple[Step, ...], nth: int, begin: Callable[[World], Scene]) -> Row:
    step = family[nth]

    def ready(world: World, where: str) -> Scene:
        scene = begin(world)
        for earlier in family[:nth]:
            if earlier.act in step.after or named(earlier) in step.after:
                ask(world, scene, earlier)
        step.first(world, scene)
        return scene | {"url": f"{scene[step.of]}/{step.verb}"}

    return Row(
        named(step), ready, step.body, step.happens, ("subject", "done"), at=("truepill",),
        besides=frozenset({"message"}),
    )  # fmt: skip


def named(step: Step) -> str:
    """Ending now and ending later are one act and two things to do."""
    return f"{step.act} now" if "subscription.canceled" in step.happens else step.act


ROWS = (*_rows(OF_SUBSCRIPTIONS, subscribed), *_rows(OF_INVOICES, invoiced))

"""What can be begun and must happen once: a row for each act. Whoever adds an act that makes promises adds its row here.

Each row is proved twice (test_crash_grid.py): in one process, in every run, and with processes that are killed, as a soak.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any, Protocol

from opsconsole.lib import crash

from ..fills.scenes import HOME
from ..scenes import WINDOW

Scene = dict[str, Any]
_numbers = count(1)
SHIPPED = 8 * 3600  # seconds after which the sandbox's pharmacies have shipped what they took


class World(Protocol):
    """A console and its vendors, in one process or in many. Times are the sandbox's."""

    pharmacies: Mapping[str, str]  # adapter -> id
    stripe: Any  # the processor's own API, as somebody at its dashboard uses it

    def get(self, url: str) -> Any: ...

    def do(self, url: str, body: Any) -> Any:
        """An act that succeeds. Its answer."""
        ...

    def shop(self, url: str, body: Any) -> Any:
        """The same by the shop."""
        ...

    def pay(self, minor: int) -> str:
        """A payment at the processor. Its id there."""
        ...

    def saves_card(self, email: str, card: str = "pm_card_visa") -> str:
        """Somebody saves a card at the processor. Its id of them."""
        ...

    def changes_card(self, known_as: str, card: str) -> None:
        """They pay with another card from now on."""
        ...

    def price(self, external_id: str) -> str:
        """Our id of a price of the processor's."""
        ...

    def knows(self, customer_id: str, email: str) -> None:
        """The CRM knows the customer by this address."""
        ...

    def later(self, seconds: float) -> None:
        """Time passes, and everything that is due is done."""
        ...

    def today(self) -> date: ...


@dataclass(frozen=True)
class Row:
    """`scene` sets up what the act is about and returns {"url": where it is asked, ..}; `body` is what it is asked with.
    `happens` is how often what must have happened at the vendors then, by the ledger's word for it; nothing else may.
    `ends` is (what of the scene or its fill, its status). `calls` says whether it makes a promise: if not, only the web can
    die over it. `at` are the pharmacies at which it is tried."""

    act: str
    scene: Callable[[World, str], Scene]
    body: Callable[[World, Scene], dict[str, Any]]
    happens: Mapping[str, int]
    ends: tuple[str, str]
    calls: bool = True
    at: tuple[str, ...] = ("truepill", "honeybee")
    misses: frozenset[str] = field(default_factory=frozenset)  # points by which its calls do not come
    besides: frozenset[str] = field(default_factory=frozenset)  # what may happen beside it, at its own time

    @property
    def points(self) -> list[str]:
        """Where somebody may die over it."""
        mine = [point for point in crash.POINTS if point.startswith("act.") or self.calls]
        return [point for point in mine if point not in self.misses]


# ------------------------------------------------------------ scenes


def ready(world: World, pharmacy: str, fate: str = "") -> Scene:
    """A paid order that may go to a pharmacy."""
    paid = world.pay(6000)
    customer = f"c-{paid}"
    world.shop("/customers", {"reference": customer, "name": "Jo Field", "email": f"{customer}@example.test"})
    told = {
        "reference": f"R-{paid[-10:]}", "customer": customer, "total": "60.00", "payment": paid,
        "lines": [{"sku": "NC60", "name": "Night cream, 60 days", "quantity": 1, "unit_price": "60.00"}],
        "ship_to": HOME | ({"line2": f"FATE {fate}"} if fate else {}),
    }  # fmt: skip
    order = world.shop("/orders", told)["subject"]
    world.later(0)
    assert world.get(order)["status"] == "ready"
    return {"order": order, "url": f"{order}/submit", "pharmacy": pharmacy}


def queued(world: World, pharmacy: str, verb: str, fate: str = "") -> Scene:
    """Its fill is planned, and can still be undone."""
    scene = ready(world, pharmacy, fate)
    fill = world.do(scene["url"], {"pharmacy": world.pharmacies[pharmacy]})["subject"]
    return scene | {"fill": fill, "url": f"{scene['order']}/{verb}"}


def filled(world: World, pharmacy: str, verb: str, fate: str = "", *, on: str = "fill") -> Scene:
    """The pharmacy has looked at its fill. What is asked is asked of the fill, or of the order."""
    scene = queued(world, pharmacy, verb, fate)
    world.later(WINDOW)
    world.later(10)
    return scene | {"url": f"{scene[on]}/{verb}"}


def asked(world: World, pharmacy: str) -> Scene:
    """The pharmacy waits for an answer."""
    fate = {"truepill": "TRIAGE T005", "honeybee": "EXCEPTION OOS"}[pharmacy]
    return filled(world, pharmacy, "answer", fate)


def parcel(world: World, pharmacy: str) -> Scene:
    """A parcel that is followed, of a customer whom the CRM knows."""
    scene = filled(world, pharmacy, "shipment", "STALL", on="order")
    customer = world.get(world.get(scene["order"])["customer"])
    world.knows(customer["id"], customer["email"])
    made = world.do(scene["url"], {"carrier": "USPS", "tracking_code": number("9400")})
    world.later(0)
    return scene | {"parcel": made["subject"], "url": f"{made['subject']}/relabel"}


def shipped(world: World, pharmacy: str) -> Scene:
    """It left the pharmacy, and is to be sent again."""
    scene = queued(world, pharmacy, "replace")
    for seconds in (WINDOW, SHIPPED):
        world.later(seconds)
    assert world.get(scene["order"])["status"] == "shipped"
    return scene


def called_off(world: World, pharmacy: str) -> Scene:
    """The pharmacy has it, and a customer whom the CRM knows wants it no more."""
    scene = filled(world, pharmacy, "plan", on="order")
    customer = world.get(world.get(scene["order"])["customer"])
    world.knows(customer["id"], customer["email"])
    return scene


def unpaid(world: World, pharmacy: str) -> Scene:
    """An order that waits for its money, of somebody who has saved a card."""
    nth = next(_numbers)
    email = f"card-{nth}-{pharmacy}@example.test"
    known_at_stripe(world, email)
    told = {
        "reference": f"C-{nth}", "customer": email, "total": "60.00",
        "lines": [{"sku": "NC60", "name": "Night cream, 60 days", "quantity": 1, "unit_price": "60.00"}],
    }  # fmt: skip
    order = world.shop("/orders", told)["subject"]
    world.later(0)
    return {"order": order, "url": f"{order}/collect", "pharmacy": pharmacy, "fills": 0}


def known_at_stripe(world: World, email: str) -> str:
    """Somebody who has saved a card. Their page."""
    known = {
        "reference": email,
        "name": "Jo Field",
        "email": email,
        "external_ids": {"stripe": world.saves_card(email)},
    }
    return str(world.shop("/customers", known)["subject"])


def charged(world: World, pharmacy: str) -> Scene:
    """Two increments that Stripe does not have yet."""
    nth = next(_numbers)
    customer = known_at_stripe(world, f"charged-{nth}@example.test")
    told = {"currency": "usd", "description": "Cold packaging", "source": "shop"}
    for n, amount in enumerate(("5.00", "-1.00")):
        told_once = told | {"amount": amount, "reference": f"{nth}-{n}"}
        charge = world.shop(f"{customer}/charge", told_once)["subject"]
    world.later(0)
    return {"charge": charge, "url": f"{customer}/sync", "pharmacy": pharmacy, "fills": 0}


def held(world: World, pharmacy: str) -> Scene:
    scene = queued(world, pharmacy, "hold")
    world.do(scene["url"], holding(world, scene))
    return scene | {"url": f"{scene['order']}/release"}


def holding(world: World, scene: Scene) -> dict[str, Any]:
    return {"reason": "other", "until": (world.today() + timedelta(days=1)).isoformat()}


def number(prefix: str) -> str:
    """A carrier's number that no other parcel has."""
    return f"{prefix}{next(_numbers):014}"


# ------------------------------------------------------------ the table

TO_STOP = frozenset({"pin.after"})  # asking to stop sends nothing that is to be kept
UNHEARD = frozenset(
    one for one in crash.POINTS if one.startswith("settle.")
)  # Stripe tells of it, and nobody needs it
ACTS = (
    Row("fills.submit", ready, lambda world, scene: {"pharmacy": world.pharmacies[scene["pharmacy"]]},
        {"fill": 1}, ("fill", "acknowledged")),
    Row("fills.resend", lambda world, where: filled(world, where, "resend", "NEVER"), lambda *_: {},
        {"fill": 1}, ("fill", "rejected")),
    Row("fills.cancel", lambda world, where: filled(world, where, "cancel"), lambda *_: {"reason": "other"},
        {"fill_cancel": 1}, ("fill", "canceled"), misses=TO_STOP),
    Row("fills.answer", asked, lambda *_: {"answer": "wait"},
        {"fill_answer": 1}, ("fill", "acknowledged")),
    Row("shipments.record", lambda world, where: filled(world, where, "shipment", "STALL", on="order"),
        lambda *_: {"carrier": "USPS", "tracking_code": number("9401")},
        {"tracker": 1}, ("subject", "label_created"), at=("truepill",)),
    Row("shipments.relabel", parcel,
        lambda *_: {"carrier": "UPS", "tracking_code": number("1Z"), "reason": "Changed"},
        {"tracker": 1, "message": 1}, ("subject", "label_created"), at=("truepill",)),
    Row("replacements.issue", shipped, lambda *_: {"reason": "lost_in_transit"},
        {"fill": 1}, ("subject", "order_created")),
    Row("plans.make", called_off,
        lambda *_: {
            "cancel": "customer_request", "refund": {"all": True, "reason": "cancelled_before_ship"},
            "tell": "order_canceled",
        },
        {"fill_cancel": 1, "refund": 1, "message": 1}, ("order", "canceled")),
    Row("payments.collect", unpaid, lambda *_: {},
        {"payment": 1}, ("order", "ready"), at=("truepill",)),
    Row("billing.sync", charged, lambda *_: {},
        {"invoiceitem": 1}, ("charge", "applied"), at=("truepill",), misses=UNHEARD),
    Row("orders.hold", lambda world, where: queued(world, where, "hold"), holding,
        {}, ("order", "on_hold"), calls=False, at=("truepill",)),
    Row("orders.release", held, lambda *_: {},
        {}, ("order", "ready"), calls=False, at=("truepill",)),
    Row("orders.cancel", lambda world, where: queued(world, where, "cancel"),
        lambda *_: {"reason": "customer_request"}, {}, ("order", "canceled"), calls=False, at=("truepill",)),
    Row("orders.readdress", lambda world, where: queued(world, where, "readdress"),
        lambda *_: {"ship_to": HOME | {"line1": "2 Oak St"}}, {}, ("order", "ready"), calls=False, at=("truepill",)),
)  # fmt: skip

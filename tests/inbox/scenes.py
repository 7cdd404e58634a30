"""What the inbox's tests share: a Stripe whose webhooks they hold in their hands, and what is true there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from opsconsole import vendors

from ..house import House, stripe_client
from ..sandbox.wsgi import WsgiClient
from ..webhooks.stripe_deliveries import body_of, signature


def hold_webhooks(house: House) -> None:
    """From now on no webhook arrives by itself."""
    house.sandbox.fault(method="webhook", kind="drop")
    house.sandbox.flush()


def told(house: House) -> list[dict[str, Any]]:
    """Every event that Stripe has told, oldest first."""
    client = stripe_client(WsgiClient(house.sandbox_app))
    newest_first = client.v1.events.list({"limit": 100}).auto_paging_iter()
    return [event.to_dict() for event in newest_first][::-1]


def tell(house: House, *events: dict[str, Any]) -> None:
    """Deliver these events, in this order."""
    for event in events:
        body = body_of(event)
        headers = {"Stripe-Signature": signature(body)}
        assert house.deliver("http://console.test/webhooks/stripe", headers, body) == 200


def give_back(house: House, payment: str, minor: int) -> str:
    """A refund made in Stripe's dashboard. Returns its id."""
    client = stripe_client(WsgiClient(house.sandbox_app))
    refund = client.v1.refunds.create({"payment_intent": payment, "amount": minor})
    return refund.id


def truth(house: House, payments: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """What Stripe holds of these payments and their refunds."""
    client = stripe_client(WsgiClient(house.sandbox_app))
    found: dict[str, tuple[Any, ...]] = {}
    for id in payments:
        intent = client.v1.payment_intents.retrieve(id)
        held = [
            dispute.amount
            for dispute in client.v1.disputes.list({"payment_intent": id, "limit": 100}).data
            if dispute.status in ("needs_response", "under_review", "lost")
        ]
        found[id] = (intent.status, intent.amount, intent.amount_received, sum(held))
        for refund in client.v1.refunds.list({"payment_intent": id, "limit": 100}).data:
            found[refund.id] = (refund.status, refund.amount, id)
    return found


def mirrored(house: House) -> dict[str, tuple[Any, ...]]:
    """The same as our tables have it."""
    payments = house.rows("select external_id, raw_status, amount, captured, disputed from payments")
    refunds = house.rows(
        "select r.external_id, r.raw_status, r.amount, p.external_id as payment"
        " from refunds r join payments p on p.id = r.payment_id"
    )
    return {row[0]: tuple(row[1:]) for row in [*payments, *refunds]}


def statuses(house: House) -> dict[str, int]:
    """How many events are in which status."""
    return {row[0]: row[1] for row in house.rows("select status, count(*) from inbox_events group by 1")}


class Between:
    """A processor with somebody in between, who sees what one of its methods found and may change it."""

    def __init__(self, method: str, change: Callable[[Any], Any]) -> None:
        self._real = vendors.port("payments")
        self._method, self._change = method, change

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._real, name)
        return (lambda *args: self._change(real(*args))) if name == self._method else real

    def __enter__(self) -> Between:
        vendors.connect("payments", self)
        return self

    def __exit__(self, *_: object) -> None:
        vendors.connect("payments", self._real)

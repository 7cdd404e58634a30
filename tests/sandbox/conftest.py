from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import stripe

from opsconsole.sandbox import Sandbox, SandboxApp, create_sandbox

from .shared import sandbox_as_new
from .wsgi import WsgiClient

KEY = "sk_test_tests"
SECRET = "whsec_tests"
CONSOLE = "http://127.0.0.1:8000"


@dataclass
class World:
    """A sandbox in this process, the SDK that talks to it, and the console that its webhooks reach."""

    app: SandboxApp
    sdk: stripe.StripeClient
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def sandbox(self) -> Sandbox:
        return self.app.sandbox

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """A raw request with the right API key."""
        headers = {"Authorization": f"Bearer {KEY}", **(headers or {})}
        return self.app.test_client().open(path, method=method, headers=headers, **more)

    def control(self, method: str, path: str, json: Any = None) -> Any:
        return self.app.test_client().open(f"/_sandbox/{path}", method=method, json=json)

    def pay(self, amount: int = 1000, method: str = "pm_card_visa", **more: Any) -> stripe.PaymentIntent:
        params = {"amount": amount, "currency": "usd", "payment_method": method, "confirm": True}
        wanted: Any = params | more
        return self.sdk.v1.payment_intents.create(wanted)

    def refund(self, payment: stripe.PaymentIntent, amount: int | None = None, **more: Any) -> stripe.Refund:
        params: Any = {"payment_intent": payment.id, **more}
        return self.sdk.v1.refunds.create(params | ({} if amount is None else {"amount": amount}))

    def charge(self, payment: stripe.PaymentIntent) -> stripe.Charge:
        assert isinstance(payment.latest_charge, str)
        return self.sdk.v1.charges.retrieve(payment.latest_charge)

    def types(self) -> list[str]:
        """Event types, oldest first."""
        return [str(event.type) for event in self.sdk.v1.events.list({"limit": 100}).data][::-1]


def make(state: Path | None = None) -> World:
    received: list[tuple[str, dict[str, str], bytes]] = []
    answers: list[int] = []

    def deliver(url: str, headers: dict[str, str], body: bytes) -> int:
        received.append((url, headers, body))
        return answers.pop(0) if answers else 200

    settings: Any = {"stripe_api_key": KEY, "stripe_webhook_secret": SECRET, "webhook_url": CONSOLE}
    settings["deliver"] = deliver
    app = create_sandbox(state, **settings) if state else sandbox_as_new(**settings)
    app.testing = True
    sdk = stripe.StripeClient(
        KEY, http_client=WsgiClient(app), base_addresses={"api": "http://localhost"}, max_network_retries=0
    )
    return World(app, sdk, received, answers)


@pytest.fixture
def world() -> World:
    return make()


@pytest.fixture
def world_on_disk(tmp_path: Path) -> Callable[[], World]:
    """Each call opens the same state file again."""
    return lambda: make(tmp_path / "sandbox.sqlite")

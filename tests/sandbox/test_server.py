"""The sandbox as a process of its own: connections really cut, webhooks really sent, kill -9."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

KEY = "sk_test_sandbox"


class Console(ThreadingHTTPServer):
    """Answers 200 to every webhook and keeps what came."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.arrived = threading.Condition()
        super().__init__(("127.0.0.1", 0), Receiver)

    def wait_for(self, count: int) -> bool:
        with self.arrived:
            return self.arrived.wait_for(lambda: len(self.received) >= count, timeout=10)


class Receiver(BaseHTTPRequestHandler):
    server: Console

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.arrived:
            self.server.received.append((self.headers["Stripe-Signature"], body))
            self.server.arrived.notify_all()
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def console() -> Iterator[Console]:
    server = Console()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@contextmanager
def sandbox(state: Path, console: Console) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "opsconsole.sandbox", "--port", "0", "--state", str(state)]
    command += ["--webhook-url", f"http://127.0.0.1:{console.server_port}"]
    env = {"STRIPE_API_KEY": KEY, "STRIPE_WEBHOOK_SECRET": "whsec_process"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1], process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def start(tmp_path: Path, console: Console) -> Callable[[], Any]:
    return lambda: sandbox(tmp_path / "state" / "sandbox.sqlite", console)


def client(base: str) -> stripe.StripeClient:
    return stripe.StripeClient(KEY, base_addresses={"api": base}, max_network_retries=0)


def test_a_process_cuts_connections_sends_webhooks_and_forgets_nothing(
    start: Callable[[], Any], console: Console
) -> None:
    with start() as (base, process):
        sdk = client(base)
        payment = sdk.v1.payment_intents.create(
            {"amount": 1000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
        )
        refund: Any = ({"payment_intent": payment.id, "amount": 400}, {"idempotency_key": "ref:1"})
        for kind in ("refused", "lost_answer"):
            dial = {"method": "POST /v1/refunds", "kind": kind, "times": 1}
            requests.post(f"{base}/_sandbox/faults", json=dial, timeout=5)
            with pytest.raises(stripe.APIConnectionError):
                sdk.v1.refunds.create(*refund)
        assert console.wait_for(5)
        for signature, body in console.received:
            stripe.WebhookSignature.verify_header(body, signature, "whsec_process", 300)
        process.kill()

    with start() as (base, process):
        sdk = client(base)
        replayed = sdk.v1.refunds.create(*refund)
        assert replayed.last_response is not None
        assert replayed.last_response.headers["Idempotent-Replayed"] == "true"
        entries = requests.get(f"{base}/_sandbox/ledger?kind=refund", timeout=5).json()["entries"]
        assert [entry["idempotency_key"] for entry in entries] == ["ref:1"]
        process.terminate()
        assert process.wait(10) == 0

"""The sandbox as a whole: its parts put together, and what tests and the control page do with it."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ._agenda import Agenda
from ._clock import Clock
from ._faults import Faults
from ._ledger import Ledger
from ._state import Store
from ._traffic import Traffic
from ._webhooks import Deliver, Webhooks
from .customerio import CustomerIO, Keys
from .easypost import EasyPost
from .easypost import Keys as EasyPostKeys
from .email import Mailbox
from .fhir import Fhir
from .fhir import Keys as HealthcareKeys
from .honeybee import Honeybee
from .pharmacies import PharmacyKeys
from .stripe import Stripe
from .truepill import Truepill

TICK_SECONDS = 1.0
log = logging.getLogger(__name__)


class Sandbox:
    def __init__(
        self,
        state: Path | None,
        *,
        stripe_api_key: str,
        stripe_webhook_secret: str,
        webhook_url: str | None,
        deliver: Deliver | None,
        customerio_keys: Keys,
        easypost_keys: EasyPostKeys,
        pharmacy_keys: PharmacyKeys,
        healthcare_keys: HealthcareKeys,
    ) -> None:
        self.store = Store(state)
        self.clock = Clock(self.store)
        self.faults = Faults()
        self.book = Ledger(self.store)
        self.agenda = Agenda(self.store)
        self.webhooks = Webhooks(self.store, self.faults, deliver)
        self.calls: deque[dict[str, Any]] = deque(maxlen=5000)
        self.traffic = Traffic()
        self.stripe = Stripe(
            self.store,
            self.clock,
            self.faults,
            self.agenda,
            self.webhooks,
            api_key=stripe_api_key,
            webhook_secret=stripe_webhook_secret,
            webhook_url=webhook_url,
        )
        parts = (self.store, self.clock, self.faults, self.agenda, self.webhooks)
        self.customerio = CustomerIO(*parts, keys=customerio_keys, webhook_url=webhook_url)
        self.easypost = EasyPost(*parts, keys=easypost_keys, webhook_url=webhook_url)
        self.truepill = Truepill(*parts, api_key=pharmacy_keys.truepill, webhook_url=webhook_url)
        self.honeybee = Honeybee(
            *parts,
            api_key=pharmacy_keys.honeybee,
            webhook_secret=pharmacy_keys.honeybee_webhook_secret,
            webhook_url=webhook_url,
        )
        self.fhir = Fhir(*parts, keys=healthcare_keys, webhook_url=webhook_url)
        vendors = (self.customerio, self.easypost, self.truepill, self.honeybee, self.fhir)
        self.doors = [door for vendor in vendors for door in vendor.doors]
        self.mailbox = Mailbox(self.store, self.clock, self.faults)
        self._stop = threading.Event()
        self._thread = None if deliver else threading.Thread(target=self._run, name="sandbox", daemon=True)
        if self._thread:
            self._thread.start()

    def advance(self, seconds: float) -> dict[str, float]:
        """Move sandbox time forward and let happen what falls due."""
        self.clock.advance(seconds)
        self.agenda.run_due(self.clock.now())
        self.stripe.prune_keys()
        self.webhooks.new.set()
        return self.time()

    def time(self) -> dict[str, float]:
        return {"offset_seconds": self.clock.offset, "now": self.clock.now()}

    def fault(self, **dial: Any) -> str:
        """Set a fault dial (see Fault); returns its id. Raises BadDial."""
        return self.faults.add(**dial)

    def clear_faults(self) -> None:
        self.faults.clear()

    def ledger(self, kind: str | None = None) -> list[dict[str, Any]]:
        return self.book.entries(kind)

    def load(self, lines: Iterable[Any]) -> dict[str, int]:
        """Bulk creation of Stripe customers, payments and subscriptions (see stripe/_load.py)."""
        return self.stripe.load(lines)

    def flush(self) -> int:
        """Let what is due happen and deliver every webhook that is due. Returns how many were accepted."""
        accepted = 0
        while True:
            now = self.clock.now()
            happened = self.agenda.run_due(now)
            dealt_with, arrived = self.webhooks.deliver_due(now)
            accepted += arrived
            if not happened and not dealt_with:
                return accepted

    def begin_anew(self, image: bytes, deliver: Deliver) -> None:
        """Be as when `store.image()` was made, in a sandbox that keeps everything in memory: whoever wants many, one after
        the other, need not wait for each to be created."""
        self.store.restore(image)
        self.clock.advance(0)
        self.faults.clear()
        self.calls.clear()
        self.traffic.clear()
        self.webhooks.deliver_by(deliver)

    def close(self) -> None:
        """Stop the background thread and close the file."""
        self._stop.set()
        self.webhooks.new.set()
        if self._thread:
            self._thread.join(timeout=5)
        self.store.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.flush()
            except Exception:  # one bad event must not stop all the others
                if self._stop.is_set():
                    return
                log.exception("the sandbox could not deliver")
                self._stop.wait(TICK_SECONDS)
            self.webhooks.new.wait(TICK_SECONDS)
            self.webhooks.new.clear()

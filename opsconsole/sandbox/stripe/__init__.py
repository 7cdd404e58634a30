"""The sandbox's Stripe, API 2026-10-28.endive: payments, refunds, subscriptions, invoices; as strict as the real one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from .._agenda import Agenda
from .._clock import Clock
from .._faults import Faults
from .._state import Store
from .._webhooks import Webhooks
from . import (
    _billing,
    _cycle,
    _dunning,
    _idempotency,
    _invoice_life,
    _subscription,
    _tax,
    _turn,
    balance,
    disputes,
    events,
    fraud_warnings,
    payment_intents,
    payouts,
    refunds,
    webhook_endpoints,
)
from ._load import BadLine, load_line
from ._signature import sign
from ._turn import Facts, Turn, show

LOADED_AT_ONCE = 1000


class Stripe:
    """What the rest of the sandbox knows of Stripe: its state, what falls due, how it signs, its controls."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        faults: Faults,
        agenda: Agenda,
        webhooks: Webhooks,
        *,
        api_key: str,
        webhook_secret: str,
        webhook_url: str | None,
    ) -> None:
        self.store, self.clock, self.faults, self.webhooks = store, clock, faults, webhooks
        self.api_key = api_key
        self.keys = _idempotency.Keys()
        self._webhook_secret = webhook_secret
        _turn.define(store)
        store.define(_idempotency.SCHEMA)
        webhooks.teach("stripe", self._signed)
        for what, happens in FALLS_DUE.items():
            agenda.teach(what, partial(self._due, happens))
        with self.turn() as turn:
            webhook_endpoints.set_console(turn, webhook_url and webhook_url.rstrip("/") + "/webhooks/stripe")

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        with self.store.transaction() as db:
            yield self.turn_in(db, self.clock.now())

    def turn_in(
        self, db: sqlite3.Connection, now: float, request_id: str | None = None, key: str | None = None
    ) -> Turn:
        return Turn(db, now, partial(events.publish, self.webhooks), request_id, key)

    def _due(self, happens: Callable[[Turn, str], None], db: sqlite3.Connection, at: float, id: str) -> None:
        happens(self.turn_in(db, at), id)

    def _signed(self, event: str, endpoint: str, flaw: str | None) -> tuple[dict[str, str], bytes]:
        with self.store.reading() as db:
            turn = self.turn_in(db, self.clock.now())
            body = events.body_of(turn.need("event", event))
            secret = self._webhook_secret
            if endpoint != webhook_endpoints.CONSOLE:
                secret = (turn.find("webhook_endpoint", endpoint) or {}).get("secret", "")
        return sign(body, secret, time.time(), flaw), body

    def prune_keys(self) -> None:
        with self.store.transaction() as db:
            _idempotency.prune(db, self.clock.now())

    def load(self, lines: Iterable[Any]) -> dict[str, int]:
        """Bulk creation, a thousand to a transaction. Raises BadLine; the thousands before it stay."""
        counts = {"loaded": 0, "unchanged": 0}
        batch: list[Any] = []
        for line in lines:
            batch.append(line)
            if len(batch) == LOADED_AT_ONCE:
                self._load_batch(batch, counts)
                batch = []
        self._load_batch(batch, counts)
        return counts

    def _load_batch(self, batch: list[Any], counts: dict[str, int]) -> None:
        with self.turn() as turn:
            for line in batch:
                counts["loaded" if load_line(turn, line) else "unchanged"] += 1

    def move_refund(self, id: str, status: str, **details: str | None) -> dict[str, Any]:
        """What a bank does days later. Raises ApiError or ValueError when it cannot be."""
        if status not in refunds.STATUSES[:4]:
            raise ValueError(f"status must be one of {', '.join(refunds.STATUSES[:4])}")
        for name, known in (
            ("failure_reason", refunds.FAILURE_REASONS),
            ("pending_reason", refunds.PENDING_REASONS),
        ):
            if details.get(name) is not None and details[name] not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}")
        with self.turn() as turn:
            facts = turn.need("refund", id)
            if facts["status"] == "canceled":
                raise ValueError(f"Refund {id} is canceled for good.")
            refunds.move(turn, facts, status, **details)
            return show("refund", facts)

    def dispute(self, payment_intent: str, **given: Any) -> dict[str, Any]:
        with self.turn() as turn:
            intent = turn.need("payment_intent", payment_intent)
            charge = turn.need("charge", intent.get("latest_charge") or "")
            return show("dispute", disputes.open_dispute(turn, charge, **_checked(charge, given)))

    def close_dispute(self, id: str, status: str) -> dict[str, Any]:
        if status not in ("won", "lost"):
            raise ValueError("status must be won or lost")
        with self.turn() as turn:
            return show("dispute", disputes.close_dispute(turn, turn.need("dispute", id), status))

    def tax_works(self, working: bool) -> None:
        """Let the reckoning of taxes fail, or work again."""
        with self.turn() as turn:
            _tax.set_working(turn, working)

    def fail_payout(self, id: str, code: str) -> dict[str, Any]:
        """Our bank sends a payout back. Raises ApiError or ValueError when it cannot be."""
        with self.turn() as turn:
            facts = turn.need(payouts.KIND, id)
            payouts.fail(turn, facts, code)
            return show(payouts.KIND, facts)

    def warn(self, payment_intent: str, **given: Any) -> dict[str, Any]:
        """A card's bank warns of fraud. `given`: fraud_type."""
        if given.get("fraud_type") is not None and given["fraud_type"] not in fraud_warnings.TYPES:
            raise ValueError(f"fraud_type must be one of {', '.join(fraud_warnings.TYPES)}")
        with self.turn() as turn:
            intent = turn.need("payment_intent", payment_intent)
            charge = turn.need("charge", intent.get("latest_charge") or "")
            return show(fraud_warnings.KIND, fraud_warnings.warn(turn, charge, **given))

    def card_behaves(self, customer: str, behaves: str | None) -> None:
        """The banks of this customer's cards change their minds: to a word of `_banks.NOS`, or to yes."""
        with self.turn() as turn:
            for method in turn.all("payment_method", customer=customer):
                turn.save("payment_method", method | {"card": method["card"] | {"behaves": behaves}})

    def dun(self, days: Iterable[int] | None = None, end: str | None = None) -> dict[str, Any]:
        """How failed payments of invoices are tried again, from the next failure on (see `_dunning.Dunning`); what is
        not given stays. Returns what holds now. Raises ValueError."""
        with self.turn() as turn:
            holds = _dunning.setting(turn)
            days = holds.days if days is None else tuple(days)
            holds = _dunning.Dunning(days, holds.end if end is None else end)
            _dunning.set_to(turn, holds)
        return {"days": list(holds.days), "end": holds.end}

    def counts(self) -> dict[str, int]:
        with self.store.reading() as db:
            counted = db.execute(
                "SELECT kind, count(*) FROM stripe_objects GROUP BY kind ORDER BY kind"
            ).fetchall()
        return {kind: number for kind, number in counted if kind != "setting"}


FALLS_DUE: dict[str, Callable[[Turn, str], None]] = {
    balance.PAYS_OUT: payouts.of_the_day,
    balance.PAYS_OUT_QUIETLY: payouts.of_the_day_quietly,
    payouts.ARRIVES: payouts.arrives,
    _invoice_life.FINALISES: _invoice_life.finalises,
    _invoice_life.COLLECTS: _invoice_life.collects,
    _invoice_life.OVERDUE: _invoice_life.becomes_overdue,
    _subscription.DUE: _cycle.falls_due,
    _dunning.DUE: _dunning.is_tried_again,
    _dunning.GIVES_UP: _billing.is_given_up,
    "stripe refund settles": refunds.settles,
    "stripe refund fails": refunds.fails,
    "stripe refund reference": refunds.gets_reference,
    "stripe charge disputed": payment_intents.becomes_disputed,
    "stripe charge warned of": payment_intents.is_warned_of,
}


def _checked(charge: Facts, given: dict[str, Any]) -> dict[str, Any]:
    amount = given.get("amount")
    if amount is not None and (type(amount) is not int or not 1 <= amount <= charge["amount"]):
        raise ValueError("amount must be minor units, at most the charge's")
    if given.get("reason") is not None and given["reason"] not in disputes.REASONS:
        raise ValueError(f"reason must be one of {', '.join(disputes.REASONS)}")
    if given.get("status") not in (None, "needs_response", "warning_needs_response"):
        raise ValueError("status must be needs_response or warning_needs_response")
    return given


__all__ = ["BadLine", "Stripe"]

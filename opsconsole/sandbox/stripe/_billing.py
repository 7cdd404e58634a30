"""Invoices that a subscription makes, and what their payment makes of it."""

from __future__ import annotations

from typing import Any

from . import _dunning, _invoice_life, coupons, invoice_items
from ._banks import No
from ._change import Change
from ._errors import ApiError
from ._proration import Line
from ._subscription import INCOMPLETE_FOR, OVER, keep
from ._turn import Facts, Turn, show

#: Fields of a subscription that wait in a pending update until its invoice is paid.
WAIT = (
    *("items", "discounts", "billing_cycle_anchor", "status", "trial_start", "trial_end", "cancel_at"),
    *("cancel_at_period_end", "canceled_at", "cancellation_details"),
)
SETTLED = ("paid", "void", "uncollectible")


def draft(
    turn: Turn,
    facts: Facts,
    lines: list[Line],
    reason: str,
    period: tuple[int, int],
    *,
    advances: bool = True,
) -> Facts:
    """A draft for these lines; it is the subscription's latest, and coupons for one invoice are used up by it."""
    invoice = _invoice_life.draft_for(
        turn,
        customer=facts["customer"],
        subscription=facts,
        lines=lines,
        billing_reason=reason,
        currency=facts["currency"],
        at=turn.created,
        auto_advance=advances,
        period=period,
    )
    facts["latest_invoice"] = invoice["id"]
    if any(line["amount"] > 0 and line["discountable"] for line in lines):
        facts["discounts"] = coupons.used(turn, facts.get("discounts", []))
    return invoice


def pend(turn: Turn, facts: Facts, lines: list[Line]) -> None:
    if lines:
        invoice_items.pend(turn, customer=facts["customer"], subscription=facts, lines=lines)


def bill_change(turn: Turn, facts: Facts, change: Change, behavior: str, before: dict[str, Any]) -> None:
    """Do what `weigh` found for `facts`; `before` is what the subscription looked like.

    Raises ApiError (402) where the payment fails and `behavior` is error_if_incomplete: then nothing happened.
    """
    after = change.after
    pend(turn, after, change.pending)
    if not change.bills:
        return keep(turn, after, before)
    waits = behavior == "pending_if_incomplete"
    span = (turn.created, turn.created)
    invoice = draft(turn, after, change.lines, "subscription_update", span, advances=not waits)
    if waits:
        return _change_once_paid(turn, facts, after, invoice, before)
    keep(turn, after, before)
    finish(turn, after, invoice, behavior)


def _change_once_paid(turn: Turn, facts: Facts, after: Facts, invoice: Facts, before: dict[str, Any]) -> None:
    """The change waits in pending_update until its invoice is paid: at once, or within 23 hours."""
    facts["latest_invoice"] = invoice["id"]
    facts["pending_update"] = {
        "invoice": invoice["id"],
        "expires_at": turn.created + INCOMPLETE_FOR,
        "facts": {name: after[name] for name in WAIT if name in after and after[name] != facts.get(name)},
        "at_once": True,
    }
    keep(turn, facts)
    _invoice_life.finalize(turn, invoice)
    if invoice["status"] == "open":
        _invoice_life.collect(turn, invoice, automatic=True)
    facts = turn.need("subscription", facts["id"])
    (facts.get("pending_update") or {}).pop("at_once", None)
    keep(turn, facts, before)


def finish(turn: Turn, facts: Facts, invoice: Facts, behavior: str) -> None:
    """Finalise an invoice made at once, and pay it: as the paused collection or `behavior` would have it."""
    if paused := facts.get("pause_collection"):
        return settle_paused(turn, invoice, paused["behavior"])
    _invoice_life.finalize(turn, invoice)
    if invoice["status"] != "open" or facts.get("collection_method") == "send_invoice":
        return
    if behavior == "default_incomplete":
        if facts["status"] == "active":
            now = turn.need("subscription", facts["id"])
            keep(turn, {**now, "status": "past_due"}, show("subscription", now))
    elif not _invoice_life.collect(turn, invoice, automatic=True) and behavior == "error_if_incomplete":
        raise refusal(turn, invoice)


def refusal(turn: Turn, invoice: Facts) -> ApiError:
    intent = turn.find("payment_intent", invoice.get("payment_intent") or "") or {}
    error = intent.get("last_payment_error") or {}
    return ApiError(
        error.get(
            "message",
            "Payment for this subscription requires additional user action before it can be completed.",
        ),
        status=402,
        type="card_error",
        code=error.get("code", "subscription_payment_intent_requires_action"),
        **{
            name: error[name]
            for name in ("decline_code", "advice_code", "network_decline_code")
            if name in error
        },
    )


def settle_paused(turn: Turn, invoice: Facts, behavior: str) -> None:
    """What paused collection makes of a new invoice (docs.stripe.com/billing/subscriptions/pause-payment)."""
    if behavior == "keep_as_draft":
        return _dunning.leave_alone(turn, invoice)
    _invoice_life.finalize(turn, invoice)
    if invoice["status"] == "open":
        end = _invoice_life.void if behavior == "void" else _invoice_life.mark_uncollectible
        end(turn, invoice)


def settled(turn: Turn, invoice: Facts) -> None:
    """An invoice was paid, voided or given up: what waited for it goes on, and what was owed is not any more."""
    facts = turn.find("subscription", invoice.get("subscription") or "")
    if facts is None or facts["status"] in OVER:
        return
    before, also = show("subscription", facts), list[str]()
    at_once = False
    if (pending := facts.get("pending_update") or {}).get("invoice") == invoice["id"]:
        at_once = pending.get("at_once", False)
        also += _end_pending(facts, applies=invoice["status"] == "paid")
    elif (facts.get("resuming") or {}).get("invoice") == invoice["id"]:
        waiting = facts.pop("resuming")
        if invoice["status"] != "void":
            also += resumed(facts, waiting["facts"])
            turn.record("subscription.resumed", facts)
    elif _is_good_again(turn, facts, invoice):
        facts["status"] = "active"
    if facts != turn.need("subscription", facts["id"]):
        if at_once or facts.get("unborn"):  # whoever asked for it tells of it
            return keep(turn, facts)
        keep(turn, facts, before, *also)


def _end_pending(facts: Facts, *, applies: bool) -> list[str]:
    pending = facts.pop("pending_update")
    if applies:
        facts.update(pending["facts"])
    return ["pending_update_applied" if applies else "pending_update_expired"]


def resumed(facts: Facts, change: Facts) -> list[str]:
    facts.update(change)
    facts.pop("paused", None)
    return ["resumed"]


def _is_good_again(turn: Turn, facts: Facts, invoice: Facts) -> bool:
    if facts["status"] == "incomplete":
        return bool(invoice["status"] == "paid")
    return facts["status"] in ("past_due", "unpaid") and not _owes(turn, facts, invoice)


def _owes(turn: Turn, facts: Facts, but: Facts) -> bool:
    """The latest invoice decides (docs.stripe.com/billing/subscriptions/overview); an older one where that is a draft."""
    if facts.get("latest_invoice") == but["id"]:
        return False
    others = (one for one in turn.all("invoice", subscription=facts["id"]) if one["id"] != but["id"])
    return any(one["status"] == "open" and one["attempted"] for one in others)


def failed(turn: Turn, invoice: Facts, no: No | None, *, automatic: bool) -> None:
    """A payment failed. It is tried again while there are tries left; then the subscription meets its end."""
    goes_on = _dunning.failed(turn, invoice, no, automatic=automatic)
    facts = turn.find("subscription", invoice.get("subscription") or "")
    if facts is None or facts["status"] in OVER or facts.get("unborn"):
        return
    before, also = show("subscription", facts), list[str]()
    waiting = facts.get("resuming") or {}
    if waiting.get("invoice") == invoice["id"] and waiting["behavior"] == "resume_on_payment_attempt":
        also = resumed(facts, facts.pop("resuming")["facts"] | {"status": "past_due"})
    elif (
        facts["status"] in ("active", "trialing")
        and (facts.get("pending_update") or {}).get("invoice") != invoice["id"]
    ):
        facts["status"] = "past_due"
    keep(turn, facts, before, *also)
    if not goes_on:
        give_up(turn, invoice)


def overdue(turn: Turn, invoice: Facts) -> None:
    """Who pays by themselves did not, by the day it was due."""
    facts = turn.find("subscription", invoice.get("subscription") or "")
    if facts and facts["status"] == "active":
        before = show("subscription", facts)
        facts["status"] = "past_due"
        keep(turn, facts, before)


def give_up(turn: Turn, invoice: Facts) -> None:
    """No try is left."""
    facts = turn.find("subscription", invoice.get("subscription") or "")
    if invoice["status"] != "open" or facts is None or facts["status"] != "past_due":
        return
    end = _dunning.setting(turn).end
    if end == "cancel":
        from ._ends import end_it  # an ending makes invoices, too

        end_it(turn, facts, reason="payment_failed")
    elif end == "unpaid":
        before = show("subscription", facts)
        facts["status"] = "unpaid"
        keep(turn, facts, before)


def is_given_up(turn: Turn, id: str) -> None:
    invoice = turn.find("invoice", id)
    if invoice and invoice["status"] == "open":
        _dunning.leave_alone(turn, invoice)
        give_up(turn, invoice)

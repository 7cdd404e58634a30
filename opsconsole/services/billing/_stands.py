"""What may be done with an invoice where it stands: the words for it, and what to do instead."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...lib.duration import span_words
from ...lib.refusal import Refused
from ...models import Customer, Invoice, InvoiceStatus
from .._act import ACTS, performing
from ._beside import Beside, beside

_S = InvoiceStatus
SLACK = timedelta(seconds=30)  # from the end of the undo window until Stripe has surely been asked
_STATUSES = {
    "hold": {_S.DRAFT},
    "release": {_S.DRAFT},
    "adjust": {_S.DRAFT},
    "finalise": {_S.DRAFT},
    "collect": {_S.OPEN},
    "stop_collecting": {_S.OPEN},
    "write_off": {_S.OPEN},
    "void": {_S.OPEN, _S.UNCOLLECTIBLE},
    "record_payment": {_S.OPEN, _S.UNCOLLECTIBLE},
    "credit": {_S.OPEN, _S.PAID},
    "reissue": {_S.OPEN, _S.UNCOLLECTIBLE, _S.VOID},
}
_STANDS = {
    _S.DRAFT: "It is a draft: nothing was asked of the customer yet",
    _S.OPEN: "It was sent and its amounts are fixed",
    _S.PAID: "It is paid",
    _S.VOID: "It was called off",
    _S.UNCOLLECTIBLE: "It was written off",
    _S.DELETED: "It was thrown away",
    _S.UNKNOWN: "Stripe uses a word for it that we do not know",
}
# What can be done instead, in the order of how often it is what is wanted: verb -> the words of its link.
_INSTEAD: dict[InvoiceStatus, dict[str, str]] = {
    _S.DRAFT: {"adjust": "Change what is on it", "hold": "Hold it"},
    _S.OPEN: {"credit": "Lower it by a credit note", "reissue": "Void it and issue it again", "void": "Void it"},
    _S.PAID: {"credit": "Give some of it back by a credit note"},
    _S.VOID: {"reissue": "Issue it again"},
    _S.UNCOLLECTIBLE: {"reissue": "Void it and issue it again", "record_payment": "Record a payment"},
}  # fmt: skip


class NotADraft(Refused):
    """Only a draft can be changed or kept back, and it is none any more."""


class NotOwed(Refused):
    """It does not ask for money now."""


class HeldAlready(Refused):
    """Somebody holds it."""


class NotHeld(Refused):
    """Nothing holds it."""


class NotCollecting(Refused):
    """Stripe does not try the card by itself."""


class AlreadyReplaced(Refused):
    """Another invoice stands in its place."""


class GoesOutSoon(Refused):
    """It goes out before Stripe could be asked."""


def locked(invoice_id: str) -> Invoice:
    """The invoice, locked after its customer."""
    known = Invoice.require(invoice_id)
    if known.customer_id:
        Customer.lock(known.customer_id)
    return Invoice.lock(invoice_id)


def ready_for(verb: str, invoice_id: str) -> Invoice:
    """The invoice, locked, where `verb` may be done with it now. Raises a refusal that says what to do instead."""
    invoice = locked(invoice_id)
    if no := refusal(verb, invoice):
        raise no
    return invoice


def why_not(verb: str, invoice: Invoice, known: Beside | None = None) -> str | None:
    """Why that cannot be done with the invoice now; None while it can. `known` is what stands beside it, if it was read."""
    no = refusal(verb, invoice, known)
    return no.message if no else None


def refusal(verb: str, invoice: Invoice, known: Beside | None = None) -> Refused | None:
    """What an act of that name would say to it as it stands."""
    if InvoiceStatus(invoice.status) not in _STATUSES[verb]:
        draft = _STATUSES[verb] == {_S.DRAFT}
        only = " Only a draft can be changed, held or sent." if draft else ""
        words = f"{_STANDS[InvoiceStatus(invoice.status)]}.{only}"
        return (NotADraft if draft else NotOwed)(words, more={"instead": instead(invoice, verb)})
    if verb == "release" and not invoice.held:
        return NotHeld("Nothing holds it: it goes out by itself.")
    if verb == "stop_collecting" and not invoice.auto_advance:
        return NotCollecting("Stripe does not try the card by itself any more.")
    if verb in ("hold", "reissue"):
        known = known or beside([invoice])[invoice.id]
    if verb == "hold" and known and known.hold:
        return HeldAlready(f"{known.hold.by} holds it already: {known.hold.words.lower()}.")
    if verb == "reissue" and known and (other := known.replaced_by):
        return AlreadyReplaced(f"{other.titled} stands in its place.", more={"invoice": other.url})
    return None


def instead(invoice: Invoice, verb: str = "") -> list[dict[str, str]]:
    """What may be done with it where `verb` may not: {"act", "url", "label"}."""
    offered = _INSTEAD.get(InvoiceStatus(invoice.status), {})
    return [
        {"act": f"billing.{other}", "url": f"{invoice.url}/{other}", "label": label}
        for other, label in offered.items()
        if f"billing.{other}" in ACTS and other != verb
    ]


def in_time(invoice: Invoice) -> None:
    """Refuse what Stripe would be asked too late for, once the undo window of the act under way is over."""
    now = performing()
    if soon(invoice, now.now, now.undo):
        left = span_words(max(0, int((invoice.finalizes_at - now.now).total_seconds())))  # type: ignore[operator]
        hold = {"act": "billing.hold", "url": f"{invoice.url}/hold", "label": "Hold it"}
        raise GoesOutSoon(
            f"It goes out in {left}, before Stripe could be asked: hold it first.", more={"instead": [hold]}
        )


def soon(invoice: Invoice, now: datetime, window: timedelta) -> bool:
    """Does it go out before Stripe has heard of what is undoable for that long?"""
    goes = invoice.finalizes_at if invoice.auto_advance else None
    return goes is not None and goes <= now + window + SLACK

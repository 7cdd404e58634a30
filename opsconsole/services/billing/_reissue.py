"""Issuing an invoice again: the old one is void, a new draft has its lines and waits until somebody releases it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Change, ChangeStatus, Invoice, InvoiceHoldReason, InvoiceStatus
from .. import changes
from .._act import act, concerns, performing, say, tell_change, warn
from .._actor import Actor
from ._chain import Step, follow_step, plan_steps
from ._hold import LONGEST, stands
from ._settle import changed
from ._stands import ready_for
from ._void import REASONS, checked, plan_void
from .descriptions import why_not_written


class NobodyToBill(Refused):
    """Stripe names no customer for it."""


def _ended(change: Change) -> None:
    """The new draft is there: it waits for somebody to look at it."""
    if change.status == ChangeStatus.DONE and change.external_id:
        made = Invoice.by_external(change.external_id)
        if made and made.status == InvoiceStatus.DRAFT:
            until = performing().now + LONGEST
            stands(made, InvoiceHoldReason.REISSUED.value, until, by=change.by, by_id=change.by_id)
            concerns(made.id)


asks_reissue = changes.keeps("billing.reissue", "billing.reissue", then=changed)
changes.when_ended("billing.reissue", _ended)
changes.when_ended("billing.void", follow_step)


@act(undo=60, private=("note",))
def reissue(
    invoice_id: str, *, lines: Sequence[Mapping[str, Any]] | None, reason: str, note: str = "", by: Actor
) -> Change:
    """Make a draft in place of an invoice, which is voided first where it is not void. `lines` are {"amount",
    "description"} in minor units, those of the old one unless given. Raises NotOwed, AlreadyReplaced, NobodyToBill, Invalid.
    """
    checked(reason, note)
    invoice = ready_for("reissue", invoice_id)
    if invoice.external_customer is None:
        raise NobodyToBill("Stripe names no customer for this invoice: nobody can be billed again.")
    new = _lines(invoice, lines)
    total = Money(sum(line["amount"] for line in new), invoice.currency)
    if invoice.tax:
        warn(f"{invoice.money('tax')} of tax was on it, and the new draft has none: have finance look at it.")
    say(f"Issue {invoice.called_as} again, {invoice.money('total')} to {total}: {REASONS[reason].lower()}")
    voided = plan_void(invoice, reason, note) if invoice.status != InvoiceStatus.VOID else None
    tell_change(invoice, "in its place", "", f"a draft of {total}, held until somebody releases it")
    return plan_steps(
        invoice, [_step(invoice, new, total)], reason=reason, note=note, details={}, after=voided
    )


def _lines(invoice: Invoice, asked: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Each {"amount", "description"}. What stood on the old one may stand on the new one."""
    given = invoice.lines if asked is None else asked
    known = {line["description"] for line in invoice.lines}
    new = [
        {"amount": line["amount"], "description": line["description"] or "As invoiced before"}
        for line in given
    ]
    if not new:
        raise Invalid({"lines": ["An invoice without lines asks for nothing: leave it void instead."]})
    for line in new:
        if line["description"] not in known and (why := why_not_written(line["description"])):
            raise Invalid({"lines": [why]})
    return new


def _step(invoice: Invoice, new: Sequence[Mapping[str, Any]], total: Money) -> Step:
    return Step(
        asks_reissue,
        f"Stripe makes a draft of {total} in place of {invoice.called_as}",
        {
            "invoice": invoice.external_id,
            "customer": invoice.external_customer,
            "currency": invoice.currency,
            "subscription": invoice.external_subscription,
            "lines": [*new],
        },
    )

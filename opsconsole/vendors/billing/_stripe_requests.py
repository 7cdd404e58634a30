"""What we ask of Stripe, in its own words (API 2026-10-28.endive).

A change and its preview are built here from the same parts, so that what was shown is what is billed. Instants come as
ISO 8601 and leave as unix seconds. No description and no metadata says anything of health.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .. import Call
from . import PauseKind, Proration, SubscriptionFacts

if TYPE_CHECKING:
    from stripe.params import (
        CreditNoteCreateParams,
        CustomerBalanceTransactionCreateParams,
        InvoiceAddLinesParams,
        InvoiceCreateParams,
        InvoiceCreatePreviewParams,
        InvoiceItemCreateParams,
        InvoiceRemoveLinesParams,
        InvoiceUpdateLinesParams,
        InvoiceUpdateParams,
        SubscriptionCancelParams,
        SubscriptionCreateParams,
        SubscriptionPauseParams,
        SubscriptionResumeParams,
        SubscriptionUpdateParams,
    )
    from stripe.params._subscription_update_params import SubscriptionUpdateParamsItem
    from stripe.params.billing_portal import SessionCreateParams

WITH_PAYMENTS = ["payments"]


def mark(call: Call, **more: str | None) -> dict[str, str]:
    """The metadata by which a later attempt finds what this one did, and by which events tell whose it was."""
    return {**call.tags, **mark_of_begun(call, **more)}


def mark_of_begun(call: Call, **more: str | None) -> dict[str, str]:
    """The mark of the first of two requests: without the tags, so that no event of it is taken for the whole."""
    told = {f"opsconsole_{name}": value for name, value in more.items() if value is not None}
    return {**told, "opsconsole_ref": call.ref, "opsconsole_round": str(call.round)}


def moment(instant: str) -> datetime:
    """To the second, as Stripe keeps it."""
    found = datetime.fromisoformat(instant).replace(microsecond=0)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def unix(instant: str) -> int:
    return int(moment(instant).timestamp())


# subscriptions


def pause() -> SubscriptionPauseParams:
    """What was paid for was shipped: no unused time is credited, so nothing is left to invoice."""
    return {
        "type": "subscription",
        "bill_for": {"unused_time_from": {"type": "none"}, "outstanding_usage_through": {"type": "none"}},
        "invoicing_behavior": "pending_invoice_item",
    }


def pause_collection(
    behavior: str, resumes_at: str | None, marks: dict[str, str]
) -> SubscriptionUpdateParams:
    if resumes_at is None:
        return {"pause_collection": {"behavior": behavior}, "metadata": marks}
    return {"pause_collection": {"behavior": behavior, "resumes_at": unix(resumes_at)}, "metadata": marks}


def resume() -> SubscriptionResumeParams:
    """https://docs.stripe.com/changelog/dahlia/2026-05-27/pause-subscriptions: the card is tried in this very request, and
    the subscription stays paused until it pays. By default it would resume unpaid."""
    return {"billing_cycle_anchor": {"type": "now"}, "payment_behavior": "resume_on_payment_success"}


def resume_collection(marks: dict[str, str]) -> SubscriptionUpdateParams:
    return {"pause_collection": "", "metadata": marks}


def reschedule(next_charge_at: str, marks: dict[str, str]) -> SubscriptionUpdateParams:
    """A trial until then: the only way to move both the next charge and the anchor, and to bill nothing for it."""
    return {"trial_end": unix(next_charge_at), "proration_behavior": Proration.NONE.value, "metadata": marks}


def alter(
    items: Sequence[Mapping[str, Any]], proration: str, as_of: str | None, marks: dict[str, str]
) -> SubscriptionUpdateParams:
    """A card's no leaves everything as it was. With `pending_if_incomplete` the change would hang on its invoice for a day:
    https://docs.stripe.com/billing/subscriptions/pending-updates."""
    request: SubscriptionUpdateParams = {
        "items": [_item(item) for item in items],
        "proration_behavior": Proration(proration).value,
        "payment_behavior": "error_if_incomplete",
        "off_session": True,
        "metadata": marks,
    }
    if as_of is not None and proration != Proration.NONE:
        request["proration_date"] = unix(as_of)
    return request


def _item(item: Mapping[str, Any]) -> SubscriptionUpdateParamsItem:
    """With its id it is changed; without, Stripe would add one."""
    found: SubscriptionUpdateParamsItem = {"id": item["id"]}
    if item.get("price") is not None:
        found["price"] = item["price"]
    if item.get("quantity") is not None:
        found["quantity"] = item["quantity"]
    return found


def schedule_cancel(
    at: str | None, feedback: str | None, comment: str | None, marks: dict[str, str]
) -> SubscriptionUpdateParams:
    request: SubscriptionUpdateParams = {"metadata": marks}
    if at is None:
        request["cancel_at_period_end"] = True
    else:
        request["cancel_at"] = unix(at)
        request["proration_behavior"] = Proration.NONE.value
    if details := _said(feedback, comment):
        request["cancellation_details"] = details  # type: ignore[typeddict-item]
    return request


def keep(now: SubscriptionFacts, marks: dict[str, str]) -> SubscriptionUpdateParams:
    """Stripe takes only one of the two at once: https://docs.stripe.com/billing/subscriptions/billing-mode/compare."""
    request: SubscriptionUpdateParams = {
        "cancellation_details": {"comment": "", "feedback": ""},
        "metadata": marks,
    }
    if now.cancel_at_period_end:
        request["cancel_at_period_end"] = False
    else:
        request["cancel_at"] = ""
    return request


def cancel(feedback: str | None, comment: str | None) -> SubscriptionCancelParams:
    request: SubscriptionCancelParams = {"invoice_now": False, "prorate": False}
    if details := _said(feedback, comment):
        request["cancellation_details"] = details  # type: ignore[typeddict-item]
    return request


def _said(feedback: str | None, comment: str | None) -> dict[str, str]:
    return {key: said for key, said in (("feedback", feedback), ("comment", comment)) if said}


def subscribe(
    customer: str, items: Sequence[Mapping[str, Any]], starts_at: str | None, marks: dict[str, str]
) -> SubscriptionCreateParams:
    """A card's no leaves no subscription behind."""
    request: SubscriptionCreateParams = {
        "customer": customer,
        "items": [{"price": item["price"], "quantity": item["quantity"]} for item in items],
        "billing_mode": {"type": "flexible"},
        "payment_behavior": "error_if_incomplete",
        "proration_behavior": Proration.NONE.value,
        "off_session": True,
        "metadata": marks,
    }
    if starts_at is not None:
        request["trial_end"] = unix(starts_at)
    return request


# previews

# What of a change's request `subscription_details` takes too.
_PREVIEWED = frozenset(
    {"cancel_at", "cancel_at_period_end", "items", "proration_behavior", "proration_date", "trial_end"}
)


def preview(
    now: SubscriptionFacts, change: str | None, arguments: Mapping[str, Any], as_of: datetime
) -> InvoiceCreatePreviewParams | None:
    """None where Stripe has no preview because nothing is billed: a paused subscription makes no invoices, and one that
    is canceled at once makes no last one. Raises ValueError for a change that subscriptions do not know."""
    if change == "subscribe":
        return _preview_of_new(arguments)
    if change == "cancel" or (change == "pause" and arguments["kind"] == PauseKind.PAUSED):
        return None
    request: InvoiceCreatePreviewParams = {"subscription": now.id}
    if change == "resume" and arguments["kind"] == PauseKind.PAUSED:
        request["subscription_details"] = {"resume_at": "now", "billing_cycle_anchor": {"type": "now"}}
    elif change == "charge":
        request["invoice_items"] = [
            {
                "amount": arguments["amount"],
                "currency": arguments["currency"],
                "description": arguments["description"],
            }
        ]
    elif details := _details(now, change, arguments, as_of):
        request["subscription_details"] = details  # type: ignore[typeddict-item]
    return request


def starts_at(change: str | None, arguments: Mapping[str, Any]) -> datetime | None:
    """Until when the change makes it free."""
    named = {"reschedule": "next_charge_at", "subscribe": "starts_at"}.get(change or "")
    return moment(arguments[named]) if named and arguments.get(named) else None


def _details(
    now: SubscriptionFacts, change: str | None, arguments: Mapping[str, Any], as_of: datetime
) -> dict[str, Any]:
    """The same request as the change's own, as far as a preview takes it."""
    match change:
        case None | "pause" | "resume":  # collection only: what is invoiced stays the same
            return {}
        case "reschedule":
            request = reschedule(arguments["next_charge_at"], {})
        case "alter":
            pinned = arguments.get("as_of") or as_of.isoformat()
            request = alter(arguments["items"], arguments["proration"], pinned, {})
        case "schedule_cancel":
            request = schedule_cancel(arguments.get("at"), None, None, {})
        case "keep":
            request = keep(now, {})
        case _:
            raise ValueError(f"{change} cannot be previewed.")
    return {key: value for key, value in request.items() if key in _PREVIEWED}


def _preview_of_new(arguments: Mapping[str, Any]) -> InvoiceCreatePreviewParams:
    request = subscribe(arguments["customer"], arguments["items"], arguments.get("starts_at"), {})
    taken = {key: value for key, value in request.items() if key in _PREVIEWED | {"billing_mode"}}
    return {"customer": arguments["customer"], "subscription_details": taken}  # type: ignore[typeddict-item]


# invoices


def advance(by_itself: bool, marks: dict[str, str]) -> InvoiceUpdateParams:
    return {"auto_advance": by_itself, "metadata": marks, "expand": WITH_PAYMENTS}


def add_lines(lines: Sequence[Mapping[str, Any]], marks: dict[str, str]) -> InvoiceAddLinesParams:
    return {
        "lines": [
            {"amount": line["amount"], "description": line["description"], "metadata": marks}
            for line in lines
        ],
        "invoice_metadata": marks,
        "expand": WITH_PAYMENTS,
    }


def change_line(
    line: str, amount: int | None, quantity: int | None, description: str | None, marks: dict[str, str]
) -> InvoiceUpdateLinesParams:
    """The mark goes on the invoice: on a line that renewed a subscription it would replace what stands there."""
    changed = {"amount": amount, "quantity": quantity, "description": description}
    return {
        "lines": [{"id": line, **{key: value for key, value in changed.items() if value is not None}}],  # type: ignore[typeddict-item]
        "invoice_metadata": marks,
        "expand": WITH_PAYMENTS,
    }


def remove_lines(lines: Sequence[str], keep: bool, marks: dict[str, str]) -> InvoiceRemoveLinesParams:
    return {
        "lines": [{"id": line, "behavior": "unassign" if keep else "delete"} for line in lines],
        "invoice_metadata": marks,
        "expand": WITH_PAYMENTS,
    }


def reissue(customer: str, currency: str, marks: dict[str, str]) -> InvoiceCreateParams:
    """An empty draft. Stripe revises only what is still open (`from_invoice`), and takes no `subscription` together with
    leaving out what waits; both are told in the metadata instead."""
    return {
        "customer": customer,
        "currency": currency,
        "auto_advance": False,
        "pending_invoice_items_behavior": "exclude",
        "metadata": marks,
        "expand": WITH_PAYMENTS,
    }


def credit(
    invoice: str,
    amount: int,
    reason: str,
    parts: Mapping[str, int],
    marks: dict[str, str],
) -> CreditNoteCreateParams:
    """`parts` are refund_amount, credit_amount and out_of_band_amount; what is nothing is not said."""
    request: CreditNoteCreateParams = {
        "invoice": invoice,
        "amount": amount,
        "reason": reason,
        "metadata": marks,
    }
    request.update({key: value for key, value in parts.items() if value})  # type: ignore[typeddict-item]
    return request


# what waits, and the balance


def charge(
    customer: str,
    subscription: str | None,
    amount: int,
    currency: str,
    description: str,
    marks: dict[str, str],
    invoice: str | None = None,
) -> InvoiceItemCreateParams:
    request: InvoiceItemCreateParams = {
        "customer": customer,
        "amount": amount,
        "currency": currency,
        "description": description,
        "metadata": marks,
    }
    if subscription is not None:
        request["subscription"] = subscription
    if invoice is not None:
        request["invoice"] = invoice
    return request


def move_balance(
    amount: int, currency: str, description: str, marks: dict[str, str]
) -> CustomerBalanceTransactionCreateParams:
    return {"amount": amount, "currency": currency, "description": description, "metadata": marks}


def portal(
    customer: str, return_url: str | None, flow: str | None, subscription: str | None
) -> SessionCreateParams:
    request: SessionCreateParams = {"customer": customer}
    if return_url is not None:
        request["return_url"] = return_url
    if flow == "subscription_cancel":
        if subscription is None:
            raise ValueError("Which subscription is to be canceled?")
        request["flow_data"] = {"type": flow, "subscription_cancel": {"subscription": subscription}}
    elif flow is not None:
        request["flow_data"] = {"type": flow}
    return request

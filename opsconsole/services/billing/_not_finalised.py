"""Why Stripe cannot send an invoice, in plain words, and what to do about it.

Sources: https://docs.stripe.com/tax/customer-locations and https://docs.stripe.com/invoicing/automatic-charging#finalization-failure
"""

from __future__ import annotations

from dataclasses import dataclass

from ...models import Invoice, InvoiceStatus

NOT_FINALISED = "invoice_not_finalised"  # the reason of the case

_ADDRESS, _AGAIN = "address", "again"
_LOCATION = (
    "Stripe does not know where the customer lives well enough to work the tax out.",
    "Put the customer's address right, then have the invoice sent again.",
    _ADDRESS,
)
# Stripe's code, of the error or of the tax: (what is wrong, what to do, where)
_REASONS = {
    "customer_tax_location_invalid": _LOCATION,
    "requires_location_inputs": _LOCATION,
    "failed": (
        "Stripe could not work the tax out.",
        "This is mostly over in an hour: have it sent again then. If it fails again, tell finance.",
        _AGAIN,
    ),
    "tax_id_invalid": (
        "The customer's tax number is not a valid one.",
        "Ask the customer for the right one and have finance put it in at Stripe.",
        _AGAIN,
    ),
    "taxes_calculation_failed": (
        "Stripe's tax calculation did not answer.",
        "This is mostly over in an hour: have it sent again then. If it fails again, tell finance.",
        _AGAIN,
    ),
    "shipping_address_invalid": (
        "The address that the tax is worked out for is not a valid one.",
        "Put the customer's address right, then have the invoice sent again.",
        _ADDRESS,
    ),
    "invoice_no_customer_line_items": (
        "There is nothing on it.",
        "Add a line, or leave it: an empty draft asks for nothing.",
        _AGAIN,
    ),
    "amount_too_small": (
        "Its total is below the least that Stripe charges.",
        "Add a line, or take the lines off for the next invoice.",
        _AGAIN,
    ),
}


@dataclass(frozen=True)
class Stuck:
    """`what` is wrong and what is `todo`, each in a sentence; `address`: it is put right at the customer's address."""

    what: str
    todo: str
    address: bool

    def suggests(self, invoice: Invoice) -> dict[str, str]:
        """The next act, for a case or a page."""
        if self.address and invoice.customer_id:
            url = f"/customers/{invoice.customer_id}/readdress"
            return {"act": "customers.readdress", "url": url, "label": "Put the address right"}
        return {"act": "billing.finalise", "url": f"{invoice.url}/finalise", "label": "Send it again"}


def stuck_words(invoice: Invoice) -> Stuck | None:
    """What keeps a draft from being sent, None where nothing is known to."""
    if invoice.status != InvoiceStatus.DRAFT:
        return None
    tax = invoice.tax_status if invoice.tax_status not in (None, "complete") else None
    code = invoice.error_code or tax
    if code is None:
        return None
    if found := _REASONS.get(code) or _REASONS.get(tax or ""):
        what, todo, where = found
        return Stuck(what, todo, where == _ADDRESS)
    said = (invoice.error_words or code).rstrip(".")
    return Stuck(f"Stripe could not send it: {said}.", "Put that right, then have it sent again.", False)

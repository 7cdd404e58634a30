"""Credit notes as they come about outside the console."""

from __future__ import annotations

from ..house import House
from ..kept import scene
from ..scenes import processor
from .scenes import called, drafted


@scene
def noted(house: House, *, customer: str) -> str:
    """A credit note of an invoice that the customer's card has paid. Its id."""
    invoice, stripe = drafted(house, customer=customer), processor(house)
    stripe.invoices.finalize_invoice(invoice["external_id"])
    stripe.invoices.pay(invoice["external_id"])
    made = {"invoice": invoice["external_id"], "amount": 10_00, "credit_amount": 10_00}
    stripe.credit_notes.create(made)
    house.drain()
    [url] = called(house, invoice["external_id"])["credit_notes"]
    return str(url).rsplit("/", 1)[-1]

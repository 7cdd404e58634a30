"""Where the day begins, and the one search box."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DecimalField, Form, RadioField, SelectField, TextAreaField

from ..lib.refusal import NotFound
from ..models import Customer, Order
from ..services import cases, home, visits
from ..services import search as searching
from ._fields import SelectChoice
from ._live import BOARD, live
from ._reading import wants_json
from ._who import actor, polled, reads
from .visits import queue_of

pages = Blueprint("home", __name__)


@pages.get("/")
@reads("orders")
def show() -> ResponseReturnValue:
    """The board of the day; a clinician's day begins with who waits for them."""
    if actor().may("visits.claim") and (me := visits.clinician(actor())):
        return queue_of(me)
    board = home.board(at_most_old=1 if polled() else 0)
    return live(
        board.looks,
        lambda: render_template("home/show.html", board=board, ages=cases.AGES),
        every=BOARD,
    )


@pages.get("/search")
@reads("orders")
def search() -> ResponseReturnValue:
    """What is named exactly, by us, the shop or a vendor, is where people are sent; else what contains the words."""
    text = request.args.get("q", "")[:200].strip()
    found = searching.find(text, actor())
    if wants_json():
        hits = [{"url": one.url, "says": one.says, "noun": one.noun} for one in found.hits]
        return {"items": hits, "next": None}
    if found.straight:
        return redirect(found.straight.url, 303)
    bought = [one.record for one in found.hits if isinstance(one.record, Order)]
    customers = Customer.each(order.customer_id for order in bought)
    return render_template(
        "home/search.html", search_text=text, found=found, at_most=searching.AT_MOST, customers=customers
    )


class Sample(Form):
    """A form for the style guide."""

    amount = DecimalField("Amount")
    reason = SelectField(
        "Reason",
        choices=[SelectChoice("damaged", "It arrived damaged"), SelectChoice("goodwill", "Goodwill")],
    )
    kind = RadioField(
        "Kind", choices=[SelectChoice("full", "All of it"), SelectChoice("part", "A part")], default="full"
    )
    note = TextAreaField("Note for colleagues", description="No health details.")
    notify = BooleanField("Tell the customer")


@pages.get("/styleguide")
@reads("orders")
def styleguide() -> ResponseReturnValue:
    """Every component in every state. Only in a sandbox."""
    if not current_app.config["SETTINGS"].sandbox:
        raise NotFound("There is no such page.")
    refused = Sample(prefix="refused-", amount=Decimal(500))
    refused.amount.errors = ["At most $42.00 can be refunded."]
    return render_template("styleguide/show.html", title="Style guide", form=Sample(), form_refused=refused)

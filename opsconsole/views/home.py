"""Where the day begins, and the one search box."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DecimalField, Form, RadioField, SelectField, TextAreaField

from ..lib.refusal import NotFound
from ..services import cases, home, outbox
from ._fields import SelectChoice
from ._reading import wants_json
from ._who import actor, reads
from .cases import owner_of

pages = Blueprint("home", __name__)


@pages.get("/")
@reads("orders")
def show() -> ResponseReturnValue:
    return render_template(
        "home/show.html",
        cases=cases.find(status="open").items[:15] if actor().may("cases.read") else [],
        owner_of=owner_of,
        today=home.today(actor().id),
        breakers=outbox.health(),
    )


@pages.get("/search")
@reads("orders")
def search() -> ResponseReturnValue:
    """An exact id of ours or of a vendor, a shop's reference or an e-mail address goes straight there."""
    text = request.args.get("q", "").strip()[:200].replace("\x00", "")
    found = home.search(text, actor())
    if wants_json():
        return {"items": [{"url": url, "says": says} for url, says in found], "next": None}
    if len(found) == 1:
        return redirect(found[0][0], 303)
    return render_template("home/search.html", search_text=text, found=found)


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

"""Replacements: sending again for nothing what did not arrive as it should have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import Form, FormField, SelectField, SelectMultipleField, TextAreaField

from ..models import (
    Attachment,
    Customer,
    Fill,
    FillStatus,
    Order,
    Replacement,
    ReplacementPolicy,
    ReplacementStatus,
)
from ..services import audit, cases, outbox, replacements
from ._acting import Asked, NoInput, performs
from ._addressing import ShipToForm
from ._browser import at
from ._fields import FilesField, SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, common, found, listed, shown
from ._live import live
from ._masking import written
from ._photos import PhotosBeside
from ._who import reads

pages = Blueprint("replacements", __name__)
# What suits the reason in the form of a refund.
_AS_REFUND = {
    "lost_in_transit": "never_arrived", "delivered_not_received": "never_arrived", "returned_to_sender": "never_arrived",
    "damaged": "damaged", "leaked_melted": "damaged", "wrong_item": "wrong_item", "wrong_strength": "wrong_item",
}  # fmt: skip


def told(replacement: Replacement) -> dict[str, Any]:
    made = Order.require(replacement.new_order_id)
    return common(replacement, acts_of(replacement, made)) | {
        "order": f"/orders/{replacement.order_id}",
        "new_order": made.url,
        "reference": made.reference,
        "customer": f"/customers/{replacement.customer_id}",
        "fill": f"/fills/{replacement.fill_id}" if replacement.fill_id else None,
        "lines": [*replacement.lines],
        "reason": replacement.reason,
        "happened": replacements.REASONS[replacement.reason].happened.value,
        "note": written(replacement.note),
        "photos": [f"/attachments/{id}" for id in replacement.photos],
        "value": replacement.worth.as_json,
        "uses_fill": replacement.uses_fill,
        "prescription": replacement.prescription_use,
        "original_arrived_at": at(replacement.found_at),
        "by": replacement.by,
        "trace": replacement.trace_id,
    }


def acts_of(replacement: Replacement, made: Order) -> Acts:
    back = replacements.why_not_withdraw(replacement, made)
    refund = replacements.why_not_convert(replacement, made)
    return [
        act_on(
            replacement, "replacements.withdraw", f"{replacement.url}/withdraw", "Take it back", why_not=back
        ),
        act_on(
            replacement,
            "replacements.convert",
            f"{replacement.url}/convert",
            "Refund instead",
            why_not=refund,
        ),
    ]


@pages.get("/replacements")
@reads("replacements", replacements.LIST)
def list() -> ResponseReturnValue:
    page = found()
    orders = Order.each(one.new_order_id for one in page.items)
    return listed(
        page,
        told,
        "replacements/list.html",
        statuses=ReplacementStatus,
        reasons=replacements.REASONS,
        made=orders,
    )


@pages.get("/replacements/<replacement_id>")
@reads("replacements")
def show(replacement_id: str) -> ResponseReturnValue:
    replacement = Replacement.require(replacement_id)
    looks = [replacement.status, replacement.found_at, audit.movement(replacement.id)]
    return live(
        looks,
        lambda: shown(
            replacement, lambda: told(replacement), "replacements/show.html", lambda: _page(replacement)
        ),
        final=replacement.final,
    )


def _page(replacement: Replacement) -> dict[str, Any]:
    orders = Order.each([replacement.order_id, replacement.new_order_id])
    made = orders[replacement.new_order_id]
    fills = Fill.of_order(made.id)
    owed = [one for fill in fills if fill.status == FillStatus.QUEUED for one in outbox.of(fill.id)]
    return {
        "replacement": replacement,
        "order": orders[replacement.order_id],
        "made": made,
        "lines": [line for line in orders[replacement.order_id].lines() if line.id in replacement.lines],
        "customer": Customer.require(replacement.customer_id),
        "fills": fills,
        "promises": owed,
        "undo_until": owed[0].due_at if outbox.may_withdraw(owed) else None,
        "reason": replacements.REASONS[replacement.reason],
        "photos": Attachment.each(replacement.photos).values(),
        "acts": acts_of(replacement, made),
        "cases": cases.of(replacement.id),
        "timeline": happened(replacement),
    }


class ElsewhereForm(ShipToForm):
    """Another address. A page that leaves all of it empty means none."""

    @property
    def given(self) -> bool:
        return any(any(field.raw_data or ()) for field in self)


class IssueForm(Form):
    """Lines and photos to choose from come from the order."""

    reason = SelectField("What happened", required("Choose what happened."), validate_choice=False)
    photos = FilesField(
        "Photos", description="JPEG, PNG or WebP, 10 MB at most. Ids of photos beside the order, or files."
    )
    lines = SelectMultipleField(
        "Lines", validate_choice=False, description="All that were shipped unless given."
    )
    ship_to = FormField(ElsewhereForm, "Ships to", description="Where the order went unless given.")
    note = TextAreaField(
        "Note for colleagues", text(2000), description="No health details: anybody in ops can read it."
    )


@pages.route("/orders/<order_id>/replace", methods=["GET", "POST"])
@performs(replacements.issue, IssueForm)
def issue(form: IssueForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    form.reason.choices = _reasons()
    beside = PhotosBeside(order, form.photos)
    return Asked(
        order_id,
        lambda: {
            "reason": form.reason.data,
            "lines": [*(form.lines.data or ())],
            "note": form.note.data or "",
            "photos": beside.photos(),
            "ship_to": form.ship_to.form.address,
        },
        context={
            "order": order,
            "customer": order.customer,
            "submit": "Replace it for nothing",
            "tree": replacements.tree(),
            "evidence": replacements.Evidence,
            "lines": order.lines(),
            "beside": beside,
            "policy": ReplacementPolicy.current(),
            "anew": "replacements/_photos.html" if beside.added else None,
        },
        done="The replacement is made. It goes to the pharmacy in a minute; until then you can undo it.",
    )


def _reasons() -> Sequence[SelectChoice]:
    """The reasons, beneath what happened."""
    named = [
        SelectChoice(reason.code, reason.label, optgroup=happened_.words)
        for happened_, reasons in replacements.tree()
        for reason in reasons
    ]
    return [SelectChoice("", "Choose what happened…"), *named]


@pages.route("/replacements/<replacement_id>/withdraw", methods=["GET", "POST"])
@performs(replacements.withdraw)
def withdraw(form: NoInput, replacement_id: str) -> Asked:
    context = _about(replacement_id) | {"submit": "Take the replacement back"}
    return Asked(replacement_id, context=context, done="The replacement was taken back. Nothing is sent.")


@pages.route("/replacements/<replacement_id>/convert", methods=["GET", "POST"])
@performs(replacements.convert)
def convert(form: NoInput, replacement_id: str) -> Asked:
    about = _about(replacement_id)
    reason = _AS_REFUND.get(about["replacement"].reason, "")
    refund = f"{about['order'].url}/refund" + (f"?reason={reason}" if reason else "")
    return Asked(
        replacement_id,
        context=about | {"submit": "Call it off and refund"},
        done="The replacement is off. Now refund the order: nothing was given back yet.",
        then=refund,
    )


def _about(replacement_id: str) -> dict[str, Any]:
    replacement = Replacement.require(replacement_id)
    return {
        "replacement": replacement,
        "order": Order.require(replacement.order_id),
        "made": Order.require(replacement.new_order_id),
    }

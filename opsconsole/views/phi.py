"""Health data: revealing one masked field for a minute, and who saw what of a patient."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField

from ..models import Customer, InboxEvent, Order, OrderLine, PhiView, Record, Reveal
from ..services import phi
from ._acting import Asked, performs
from ._browser import at, now
from ._fields import SelectChoice, required
from ._listing import common
from ._reading import wants_json
from ._who import actor, reads

pages = Blueprint("phi", __name__)


def init_phi(app: Flask) -> None:
    """What a request shows of health data is written down before its answer leaves, or no answer leaves."""
    app.before_request(phi.begin)
    app.after_request(_written_down)


def _written_down(response: Any) -> Any:
    phi.write_down()
    return response


def product_of(line: OrderLine, order: Order) -> str | None:
    """What a line is of, as who asks may see it: None is masked."""
    if not actor().may("orders.read_phi"):
        return None
    phi.seen(line.id, "name", by=actor(), customer_id=order.customer_id)
    return line.name


class RevealForm(Form):
    purpose = SelectField(
        "What for",
        required("Choose what you need it for."),
        choices=[SelectChoice("", "Choose…"), *(SelectChoice(*one) for one in phi.PURPOSES.items())],
    )


@pages.route("/phi/<record_id>/<field>/reveal", methods=["GET", "POST"])
@performs(phi.reveal, RevealForm)
def reveal(form: RevealForm, record_id: str, field: str) -> Asked:
    masked = phi.REVEALABLE.get((record_id.partition("_")[0], field))
    record = masked.noun.require(record_id) if masked else None
    return Asked(
        record_id,
        lambda: {"field": field, "purpose": form.purpose.data},
        context={
            "label": masked.label if masked else "field",
            "on": _page_of(record),
            "submit": "Show it for a minute",
        },
        done="It is shown for a minute. That you looked is written down.",
    )


@pages.get("/reveals/<reveal_id>")
@reads("reveals")
def show_reveal(reveal_id: str) -> ResponseReturnValue:
    """The value while it is shown; the page asks for itself again when the minute is over, without a script too."""
    shown = Reveal.require(reveal_id)
    value = phi.revealed(shown, to=actor())
    left = max(1, int((shown.expires_at - now()).total_seconds()) + 1)
    if wants_json():
        body = common(shown) | {
            "subject": shown.subject_id, "field": shown.field, "purpose": shown.purpose, "value": value,
            "expires_at": at(shown.expires_at),
        }  # fmt: skip
        return jsonify(body)
    masked = phi.REVEALABLE[shown.subject_id.partition("_")[0], shown.field]
    page = render_template(
        "phi/show_reveal.html", reveal=shown, value=value and _readable(value), left=left, label=masked.label,
        purpose=phi.PURPOSES[shown.purpose], on=_page_of(masked.noun.get(shown.subject_id)),
        again_url=f"/phi/{shown.subject_id}/{shown.field}/reveal",
    )  # fmt: skip
    response = make_response(page)
    if value is not None:
        response.headers["Refresh"] = str(left)
    return response


def _readable(text: str) -> str:
    """JSON with its indents, anything else as it is."""
    if not text.startswith("{"):
        return text
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _page_of(record: Record | None) -> tuple[str, str]:
    """Where a masked field stands: words and URL."""
    if isinstance(record, OrderLine):
        return f"Order {Order.require(record.order_id).reference}", f"/orders/{record.order_id}"
    return (f"Event {record.kind}", record.url) if isinstance(record, InboxEvent) else ("Home", "/")


def told(view: PhiView) -> dict[str, Any]:
    return {
        "at": at(view.at), "by": view.by, "by_id": view.by_id, "subject": view.subject_id, "field": view.field,
        "purpose": view.purpose, "trace": view.trace_id,
    }  # fmt: skip


@pages.get("/customers/<customer_id>/views")
@reads("phi")
def show_views(customer_id: str) -> ResponseReturnValue:
    """Who saw what of this customer's health, newest first."""
    customer = Customer.require(customer_id)
    page = phi.views_of(customer.id, after=request.args.get("after"))
    if wants_json():
        return jsonify({"items": [told(view) for view in page.items], "next": page.next})
    return render_template(
        "phi/show_views.html", customer=customer, items=page.items, purposes=phi.PURPOSES,
        older_url=f"{request.path}?after={page.next}" if page.next else "",
        newest_url=request.path if request.args.get("after") else "",
    )  # fmt: skip

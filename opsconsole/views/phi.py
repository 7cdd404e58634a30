"""Health data: revealing one masked field for a minute, who saw what of a patient, and emergency access."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import Form, RadioField, SelectField, TextAreaField

from ..models import BrokenGlass, Customer, GlassStatus, InboxEvent, Order, OrderLine, PhiView, Record, Reveal
from ..services import phi, sight
from ._acting import Asked, NoInput, performs
from ._browser import at, now
from ._fields import SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
from ._reading import wants_json
from ._who import actor, reads

pages = Blueprint("phi", __name__)


def product_of(line: OrderLine, order: Order) -> str | None:
    """What a line is of, as who asks may see it: None is masked."""
    name: str | None = sight.shown(line, "name", to=actor(), patient=order.customer_id)
    return name


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
            "clinical": masked is None or masked.clinical,
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
    if isinstance(record, InboxEvent):
        return f"Event {record.kind}", record.url
    return (record.noun().capitalize(), record.url) if record else ("Home", "/")


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
    page = sight.views_of(customer.id, after=request.args.get("after"))
    if wants_json():
        return jsonify({"items": [told(view) for view in page.items], "next": page.next})
    return render_template(
        "phi/show_views.html", customer=customer, items=page.items, purposes=phi.PURPOSES,
        older_url=f"{request.path}?after={page.next}" if page.next else "",
        newest_url=request.path if request.args.get("after") else "",
    )  # fmt: skip


# ------------------------------------------------------------------ emergencies


def told_glass(glass: BrokenGlass) -> dict[str, Any]:
    reason, note = phi.told_why(glass, to=actor())
    return common(glass, acts_of(glass)) | {
        "customer": f"/customers/{glass.customer_id}",
        "by": glass.by,
        "open": phi.is_open(glass),
        "expires_at": at(glass.expires_at),
        "review_by": at(glass.review_by),
        "late": not glass.reviewed and glass.review_by <= now(),
        "reason": reason,
        "reviewed_by": glass.reviewed_by,
        "reviewed_at": at(glass.reviewed_at),
        "note": note,
        "trace": glass.trace_id,
    }


def acts_of(glass: BrokenGlass) -> Acts:
    is_open, mine = phi.is_open(glass), glass.by_id == actor().id
    over = None if is_open else "It is closed already."
    reviewed = "It is reviewed." if glass.reviewed else "It is still open." if is_open else None
    close = act_on(
        glass,
        "phi.close_glass",
        f"{glass.url}/close_glass",
        "Close now",
        why_not=over if mine else f"{glass.by} closes it.",
    )
    review = act_on(
        glass, "phi.review", f"{glass.url}/review", "Review it",
        why_not=reviewed or ("You opened it: somebody else reviews it." if mine else None),
    )  # fmt: skip
    return [review, close]


def break_on(customer: Customer) -> Acts:
    """The act of breaking the glass, as a customer's page offers it: to who may, and has no right to read it anyway."""
    if not actor().may("phi.break_glass") or phi.may_read_anyway(actor()):
        return []
    why_not = "It is open to you already." if customer.id in sight.open_glass(actor()) else None
    return [
        act_on(
            customer, "phi.break_glass", f"{customer.url}/break_glass", "Emergency access", why_not=why_not
        )
    ]


class BreakForm(Form):
    reason = TextAreaField(
        "What the emergency is",
        text(2000, needed=True),
        description="A sentence. Whoever reviews it reads this.",
    )


@pages.route("/customers/<customer_id>/break_glass", methods=["GET", "POST"])
@performs(phi.break_glass, BreakForm)
def break_glass(form: BreakForm, customer_id: str) -> Asked:
    customer = Customer.require(customer_id)
    return Asked(
        customer_id,
        lambda: {"reason": form.reason.data or ""},
        context={"customer": customer, "submit": "Open it for an hour"},
        done="Open for an hour. Your colleagues have been told, and somebody else will review it.",
        then=customer.url,
    )


@pages.get("/break-glass")
@reads("phi", phi.LIST)
def list_glass() -> ResponseReturnValue:
    found = phi.find(**asked())
    customers = Customer.each(glass.customer_id for glass in found.items)
    return listed(found, told_glass, "phi/list_glass.html", statuses=GlassStatus, customers=customers)


@pages.get("/break-glass/<broken_glass_id>")
@reads("phi")
def show_glass(broken_glass_id: str) -> ResponseReturnValue:
    glass = BrokenGlass.require(broken_glass_id)
    return shown(glass, lambda: told_glass(glass), "phi/show_glass.html", lambda: _glass_page(glass))


def _glass_page(glass: BrokenGlass) -> dict[str, Any]:
    reason, note = phi.told_why(glass, to=actor())
    return {
        "glass": glass,
        "customer": phi.patient_of(glass),
        "is_open": phi.is_open(glass),
        "late": not glass.reviewed and glass.review_by <= now(),
        "reason": reason,
        "note": note,
        "acts": acts_of(glass),
        "timeline": happened(glass),
    }


@pages.route("/break-glass/<broken_glass_id>/close_glass", methods=["GET", "POST"])
@performs(phi.close_glass)
def close_glass(form: NoInput, broken_glass_id: str) -> Asked:
    glass = BrokenGlass.require(broken_glass_id)
    context = _glass_page(glass) | {"submit": "Close it now"}
    return Asked(broken_glass_id, context=context, done="Closed. Somebody else will review it.")


class ReviewForm(Form):
    verdict = RadioField(
        "Was it justified?",
        required("Say whether it was."),
        choices=[SelectChoice(*one) for one in phi.VERDICTS.items()],
    )
    note = TextAreaField("Your word on it", text(2000), description="Needed when it was not justified.")


@pages.route("/break-glass/<broken_glass_id>/review", methods=["GET", "POST"])
@performs(phi.review, ReviewForm)
def review(form: ReviewForm, broken_glass_id: str) -> Asked:
    glass = BrokenGlass.require(broken_glass_id)
    return Asked(
        broken_glass_id,
        lambda: {"verdict": form.verdict.data, "note": form.note.data or ""},
        context=_glass_page(glass) | {"submit": "Write the review down"},
        done="The review is written down.",
    )

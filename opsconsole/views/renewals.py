"""Prescriptions that come to their end: the board, and what is done about each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField

from ..lib.refusal import Invalid
from ..models import Customer, Message, Prescription, Renewal, RenewalCause, RenewalStatus, StopReason
from ..services import renewals
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
from ._reading import wants_json
from ._who import reads

pages = Blueprint("renewals", __name__)


def told(renewal: Renewal) -> dict[str, Any]:
    return common(renewal, acts_of(renewal)) | {
        "customer": f"/customers/{renewal.customer_id}",
        "prescription": f"/prescriptions/{renewal.prescription_id}",
        "visit": f"/visits/{renewal.visit_id}" if renewal.visit_id else None,
        "renewed_by": f"/prescriptions/{renewal.renewed_by_id}" if renewal.renewed_by_id else None,
        "because": renewal.because,
        "due_on": renewal.due_on.isoformat() if renewal.due_on else None,
        "sent": renewal.sent,
        "next_at": at(renewal.next_at),
        "reason": renewal.reason,
    }


def acts_of(renewal: Renewal) -> Acts:
    why_not = renewals.why_not_stop(renewal)
    return [act_on(renewal, "renewals.stop", f"{renewal.url}/stop", "Stop", why_not=why_not)]


@pages.get("/renewals")
@reads("renewals", renewals.LIST)
def list() -> ResponseReturnValue:
    page = renewals.find(**asked())
    return listed(
        page,
        told,
        "renewals/list.html",
        statuses=RenewalStatus,
        causes=RenewalCause,
        customers=Customer.each(one.customer_id for one in page.items),
        prescriptions=Prescription.each(one.prescription_id for one in page.items),
        buckets=renewals.BUCKETS,
        counts=renewals.counts(),
    )


@pages.get("/renewals/board")
@reads("renewals")
def board() -> ResponseReturnValue:
    """Exactly the prescriptions that one number counts: `bucket` names it."""
    code = request.args.get("bucket", "left_0")
    if code not in renewals.BUCKETS:
        raise Invalid({"bucket": [f"Choose one of: {', '.join(renewals.BUCKETS)}."]})
    bucket = renewals.BUCKETS[code]
    rows, after = renewals.rows(bucket, after=request.args.get("after"))
    counts = renewals.counts()
    if wants_json():
        return jsonify({"counts": counts, "items": [told_row(row) for row in rows], "next": after})
    return render_template(
        "renewals/board.html", bucket=bucket, buckets=renewals.BUCKETS, counts=counts, rows=rows,
        older_url=f"?bucket={code}&after={after}" if after else "",
        newest_url=f"?bucket={code}" if request.args.get("after") else "",
    )  # fmt: skip


def told_row(row: renewals.Row) -> dict[str, Any]:
    return {
        "prescription": row.prescription.url,
        "customer": row.customer.url,
        "fills_left": row.left,
        "expires_on": row.prescription.expires_on.isoformat() if row.prescription.expires_on else None,
        "days": row.days,
        "next_charge_at": at(row.next_charge_at),
        "renewal": row.renewal.url if row.renewal else None,
        "status": row.renewal.status if row.renewal else None,
    }


@pages.get("/renewals/<renewal_id>")
@reads("renewals")
def show(renewal_id: str) -> ResponseReturnValue:
    renewal = Renewal.require(renewal_id)
    return shown(renewal, lambda: told(renewal), "renewals/show.html", lambda: _page(renewal))


def _page(renewal: Renewal) -> dict[str, Any]:
    rx = Prescription.require(renewal.prescription_id)
    messages = Message.each(renewal.messages)
    return {
        "renewal": renewal,
        "because": RenewalCause.words_of(renewal.because),
        "reason": StopReason.words_of(renewal.reason) if renewal.reason else None,
        "customer": Customer.require(renewal.customer_id),
        "prescription": rx,
        "renewed_by": Prescription.get(renewal.renewed_by_id or ""),
        "next_charge_at": renewals.next_charge(rx),
        "why_not_ask": renewals.why_not_ask(Customer.require(renewal.customer_id))
        if renewal.status == "due"
        else None,
        "messages": [messages[id] for id in renewal.messages if id in messages],
        "acts": acts_of(renewal),
        "timeline": happened(renewal),
    }


@pages.route("/prescriptions/<prescription_id>/renew", methods=["GET", "POST"])
@performs(renewals.begin, NoInput)
def begin(form: NoInput, prescription_id: str) -> Asked:
    rx = Prescription.require(prescription_id)
    return Asked(
        rx.id,
        dict,
        context={"prescription": rx, "submit": "Begin the renewal"},
        done="The renewal has begun.",
    )


class StopForm(Form):
    reason = SelectField("Why", choices=[(one.value, one.words) for one in StopReason])


@pages.route("/renewals/<renewal_id>/stop", methods=["GET", "POST"])
@performs(renewals.stop, StopForm)
def stop(form: StopForm, renewal_id: str) -> Asked:
    renewal = Renewal.require(renewal_id)
    return Asked(
        renewal.id,
        lambda: {"reason": form.reason.data},
        context={"renewal": renewal, "submit": "Stop the renewal"},
        done="The renewal is stopped.",
    )

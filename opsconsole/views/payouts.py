"""Payouts, what they are made of, and how the money of each day ties out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import DateField, Form

from ..lib.money import Money
from ..lib.refusal import Invalid
from ..models import (
    BalanceEntry,
    BalancePull,
    Payment,
    Payout,
    PayoutStatus,
    TieOut,
    TieOutGap,
    TieOutStatus,
    locate,
)
from ..services import audit, cases, outbox, payouts
from ..services.payouts import COLUMNS, ENTRIES, GAPS, KINDS, STEPS, TIE_OUTS
from ._acting import Asked, performs
from ._browser import at
from ._fields import required
from ._listing import Acts, act_on, asked, common, found, listed, shown
from ._live import PAGE, live
from ._reading import wants_json
from ._who import reads

pages = Blueprint("payouts", __name__)
RUN = "/payouts/tie_out"


def told(payout: Payout) -> dict[str, Any]:
    return common(payout) | {
        "external_id": payout.external_id,
        "amount": payout.money.as_json,
        "arrives_on": payout.arrives_on.isoformat(),
        "automatic": payout.automatic,
        "reconciled": payout.reconciled,
        "failure_code": payout.failure_code,
        "read_at": at(payout.read_at),
    }


def told_entry(entry: BalanceEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "external_id": entry.external_id,
        "created_at": entry.created_at.isoformat(),
        "kind": entry.kind,
        "source": entry.source,
        "payment": entry.payment_key,
        "payout": entry.payout_key,
        "available_on": entry.available_on.isoformat(),
    } | {name: entry.money(name).as_json for name in ("amount", "fee", "net")}


def told_tie_out(tied: TieOut) -> dict[str, Any]:
    return common(tied, acts_of(tied)) | {
        "day": tied.day.isoformat(),
        "currency": tied.currency,
        **{name: tied.money(name).as_json for name in (*COLUMNS, "gap", "unexplained")},
        "gaps": tied.gaps,
        "ran_at": at(tied.ran_at),
    }


def told_gap(gap: TieOutGap) -> dict[str, Any]:
    kind = KINDS[gap.kind]
    return {
        "id": gap.id,
        "tie_out": f"/tie-outs/{gap.tie_out_id}",
        "step": gap.step,
        "kind": gap.kind,
        "means": kind.means,
        "to_do": kind.to_do,
        "waits": kind.waits,
        "amount": gap.money.as_json,
        "record": locate(gap.record_id) if gap.record_id else None,
        "external_id": gap.external_id,
    }


def acts_of(tied: TieOut) -> Acts:
    return [act_on(tied, "payouts.tie_out", f"{RUN}?day={tied.day.isoformat()}", "Tie out again")]


@pages.get("/payouts")
@reads("payouts", payouts.LIST)
def list() -> ResponseReturnValue:
    return listed(found(), told, "payouts/list.html", statuses=PayoutStatus)


@pages.get("/payouts/<payout_id>")
@reads("payouts")
def show(payout_id: str) -> ResponseReturnValue:
    payout = Payout.require(payout_id)
    looks = [payout.status, payout.read_at, audit.movement(payout.id)]
    return live(
        looks,
        lambda: shown(payout, lambda: told(payout), "payouts/show.html", lambda: _page(payout)),
        every=PAGE,
    )


def _page(payout: Payout) -> dict[str, Any]:
    entries = ENTRIES.find(BalanceEntry.payout_key == payout.external_id)
    return {
        "payout": payout,
        **_rows_of(payout, entries.items),
        "more": entries.next is not None,
        "made_of": Money(payouts.made_of(payout), payout.currency),
        "promises": [
            one for one in outbox.of(payout.id) if one.status not in ("kept", "withdrawn", "dismissed")
        ],
        "cases": cases.of(payout.id),
    }


def _rows_of(payout: Payout, entries: Sequence[BalanceEntry]) -> dict[str, Any]:
    """What it is made of, with the payments behind that. What it took off our balance itself is no part of it."""
    shown = [one for one in entries if one.source != payout.external_id]
    known = Payment.by_externals({one.payment_key for one in shown if one.payment_key})
    return {"entries": shown, "payments": {one.external_id: one for one in known}}


@pages.get("/payouts/<payout_id>/entries")
@reads("payouts")
def entries(payout_id: str) -> ResponseReturnValue:
    """What a payout is made of, page by page."""
    payout = Payout.require(payout_id)
    page = ENTRIES.find(BalanceEntry.payout_key == payout.external_id, after=request.args.get("after"))
    if wants_json():
        return jsonify({"items": [told_entry(one) for one in page.items], "next": page.next})
    return render_template(
        "payouts/entries.html",
        payout=payout,
        **_rows_of(payout, page.items),
        older_url=f"?after={page.next}" if page.next else "",
        newest_url=request.path if request.args.get("after") else "",
    )


@pages.get("/payouts/pulls/<pull_id>")
@reads("payouts")
def show_pull(pull_id: str) -> ResponseReturnValue:
    pulled = BalancePull.require(pull_id)
    body = common(pulled) | {"since": at(pulled.since), "seen": pulled.seen, "fresh": pulled.fresh}
    return shown(pulled, lambda: body, "payouts/show_pull.html", lambda: {"pull": pulled})


@pages.get("/tie-outs")
@reads("payouts", TIE_OUTS)
def tie_outs() -> ResponseReturnValue:
    return listed(
        TIE_OUTS.find(**asked()), told_tie_out, "payouts/tie_outs.html", statuses=TieOutStatus, columns=COLUMNS,
        acts=[act_on(None, "payouts.tie_out", RUN, "Tie out a day")],
    )  # fmt: skip


@pages.get("/tie-outs/<tie_out_id>")
@reads("payouts")
def show_tie_out(tie_out_id: str) -> ResponseReturnValue:
    tied = TieOut.require(tie_out_id)
    return shown(tied, lambda: told_tie_out(tied), "payouts/show_tie_out.html", lambda: _tie_out_page(tied))


def _tie_out_page(tied: TieOut) -> dict[str, Any]:
    return {
        "tied": tied,
        "columns": COLUMNS,
        "steps": STEPS,
        "kinds": KINDS,
        "counted": payouts.by_kind(tied.id),
        "cases": cases.of(tied.id),
        "acts": acts_of(tied),
    }


@pages.get("/tie-outs/gaps")
@reads("payouts", GAPS)
def gaps() -> ResponseReturnValue:
    """Differences one by one, perhaps those of one tie-out and of one class."""
    page = GAPS.find(**asked())
    days = TieOut.each(one.tie_out_id for one in page.items)
    return listed(page, told_gap, "payouts/gaps.html", days=days, kinds=KINDS, steps=STEPS, place=locate)


@pages.get("/tie-outs/<tie_out_id>/rows")
@reads("payouts")
def rows(tie_out_id: str) -> ResponseReturnValue:
    """Exactly what one number of a tie-out is the sum of: `of` is its column."""
    tied, of = TieOut.require(tie_out_id), request.args.get("of", "sold")
    if of not in COLUMNS:
        raise Invalid({"of": [f"Choose one of: {', '.join(COLUMNS)}."]})
    page = payouts.rows_of(tied, of, after=request.args.get("after"))
    if wants_json():
        return jsonify({"items": [_told_row(row, tied) for row in page.items], "next": page.next})
    return render_template(
        "payouts/rows.html", tied=tied, column=COLUMNS[of], total=tied.money(of), items=page.items, place=locate,
        money=lambda row: Money(row.amount, tied.currency), newest_url=f"?of={of}" if request.args.get("after") else "",
        older_url=f"?of={of}&after={page.next}" if page.next else "",
    )  # fmt: skip


def _told_row(row: payouts.Row, tied: TieOut) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "at": at(row.at),
        "amount": Money(row.amount, tied.currency).as_json,
        "record": locate(row.record_id) if row.record_id else None,
    }


class TieOutForm(Form):
    day = DateField(
        "Day", required("Choose a day."), description="Counted in UTC. Yesterday is the last that is over."
    )


@pages.route(RUN, methods=["GET", "POST"])
@performs(payouts.tie_out, TieOutForm)
def tie_out(form: TieOutForm) -> Asked:
    if request.method == "GET" and form.day.data is None:
        form.day.data = payouts.last_day()
    return Asked(
        None, lambda: {"day": form.day.data}, context={"submit": "Tie out"}, done="The day is tied out."
    )

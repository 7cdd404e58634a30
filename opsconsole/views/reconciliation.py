"""Comparisons: what we hold against what pharmacies and carriers hold, and putting right what differs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, Form

from .. import vendors
from ..models import (
    Drift,
    DriftStatus,
    Fill,
    Invoice,
    Order,
    ReconciliationRun,
    RunStatus,
    Shipment,
    Subscription,
)
from ..services import audit, cases, outbox, reconciliation
from ..services.reconciliation import FINDINGS, KINDS
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import Reason
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
from ._live import BOARD, PAGE, live
from ._reading import wants_json
from ._who import reads

pages = Blueprint("reconciliation", __name__)
BEGIN = "/reconciliation/run"


def name_of(port: str) -> str:
    """What people call those who hold it otherwise."""
    return {"tracking": "EasyPost", "pharmacy": "Every pharmacy"}.get(port) or vendors.name_of(port)


def told(run: ReconciliationRun) -> dict[str, Any]:
    return common(run) | {
        "order": f"/orders/{run.order_id}" if run.order_id else None,
        "fix": run.fix,
        "since": at(run.since),
        "by": run.by,
        "looked": run.looked,
        "found": run.found,
        "repaired": run.repaired,
        "gone": run.gone,
        "ended_at": at(run.ended_at),
        "parts": [{"port": part.port, "step": part.step, "looked": part.looked} for part in run.read_parts()],
    }


def told_finding(drift: Drift) -> dict[str, Any]:
    return common(drift, acts_of(drift)) | {
        "kind": drift.kind,
        "means": KINDS[drift.kind].means,
        "port": drift.port,
        "external_id": drift.external_id,
        "order": f"/orders/{drift.order_id}" if drift.order_id else None,
        "fill": f"/fills/{drift.fill_id}" if drift.fill_id else None,
        "shipment": f"/shipments/{drift.shipment_id}" if drift.shipment_id else None,
        "ours": drift.ours,
        "theirs": drift.theirs,
        "suggests": drift.suggests,
        "run": f"/reconciliation/{drift.run_id}",
        "last_seen_at": at(drift.last_seen_at),
        "why_dismissed": drift.why_dismissed,
    }


def acts_of(drift: Drift) -> Acts:
    why_not = reconciliation.why_not_repair(drift)
    label = KINDS[drift.kind].label or "Repair"
    over = f"This finding is {drift.status}." if drift.final else None
    asked = "Its repair is under way." if not over and reconciliation.asking(drift) else None
    return [
        act_on(
            drift, "reconciliation.repair", f"{drift.url}/repair", label,
            why_not=why_not.message if why_not else None,
        ),
        act_on(drift, "reconciliation.dismiss", f"{drift.url}/dismiss", "Dismiss", why_not=over or asked),
    ]  # fmt: skip


def compare_on(order: Order) -> dict[str, Any]:
    """The act of comparing one order, as its page offers it."""
    why_not = None if reconciliation.ports(of_order=True) else "No pharmacy and no carrier is connected."
    label = "Compare with pharmacy and carrier"
    return act_on(order, "reconciliation.reconcile", f"{order.url}/reconcile", label, why_not=why_not)


@pages.get("/reconciliation")
@reads("reconciliation", reconciliation.LIST)
def list() -> ResponseReturnValue:
    """Programs get the comparisons, people also what is open."""
    runs = reconciliation.find(**asked())
    if wants_json():
        return listed(runs, told, "reconciliation/list.html")
    looks = [
        reconciliation.open_by_kind(), [(run.id, run.status, run.looked, run.found, run.repaired) for run in runs.items],
    ]  # fmt: skip

    def answer() -> ResponseReturnValue:
        found = reconciliation.findings(status="open")
        of = [one.order_id for one in runs.items] + [one.order_id for one in found.items]
        return listed(
            runs, told, "reconciliation/list.html", counts=looks[0], findings=found, kinds=KINDS, name_of=name_of,
            statuses=RunStatus, orders=Order.each(of),
            acts=[act_on(None, "reconciliation.run", BEGIN, "Compare now")],
        )  # fmt: skip

    return live(looks, answer, every=BOARD)


@pages.get("/reconciliation/findings")
@reads("reconciliation", FINDINGS)
def findings() -> ResponseReturnValue:
    found = reconciliation.findings(**asked())
    return listed(
        found, told_finding, "reconciliation/findings.html", statuses=DriftStatus, kinds=KINDS, name_of=name_of,
        ports=[*reconciliation.ports(), "pharmacy"], orders=Order.each(one.order_id for one in found.items),
    )  # fmt: skip


@pages.get("/reconciliation/findings/<drift_id>")
@reads("reconciliation")
def show_finding(drift_id: str) -> ResponseReturnValue:
    drift = Drift.require(drift_id)
    return live(
        [drift.status, drift.last_seen_at, audit.movement(drift.id)],
        lambda: shown(
            drift,
            lambda: told_finding(drift),
            "reconciliation/show_finding.html",
            lambda: _finding_page(drift),
        ),
        every=PAGE,
        final=drift.final,
    )


def _finding_page(drift: Drift) -> dict[str, Any]:
    return {
        "drift": drift,
        "kind": KINDS[drift.kind],
        "who": name_of(drift.port),
        "order": Order.get(drift.order_id) if drift.order_id else None,
        "fill": Fill.get(drift.fill_id) if drift.fill_id else None,
        "shipment": Shipment.get(drift.shipment_id) if drift.shipment_id else None,
        "billed": Subscription.get(drift.subject) or Invoice.get(drift.subject),
        "promises": outbox.of(drift.id),
        "cases": cases.of(drift.id),
        "acts": acts_of(drift),
        "timeline": happened(drift),
    }


@pages.get("/reconciliation/<run_id>")
@reads("reconciliation")
def show(run_id: str) -> ResponseReturnValue:
    run = ReconciliationRun.require(run_id)
    return live(
        [run.status, run.looked, run.found, run.repaired, run.gone, audit.movement(run.id)],
        lambda: shown(run, lambda: told(run), "reconciliation/show.html", lambda: _page(run)),
        final=run.final,
    )


def _page(run: ReconciliationRun) -> dict[str, Any]:
    open_promises = [one for one in outbox.of(run.id) if one.status not in ("kept", "withdrawn", "dismissed")]
    return {
        "run": run,
        "parts": run.read_parts(),
        "promises": open_promises,
        "breakers": [
            one
            for one in outbox.health()
            if one.opened_at and one.port in {part.port for part in run.read_parts()}
        ],
        "order": Order.get(run.order_id) if run.order_id else None,
        "counts": reconciliation.of_run(run),
        "kinds": KINDS,
        "name_of": name_of,
        "statuses": DriftStatus,
        "cases": cases.of(run.id),
    }


class RunForm(Form):
    fix = BooleanField(
        "Bring our stale copies up to date",
        description="What only we had not heard of. What could send medicine twice or not at all is never done without you.",
    )


@pages.route(BEGIN, methods=["GET", "POST"])
@performs(reconciliation.run, RunForm)
def run(form: RunForm) -> Asked:
    return Asked(
        None,
        lambda: {"fix": bool(form.fix.data)},
        context={"submit": "Compare now", "ports": [name_of(port) for port in reconciliation.ports()]},
        done="The comparison has begun.",
    )


@pages.route("/orders/<order_id>/reconcile", methods=["GET", "POST"])
@performs(reconciliation.reconcile, RunForm)
def reconcile(form: RunForm, order_id: str) -> Asked:
    order = Order.require(order_id)
    return Asked(
        order_id,
        lambda: {"fix": bool(form.fix.data)},
        context={
            "order": order,
            "submit": "Compare",
            "ports": [name_of(port) for port in reconciliation.ports(of_order=True)],
        },
        done="The order is being compared.",
    )


@pages.route("/reconciliation/findings/<drift_id>/repair", methods=["GET", "POST"])
@performs(reconciliation.repair)
def repair(form: NoInput, drift_id: str) -> Asked:
    drift = Drift.require(drift_id)
    kind = KINDS[drift.kind]
    return Asked(
        drift_id,
        context={"drift": drift, "kind": kind, "who": name_of(drift.port), "submit": kind.label or "Repair"},
        done="The repair has begun. This page shows what becomes of it.",
    )


@pages.route("/reconciliation/findings/<drift_id>/dismiss", methods=["GET", "POST"])
@performs(reconciliation.dismiss, Reason)
def dismiss(form: Reason, drift_id: str) -> Asked:
    drift = Drift.require(drift_id)
    return Asked(
        drift_id,
        lambda: {"reason": form.reason.data},
        context={
            "drift": drift, "kind": KINDS[drift.kind], "who": name_of(drift.port), "submit": "Dismiss it",
        },
        done="The finding is dismissed. It comes back only if it changes.",
    )  # fmt: skip

"""Writing down what differs: once per kind and subject, seen again and not made again, closed when it is seen no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from sqlalchemy import select

from ...db import db, instant
from ...models import Case, CaseStatus, Drift, DriftStatus, ReconciliationRun
from .. import cases
from .._act import concerns, performing
from ._finding import Finding

REASON = "drift"
# Cases that other stories open for the same: one problem is one case.
_TOLD_ELSEWHERE = {"tracking_differs": "parcel_renumbered", "parcel_missing_here": "parcel_not_followed"}


def write(run: ReconciliationRun, found: Iterable[Finding], repaired: Iterable[Finding] = ()) -> None:
    """Keep what differs, and what differed and was put right in the same breath."""
    for finding in found:
        drift = _kept(run, finding)
        if drift and not (finding.automatic and not run.fix):
            _to_a_person(drift, finding)
    for finding in repaired:
        drift = _kept(run, finding)
        if drift:
            drift.asked_at = instant()
            end(run, drift)


def _kept(run: ReconciliationRun, finding: Finding) -> Drift | None:
    """The open finding, made if there is none. None where somebody let just this be."""
    drift = Drift.lock_open(*finding.key)
    if drift is None and (let_be := _let_be(finding)):
        let_be.last_seen_at, let_be.run_id = performing().now, run.id
        return None
    if drift is None:
        run.found += 1
        drift = Drift(
            status=DriftStatus.OPEN, run_id=run.id, kind=finding.kind, subject=finding.subject, port=finding.port,
            created_at=performing().now, ours=finding.ours, theirs=finding.theirs, last_seen_at=performing().now,
        )  # fmt: skip
    drift.run_id, drift.last_seen_at = run.id, performing().now
    drift.ours, drift.theirs, drift.external_id = (
        finding.ours[:300],
        finding.theirs[:300],
        finding.external_id,
    )
    drift.order_id = finding.order.id if finding.order else None
    drift.fill_id = finding.fill.id if finding.fill else None
    drift.shipment_id = finding.shipment.id if finding.shipment else None
    drift.suggests = _suggests(drift, finding)
    drift.add()
    concerns(*drift.related())
    return drift


def _let_be(finding: Finding) -> Drift | None:
    """The last of its kind and subject, if somebody dismissed it and nothing has changed since."""
    query = select(Drift).where(Drift.kind == finding.kind, Drift.subject == finding.subject)
    last = db.session.scalar(query.order_by(Drift.created_at.desc(), Drift.id.desc()).limit(1))
    same = last and (last.ours, last.theirs) == (finding.ours[:300], finding.theirs[:300])
    return last if last and same and last.status == DriftStatus.DISMISSED else None


def _suggests(drift: Drift, finding: Finding) -> dict[str, str]:
    if finding.instead:
        return dict(finding.instead)
    if finding.repair:
        return {"act": "reconciliation.repair", "url": f"{drift.url}/repair", "label": finding.of.label}
    return {
        "act": "reconciliation.dismiss", "url": f"{drift.url}/dismiss", "label": "Dismiss it once settled",
    }  # fmt: skip


def _to_a_person(drift: Drift, finding: Finding) -> None:
    """What cannot be put right without a person is a case."""
    reason = _TOLD_ELSEWHERE.get(finding.kind)
    told = {part.id for part in (finding.fill, finding.shipment) if part}
    elsewhere = select(Case.id).where(
        Case.reason == reason, Case.subject_id.in_(told), Case.status == CaseStatus.OPEN
    )
    if reason and db.session.scalar(elsewhere.limit(1)):
        return
    of = f"Order {finding.order.reference}" if finding.order else str(finding.external_id)
    says = f"{of}: {finding.of.means} Here: {drift.ours}. There: {drift.theirs}."
    cases.open_case(
        REASON, drift.id, says=says, behind_id=drift.id, suggests=drift.suggests, about=drift.related()
    )


def close_unseen(
    run: ReconciliationRun, kinds: Set[str], seen: Iterable[Finding], *, fills: Sequence[str] = (),
    shipments: Sequence[str] = (), subjects: Sequence[str] = (),
) -> None:  # fmt: skip
    """What was open of these and was not seen now has come right."""
    keys = {finding.key for finding in seen}
    which = (
        Drift.fill_id.in_(fills) if fills else Drift.shipment_id.in_(shipments) if shipments else Drift.subject.in_(subjects)
    )  # fmt: skip
    query = select(Drift).where(which, Drift.kind.in_(kinds), Drift.status == DriftStatus.OPEN)
    for drift in db.session.scalars(query.order_by(Drift.id).with_for_update()):
        if (drift.kind, drift.subject) not in keys:
            end(run, drift)


def end(run: ReconciliationRun, drift: Drift) -> None:
    """We agree again: by a repair, or by itself."""
    asked = drift.asked_at is not None
    drift.move_to(DriftStatus.REPAIRED if asked else DriftStatus.GONE)
    drift.closed_at, drift.run_id = instant(), run.id
    run.repaired += asked
    run.gone += not asked
    cases.close_when_solved(REASON, drift.id, "we and they agree again")
    concerns(*drift.related())

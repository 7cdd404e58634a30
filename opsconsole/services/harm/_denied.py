"""Never ship after a clinician said no."""

from __future__ import annotations

from ...models import Decision, Fill, Order, Visit
from ._guard import Guard, guard

denied = guard(
    Guard(
        "shipped_after_deny",
        label="Something ships though a clinician said no",
        says="A clinician said no to this order, and a pharmacy is making it up.",
        suggests="Have the fill stopped",
        concerns=(Fill, Order, Visit, Decision),
        query="""
            select f.id, f.customer_id, array[f.id, f.order_id]
            from fills f join orders o on o.id = f.order_id
            where {of:f.customer_id}
                and f.status in ('queued', 'sent', 'acknowledged', 'triage', 'exception', 'filling', 'dispensed', 'partial')
                and (o.status = 'rejected' or (
                    select d.kind from visits v join decisions d on d.visit_id = v.id
                    where v.order_id = o.id and d.kind in ('approve', 'approve_with_changes', 'deny', 'taken_back')
                    order by d.signed_at desc, d.number desc limit 1) = 'deny')""",
    )
)

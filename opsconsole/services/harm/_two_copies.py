"""Never two live copies of one medicine at pharmacies: the patient would get both."""

from __future__ import annotations

from ...models import Fill, Prescription, PrescriptionRequest
from ._guard import Guard, guard

# At a pharmacy: it was sent there, or something is made up from it. A renewal whose forerunner is being canceled is one.
two_copies = guard(
    Guard(
        "two_copies",
        label="Two live copies of one medicine at pharmacies",
        says="Two prescriptions for the same medicine are at pharmacies, and both can be filled.",
        suggests="Have one of them canceled",
        concerns=(Prescription, PrescriptionRequest, Fill),
        query="""
            select max(rx.id) as subject, rx.customer_id as customer, array_agg(rx.id order by rx.id) as about
            from prescriptions rx
            where {of:rx.customer_id} and rx.status = 'active' and rx.sku is not null
                and rx.refills_authorised + 1 > rx.fills_used
                and not exists (
                    select from prescription_requests c where c.prescription_id = rx.id and c.kind = 'cancel'
                        and c.status not in ('denied', 'failed', 'declined', 'withdrawn'))
                and (
                    exists (
                        select from prescription_requests t where t.prescription_id = rx.id and t.kind = 'transmit'
                            and t.status not in ('denied', 'failed', 'declined', 'withdrawn'))
                    or exists (
                        select from fills f where f.prescription_id = rx.external_id and f.status in (
                            'queued', 'sent', 'acknowledged', 'triage', 'exception', 'filling', 'dispensed', 'partial',
                            'cancel_denied')))
            group by rx.customer_id, rx.sku having count(*) > 1""",
    )
)

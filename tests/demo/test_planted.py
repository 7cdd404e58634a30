"""Each oddity that the demo is planted with is there, found by what makes it odd and not by its label."""

from __future__ import annotations

from typing import Any

from opsconsole import vendors
from opsconsole.config import Settings
from opsconsole.demo import seed
from opsconsole.demo._cast import CAST
from opsconsole.demo._planted import planted

from ..house import House
from ..scenes import processor
from .test_seed import AS_OF, settings

__all__ = ["settings"]  # the fixture

_SHIPPED = "select distinct c.reference from customers c join orders o on o.customer_id = c.id"
_REFUNDED = f"{_SHIPPED} join payments p on p.order_id = o.id join refunds r on r.payment_id = p.id"
_CALLED = f"{_SHIPPED} join order_lines l on l.order_id = o.id"
FOUND_BY = {
    "twins": f"""{_SHIPPED} join orders other on other.customer_id <> o.customer_id
        and other.ship_to - 'name' = o.ship_to - 'name'
        where split_part(o.ship_to ->> 'name', ' ', 2) = split_part(other.ship_to ->> 'name', ' ', 2)""",
    "flat": f"{_SHIPPED} where o.ship_to ->> 'line2' like 'Apt %'",
    "no flat": f"""{_SHIPPED} join orders other on other.ship_to ->> 'line1' = o.ship_to ->> 'line1'
        and other.ship_to ->> 'line2' <> '' where o.ship_to ->> 'line2' = ''""",
    "po box": f"{_SHIPPED} where o.ship_to ->> 'line1' like 'PO Box %'",
    "armed forces": f"{_SHIPPED} where o.ship_to ->> 'state' in ('AA', 'AE', 'AP')",
    "puerto rico": f"{_SHIPPED} where o.ship_to ->> 'state' = 'PR'",
    "zip+4": f"{_SHIPPED} where o.ship_to ->> 'zip' ~ '^[0-9]{{5}}-[0-9]{{4}}$'",
    "moved to another state": f"{_SHIPPED} group by c.id having count(distinct o.ship_to ->> 'state') = 2",
    "legacy plan": f"{_CALLED} where l.sku in ('NC-025-30', 'SC-040-90')",
    "duplicated product": """select c.reference from customers c join orders o on o.customer_id = c.id
        join order_lines l on l.order_id = o.id where l.name like 'Night cream%'
        group by c.id, l.name having count(distinct l.sku) > 1""",
    "e-mail changed": """select c.reference from audit_entries a join customers c on c.id = a.subject
        where a.changes @> '[{"field": "email"}]' and a.changes -> 0 ->> 'from' <> a.changes -> 0 ->> 'to'""",
    "webhook twice": f"""{_REFUNDED} join inbox_events e on e.object_id = r.external_id
        group by c.id, e.kind, e.object_id having count(distinct e.external_id) = 2""",
    "delivered late": f"""{_SHIPPED} where o.status = 'delivered'
        and o.status_since - o.placed_at > interval '30 days'""",
    "refunded in part": f"{_REFUNDED} group by c.id, p.id having sum(r.amount) < p.captured",
    "refunded elsewhere": f"{_REFUNDED} where r.reason = 'made_elsewhere' and r.by = 'outside the console'",
    "prescription has expired": """select c.reference from customers c join prescriptions p on p.customer_id = c.id
        join subscriptions s on s.customer_id = c.id where p.status = 'expired' and s.effective = 'blocked'""",
    "disputed": f"{_SHIPPED} join payments p on p.order_id = o.id where p.disputed > 0",
}


def test_each_is_there(house: House, settings: Settings, sandbox_url: str) -> None:
    seed(settings, len(CAST), AS_OF, sandbox_url)
    known = planted()
    for what, query in FOUND_BY.items():
        found = {reference for (reference,) in house.rows(query)}
        assert set(known[what]) <= found, (what, found)
        assert len(found) < len(CAST) / 2, f"{what} would be nothing odd"
    drifts = _drifts(house)
    assert drifts == {what: known[what] for what in drifts}
    assert set(known) == set(FOUND_BY) | set(drifts), "each that is planted is looked for"


def _drifts(house: House) -> dict[str, list[str]]:
    """The customers of whom Stripe or Customer.io hold something else than we do."""
    found: dict[str, list[str]] = {}

    def differs(what: str, reference: str) -> None:
        found.setdefault(what, []).append(reference)

    people: list[Any] = house.rows(
        "select c.reference, c.id, c.email, c.phone, x.external_id from customers c"
        " left join external_ids x on x.customer_id = c.id and x.system = 'stripe' order by c.reference"
    )
    for reference, id, email, phone, stripe_id in people:
        if stripe_id and processor(house).customers.retrieve(stripe_id).email != email:
            differs("e-mail differs at Stripe", reference)
        with house.app.app_context():
            contact = vendors.port("crm").fetch_contact(id)
        if contact is None:
            differs("unknown at Customer.io", reference)
            continue
        if contact.email != email:
            differs("e-mail differs at Customer.io", reference)
        if contact.phone != phone:
            differs("phone differs at Customer.io", reference)
    return found

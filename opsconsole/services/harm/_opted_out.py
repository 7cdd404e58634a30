"""Never write to somebody who opted out what they need not be told."""

from __future__ import annotations

from ...models import Message, Profile
from ..messages.templates import TEMPLATES
from ._guard import Guard, guard

opted_out = guard(
    Guard(
        "written_after_opt_out",
        label="A reminder to somebody who opted out",
        says="A reminder is about to be sent to a customer who opted out of them.",
        suggests="Undo the message",
        concerns=(Message, Profile),
        query="""
            select m.id, m.customer_id, array[m.id]
            from messages m join profiles p on p.customer_id = m.customer_id and p.system = 'customerio'
            where {of:m.customer_id} and m.status = 'planned' and m.template = any(:optional)
                and p.facts ->> 'unsubscribed' = 'true'""",
        values={"optional": sorted(code for code, one in TEMPLATES.items() if one.optional)},
    )
)

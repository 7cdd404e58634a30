"""The pharmacy has run out of it."""

from __future__ import annotations

from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found, Offer
from ._offers import answer, ask, of_fill, of_order, resend, send_elsewhere, waits_for
from ._seen import Seen

TITLE = "It is out of stock"


def find(seen: Seen) -> Found | None:
    """A pharmacy says so of a fill; or, before anybody was asked, none of those who may ship it there has it."""
    fill = seen.troubled("out_of_stock")
    substitute = ask(seen, "out_of_stock")
    if fill:
        wait = answer(fill, "wait", "Wait for it", "The pharmacy makes it up once it is there again.")
        offers = [
            *send_elsewhere(seen, fill),
            *wait,
            *resend(seen, fill, "It is there again: send the fill again"),
            substitute,
        ]
        says = "The pharmacy has run out of it: wait, or have another one make it up."
        return Found(says, Fixer.OPS, [*of_fill(fill), *of_order(seen.order)], offers, waits_for(fill))
    if not seen.ours or seen.order is None:
        return None
    may = [one for one in seen.candidates if one.licensed]
    gone = [sku for sku in seen.shipped if may and all(sku in one.lacking for one in may)]
    if not gone:
        return None
    evidence = [Evidence(one.pharmacy.name, one.lacking[gone[0]], one.pharmacy.url) for one in may]
    does = "Nothing is sent until then; the customer can be told the day."
    hold = Offer("orders.hold", seen.order.id, "Hold it until it is there", does, {"reason": "stock"})
    says = f"Nobody who may ship to {seen.state} has {', '.join(gone)}."
    return Found(says, Fixer.OPS, [*evidence, *of_order(seen.order)], [hold, substitute])

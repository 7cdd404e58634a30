"""Before an act is committed: has it broken a guard?"""

from __future__ import annotations

from sqlalchemy import Connection

from ...db import db
from ...lib.refusal import Refused
from ...models import locate
from .. import cases
from .._act import Performance, last_look
from ._guard import GUARDS, Guard, Violation

#: By these people write down what has happened outside already: that is told, not refused.
TELLS = frozenset(("cases.settle", "prescriptions.record_outcome", "billing.record_payment"))


class Harmful(Refused):
    """Somebody would come to harm: `code` of the guard is in the words' place in the list at /harm."""


@last_look
def unharmed(performance: Performance) -> None:
    """Refuse what breaks a guard that was whole before. Only those are asked whose nouns the act has changed.

    What is told from outside cannot be refused, for it has happened: that opens a case instead. What was broken before
    the act began keeps nobody from acting, least of all from mending it.
    """
    touched = {one for part in performance.everything() for one in part.touched}
    for guard in GUARDS.values():
        customers = {whose for noun, whose in touched if noun in guard.concerns}
        if not customers:
            continue
        broken = guard.broken(db.session.connection(), customers)
        before = _before(guard, customers) if broken else []
        if new := [one for one in broken if one not in before]:
            _refuse_or_tell(performance, guard, new[0])


def _before(guard: Guard, customers: set[str]) -> list[Violation]:
    """What broke it already, as everybody else sees it: on a connection of its own."""
    other: Connection
    with db.engine.connect() as other:
        return list(guard.broken(other, customers))


def _refuse_or_tell(performance: Performance, guard: Guard, found: Violation) -> None:
    by = performance.by
    tells = performance.act.name in TELLS or (by.kind == "robot" and by.id != "clock")
    if not tells:
        raise Harmful(f"{guard.says} {guard.suggests}.")
    alarm(guard, found)


def alarm(guard: Guard, found: Violation) -> None:
    """One case for it, in the act under way."""
    cases.open_case(
        guard.reason,
        found.subject,
        says=guard.says,
        suggests={"act": "", "url": locate(found.subject), "label": guard.suggests},
        about=[found.customer_id, *found.about],
    )

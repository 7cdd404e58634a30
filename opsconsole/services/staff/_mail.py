"""Writing to a colleague: the act promises it, a worker hands it to the mail server."""

from __future__ import annotations

from datetime import datetime

from ... import vendors
from ...models import Promise, Staff
from ...vendors.email import Sent
from .._act import act, say
from .._actor import Actor
from ..outbox import keeper, promise


@act(robots=("worker",))
def mailed(staff_id: str, *, facts: Sent, fetched_at: datetime, by: Actor) -> Staff:
    """The mail server took it in. Whether it was read, nobody knows."""
    person = Staff.lock(staff_id)
    say(f"The mail server took a mail to {person.name}")
    return person


mail = keeper("staff.mail", call="email.send", then=mailed)


def write_to(
    person: Staff, *, subject: str, text: str, says: str, place: str | None = None, proves: str | None = None
) -> Promise | None:
    """Promise a mail to a colleague, inside an act; None where the console sends none.

    Where the text says {link} stands a link to our page `place` that proves `proves`: see vendors/email.
    """
    if not vendors.connected("email"):
        return None
    arguments = {"to": person.email, "subject": subject, "text": text, "place": place, "proves": proves}
    return promise(mail, person, lane=f"email:{person.id}", says=says, arguments=arguments)

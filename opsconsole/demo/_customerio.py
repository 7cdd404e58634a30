"""The story's people as the sandbox's Customer.io holds them: our id and how they can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ._story import Person


def told_to_customerio(person: Person) -> Iterator[dict[str, Any]]:
    if not person.drift.crm_absent:
        yield {"id": person.id, "email": person.email_at_crm, "phone": person.phone_at_crm}

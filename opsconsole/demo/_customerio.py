"""The story's people as the sandbox's Customer.io holds them: our id and how they can be reached."""

from __future__ import annotations

from typing import Any

from ._story import Person


def told_to_customerio(person: Person) -> dict[str, Any]:
    return {"id": person.id, "email": person.email, "phone": person.phone}

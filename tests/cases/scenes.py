"""Cases put straight into the table, and the people who work on them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from opsconsole.db import db, now
from opsconsole.lib import ids
from opsconsole.models import Case, CaseStatus
from opsconsole.services import Actor, staff, transaction

from ..house import PEOPLE, House


def planted(house: House, count: int = 1, **more: Any) -> list[str]:
    """Open cases of ops that nobody has, an hour old, the first one due first. Returns their URLs."""
    with house.app.app_context(), transaction():
        at = now()
        made = []
        for n in range(count):
            opened = more.get("created_at", at - timedelta(hours=1))
            due = more.get("due_at", at + timedelta(hours=3, minutes=n))
            subject = more.get("subject_id") or ids.new("rf")
            made.append(
                Case(
                    **{
                        "status": CaseStatus.OPEN, "reason": "refund_failed", "subject_id": subject,
                        "says": f"The bank sent it back, {n}.", "trace_id": "trc_test", "about": [subject],
                        "team": "ops", "fingerprint": "payments:refund_failed:refund", "vendor": "payments",
                        "warn_at": opened + timedelta(hours=1), "due_at": due, "created_at": opened,
                        "urgency": 2 * 10**11 + int(due.timestamp()), **more,
                    }
                ).add().url
            )  # fmt: skip
        return made


def person(house: House, role: str) -> Actor:
    """Somebody of that role, as acts know them."""
    with house.app.app_context():
        found = staff.actor_of(id_of(house, role))
        db.session.rollback()
    assert found
    return found


def id_of(house: House, role: str) -> str:
    [(id,)] = house.rows("select id from staff where email = :email", email=PEOPLE[role][0])
    return str(id)


def clock(house: House) -> None:
    """What the clock does about cases each minute."""
    from opsconsole.jobs.schedule import _look_after_cases

    with house.app.app_context():
        _look_after_cases()


def of(house: House, url: str, *fields: str) -> tuple[Any, ...]:
    """What the JSON of a case says in these fields."""
    told = house.api().get(url)
    return tuple(told[field] for field in fields)

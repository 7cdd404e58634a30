"""What must never be so, whoever did it: each guard is one statement that finds what breaks it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, TextClause, text

from ...models import Record

GUARDS: dict[str, Guard] = {}


@dataclass(frozen=True)
class Violation:
    """`subject` is the record to look at, `about` are all that are part of it."""

    subject: str
    customer_id: str
    about: tuple[str, ...]


@dataclass(frozen=True)
class Guard:
    """`label` says what must never be, `says` what is wrong where it is so and `suggests` what to do about it, in words for
    people without health data. `concerns` are the nouns whose changes can break it.

    `query` gives (subject, customer, [ids]); its {of} is where it is limited to some customers: `{of:rx.customer_id}`.
    """

    code: str
    label: str
    says: str
    suggests: str
    concerns: tuple[type[Record], ...]
    query: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Under which the cases are that it opens."""
        return f"harm_{self.code}"

    def broken(self, on: Connection, customers: Collection[str] | None = None) -> Sequence[Violation]:
        """What breaks it among these customers, or at all. One statement."""
        return [Violation(row[0], row[1], tuple(row[2])) for row in on.execute(self.statement(customers))]

    def statement(self, customers: Collection[str] | None = None) -> TextClause:
        """The same as a statement, for those who join more to it."""
        told = dict(self.values)
        if customers is not None:
            told["customers"] = sorted(customers)
        return text(self.query.format(of=_Of(customers is not None))).bindparams(**told)


class _Of:
    """Formats as the condition on the column that is named after the colon, or as nothing."""

    def __init__(self, limited: bool) -> None:
        self._limited = limited

    def __format__(self, column: str) -> str:
        return f"{column} = any(:customers)" if self._limited else "true"


def guard(one: Guard) -> Guard:
    """Register it: it is kept from then on, before each commit and by the nightly sweep."""
    GUARDS[one.code] = one
    return one

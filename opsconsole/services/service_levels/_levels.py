"""How long something may take: the most specific row that people set, else what its rule says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import literal, select

from ...db import db
from ...lib.business_time import ALWAYS, OFFICE, Calendar, Limit, Pause, later
from ...lib.duration import minutes_words
from ...models import Pharmacy, ServiceLevel, WorkCalendar

COMPANY, CLINIC = "company", "clinic"
Key = tuple[str, str | None, str | None]  # code, pharmacy, SKU


@dataclass(frozen=True)
class Level:
    """How long something may take. `hours` names the calendar that it is counted in, None: round the clock. `row_id` is the
    service level that says so; None: it is the rule's default."""

    warn: timedelta
    breach: timedelta
    calendar: Calendar
    hours: str | None = None
    row_id: str | None = None

    def instants(self, since: datetime, pauses: Iterable[Pause] = ()) -> tuple[datetime, datetime]:
        """When it is warned of and when it is late, both in UTC; `NEVER` while a pause lasts (lib/business_time.py)."""
        return later(since, self.warn, self.calendar, pauses), later(
            since, self.breach, self.calendar, pauses
        )

    @property
    def words(self) -> str:
        """ "30 min, late after 4 h, in the company's hours"."""
        warn, breach = (
            minutes_words(int(one.total_seconds() // 60), days=self.hours is None)
            for one in (self.warn, self.breach)
        )
        counted = f"in the hours of {self.hours}" if self.hours else "round the clock"
        return f"warned of after {warn}, late after {breach}, {counted}"


@dataclass
class Levels:
    """All that was set, read at once. Asking costs no statement; what was answered once is remembered."""

    rows: dict[Key, ServiceLevel]
    calendars: dict[str, WorkCalendar]
    of_pharmacy: dict[str, str]  # the names of pharmacies' calendars, by pharmacy
    _answers: dict[object, Level] = field(default_factory=dict)

    def of(
        self, code: str, default: Limit, team: str, pharmacy_id: str | None = None, sku: str | None = None
    ) -> Level:
        """The level of the most specific row: code with pharmacy and SKU, with SKU, with pharmacy, the code alone; without
        any, the rule's `default`, which counts in the hours of whoever has to act where it is of business hours."""
        asked = (code, default, team, pharmacy_id, sku)
        found = self._answers.get(asked)
        if found is None:
            row = self._row(code, pharmacy_id, sku)
            found = self._answers[asked] = (
                self._set(row) if row else self._default(default, team, pharmacy_id)
            )
        return found

    def row(self, code: str, pharmacy_id: str | None = None, sku: str | None = None) -> ServiceLevel | None:
        """The row of exactly that, if people set one."""
        return self.rows.get((code, pharmacy_id, sku))

    def _row(self, code: str, pharmacy_id: str | None, sku: str | None) -> ServiceLevel | None:
        keys = ((code, pharmacy_id, sku), (code, None, sku), (code, pharmacy_id, None), (code, None, None))
        return next((self.rows[key] for key in keys if key in self.rows), None)

    def _set(self, row: ServiceLevel) -> Level:
        warn, breach = timedelta(minutes=row.warn_minutes), timedelta(minutes=row.breach_minutes)
        return Level(warn, breach, self.counted_in(row.calendar), row.calendar, row.id)

    def _default(self, limit: Limit, team: str, pharmacy_id: str | None) -> Level:
        hours = self.hours_of(team, pharmacy_id) if limit.business else None
        return Level(limit.warn, limit.breach, self.counted_in(hours), hours)

    def hours_of(self, team: str, pharmacy_id: str | None = None) -> str:
        """Whose hours a default of business hours counts in."""
        return CLINIC if team == CLINIC else self.of_pharmacy.get(pharmacy_id or "", COMPANY)

    def counted_in(self, hours: str | None) -> Calendar:
        if hours is None:
            return ALWAYS
        found = self.calendars.get(hours)
        return found.calendar if found else OFFICE


def levels() -> Levels:
    """What holds now. Two statements, however much is asked of it."""
    rows = db.session.scalars(select(ServiceLevel).where(ServiceLevel.active)).all()
    port = literal("pharmacy-").concat(Pharmacy.adapter)
    query = select(WorkCalendar, Pharmacy.id).join(Pharmacy, WorkCalendar.name == port, isouter=True)
    calendars, of_pharmacy = {}, {}
    for calendar, pharmacy_id in db.session.execute(query.order_by(WorkCalendar.name)):
        calendars[calendar.name] = calendar
        if pharmacy_id:
            of_pharmacy[pharmacy_id] = calendar.name
    return Levels({(row.code, row.pharmacy_id, row.sku): row for row in rows}, calendars, of_pharmacy)

"""How long things may take, and in whose hours that is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import Field, Form, FormField, SelectField, StringField, ValidationError

from ..lib.business_time import Spans
from ..lib.duration import minutes_of, minutes_words
from ..lib.week import DAYS, spans_of, spans_words
from ..models import Holidays, Pharmacy, ServiceLevel, WorkCalendar
from ..services import pharmacies, service_levels
from ._acting import Asked, performs
from ._fields import Reason, SelectChoice, Words, text
from ._listing import Acts, act_on, common, shown
from ._page import now
from ._reading import wants_json
from ._who import reads

pages = Blueprint("service_levels", __name__)
KEPT = {
    "federal": "All federal holidays",
    "major": "The six on which carriers rest",
    "none": "None",
}


# ------------------------------------------------------------------ reading


def told(row: ServiceLevel) -> dict[str, Any]:
    return common(row, acts_of(row)) | {
        "code": row.code,
        "pharmacy": f"/pharmacies/{row.pharmacy_id}" if row.pharmacy_id else None,
        "sku": row.sku,
        "warn_minutes": row.warn_minutes,
        "breach_minutes": row.breach_minutes,
        "calendar": row.calendar,
        "active": row.active,
        "why": row.why,
        "by": row.by,
    }


def told_level(level: service_levels.Level) -> dict[str, Any]:
    return {
        "warn_minutes": int(level.warn.total_seconds() // 60),
        "breach_minutes": int(level.breach.total_seconds() // 60),
        "calendar": level.hours,
    }


def told_calendar(calendar: WorkCalendar) -> dict[str, Any]:
    work = service_levels.at_work(calendar, now())
    return common(calendar, [set_calendar_on(calendar)]) | {
        "name": calendar.name,
        "zone": calendar.zone,
        "hours": {day.lower(): spans_words(spans) for day, spans in zip(DAYS, calendar.hours, strict=True)},
        "holidays": calendar.holidays,
        "days_off": calendar.days_off,
        "open": work.open,
        "next_day_off": work.next_day_off.isoformat() if work.next_day_off else None,
    }


def limit_words(level: service_levels.Level) -> tuple[str, str]:
    """When it is warned of and when it is late."""
    minutes, days = told_level(level), level.hours is None
    return minutes_words(minutes["warn_minutes"], days=days), minutes_words(
        minutes["breach_minutes"], days=days
    )


def acts_of(row: ServiceLevel) -> Acts:
    gone = None if row.active else "It was set back already."
    return [
        set_limit_on(row.code, row),
        act_on(row, "service_levels.reset", f"{row.url}/reset", "Set back", why_not=gone),
    ]


def set_limit_on(code: str = "", row: ServiceLevel | None = None) -> dict[str, Any]:
    place = f"&pharmacy_id={row.pharmacy_id or ''}&sku={row.sku or ''}" if row else ""
    start = f"?start={code}{place}" if code else ""
    return act_on(None, "service_levels.set_limit", f"/service-levels/set_limit{start}", "Set a limit")


def set_calendar_on(calendar: WorkCalendar | None = None) -> dict[str, Any]:
    start, label = (f"?start={calendar.name}", "Change the hours") if calendar else ("", "New hours")
    return act_on(None, "service_levels.set_calendar", f"/work-calendars/set_calendar{start}", label)


@pages.get("/service-levels")
@reads("service_levels")
def list() -> ResponseReturnValue:
    """All codes, each with its default and what differs. `team` and `code` (or words) choose among them, `differs=1` those
    for which people set something."""
    chosen = [one for one in service_levels.table() if _fits(one)]
    if wants_json():
        return jsonify({"items": [_told_code(one) for one in chosen], "next": None})
    calendars = service_levels.calendars()
    return render_template(
        "service_levels/list.html",
        items=chosen,
        teams=sorted({one.team for one in service_levels.codes().values()}),
        given={name: request.args[name] for name in ("team", "code", "differs") if request.args.get(name)},
        limit_words=limit_words,
        pharmacies=Pharmacy.each(row.pharmacy_id for one in chosen for row in one.specific),
        calendars=[(one, service_levels.at_work(one, now())) for one in calendars],
        set_limit=set_limit_on(),
        set_calendar=set_calendar_on(),
    )


def _fits(one: service_levels.Told) -> bool:
    team, code = request.args.get("team"), request.args.get("code", "").strip().upper()
    if team and one.declared.team != team:
        return False
    if request.args.get("differs") and not one.differs:
        return False
    return code in one.declared.code or code in one.declared.title.upper()


def _told_code(one: service_levels.Told) -> dict[str, Any]:
    return {
        "code": one.declared.code,
        "title": one.declared.title,
        "team": one.declared.team,
        "default": told_level(one.default),
        "level": told_level(one.level),
        "set": one.row.url if one.row else None,
        "specific": [told(row) for row in one.specific],
    }


@pages.get("/service-levels/<service_level_id>")
@reads("service_levels")
def show(service_level_id: str) -> ResponseReturnValue:
    row = ServiceLevel.require(service_level_id)
    declared = service_levels.codes().get(row.code)
    return shown(
        row,
        lambda: told(row),
        "service_levels/show.html",
        lambda: {
            "row": row,
            "declared": declared,
            "place": service_levels.where(row.pharmacy_id, row.sku),
            "pharmacy": Pharmacy.get(row.pharmacy_id) if row.pharmacy_id else None,
            "default": _default_words(declared),
            "acts": acts_of(row),
        },
    )


def _default_words(declared: service_levels.Declared | None) -> str:
    if declared is None:
        return "The rule is gone"
    return next(one.default.words for one in service_levels.table() if one.declared is declared)


@pages.get("/work-calendars/<work_calendar_id>")
@reads("service_levels")
def show_calendar(work_calendar_id: str) -> ResponseReturnValue:
    calendar = WorkCalendar.require(work_calendar_id)
    return shown(
        calendar,
        lambda: told_calendar(calendar),
        "service_levels/show_calendar.html",
        lambda: {
            "calendar": calendar,
            "work": service_levels.at_work(calendar, now()),
            "kept": KEPT[calendar.holidays],
            "counts": service_levels.counted_in(calendar.name),
            "acts": [set_calendar_on(calendar)],
        },
    )


# ------------------------------------------------------------------ acts


class MinutesField(StringField):
    """A time like "30 min", "4 h" or "3 d"; `.minutes` is it."""

    minutes: int = 0

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        try:
            self.minutes = minutes_of(self.data)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if "d" in self.data and form.calendar.data:
            raise ValidationError("Write hours: a day of these hours has no 24.")


class SetLimitForm(Form):
    code = StringField("Code", text(40, needed=True))
    pharmacy_id = SelectField(
        "At the pharmacy", choices=[], validate_choice=False, description="Empty: at any."
    )
    sku = StringField("Of the product", text(60), description="Its SKU. Empty: of any.")
    warn_after = MinutesField("Warn after", text(20, needed=True), description="Like 30 min, 4 h or 3 d.")
    late_after = MinutesField("Late after", text(20, needed=True))
    calendar = SelectField(
        "Counted", choices=[], validate_choice=False, description="In whose hours, or day and night."
    )
    why = StringField("Why", text(500, needed=True))


@pages.route("/service-levels/set_limit", methods=["GET", "POST"])
@performs(service_levels.set_limit, SetLimitForm)
def set_limit(form: SetLimitForm) -> Asked:
    if request.method == "GET":
        _offer(form)
    elif not wants_json():
        _choices(form)
    return Asked(
        None,
        lambda: {
            "code": (form.code.data or "").strip(),
            "pharmacy_id": (form.pharmacy_id.data or "").rsplit("/", 1)[-1] or None,
            "sku": form.sku.data or None,
            "warn_after": form.warn_after.minutes,
            "late_after": form.late_after.minutes,
            "calendar": form.calendar.data or None,
            "why": form.why.data,
        },
        context={"submit": "Set the limit", "codes": service_levels.codes()},
        done="The limit holds from now on.",
    )


def _choices(form: SetLimitForm) -> None:
    known = pharmacies.find().items
    form.pharmacy_id.choices = [SelectChoice("", "Any"), *(SelectChoice(one.id, one.name) for one in known)]
    hours = service_levels.calendars()
    form.calendar.choices = [
        SelectChoice("", "Round the clock"),
        *(SelectChoice(one.name, f"In the hours of {one.name}") for one in hours),
    ]


def _offer(form: SetLimitForm) -> None:
    """A form that starts from what counts now, for `?start=<code>`."""
    _choices(form)
    declared = service_levels.codes().get(request.args.get("start", ""))
    if declared is None:
        return
    held = service_levels.levels()
    pharmacy_id, sku = request.args.get("pharmacy_id") or None, request.args.get("sku") or None
    level = held.of(declared.code, declared.limit, declared.team, pharmacy_id, sku)
    warn, late = limit_words(level)
    _fill(form.code, declared.code)
    _fill(form.warn_after, warn)
    _fill(form.late_after, late)
    _fill(form.calendar, level.hours or "")


def _fill(field: Field, value: str) -> None:
    """What a form starts from counts as if it had been written there: its preview asks only for the rest."""
    field.data, field.raw_data = value, [value]


@pages.route("/service-levels/<service_level_id>/reset", methods=["GET", "POST"])
@performs(service_levels.reset, Reason)
def reset(form: Reason, service_level_id: str) -> Asked:
    row = ServiceLevel.require(service_level_id)
    return Asked(
        service_level_id,
        lambda: {"reason": form.reason.data},
        context={
            "row": row,
            "place": service_levels.where(row.pharmacy_id, row.sku),
            "submit": "Set it back",
        },
        done="What the rule says counts again.",
    )


class DayField(StringField):
    """The hours of a day, "9:00-12:00, 13:00-17:00"; `.spans` is them in minutes."""

    spans: Spans = ()

    def pre_validate(self, form: Any) -> None:
        try:
            self.spans = spans_of(self.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None


class WeekForm(Form):
    monday = DayField("Monday", text(80))
    tuesday = DayField("Tuesday", text(80))
    wednesday = DayField("Wednesday", text(80))
    thursday = DayField("Thursday", text(80))
    friday = DayField("Friday", text(80))
    saturday = DayField("Saturday", text(80))
    sunday = DayField("Sunday", text(80))

    @property
    def spans(self) -> Sequence[Spans]:
        return [field.spans for field in self._fields.values() if isinstance(field, DayField)]


class SetCalendarForm(Reason):
    name = StringField(
        "Whose hours", text(40, needed=True), description="company, clinic, or like pharmacy-truepill."
    )
    zone = StringField("Time zone", text(60, needed=True), description="Like America/New_York.")
    hours = FormField(WeekForm, "Hours", description="Like 9:00-12:00, 13:00-17:00. Empty: closed.")
    holidays = SelectField(
        "Holidays",
        choices=[SelectChoice(one.value, KEPT[one]) for one in Holidays],
        validate_choice=False,
        default="federal",
    )
    days_off = Words("Other days off", description="Like 2026-12-24, 2026-12-26.")


@pages.route("/work-calendars/set_calendar", methods=["GET", "POST"])
@performs(service_levels.set_calendar, SetCalendarForm)
def set_calendar(form: SetCalendarForm) -> Asked:
    if request.method == "GET" and (start := request.args.get("start")):
        _start_from(form, start)
    return Asked(
        None,
        lambda: {
            "name": (form.name.data or "").strip(),
            "zone": (form.zone.data or "").strip(),
            "hours": [[[*span] for span in spans] for spans in form.hours.form.spans],
            "holidays": form.holidays.data,
            "days_off": form.days_off.data or [],
            "reason": form.reason.data,
        },
        context={"submit": "Set the hours"},
        done="The hours hold from now on.",
    )


def _start_from(form: SetCalendarForm, name: str) -> None:
    found = next((one for one in service_levels.calendars() if one.name == name), None)
    if found is None:
        return
    _fill(form.name, found.name)
    _fill(form.zone, found.zone)
    form.holidays.data, form.days_off.data = found.holidays, found.days_off
    for field, spans in zip(form.hours.form._fields.values(), found.hours, strict=True):
        field.data = spans_words(spans)

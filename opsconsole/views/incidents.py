"""Vendors in trouble: what is so, who waits, what staff can do meanwhile; saying that one is down, and when it is back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField, StringField

from .. import vendors
from ..models import BECAUSE, Incident, IncidentStatus
from ..services import audit, incidents
from ._acting import Asked, performs
from ._browser import at
from ._fields import InstantField, Reason, SelectChoice, required, text
from ._happened import happened
from ._listing import Acts, act_on, common, found, listed, shown
from ._live import BOARD, PAGE, live
from ._masking import written
from ._who import reads

pages = Blueprint("incidents", __name__)
DECLARE = "/incidents/declare"


def told(incident: Incident) -> dict[str, Any]:
    return common(incident, acts_of(incident)) | {
        "port": incident.port,
        "ports": incident.ports,
        "system": vendors.system_of(incident.port).name,
        "because": incident.because,
        "signs": incident.signs,
        "methods": incident.methods,
        "holds": incident.holds,
        "says": incident.says,
        "opened_at": at(incident.opened_at),
        "draining_at": at(incident.draining_at),
        "ended_at": at(incident.ended_at),
        "expected_back_at": at(incident.expected_back_at),
        "expected_words": written(incident.expected_words),
        "reopened": incident.reopened,
        "trace": incident.trace_id,
    }


def _whole(incident: Incident) -> dict[str, Any]:
    who = incidents.affected(incident)
    return told(incident) | {
        "affected": {"orders": who.orders, "customers": who.customers, "cases": who.cases},
        "waits": {
            "left": who.left["left"],
            "calls": who.left["calls"],
            "events": who.left["events"],
            "of": who.total,
            "until": at(who.left["by"]),
            "kinds": [
                {"kind": one.kind, "calls": one.calls, "lanes": one.lanes, "oldest": at(one.oldest)}
                for one in who.kinds
            ],
        },
        "meanwhile": incidents.can_do(incident.port, incident.signs),
        "draft": incidents.draft(incident.port, incident.expected_back_at),
    }


def acts_of(incident: Incident) -> Acts:
    back = None if incident.status == IncidentStatus.OPEN else "It is back."
    not_held = None if incident.holds else "It ends by itself as soon as the vendor answers again."
    return [
        act_on(
            incident,
            "incidents.expect_back",
            f"{incident.url}/expect_back",
            "When it will be back",
            why_not=back,
        ),
        act_on(incident, "incidents.end", f"{incident.url}/end", "It is back", why_not=back or not_held),
    ]


@pages.get("/incidents")
@reads("incidents", incidents.LIST)
def list() -> ResponseReturnValue:
    page = found()
    looks = [[(one.id, one.status, one.says) for one in page.items], page.next]
    context = {
        "statuses": IncidentStatus,
        "systems": vendors.SYSTEMS,
        "system_of": vendors.system_of,
        "acts": [act_on(None, "incidents.declare", DECLARE, "A vendor says it is down")],
    }
    return live(looks, lambda: listed(page, told, "incidents/list.html", **context), every=BOARD)


@pages.get("/incidents/<incident_id>")
@reads("incidents")
def show(incident_id: str) -> ResponseReturnValue:
    incident = Incident.require(incident_id)
    left = 0 if incident.final else incidents.left(incident)["left"]
    looks = [incident.status, incident.says, incident.expected_back_at, left, audit.movement(incident.id)]
    return live(
        looks,
        lambda: shown(incident, lambda: _whole(incident), "incidents/show.html", lambda: _page(incident)),
        every=PAGE,
        final=incident.final,
    )


def _page(incident: Incident) -> dict[str, Any]:
    return _what(incident) | {
        "who": incidents.affected(incident),
        "acts": acts_of(incident),
        "because": BECAUSE,
        "meanwhile": incidents.can_do(incident.port, incident.signs),
        "draft": incidents.draft(incident.port, incident.expected_back_at),
        "timeline": happened(incident),
    }


def _what(incident: Incident) -> dict[str, Any]:
    return {"incident": incident, "name": vendors.system_of(incident.port).name}


class DeclareForm(Form):
    """Choices are the systems that are connected."""

    port = SelectField("Which system", required("Choose one."), validate_choice=False)
    words = StringField(
        "What it said", text(300, needed=True), description="In its own words. No names, no health details."
    )
    expected_back_at = InstantField("Expected back (UTC)", description="Leave it empty if it cannot say.")


@pages.route(DECLARE, methods=["GET", "POST"])
@performs(incidents.declare, DeclareForm)
def declare(form: DeclareForm) -> Asked:
    form.port.choices = [
        SelectChoice("", "Choose…"),
        *(SelectChoice(one.port, one.name) for one in incidents.connected()),
    ]
    return Asked(
        None,
        lambda: {
            "port": form.port.data,
            "words": form.words.data,
            "expected_back_at": form.expected_back_at.instant,
        },
        context={"submit": "Hold everything that goes there"},
        done="From now on nothing goes out to it. What is done waits, in order.",
    )


class ExpectBackForm(Form):
    expected_back_at = InstantField("Expected back (UTC)", description="Leave it empty if it cannot say.")
    words = StringField(
        "What it said", text(300, needed=True), description="In its own words. No names, no health details."
    )


@pages.route("/incidents/<incident_id>/expect_back", methods=["GET", "POST"])
@performs(incidents.expect_back, ExpectBackForm)
def expect_back(form: ExpectBackForm, incident_id: str) -> Asked:
    return Asked(
        incident_id,
        lambda: {"expected_back_at": form.expected_back_at.instant, "words": form.words.data},
        context=_what(Incident.require(incident_id)) | {"submit": "Write it down"},
        done="Written down. It is shown wherever the incident is.",
    )


@pages.route("/incidents/<incident_id>/end", methods=["GET", "POST"])
@performs(incidents.end, Reason)
def end(form: Form, incident_id: str) -> Asked:
    return Asked(
        incident_id,
        lambda: {"reason": form.reason.data},  # type: ignore[attr-defined]
        context=_what(Incident.require(incident_id)) | {"submit": "Let it go out"},
        done="What waited goes out, in order, a few at first.",
    )

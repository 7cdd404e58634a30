"""The inbox: what the outside told us, what each event settled, and replaying one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField

from .. import vendors
from ..models import AuditEntry, EventStatus, InboxEvent, Sweep
from ..services import inbox
from ._acting import Asked, NoInput, performs
from ._fields import SelectChoice
from ._listing import Acts, act_on, common, found, listed, shown
from ._who import reads

pages = Blueprint("inbox", __name__)


def told(event: InboxEvent) -> dict[str, Any]:
    return common(event, acts_of(event)) | {
        "source": event.source,
        "external_id": event.external_id,
        "kind": event.kind,
        "object_id": event.object_id,
        "occurred_at": event.occurred_at.isoformat(),
        "via": event.via,
        "attempts": event.attempts,
        "says": event.words,
        "settled_by": f"/audit/{event.settled_by}" if event.settled_by else None,
        "trace": event.trace_id,
    }


def acts_of(event: InboxEvent) -> Acts:
    why_not = (
        None if (event.source, event.kind) in inbox.ROUTES else "Nothing here depends on events of this kind."
    )
    return [act_on(event, "inbox.replay", f"{event.url}/replay", "Replay", why_not=why_not)]


@pages.get("/inbox")
@reads("inbox", inbox.LIST)
def list() -> ResponseReturnValue:
    return listed(
        found(), told, "inbox/list.html", statuses=EventStatus, rejected=inbox.rejected(),
        acts=[act_on(None, "inbox.sweep", "/inbox/sweep", "Look for missed events")],
    )  # fmt: skip


class SweepForm(Form):
    """Choices are the sources that are connected."""

    source = SelectField("Whose events", validate_choice=False, default="stripe")


@pages.route("/inbox/sweep", methods=["GET", "POST"])
@performs(inbox.sweep, SweepForm)
def sweep(form: SweepForm) -> Asked:
    form.source.choices = [SelectChoice(source, vendors.name_of(source)) for source in inbox.listed()]
    return Asked(
        None,
        lambda: {"source": form.source.data},
        context={"submit": "Look now"},
        done="The list is being read. Missed events will appear in the inbox.",
        then="/inbox",
    )


@pages.get("/inbox/sweeps/<sweep_id>")
@reads("inbox")
def show_sweep(sweep_id: str) -> ResponseReturnValue:
    swept = Sweep.require(sweep_id)
    body = common(swept) | {
        "source": swept.source,
        "since": swept.since.isoformat(),
        "seen": swept.seen,
        "missed": swept.missed,
    }
    return shown(swept, lambda: body, "inbox/show_sweep.html", lambda: {"sweep": swept})


@pages.get("/inbox/<event_id>")
@reads("inbox")
def show(event_id: str) -> ResponseReturnValue:
    event = InboxEvent.require(event_id)
    return shown(
        event,
        lambda: told(event),
        "inbox/show.html",
        lambda: {
            "event": event,
            "entry": AuditEntry.get(event.settled_by) if event.settled_by else None,
            "acts": acts_of(event),
        },
    )


@pages.route("/inbox/<event_id>/replay", methods=["GET", "POST"])
@performs(inbox.replay)
def replay(form: NoInput, event_id: str) -> Asked:
    """The vendor is asked first, with no transaction open; then the act, or its preview, takes that in."""
    event = InboxEvent.require(event_id)
    found = inbox.about_now(event)
    return Asked(
        event_id,
        lambda: {"found": found},
        context={"event": event, "submit": "Replay it"},
        done="The event was replayed.",
    )

"""What must never happen to a patient: each guard, what is open, and every look that was taken."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import HarmSweep
from ..services import harm
from ._acting import Asked, NoInput, performs
from ._happened import happened
from ._listing import act_on, asked, common, listed, shown
from ._who import reads

pages = Blueprint("harm", __name__)
RUN = "/harm/sweep"


def told(sweep: HarmSweep) -> dict[str, Any]:
    return common(sweep) | {"found": sweep.found, "total": sweep.total, "by": sweep.by}


@pages.get("/harm")
@reads("harm", harm.LIST)
def list() -> ResponseReturnValue:
    return listed(
        harm.find(**asked()),
        told,
        "harm/list.html",
        kept=harm.kept(),
        last=HarmSweep.last(),
        acts=[act_on(None, "harm.sweep", RUN, "Look now")],
    )


@pages.get("/harm/<harm_sweep_id>")
@reads("harm")
def show(harm_sweep_id: str) -> ResponseReturnValue:
    sweep = HarmSweep.require(harm_sweep_id)
    context = {"sweep": sweep, "guards": harm.GUARDS}
    return shown(
        sweep, lambda: told(sweep), "harm/show.html", lambda: context | {"timeline": happened(sweep)}
    )


@pages.route(RUN, methods=["GET", "POST"])
@performs(harm.sweep, NoInput)
def sweep(form: NoInput) -> Asked:
    return Asked(None, dict, context={"submit": "Look now"}, done="Everything was looked at.")

"""Boards that look back: the flow, what was in time, and the money. Each number opens exactly its rows."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ..models import Team
from ..services import dashboards, stuck
from ..vendors import name_of
from ._charts import Chart, Series, chart
from ._live import BOARD, live
from ._reading import wants_json
from ._who import reads

pages = Blueprint("dashboards", __name__)
FEW = 10.0  # seconds that a board may be old: it looks back over weeks


@pages.get("/dashboards")
@reads("dashboards")
def flow() -> ResponseReturnValue:
    """What begins and ends each day, and what is left."""
    found = dashboards.held("flow", dashboards.flow, at_most_old=FEW)

    def answer() -> ResponseReturnValue:
        if wants_json():
            return {"days": [vars(day) | {"on": day.on.isoformat()} for day in found.days]}
        fixed = dashboards.held("fixed", stuck.together, at_most_old=FEW)
        return render_template(
            "dashboards/flow.html", flow=found, fixed=fixed, stuck=_stuck(found), moved=_moved(found)
        )

    return live([found.days], answer, every=BOARD)


def _labels(found: dashboards.Flow) -> list[str]:
    return [day.on.strftime("%-d %b") for day in found.days]


def _stuck(found: dashboards.Flow) -> Chart:
    """Causes: how many began and ended on each day, how many were left."""
    marks = [(place, day.outages[0][1]) for place, day in enumerate(found.days) if day.outages]
    return chart(
        "Stuck each day",
        "Causes for which something did not go on: new ones, ended ones, and those left at the end of the day.",
        _labels(found),
        [
            Series("Left", "a", [day.backlog for day in found.days]),
            Series("Began", "b", [day.began for day in found.days]),
            Series("Ended", "c", [day.ended for day in found.days]),
        ],
        marks,
    )


def _moved(found: dashboards.Flow) -> Chart:
    return chart(
        "Orders and parcels each day",
        "Orders placed, labels made, parcels delivered.",
        _labels(found),
        [
            Series("Placed", "a", [day.placed for day in found.days]),
            Series("Labels", "b", [day.labelled for day in found.days]),
            Series("Delivered", "c", [day.delivered for day in found.days]),
        ],
    )


@pages.get("/dashboards/levels")
@reads("dashboards")
def levels() -> ResponseReturnValue:
    """Whether what was stuck was dealt with in time."""
    days = 30 if request.args.get("days") == "30" else 7
    since, whole, told = dashboards.held(f"levels {days}", lambda: dashboards.levels(days), at_most_old=FEW)
    names: dict[str, dict[str, str]] = {
        "team": {one.value: one.words for one in Team},
        "vendor": {one.name: name_of(one.name) for one in told["vendor"]},
        "code": {code: rule.title for code, rule in stuck.RULES.items()},
    }

    def answer() -> ResponseReturnValue:
        if wants_json():
            return {
                "since": since.isoformat(), "kept": whole.kept, "late": whole.late,
                "by": {by: [vars(one) | {"share": one.share} for one in some] for by, some in told.items()},
            }  # fmt: skip
        context: dict[str, Any] = {"since": since, "whole": whole, "told": told, "names": names}
        return render_template("dashboards/levels.html", **context)

    return live([since, whole, told], answer, every=BOARD)


@pages.get("/dashboards/money")
@reads("refunds")
def money() -> ResponseReturnValue:
    """What became of the money; beside the ledger."""
    found = dashboards.held("money", dashboards.money, at_most_old=FEW)
    looks = [
        [[tuple(row) for row in some] for some in found.refunds.values()],
        [tuple(row) for row in found.days],
        [tuple(row) for row in found.disputes],
        found.dunnings,
    ]
    return live(looks, lambda: render_template("dashboards/money.html", money=found), every=BOARD)

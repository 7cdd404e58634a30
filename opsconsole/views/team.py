"""The team board: how the work on cases goes. Numbers alone, each of which opens its rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from ..services import cases
from ._live import BOARD, live
from ._reading import wants_json
from ._who import reads

pages = Blueprint("team", __name__)


@pages.get("/team")
@reads("cases")
def show() -> ResponseReturnValue:
    board = cases.team_board()
    if wants_json():
        told = {"teams": [_told(one) for one in board.teams], "people": [_told(one) for one in board.people]}
        return jsonify(told)
    return live(board.looks, lambda: render_template("team/show.html", board=board), every=BOARD)


def _told(line: cases.Line) -> dict[str, Any]:
    numbers = {
        name: {"value": value["value"], "url": getattr(line, name).url}
        for name, value in asdict(line).items()
        if isinstance(value, dict)
    }
    return {
        "code": line.code,
        "name": line.name,
        "to_done": line.to_done,
        "reopen_rate": line.reopen_rate,
    } | numbers

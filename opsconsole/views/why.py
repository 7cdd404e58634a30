"""Why can't I? The hurdles before an act, in plain words, and what to do next."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from ..lib.money import Money
from ..lib.refusal import Invalid
from ..models import REGISTRY
from ..services import ACTS, why
from ._reading import wants_json
from ._who import actor, reads

pages = Blueprint("why", __name__)


@pages.get("/why")
@reads("why")
def show() -> ResponseReturnValue:
    """`?act=refunds.issue&subject=/orders/ord_1`: the subject by its URL or id."""
    strange = {name: ["There is no such field."] for name in request.args if name not in ("act", "subject")}
    act = request.args.get("act", "")
    if strange or not act:
        raise Invalid(strange or {"act": ["Say which act: act=refunds.issue."]})
    subject = request.args.get("subject", "").rstrip("/").rsplit("/", 1)[-1] or None
    found = why.explain(act, _readable(subject), by=actor())
    if wants_json():
        return jsonify(_told(found))
    return render_template("why/show.html", found=found, says=_says(act), dollars=_dollars)


def _readable(subject: str | None) -> str | None:
    """What stands behind a banner or a sum is for those who may see the thing."""
    noun = REGISTRY.get(subject.partition("_")[0]) if subject else None
    if noun is not None and actor().may(f"{noun.PLURAL}.read"):
        return subject
    return subject if noun is None else None


def _says(act: str) -> str:
    """The first sentence of what the act is."""
    first = (ACTS[act].__doc__ or "").strip().split("\n")[0] if act in ACTS else "See its pages."
    return first.split(". ")[0].rstrip(".") + "."


def _dollars(cents: int | None) -> str:
    return "any amount" if cents is None else str(Money(cents, "usd"))


def _told(found: why.Explained) -> dict[str, Any]:
    return {
        "act": found.act,
        "subject": found.subject,
        "allowed": found.allowed,
        "hurdles": [
            {"kind": one.kind, "says": one.says, "do": one.do, "blocks": one.blocks, "who": [*one.who]}
            for one in found.hurdles
        ],
        "limits": [
            {
                "measure": one.measure,
                "spent": Money(one.spent, "usd").as_json,
                "alone": Money(one.alone, "usd").as_json,
                "at_most": None if one.at_most is None else Money(one.at_most, "usd").as_json,
            }
            for one in found.spent
        ],
    }

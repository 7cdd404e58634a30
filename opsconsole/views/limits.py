"""Limits: how much of an act a role may do alone and at most; changing one, and changing it back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ..lib.money import Money
from ..models import Limit, Role
from ..services import limits
from ._acting import Asked, performs
from ._fields import MoneyField, Reason, text
from ._listing import Acts, act_on, asked, common, listed, shown
from ._who import reads

pages = Blueprint("limits", __name__)


def dollars(cents: int | None) -> Money | None:
    return None if cents is None else Money(cents, "usd")


def told(limit: Limit) -> dict[str, Any]:
    most = dollars(limit.at_most)
    return common(limit, acts_of(limit)) | {
        "role": Role.require(limit.role_id).name,
        "act": limit.act,
        "measure": limit.measure,
        "alone": Money(limit.alone, "usd").as_json,
        "at_most": most.as_json if most else None,
    }


def acts_of(limit: Limit) -> Acts:
    return [act_on(limit, "limits.change", f"{limit.url}/change", "Change it")]


@pages.get("/limits")
@reads("limits", limits.LIST)
def list() -> ResponseReturnValue:
    found = limits.find(**asked())
    return listed(
        found,
        told,
        "limits/list.html",
        roles=Role.each(one.role_id for one in found.items),
        dollars=dollars,
    )


@pages.get("/limits/<limit_id>")
@reads("limits")
def show(limit_id: str) -> ResponseReturnValue:
    limit = Limit.require(limit_id)
    seen = limits.simulate(limit, limit.alone, limit.at_most)
    versions = [
        {
            "alone": one.alone,
            "at_most": one.at_most,
            "at": one.at.isoformat(),
            "by": one.by,
            "reason": one.reason,
        }
        for one in limits.versions(limit)
    ]
    return shown(
        limit,
        lambda: told(limit) | {"last_30_days": seen.as_json, "versions": versions},
        "limits/show.html",
        lambda: (
            _page(limit)
            | {
                "acts": acts_of(limit),
                "seen": seen,
                "days": limits.DAYS,
                "called": limits.called(limit),
                "back_to": _back(limit),
            }
        ),
    )


def _page(limit: Limit) -> dict[str, Any]:
    return {
        "limit": limit,
        "role": Role.require(limit.role_id),
        "dollars": dollars,
        "versions": limits.versions(limit),
    }


def _back(limit: Limit) -> Any:
    """Where changing back to a version leads: the form, filled in."""

    def url(version: limits.Version) -> str:
        most = dollars(version.at_most)
        filled = {"alone": Money(version.alone, "usd").amount, "at_most": most.amount if most else ""}
        reason = f"Back to what it was from {version.at:%-d %b %Y, %H:%M}"
        return f"{limit.url}/change?{urlencode(filled | {'reason': reason})}"

    return url


class ChangeForm(Reason):
    alone = MoneyField("Alone", text(20, needed=True), description="In US dollars.")
    at_most = MoneyField(
        "At most, with a second person", text(20), description="Empty: any amount, with a second person."
    )


@pages.route("/limits/<limit_id>/change", methods=["GET", "POST"])
@performs(limits.change, ChangeForm)
def change(form: ChangeForm, limit_id: str) -> Asked:
    limit = Limit.require(limit_id)
    if request.method == "GET" and not request.args:
        most = dollars(limit.at_most)
        form.alone.data, form.at_most.data = Money(limit.alone, "usd").amount, most.amount if most else ""
    return Asked(
        limit_id,
        lambda: {"alone": form.alone.minor, "at_most": form.at_most.minor, "reason": form.reason.data},
        context=_page(limit) | {"submit": "Change the limit"},
        done="The limit was changed.",
    )

"""Prescribers and where they are licensed, and the rules of the states."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import Form, SelectField

from ..models import Provider, Staff
from ..services import providers
from ._acting import Asked, performs
from ._fields import SelectChoice
from ._listing import act_on, asked, common, listed, shown
from ._page import now
from ._who import reads

pages = Blueprint("providers", __name__)


def told(provider: Provider) -> dict[str, Any]:
    return common(provider, [link_on(provider)]) | {
        "name": provider.name,
        "npi": provider.npi,
        "credential": provider.credential,
        "active": provider.active,
        "licences": [
            {
                "state": one.state, "number": one.number, "status": one.status,
                "expires_on": one.expires_on.isoformat() if one.expires_on else None,
            }
            for one in provider.licences()
        ],
    }  # fmt: skip


def link_on(provider: Provider) -> dict[str, Any]:
    return act_on(provider, "providers.link_staff", f"{provider.url}/link_staff", "Say who signs as them")


@pages.get("/providers")
@reads("providers", providers.LIST)
def list() -> ResponseReturnValue:
    found = providers.find(**asked())
    licences = {one.id: one.licences() for one in found.items}
    return listed(found, told, "providers/list.html", licences=licences, today=now().date())


class LinkForm(Form):
    colleague = SelectField("Who signs as them", validate_choice=False)


@pages.route("/providers/<provider_id>/link_staff", methods=["GET", "POST"])
@performs(providers.link_staff, LinkForm)
def link_staff(form: LinkForm, provider_id: str) -> Asked:
    provider = Provider.require(provider_id)
    people = [SelectChoice(one.id, f"{one.name} ({one.email})") for one in Staff.active()]
    form.colleague.choices = [SelectChoice("", "Nobody"), *people]
    return Asked(
        provider_id,
        lambda: {"colleague": form.colleague.data or None},
        context={"provider": provider, "submit": "Ask for it"},
        done="Done.",
    )


@pages.get("/providers/<provider_id>")
@reads("providers")
def show(provider_id: str) -> ResponseReturnValue:
    provider = Provider.require(provider_id)
    return shown(
        provider,
        lambda: told(provider),
        "providers/show.html",
        lambda: {
            "provider": provider,
            "licences": provider.licences(),
            "today": now().date(),
            "signs": Staff.get(provider.staff_id) if provider.staff_id else None,
            "link": link_on(provider),
        },
    )

"""Prescribers and where they are licensed, and the rules of the states."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import Provider
from ..services import providers
from ._listing import asked, common, listed, shown
from ._page import now
from ._who import reads

pages = Blueprint("providers", __name__)


def told(provider: Provider) -> dict[str, Any]:
    return common(provider) | {
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


@pages.get("/providers")
@reads("providers", providers.LIST)
def list() -> ResponseReturnValue:
    found = providers.find(**asked())
    licences = {one.id: one.licences() for one in found.items}
    return listed(found, told, "providers/list.html", licences=licences, today=now().date())


@pages.get("/providers/<provider_id>")
@reads("providers")
def show(provider_id: str) -> ResponseReturnValue:
    provider = Provider.require(provider_id)
    return shown(
        provider,
        lambda: told(provider),
        "providers/show.html",
        lambda: {"provider": provider, "licences": provider.licences(), "today": now().date()},
    )

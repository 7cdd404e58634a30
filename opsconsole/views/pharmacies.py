"""Pharmacies: who they are, where they are licensed, whether they answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from .. import vendors
from ..models import Pharmacy
from ..services import outbox, pharmacies
from ._listing import asked, common, listed, shown
from ._page import now
from ._who import reads

pages = Blueprint("pharmacies", __name__)


def told(pharmacy: Pharmacy) -> dict[str, Any]:
    return common(pharmacy) | {
        "name": pharmacy.name,
        "adapter": pharmacy.adapter,
        "active": pharmacy.active,
        "connected": vendors.connected(pharmacy.port),
        "rank": pharmacy.rank,
        "licences": [
            {
                "state": one.state,
                "number": one.number,
                "expires_on": one.expires_on.isoformat() if one.expires_on else None,
            }
            for one in pharmacy.licences()
        ],
    }


@pages.get("/pharmacies")
@reads("pharmacies", pharmacies.LIST)
def list() -> ResponseReturnValue:
    found = pharmacies.find(**asked())
    licences = {one.id: one.licences() for one in found.items}
    return listed(
        found,
        told,
        "pharmacies/list.html",
        licences=licences,
        connected=vendors.connected,
        today=now().date(),
    )


@pages.get("/pharmacies/<pharmacy_id>")
@reads("pharmacies")
def show(pharmacy_id: str) -> ResponseReturnValue:
    pharmacy = Pharmacy.require(pharmacy_id)
    return shown(
        pharmacy,
        lambda: told(pharmacy),
        "pharmacies/show.html",
        lambda: {
            "pharmacy": pharmacy,
            "licences": pharmacy.licences(),
            "connected": vendors.connected(pharmacy.port),
            "breakers": [one for one in outbox.health() if one.opened_at and one.port == pharmacy.port],
            "today": now().date(),
        },
    )

"""Scenes that stories about banners begin with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from opsconsole.db import db
from opsconsole.models import Banner, BannerStatus, Customer, Order
from opsconsole.services import ACTS, Act
from opsconsole.services.banners import KINDS
from opsconsole.views._acting import Asked, NoInput, performs

from ..house import House


def put_up(house: House, subject: str, kind: str = "do_not_ship", role: str = "demo") -> Any:
    """Raise a banner through the door. Returns its JSON."""
    api = house.api(role)
    done = api.post(f"{subject}/banner", {"kind": kind, "reason": "Known by telephone"})
    return house.api().get(done["subject"])


def plant(house: House, kind: str, order: dict[str, Any], on: str = "order") -> str:
    """A standing banner of any kind, also of one that only facts raise. Returns its id."""
    customer = order["customer"].rsplit("/", 1)[-1]
    with house.app.app_context():
        banner = Banner(
            status=BannerStatus.STANDING,
            kind=kind,
            subject_id=order["id"] if on == "order" else customer,
            customer_id=customer,
            reason="Planted",
            by="a test",
        ).add()
        db.session.commit()
        return banner.id


def places(kind: str) -> list[str]:
    """Where banners of a kind may stand: "customer", "order"."""
    return sorted(KINDS[kind].stands_on)


def kinds_on(house: House, url: str) -> list[str]:
    return [one["kind"] for one in house.api().get(url)["banners"]]


@contextmanager
def act_called(house: House, name: str) -> Iterator[str]:
    """An act of that name that hardly does anything, with a door at the URL that is given: what stands before
    every act of that name stands before it."""

    def stand_in(subject_id: str, *, by: Any) -> Any:
        """Something that changes a record."""
        record = (Order if subject_id.startswith("ord_") else Customer).lock(subject_id)
        record.reference = f"{record.reference}!"
        return record

    real = ACTS.get(name)
    noun, verb = name.split(".")
    stand_in.__module__, stand_in.__name__ = f"opsconsole.services.{noun}._{verb}", verb
    act = Act(stand_in, undo=timedelta(0), robots=())
    # demo holds every role's grants, and none of an act that is not there yet
    with house.app.app_context():
        db.session.execute(
            db.text(
                "insert into grants (role_id, permission) select id, :name from roles where name = 'demo'"
                " on conflict do nothing"
            ),
            {"name": name},
        )
        db.session.commit()
    endpoint = name.replace(".", "_")
    view = performs(act, NoInput)(lambda form, subject_id: Asked(subject_id))
    house.app._got_first_request = False  # Flask would refuse a route this late
    house.app.add_url_rule(f"/{endpoint}/<subject_id>", endpoint, view, methods=["POST"])
    try:
        yield f"/{endpoint}"
    finally:
        ACTS.pop(name)
        if real:
            ACTS[name] = real

"""Banners: what must be known before anything is done, and the ways people put one up, aside and down."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import IntegerField, SelectField
from wtforms.validators import NumberRange

from ..models import Banner, BannerStatus, Customer, Order, locate
from ..services import banners
from ._acting import Asked, performs
from ._browser import at, now
from ._fields import Reason, SelectChoice, required
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
from ._standing import standing
from ._who import actor, reads

pages = Blueprint("banners", __name__)


@pages.app_context_processor
def _for_every_page() -> dict[str, Any]:
    """What banners/_standing.html needs, wherever it is included."""
    return {"standing": standing, "banner_kinds": banners.KINDS, "banner_acts": acts_of}


def told(banner: Banner) -> dict[str, Any]:
    kind = banners.KINDS[banner.kind]
    return common(banner, acts_of(banner)) | {
        "kind": banner.kind,
        "on": locate(banner.subject_id),
        "customer": f"/customers/{banner.customer_id}",
        "says": kind.says,
        "reason": banner.reason,
        "blocks": sorted(kind.blocks),
        "warns": sorted(kind.warns),
        "override": kind.override if kind.blocks else None,
        "by": banner.by,
        "due_at": at(banner.due_at),
        "set_aside_until": at(banner.set_aside_until),
        "set_aside_by": banner.set_aside_by,
        "set_aside_reason": banner.set_aside_reason,
        "lowered_by": banner.lowered_by,
        "lowered_reason": banner.lowered_reason,
    }


def acts_of(banner: Banner) -> Acts:
    kind = banners.KINDS[banner.kind]
    override = None if actor().may(kind.override) else f"Only {kind.overridden_by} may: ask them."
    down = "It is down." if banner.status == BannerStatus.LOWERED else None
    falls = "It falls by itself, as soon as Stripe says that it is over." if kind.by_facts else None
    nothing = None if kind.blocks else "It blocks nothing."
    lower = down or falls or (override if kind.clinical else None)
    return [
        act_on(
            None,
            "banners.set_aside",
            f"{banner.url}/set_aside",
            "Set aside",
            why_not=down or nothing or override,
        ),
        act_on(None, "banners.lower", f"{banner.url}/lower", "Lower", why_not=lower),
    ]


def raise_on(subject: Customer | Order) -> dict[str, Any]:
    """The act of raising a banner, as the page of a customer or an order offers it."""
    return act_on(None, "banners.raise", f"{subject.url}/banner", "Raise a banner")


@pages.get("/banners")
@reads("banners", banners.LIST)
def list() -> ResponseReturnValue:
    found = banners.find(**asked())
    return listed(
        found,
        told,
        "banners/list.html",
        statuses=BannerStatus,
        customers=Customer.each(banner.customer_id for banner in found.items),
        orders=Order.each(banner.subject_id for banner in found.items),
    )


@pages.get("/banners/<banner_id>")
@reads("banners")
def show(banner_id: str) -> ResponseReturnValue:
    banner = Banner.require(banner_id)
    return shown(
        banner,
        lambda: told(banner),
        "banners/show.html",
        lambda: _page(banner) | {"acts": acts_of(banner), "timeline": happened(banner)},
    )


def _page(banner: Banner) -> dict[str, Any]:
    return {
        "banner": banner,
        "kind": banners.KINDS[banner.kind],
        "customer": Customer.require(banner.customer_id),
        "order": Order.get(banner.subject_id),
        "aside": banner.is_aside(now()),
    }


class RaiseForm(Reason):
    """The kinds to choose from come from what it is raised on."""

    kind = SelectField("Kind", required("Choose what it is."), validate_choice=False)


@pages.route("/customers/<customer_id>/banner", methods=["GET", "POST"])
@performs(banners.raise_, RaiseForm)
def raise_on_customer(form: RaiseForm, customer_id: str) -> Asked:
    return _raise(form, Customer.require(customer_id))


@pages.route("/orders/<order_id>/banner", methods=["GET", "POST"])
@performs(banners.raise_, RaiseForm)
def raise_on_order(form: RaiseForm, order_id: str) -> Asked:
    return _raise(form, Order.require(order_id))


def _raise(form: RaiseForm, subject: Customer | Order) -> Asked:
    offered = banners.offered(subject.noun())
    form.kind.choices = [
        SelectChoice("", "Choose…"),
        *(SelectChoice(kind.code, kind.label) for kind in offered),
    ]
    return Asked(
        subject.id,
        lambda: {"kind": form.kind.data, "reason": form.reason.data},
        context={
            "customer": subject if isinstance(subject, Customer) else subject.customer,
            "order": subject if isinstance(subject, Order) else None,
            "offered": offered,
            "submit": "Raise it",
        },
        done="The banner stands.",
        then=subject.url,
    )


@pages.route("/banners/<banner_id>/lower", methods=["GET", "POST"])
@performs(banners.lower, Reason)
def lower(form: Reason, banner_id: str) -> Asked:
    banner = Banner.require(banner_id)
    context = _page(banner) | {"submit": "Lower the banner"}
    return Asked(
        banner_id,
        lambda: {"reason": form.reason.data},
        context=context,
        done="The banner is down.",
        then=locate(banner.subject_id),
    )


class SetAsideForm(Reason):
    hours = IntegerField(
        "For how many hours",
        [*required(), NumberRange(0, banners.LONGEST, f"Between 0 and {banners.LONGEST}.")],
        default=1,
        description=f"At most {banners.LONGEST}; then it blocks again by itself. 0 puts it back at once.",
    )


@pages.route("/banners/<banner_id>/set_aside", methods=["GET", "POST"])
@performs(banners.set_aside, SetAsideForm)
def set_aside(form: SetAsideForm, banner_id: str) -> Asked:
    banner = Banner.require(banner_id)
    context = _page(banner) | {"submit": "Put it back" if form.hours.data == 0 else "Set it aside"}
    return Asked(
        banner_id,
        lambda: {"hours": form.hours.data, "reason": form.reason.data},
        context=context,
        done="Done. The banner stays in view, so that everybody knows.",
        then=locate(banner.subject_id),
    )

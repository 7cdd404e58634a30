"""What a clinician has to have looked at about a patient. What kind of flag it is tells of their health: masked for all
others, who are told that there is one and what it blocks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from wtforms import SelectField, TextAreaField

from ..models import Customer, FlagEffect, FlagOutcome, FlagStatus, ReviewFlag
from ..services import review_flags, sight
from ._acting import Asked, NoInput, performs
from ._browser import at
from ._fields import Reason, SelectChoice
from ._fields import text as at_most
from ._happened import happened
from ._listing import Acts, act_on, asked, common, listed, shown
from ._masking import told as told_phi
from ._who import actor, reads

pages = Blueprint("review_flags", __name__)


def told(flag: ReviewFlag) -> dict[str, Any]:
    return common(flag, acts_of(flag)) | {
        **told_phi(flag, "kind", "why"),
        "severity": flag.severity,
        "effect": flag.effect,
        "source": flag.source if _may(flag) else flag.source.partition(":")[0],
        "customer": f"/customers/{flag.customer_id}",
        "visit": f"/visits/{flag.visit_id}" if flag.visit_id else None,
        "order": f"/orders/{flag.order_id}" if flag.order_id else None,
        "outcome": flag.outcome,
        "due_at": at(flag.due_at),
        "by": flag.by,
    }


def _may(flag: ReviewFlag) -> bool:
    return not sight.hides(flag, "kind", to=actor())


def _kind(flag: ReviewFlag) -> str | None:
    """What kind it is, in words; None for who may not read that. The view is written down."""
    kind = sight.shown(flag, "kind", to=actor(), patient=flag.customer_id)
    return str(kind).replace("_", " ") if kind else None


def acts_of(flag: ReviewFlag) -> Acts:
    why_not = review_flags.why_not(flag)
    seen = why_not or (None if flag.status == FlagStatus.OPEN else "A clinician has seen it already.")
    passed = why_not or ("It was passed on already." if flag.status == FlagStatus.ESCALATED else None)
    return [
        act_on(flag, "review_flags.resolve", f"{flag.url}/resolve", "Deal with it", why_not=why_not),
        act_on(flag, "review_flags.acknowledge", f"{flag.url}/acknowledge", "I have seen it", why_not=seen),
        act_on(flag, "review_flags.escalate", f"{flag.url}/escalate", "Pass it on", why_not=passed),
        act_on(flag, "review_flags.dismiss", f"{flag.url}/dismiss", "It does not matter", why_not=why_not),
    ]


@pages.get("/review-flags")
@reads("review_flags", review_flags.LIST)
def list() -> ResponseReturnValue:
    found = review_flags.find(**asked())
    return listed(
        found,
        told,
        "review_flags/list.html",
        statuses=FlagStatus,
        kinds=_kind,
        effects=FlagEffect,
        customers=Customer.each(one.customer_id for one in found.items),
    )


@pages.get("/review-flags/<flag_id>")
@reads("review_flags")
def show(flag_id: str) -> ResponseReturnValue:
    flag = ReviewFlag.require(flag_id)
    return shown(
        flag,
        lambda: told(flag),
        "review_flags/show.html",
        lambda: {
            "flag": flag,
            "kind": _kind(flag),
            "why": sight.shown(flag, "why", to=actor(), patient=flag.customer_id),
            "effect": FlagEffect(flag.effect).words,
            "customer": Customer.require(flag.customer_id),
            "acts": acts_of(flag),
            "timeline": happened(flag),
        },
    )


def _context(flag_id: str, submit: str) -> dict[str, Any]:
    flag = ReviewFlag.require(flag_id)
    return {"flag": flag, "kind": _kind(flag), "effect": FlagEffect(flag.effect).words, "submit": submit}


@pages.route("/review-flags/<flag_id>/acknowledge", methods=["GET", "POST"])
@performs(review_flags.acknowledge)
def acknowledge(form: NoInput, flag_id: str) -> Asked:
    return Asked(flag_id, context=_context(flag_id, "I have seen it"), done="It says who has seen it.")


class WhyForm(Reason):
    reason = TextAreaField("Why", at_most(500, needed=True))


class ResolveForm(Reason):
    outcome = SelectField(
        "What was done",
        choices=[SelectChoice(one.value, one.value.replace("_", " ").replace("rx", "prescription")) for one in FlagOutcome],
        validate_choice=False,
    )  # fmt: skip
    reason = TextAreaField("What you found", at_most(500, needed=True))


@pages.route("/review-flags/<flag_id>/resolve", methods=["GET", "POST"])
@performs(review_flags.resolve, ResolveForm)
def resolve(form: ResolveForm, flag_id: str) -> Asked:
    return Asked(
        flag_id,
        lambda: {"outcome": form.outcome.data, "reason": form.reason.data},
        context=_context(flag_id, "Deal with it"),
        done="It is dealt with.",
    )


@pages.route("/review-flags/<flag_id>/escalate", methods=["GET", "POST"])
@performs(review_flags.escalate, WhyForm)
def escalate(form: WhyForm, flag_id: str) -> Asked:
    return Asked(
        flag_id, lambda: {"reason": form.reason.data}, context=_context(flag_id, "Pass it on"), done="It was passed on."
    )  # fmt: skip


@pages.route("/review-flags/<flag_id>/dismiss", methods=["GET", "POST"])
@performs(review_flags.dismiss, WhyForm)
def dismiss(form: WhyForm, flag_id: str) -> Asked:
    return Asked(
        flag_id, lambda: {"reason": form.reason.data}, context=_context(flag_id, "Dismiss it"), done="It is dismissed."
    )  # fmt: skip

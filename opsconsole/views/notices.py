"""Notices: what customers are told of before it happens, and the proof that they were."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..models import Customer, LifecyclePolicy, Message, Notice, NoticeKind, NoticeStatus, Subscription
from ..services import cases, lifecycle, messages
from ._browser import at
from ._happened import happened
from ._listing import common, found, listed, shown
from ._who import reads

pages = Blueprint("notices", __name__)
KINDS = {kind: kind.words.partition(" ")[2].capitalize() for kind in NoticeKind}


def told(notice: Notice) -> dict[str, Any]:
    return common(notice, []) | {
        "kind": notice.kind,
        "subscription": f"/subscriptions/{notice.subscription_id}",
        "customer": f"/customers/{notice.customer_id}",
        "policy": f"/lifecycle/{notice.policy_id}",
        "about_on": notice.about_on.isoformat(),
        "window": {"from": notice.opens_on.isoformat(), "to": notice.closes_on.isoformat()},
        "due_at": at(notice.due_at),
        "zone": notice.zone,
        "law": notice.law,
        "source": notice.source,
        "message": f"/messages/{notice.message_id}" if notice.message_id else None,
        "correction": f"/messages/{notice.correction_id}" if notice.correction_id else None,
        "corrected_to": notice.corrected_to.isoformat() if notice.corrected_to else None,
        "trace": notice.trace_id,
    }


@pages.get("/notices")
@reads("notices", lifecycle.NOTICES)
def list() -> ResponseReturnValue:
    return listed(found(), told, "notices/list.html", statuses=NoticeStatus, kinds=KINDS)


@pages.get("/notices/<notice_id>")
@reads("notices")
def show(notice_id: str) -> ResponseReturnValue:
    notice = Notice.require(notice_id)
    return shown(notice, lambda: told(notice), "notices/show.html", lambda: _page(notice))


def _page(notice: Notice) -> dict[str, Any]:
    sent = [Message.get(id) for id in (notice.message_id, notice.correction_id) if id]
    return {
        "notice": notice,
        "kind": KINDS[notice.speaks_of],
        "subscription": Subscription.require(notice.subscription_id),
        "customer": Customer.require(notice.customer_id),
        "policy": LifecyclePolicy.require(notice.policy_id),
        "sent": [(one, messages.text(one.template, one.data)) for one in sent if one],
        "cases": cases.of(notice.id),
        "timeline": happened(notice),
    }

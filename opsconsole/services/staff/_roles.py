"""Roles are data. These are the ones a new console starts with; deny by default."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from ...db import db
from ...models import Grant, Limit, Role
from .._transaction import transaction

_WORK = {
    "customers.read", "products.read", "orders.read", "payments.read", "refunds.read", "messages.read", "cases.read",
    "promises.read", "banners.read", "notes.read", "approvals.read", "approvals.request", "approvals.withdraw",
}  # fmt: skip
_READS = {right for right in _WORK if right.endswith(".read")}
_ALL_PAGES = _READS | {"inbox.read", "audit.read", "staff.read", "roles.read"}
_SECOND = {"approvals.approve", "approvals.reject", "approvals.delegate", "approvals.end_delegation"}
_SIGN_INS = {
    "staff.end_sessions",
    "staff.reset_factors",
    "staff.link_identity",
}  # of other people; never a program's
_REFUNDS = {"refunds.issue", "refunds.withdraw"}
_MESSAGES = {"messages.send", "messages.withdraw"}
_BANNERS = {"banners.raise", "banners.lower", "banners.set_aside"}
_OF_MONEY = {"banners.override_dispute_open"}
_OF_PARCELS = {"banners.override_do_not_ship", "banners.override_undeliverable_address"}
_OF_HEALTH = {"banners.override_allergy_conflict", "banners.override_minor"}
_CUSTOMERS = {"customers.refresh", "customers.correct", "customers.withdraw"}
_OWN_NOTES = {"notes.edit", "notes.pin", "notes.unpin"}
_NOTES = _OWN_NOTES | {"customers.note", "orders.note", "payments.note", "refunds.note", "cases.note"}
_SUPPORT = (
    _WORK
    | _REFUNDS
    | _MESSAGES
    | _CUSTOMERS
    | _NOTES
    | {"cases.claim", "cases.retry", "banners.raise", "banners.lower"}
)
_LEAD = (
    _SUPPORT
    | _BANNERS
    | _OF_MONEY
    | _OF_PARCELS
    | {"inbox.read", "audit.read", "refunds.blame_fraud", "cases.settle", "cases.dismiss"}
    | {"inbox.replay", "inbox.sweep", "orders.record", "customers.record", "products.record"}
)
_FINANCE = (
    _SUPPORT
    | _BANNERS
    | _OF_MONEY
    | {"audit.read", "inbox.read", "refunds.blame_fraud", "cases.settle", "cases.dismiss"}
)
_CLINIC = (
    {
        "customers.read",
        "products.read",
        "orders.read",
        "cases.read",
        "banners.read",
        "notes.read",
        "notes.read_phi",
    }
    | {"customers.note", "orders.note", "cases.note"}
    | _OWN_NOTES
    | _BANNERS
    | _OF_HEALTH
)
_ADMIN = _ALL_PAGES | {
    "staff.add",
    "tokens.create",
    "inbox.replay",
    "inbox.sweep",
    "approvals.request",
    "approvals.withdraw",
}

ROLES: dict[str, tuple[str, set[str]]] = {
    "support": ("Answers customers; refunds and clears what is stuck", _SUPPORT),
    "ops_lead": ("Runs the day: everything support does, and more", _LEAD | _SECOND),
    "clinician": ("Reviews cases of the states they are licensed in", _CLINIC),
    "finance": ("Refunds, and whether the money ties out", _FINANCE | _SECOND),
    "admin": ("Staff, tokens and settings; moves no money", _ADMIN | _SECOND | _SIGN_INS),
    "auditor": ("Reads everything, changes nothing", _ALL_PAGES | {"notes.read_phi"}),
    "shop": ("The shop's program: records customers and orders", {
        "customers.read", "products.read", "orders.read", "payments.read", "refunds.read",
        "customers.record", "products.record", "orders.record",
    }),
    "demo": (
        "The demo's token: every role's grants but approving. Sandbox only",
        _LEAD | _FINANCE | _ADMIN | _CLINIC,
    ),
}  # fmt: skip

_DOLLAR = 100
_Measures = dict[str, tuple[int, int | None]]
# How much a role may refund alone, and at most with a second person (None: any amount), by measure.
_SUPPORT_LIMITS: _Measures = {
    "customer_7d": (100, 300),
    "customer_30d": (500, 500),
    "actor_day": (1000, 1000),
}
_LEAD_LIMITS: _Measures = {"customer_7d": (300, None), "customer_30d": (500, None), "actor_day": (1000, None)}
LIMITS: dict[str, dict[str, _Measures]] = {  # dollars
    "support": {"refunds.issue": _SUPPORT_LIMITS},
    "ops_lead": {"refunds.issue": _LEAD_LIMITS},
    "finance": {"refunds.issue": _LEAD_LIMITS},
    "demo": {"refunds.issue": _LEAD_LIMITS},
}


def install_roles(*, sandbox: bool) -> None:
    """Put the roles and their grants in place, as often as you like. The demo's role only in a sandbox."""
    with transaction():
        for name, (about, grants) in ROLES.items():
            if name == "demo" and not sandbox:
                continue
            role = (
                db.session.scalar(select(Role).where(Role.name == name)) or Role(name=name, about=about).add()
            )
            db.session.execute(delete(Grant).where(Grant.role_id == role.id, Grant.permission.not_in(grants)))
            rows = [{"role_id": role.id, "permission": permission} for permission in sorted(grants)]
            db.session.execute(insert(Grant).values(rows).on_conflict_do_nothing())
            _install_limits(role)


def _install_limits(role: Role) -> None:
    """Only where there are none yet: people change them by four eyes."""
    for act, measures in LIMITS.get(role.name, {}).items():
        if db.session.scalar(select(Limit.id).where(Limit.role_id == role.id, Limit.act == act).limit(1)):
            continue
        for measure, (alone, most) in measures.items():
            Limit(
                role_id=role.id, act=act, measure=measure, alone=alone * _DOLLAR,
                at_most=None if most is None else most * _DOLLAR,
            ).add()  # fmt: skip

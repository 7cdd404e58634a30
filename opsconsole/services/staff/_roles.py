"""Roles are data. These are the ones a new console starts with; deny by default."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from ...db import db
from ...models import Grant, Role
from .._transaction import transaction

_WORK = {
    "customers.read", "products.read", "orders.read", "payments.read", "refunds.read", "messages.read", "cases.read",
    "promises.read",
}  # fmt: skip
_ALL_PAGES = _WORK | {"inbox.read", "audit.read", "staff.read", "roles.read"}
_REFUNDS = {"refunds.issue", "refunds.withdraw"}
_MESSAGES = {"messages.send", "messages.withdraw"}
_SUPPORT = _WORK | _REFUNDS | _MESSAGES | {"cases.claim", "cases.retry"}
_LEAD = (
    _SUPPORT
    | {"inbox.read", "audit.read", "refunds.blame_fraud", "cases.settle", "cases.dismiss"}
    | {"inbox.replay", "inbox.sweep", "orders.record", "customers.record", "products.record"}
)
_FINANCE = _SUPPORT | {"audit.read", "inbox.read", "refunds.blame_fraud", "cases.settle", "cases.dismiss"}
_ADMIN = _ALL_PAGES | {"staff.add", "tokens.create", "inbox.replay", "inbox.sweep"}

ROLES: dict[str, tuple[str, set[str]]] = {
    "support": ("Answers customers; refunds and clears what is stuck", _SUPPORT),
    "ops_lead": ("Runs the day: everything support does, and more", _LEAD),
    "clinician": ("Reviews cases of the states they are licensed in", {
        "customers.read", "products.read", "orders.read", "cases.read",
    }),
    "finance": ("Refunds, and whether the money ties out", _FINANCE),
    "admin": ("Staff, tokens and settings; moves no money", _ADMIN),
    "auditor": ("Reads everything, changes nothing", _ALL_PAGES),
    "shop": ("The shop's program: records customers and orders", {
        "customers.read", "products.read", "orders.read", "payments.read", "refunds.read",
        "customers.record", "products.record", "orders.record",
    }),
    "demo": ("The demo's token: every role's grants. Sandbox only", _LEAD | _FINANCE | _ADMIN),
}  # fmt: skip


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

"""Who may do what: one table, which a new console starts with. From it come the grants, the page of roles and the tests.

Roles are data: people change grants and limits by acts that need two of them. So a start only brings what this version
adds, once (`installed_defaults`), and never undoes what people changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ...db import db
from ...models import Grant, InstalledDefault, Limit, Role
from .._transaction import transaction

# A  allowed
# L  allowed up to the amounts in LIMITS, beyond them with a second person
# U  allowed; while nobody knows whether the vendor has done it, with a second person
# 2  always needs a second person (the act is marked @act(second=...))
# -  denied, like everything that has no row
_TABLE = """
                                        support   ops_lead  clinician finance   admin     auditor   shop      demo
customers.read                          A         A         A         A         A         A         A         A
customers.correct                       A         A         -         A         -         -         -         A
customers.note                          A         A         A         A         -         -         -         A
customers.read_names                    A         A         A         A         A         A         -         A
customers.read_contacts                 A         A         A         -         -         -         -         A
customers.read_phi                      -         -         A         -         -         -         -         A
customers.readdress                     A         A         -         -         -         -         -         A
customers.record                        -         A         -         -         -         -         A         A
customers.refresh                       A         A         -         A         -         -         -         A
customers.withdraw                      A         A         -         A         -         -         -         A

products.read                           A         A         A         A         A         A         A         A
products.record                         -         A         -         -         -         -         A         A
products.ignore_key                     -         A         -         -         -         -         -         A
products.map                            -         A         -         -         -         -         -         A

orders.read                             A         A         A         A         A         A         A         A
orders.read_phi                         -         -         A         -         -         -         -         A
orders.note                             A         A         A         A         -         -         -         A
orders.accept_address                   A         A         -         -         -         -         -         A
orders.cancel                           A         A         -         -         -         -         -         A
orders.check_address                    A         A         -         -         -         -         -         A
orders.edit                             A         A         -         -         -         -         -         A
orders.hold                             A         A         A         A         -         -         -         A
orders.readdress                        A         A         -         -         -         -         -         A
orders.record                           -         A         -         -         -         -         A         A
orders.release                          A         A         A         A         -         -         -         A
orders.reroute                          A         A         -         -         -         -         -         A

shipments.read                          A         A         A         A         A         A         A         A
shipments.intercept                     A         A         -         -         -         -         -         A
shipments.mark_lost                     -         A         -         -         -         -         -         A
shipments.record                        -         A         -         -         -         -         A         A
shipments.relabel                       A         A         -         -         -         -         -         A
shipments.report_missing                A         A         -         -         -         -         -         A
shipments.turned_up                     A         A         -         -         -         -         -         A

plans.read                              A         A         -         A         A         A         -         A
plans.make                              A         A         -         -         -         -         -         A
plans.withdraw                          A         A         -         -         -         -         -         A

payments.read                           A         A         -         A         A         A         A         A
payments.collect                        A         A         -         -         -         -         -         A
payments.note                           A         A         -         A         -         -         -         A
payments.refresh                        A         A         -         A         -         -         -         A
payments.withdraw                       A         A         -         -         -         -         -         A

reorders.place                          A         A         -         -         -         -         -         A
reorders.withdraw                       A         A         -         -         -         -         -         A

subscriptions.read                      A         A         A         A         A         A         -         A
subscriptions.alter                     A         A         -         -         -         -         -         A
subscriptions.cancel                    A         A         -         -         -         -         -         A
subscriptions.keep                      A         A         -         -         -         -         -         A
subscriptions.pause                     A         A         -         -         -         -         -         A
subscriptions.reactivate                A         A         -         -         -         -         -         A
subscriptions.refresh                   A         A         -         A         -         -         -         A
subscriptions.reschedule                A         A         -         -         -         -         -         A
subscriptions.resume                    A         A         -         -         -         -         -         A
subscriptions.skip                      A         A         -         -         -         -         -         A
subscriptions.swap                      A         A         -         -         -         -         -         A
subscriptions.unskip                    A         A         -         -         -         -         -         A

changes.read                            A         A         -         A         A         A         -         A
changes.withdraw                        A         A         -         A         -         -         -         A

adjustments.read                        A         A         -         A         A         A         A         A
billing.charge                          -         A         -         A         -         -         A         A
billing.drop_charge                     A         A         -         A         -         -         -         A
billing.move_charge                     -         A         -         A         -         -         -         A
billing.portal                          A         A         -         A         -         -         A         A
billing.sync                            A         A         -         A         -         -         A         A
invoices.read                           A         A         -         A         A         A         -         A
billing.adjust                          L         L         -         L         -         -         -         L
billing.credit                          L         L         -         L         -         -         -         L
billing.give_back                       A         A         -         A         -         -         -         A
billing.grant                           L         L         -         L         -         -         -         L
billing.take_back                       -         A         -         A         -         -         -         A
billing.void_credit                     -         A         -         A         -         -         -         A
billing.collect                         A         A         -         A         -         -         -         A
billing.finalise                        A         A         -         A         -         -         -         A
billing.hold                            A         A         -         A         -         -         -         A
billing.record_payment                  -         A         -         A         -         -         -         A
billing.reissue                         -         A         -         A         -         -         -         A
billing.release                         A         A         -         A         -         -         -         A
billing.stop_collecting                 A         A         -         A         -         -         -         A
billing.void                            -         A         -         A         -         -         -         A
billing.write_off                       -         A         -         A         -         -         -         A
payouts.read                            -         A         -         A         A         A         -         A
payouts.tie_out                         -         A         -         A         -         -         -         A

renewals.read                           A         A         A         A         A         A         -         A
renewals.begin                          A         A         A         -         -         -         -         A
renewals.stop                           A         A         A         -         -         -         -         A

harm.read                               A         A         A         A         A         A         -         A
harm.sweep                              -         A         A         -         -         -         -         A

refunds.read                            A         A         -         A         A         A         A         A
refunds.blame_fraud                     -         A         -         A         -         -         -         A
refunds.issue                           L         L         -         L         -         -         -         L
refunds.note                            A         A         -         A         -         -         -         A
refunds.withdraw                        A         A         -         A         -         -         -         A

gates.override                          -         -         A         -         -         -         -         A
gates.withdraw_override                 -         A         A         -         -         -         -         A

fills.read                              A         A         A         A         A         A         -         A
fills.answer                            A         A         A         -         -         -         -         A
fills.answer_clinical                   -         -         A         -         -         -         -         A
fills.cancel                            A         A         A         -         -         -         -         A
fills.resend                            A         A         -         -         -         -         -         A
fills.submit                            A         A         -         -         -         -         -         A
fills.withdraw                          A         A         -         -         -         -         -         A

replacements.read                       A         A         A         A         A         A         -         A
replacements.convert                    A         A         -         -         -         -         -         A
replacements.issue                      A         A         -         -         -         -         -         A
replacements.withdraw                   A         A         -         -         -         -         -         A

pharmacies.read                         A         A         A         A         A         A         -         A
pharmacies.limit                        -         A         -         -         A         -         -         A
pharmacies.offer                        -         A         -         -         A         -         A         A

routing.read                            A         A         A         A         A         A         -         A
routing.adopt                           -         2         -         -         2         -         -         2
routing.propose                         -         A         -         -         -         -         -         A
routing.withdraw                        -         A         -         -         -         -         -         A

hold_rules.read                         A         A         -         A         A         A         -         A
hold_rules.adopt                        -         2         -         2         -         -         -         2
hold_rules.propose                      -         A         -         A         -         -         -         A
hold_rules.withdraw                     -         A         -         A         -         -         -         A

lifecycle.read                          A         A         -         A         A         A         -         A
lifecycle.adopt                         -         2         -         2         2         -         -         2
lifecycle.propose                       -         A         -         A         -         -         -         A
lifecycle.stop                          A         A         -         A         -         -         -         A
lifecycle.try_now                       A         A         -         A         -         -         -         A
lifecycle.withdraw                      -         A         -         A         -         -         -         A
dunnings.read                           A         A         -         A         A         A         -         A
notices.read                            A         A         -         A         A         A         -         A

prescriptions.read                      A         A         A         A         A         A         -         A
prescriptions.fix                       A         A         A         -         -         -         -         A
visits.request                          A         A         A         -         -         -         -         A
prescriptions.cancel                    A         A         A         -         -         -         -         A
prescriptions.link                      A         A         -         -         -         -         -         A
prescriptions.record_outcome            A         A         A         -         -         -         -         A
prescriptions.resend                    A         A         -         -         -         -         -         A
prescriptions.withdraw                  A         A         A         -         -         -         -         A
providers.read                          A         A         A         A         A         A         -         A
providers.link_staff                    -         2         -         -         2         -         -         2
state_rules.read                        A         A         A         A         A         A         -         A
state_rules.record                      -         2         -         -         2         -         -         2

service_levels.read                     A         A         A         A         A         A         -         A
service_levels.set_limit                -         A         -         -         A         -         -         A
service_levels.reset                    -         A         -         -         A         -         -         A
service_levels.set_calendar             -         A         -         -         A         -         -         A

questionnaires.read                     A         A         A         A         A         A         -         A
questionnaires.adopt                    -         2         2         -         2         -         -         2
questionnaires.propose                  -         A         A         -         -         -         -         A
questionnaires.withdraw                 -         A         A         -         -         -         -         A

flag_rules.read                         A         A         A         A         A         A         -         A
flag_rules.adopt                        -         2         2         -         2         -         -         2
flag_rules.propose                      -         A         A         -         -         -         -         A
flag_rules.withdraw                     -         A         A         -         -         -         -         A

review_flags.read                       A         A         A         A         A         A         -         A
review_flags.acknowledge                -         -         A         -         -         -         -         A
review_flags.dismiss                    -         -         A         -         -         -         -         A
review_flags.escalate                   -         -         A         -         -         -         -         A
review_flags.resolve                    -         -         A         -         -         -         -         A

visits.read                             A         A         A         A         A         A         -         A
visits.amend                            -         -         A         -         -         -         -         A
visits.approve                          -         -         A         -         -         -         -         A
visits.ask                              -         -         A         -         -         -         -         A
visits.ask_opinion                      -         -         A         -         -         -         -         A
visits.assign                           -         A         -         -         -         -         -         A
visits.cancel                           A         A         A         -         -         -         -         A
visits.claim                            -         -         A         -         -         -         -         A
visits.deny                             -         -         A         -         -         -         -         A
visits.escalate                         A         A         A         -         -         -         -         A
visits.give_opinion                     -         -         A         -         -         -         -         A
visits.hand_over                        -         -         A         -         -         -         -         A
visits.invite                           A         A         A         -         -         -         -         A
visits.note                             A         A         A         -         -         -         -         A
visits.read_phi                         -         -         A         -         -         -         -         A
visits.refer                            -         -         A         -         -         -         -         A
visits.release                          -         A         A         -         -         -         -         A
visits.sign_for                         -         -         -         -         -         -         -         A
visits.withdraw                         -         -         A         -         -         -         -         A

messages.read                           A         A         -         A         A         A         -         A
messages.send                           A         A         -         A         -         -         -         A
messages.withdraw                       A         A         -         A         -         -         -         A

banners.read                            A         A         A         A         A         A         -         A
banners.lower                           A         A         A         A         -         -         -         A
banners.override_allergy_conflict       -         -         A         -         -         -         -         A
banners.override_dispute_open           -         A         -         A         -         -         -         A
banners.override_do_not_ship            -         A         -         -         -         -         -         A
banners.override_minor                  -         -         A         -         -         -         -         A
banners.override_undeliverable_address  -         A         -         -         -         -         -         A
banners.raise                           A         A         A         A         -         -         -         A
banners.set_aside                       -         A         A         A         -         -         -         A

attachments.read                        A         A         A         A         A         A         -         A
attachments.add                         A         A         A         -         -         -         -         A
attachments.read_phi                    -         -         A         -         -         -         -         A
attachments.remove                      -         A         A         -         -         -         -         A

notes.read                              A         A         A         A         A         A         -         A
notes.edit                              A         A         A         A         -         -         -         A
notes.pin                               A         A         A         A         -         -         -         A
notes.read_phi                          -         -         A         -         -         A         -         A
notes.unpin                             A         A         A         A         -         -         -         A

phi.read                                -         A         A         -         A         A         -         A
phi.break_glass                         -         A         A         -         A         -         -         -
phi.close_glass                         -         A         A         -         A         -         -         -
phi.reveal                              A         A         A         A         -         -         -         A
phi.reveal_clinical                     A         A         A         -         -         -         -         A
phi.reveal_contacts                     A         A         A         A         -         -         -         A
phi.review                              -         A         A         -         A         -         -         -
reveals.read                            A         A         A         A         -         -         -         A

reconciliation.read                     A         A         A         A         A         A         -         A
reconciliation.dismiss                  -         A         -         -         -         -         -         A
reconciliation.reconcile                A         A         -         -         -         -         -         A
reconciliation.repair                   -         A         -         -         -         -         -         A
reconciliation.run                      -         A         -         -         -         -         -         A

stuck.read                              A         A         A         A         A         A         -         A
stuck.fix                               A         A         A         A         A         -         -         A

cases.read                              A         A         A         A         A         A         -         A
cases.claim                             A         A         -         A         -         -         -         A
cases.dismiss                           -         U         -         U         -         -         -         U
cases.note                              A         A         A         A         -         -         -         A
cases.retry                             A         A         -         A         -         -         -         A
cases.settle                            -         U         -         U         -         -         -         U

approvals.read                          A         A         -         A         A         A         -         A
approvals.approve                       -         A         -         A         A         -         -         -
approvals.delegate                      -         A         -         A         A         -         -         -
approvals.end_delegation                -         A         -         A         A         -         -         -
approvals.reject                        -         A         -         A         A         -         -         -
approvals.request                       A         A         -         A         A         -         -         A
approvals.withdraw                      A         A         -         A         A         -         -         A

incidents.read                          A         A         A         A         A         A         -         A
incidents.declare                       -         A         -         -         -         -         -         A
incidents.end                           -         A         -         -         -         -         -         A
incidents.expect_back                   A         A         -         -         A         -         -         A

promises.read                           A         A         -         A         A         A         -         A

inbox.read                              -         A         -         A         A         A         -         A
inbox.replay                            -         A         -         -         A         -         -         A
inbox.sweep                             -         A         -         -         A         -         -         A

audit.read                              -         A         -         A         A         A         -         A

staff.read                              -         -         -         -         A         A         -         A
staff.add                               -         -         -         -         2         -         -         2
staff.change_role                       -         -         -         -         2         -         -         2
staff.disable                           -         -         -         -         2         -         -         2
staff.enable                            -         -         -         -         2         -         -         2
staff.end_sessions                      -         -         -         -         A         -         -         -
staff.link_identity                     -         -         -         -         A         -         -         -
staff.reset_factors                     -         -         -         -         A         -         -         -

roles.read                              -         -         -         -         A         A         -         A
roles.change                            -         -         -         -         2         -         -         2

limits.read                             -         A         -         A         A         A         -         A
limits.change                           -         -         -         -         2         -         -         2

tokens.read                             -         -         -         -         A         A         -         A
tokens.create                           -         -         -         -         2         -         -         2
tokens.revoke                           -         -         -         -         2         -         -         2

why.read                                A         A         A         A         A         A         A         A
"""
ABOUT = {
    "support": "Answers customers; refunds and clears what is stuck",
    "ops_lead": "Runs the day: everything support does, and more",
    "clinician": "Reviews cases of the states they are licensed in",
    "finance": "Refunds, and whether the money ties out",
    "admin": "Staff, tokens and settings; moves no money",
    "auditor": "Reads everything, changes nothing",
    "shop": "The shop's program: records customers and orders",
    "demo": "The demo's token: every role's grants but approving and emergencies. Sandbox only",
}
MARKS = {
    "A": "allowed",
    "L": "allowed up to a limit",
    "U": "allowed, with a second person while the outcome is unknown",
    "2": "always needs a second person",
    "-": "denied",
}


@dataclass(frozen=True)
class Alone:
    """What a role may do of an act by one measure: alone, and at most with a second person; None is any amount.
    In cents of US dollars."""

    alone: int
    at_most: int | None


def _read(table: str) -> dict[str, dict[str, str]]:
    """permission -> role -> mark."""
    header, *rows = [line.split() for line in table.splitlines() if line.strip()]
    return {permission: dict(zip(header, marks, strict=True)) for permission, *marks in rows}


MATRIX: Mapping[str, Mapping[str, str]] = _read(_TABLE)
PERMISSIONS = tuple(MATRIX)
ROLES: dict[str, tuple[str, set[str]]] = {
    role: (about, {permission for permission in PERMISSIONS if MATRIX[permission][role] != "-"})
    for role, about in ABOUT.items()
}


def by_noun() -> dict[str, list[str]]:
    """Every right, under its noun, in the order of the table."""
    nouns: dict[str, list[str]] = {}
    for permission in PERMISSIONS:
        nouns.setdefault(permission.partition(".")[0], []).append(permission)
    return nouns


def mark(role: str, permission: str) -> str:
    """How a role that has the right may use it: a mark of the table. What was given to it since goes by what
    others may."""
    row = MATRIX.get(permission, {})
    own = row.get(role, "-")
    return own if own != "-" else next((one for one in row.values() if one != "-"), "A")


_SUPPORT = {
    "customer_7d": Alone(100_00, 300_00),
    "customer_30d": Alone(500_00, 500_00),
    "actor_day": Alone(1000_00, 1000_00),
}
_LEAD = {
    "customer_7d": Alone(300_00, None),
    "customer_30d": Alone(500_00, None),
    "actor_day": Alone(1000_00, None),
}
LIMITS: dict[str, dict[str, dict[str, Alone]]] = {  # act -> role -> measure
    "billing.adjust": {"support": _SUPPORT, "ops_lead": _LEAD, "finance": _LEAD, "demo": _LEAD},
    "billing.credit": {"support": _SUPPORT, "ops_lead": _LEAD, "finance": _LEAD, "demo": _LEAD},
    "billing.grant": {"support": _SUPPORT, "ops_lead": _LEAD, "finance": _LEAD, "demo": _LEAD},
    "refunds.issue": {"support": _SUPPORT, "ops_lead": _LEAD, "finance": _LEAD, "demo": _LEAD},
}


def install_roles(*, sandbox: bool) -> None:
    """Put in place what this version brings and was not installed before, as often as you like.

    The demo's role only in a sandbox.
    """
    with transaction():
        for name, (about, grants) in ROLES.items():
            if name == "demo" and not sandbox:
                continue
            role = db.session.scalar(select(Role).where(Role.name == name))
            role = role or Role(name=name, about=about).add()
            if fresh := _not_yet(name, sorted(grants)):
                rows = [{"role_id": role.id, "permission": permission} for permission in fresh]
                db.session.execute(insert(Grant).values(rows).on_conflict_do_nothing())
            _install_limits(role)


def _install_limits(role: Role) -> None:
    known = {
        f"limit {act} {measure}": (act, measure, amounts)
        for act, roles in LIMITS.items()
        for measure, amounts in roles.get(role.name, {}).items()
    }
    for what in _not_yet(role.name, [*known]):
        act, measure, amounts = known[what]
        row = Limit(role_id=role.id, act=act, measure=measure, alone=amounts.alone, at_most=amounts.at_most)
        row.add()


def _not_yet(role: str, wanted: list[str]) -> list[str]:
    """Those that no start has installed before; from now on they are."""
    query = select(InstalledDefault.what).where(InstalledDefault.role == role)
    fresh = sorted(set(wanted) - set(db.session.scalars(query)))
    if fresh:
        rows = [{"role": role, "what": what} for what in fresh]
        db.session.execute(insert(InstalledDefault).values(rows).on_conflict_do_nothing())
    return fresh

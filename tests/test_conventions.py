"""What holds for every act, route, state, promise and event: the house's rules, checked against the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import CheckConstraint

from opsconsole import jobs, models
from opsconsole.db import db
from opsconsole.models import REGISTRY, Stateful, Status, StatusMove
from opsconsole.services import ACTS, banners, fills, inbox, outbox
from opsconsole.services._act import parameters
from opsconsole.services.cases._open import REASONS
from opsconsole.services.notes import READ_PHI
from opsconsole.services.refunds import _issue
from opsconsole.services.staff import ROLES
from opsconsole.vendors.billing.stripe import StripeBilling
from opsconsole.vendors.crm.customerio import CustomerIO
from opsconsole.vendors.email.smtp import SMTP
from opsconsole.vendors.healthcare.fhir import Fhir
from opsconsole.vendors.payments.stripe import Stripe
from opsconsole.vendors.pharmacy import _honeybee_facts, _truepill_facts, codes
from opsconsole.vendors.pharmacy.honeybee import Honeybee
from opsconsole.vendors.pharmacy.truepill import Truepill
from opsconsole.vendors.tracking.easypost import EasyPost

from .house import House

# Rights of no page and no act: they show fields of a class of data, or let one ask for them.
FIELD_RIGHTS = {
    "customers.read_names", "customers.read_contacts", "customers.read_phi", "phi.reveal_clinical", "phi.reveal_contacts",
}  # fmt: skip

ROOT = Path(__file__).parent.parent
CODE = ROOT / "opsconsole"
STATEFUL = [noun for noun in REGISTRY.values() if issubclass(noun, Stateful)]
# Acts that the commands or our own processes run; some of the commands' have a page too.
ROBOTS = sorted(name for name, act in ACTS.items() if act.robots)
# Stories told together with another act's, in its test file.
TOLD_WITH = {
    "billing.settle_credit_note": "billing/test_credit",
    "billing.credited": "billing/test_credit",
    "billing.void_credit": "billing/test_credit",
    "billing.balance_moved": "billing/test_grant",
    "billing.take_back": "billing/test_grant",
    **dict.fromkeys(
        ("questionnaires.adopt", "questionnaires.withdraw", "questionnaires.published", "questionnaires.declined"),
        "questionnaires/test_propose",
    ),
    "questionnaires.settle": "questionnaires/test_settle",
    **dict.fromkeys(("flag_rules.adopt", "flag_rules.withdraw"), "flag_rules/test_propose"),
    **dict.fromkeys(
        ("review_flags.acknowledge", "review_flags.escalate", "review_flags.dismiss"), "review_flags/test_resolve"
    ),
    **dict.fromkeys(("visits.settle", "visits.photo_kept", "visits.photo_lost"), "visits/test_settle_answers"),
    **dict.fromkeys(("visits.opened", "visits.unopened", "visits.cancel", "visits.called_off"), "visits/test_invite"),
    "hold_rules.propose": "hold_rules/test_hold_rules",
    "hold_rules.adopt": "hold_rules/test_hold_rules",
    "hold_rules.withdraw": "hold_rules/test_hold_rules",
    "refunds.sent": "refunds/test_send", "refunds.declined": "refunds/test_send", "inbox.fill": "inbox/test_sweep",
    "inbox.sweep_nightly": "inbox/test_sweep", "payments.miss": "inbox/test_settle", "staff.enable": "staff/test_disable",
    "messages.sent": "messages/test_send", "messages.declined": "messages/test_send",
    "payments.warn": "banners/test_warn", "shipments.turned_up": "shipments/test_report_missing",
    "payments.charged": "payments/test_collect", "payments.declined": "payments/test_collect",
    "approvals.void": "approvals/test_approve",
    "approvals.expire": "approvals/test_approve", "approvals.end_delegation": "approvals/test_delegate",
    "customers.settle": "customers/test_refresh",
    "customers.confirmed": "customers/test_correct", "customers.uncorrected": "customers/test_correct",
    "customers.withdraw": "customers/test_correct", "customers.moved": "customers/test_readdress",
    "customers.unmoved": "customers/test_readdress", "orders.address_checked": "orders/test_check_address",
    "orders.check_first": "orders/test_check_address",
    "shipments.followed": "shipments/test_record", "shipments.unfollowed": "shipments/test_record",
    "shipments.fill": "shipments/test_sweep", "shipments.sweep_nightly": "shipments/test_sweep",
    **dict.fromkeys(("billing.release", "billing.let_go"), "billing/test_hold"),
    "billing.write_off": "billing/test_void",
    "billing.stop_collecting": "billing/test_collect",
    "billing.changed": "billing/test_adjust",
    **dict.fromkeys(
        ("subscriptions.settle_price", "subscriptions.changed"), "subscriptions/test_settle"
    ),
    **dict.fromkeys(
        ("subscriptions.skip", "subscriptions.unskip", "subscriptions.refresh"), "subscriptions/test_reschedule"
    ),
    **dict.fromkeys(("subscriptions.swap", "subscriptions.carry_on"), "subscriptions/test_alter"),
    **dict.fromkeys(("subscriptions.keep", "subscriptions.reactivate"), "subscriptions/test_cancel"),
    **dict.fromkeys(("subscriptions.take_up", "subscriptions.hold_back"), "subscriptions/test_resume"),
    "messages.chased": "messages/test_chase", "notes.unpin": "notes/test_pin", "customers.note": "notes/test_note",
    "orders.release": "orders/test_hold", "orders.overrun": "orders/test_hold",
    "orders.note": "notes/test_note", "payments.note": "notes/test_note", "refunds.note": "notes/test_note",
    "cases.note": "notes/test_note",
    **dict.fromkeys(
        ("visits.release", "visits.free", "visits.assign", "visits.hand_over", "visits.reassign"), "visits/test_claim",
    ),
    **dict.fromkeys(("visits.refer", "visits.withdraw", "visits.closed", "visits.not_closed"), "visits/test_deny"),
    **dict.fromkeys(("visits.escalate", "visits.run_late"), "visits/test_ask"),
    "harm.sweep_nightly": "harm/test_sweep",
    **dict.fromkeys(
        ("renewals.hold_charge", "renewals.let_charge_go"), "renewals/test_hold"
    ),
    **dict.fromkeys(("renewals.begin", "renewals.stop"), "renewals/test_step"),
    "visits.give_opinion": "visits/test_ask_opinion", "visits.note": "visits/test_amend",
    "keys.begin": "phi/test_rotate", "keys.finish": "phi/test_rotate",
    "billing.drop_charge": "billing/test_charge", "billing.move_charge": "billing/test_charge",
    "billing.compile": "billing/test_sync", "billing.compiled": "billing/test_sync",
    "billing.uncompiled": "billing/test_sync",
    "gates.withdraw_override": "gates/test_override",
    "fills.sent": "fills/test_submit", "fills.declined": "fills/test_submit", "fills.dispatch": "fills/test_ready",
    **dict.fromkeys(("lifecycle.adopt", "lifecycle.withdraw"), "lifecycle/test_propose"),
    **dict.fromkeys(("lifecycle.explained", "lifecycle.spare"), "lifecycle/test_step"),
    **dict.fromkeys(("lifecycle.projected", "lifecycle.unprojected"), "lifecycle/test_project"),
    "lifecycle.look": "lifecycle/test_notify",
    "routing.adopt": "routing/test_propose", "routing.withdraw": "routing/test_propose",
    "fills.heard": "fills/test_cancel", "fills.refused": "fills/test_answer", "fills.found": "fills/test_settle",
    "fills.adopt": "reconciliation/test_repair", "reconciliation.begin": "reconciliation/test_run",
    "reconciliation.listed": "reconciliation/test_run", "reconciliation.fetched": "reconciliation/test_run",
    "reconciliation.moved": "reconciliation/test_run", "reconciliation.tracked": "reconciliation/test_reconcile",
    "reconciliation.told": "reconciliation/test_repair", "reconciliation.seen": "reconciliation/test_classes",
    "reconciliation.subscription_read": "reconciliation/test_billed",
    "reconciliation.invoice_read": "reconciliation/test_billed",
    "reconciliation.answered": "reconciliation/test_repair", "reconciliation.refused": "reconciliation/test_repair",
    "payouts.itemised": "payouts/test_settle", "payouts.listed": "payouts/test_pull", "payouts.entered": "payouts/test_pull",
    "payouts.tie": "payouts/test_tie_out", "payouts.finish": "payouts/test_pull",
    "phi.close_glass": "phi/test_break_glass", "phi.review": "phi/test_break_glass", "phi.remind": "phi/test_break_glass",
    "staff.enrol": "staff/test_second_factor", "staff.remove_factor": "staff/test_second_factor",
    "staff.renew_codes": "staff/test_second_factor", "staff.reset_factors": "staff/test_second_factor",
    "staff.end_sessions": "staff/test_sessions", "staff.follow_groups": "staff/test_link_identity",
    "staff.ask_reset": "staff/test_reset_password", "staff.mailed": "staff/test_reset_password",
    **dict.fromkeys(("prescriptions.settle_dispense", "prescriptions.settle_request"), "prescriptions/test_settle"),
    **dict.fromkeys(("prescriptions.take_in", "prescriptions.recognise"), "prescriptions/test_link"),
    **dict.fromkeys(("prescriptions.asked", "prescriptions.not_asked"), "prescriptions/test_cancel"),
    **dict.fromkeys(("prescriptions.record_outcome", "prescriptions.withdraw"), "prescriptions/test_cancel"),
    **dict.fromkeys(("prescriptions.escalate", "prescriptions.expire"), "prescriptions/test_clock"),
    "prescriptions.written": "prescriptions/test_prescribe",
    "products.ignore_key": "products/test_map",
    "staff.welcome": "staff/test_link_identity", "staff.set_password": "demo/test_sign_in_commands",
}  # fmt: skip


def views(app: Flask) -> list[tuple[Any, Any]]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return [(rule, app.view_functions[rule.endpoint]) for rule in rules]


def test_every_route_states_its_permission(house: House) -> None:
    known = {grant for _, grants in ROLES.values() for grant in grants}
    for rule, view in views(house.app):
        permission = getattr(view, "permission", None)
        assert permission in ("public", "own") or permission in known, f"{rule.endpoint}: {permission}"


def test_what_is_public_is_few_and_known(house: House) -> None:
    public = {rule.endpoint for rule, view in views(house.app) if view.permission == "public"}
    assert public <= {
        "sessions.sign_in", "sessions.sign_out", "sessions.oidc", "sessions.oidc_back",
        "passwords.forgot", "passwords.reset",
        "watch.healthz", "watch.readyz", "watch.metrics", "openapi.describe",
        "webhooks.record",
    }, public  # fmt: skip


def test_what_needs_no_right_is_about_oneself(house: House) -> None:
    own = {rule.endpoint for rule, view in views(house.app) if view.permission == "own"}
    assert {endpoint.split(".")[0] for endpoint in own} == {"sessions", "account"}


def test_nobody_unknown_gets_past_a_door(house: House) -> None:
    client = house.app.test_client(use_cookies=False)
    for rule, view in views(house.app):
        if view.permission == "public":
            continue
        url = re.sub(r"<[^>]+>", "x_1", rule.rule)
        for method in sorted(rule.methods & {"GET", "POST"}):
            answer = client.open(url, method=method, headers={"Accept": "application/json"}, json={})
            assert answer.status_code == 401, (method, url, answer.status_code)


def test_every_act_for_people_has_one_door_that_needs_its_name_and_reads_its_inputs(house: House) -> None:
    doors = {view.act.name: (rule, view) for rule, view in views(house.app) if hasattr(view, "act")}
    # A request for approval is made at the door of the act that needs it.
    assert {*doors, *ROBOTS, "approvals.request"} == {*ACTS}
    assert not any(ACTS[name].robots - {"console"} for name in doors), "our own processes' acts have no door"
    for name, (rule, view) in doors.items():
        assert view.permission == name
        verb = name.split(".")[1]
        assert rule.rule.endswith(f"/{verb}") or name in (
            "refunds.issue",
            "renewals.begin",
            "replacements.issue",
            "orders.record",
            "customers.record",
            "products.record",
            "messages.send",
            "shipments.record",
            "plans.make",
            "banners.raise",
            "reorders.place",
            "approvals.end_delegation",
            "pharmacies.offer",
            "visits.request",
        ), rule
        template = rule.endpoint.replace(".", "/")
        assert (CODE / "templates" / f"{template}.html").is_file(), template
        for field in view.form()._fields:
            assert field in parameters(view.act), (name, field)


def test_every_page_has_its_template(house: House) -> None:
    without = {
        "home.styleguide",
        "watch.healthz",
        "watch.readyz",
        "watch.metrics",
        "openapi.describe",
        "sessions.oidc",
        "sessions.oidc_back",
        "attachments.show_content",
        "attachments.show_thumbnail",
    }
    for rule, _ in views(house.app):
        timeline = rule.endpoint.startswith("timelines.")  # all nouns share one
        if "GET" in rule.methods and rule.endpoint not in without and not timeline:
            assert (CODE / "templates" / f"{rule.endpoint.replace('.', '/')}.html").is_file(), rule.endpoint


def test_every_act_stands_in_its_nouns_package_and_has_a_test() -> None:
    for name, act in ACTS.items():
        noun, verb = name.split(".")
        module = act.function.__module__.split(".services.")[1]
        assert module.startswith(f"{noun}._"), name
        story = (CODE / "services" / noun).glob("_*.py")
        assert any(re.search(rf"\ndef {verb}_?\(", file.read_text()) for file in story)
        tests = TOLD_WITH.get(name, f"{noun}/test_{verb}")
        assert (ROOT / "tests" / f"{tests}.py").is_file(), f"{name} has no test: tests/{tests}.py"
        assert act.__doc__, name


def test_every_right_is_an_act_or_a_page_and_every_act_is_somebodys(house: House) -> None:
    doors = {view.permission for _, view in views(house.app)}
    granted = {grant for _, grants in ROLES.values() for grant in grants}
    elsewhere = {
        _issue.BLAME_FRAUD,
        READ_PHI,
        "orders.read_phi",
        "fills.answer_clinical",
        "approvals.request",
        "visits.sign_for",
        *FIELD_RIGHTS,
    } | banners.OVERRIDES
    assert granted - doors <= elsewhere, granted - doors
    assert {act.name for act in ACTS.values() if not act.robots} <= granted
    assert "approvals.approve" not in ROLES["demo"][1]
    assert all(grant.endswith((".read", ".read_phi", ".read_names")) for grant in ROLES["auditor"][1])


def test_every_promise_kind_has_a_keeper_whose_method_the_adapter_has() -> None:
    adapters = {
        "payments": [Stripe],
        "billing": [StripeBilling],
        "crm": [CustomerIO],
        "tracking": [EasyPost],
        "healthcare": [Fhir],
        "pharmacy": [Truepill, Honeybee],
        "email": [SMTP],
    }
    assert outbox.KEEPERS
    for name, keeper in outbox.KEEPERS.items():
        assert all(callable(getattr(adapter, keeper.method)) for adapter in adapters[keeper.port]), name
        assert keeper.name == name and "worker" in keeper.then.robots


def test_everything_that_can_be_wrong_with_a_fill_has_a_recipe_and_a_case() -> None:
    assert set(fills.RECIPES) == set(codes.PROBLEMS) <= set(REASONS)
    for recipe in fills.RECIPES.values():
        assert recipe.means.endswith(".") and recipe.do.endswith(".") and recipe.who, recipe.code


@pytest.mark.parametrize("source", ["pharmacy-truepill", "pharmacy-honeybee"])
def test_every_kind_that_a_pharmacy_tells_is_settled(source: str) -> None:
    known = {"pharmacy-truepill": _truepill_facts.KINDS, "pharmacy-honeybee": _honeybee_facts.KINDS}
    assert {kind for of, kind in inbox.ROUTES if of == source} == known[source]


def test_every_kind_that_stripe_tells_is_settled_or_ignored_on_purpose() -> None:
    page = (ROOT / "docs" / "vendors" / "stripe.md").read_text()
    told = set(re.findall(r"`((?:refund|charge|payment_intent|customer|payment_method)\.[a-z_.]+)`", page))
    sandbox = {
        kind
        for file in (CODE / "sandbox" / "stripe").glob("*.py")
        for kind in re.findall(
            r'"((?:refund|charge|payment_intent|customer|payment_method)\.[a-z_.]+)"',
            re.sub(r"record\(\"[^\"]+\"", "", file.read_text()),
        )
    }
    known = {kind for source, kind in inbox.ROUTES if source == "stripe"} | inbox.IGNORED["stripe"]
    assert told | sandbox and jobs
    assert (told | sandbox) - known == set()


@pytest.mark.parametrize("noun", STATEFUL, ids=lambda noun: noun.__name__)
def test_states_moves_and_constraint_stand_together(noun: type[Stateful]) -> None:
    assert set(noun.MOVES) == set(noun.STATUS)
    assert all(moves <= set(noun.STATUS) and status not in moves for status, moves in noun.MOVES.items())
    [check] = [
        one
        for one in noun.__table__.constraints
        if isinstance(one, CheckConstraint) and "status in" in str(one.sqltext)
    ]
    assert set(re.findall(r"'([^']+)'", str(check.sqltext))) == {status.value for status in noun.STATUS}
    reached = {target for moves in noun.MOVES.values() for target in moves}
    assert len(set(noun.STATUS) - reached) <= 1, "states that nothing leads to"


@pytest.mark.parametrize("noun", STATEFUL, ids=lambda noun: noun.__name__)
def test_every_class_of_states_is_walked(house: House, noun: type[Stateful]) -> None:
    with house.app.app_context():
        for start, targets in noun.MOVES.items():
            for status in noun.STATUS:
                record = noun(status=start)
                if status in targets:
                    assert record.move_to(status) and record.status == status
                elif status == start:
                    assert not record.move_to(status)
                else:
                    with pytest.raises(models.IllegalMove):
                        record.move_to(status)
                    assert record.status == start


def test_every_status_is_explained_and_has_a_look() -> None:
    looks = (CODE / "templates" / "_ui.html").read_text().split("LOOKS = {")[1].split("%}")[0]
    for enum in Status.__subclasses__():
        for status in enum:
            assert status.help.endswith(".") and len(status.help) >= 10, status
            assert f'"{status.value}": (' in looks, f"{enum.__name__}.{status.value} has no look"


def test_nobody_assigns_a_status_but_the_mutator() -> None:
    for file in CODE.rglob("*.py"):
        where = file.relative_to(CODE)
        if where.parts[0] == "sandbox" or where in (Path("models/_record.py"), Path("wsgi.py")):
            continue  # the mutator itself; an HTTP answer's status
        for number, line in enumerate(file.read_text().splitlines(), 1):
            assert not re.match(r"\s*\w+\.status\s*=[^=]", line), f"{where}:{number}"


def test_acts_know_nothing_of_the_web() -> None:
    for file in [
        *(CODE / "services").rglob("*.py"),
        *(CODE / "models").rglob("*.py"),
        *(CODE / "lib").rglob("*.py"),
    ]:
        assert not re.search(
            r"^\s*(from|import) (flask|wtforms|rq|redis|werkzeug)\b", file.read_text(), re.M
        ), file


def test_every_column_says_what_kind_of_data_it_holds() -> None:
    """Words belong to a class: pii(), phi(), secret() or public() of models/_classes.py, or a name in CODES there."""
    silent = [
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if models.data_class(column) is None
    ]
    assert silent == []
    names = {column.name for table in db.metadata.sorted_tables for column in table.columns}
    assert models.CODES - names == set(), "codes that no column is called by any more"


def test_what_tells_of_health_or_opens_doors_is_known() -> None:
    by_class: dict[str, set[str]] = {}
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            by_class.setdefault(str(models.data_class(column)), set()).add(f"{table.name}.{column.name}")
    assert by_class["phi"] == {
        "notes.text", "note_versions.text", "inbox_events.body", "rejected_deliveries.sample", "order_lines.name",
        "prescriptions.drug", "prescriptions.sig", "prescriptions.status_reason", "prescription_requests.face",
        "visit_answers.told", "decisions.content", "review_flags.kind", "review_flags.why",
        "gate_overrides.words",
        "answer_photos.place", "customers.birth_date", "customers.birth_index", "broken_glass.reason", "broken_glass.note",
        "attachments.key", "attachments.name", "banners.reason", "banners.set_aside_reason", "banners.lowered_reason",
    }  # fmt: skip
    assert by_class["secret"] >= {
        "staff.password_hash",
        "tokens.secret_hash",
        "sign_ins.secret_hash",
        "data_keys.wrapped",
    }
    assert by_class["pii"] >= {f"customers.{name}" for name in ("name", "email", "phone", "search")}
    assert {f"{model.__tablename__}.{column}" for model, column in models.sealed_columns()} <= by_class["phi"]


def test_what_happened_cannot_be_changed_even_by_the_owner(house: House, cluster: Any) -> None:
    house.order("60.00")
    name = str(house.rows("select current_database()")[0][0])
    from opsconsole.machine.postgres import OWNER, RUNNER

    for role in (OWNER, RUNNER):
        url = cluster.url(name, role).replace("postgresql+psycopg://", "postgresql://", 1)
        for table in ("audit_entries", StatusMove.__tablename__, "note_versions", "phi_views", "decisions"):
            for change in (f"update {table} set id = 'nobody'", f"delete from {table}", f"truncate {table}"):
                with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(change)
    assert house.rows("select count(*) from audit_entries")[0][0] > 0

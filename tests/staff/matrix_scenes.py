"""A thing of each noun, for the matrix: what stands in a route's <…>, of one's own and of somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opsconsole.db import now
from opsconsole.services import stuck, transaction

from ..approvals.scenes import waiting
from ..attachments.scenes import attached
from ..banners.scenes import put_up
from ..billing.charge_scenes import charge
from ..billing.credit_scenes import noted
from ..billing.scenes import drafted
from ..fills import scenes as of_fills
from ..gates import scenes as of_gates
from ..house import PEOPLE, House
from ..lifecycle.scenes import in_the_books
from ..payments.card_scenes import collect, unpaid, with_card
from ..payouts.scenes import with_a_day_of_money
from ..prescriptions.orders import told_of_by_the_clinic
from ..reconciliation.scenes import by_hand
from ..review_flags.test_resolve import flagged
from ..scenes import WINDOW, declined, issue
from ..service_levels import scenes as of_limits
from ..shipments.scenes import recorded, stands
from ..stuck.plant import Plant
from ..stuck.worlds import pha_no_ack
from ..subscriptions.scenes import subscribed
from ..visits import form_scenes as of_forms
from ..visits import scenes as of_visits
from ..visits.form_scenes import form

PEOPLE_ROLES = [*PEOPLE]
PROGRAM_ROLES = ["shop", "demo"]
PRODUCT = {"name": "Night cream", "kind": "prescription", "form": "cream", "needs_prescription": True}
SYSTEM = "stripe"  # what stands in <system>: a word, no record


class Scenes:
    """One console with two of everything. `pair` answers (one's own, another's) for a role, by the name in the route;
    where a role cannot have one of its own, both are others'."""

    def __init__(self, house: House) -> None:
        self.house = house
        order, refund, case = declined(house)
        other, other_refund, other_case = declined(house)
        for one in (order, other):
            house.contact(one["customer"].rsplit("/", 1)[-1], "cust-1@example.test")
        self.orders = (order, other)
        self.refunds = (_last(issue(house, order, "1.00")), refund["id"])
        self.cases = (case["id"], other_case["id"])
        self.other_refund = other_refund
        self.banners = tuple(put_up(house, one["url"])["id"] for one in self.orders)
        self.messages = tuple(
            self._made(f"{order['customer']}/message", {"template": "call_us"}) for _ in "12"
        )
        self.corrections = (
            tuple(
                self._made(f"{one['customer']}/correct", {"email": f"n{n}@example.test"})
                for n, one in enumerate(self.orders[:1])
            )
            * 2
        )
        self.plans = tuple(self._made(f"{one['url']}/plan", {"tell": "call_us"}) for one in self.orders)
        of_fills.pharmacies(house)
        of_gates.served(house, sku="NC-RX", pharmacy=False)
        self.prescriptions = tuple(
            of_gates.prescribed(house, external_id=f"rx-{n}", sku="NC-RX") for n in "12"
        )
        told_of_by_the_clinic(house)
        self.visits = tuple(of_visits.waiting(house, one["customer"]) for one in self.orders)
        self.fills = tuple(of_fills.submitted(house, of_fills.order(house))["id"] for _ in "12")
        house.later(WINDOW)
        for hand in ("TP-1", "TP-2"):
            by_hand(house, hand, "R-of-nobody")
        for sku in ("NC60", "NC90"):
            house.api("shop").post("/products", PRODUCT | {"sku": sku})
        for sku in ("NC60", "NC90"):
            house.api("admin").post(
                "/service-levels/set_limit", of_limits.asked(code=of_limits.a_code(), sku=sku)
            )
        self.sweep = self._made("/inbox/sweep", {"source": "stripe"})
        self.comparison = self._made("/reconciliation/run", {"fix": False})
        for rx, _ in zip(self.prescriptions, "12", strict=True):
            self._made("/harm/sweep", {})
            self._made(f"/prescriptions/{rx}/renew", {})
        with_a_day_of_money(house)
        house.drain()
        self.drifts = tuple(self._ids("drifts"))
        self.attachments = tuple(attached(house, order["url"]) for order in self.orders)
        self.shipments = tuple(recorded(house, one) for one in self.orders)
        for customer in ("saved-1", "saved-2"):
            with_card(house, customer=customer)
        self.collections = tuple(
            collect(house, unpaid(house, customer=customer))["id"] for customer in ("saved-1", "saved-2")
        )
        self.adjustments, self.batches = self._charged()
        self.invoices = tuple(drafted(house, customer=f"billed-{n}")["id"] for n in "12")
        ours = [subscribed(house, customer=f"billed-{n}", rx_days=None)["id"] for n in "34"]
        self.subscriptions = tuple(ours)
        for one in ours:
            self._made(f"/subscriptions/{one}/pause", {"deliveries": 1, "reason": "travel"})
        self.credit_notes = tuple(noted(house, customer=f"billed-{n}") for n in "12")
        for invoice in self.invoices:
            of = self.house.api().get(f"/invoices/{invoice}")["customer"]
            self._made(f"{of}/grant", {"amount": "1.00", "reason": "goodwill"})
        self.balance_moves = tuple(self._ids("balance_moves"))
        self.dunnings, self.notices = tuple(in_the_books(house))
        for n in "12":
            form(house, key=f"form-{n}")
            visited = of_forms.patient(house, id=f"pat-{n}")
            of_forms.invited(house, visited, form=f"form-{n}")
            flagged(house, visited)
        self.replacements = tuple(self._replaced(of_fills.order(house)) for _ in "12")
        self.approvals = {
            role: waiting(house, "320.00" if role != "support" else "150.00", role, customer=f"ask-{role}")[
                "id"
            ]
            for role in ("support", "ops_lead", "finance", "demo")
        }
        self.notes = {
            role: _last(house.api(role).post(f"{order['url']}/note", {"text": "Seen"}))
            for role in ("support", "ops_lead", "clinician", "finance", "demo")
        }
        self.delegation = self._delegation()
        self.broken_glass = self._broken_glass()
        two_that_are_stuck(house)

    def _charged(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Two increments that wait, and two sums that Stripe has."""
        customers = [
            row.id for row in self.house.rows("select id from customers where reference like 'saved-%'")
        ]
        for customer in customers:
            charge(self.house, f"/customers/{customer}", "5.00")
            self._made(f"/customers/{customer}/sync", {})
        self.house.drain()
        for customer in customers:
            charge(self.house, f"/customers/{customer}", "7.00", first=2)
        pending = self.house.rows("select id from adjustments where status = 'pending' order by id")
        return tuple(row.id for row in pending), tuple(self._ids("adjustment_batches"))

    def _replaced(self, order: Any) -> str:
        stands(self.house, order, "shipped")
        return self._made(f"{order['url']}/replace", {"reason": "lost_in_transit"})

    def _made(self, url: str, body: Any) -> str:
        return _last(self.house.api().post(url, body))

    def _delegation(self) -> str:
        lee = self.house.page("ops_lead")
        [finn] = self.house.rows("select id from staff where email = :email", email=PEOPLE["finance"][0])
        [day] = self.house.rows("select (instant() + interval '9 days')::date as day")
        lee.get("/approvals/delegate")
        asked = {"colleague": finn.id, "until": str(day.day), "reason": "On leave"}
        lee.submit("/approvals/delegate", asked)
        return self._ids("delegations")[0]

    def _broken_glass(self) -> str:
        lee = self.house.page("ops_lead")
        lee.get(f"{self.orders[0]['customer']}/break_glass")
        lee.submit(
            f"{self.orders[0]['customer']}/break_glass",
            {"reason": "The patient collapsed and is in hospital"},
        )
        return self._ids("broken_glass")[0]

    def _ids(self, table: str) -> list[str]:
        return [row.id for row in self.house.rows(f"select id from {table} order by created_at, id")]

    def pair(self, name: str, role: str) -> tuple[str, str]:
        known = SUBJECTS.get(name)
        if known is None:
            pytest.fail(
                f"A route has <{name}> and the matrix knows no such thing: add a row to SUBJECTS in "
                "tests/staff/matrix_scenes.py that answers (one's own id, another's) for a role."
            )
        found = known(self, role)
        return (found[0], found[-1])


def _last(done: Any) -> str:
    return str(done["subject"]).rsplit("/", 1)[-1]


def _mine(of: dict[str, str], role: str) -> tuple[str, str]:
    others = [id for whose, id in of.items() if whose != role]
    return of.get(role, others[0]), others[-1]


def _staff(scenes: Scenes, role: str) -> tuple[str, str]:
    ids = {row.name: row.id for row in scenes.house.rows(
        "select roles.name, staff.id from staff join roles on roles.id = staff.role_id"
    )}  # fmt: skip
    return _mine(ids, role)


def _tokens(scenes: Scenes, role: str) -> tuple[str, str]:
    """The house's tokens are called like their roles."""
    return _mine({row.name: row.id for row in scenes.house.rows("select name, id from tokens")}, role)


def two_that_are_stuck(house: House) -> None:
    """Two orders on whose fills a pharmacy is silent: what suits them every role may look at."""
    with house.app.app_context(), transaction():
        plant = Plant(now())
        for _ in "12":
            pha_no_ack.firing(plant)
        stuck.diagnose(stuck.Scope(plant.now))


def _first_two(table: str) -> Callable[[Scenes, str], tuple[str, ...]]:
    return lambda scenes, _: tuple(scenes._ids(table)[:2])


SUBJECTS: dict[str, Callable[[Scenes, str], tuple[str, ...]]] = {
    "customer_id": lambda scenes, _: tuple(one["customer"].rsplit("/", 1)[-1] for one in scenes.orders),
    "order_id": lambda scenes, _: tuple(one["id"] for one in scenes.orders),
    "payment_id": lambda scenes, _: tuple(one["payments"][0].rsplit("/", 1)[-1] for one in scenes.orders),
    "refund_id": lambda scenes, _: scenes.refunds,
    "collection_id": lambda scenes, _: scenes.collections,
    "invoice_id": lambda scenes, _: scenes.invoices,
    "subscription_id": lambda scenes, _: scenes.subscriptions,
    "change_id": _first_two("changes"),
    "balance_move_id": lambda scenes, _: scenes.balance_moves,
    "credit_note_id": lambda scenes, _: scenes.credit_notes,
    "credit-note_id": lambda scenes, _: scenes.credit_notes,  # its timeline
    "case_id": lambda scenes, _: scenes.cases,
    "banner_id": lambda scenes, _: scenes.banners,
    "fill_id": lambda scenes, _: scenes.fills,
    "pharmacy_id": _first_two("pharmacies"),
    "routing_id": _first_two("routing"),
    "hold_rules_id": _first_two("hold_rules"),
    "flag_rules_id": _first_two("flag_rules"),
    "questionnaire_id": _first_two("questionnaires"),
    "flag_id": _first_two("review_flags"),
    "renewal_id": _first_two("renewals"),
    "harm_sweep_id": _first_two("harm_sweeps"),
    "stuck_id": lambda scenes, _: tuple(
        row.id
        for row in scenes.house.rows("select id from stuck where code = 'PHA.NO_ACK' and ended_at is null")[
            :2
        ]
    ),
    "lifecycle_id": _first_two("lifecycle_policies"),
    "dunning_id": lambda scenes, _: scenes.dunnings,
    "notice_id": lambda scenes, _: scenes.notices,
    "prescription_id": lambda scenes, _: scenes.prescriptions,
    "visit_id": lambda scenes, _: scenes.visits,
    "request_id": _first_two("prescription_requests"),
    "prescription-request_id": _first_two("prescription_requests"),  # its timeline
    "dispense_id": _first_two("dispenses"),
    "unknown_patient_id": _first_two("unknown_patients"),
    "unmapped_key_id": _first_two("unmapped_keys"),
    "provider_id": _first_two("providers"),
    "rule_id": _first_two("state_rules"),
    "service_level_id": _first_two("service_levels"),
    "work_calendar_id": _first_two("work_calendars"),
    "attachment_id": lambda scenes, _: scenes.attachments,
    "shipment_id": lambda scenes, _: scenes.shipments,
    "adjustment_id": lambda scenes, _: scenes.adjustments,
    "batch_id": lambda scenes, _: scenes.batches,
    "adjustment-batche_id": lambda scenes, _: scenes.batches,  # the timeline of a sum
    "replacement_id": lambda scenes, _: scenes.replacements,
    "plan_id": lambda scenes, _: scenes.plans,
    "message_id": lambda scenes, _: scenes.messages,
    "correction_id": lambda scenes, _: scenes.corrections,
    "approval_id": lambda scenes, role: _mine(scenes.approvals, role),
    "note_id": lambda scenes, role: _mine(scenes.notes, role),
    "delegation_id": lambda scenes, _: (scenes.delegation,),
    "broken_glass_id": lambda scenes, _: (scenes.broken_glass,),
    "run_id": lambda scenes, _: (scenes.comparison,),
    "drift_id": lambda scenes, _: scenes.drifts,
    "reconciliation_id": lambda scenes, _: scenes.drifts,  # the timeline of a finding
    "payout_id": _first_two("payouts"),
    "pull_id": _first_two("balance_pulls"),
    "tie_out_id": _first_two("tie_outs"),
    "sweep_id": lambda scenes, _: (scenes.sweep,),
    "product_id": _first_two("products"),
    "event_id": _first_two("inbox_events"),
    "promise_id": _first_two("promises"),
    "entry_id": _first_two("audit_entries"),
    "role_id": _first_two("roles"),
    "limit_id": _first_two("limits"),
    "staff_id": _staff,
    "token_id": _tokens,
    "trace_id": lambda scenes, _: tuple(
        row.trace_id
        for row in scenes.house.rows(
            "select trace_id from audit_entries where act = 'orders.record' order by id limit 2"
        )
    ),
}

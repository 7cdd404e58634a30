"""The story as the console holds it: rows of its tables, with the audit entries that timelines are read from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from ..db import Model
from ..lib.money import Money
from ..models import (
    REGISTRY,
    Attempt,
    AuditEntry,
    Banner,
    BannerStatus,
    Case,
    CaseStatus,
    Customer,
    Dispense,
    ExternalId,
    Fill,
    Hold,
    HoldReason,
    HoldStatus,
    InboxEvent,
    Invoice,
    Mention,
    Message,
    Note,
    NoteVersion,
    Order,
    OrderKind,
    OrderLine,
    OrderStatus,
    Payment,
    PaymentStatus,
    Pharmacy,
    PharmacyLicence,
    PharmacyOffer,
    Prescription,
    Price,
    Product,
    ProductKey,
    ProductKind,
    Profile,
    Promise,
    Provider,
    ProviderLicence,
    Questionnaire,
    Refund,
    RefundStatus,
    ReviewFlag,
    Scan,
    Shipment,
    StateRule,
    StatusMove,
    Subscription,
    SubscriptionItem,
    Visit,
    VisitAnswers,
)
from ..services import cases
from ..services.banners import KINDS, evidence
from ..services.fills import RECIPES
from ..services.refunds import REASONS
from . import (
    _dispenses,
    _fills,
    _moves,
    _parcels,
    _patients,
    _prescriptions,
    _subscriptions,
    _visits,
    _waiting,
)
from ._calls import Row, heard, kept, written_to
from ._care import Care
from ._chance import Chance, id_alone
from ._mirrors import profiles
from ._notes import notes_on
from ._plans import BannerPlan
from ._products import EXTRAS, TREATMENTS
from ._products import Product as Sold
from ._story import Bought, Disputed, GivenBack, Paid, Person

# Every table that is filled, those that others point to first.
TABLES: tuple[type[Model], ...] = (
    Product, ProductKey, Price, Pharmacy, PharmacyLicence, PharmacyOffer, Provider, ProviderLicence, StateRule,
    Questionnaire, Customer, ExternalId, Profile, Prescription, Subscription, SubscriptionItem, Invoice, Order,
    OrderLine, Hold, Payment, Refund, Fill, Dispense, Visit, VisitAnswers, ReviewFlag, Message, Shipment, Scan,
    Banner, Promise, Attempt, InboxEvent, StatusMove, AuditEntry, Case, Note, NoteVersion, Mention,
)  # fmt: skip
SHOP = "token shop"
_A_MOMENT = timedelta(seconds=2)  # from the shop or Stripe to the console


class Teller:
    """Turns people into rows. `who` maps the labels of actors to their ids, `until` is when the story ends."""

    def __init__(self, who: Mapping[str, str], until: datetime) -> None:
        self._who = who
        self._until = until
        self._providers = _prescriptions.providers(self.opened)

    def products(self) -> Iterator[Row]:
        """What the shop sells, with the keys by which Stripe, the pharmacy and the drug registers know it."""
        at = self._until - timedelta(days=900)
        for product in (*TREATMENTS, *EXTRAS):
            chance = Chance("product", product.sku)
            id = chance.our_id("prd", at)
            kind = ProductKind.PRESCRIPTION if product.prescription else ProductKind.OTC
            yield Product, {
                "id": id, "created_at": at, "sku": product.sku, "name": product.name, "kind": kind.value,
                "form": product.form, "strength": product.strength, "needs_prescription": product.prescription,
                "active": True, "price": product.cents, "currency": "usd", **_prescribed(product),
            }  # fmt: skip
            keys = [
                ("stripe_price", "price_1" + chance.letters(23)),
                ("pharmacy", f"MX-{product.sku}"),
                *(product.prescribed_as if product.prescription else ()),
            ]
            for system, key in keys:
                yield ProductKey, {
                    "id": chance.our_id("pky", at), "created_at": at, "product_id": id, "system": system, "key": key,
                    "as_of": at,
                }  # fmt: skip
            yield self._entry("products.record", at, SHOP, id, [id], f"Recorded product {product.sku}")
        yield from _subscriptions.catalogue(self._until)

    @property
    def opened(self) -> datetime:
        """When the shop began to work with its pharmacies."""
        return self._until - timedelta(days=900)

    def pharmacies(self) -> Iterator[Row]:
        yield from _fills.pharmacies(self.opened, self._until)
        yield from _prescriptions.registry(self.opened, self._until, self._who)
        yield _visits.questionnaire(self.opened)

    def rows(self, person: Person, care: Care) -> Iterator[Row]:
        yield Customer, {
            "id": person.id, "created_at": person.since, "reference": person.reference, "name": person.name,
            "email": person.email, "phone": person.phone, "birth_date": person.birth_date.isoformat(),
            "birth_index": None,  # made as it is sealed
            **_patients.home(person, self._until),
        }  # fmt: skip
        if person.stripe_id:
            yield ExternalId, {
                "id": id_alone("external id", person.reference, "xid", person.since),
                "created_at": person.since, "customer_id": person.id, "system": "stripe",
                "external_id": person.stripe_id, "as_of": person.since,
            }  # fmt: skip
        yield ExternalId, {
            "id": id_alone("patient id", person.reference, "xid", person.since), "created_at": person.since,
            "customer_id": person.id, "system": "healthcare", "external_id": _patients.patient_id(person),
            "as_of": person.since,
        }  # fmt: skip
        yield from profiles(person, self._until)
        yield self._entry(
            "customers.record",
            person.since,
            SHOP,
            person.id,
            [person.id],
            f"Recorded customer {person.reference}",
        )
        if person.banner:
            yield from self._banner(person.banner, person.id, person, self._until - timedelta(hours=40))
        if person.former_email and person.email:
            model, entry = self._entry(
                "customers.record", person.since + timedelta(days=9), SHOP, person.id, [person.id],
                f"Updated customer {person.reference}",
            )  # fmt: skip
            changed = {"on": "customer", "field": "email", "from": person.former_email, "to": person.email}
            yield model, entry | {"changes": Jsonb([changed])}
        yield from _prescriptions.rows(care.prescribed, self._providers, self._until)
        yield from _dispenses.rows(care.dispensed, self._until)
        numbers = _prescriptions.numbers(person)
        for order in person.orders:
            yield from self._order(order, person, numbers)
        yield from self._visits(care)
        yield from _subscriptions.rows(person, self._until)
        if person.unclaimed:
            yield from self._payment(person.unclaimed, None, person)
        for (model, row), about in notes_on(person, self._who, self._until):
            yield model, row
            if model is Note:
                noun, trace = row["subject_noun"], row["trace_id"]
                says = f"Wrote a note on the {noun.removesuffix('s')}"
                yield self._entry(f"{noun}.note", row["created_at"], row["by"], row["id"], about, says, trace)

    def _visits(self, care: Care) -> Iterator[Row]:
        told = _visits.rows(care.visits, self.opened, self._providers, self._until)
        others = _waiting.rows(care.person, care.prescribed, care.visits, self.opened, self._until)
        for model, row in (*told, *others):
            yield model, _waiting.NOT_TOLD | row if model is Visit else row

    def _order(self, order: Bought, person: Person, numbers: Mapping[str, tuple[str, int]]) -> Iterator[Row]:
        total = Money(order.total, order.currency)
        recorded = order.placed_at + _A_MOMENT
        yield Order, {
            "id": order.id, "created_at": recorded, "status": order.status.value, "status_since": order.since,
            "payment_status": order.paid_with_its_payments, "customer_id": person.id, "reference": order.reference,
            "currency": order.currency, "subtotal": order.subtotal, "shipping": order.shipping, "tax": order.tax,
            "discount": order.discount, "total": order.total, "placed_at": order.placed_at,
            "ship_to": Jsonb(order.ship_to.as_json), "kind": _kind(order, person), "parent_order_id": None,
            **_patients.checked(order),
        }  # fmt: skip
        for move in _moves.rows(_moves.of_order(order)):
            yield StatusMove, move
        for position, line in enumerate(order.lines, 1):
            yield OrderLine, {
                "id": line.id, "created_at": recorded, "order_id": order.id, "position": position, "sku": line.sku,
                "name": line.name, "quantity": line.quantity, "currency": order.currency,
                "unit_price": line.unit_price, "amount": line.amount,
            }  # fmt: skip
        yield self._entry(
            "orders.record", recorded, SHOP, order.id, [order.id, person.id],
            f"Recorded order {order.reference} of {total}", total=str(total),
        )  # fmt: skip
        for payment in order.payments:
            yield from self._payment(payment, order, person)
        for model, row in _parcels.rows(order, person, self._until):
            yield model, row
            if model is Shipment:
                says = f"Parcel {row['carrier']} {row['tracking_code']} has its label"
                about = [row["id"], order.id, person.id]
                yield self._entry("shipments.record", row["created_at"], SHOP, row["id"], about, says)
        if order.banner:
            yield from self._banner(order.banner, order.id, person, order.since + timedelta(hours=1))
        if order.status is OrderStatus.ON_HOLD:
            yield Hold, {
                "id": Chance("hold", order.id).our_id("hld", order.since), "created_at": order.since,
                "status": HoldStatus.STANDING.value, "status_since": order.since, "order_id": order.id,
                "reason": HoldReason.ADDRESS.value, "returns_to": OrderStatus.READY.value,
                "until_on": (self._until + timedelta(days=6)).date(), "by": "Lee Okafor",
                "by_id": self._who.get("Lee Okafor", "Lee Okafor"), "overdue_at": None,
            }  # fmt: skip
            yield self._entry(
                "orders.hold", order.since, "Lee Okafor", order.id, [order.id, person.id],
                f"Held order {order.reference}: the customer is moving and will tell us the new address",
                status=order.status.value,
            )  # fmt: skip
        fill = _fills.filled(order, numbers)
        if fill:
            yield from self._fill(fill, person)
        elif order.status is OrderStatus.MANUAL_INTERVENTION:
            yield self._case(
                "vendor_rejected", order.since, order.id, [order.id, person.id],
                "The pharmacy did not take this order: it cannot find the delivery address.",
            )  # fmt: skip

    def _fill(self, fill: _fills.Filled, person: Person) -> Iterator[Row]:
        """The clock sent it, a worker asked the pharmacy; what is wrong with it is a case."""
        order, name = fill.order, _fills.PHARMACIES[fill.adapter][0]
        about = [fill.id, order.id, person.id]
        yield _fills.row(fill, person, self.opened)
        for move in _moves.rows(_fills.moves(fill), fill.trace):
            yield StatusMove, move
        entry = self._entry(
            "fills.dispatch", fill.made_at, "clock", fill.id, about, f"Order {order.reference} goes to {name}",
            fill.trace, status="queued",
        )  # fmt: skip
        yield from kept(
            "fills.submit", f"pharmacy-{fill.adapter}.submit_fill", fill.arguments | {"patient": person.id}, fill.id,
            f"pharmacy:{fill.id}", f"{name} fills order {order.reference} and ships it to {order.ship_to.state}",
            entry[1], fill.sent_at,
        )  # fmt: skip
        yield entry
        if fill.status.value != "sent":
            told = fill.status.value.replace("_", " ")
            yield self._entry(
                "fills.settle", fill.since, f"pharmacy-{fill.adapter}", fill.id, about,
                f"The fill of order {order.reference}: {told}", fill.trace, status=fill.status.value,
            )  # fmt: skip
        if fill.code:
            recipe = RECIPES[fill.code]
            suggests = {
                "act": "fills.answer", "url": f"/fills/{fill.id}/answer", "label": "Answer the pharmacy"
            } if fill.status.value in ("triage", "exception") else {
                "act": "fills.resend", "url": f"/fills/{fill.id}/resend", "label": "Resend it"
            }  # fmt: skip
            says = f"{name}, order {order.reference}: {recipe.means} {recipe.do} ({recipe.who}.)"
            yield self._case(fill.code, fill.since, fill.id, about, says, fill.trace, suggests)

    def _payment(self, payment: Paid, order: Bought | None, person: Person) -> Iterator[Row]:
        heard = payment.at + _A_MOMENT
        changes = [payment.dispute.over_at or payment.dispute.at] if payment.dispute else []
        changes += [refund.settled_at for refund in payment.refunds]
        order_id = order.id if order else None
        customer_id = person.id if person.stripe_id else None
        yield Payment, {
            "id": payment.id, "created_at": payment.at, "status": PaymentStatus.SUCCEEDED.value,
            "status_since": heard, "order_id": order_id, "customer_id": customer_id,
            "external_id": payment.external_id, "charge_id": payment.charge_id, "raw_status": "succeeded",
            "currency": payment.currency, "amount": payment.amount, "captured": payment.amount,
            "disputed": payment.disputed, "dispute": payment.dispute.state if payment.dispute else None,
            "dispute_due_at": payment.dispute.due_at if payment.dispute else None,
            "card_brand": payment.card.brand, "card_last4": payment.card.last4,
            "card_exp": payment.card.expires, "fetched_at": max([heard, *changes]),
        }  # fmt: skip
        for move in _moves.rows(_moves.of_payment(payment)):
            yield StatusMove, move
        about = [known for known in (payment.id, order_id, customer_id) if known]
        money = Money(payment.amount, payment.currency)
        yield self._entry(
            "payments.settle",
            heard,
            "stripe",
            payment.id,
            about,
            f"Payment of {money}: succeeded",
            captured=str(money),
        )
        if payment.dispute:
            yield from self._dispute(payment.dispute, payment, about)
            if payment.dispute.open and order_id:
                yield self._disputed(payment, payment.dispute, order_id, person)
        for refund in payment.refunds:
            yield from self._refund(refund, payment, about, person, order)

    def _dispute(self, dispute: Disputed, payment: Paid, about: list[str]) -> Iterator[Row]:
        """While the bank holds the money the payment says so; it is given back when the dispute is won."""
        money, nothing = Money(payment.amount, payment.currency), Money(0, payment.currency)
        asked = "needs response" if dispute.over_at else dispute.status.replace("_", " ")
        held = {"disputed": str(money)} if dispute.takes_money or dispute.over_at else {}
        words = f"{money} of the payment is disputed: {asked}"
        yield self._entry("payments.settle", dispute.at, "stripe", payment.id, about, words, **held)
        if dispute.over_at:
            words = f"The dispute of {money} is won: the money is ours again"
            yield self._entry(
                "payments.settle", dispute.over_at, "stripe", payment.id, about, words, disputed=str(nothing)
            )

    def _disputed(self, payment: Paid, dispute: Disputed, order_id: str, person: Person) -> Row:
        mirrored = Payment(
            dispute=dispute.state, card_brand=payment.card.brand, card_last4=payment.card.last4
        )
        found = evidence("dispute_open", [mirrored])
        reason = found[0] if found else ""
        return self._standing("dispute_open", reason, "stripe", order_id, person, dispute.at, dispute.due_at)

    def _banner(self, plan: BannerPlan, subject: str, person: Person, at: datetime) -> Iterator[Row]:
        yield self._standing(plan.kind, plan.reason, plan.by, subject, person, at)
        banner = Chance("banner", f"{plan.kind} {subject}").our_id("ban", at)
        kind = KINDS[plan.kind]
        says = "Raised a banner for the clinicians" if kind.clinical else f"Raised the banner “{kind.label}”"
        yield self._entry("banners.raise", at, plan.by, banner, sorted({banner, subject, person.id}), says)

    def _standing(
        self, kind: str, reason: str, by: str, subject: str, person: Person, at: datetime, due_at: datetime | None = None
    ) -> Row:  # fmt: skip
        return Banner, {
            "id": Chance("banner", f"{kind} {subject}").our_id("ban", at), "created_at": at, "status_since": at,
            "status": BannerStatus.STANDING.value, "kind": kind, "subject_id": subject, "customer_id": person.id,
            "reason": reason, "by": by, "due_at": due_at,
        }  # fmt: skip

    def _refund(
        self, refund: GivenBack, payment: Paid, about: list[str], person: Person, order: Bought | None
    ) -> Iterator[Row]:
        money = Money(refund.amount, payment.currency)
        order_id = next((id for id in about if id.startswith("ord_")), None)
        customer_id = next((id for id in about if id.startswith("cst_")), None)
        yield Refund, {
            "id": refund.id, "created_at": refund.at, "status": refund.status.value,
            "status_since": refund.settled_at, "payment_id": payment.id, "order_id": order_id,
            "customer_id": customer_id, "external_id": refund.external_id, "raw_status": refund.status.value,
            "currency": payment.currency, "amount": refund.amount, "reason": refund.reason,
            "note": "Agreed on the telephone." if refund.reason == "other" else "",
            "pending_reason": refund.pending_reason, "failure_reason": refund.failure_reason,
            "reference_number": refund.reference, "by": refund.by or "outside the console",
            "by_id": self._who[refund.by] if refund.by else None, "trace_id": refund.trace, "fetched_at": refund.settled_at,
        }  # fmt: skip
        for move in _moves.rows(_moves.of_refund(refund), refund.trace):
            yield StatusMove, move
        about = [refund.id, *about]
        if refund.by:
            yield from self._sent(refund, payment, about)
        settled = self._entry(
            "refunds.settle", refund.settled_at, "stripe", refund.id, about,
            f"Refund of {money}: {refund.status.value}", refund.trace, status=refund.status.value,
        )  # fmt: skip
        yield settled
        for again in range(2 if person.heard_twice else 1):
            yield from heard(refund, payment, sorted(about), settled[1], again)
        if refund.by and order and person.email and refund.status is RefundStatus.SUCCEEDED:
            yield from self._written_to(refund, money, about, person, order)
        if refund.status is RefundStatus.FAILED:
            yield self._case(
                "refund_failed", refund.settled_at, refund.id, about,
                f"The refund of {money} came back: the card has expired or was canceled. "
                "The customer does not have the money.", refund.trace,
                {
                    "act": "refunds.issue",
                    "url": f"/orders/{order_id}/refund?payment={payment.id}&amount={money.amount}",
                    "label": "Refund again",
                },
            )  # fmt: skip

    def _sent(self, refund: GivenBack, payment: Paid, about: list[str]) -> Iterator[Row]:
        """Somebody issued it, and a worker asked Stripe a minute later."""
        money = Money(refund.amount, payment.currency)
        card = f"{payment.card.brand.title()} ending {payment.card.last4}"
        reason = REASONS[refund.reason]
        issued = self._entry(
            "refunds.issue", refund.at, refund.by or "", refund.id, about,
            f"Refund of {money} to {card}: {reason.label.lower()}", refund.trace, amount=str(money),
        )  # fmt: skip
        arguments = {
            "payment": payment.external_id, "amount": refund.amount, "currency": payment.currency,
            "reason": reason.tells.value,
        }  # fmt: skip
        asked_at = min(refund.settled_at, refund.at + timedelta(seconds=62))
        yield from kept(
            "refunds.send", "payments.refund", arguments, refund.id, f"stripe:{payment.external_id}",
            f"Stripe refunds {money} to {card}", issued[1], asked_at,
        )  # fmt: skip
        yield issued

    def _written_to(
        self, refund: GivenBack, money: Money, about: list[str], person: Person, order: Bought
    ) -> Iterator[Row]:
        at = refund.settled_at + timedelta(seconds=40)
        if at + timedelta(minutes=2) > self._until:
            return
        id = Chance("message id", refund.id).our_id("msg", at)
        label = "Message to the customer: your refund is on its way"
        sent = self._entry("messages.send", at, refund.by or "", id, [id, *about], label)
        yield from written_to(person, refund, money, order.reference, order.id, sent[1], at)
        yield sent

    def _entry(
        self, act: str, at: datetime, by: str, subject: str, about: list[str], says: str, trace: str | None = None,
        **became: str,
    ) -> Row:  # fmt: skip
        what = f"{act} {subject} {at.timestamp()}"
        noun = act.partition(".")[0].removesuffix("s")
        return AuditEntry, {
            "id": id_alone("entry", what, "aud", at), "created_at": at, "act": act, "by": by, "by_id": self._who.get(by, by),
            "address": None, "subject": subject, "says": says, "inputs": Jsonb({}),
            "changes": Jsonb([{"on": noun, "field": name, "from": None, "to": to} for name, to in became.items()]),
            "promises": [], "trace_id": trace or id_alone("trace", what, "trc", at), "parent_id": None, "within": None,
            "about": sorted(about),
        }  # fmt: skip

    def _case(
        self, reason: str, at: datetime, subject: str, about: list[str], says: str, trace: str | None = None,
        suggests: dict[str, str] | None = None,
    ) -> Row:  # fmt: skip
        """What is older than ten days has been dealt with."""
        chance = Chance("case", f"{reason} {subject}")
        open_ = self._until - at < timedelta(days=10)
        ended = None if open_ else at + chance.hours(2, 60)
        return Case, {
            "id": chance.our_id("cas", at), "created_at": at, "reason": reason, "subject_id": subject,
            "status": (CaseStatus.OPEN if open_ else CaseStatus.RESOLVED).value, "status_since": ended or at,
            "behind_id": None, "says": says, "suggests": Jsonb(suggests) if suggests else None, "owner_id": None,
            "outcome": None if open_ else "dismissed", "resolved_at": ended,
            "trace_id": trace or chance.our_id("trc", at), "entry_id": None, "about": sorted(about),
            "team": cases.team_of(reason).value, "vendor": None,
            "fingerprint": cases.fingerprint(None, reason, REGISTRY[subject.partition("_")[0]].noun().replace(" ", "_")),
            "warn_at": at + cases.limit_of(reason).warn, "due_at": at + cases.limit_of(reason).breach,
            "urgency": cases.urgency(reason, at + cases.limit_of(reason).breach),
        }  # fmt: skip


def _prescribed(product: Sold) -> dict[str, Any]:
    """What a prescription for one of it must say."""
    if not product.prescription:
        return {
            "quantity": None,
            "unit": None,
            "days_supply": None,
            "min_age": None,
            "not_in_pregnancy": False,
        }
    return {
        "quantity": product.grams, "unit": "g", "days_supply": product.days, "min_age": 18,
        "not_in_pregnancy": product.not_in_pregnancy,
    }  # fmt: skip


def _kind(order: Bought, person: Person) -> str:
    """Their first order, one that costs nothing, or the next cycle of what they have."""
    if not order.total:
        return OrderKind.PROMOTIONAL.value
    first = min(person.orders, key=lambda one: one.placed_at)
    return (OrderKind.FIRST_ORDER if order is first else OrderKind.SUBSCRIPTION_CYCLE).value

"""Orders as the database holds them, from the ordinary to the odd, each with what its lanes must say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from opsconsole.db import db
from opsconsole.models import (
    AuditEntry,
    Customer,
    Order,
    OrderLine,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
    Scan,
    Shipment,
    StatusMove,
)
from opsconsole.services.orders import Awaited, Holder

PLACED = datetime(2026, 11, 3, 9, tzinfo=UTC)  # a Tuesday
CARE = "draft 0, awaiting_visit .2, in_review 5, awaiting_rx 8, awaiting_payment 9"
READY = CARE + ", ready 9.5"
SENT = READY + ", submitted 9.6"
PHARMACY = SENT + ", at_pharmacy 12"
SHIPPED = PHARMACY + ", shipped 60"
HOME = SHIPPED + ", delivered 130"
CLOSED = HOME + ", closed 850"


def at(hours: float) -> datetime:
    return PLACED + timedelta(hours=hours)


@dataclass(frozen=True)
class Back:
    """A refund planned at `hours`, with its later moves as "submitted 21, succeeded 21.1"."""

    hours: float
    minor: int
    way: str = ""


@dataclass(frozen=True)
class Pay:
    """A payment heard of at `hours`. `held` are instants and what is disputed from then on, in minor units.

    `lost` is the instant at which the bank decided the dispute against us.
    """

    hours: float
    minor: int = 6000
    way: str = "succeeded"
    back: tuple[Back, ...] = ()
    held: tuple[tuple[float, int], ...] = ()
    lost: float | None = None


@dataclass(frozen=True)
class Story:
    """`way` says where the order was from which hour on; `now` is the hour at which it is looked at.

    `money` is where the money lane stands and `ball` who has to act; `late` whether that takes too long. `parcels` are the
    scans of each, as "in_transit 61, delivered 130"; `awaited` is what keeps one that is ready from going.
    """

    name: str
    way: str
    now: float
    money: str
    ball: str
    pay: tuple[Pay, ...] = ()
    total: int = 6000
    late: bool = False
    told: bool = True  # whether the moves were written down
    parcels: tuple[str, ...] = ()
    awaited: Awaited | None = None


def _sent(hours: float, minor: int) -> Back:
    return Back(hours, minor, f"submitted {hours + 0.02}, succeeded {hours + 0.03}")


PAID = (Pay(9.4),)
HALVES = (Pay(9.1, 2500), Pay(9.4, 3500))

STORIES = (
    Story("draft", "draft 0", 3, "not_paid", "patient"),
    Story("draft_for_long", "draft 0", 400, "not_paid", "patient"),
    Story("questionnaire", "draft 0, awaiting_visit .2", 3, "not_paid", "patient"),
    Story("questionnaire_late", "draft 0, awaiting_visit .2", 100, "not_paid", "patient", late=True),
    Story("in_review", "draft 0, awaiting_visit .2, in_review 5", 9, "not_paid", "clinic"),
    Story("in_review_late", "draft 0, awaiting_visit .2, in_review 5", 55, "not_paid", "clinic", late=True),
    Story("awaiting_rx", "draft 0, awaiting_visit .2, in_review 5, awaiting_rx 8", 10, "not_paid", "clinic"),
    Story("unpaid", CARE, 20, "unpaid", "patient"),
    Story("unpaid_late", CARE, 120, "unpaid", "patient", late=True),
    Story("card_fails", CARE, 20, "requires_payment", "patient", (Pay(9.2, way="requires_payment 9.3"),)),
    Story("bank_asks", CARE, 11, "requires_action", "patient", (Pay(9.2, way="requires_action 9.3"),)),
    Story("collecting", CARE, 12, "processing", "payment", (Pay(9.2, way="processing 9.3"),)),
    Story("half_paid", CARE, 12, "partly_paid", "patient", (Pay(9.2, 2500),)),
    Story("called_off_payment", CARE, 12, "unpaid", "patient", (Pay(9.2, way="canceled 9.5"),)),
    Story("paid_but_waits", CARE, 12, "paid", "us", (Pay(9.2),)),
    Story("ready", READY, 9.8, "paid", "us", PAID),
    Story("ready_late", READY, 14, "paid", "us", PAID, late=True),
    Story("submitted", SENT, 12, "paid", "pharmacy", PAID),
    Story("at_pharmacy", PHARMACY, 40, "paid", "pharmacy", PAID),
    Story("at_pharmacy_over_a_weekend", PHARMACY, 150, "paid", "pharmacy", PAID, late=True),
    Story("shipped", SHIPPED, 90, "paid", "carrier", PAID),
    Story("shipped_late", SHIPPED, 500, "paid", "carrier", PAID, late=True),
    Story("delivered", HOME, 200, "paid", "nobody", PAID),
    Story("closed", CLOSED, 1500, "paid", "nobody", PAID),
    Story("free", PHARMACY, 40, "free", "pharmacy", total=0),
    Story("split_payment", SHIPPED, 90, "paid", "carrier", HALVES),
    Story("three_hours", "draft 0, awaiting_visit .1, in_review .6, awaiting_rx 1, awaiting_payment 1.2, ready 1.5,"
          " submitted 1.6, at_pharmacy 2.2", 3, "paid", "pharmacy", (Pay(1.4),)),
    Story("refund_undone", HOME, 200, "paid", "nobody", (Pay(9.4, back=(Back(180, 1000, "withdrawn 180.01"),)),)),
    Story("refund_planned", HOME, 180.01, "refund_planned", "us", (Pay(9.4, back=(Back(180, 1000),)),)),
    Story("refund_asked", HOME, 181, "refund_submitted", "payment",
          (Pay(9.4, back=(Back(180, 1000, "submitted 180.02"),)),)),
    Story("refund_pending", HOME, 200, "refund_pending", "payment",
          (Pay(9.4, back=(Back(180, 1000, "submitted 180.02, pending 180.03"),)),)),
    Story("refunded_partly", HOME, 300, "partly_refunded", "nobody",
          (Pay(9.4, back=(_sent(180, 1000), _sent(240, 500))),)),
    Story("refunded_twice_to_nothing", CLOSED, 1000, "refunded", "nobody",
          (Pay(9.4, back=(_sent(180, 1000), _sent(240, 5000))),)),
    Story("refund_failed", HOME, 320, "refund_failed", "us",
          (Pay(9.4, back=(Back(180, 6000, "submitted 180.02, pending 180.03, failed 250"),)),)),
    Story("refund_failed_and_made_again", HOME, 320, "refunded", "nobody",
          (Pay(9.4, back=(Back(180, 6000, "submitted 180.02, pending 180.03, failed 250"), _sent(260, 6000))),)),
    Story("disputed", HOME, 700, "disputed", "payment", (Pay(9.4, held=((500, 6000),)),)),
    Story("dispute_won", CLOSED, 1400, "paid", "nobody", (Pay(9.4, held=((500, 6000), (900, 0))),)),
    Story("dispute_lost", CLOSED, 1400, "dispute_lost", "nobody", (Pay(9.4, held=((500, 6000),), lost=900),)),
    Story("on_hold", READY + ", on_hold 9.7", 60, "paid", "us", PAID),
    Story("held_and_released", READY + ", on_hold 9.7, ready 50, submitted 50.1, at_pharmacy 52", 60, "paid", "pharmacy",
          PAID),
    Story("held_in_review", "draft 0, awaiting_visit .2, in_review 5, on_hold 7", 30, "not_paid", "us"),
    Story("manual_intervention", SENT + ", manual_intervention 11", 60, "paid", "us", PAID),
    Story("returned", SHIPPED + ", returned 300", 320, "paid", "us", PAID),
    Story("returned_and_refunded", SHIPPED + ", returned 300", 400, "refunded", "nobody",
          (Pay(9.4, back=(_sent(320, 6000),)),)),
    Story("canceled_unpaid", CARE + ", canceled 30", 60, "ended", "nobody"),
    Story("canceled_money_kept", READY + ", canceled 30", 60, "kept", "us", PAID),
    Story("canceled_and_refunded", READY + ", canceled 30", 60, "refunded", "nobody",
          (Pay(9.4, back=(_sent(31, 6000),)),)),
    Story("rejected", "draft 0, awaiting_visit .2, in_review 5, rejected 8", 40, "ended", "nobody"),
    Story("without_a_visit", "awaiting_payment 0, ready 1, submitted 1.1", 5, "paid", "pharmacy", (Pay(0.9),)),
    Story("no_fills_left", READY, 30, "paid", "clinic", PAID,
          awaited=Awaited(Holder.CLINIC, "The prescription for NC60 has no fills left.")),
    Story("nobody_has_it", READY, 30, "paid", "pharmacy", PAID,
          awaited=Awaited(Holder.PHARMACY, "Nobody who may ship there has it. Truepill: NC60 is out.")),
    Story("scanned_on_its_way", SHIPPED, 90, "paid", "carrier", PAID, parcels=("in_transit 62",)),
    Story("out_for_delivery", SHIPPED, 128, "paid", "carrier", PAID, parcels=("in_transit 62, out_for_delivery 126",)),
    Story("nobody_at_home", SHIPPED, 140, "paid", "carrier", PAID,
          parcels=("in_transit 62, out_for_delivery 126, attempted 133",)),
    Story("to_be_fetched", SHIPPED, 180, "paid", "patient", PAID,
          parcels=("in_transit 62, attempted 133, pickup_ready 150",)),
    Story("lost_on_its_way", SHIPPED, 260, "paid", "us", PAID, parcels=("in_transit 62, exception 200",)),
    Story("on_its_way_back", SHIPPED, 260, "paid", "us", PAID,
          parcels=("in_transit 62, attempted 133, returning 200",)),
    Story("delivered_after_a_scare", HOME, 200, "paid", "nobody", PAID,
          parcels=("in_transit 62, exception 100, out_for_delivery 126, delivered 130",)),
    Story("two_parcels_one_is_there", SHIPPED, 150, "paid", "carrier", PAID,
          parcels=("in_transit 62, delivered 130", "in_transit 70, out_for_delivery 140")),
    Story("nothing_written_down", HOME, 200, "paid", "nobody", PAID, told=False),
)  # fmt: skip


def tell(story: Story) -> Order:
    """Write the story into the session's transaction, which nobody commits. Run inside an app context."""
    customer = Customer(reference="c", name="Jo Field").add()
    way = _way(story.way)
    order = Order(
        id="ord_" + "0" * 26, customer_id=customer.id, reference="R-1", currency="usd", subtotal=6000, shipping=0, tax=0,
        discount=6000 - story.total, total=story.total, placed_at=PLACED, created_at=PLACED, status=way[-1][1],
        status_since=at(way[-1][0]),
    ).add()  # fmt: skip
    OrderLine(
        order_id=order.id, position=1, sku="NC60", name="Night cream", quantity=1, currency="usd", unit_price=6000,
        amount=6000,
    ).add()  # fmt: skip
    if story.told:
        _moves(order.id, way)
    for nth, pay in enumerate(story.pay):
        _pay(order, nth, pay, story.told)
    for nth, scans in enumerate(story.parcels):
        _parcel(order, nth, scans)
    return order


def _parcel(order: Order, nth: int, scans: str) -> None:
    told = [(float(hours), status) for status, hours in (scan.split() for scan in scans.split(","))]
    parcel = Shipment(
        order_id=order.id, customer_id=order.customer_id, carrier="UPS", service="Ground", tracking_code=f"1Z{nth}",
        status=told[-1][1], status_since=at(told[-1][0]), labelled_at=at(59), scans_from=at(59), created_at=at(59 + nth),
    ).add()  # fmt: skip
    for hours, status in told:
        Scan(
            shipment_id=parcel.id, tracking_code=parcel.tracking_code, occurred_at=at(hours), status=status,
            raw_status=status, place="Reno, NV",
        ).add()  # fmt: skip


def _way(words: str) -> list[tuple[float, str]]:
    steps = [step.split() for step in words.split(",") if step.strip()]
    return [(float(hours), status) for status, hours in steps]


def _moves(record_id: str, way: list[tuple[float, str]]) -> None:
    for (_, before), (hours, after) in pairwise(way):
        db.session.add(
            StatusMove(record_id=record_id, at=at(hours), before=before, after=after, by="console", cause="")
        )
        db.session.flush()


def _pay(order: Order, nth: int, pay: Pay, told: bool) -> None:
    way = [(pay.hours, PaymentStatus.EXPECTED.value)]
    way += [(pay.hours + 0.001, "succeeded")] if pay.way == "succeeded" else _way(pay.way)
    done = way[-1][1] == PaymentStatus.SUCCEEDED
    disputed = pay.held[-1][1] if pay.held else 0
    payment = Payment(
        order_id=order.id, customer_id=order.customer_id, external_id=f"pi_{nth}", currency="usd", amount=pay.minor,
        captured=pay.minor if done else 0, disputed=disputed, card_brand="visa", card_last4="4242", status=way[-1][1],
        status_since=at(way[-1][0]), created_at=at(pay.hours), fetched_at=at(way[-1][0]),
    ).add()  # fmt: skip
    if told:
        _moves(payment.id, way)
    for back in pay.back:
        _refund(payment, back)
    for hours, minor in pay.held:
        _changed(payment, hours, "disputed", f"${minor / 100:.2f}")
    if pay.lost:
        payment.dispute = "lost"
        _changed(payment, pay.lost, "dispute", "lost")


def _refund(payment: Payment, back: Back) -> None:
    way = [(back.hours, RefundStatus.PLANNED.value), *_way(back.way)]
    refund = Refund(
        payment_id=payment.id, order_id=payment.order_id, customer_id=payment.customer_id, currency="usd",
        amount=back.minor, reason="goodwill", by="Sam Rivera", trace_id="trc_1", status=way[-1][1],
        status_since=at(way[-1][0]), created_at=at(back.hours),
    ).add()  # fmt: skip
    _moves(refund.id, way)


def _changed(payment: Payment, hours: float, field: str, to: str) -> None:
    AuditEntry(
        act="payments.settle", by="stripe", by_id="stripe", subject=payment.id, says="", inputs={}, promises=[],
        changes=[{"on": "payment", "field": field, "from": None, "to": to}], trace_id="trc_1",
        about=[payment.id, payment.order_id], created_at=at(hours),
    ).add()  # fmt: skip

"""The first customers: one of everything that staff will meet, whatever the number of the others."""

from __future__ import annotations

from datetime import timedelta

from ..models import OrderStatus, RefundStatus
from ._plans import ELSEWHERE, BannerPlan, CustomerPlan, Drift, HomePlan, OrderPlan, RefundPlan


def _ago(days: float = 0, hours: float = 0) -> timedelta:
    return timedelta(days=days, hours=hours)


_S = OrderStatus


def _one(*orders: OrderPlan, name: str | None = None) -> CustomerPlan:
    return CustomerPlan(orders, name=name)


_AT_HOME, _NO_DRIFT = HomePlan(), Drift()


def _planted(
    shows: str,
    *orders: OrderPlan,
    name: str | None = None,
    home: HomePlan = _AT_HOME,
    drift: Drift = _NO_DRIFT,
    former_email: bool = False,
    heard_twice: bool = False,
) -> CustomerPlan:
    plan = orders or (OrderPlan(_ago(17), _S.DELIVERED), OrderPlan(_ago(79), _S.CLOSED))
    return CustomerPlan(
        plan,
        name=name,
        home=home,
        drift=drift,
        former_email=former_email,
        heard_twice=heard_twice,
        shows=shows,
    )


# One of everything that goes wrong or looks odd in data from years of shops and vendors; tests/demo finds each.
PLANTED = (
    _planted("twins", name="Ines Duarte", home=HomePlan(shared="the Duartes")),
    _planted("twins", name="Ana Duarte", home=HomePlan(shared="the Duartes")),
    _planted("flat", home=HomePlan(shared="the tower", flat="Apt 4B")),
    _planted("no flat", home=HomePlan(shared="the tower")),
    _planted("po box", home=HomePlan("po_box")),
    _planted("armed forces", home=HomePlan("armed_forces")),
    _planted("puerto rico", home=HomePlan("puerto_rico")),
    _planted("zip+4", home=HomePlan(zip4=True)),
    _planted("moved to another state", home=HomePlan(moved=True)),
    _planted("legacy plan", OrderPlan(_ago(20), _S.DELIVERED, sku="NC-025-30")),
    _planted(
        "duplicated product",
        OrderPlan(_ago(14), _S.DELIVERED, sku="NC-050-60"), OrderPlan(_ago(76), _S.CLOSED, sku="NC050-60D"),
    ),
    _planted("e-mail differs at Stripe", drift=Drift(stripe_email=True)),
    _planted("e-mail differs at Customer.io", drift=Drift(crm_email=True)),
    _planted("phone differs at Customer.io", drift=Drift(crm_phone=True)),
    _planted("unknown at Customer.io", drift=Drift(crm_absent=True)),
    _planted("e-mail changed", former_email=True),
    _planted(
        "webhook twice", OrderPlan(_ago(22), _S.DELIVERED, refunds=(RefundPlan(0.5, "damaged"),)), heard_twice=True
    ),
    _planted("delivered late", OrderPlan(_ago(44), _S.DELIVERED, took=_ago(41))),
    _planted("refunded in part", OrderPlan(_ago(23), _S.DELIVERED, refunds=(RefundPlan(0.3, "wrong_item"),))),
    _planted("refunded elsewhere", OrderPlan(_ago(24), _S.DELIVERED, refunds=(RefundPlan(0.4, ELSEWHERE),))),
    _planted("disputed", OrderPlan(_ago(30), _S.DELIVERED, dispute="needs_response")),
    _planted(
        "prescription has expired",
        OrderPlan(_ago(20), _S.DELIVERED, sku="NC-050-60"), OrderPlan(_ago(380), _S.CLOSED, sku="NC-050-60"),
    ),
)  # fmt: skip

CAST = (
    # paid, delivered, nothing odd
    _one(OrderPlan(_ago(12), _S.DELIVERED), OrderPlan(_ago(74), _S.CLOSED), OrderPlan(_ago(135), _S.CLOSED)),
    # paid in two parts
    _one(OrderPlan(_ago(4), _S.SHIPPED, payments=2)),
    _one(OrderPlan(_ago(21), _S.DELIVERED, payments=2, refunds=(RefundPlan(0.5, "damaged"),))),
    # refunds: two parts, all of it, made elsewhere, came back, not there yet
    _one(
        OrderPlan(
            _ago(26),
            _S.DELIVERED,
            refunds=(RefundPlan(0.25, "damaged"), RefundPlan(0.2, "goodwill")),
        )
    ),
    _one(OrderPlan(_ago(9), _S.CANCELED, refunds=(RefundPlan(1, "cancelled_before_ship"),))),
    _one(OrderPlan(_ago(15), _S.DELIVERED, refunds=(RefundPlan(0.4, ELSEWHERE),))),
    _one(OrderPlan(_ago(8), _S.DELIVERED, refunds=(RefundPlan(1, "never_arrived", RefundStatus.FAILED),))),
    _one(
        OrderPlan(_ago(5), _S.SHIPPED, refunds=(RefundPlan(0.3, "price_adjustment", RefundStatus.PENDING),))
    ),
    # disputes: open, won, lost, and one that is only asked about
    _one(OrderPlan(_ago(31), _S.DELIVERED, dispute="needs_response"), OrderPlan(_ago(95), _S.CLOSED)),
    _one(OrderPlan(_ago(140), _S.CLOSED, dispute="won")),
    _one(OrderPlan(_ago(190), _S.CLOSED, dispute="lost")),
    _one(OrderPlan(_ago(19), _S.DELIVERED, dispute="warning_needs_response")),
    # banners that people raised: on an order, on a customer and so on all of their orders
    _one(
        OrderPlan(
            _ago(hours=26),
            _S.READY,
            banner=BannerPlan("undeliverable_address", "The carrier knows no such house number"),
        )
    ),
    CustomerPlan(
        (OrderPlan(_ago(hours=44), _S.SUBMITTED), OrderPlan(_ago(66), _S.CLOSED)),
        banner=BannerPlan(
            "do_not_ship", "They are abroad until the spring and asked us to wait", "Lee Okafor"
        ),
    ),
    CustomerPlan(
        (OrderPlan(_ago(hours=52), _S.AWAITING_RX),),
        banner=BannerPlan("minor", "Their father called: he answered the questionnaire for them"),
    ),
    # a payment that no order claims
    CustomerPlan((OrderPlan(_ago(60), _S.CLOSED),), unclaimed=_ago(hours=7)),
    # other currencies: no decimals, three decimals
    _one(OrderPlan(_ago(6), _S.SHIPPED, currency="jpy"), name="佐藤 陽菜"),
    _one(
        OrderPlan(_ago(18), _S.DELIVERED, currency="jpy", refunds=(RefundPlan(0.5, "wrong_item"),)),
        name="Kenji Watanabe",
    ),
    _one(OrderPlan(_ago(7), _S.SHIPPED, currency="kwd"), name="Noor Al-Sabah"),
    _one(
        OrderPlan(_ago(40), _S.CLOSED, currency="kwd", refunds=(RefundPlan(0.3, "goodwill"),)),
        name="Yousef Al-Mutairi",
    ),
    # cards whose refunds fail, and cards whose refunds take their time
    *(_one(OrderPlan(_ago(days), _S.SHIPPED, method="pm_card_refundFail")) for days in (3, 5, 7)),
    *(_one(OrderPlan(_ago(days), _S.SHIPPED, method="pm_card_pendingRefund")) for days in (4, 6, 8)),
    # every place an order can be in before it arrives, and where it can end up instead
    _one(OrderPlan(_ago(hours=30), _S.DRAFT)),
    _one(OrderPlan(_ago(hours=80), _S.AWAITING_VISIT)),
    _one(OrderPlan(_ago(hours=9), _S.IN_REVIEW)),
    _one(OrderPlan(_ago(hours=31), _S.AWAITING_RX)),
    _one(OrderPlan(_ago(hours=70), _S.AWAITING_PAYMENT)),
    _one(OrderPlan(_ago(hours=20), _S.READY)),
    _one(OrderPlan(_ago(hours=32), _S.SUBMITTED)),
    _one(OrderPlan(_ago(3), _S.AT_PHARMACY)),
    _one(OrderPlan(_ago(4), _S.ON_HOLD)),
    _one(OrderPlan(_ago(2), _S.MANUAL_INTERVENTION)),
    _one(OrderPlan(_ago(25), _S.RETURNED)),
    _one(OrderPlan(_ago(11), _S.REJECTED)),
    _one(OrderPlan(_ago(2), _S.CANCELED, payments=0)),
    _one(OrderPlan(_ago(5), _S.SHIPPED, free=True)),
    # people: nobody to write to, never bought, two of one name, names that break narrow columns
    CustomerPlan((OrderPlan(_ago(44), _S.CLOSED),), reachable=False),
    CustomerPlan(name="Priya Raman"),
    _one(OrderPlan(_ago(16), _S.DELIVERED), name="Maria Garcia"),
    _one(OrderPlan(_ago(50), _S.CLOSED), name="Maria Garcia"),
    _one(OrderPlan(_ago(33), _S.DELIVERED), name="Zoë Nguyễn-O’Brien"),
    _one(
        OrderPlan(_ago(70), _S.CLOSED),
        name="Maximiliana Alexandrina Featherstonehaugh-Cholmondeley-Montgomery",
    ),
    *PLANTED,
)

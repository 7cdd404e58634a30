"""What the causes look at, each thing read once, and only when some cause asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import select

from ....db import db
from ....lib.zones import today_in
from ....models import (
    VISIT_TO_DECIDE,
    Customer,
    Fill,
    FillStatus,
    Order,
    OrderLine,
    OrderStatus,
    Prescription,
    PrescriptionRequest,
    PrescriptionStatus,
    Product,
    ProductKind,
    Provider,
    ProviderLicence,
    RequestKind,
    Shipment,
    ShipTo,
    Subscription,
    SubscriptionItem,
    Visit,
    VisitKind,
    VisitStatus,
)
from ....models.subscription import LIVE
from ... import pharmacies
from .._differs import Owners, owners

_O, _F, _S = OrderStatus, FillStatus, PrescriptionStatus
TROUBLED = (_F.TRIAGE, _F.EXCEPTION, _F.ERROR, _F.REJECTED, _F.CANCEL_DENIED)
FAILED = (_F.ERROR, _F.REJECTED)
ASKING = (_F.TRIAGE, _F.EXCEPTION)
GONE = (_O.SHIPPED, _O.DELIVERED, _O.CLOSED, _O.RETURNED, _O.CANCELED, _O.REJECTED)
# Nothing was prescribed by these, or nothing of them counts.
NO_PRESCRIPTION = (
    _S.DRAFT, _S.PENDING_SIGNATURE, _S.SUPERSEDED, _S.DISCONTINUED, _S.CANCELLED, _S.ENTERED_IN_ERROR, _S.UNKNOWN,
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What was read of an order already, by whoever asks: None of what was not."""

    lines: Sequence[OrderLine] | None = None
    fills: Sequence[Fill] | None = None
    parcels: Sequence[Shipment] | None = None


class Seen:
    """An order with all that it is filled from, or a prescription with the order that waits for it, if there is one."""

    def __init__(
        self,
        order: Order | None,
        prescription: Prescription | None,
        now: datetime,
        known: Known | None = None,
    ) -> None:
        assert order or prescription
        self.subject: Order | Prescription = prescription or order  # type: ignore[assignment]
        self.asked_about = prescription
        self.order = order or (self._waiting(prescription) if prescription else None)
        self.now = now
        self._known = known or Known()

    @property
    def customer_id(self) -> str:
        return self.subject.customer_id

    @cached_property
    def customer(self) -> Customer:
        return Customer.require(self.customer_id)

    @cached_property
    def ship_to(self) -> ShipTo | None:
        return self.order.ships_to if self.order else self.customer.ships_to

    @property
    def state(self) -> str:
        """Where it ships to; "" where nobody told."""
        return self.ship_to.state if self.ship_to else ""

    @cached_property
    def on(self) -> date:
        """Which day it is where the patient is (see `gates.day_of`)."""
        return today_in(self.state, self.now)

    @property
    def leaving(self) -> bool:
        """Has it yet to leave?"""
        return self.order is None or self.order.status not in GONE

    @property
    def ours(self) -> bool:
        """Was no pharmacy asked yet?"""
        return self.order is not None and self.leaving and not self.fills

    # ---------------------------------------------------------------- what was bought

    @cached_property
    def lines(self) -> Sequence[OrderLine]:
        all = self._known.lines
        if all is None:
            all = self.order.lines() if self.order else []
        return [line for line in all if self.asked_about is None or line.sku == self.asked_about.sku]

    @cached_property
    def products(self) -> Mapping[str, Product]:
        """Those of the order's lines, or of the prescription, by sku."""
        skus = {line.sku for line in self.lines} | ({self.asked_about.sku} if self.asked_about else set())
        found = db.session.scalars(select(Product).where(Product.sku.in_([sku for sku in skus if sku])))
        return {product.sku: product for product in found}

    @property
    def needing(self) -> Sequence[str]:
        """The skus of what needs a prescription."""
        return [sku for sku, product in self.products.items() if product.needs_prescription]

    @property
    def shipped(self) -> Sequence[str]:
        return [sku for sku, one in self.products.items() if one.kind != ProductKind.SERVICE]

    # ---------------------------------------------------------------- prescriptions

    @cached_property
    def prescribed(self) -> Sequence[Prescription]:
        """All of the customer's, the newest first; none where nothing needs any."""
        if not (self.asked_about or self.needing or self.fills):
            return []
        return Prescription.of_customer(self.customer_id)

    @cached_property
    def prescriptions(self) -> Sequence[Prescription]:
        """The one that is asked about; of an order, the one that each line is or would be filled from."""
        if self.asked_about:
            return [self.asked_about]
        from_fills = {fill.prescription_id for fill in self.fills}
        filled = [rx for rx in self.prescribed if rx.external_id in from_fills]
        skus = [sku for sku in self.needing if not any(rx.sku == sku for rx in filled)]
        return [*filled, *(rx for sku in skus if (rx := self.best(sku)))]

    def best(self, sku: str) -> Prescription | None:
        """The one from which a product would be filled: one that can be, before others, and then what lasts longest."""
        return max(
            (rx for rx in self.prescribed if rx.sku == sku and rx.status not in NO_PRESCRIPTION),
            key=lambda rx: (rx.status == _S.ACTIVE, rx.fills_left > 0, rx.expires_on or date.max, rx.id),
            default=None,
        )

    @cached_property
    def owned(self) -> Owners:
        return owners(self.prescriptions)

    @cached_property
    def prescribers(self) -> Mapping[str, tuple[Provider, ProviderLicence | None]]:
        """The prescriber of each, with their licence in the state that it ships to, by the prescriber's id."""
        ids = {rx.provider_id for rx in self.prescriptions if rx.provider_id}
        if not ids:
            return {}
        query = (
            select(Provider, ProviderLicence)
            .join(
                ProviderLicence,
                (ProviderLicence.provider_id == Provider.id) & (ProviderLicence.state == self.state),
                isouter=True,
            )
            .where(Provider.id.in_(ids))
        )
        return {provider.id: (provider, licence) for provider, licence in db.session.execute(query)}

    def prescriber(self) -> Provider | None:
        """Whom a question about it goes to first."""
        return next((one for one, _ in self.prescribers.values()), None)

    @cached_property
    def _requests(self) -> Sequence[PrescriptionRequest]:
        ids = [rx.id for rx in self.prescriptions]
        query = select(PrescriptionRequest).where(PrescriptionRequest.prescription_id.in_(ids))
        newest = query.order_by(PrescriptionRequest.created_at.desc(), PrescriptionRequest.id.desc())
        return db.session.scalars(newest).all() if ids else []

    def request(self, rx: Prescription, kind: RequestKind) -> PrescriptionRequest | None:
        """The last thing of its kind that the healthcare system was asked about a prescription."""
        return next((one for one in self._requests if (one.prescription_id, one.kind) == (rx.id, kind)), None)

    @cached_property
    def asked(self) -> Mapping[str, Visit]:
        """What a clinician was asked about it and has not decided, by its code."""
        open_ = (*VISIT_TO_DECIDE, VisitStatus.NEEDS_INFO)
        query = select(Visit).where(
            Visit.customer_id == self.customer_id, Visit.kind == VisitKind.RX_REQUEST, Visit.status.in_(open_)
        )
        mine = {rx.id for rx in self.prescriptions} | ({self.order.id} if self.order else set())
        return {
            visit.asks: visit
            for visit in db.session.scalars(query)
            if visit.asks and {visit.prescription_id, visit.order_id} & mine
        }

    # ---------------------------------------------------------------- pharmacies and parcels

    @cached_property
    def fills(self) -> Sequence[Fill]:
        """Those that count, the newest first."""
        all: Sequence[Fill]
        if self.order:
            all = Fill.of_order(self.order.id) if self._known.fills is None else self._known.fills
        else:
            assert self.asked_about
            all = Fill.of_prescription(self.asked_about.external_id)
        mine = self.asked_about.external_id if self.asked_about else None
        return [
            fill
            for fill in all
            if fill.status not in (_F.CANCELED, _F.WITHDRAWN) and mine in (None, fill.prescription_id)
        ]

    def troubled(self, *codes: str) -> Fill | None:
        """The fill that its pharmacy has that trouble with."""
        return next((one for one in self.fills if one.code in codes and one.status in TROUBLED), None)

    @cached_property
    def candidates(self) -> Sequence[pharmacies.Candidate]:
        return pharmacies.candidates(self.state, self.shipped, self.on) if self.state else []

    def elsewhere(self, fill: Fill) -> pharmacies.Candidate | None:
        """The first pharmacy other than its own that may and can make it up."""
        skus = {item["sku"] for item in fill.items}
        return next(
            (
                one
                for one in self.candidates
                if one.licensed and one.pharmacy.id != fill.pharmacy_id and not skus & set(one.lacking)
            ),
            None,
        )

    @cached_property
    def parcels(self) -> Sequence[Shipment]:
        if self._known.parcels is not None:
            return self._known.parcels
        return Shipment.of_order(self.order.id) if self.order else []

    # ---------------------------------------------------------------- renewals

    @cached_property
    def renewing(self) -> Mapping[str, tuple[Subscription, SubscriptionItem]]:
        """What the customer subscribes to of these products, by sku."""
        sku_of = {product.id: sku for sku, product in self.products.items()}
        query = (
            select(Subscription, SubscriptionItem)
            .join(SubscriptionItem, SubscriptionItem.subscription_id == Subscription.id)
            .where(
                Subscription.customer_id == self.customer_id,
                Subscription.status.in_(LIVE),
                SubscriptionItem.product_id.in_(sku_of),
            )
        )
        return {sku_of[item.product_id]: (one, item) for one, item in db.session.execute(query)}

    def _waiting(self, rx: Prescription) -> Order | None:
        """The order that is, or would be, filled from a prescription and has not left."""
        filled = select(Order).join(Fill, Fill.order_id == Order.id)
        filled = filled.where(Fill.prescription_id == rx.external_id, Order.status.not_in(GONE))
        bought = select(Order).join(OrderLine, OrderLine.order_id == Order.id)
        bought = bought.where(
            Order.customer_id == rx.customer_id, OrderLine.sku == rx.sku, Order.status.not_in(GONE)
        )
        for query in (filled, bought):
            if found := db.session.scalar(query.order_by(Order.placed_at.desc(), Order.id.desc()).limit(1)):
                return found
        return None

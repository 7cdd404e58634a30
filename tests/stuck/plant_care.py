"""What worlds of care are made of: visits, clinicians, prescriptions and what was asked about them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from opsconsole.models import (
    Customer,
    ExternalId,
    Fill,
    LicenceStatus,
    Order,
    OrderLine,
    OrderStatus,
    Prescription,
    PrescriptionRequest,
    Product,
    Provider,
    ProviderLicence,
    Renewal,
    ReviewFlag,
    StateRule,
    Subscription,
    SubscriptionItem,
    Visit,
    VisitAnswers,
)

if TYPE_CHECKING:
    from .plant import Plant

#: Served, with a clinician; served, without one; not served.
SERVED, NO_CLINICIAN, UNSERVED = "CA", "MT", "WY"


class CarePlant:
    """A part of Plant."""

    def day(self: Plant, **ahead: float) -> date:
        return self.ahead(**ahead).date()

    def product(self: Plant, **more: Any) -> Product:
        word = self.word()
        return Product(
            **{
                "sku": f"RX-{word}", "name": f"Product {word}", "kind": "prescription", "needs_prescription": True,
                "active": True, "form": "cream", "strength": "0.05 %", **more,
            }
        ).add()  # fmt: skip

    def line(self: Plant, order: Order, product: Product) -> OrderLine:
        return OrderLine(
            order_id=order.id, position=1, sku=product.sku, name=product.name, quantity=1, currency="usd", unit_price=6000,
            amount=6000,
        ).add()  # fmt: skip

    def ordered(
        self: Plant, product: Product, status: OrderStatus = OrderStatus.READY, since: datetime | None = None, **more: Any
    ) -> Order:  # fmt: skip
        """An order of a product, of a patient whom the healthcare system knows and who is served."""
        order = self.order(status, since, **{"customer": self.patient(), **more})
        self.line(order, product)
        return order

    def patient(self: Plant, state: str = SERVED) -> Customer:
        self.clinic()
        ship_to = {
            "name": "Jo Field", "line1": "1 Main Street", "line2": "", "city": "Somewhere", "state": state, "zip": "90001",
            "country": "US",
        }  # fmt: skip
        one = self.customer(ship_to=ship_to, ship_to_fetched_at=self.now)
        ExternalId(
            customer_id=one.id, system="healthcare", external_id=f"pat-{self.word()}", as_of=self.now
        ).add()
        return one

    def clinic(self: Plant) -> Provider:
        """The clinician of SERVED, and the rules of both served states: once in a database."""
        if StateRule.of(SERVED, self.now.date()) is None:
            for state in (SERVED, NO_CLINICIAN):
                self.state_rule(state)
            self.provider(SERVED)
        return self.provider_in(SERVED)

    def state_rule(self: Plant, state: str) -> StateRule:
        return StateRule(
            state=state, modality="async_photo", min_age=18, id_check=False, prescription_days=365,
            effective_from=self.day(days=-400), effective_to=None, source="a test", signed_off_by="a test",
        ).add()  # fmt: skip

    def provider(self: Plant, state: str) -> Provider:
        number = f"{abs(hash(self.word())) % 10**10:010}"
        one = Provider(
            name=f"Dr {self.word()}",
            npi=number,
            credential="MD",
            active=True,
            external_id=f"prac-{self.word()}",
        ).add()
        ProviderLicence(
            provider_id=one.id, state=state, number=self.word(), status=LicenceStatus.ACTIVE
        ).add()
        return one

    def provider_in(self: Plant, state: str) -> Provider:
        from opsconsole.services import visits

        return visits.licensed_providers(state, self.now)[0]

    def visit(
        self: Plant, status: str, since: datetime, *, order: Order | None = None, customer: Customer | None = None,
        **more: Any,
    ) -> Visit:  # fmt: skip
        whose = order.customer_id if order else (customer or self.patient()).id
        return Visit(
            **{
                "status": status, "status_since": since, "created_at": since, "kind": "initial", "customer_id": whose,
                "order_id": order.id if order else None, "patient_state": SERVED, "external_id": f"enc-{self.word()}",
                **more,
            }
        ).add()  # fmt: skip

    def answers(self: Plant, visit: Visit, status: str, at: datetime) -> VisitAnswers:
        one = VisitAnswers(
            visit_id=visit.id, customer_id=visit.customer_id, external_id=f"qr-{self.word()}", status=status,
            authored_at=at, fetched_at=at, created_at=at,
        )  # fmt: skip
        one.told = "{}"
        return one.add()

    def flag(self: Plant, customer_id: str, since: datetime, **more: Any) -> ReviewFlag:
        return ReviewFlag(
            **{
                "status": "open", "status_since": since, "created_at": since, "kind": "allergy", "severity": "high",
                "effect": "block", "customer_id": customer_id, "source": f"rule:{self.word()}", **more,
            }
        ).add()  # fmt: skip

    def rx(
        self: Plant, customer_id: str, product: Product | None, status: str = "active", **more: Any
    ) -> Prescription:
        """One that was signed forty days ago and lasts."""
        since = more.pop("since", self.ago(days=40))
        return Prescription(
            **{
                "status": status, "status_since": since, "created_at": since, "customer_id": customer_id,
                "external_id": f"rx-{self.word()}", "sku": product.sku if product else None, "keys": [], "drug": "a test",
                "refills_authorised": 3, "fills_used": 0, "written_on": since.date(), "expires_on": self.day(days=300),
                "provider_id": self.provider_in(SERVED).id, "source_updated_at": since, **more,
            }
        ).add()  # fmt: skip

    def asked(
        self: Plant, rx: Prescription, kind: str, status: str, since: datetime, **more: Any
    ) -> PrescriptionRequest:
        """What the healthcare system was asked about a prescription."""
        return PrescriptionRequest(
            **{
                "status": status, "status_since": since, "created_at": since, "kind": kind, "customer_id": rx.customer_id,
                "prescription_id": rx.id, "prescription_external_id": rx.external_id, "sku": rx.sku,
                "external_id": f"task-{self.word()}", "says": "a test", "by": "a test", "by_id": "test",
                "trace_id": "trc_test", **more,
            }
        ).add()  # fmt: skip

    def prescribed(
        self: Plant,
        status: OrderStatus = OrderStatus.SUBMITTED,
        since: datetime | None = None,
        /,
        **more: Any,
    ) -> tuple[Order, Prescription]:
        """An order, standing so since then, with the prescription that it is filled from."""
        product = self.product()
        order = self.ordered(product, status, since)
        return order, self.rx(order.customer_id, product, **more)

    def trouble(
        self: Plant, code: str, since: datetime, *, status: str = "exception", **more: Any
    ) -> tuple[Order, Fill]:
        """An order whose pharmacy has some trouble with its fill."""
        order, rx = self.prescribed(OrderStatus.AT_PHARMACY, since)
        fill = self.fill(order, status, since, code=code, prescription_id=rx.external_id, **more)
        return order, fill

    def renewal(self: Plant, rx: Prescription, status: str, due_on: date | None, **more: Any) -> Renewal:
        since = more.pop("since", self.ago(days=30))
        return Renewal(
            **{
                "status": status, "status_since": since, "created_at": since, "prescription_id": rx.id,
                "customer_id": rx.customer_id, "because": "expiring", "due_on": due_on, "messages": [], "by": "a test",
                "trace_id": "trc_test", **more,
            }
        ).add()  # fmt: skip

    def subscribed(self: Plant, customer_id: str, product: Product, charge: datetime) -> Subscription:
        began = self.ago(days=60)
        one = Subscription(
            status="active", status_since=began, created_at=began, customer_id=customer_id,
            external_id=f"sub_{self.word()}", external_customer="cus_test", effective="active", currency="usd",
            started_at=began, anchor_at=began, next_charge_at=charge, fetched_at=self.now,
        ).add()  # fmt: skip
        SubscriptionItem(
            subscription_id=one.id, external_id=f"si_{self.word()}", price_key=f"price_{self.word()}", product_id=product.id,
            quantity=1, currency="usd", amount=6000, interval="month", interval_count=2, period_start=began,
            period_end=began + timedelta(days=60),
        ).add()  # fmt: skip
        return one

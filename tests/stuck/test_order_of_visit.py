"""Whose order waits for a visit that is to put a prescription right."""

from __future__ import annotations

from opsconsole.db import now
from opsconsole.models import Customer
from opsconsole.services import stuck, transaction

from ..house import House
from .plant import Plant


def test_each_visit_finds_the_order_of_its_own_prescription(house: House) -> None:
    with house.app.app_context(), transaction():
        plant = Plant(now())
        orders = []
        for _ in range(2):
            order, rx = plant.prescribed()
            asks = {"kind": "rx_request", "prescription_id": rx.id, "asks": "expired"}
            plant.visit("submitted", plant.ago(hours=5), customer=Customer.require(order.customer_id), **asks)
            orders.append(order.id)
        found = stuck.candidates(stuck.Scope(plant.now))
        for order_id in orders:
            assert "CLI.UNASSIGNED" in {one.rule.code for one in found[order_id]}

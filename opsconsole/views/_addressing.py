"""Addresses as doors read them, and what orders' pages and programs are told of the check of one."""

from __future__ import annotations

from typing import Any

from wtforms import Form, StringField
from wtforms.validators import AnyOf, Optional, Regexp

from ..lib.refusal import Invalid
from ..models import STATES, AddressVerdict, Order, ShipTo
from ..services import gates as gates  # it tells whose licence lacks where an address is in another state
from ..services import orders, sight
from ._browser import at
from ._fields import required, text
from ._listing import Acts, act_on
from ._masking import told as told_pii
from ._who import actor


class ShipToForm(Form):
    """An address in the United States. All of it may be left out."""

    name = StringField("Name", text(200, needed=True))
    line1 = StringField("Street", text(100, needed=True), description="Or the number of a PO box.")
    line2 = StringField("Flat, unit, floor", text(100))
    city = StringField("City", text(100, needed=True))
    state = StringField(
        "State", [*required(), AnyOf(sorted(STATES), "Two capital letters of a state or territory, like CA.")]
    )
    zip = StringField(
        "ZIP", [*required(), Regexp(r"^[0-9]{5}(-?[0-9]{4})?\Z", message="Five digits, or nine.")]
    )
    country = StringField(
        "Country", [Optional(), AnyOf(["US"], "We ship within the United States only: US.")], default="US"
    )

    @property
    def given(self) -> bool:
        return any(field.raw_data for field in self)

    def validate(self, extra_validators: Any = None) -> bool:
        return not self.given or super().validate(extra_validators)

    @property
    def address(self) -> ShipTo | None:
        if not self.given:
            return None
        told = {field.short_name: field.data or "" for field in self}
        digits = told["zip"].replace("-", "")
        told["zip"] = f"{digits[:5]}-{digits[5:]}" if digits[5:] else digits
        return ShipTo(**told | {"country": told["country"] or "US"})


def address_of(form: ShipToForm) -> ShipTo:
    """The address that an act needs. Raises Invalid when none was given."""
    if form.address is None:
        raise Invalid({"ship_to": ["Write where it shall go: name, street, city, state and ZIP."]})
    return form.address


def prefill(form: ShipToForm, order: Order) -> None:
    """Put into the form how the post writes the order's address, for who may see it."""
    if (posted := order.as_posted) and not sight.hides(order, "ship_to", to=actor()):
        form.process(data=posted.as_json)


def address_acts(order: Order) -> Acts:
    """What can be done about an address that is not known to be good; nothing about one that is."""
    if order.ship_to is None or order.address_verdict not in (
        AddressVerdict.UNCHECKED,
        AddressVerdict.UNVERIFIABLE,
    ):
        return []
    check, accept = f"{order.url}/check_address", f"{order.url}/accept_address"
    return [
        act_on(order, "orders.check_address", check, "Check address", why_not=orders.why_not_check(order)),
        act_on(
            order, "orders.accept_address", accept, "Accept address", why_not=orders.why_not_accept(order)
        ),
    ]


def told_address(order: Order) -> dict[str, Any]:
    """What became of checking where it ships, for programs."""
    told = told_pii(order, "address_found", "address_says")
    return {
        "verdict": order.address_verdict,
        "found": told["address_found"],
        "says": told["address_says"],
        "by": order.address_by,
        "at": at(order.address_at),
    }

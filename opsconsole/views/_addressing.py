"""Where an order ships, as forms ask for it."""

from __future__ import annotations

from typing import Any

from wtforms import Form, StringField
from wtforms.validators import AnyOf, Optional, Regexp

from ..models import STATES, ShipTo
from ._fields import required, text


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

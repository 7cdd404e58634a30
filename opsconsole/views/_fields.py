"""Form fields that the console adds to WTForms'. Each knows how a JSON value must look for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    Field,
    Form,
    MultipleFileField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms import SelectChoice as SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import DateTimeLocalInput, TextInput

from ..lib.money import Money, NotMoney


class MoneyField(StringField):
    """An amount as text, "10.00", in the currency of its form (`form.currency`). `.minor` is its minor units."""

    minor: int | None = None

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        try:
            self.minor = Money.parse(self.data, _currency(form)).minor
        except NotMoney as error:
            raise ValidationError(str(error)) from None


def _currency(form: Any) -> str:
    currency = getattr(form, "currency", "usd")
    return (currency.data if isinstance(currency, Field) else currency) or "usd"


class MappingField(Field):
    """{name: text}: an object in JSON; in a page's form, fields named "<field>.<name>"."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist and isinstance(valuelist[0], dict) else {}

    def process_data(self, value: Any) -> None:
        self.data = value if isinstance(value, dict) else {}

    def pre_validate(self, form: Any) -> None:
        for name, value in (self.data or {}).items():
            if not 0 < len(name) <= 40 or not isinstance(value, str) or not 0 < len(value) <= 255:
                raise ValidationError("Names have at most 40 characters, texts between 1 and 255.")


class InstantField(StringField):
    """A moment: ISO 8601 with its zone from programs; from people what a date and time control sends, in UTC. `.instant`
    is it, or None."""

    widget = DateTimeLocalInput()
    instant: datetime | None = None

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            return
        zoned = self.data if self.data.endswith("Z") or "+" in self.data else f"{self.data}+00:00"
        self.instant = instant(zoned)
        if self.instant is None:
            raise ValidationError("Write a moment like 2026-11-21T14:00.")


class Words(SelectMultipleField):
    """A list of texts in JSON; in a page's form one line of text, with commas between."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = [word.strip() for value in valuelist for word in value.split(",") if word.strip()]

    def pre_validate(self, form: Any) -> None:
        """Any words: the act says which it knows."""

    def _value(self) -> str:
        return ", ".join(self.data or ())


class FilesField(MultipleFileField):
    """Ids of files that are there already (`ids`), and files that come with the form (`sent`), under one name."""

    ids: list[str]
    sent: list[FileStorage]

    def process_data(self, value: Any) -> None:
        self.data, self.ids, self.sent = [], [], []

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.ids = [one for one in valuelist if isinstance(one, str) and one]
        self.sent = [one for one in valuelist if isinstance(one, FileStorage) and one.filename]
        self.data = [*self.ids, *self.sent]


class TrueUnlessSaid(BooleanField):
    """True or false; true when it is not sent."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = not valuelist or valuelist[0] not in self.false_values


def required(words: str = "This is needed.") -> list[Any]:
    return [InputRequired(words)]


def text(most: int, *, needed: bool = False) -> list[Any]:
    """Validators of a text of at most `most` characters."""
    first = InputRequired("This is needed.") if needed else Optional()
    return [first, Length(max=most, message=f"At most {most} characters.")]


def instant(text: str) -> datetime | None:
    """An aware instant, or None."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo and 1970 < read.year < 9999 else None


class Reason(Form):
    """Why somebody does what they do."""

    reason = StringField("Why", text(500, needed=True))

"""Reading what was sent, as JSON or from a page's form, strictly: an unknown field is an error, not a guess."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnsupportedMediaType
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FileField,
    Form,
    FormField,
    IntegerField,
    SelectMultipleField,
)

from ..lib.cards import holds_card_number
from ..lib.refusal import Invalid
from ._fields import FilesField, MappingField
from ._who import by_token

F = TypeVar("F", bound=Form)
PROOF = ("proof_code", "proof_passkey", "proof_password")  # who asks, proven anew: no input of an act
PAGE_ONLY = {
    "csrf_token",
    "idempotency_key",
    "expect",
    *PROOF,
}  # what a page's form carries besides its fields
_UNSTORABLE = "Contains characters that cannot be stored."
_CARD = "This looks like the number of a payment card. Card numbers are never kept here: take it out."
# Texts that are somebody's key for a thing: digits are meant there, and one in ten of them fits Luhn's sum.
_KEYS = (
    "reference", "customer", "payment", "external_id", "key", "sku", "hash", "line", "phone", "password", "code",
    "tracking_code", "tracking_number", "number", "photos",
)  # fmt: skip
DEEPEST, MOST_VALUES, LONGEST_NUMBER = 20, 10_000, 15  # of JSON: levels, values in all, digits


def wants_json() -> bool:
    """Programs get JSON: those with a token, and whoever prefers it."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return by_token() or best == "application/json" or request.is_json


def read(form: type[F], filled: Mapping[str, str] | None = None) -> F:
    """The request's input as a form, not yet validated; `filled` counts where nothing was sent. Raises Invalid for what
    cannot be such a form."""
    data = _sent_to(form)
    for name, value in (filled or {}).items():
        if name not in data:
            data.add(name, value)
    return form(data)


def _sent_to(form: type[Form]) -> MultiDict[str, Any]:
    if request.method == "GET":
        known = form()
        return MultiDict(
            [
                (name, value)
                for name, value in request.args.items(multi=True)
                if (name in known or name.partition("-")[0] in known) and _storable(value)
            ]
        )
    if request.is_json:
        return _without_cards(_from_json(form(), _json_object()))
    if request.form or request.files or not request.get_data(cache=True):
        return _without_cards(_from_page(form()))
    raise UnsupportedMediaType("Send application/json, or a form.")


def sent() -> Any:
    """What was sent, for the digest that goes with an idempotency key."""
    if request.is_json:
        return _json_object()
    files = [(k, hashlib.sha256(one.read()).hexdigest()) for k, one in request.files.items(multi=True)]
    for one in request.files.values():
        one.seek(0)
    return sorted(
        (k, v)
        for k, v in [*request.form.items(multi=True), *files]
        if k not in ("csrf_token", "idempotency_key", *PROOF)
    )


def _json_object() -> dict[str, Any]:
    try:
        body = json.loads(
            request.get_data(cache=True) or b"{}",
            parse_constant=_no_constants,
            parse_int=_number,
            object_pairs_hook=_each_once,
        )
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, _Unfit) else "This is not JSON."
        raise Invalid({"body": [said]}) from None
    if not isinstance(body, dict):
        raise Invalid({"body": ["Send a JSON object."]})
    _not_too_deep(body)
    return body


class _Unfit(ValueError):
    """JSON by the letter, and nothing that anybody means."""


def _no_constants(name: str) -> Any:
    raise ValueError(name)


def _number(digits: str) -> int:
    if len(digits.lstrip("-")) > LONGEST_NUMBER:
        raise _Unfit(f"A number has at most {LONGEST_NUMBER} digits.")
    return int(digits)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Programs disagree about which of two fields with one name counts: so none does."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Unfit("A field is there twice.")
    return found


def _not_too_deep(body: Any) -> None:
    level, seen = [body], 0
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]
        seen += len(level)
        if not level or seen > MOST_VALUES:
            break
    if level:
        raise Invalid({"body": [f"At most {DEEPEST} levels and {MOST_VALUES} values can be sent at once."]})


def _without_cards(data: MultiDict[str, Any]) -> MultiDict[str, Any]:
    """PCI DSS 3.2: no card number gets in, whoever pastes it into whichever text."""
    found = {
        name: [_CARD]
        for name, value in data.items(multi=True)
        if isinstance(value, str) and name.rpartition("-")[2] not in _KEYS and holds_card_number(value)
    }
    if found:
        raise Invalid(found)
    return data


def _from_page(form: Form) -> MultiDict[str, Any]:
    data: MultiDict[str, Any] = MultiDict()
    mappings: dict[str, dict[str, str]] = {}
    strange = {}
    for name, value in request.form.items(multi=True):
        if not _storable(value):
            raise Invalid({name: [_UNSTORABLE]})
        head, _, tail = name.partition(".")
        if tail and isinstance(form._fields.get(head), MappingField):
            if value:
                mappings.setdefault(head, {})[tail] = value
        elif name in form or name.partition("-")[0] in form:
            data.add(name, value)
        elif name not in PAGE_ONLY:
            strange[name] = ["There is no such field."]
    for name, file in request.files.items(multi=True):
        if isinstance(form._fields.get(name), FileField):
            data.add(name, file)
        else:
            strange[name] = ["There is no such field."]
    if strange:
        raise Invalid(strange)
    for name, mapping in mappings.items():
        data.add(name, mapping)
    return data


def _from_json(form: Form, body: dict[str, Any], prefix: str = "") -> MultiDict[str, Any]:
    errors: dict[str, list[str]] = {}
    data: MultiDict[str, Any] = MultiDict()
    for name, value in body.items():
        field = form._fields.get(name)
        if field is None:
            errors[prefix + name] = ["There is no such field."]
        elif value is not None:
            _put(data, field, prefix + name, value, errors)
    if errors:
        raise Invalid(errors)
    return data


def _put(
    data: MultiDict[str, Any], field: Field, name: str, value: Any, errors: dict[str, list[str]]
) -> None:
    if isinstance(field, FieldList):
        if not isinstance(value, list):
            errors[name] = ["Send a list."]
            return
        for index, item in enumerate(value[: (field.max_entries or 500) + 1]):
            _put(data, sample(field), f"{name}-{index}", item, errors)
    elif isinstance(field, FormField):
        if not isinstance(value, dict):
            errors[name] = ["Send an object."]
            return
        entry = _from_json(field.form_class(), value, f"{name}-")
        if not entry:  # it would vanish unnoticed
            errors[name] = ["Send an object that is not empty."]
        data.update(entry)
    elif isinstance(field, MappingField):
        if not isinstance(value, dict) or not all(_storable(k) and _storable(v) for k, v in value.items()):
            errors[name] = ["Send an object of texts."]
            return
        data.add(name, value)
    elif isinstance(field, SelectMultipleField | FilesField):
        if not isinstance(value, list) or not all(_storable(one) for one in value):
            errors[name] = ["Send a list of texts."]
            return
        for one in value:
            data.add(name, one)
    elif isinstance(field, BooleanField):
        if not isinstance(value, bool):
            errors[name] = ["Send true or false."]
        else:
            data.add(name, "y" if value else "false")
    elif isinstance(field, IntegerField):
        if not isinstance(value, int) or isinstance(value, bool):
            errors[name] = ["Send a whole number."]
        else:
            data.add(name, str(value))
    elif not isinstance(value, str):
        errors[name] = ["Send a text."]
    elif not _storable(value):
        errors[name] = [_UNSTORABLE]
    else:
        data.add(name, value)


def every_field(form: Any) -> Iterator[Field]:
    """The form's fields and those of its rows: "lines", "lines-0-amount"."""
    for field in form:
        yield field
        if isinstance(field, FieldList | FormField):
            yield from every_field(field)


def sample(field: Any) -> Any:
    """What one entry of a list field looks like."""
    return field.unbound_field.bind(form=None, name="entry", prefix="", _meta=field.meta)


def _storable(value: Any) -> bool:
    """No NUL, which PostgreSQL cannot keep, and no lone surrogates, which are no text."""
    if not isinstance(value, str) or "\x00" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True

"""The doors of what a diagnosis offers: where an act is done, with what of its form is known, shown beside the cause."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app
from wtforms import Field, FieldList, Form, FormField

from ..models import REGISTRY, Order
from ..services import ACTS, sight
from ..services.prescriptions import Offer
from ._who import actor

CHOOSING = ("code", "choice", "answers")  # what chooses an offer, and is none of the act's own fields


@cache
def _doors(app: Flask) -> dict[str, list[tuple[str, str, Any]]]:
    """Every act's doors that need nothing but a subject: (URL rule, its argument, view)."""
    found: dict[str, list[tuple[str, str, Any]]] = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if (act := getattr(view, "act", None)) and len(rule.arguments) == 1:
            [name] = rule.arguments
            found.setdefault(act.name, []).append((rule.rule, name, view))
    return found


def has_door(offer: Offer) -> bool:
    return offer.act in _doors(current_app._get_current_object())  # type: ignore[attr-defined]


def door(act: str, subject_id: str) -> tuple[str, Any, dict[str, str]]:
    """Where an act on a thing is done: its URL, its view, and the view's arguments."""
    noun = REGISTRY[subject_id.partition("_")[0]].noun().replace(" ", "_") + "_id"
    doors = _doors(current_app._get_current_object())[ACTS[act].name]  # type: ignore[attr-defined]
    rule, name, view = next((one for one in doors if one[1] == noun), doors[0])
    return rule.replace(f"<{name}>", subject_id), view, {name: subject_id}


def own_page(offer: Offer) -> str:
    """The act's own page, with what is known filled in."""
    url, _, _ = door(offer.act, offer.subject)
    return f"{url}?{urlencode(offer.fields)}" if offer.fields else url


def as_it_is(form: Form, order: Order) -> None:
    """The address that is to be corrected, for who may see it."""
    if order.ships_to and not sight.hides(order, "ship_to", to=actor()):
        form.process(data=order.ships_to.as_json)


def controls(form: Form) -> Iterator[Field]:
    """What of the act's form somebody fills in: of an inner form each field; rows are what the diagnosis filled in."""
    for field in form:
        if field.name in CHOOSING or isinstance(field, FieldList):
            continue
        if isinstance(field, FormField):
            yield from (one for one in field.form if one.short_name != "country")
        else:
            yield field

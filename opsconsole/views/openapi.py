"""/openapi.json: the JSON interface, described from the routes and the forms that the pages use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule
from wtforms import BooleanField, Field, FieldList, Form, FormField, IntegerField, SelectMultipleField

from ..services import AT_ONCE, Listing
from ._fields import FilesField, MappingField, MoneyField
from ._reading import sample
from ._who import public
from .watch import local_or_token

pages = Blueprint("openapi", __name__)
JSON = "application/json"
_PAGES_ONLY = {
    "home.styleguide",
    "sessions.sign_in",
    "sessions.sign_out",
    "sessions.oidc",
    "sessions.oidc_back",
    "static",
    "home.show",
}
_STATE = {"type": "object"}
_SCHEMAS: dict[str, Any] = {
    "Money": {
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {
            "amount": {"type": "string", "examples": ["10.00"]},
            "currency": {"type": "string", "examples": ["usd"]},
        },
    },
    "Noun": {
        "type": "object",
        "required": ["id", "url", "acts"],
        "properties": {
            "id": {"type": "string"}, "url": {"type": "string"}, "status": {"type": "string"}, "final": {"type": "boolean"},
            "acts": {"type": "array", "items": {"$ref": "#/components/schemas/Act"}},
        },
    },
    "Act": {
        "type": "object",
        "required": ["act", "url", "allowed", "why_not"],
        "properties": {
            "act": {"type": "string"}, "url": {"type": "string"}, "allowed": {"type": "boolean"},
            "why_not": {"type": ["string", "null"]},
        },
    },
    "List": {
        "type": "object",
        "required": ["items", "next"],
        "properties": {"items": {"type": "array", "items": _STATE}, "next": {"type": ["string", "null"]}},
    },
    "Promised": {
        "type": "object",
        "properties": {
            "id": {"type": "string"}, "says": {"type": "string"}, "status": {"type": "string"},
            "due_at": {"type": "string", "format": "date-time"},
        },
    },
    "Answer": {
        "type": "object",
        "required": ["act", "subject", "status", "trace", "promises", "undo_until", "undo"],
        "properties": {
            "act": {"type": "string"}, "subject": {"type": ["string", "null"]}, "status": {"type": ["string", "null"]},
            "trace": {"type": "string"}, "promises": {"type": "array", "items": {"$ref": "#/components/schemas/Promised"}},
            "undo_until": {"type": ["string", "null"], "format": "date-time"}, "undo": {"type": ["string", "null"]},
        },
    },
    "Preview": {
        "type": "object",
        "required": ["preview"],
        "properties": {"preview": {
            "type": "object",
            "required": ["act", "subject", "hash", "changes", "promises", "undo_for", "approval"],
            "properties": {
                "act": {"type": "string"}, "subject": {"type": ["string", "null"]}, "hash": {"type": "string"},
                "changes": {"type": "array", "items": _STATE}, "promises": {"type": "array", "items": _STATE},
                "undo_for": {"type": "integer"}, "approval": {"type": ["object", "null"]},
            },
        }},
    },
    "Refusal": {
        "type": "object",
        "required": ["refused"],
        "properties": {"refused": {
            "type": "object",
            "properties": {
                "code": {"type": "string"}, "message": {"type": "string"}, "field": {"type": ["string", "null"]},
            },
        }},
    },
    "Errors": {
        "type": "object",
        "required": ["errors"],
        "properties": {"errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}},
    },
}  # fmt: skip


@pages.get("/openapi.json")
@public
def describe() -> ResponseReturnValue:
    local_or_token()
    paths: dict[str, Any] = {}
    doors: set[str] = set()
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule):
        own = getattr(current_app.view_functions[rule.endpoint], "permission", "") == "own"
        if own or rule.endpoint in _PAGES_ONLY:  # a program has no account of its own
            continue
        where = paths.setdefault(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), {})
        view = current_app.view_functions[rule.endpoint]
        if hasattr(view, "act"):
            where["post"] = _act(rule, view)
            if (id := view.act.name) in doors:  # an act with another door: on an order as on a customer
                where["post"]["operationId"] = f"{id} {rule.rule}"
            doors.add(id)
        elif "GET" in (rule.methods or ()):
            where["get"] = _page(rule, view)
        else:
            where["post"] = _webhook(rule, view)
    return jsonify(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "OpsConsole",
                "version": "0.1.0",
                "description": "Refunds, orders, cases and their whole story.",
            },
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
                "schemas": _SCHEMAS,
            },
        }
    )


def _parameters(rule: Rule) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in sorted(rule.arguments)
    ]


def _answers(**codes: str) -> dict[str, Any]:
    return {
        code.lstrip("_"): {
            "description": schema,
            "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        }
        for code, schema in codes.items()
    }


def _page(rule: Rule, view: Any) -> dict[str, Any]:
    many = getattr(view, "listing", None) is not None
    told = {
        "summary": rule.endpoint,
        "operationId": rule.endpoint,
        "x-permission": view.permission,
        "parameters": _parameters(rule),
    }
    if many and view.listing:
        told["parameters"] += _of_list(view.listing)
    public_page = view.permission == "public"
    good = (
        {"200": {"description": "As text or JSON"}}
        if public_page
        else _answers(_200="List" if many else "Noun")
    )
    said = {"_422": "Errors"} if many else {}
    return told | {"responses": good | _answers(_401="Refusal", _403="Refusal", _404="Refusal", **said)}


def _of_list(listing: Listing[Any]) -> list[dict[str, Any]]:
    """The filters, sorts, ids and cursor of a list, as its noun declares them."""
    found = [
        _query(name, f"{one.help} Goes with {one.only_with}." if one.only_with else one.help, one.choices)
        for name, one in listing.filters.items()
    ]
    sorts = [way for name in listing.sorts for way in (name, f"-{name}")]
    return [
        *found,
        _query(
            "sort",
            f"A minus is descending; {listing.default} unless given. Amounts are in minor units.",
            sorts,
        ),
        _query("ids", f"These rows alone, at most {AT_ONCE}, with commas between."),
        _query("after", "The next of the page before; of the same sort."),
    ]


def _query(name: str, help: str, choices: Sequence[str] = ()) -> dict[str, Any]:
    schema = {"type": "string"} | ({"enum": [*choices]} if choices else {})
    return {"name": name, "in": "query", "description": help, "schema": schema}


def _act(rule: Rule, view: Any) -> dict[str, Any]:
    headers = [
        {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255}},
        {"name": "If-Match", "in": "header", "schema": {"type": "string"}, "description": "A preview's hash"},
        {"name": "preview", "in": "query", "schema": {"type": "string", "enum": ["1"]}},
    ]
    body = _object(view.form())
    return {
        "summary": (view.act.__doc__ or view.act.name).strip().split("\n")[0],
        "operationId": view.act.name,
        "x-permission": view.permission,
        "parameters": _parameters(rule) + headers,
        "requestBody": {"required": bool(body.get("required")), "content": {JSON: {"schema": body}}},
        "responses": _answers(
            _200="Preview",
            _201="Answer",
            _401="Refusal",
            _403="Refusal",
            _404="Refusal",
            _409="Refusal",
            _422="Errors",
        ),
    }


def _webhook(rule: Rule, view: Any) -> dict[str, Any]:
    return {
        "summary": (view.__doc__ or "").split("\n")[0],
        "operationId": rule.endpoint,
        "x-permission": view.permission,
        "security": [],
        "parameters": _parameters(rule),
        "requestBody": {"content": {JSON: {"schema": _STATE}}},
        "responses": {
            "200": {"description": "Recorded"},
            **_answers(_400="Refusal", _404="Refusal", _413="Refusal", _503="Refusal"),
        },
    }


def _object(form: Form) -> dict[str, Any]:
    needed = [name for name, field in form._fields.items() if field.flags.required]
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _value(field) for name, field in form._fields.items()},
    }
    return schema | ({"required": needed} if needed else {})


def _value(field: Field) -> dict[str, Any]:
    told = {"description": f"{field.label.text}. {field.description}".strip()}
    if isinstance(field, FieldList):
        entry = sample(field)
        return told | {
            "type": "array",
            "items": _object(entry.form_class()) if isinstance(entry, FormField) else {},
        }
    if isinstance(field, FormField):
        return told | _object(field.form_class())
    if isinstance(field, MappingField):
        return told | {"type": "object", "additionalProperties": {"type": "string"}}
    if isinstance(field, SelectMultipleField | FilesField):
        return told | {"type": "array", "items": {"type": "string"}}
    if isinstance(field, MoneyField):
        return told | {"type": "string", "examples": ["10.00"]}
    kinds = {BooleanField: "boolean", IntegerField: "integer"}
    kind = next((name for cls, name in kinds.items() if isinstance(field, cls)), "string")
    return told | {"type": kind}

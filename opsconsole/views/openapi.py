"""/openapi.json: the JSON interface, described from the routes and the forms that the pages use."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule
from wtforms import BooleanField, Field, FieldList, Form, FormField, IntegerField

from ._fields import MappingField, MoneyField
from ._reading import sample
from ._who import public
from .watch import local_or_token

pages = Blueprint("openapi", __name__)
JSON = "application/json"
_PAGES_ONLY = {
    "home.styleguide",
    "refunds.status",
    "messages.status",
    "sessions.sign_in",
    "sessions.sign_out",
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
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint in _PAGES_ONLY:
            continue
        where = paths.setdefault(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), {})
        view = current_app.view_functions[rule.endpoint]
        if hasattr(view, "act"):
            where["post"] = _act(rule, view)
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
    many = rule.endpoint.split(".")[-1].startswith("list")
    told = {
        "summary": rule.endpoint,
        "operationId": rule.endpoint,
        "x-permission": view.permission,
        "parameters": _parameters(rule),
    }
    if many:
        told["parameters"].append({"name": "after", "in": "query", "schema": {"type": "string"}})
    public_page = view.permission == "public"
    good = (
        {"200": {"description": "As text or JSON"}}
        if public_page
        else _answers(_200="List" if many else "Noun")
    )
    return told | {"responses": good | _answers(_401="Refusal", _403="Refusal", _404="Refusal")}


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
    if isinstance(field, MoneyField):
        return told | {"type": "string", "examples": ["10.00"]}
    kinds = {BooleanField: "boolean", IntegerField: "integer"}
    kind = next((name for cls, name in kinds.items() if isinstance(field, cls)), "string")
    return told | {"type": kind}

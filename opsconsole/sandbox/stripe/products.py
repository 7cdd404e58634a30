"""Products: what is sold. Create, retrieve, update, list, and delete while nothing was priced."""

from __future__ import annotations

from typing import Any

from ._errors import ApiError, Malformed
from ._form import Schema, boolean, list_of, merge_metadata, metadata, text
from ._routes import LIST, route
from ._turn import Facts, Turn, new_id, page, shape_of, show

TAKES: Schema = {
    "active": boolean(),
    "description": text(40000, clears=True),
    "images": list_of(text(), most=8),
    "metadata": metadata(),
    "name": text(),
    "shippable": boolean(),
    "statement_descriptor": text(22),
    "unit_label": text(12, clears=True),
    "url": text(clears=True),
}


@shape_of("product")
def product(facts: Facts) -> dict[str, Any]:
    return {
        "id": facts["id"],
        "object": "product",
        "active": facts.get("active", True),
        "created": facts["created"],
        "default_price": facts.get("default_price"),
        "description": facts.get("description"),
        "images": facts.get("images", []),
        "livemode": False,
        "marketing_features": [],
        "metadata": facts.get("metadata", {}),
        "name": facts["name"],
        "package_dimensions": None,
        "shippable": facts.get("shippable"),
        "statement_descriptor": facts.get("statement_descriptor"),
        "tax_code": None,
        "tax_details": None,
        "type": "service",
        "unit_label": facts.get("unit_label"),
        "updated": facts.get("updated", facts["created"]),
        "url": facts.get("url"),
    }


@shape_of("deleted_product")
def deleted_product(facts: Facts) -> dict[str, Any]:
    return {"id": facts["id"], "object": "product", "deleted": True}


@route("POST", "/products", {**TAKES, "id": text()}, needs=("name",))
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    values.pop("expand", None)
    id = values.pop("id", None) or new_id("prod", 14)
    if turn.find("product", id):
        raise Malformed(f"Product already exists: {id}", code="resource_already_exists", param="id")
    facts: Facts = {"id": id, "created": turn.created, **values}
    facts["metadata"] = merge_metadata({}, values.get("metadata", {}))
    turn.add("product", facts)
    turn.record("product", facts)
    turn.emit("product.created", "product", facts)
    return show("product", facts)


@route("GET", "/products/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    gone = turn.find("deleted_product", id)
    return show("deleted_product", gone) if gone else show("product", turn.need("product", id))


@route("POST", "/products/<id>", {**TAKES, "default_price": text()})
def update(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("product", id)
    before = show("product", facts)
    values.pop("expand", None)
    if "default_price" in values:
        price = turn.need("price", values["default_price"], "default_price")
        if price["product"] != id:
            raise ApiError(f"The price {price['id']} belongs to another product.", param="default_price")
    if "metadata" in values:
        values["metadata"] = merge_metadata(facts.get("metadata", {}), values["metadata"])
    facts.update(values)
    if show("product", facts) != before:
        facts["updated"] = turn.created
        turn.save("product", facts)
        turn.record("product.updated", facts)
        turn.emit("product.updated", "product", facts, before)
        if facts["name"] != before["name"]:
            from . import prices  # which are of products

            prices.rename(turn, facts)
    return show("product", facts)


@route("DELETE", "/products/<id>")
def delete(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = turn.need("product", id)
    if any(turn.all("price", type=id)):
        raise ApiError(
            "This product cannot be deleted because it has one or more user-created prices. Archive it instead."
        )
    turn.save("product", facts, as_kind="deleted_product")
    turn.record("product.deleted", facts)
    turn.emit("product.deleted", "product", facts)
    return show("deleted_product", facts)


@route(
    "GET",
    "/products",
    {**LIST, "active": boolean(), "ids": list_of(text()), "shippable": boolean(), "url": text()},
)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    conditions, arguments = ["1"], list[Any]()
    if "active" in values:
        conditions.append("coalesce(facts ->> 'active', 1) = ?")
        arguments.append(int(values["active"]))
    for name in ("shippable", "url"):
        if name in values:
            conditions.append(f"facts ->> '{name}' = ?")
            arguments.append(values[name])
    if "ids" in values:
        conditions.append(f"id IN ({', '.join('?' * len(values['ids']))})")
        arguments += values["ids"]
    return page(turn, "product", values, "/v1/products", also=(" AND ".join(conditions), tuple(arguments)))

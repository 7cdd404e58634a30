"""The lines of an invoice at the API: read page by page; added, changed and removed while it is a draft.

What a subscription bills can be worded anew, but not be billed otherwise: that is for the subscription to say.
"""

from __future__ import annotations

from typing import Any

from . import invoice_items
from ._errors import ApiError, Malformed, no_such
from ._form import Schema, hash_of, list_of, merge_metadata, metadata, one_of, text
from ._invoice_life import line_from, take_in
from ._invoice_lines import Line, shown
from ._routes import LIST, route
from ._turn import Facts, Turn, show
from .invoice_items import MONEY, WORDS, draft
from .invoices import saved

PAGED: Schema = {name: LIST[name] for name in ("limit", "starting_after", "ending_before")}
LINE: Schema = {**{name: MONEY[name] for name in MONEY if name != "unit_amount_decimal"}, **WORDS}
ABOUT: Schema = {"invoice_metadata": metadata()}


@route("GET", "/invoices/<invoice>/lines", PAGED)
def find(turn: Turn, values: dict[str, Any], invoice: str) -> dict[str, Any]:
    lines = turn.need("invoice", invoice)["lines"]
    return paged([shown(line) for line in lines], values, f"/v1/invoices/{invoice}/lines", "line_item")


def paged(items: list[dict[str, Any]], values: dict[str, Any], url: str, kind: str) -> dict[str, Any]:
    """A list object of what stands in another, in its order, cut by cursor and limit."""
    if "starting_after" in values and "ending_before" in values:
        raise Malformed("You may only specify one of these parameters: ending_before, starting_after.")
    places = {item["id"]: place for place, item in enumerate(items)}
    for cursor in ("starting_after", "ending_before"):
        if cursor in values and values[cursor] not in places:
            raise no_such(kind, values[cursor], cursor)
    limit = values.get("limit", 10)
    if "ending_before" in values:
        end = places[values["ending_before"]]
        start = max(0, end - limit)
        more = start > 0
    else:
        start = places[values["starting_after"]] + 1 if "starting_after" in values else 0
        end = start + limit
        more = end < len(items)
    return {"object": "list", "data": items[start:end], "has_more": more, "url": url}


ADDED = list_of(hash_of({**LINE, "invoice_item": text()}), most=250)
CHANGED = list_of(hash_of({**LINE, "id": text()}, needs=("id",)), most=250)
GONE = list_of(
    hash_of({"behavior": one_of("delete", "unassign"), "id": text()}, needs=("behavior", "id")), most=250
)


@route("POST", "/invoices/<id>/add_lines", {"lines": ADDED, **ABOUT}, needs=("lines",))
def add_lines(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    """New items, or pending ones that are in it from now on."""
    facts = draft(turn, id)
    holder = turn.need("customer", facts["customer"])
    before = show("invoice", facts)
    told = []
    for number, given in enumerate(values["lines"]):
        within = f"lines[{number}]"
        if "invoice_item" in given:
            item = _pending(turn, given.pop("invoice_item"), facts, within)
            invoice_items.change(turn, item, given, within)
            turn.save("invoiceitem", item)
        else:
            item = invoice_items.new(turn, given, holder, facts["currency"], within)
            turn.add("invoiceitem", item)
            told.append(item)
        take_in(turn, facts, [item])
    _about(facts, values)
    saved(turn, facts, before)
    for item in told:
        turn.record("invoiceitem", item)
        turn.emit("invoiceitem.created", "invoiceitem", item)
    return show("invoice", facts)


def _pending(turn: Turn, id: str, invoice: Facts, within: str) -> Facts:
    param = f"{within}[invoice_item]"
    item = turn.need("invoiceitem", id, param)
    if item.get("invoice"):
        raise ApiError(f"Invoice item {id} is on an invoice already.", param=param)
    if (item["customer"], item["currency"]) != (invoice["customer"], invoice["currency"]):
        raise ApiError(f"Invoice item {id} is another customer's or in another currency.", param=param)
    return item


@route("POST", "/invoices/<id>/update_lines", {"lines": CHANGED, **ABOUT}, needs=("lines",))
def update_lines(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = draft(turn, id)
    before = show("invoice", facts)
    for number, given in enumerate(values["lines"]):
        within = f"lines[{number}]"
        _change(turn, _line(facts, given.pop("id"), f"{within}[id]"), given, within)
    _about(facts, values)
    saved(turn, facts, before)
    return show("invoice", facts)


@route("POST", "/invoices/<invoice>/lines/<id>", LINE)
def update_line(turn: Turn, values: dict[str, Any], invoice: str, id: str) -> dict[str, Any]:
    facts = draft(turn, invoice)
    before = show("invoice", facts)
    values.pop("expand", None)
    line = _line(facts, id, None)
    _change(turn, line, values, "")
    saved(turn, facts, before)
    return shown(line)


def _line(invoice: Facts, id: str, param: str | None) -> Line:
    for line in invoice["lines"]:
        if line["id"] == id:
            return line
    raise no_such("line_item", id, param)


def _change(turn: Turn, line: Line, given: dict[str, Any], within: str) -> None:
    """A line and the item behind it. Raises ApiError for the money of what a subscription bills."""
    item = turn.find("invoiceitem", line["invoice_item"] or "")
    fixed = [name for name in (*MONEY, "period") if name in given]
    if fixed and (item is None or line["proration"]):
        raise ApiError(
            f"You cannot change {fixed[0]} of line {line['id']}: a subscription bills it.",
            param=invoice_items.at(within, fixed[0]),
        )
    if item is None:
        metadata_ = given.pop("metadata", line["metadata"])
        line["metadata"] = merge_metadata({}, metadata_)  # a subscription's line takes it as it is
        invoice_items.change(turn, line, given, within)
        return
    invoice_items.change(turn, item, given, within)
    turn.save("invoiceitem", item)
    line.update(line_from(item))


@route("POST", "/invoices/<id>/remove_lines", {"lines": GONE, **ABOUT}, needs=("lines",))
def remove_lines(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    facts = draft(turn, id)
    before = show("invoice", facts)
    for number, given in enumerate(values["lines"]):
        line = _line(facts, given["id"], f"lines[{number}][id]")
        item = turn.find("invoiceitem", line["invoice_item"] or "")
        if item is None:
            raise ApiError(
                f"You cannot remove line {line['id']}: a subscription bills it.", param=f"lines[{number}][id]"
            )
        facts["lines"].remove(line)
        item["invoice"] = None
        if given["behavior"] == "delete":
            invoice_items.forget(turn, item)
        else:
            turn.save("invoiceitem", item)
    _about(facts, values)
    saved(turn, facts, before)
    return show("invoice", facts)


def _about(facts: Facts, values: dict[str, Any]) -> None:
    if "invoice_metadata" in values:
        facts["metadata"] = merge_metadata(facts["metadata"], values["invoice_metadata"])

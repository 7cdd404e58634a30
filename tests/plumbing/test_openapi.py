"""/openapi.json is a valid description, and of everything a program may ask for."""

from __future__ import annotations

import re

from openapi_spec_validator import validate

from ..house import House

FOR_PEOPLE = {
    "/",
    "/sign-in",
    "/sign-out",
    "/styleguide",
    "/static/{filename}",
    "/sign-in/oidc",
    "/sign-in/oidc/back",
}


def test_the_description_is_valid_and_whole(house: House) -> None:
    described = house.api().get("/openapi.json")
    validate(described)
    routes = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in house.app.url_map.iter_rules()
        if getattr(house.app.view_functions[rule.endpoint], "permission", "") != "own"  # about oneself
    }
    assert set(described["paths"]) == routes - FOR_PEOPLE


def test_an_act_is_described_by_the_form_that_its_page_uses(house: House) -> None:
    issue = house.api().get("/openapi.json")["paths"]["/orders/{order_id}/refund"]["post"]
    body = issue["requestBody"]["content"]["application/json"]["schema"]
    assert {"amount", "reason", "note", "payment"} <= set(body["properties"]) and body[
        "additionalProperties"
    ] is False
    assert issue["operationId"] == issue["x-permission"] == "refunds.issue"
    assert {"200", "201", "401", "403", "404", "409", "422"} <= set(issue["responses"])

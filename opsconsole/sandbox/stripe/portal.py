"""The customer portal: a link by which a customer looks after cards and subscriptions alone, and what it lets them do.

Who has the link is the customer: it is made for one visit and ends minutes later if nobody comes
(https://docs.stripe.com/customer-management/integrate-customer-portal).
"""

from __future__ import annotations

from typing import Any

from ._errors import ApiError, Malformed, no_such
from ._form import Schema, hash_of, integer, list_of, one_of, text
from ._routes import LIST, route
from ._subscription import OVER
from ._turn import Facts, Turn, new_id, page, shape_of, show

SESSION, CONFIGURATION = "billing_portal.session", "billing_portal.configuration"
DEFAULT = "bpc_sandbox"
URL = "https://billing.stripe.com/p/session/test_"
#: Flows about a subscription, and those about the customer.
ABOUT_ONE = (
    "subscription_cancel",
    "subscription_pause",
    "subscription_update",
    "subscription_update_confirm",
)
FLOWS = ("customer_update", "payment_method_update", *ABOUT_ONE)
CANCEL_REASONS = ("too_expensive", "missing_features", "switched_service", "unused", "other")


@shape_of(CONFIGURATION)
def configuration(facts: Facts) -> dict[str, Any]:
    return {
        "id": facts["id"],
        "object": CONFIGURATION,
        "active": True,
        "application": None,
        "business_profile": {"headline": None, "privacy_policy_url": None, "terms_of_service_url": None},
        "created": facts["created"],
        "default_return_url": None,
        "features": {
            "customer_update": {"allowed_updates": ["email", "address", "phone"], "enabled": True},
            "invoice_history": {"enabled": True},
            "payment_method_update": {"enabled": True, "payment_method_configuration": None},
            "subscription_cancel": {
                "cancellation_reason": {
                    "enabled": True,
                    "feedback_options": None,
                    "options": list(CANCEL_REASONS),
                },
                "enabled": True,
                "mode": "at_period_end",
                "proration_behavior": "none",
            },
            "subscription_pause": {
                "duration": {"interval_options": [], "type": "indefinite"},
                "enabled": True,
            },
            "subscription_update": {
                "billing_cycle_anchor": "unchanged",
                "default_allowed_updates": ["price"],
                "enabled": True,
                "products": None,
                "proration_behavior": "create_prorations",
                "schedule_at_period_end": {"conditions": []},
                "trial_update_behavior": "continue_trial",
            },
        },
        "is_default": True,
        "livemode": False,
        "login_page": {"enabled": False, "url": None},
        "metadata": {},
        "name": None,
        "updated": facts["created"],
    }


@shape_of(SESSION)
def session(facts: Facts) -> dict[str, Any]:
    return {
        "id": facts["id"],
        "object": SESSION,
        "after_expiration": None,
        "configuration": facts["configuration"],
        "created": facts["created"],
        "customer": facts["customer"],
        "customer_account": None,
        "flow": facts["flow"],
        "livemode": False,
        "locale": facts.get("locale"),
        "on_behalf_of": None,
        "return_url": facts.get("return_url"),
        "url": f"{URL}{facts['secret']}",
    }


ONE: Schema = {"subscription": text()}
ITEM: Schema = {"id": text(), "price": text(), "quantity": integer(0)}
CONFIRM: Schema = {
    **ONE,
    "discounts": list_of(hash_of({"coupon": text(), "promotion_code": text()}), most=1),
    "items": list_of(hash_of(ITEM, needs=("id",)), most=1),
}
AFTER: Schema = {
    "hosted_confirmation": hash_of({"custom_message": text(500)}),
    "redirect": hash_of({"return_url": text()}, needs=("return_url",)),
    "type": one_of("hosted_confirmation", "portal_homepage", "redirect"),
}
OFFER: Schema = {
    "coupon_offer": hash_of({"coupon": text()}, needs=("coupon",)),
    "type": one_of("coupon_offer"),
}
FLOW: Schema = {
    "after_completion": hash_of(AFTER, needs=("type",)),
    "subscription_cancel": hash_of(
        {**ONE, "retention": hash_of(OFFER, needs=("coupon_offer", "type"))}, needs=("subscription",)
    ),
    "subscription_pause": hash_of(ONE, needs=("subscription",)),
    "subscription_update": hash_of(ONE, needs=("subscription",)),
    "subscription_update_confirm": hash_of(CONFIRM, needs=("items", "subscription")),
    "type": one_of(*FLOWS),
}
CREATE: Schema = {
    "configuration": text(),
    "customer": text(),
    "flow_data": hash_of(FLOW, needs=("type",)),
    "locale": text(),
    "return_url": text(),
}


@route("POST", "/billing_portal/sessions", CREATE, needs=("customer",))
def create(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    turn.need("customer", values["customer"], "customer")
    chosen = (
        _default(turn) if "configuration" not in values else _configuration(turn, values["configuration"])
    )
    url = values.get("return_url")
    if url is not None and not url.startswith(("https://", "http://")):
        raise Malformed("Not a valid URL", code="url_invalid", param="return_url")
    facts: Facts = {
        "id": new_id("bps"),
        "created": turn.created,
        "customer": values["customer"],
        "configuration": chosen["id"],
        "flow": _flow(turn, values["customer"], values["flow_data"]) if "flow_data" in values else None,
        "locale": values.get("locale"),
        "return_url": url,
        "secret": new_id("", 48)[1:],
    }
    shown = show(SESSION, facts)
    turn.add(SESSION, {**facts, "secret": ""})  # who reads it later is not the customer
    turn.record("portal_session", facts)
    turn.emit("billing_portal.session.created", SESSION, {**facts, "secret": ""})
    return shown


def _flow(turn: Turn, customer: str, given: dict[str, Any]) -> dict[str, Any]:
    """What the customer is led to. Refuses what they could not do there."""
    kind = given["type"]
    if strange := next((name for name in ABOUT_ONE if name in given and name != kind), None):
        raise Malformed(
            f"You cannot specify flow_data[{strange}] for a flow of type {kind}.",
            param=f"flow_data[{strange}]",
        )
    if kind in ABOUT_ONE:
        if kind not in given:
            param = f"flow_data[{kind}]"
            raise Malformed(f"Missing required param: {param}.", code="parameter_missing", param=param)
        _check(turn, customer, kind, given[kind])
    after = given.get("after_completion", {"type": "portal_homepage"})
    if after["type"] == "redirect" and "redirect" not in after:
        param = "flow_data[after_completion][redirect]"
        raise Malformed(f"Missing required param: {param}.", code="parameter_missing", param=param)
    flow: dict[str, Any] = dict.fromkeys(("customer_update", *ABOUT_ONE))
    flow["after_completion"] = {"hosted_confirmation": None, "redirect": None, **after}
    if after["type"] == "hosted_confirmation":
        flow["after_completion"]["hosted_confirmation"] = {
            "custom_message": None,
            **after.get("hosted_confirmation", {}),
        }
    flow["type"] = kind
    if kind == "subscription_cancel":
        flow[kind] = {"retention": None, **given[kind]}
    elif kind == "subscription_update_confirm":
        flow[kind] = {"discounts": None, **given[kind]}
        flow[kind]["items"] = [{"price": None, "quantity": None, **item} for item in given[kind]["items"]]
    elif kind in ABOUT_ONE:
        flow[kind] = given[kind]
    return flow


def _check(turn: Turn, customer: str, kind: str, given: dict[str, Any]) -> None:
    param = f"flow_data[{kind}][subscription]"
    subscription = turn.need("subscription", given["subscription"], param)
    if subscription["customer"] != customer:
        raise no_such("subscription", given["subscription"], param)
    if subscription["status"] in OVER:
        raise ApiError(f"The subscription {subscription['id']} is over: it cannot be changed.", param=param)
    if kind == "subscription_cancel" and subscription.get("cancel_at"):
        raise ApiError(
            f"The subscription {subscription['id']} is already set to be canceled at period end.", param=param
        )
    if kind == "subscription_pause" and subscription["status"] == "paused":
        raise ApiError(f"The subscription {subscription['id']} is already paused.", param=param)
    for number, item in enumerate(given.get("items", [])):
        if item["id"] not in [one["id"] for one in subscription["items"]]:
            raise no_such("subscription_item", item["id"], f"flow_data[{kind}][items][{number}][id]")
        if "price" in item:
            turn.need("price", item["price"], f"flow_data[{kind}][items][{number}][price]")


def _default(turn: Turn) -> Facts:
    """The account's own, made when it is first asked for."""
    facts = turn.find(CONFIGURATION, DEFAULT)
    return facts or turn.add(CONFIGURATION, {"id": DEFAULT, "created": turn.created})


def _configuration(turn: Turn, id: str, param: str | None = "configuration") -> Facts:
    return _default(turn) if id == DEFAULT else turn.need(CONFIGURATION, id, param)


@route("GET", "/billing_portal/configurations/<id>")
def retrieve(turn: Turn, values: dict[str, Any], id: str) -> dict[str, Any]:
    return show(CONFIGURATION, _configuration(turn, id, None))


@route("GET", "/billing_portal/configurations", LIST)
def find(turn: Turn, values: dict[str, Any]) -> dict[str, Any]:
    _default(turn)
    return page(turn, CONFIGURATION, values, "/v1/billing_portal/configurations")

"""The customer portal's links: for one customer, about one thing, and shown once."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import World
from .plans import Shop, refused


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def test_a_link_leads_to_what_was_asked_for_and_is_kept_nowhere(shop: Shop) -> None:
    subscription = shop.subscribe()
    customer = str(subscription.customer)
    flow: Any = {"type": "subscription_pause", "subscription_pause": {"subscription": subscription.id}}
    create = shop.api.billing_portal.sessions.create
    session = create({"customer": customer, "return_url": "https://example.test/back", "flow_data": flow})
    assert session.url.startswith("https://billing.stripe.com/p/session/")
    assert session.flow is not None and session.flow.subscription_pause is not None
    assert session.flow.subscription_pause.subscription == subscription.id
    assert session.flow.after_completion.type == "portal_homepage"
    (row,) = shop.api.billing_portal.configurations.list().data
    assert row.id == session.configuration and row.is_default
    with shop.world.sandbox.store.reading() as db:
        kept = [line for line in db.iterdump() if session.url.rpartition("_")[2] in line]
    assert all(line.startswith('INSERT INTO "stripe_keys"') for line in kept), (
        "only the answer is kept, to be repeated"
    )


def test_what_the_portal_would_not_do_is_refused(shop: Shop) -> None:
    subscription, other = shop.subscribe(), shop.customer(None)
    customer = str(subscription.customer)
    mine = {"subscription": subscription.id}

    def param(**params: Any) -> str | None:
        wanted: Any = {"customer": customer, **params}
        return refused(lambda: shop.api.billing_portal.sessions.create(wanted)).param

    cancel = "flow_data[subscription_cancel]"
    assert param(customer="cus_no") == "customer" and param(configuration="bpc_no") == "configuration"
    assert param(return_url="javascript:alert(1)") == "return_url"
    assert param(flow_data={"type": "hack"}) == "flow_data[type]"
    assert param(flow_data={"type": "subscription_cancel"}) == cancel
    theirs = {"type": "subscription_cancel", "subscription_cancel": mine}
    assert param(customer=other, flow_data=theirs) == f"{cancel}[subscription]"
    assert param(flow_data={**theirs, "type": "payment_method_update"}) == cancel
    items = [{"id": "si_no", "price": shop.prices["big"]}]
    confirm = {"type": "subscription_update_confirm", "subscription_update_confirm": {**mine, "items": items}}
    assert param(flow_data=confirm) == "flow_data[subscription_update_confirm][items][0][id]"
    shop.change(subscription, cancel_at_period_end=True)
    assert param(flow_data=theirs) == f"{cancel}[subscription]"
    shop.api.subscriptions.cancel(subscription.id)
    update = {"type": "subscription_update", "subscription_update": mine}
    assert param(flow_data=update) == "flow_data[subscription_update][subscription]"

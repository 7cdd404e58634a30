"""The pages and their JSON twins: one module per noun, thin. What they share stands in the private ones."""

from __future__ import annotations

from flask import Flask

from ..config import Settings
from ._headers import SERVER_HEADERS as SERVER_HEADERS


def init_views(app: Flask, settings: Settings) -> None:
    """Wire pages, sign-in, headers and error pages into the app."""
    from . import (
        account,
        adjustments,
        approvals,
        attachments,
        audit,
        balances,
        banners,
        cases,
        changes,
        collecting,
        collections,
        credit_notes,
        customers,
        drafting,
        dunnings,
        fills,
        glossary,
        hold_rules,
        home,
        inbox,
        invoices,
        lifecycle,
        limits,
        messages,
        notes,
        notices,
        openapi,
        orders,
        passwords,
        payments,
        payouts,
        pharmacies,
        phi,
        plans,
        prescriptions,
        products,
        promises,
        providers,
        reconciliation,
        refunding,
        refunds,
        reorders,
        replacements,
        roles,
        routing,
        sessions,
        shipments,
        staff,
        state_rules,
        subscribing,
        subscriptions,
        timelines,
        tokens,
        traces,
        unsent,
        watch,
        webhooks,
        why,
    )  # fmt: skip

    assert subscribing  # its doors stand on the blueprint of subscriptions
    assert collecting and drafting  # theirs on that of invoices
    assert refunding and unsent  # theirs on that of orders
    from ._browser import init_browser
    from ._edge import init_edge, init_edge_of_people
    from ._errors import init_errors
    from ._masking import init_masking
    from ._who import init_who

    init_edge(app, settings)
    init_browser(app, settings)
    init_who(app, settings)
    init_edge_of_people(app)
    init_errors(app)
    init_masking(app)
    for noun in (
        home,
        sessions,
        passwords,
        account,
        customers,
        products,
        orders,
        shipments,
        plans,
        subscriptions,
        payments,
        collections,
        payouts,
        changes,
        adjustments,
        invoices,
        credit_notes,
        balances,
        refunds,
        reorders,
        replacements,
        fills,
        pharmacies,
        routing,
        lifecycle,
        hold_rules,
        dunnings,
        notices,
        prescriptions,
        providers,
        state_rules,
        reconciliation,
        messages,
        banners,
        approvals,
        cases,
        notes,
        attachments,
        phi,
        timelines,
        inbox,
        promises,
        traces,
        audit,
        staff,
        roles,
        limits,
        tokens,
        why,
        glossary,
        watch,
        openapi,
        webhooks,
    ):
        app.register_blueprint(noun.pages)

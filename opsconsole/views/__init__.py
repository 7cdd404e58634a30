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
        attempts,
        audit,
        balances,
        banners,
        cases,
        causes,
        changes,
        clocks,
        collecting,
        collections,
        credit_notes,
        customers,
        drafting,
        dunnings,
        fills,
        flag_rules,
        gates,
        glossary,
        harm,
        hold_rules,
        home,
        inbox,
        incidents,
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
        questionnaires,
        reconciliation,
        refunding,
        refunds,
        renewals,
        reorders,
        replacements,
        review_flags,
        roles,
        routing,
        service_levels,
        sessions,
        shipments,
        staff,
        state_rules,
        stuck,
        subscribing,
        subscriptions,
        timelines,
        tokens,
        traces,
        unsent,
        vendor_health,
        visiting,
        visits,
        watch,
        webhooks,
        why,
    )  # fmt: skip

    assert subscribing and visiting  # their doors stand on the blueprints of subscriptions and visits
    assert subscribing  # its doors stand on the blueprint of subscriptions
    assert collecting and drafting  # theirs on that of invoices
    # whose doors stand on the blueprints of subscriptions, visits, invoices and orders
    assert subscribing and visiting and collecting and drafting and refunding and unsent
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
        clocks,
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
        renewals,
        replacements,
        fills,
        gates,
        pharmacies,
        routing,
        lifecycle,
        harm,
        hold_rules,
        dunnings,
        notices,
        prescriptions,
        causes,
        visits,
        providers,
        state_rules,
        service_levels,
        questionnaires,
        flag_rules,
        review_flags,
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
        incidents,
        vendor_health,
        attempts,
        promises,
        traces,
        audit,
        staff,
        stuck,
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

"""The pages and their JSON twins: one module per noun, thin. What they share stands in the private ones."""

from __future__ import annotations

from flask import Flask

from ..config import Settings


def init_views(app: Flask, settings: Settings) -> None:
    """Wire pages, sign-in, headers and error pages into the app."""
    from . import (
        account,
        approvals,
        audit,
        banners,
        cases,
        customers,
        glossary,
        home,
        inbox,
        messages,
        notes,
        openapi,
        orders,
        payments,
        products,
        promises,
        refunds,
        sessions,
        staff,
        timelines,
        traces,
        watch,
        webhooks,
    )  # fmt: skip
    from ._browser import init_browser
    from ._errors import init_errors
    from ._who import init_who

    init_browser(app, settings)
    init_who(app, settings)
    init_errors(app)
    for noun in (
        home,
        sessions,
        account,
        customers,
        products,
        orders,
        payments,
        refunds,
        messages,
        banners,
        approvals,
        cases,
        notes,
        timelines,
        inbox,
        promises,
        traces,
        audit,
        staff,
        glossary,
        watch,
        openapi,
        webhooks,
    ):
        app.register_blueprint(noun.pages)

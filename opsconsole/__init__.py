"""OpsConsole: refunds, orders, cases and their whole story on one screen."""

from __future__ import annotations

from flask import Flask

from .config import Settings, adapters


def create_app(settings: Settings) -> Flask:
    """The whole console, wired: settings, database, vendors, what runs by itself, pages."""
    from . import jobs, logs, vendors, views
    from .db import init_database
    from .keyring import init_keyring

    app = Flask(__name__)
    app.config["SETTINGS"] = settings
    logs.configure(settings)
    init_database(app, settings)
    init_keyring(app, settings)
    for port, adapter in adapters(settings).items():
        vendors.connect(port, adapter)
    views.init_views(app, settings)
    assert jobs.SCHEDULE  # importing it fills the inbox's routes
    return app

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from tests.house import House


@pytest.fixture
def sandbox_url(house: House) -> Iterator[str]:
    """The house's sandbox behind a socket as well: demo data comes to it over HTTP."""
    server = make_server("127.0.0.1", 0, house.sandbox_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()

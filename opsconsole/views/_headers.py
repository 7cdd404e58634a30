"""The headers of every answer, whoever gives it: a page, an error, a file, or the web server itself."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types default parsed"
)
NOT_NEEDED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone",
    "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
OWN_ONLY = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": ", ".join(
        [*(f"{name}=()" for name in NOT_NEEDED), *(f"{name}=(self)" for name in OWN_ONLY)]
    ),
}
HSTS = "max-age=31536000; includeSubDomains"
NO_STORE = "no-store"
FOR_EVER = "public, max-age=31536000, immutable"
# What the web server's own pages carry: it is asked before anybody knows over which scheme, so no HSTS.
SERVER_HEADERS = (*HEADERS.items(), ("Cache-Control", NO_STORE))


def init_headers(app: Flask) -> None:
    app.after_request(_dress)


def _dress(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if request.endpoint == "static" and request.args.get("v") and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = FOR_EVER
    elif request.endpoint == "static" or "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = NO_STORE
    response.headers.add("Vary", "HX-Request, Accept, Cookie")
    return response

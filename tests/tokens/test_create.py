"""A token: the asker sees its secret before it is worth anything, and nobody else ever does."""

from __future__ import annotations

import re

from opsconsole.lib import passwords

from ..approvals.scenes import agreed
from ..house import TOKENS, Api, House
from ..scenes import invalid, refused
from ..staff.scenes import second_admin, takes_two

SECRET = "ops_a-secret-of-the-askers-own"
NEW = {"name": "warehouse", "role": "shop", "secret_hash": passwords.fingerprint(SECRET)}


def program(house: House, secret: str) -> Api:
    return Api(house.app.test_client(use_cookies=False), secret)


def test_two_admins_make_a_token_with_a_role(house: House) -> None:
    program(house, SECRET).get("/orders", 401)
    _, done = takes_two(house, "/tokens/create", NEW)
    warehouse = program(house, SECRET)
    warehouse.get("/orders")
    for url in ("/staff", "/roles", "/limits", "/tokens", "/audit", "/cases", "/approvals", "/notes"):
        warehouse.get(url, 403)
    told = house.api("auditor").get(done["subject"])
    assert (told["name"], told["role"], told["last_act_at"]) == ("warehouse", "shop", None)
    warehouse.post("/customers", {"reference": "w-1", "name": "Jo"})
    assert house.api("auditor").get(done["subject"])["last_act_at"]


def test_in_the_browser_the_secret_is_shown_once_and_stands_nowhere(house: House) -> None:
    root, ann = house.page("admin"), second_admin(house)
    page = root.get("/tokens/create")
    secret = re.findall(r"ops_[\w-]{40,}", page)[0]
    [hashed] = re.findall(r'name="secret_hash" value="([^"]+)"', page)
    root.submit("/tokens/create", {"name": "lab", "role": "shop", "secret_hash": hashed})
    assert secret not in root.html and secret not in ann.get(root.url)
    program(house, secret).get("/orders", 401)
    ann.get(f"{root.url}/approve")
    ann.submit(f"{root.url}/approve", {"note": ""})
    program(house, secret).get("/orders")
    for table in ("approvals", "audit_entries", "answers_kept", "tokens"):
        assert secret not in " ".join(str(tuple(row)) for row in house.rows(f"select * from {table}"))


def test_what_is_refused(house: House) -> None:
    api = house.api("admin")
    invalid(house, api, "/tokens/create", NEW | {"secret_hash": "short"}, "secret_hash")
    invalid(house, api, "/tokens/create", {}, "name", "role", "secret_hash")
    refused(house, api, "/tokens/create", NEW | {"role": "king"}, "no_such_role", "role")
    taken = NEW | {"secret_hash": passwords.fingerprint(TOKENS["support"])}
    refused(house, api, "/tokens/create", taken, "secret_in_use", "secret_hash")


def test_a_secret_that_was_revoked_does_not_come_back(house: House) -> None:
    api = house.api("admin")
    done = agreed(house, api.post("/tokens/create", NEW, 202), "admin")
    agreed(house, api.post(f"{done['subject']}/revoke", {"reason": "Leaked"}, 202), "admin")
    refused(house, api, "/tokens/create", NEW, "secret_in_use", "secret_hash")

"""What stands at the left: the nouns in groups, of which the one that one is in is open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple


class Noun(NamedTuple):
    """An entry. `key` is the letter or digit after "g", "" where there is none; `right` is what reading it needs."""

    group: str
    label: str
    url: str
    key: str
    right: str | None


# The groups from top to bottom, with their icons. What belongs to none stands above all, with its own.
GROUPS = {
    "Work": "orders", "Money": "payments", "Care": "prescriptions", "Rules": "filter", "Records": "products",
    "Admin": "audit",
}  # fmt: skip

# A new noun is a line here; it stands in its group where it stands in this table.
NOUNS = tuple(Noun(*entry) for entry in (
    ("", "Home", "/", "h", None),
    ("", "Stuck", "/stuck", "b", "stuck.read"),
    ("", "Boards", "/dashboards", "", "dashboards.read"),
    ("", "Cases", "/cases", "c", "cases.read"),
    ("", "Approvals", "/approvals", "v", "approvals.read"),
    ("Work", "Customers", "/customers", "u", "customers.read"),
    ("Work", "Orders", "/orders", "o", "orders.read"),
    ("Work", "Subscriptions", "/subscriptions", "s", "subscriptions.read"),
    ("Work", "Parcels", "/shipments", "k", "shipments.read"),
    ("Work", "Fills", "/fills", "l", "fills.read"),
    ("Work", "Replacements", "/replacements", "z", "replacements.read"),
    ("Work", "Banners", "/banners", "", "banners.read"),
    ("Work", "Messages", "/messages", "m", "messages.read"),
    ("Work", "Notices", "/notices", "2", "notices.read"),
    ("Work", "Team", "/team", "", "cases.read"),
    ("Money", "Payments", "/payments", "y", "payments.read"),
    ("Money", "Refunds", "/refunds", "r", "refunds.read"),
    ("Money", "Invoices", "/invoices", "f", "invoices.read"),
    ("Money", "Unpaid", "/dunnings", "1", "dunnings.read"),
    ("Money", "Charges", "/adjustments", "", "adjustments.read"),
    ("Money", "Tie-outs", "/tie-outs", "n", "payouts.read"),
    ("Money", "Payouts", "/payouts", "", "payouts.read"),
    ("Care", "Visits", "/visits", "5", "visits.read"),
    ("Care", "Review flags", "/review-flags", "8", "review_flags.read"),
    ("Care", "Prescriptions", "/prescriptions", "q", "prescriptions.read"),
    ("Care", "Requests", "/prescription-requests", "", "prescriptions.read"),
    ("Care", "Renewals", "/renewals", "6", "renewals.read"),
    ("Care", "Prescribers", "/providers", "e", "providers.read"),
    ("Rules", "Routing", "/routing", "t", "routing.read"),
    ("Rules", "Lifecycle", "/lifecycle", "3", "lifecycle.read"),
    ("Rules", "Hold rules", "/hold-rules", "4", "hold_rules.read"),
    ("Rules", "Questionnaires", "/questionnaires", "7", "questionnaires.read"),
    ("Rules", "Flag rules", "/flag-rules", "9", "flag_rules.read"),
    ("Rules", "State rules", "/state-rules", "w", "state_rules.read"),
    ("Rules", "Service levels", "/service-levels", "", "service_levels.read"),
    ("Records", "Products", "/products", "d", "products.read"),
    ("Records", "Unknown keys", "/unmapped-keys", "", "products.read"),
    ("Records", "Pharmacies", "/pharmacies", "x", "pharmacies.read"),
    ("Admin", "Harm", "/harm", "0", "harm.read"),
    ("Admin", "Vendors", "/vendors", "", "incidents.read"),
    ("Admin", "Incidents", "/incidents", "", "incidents.read"),
    ("Admin", "Comparisons", "/reconciliation", "j", "reconciliation.read"),
    ("Admin", "Inbox", "/inbox", "i", "inbox.read"),
    ("Admin", "Promises", "/promises", "p", "promises.read"),
    ("Admin", "Expectations", "/expectations", "", "expectations.read"),
    ("Admin", "Audit", "/audit", "a", "audit.read"),
    ("Admin", "Staff", "/staff", "", "staff.read"),
    ("Admin", "Roles", "/roles", "", "roles.read"),
))  # fmt: skip

# Pages of no noun at the left: the group that is open there.
_ELSEWHERE = {
    "/changes": "Money", "/collections": "Money", "/credit-notes": "Money", "/limits": "Admin", "/attempts": "Admin",
    "/tokens": "Admin", "/break-glass": "Admin", "/work-calendars": "Rules",
}  # fmt: skip
_GROUP_OF = {noun.url: noun.group for noun in NOUNS} | _ELSEWHERE
_USUAL = "Work"  # where a page belongs to no group


def place_of(path: str) -> str:
    """Of all pages that have the same navigation, one name: the first part of their path, or "" where that is no noun's."""
    place = f"/{path.split('/', 2)[1]}"
    return place if place in _GROUP_OF else ""


def nav(grants: Iterable[str], place: str) -> list[dict[str, Any]]:
    """The groups that somebody with these rights sees, each {"label", "icon", "open", "nouns"}; the one of `place` is open.
    A noun is {"label", "url", "icon", "key", "current"}."""
    seen = [noun for noun in NOUNS if noun.right is None or noun.right in grants]
    found = []
    for group in ("", *GROUPS):
        nouns = [
            {
                "label": noun.label,
                "url": noun.url,
                "icon": "" if group else noun.url.strip("/") or "home",
                "key": noun.key,
                "current": noun.url == place,
            }
            for noun in seen
            if noun.group == group
        ]
        if nouns:
            here = (_GROUP_OF.get(place) or _USUAL) == group
            found.append({"label": group, "icon": GROUPS.get(group), "open": here, "nouns": nouns})
    return found

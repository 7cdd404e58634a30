"""docs/security.md and the tests say the same: each row names tests that exist, each test's rows are there.

`python -m tests.edge.test_security_page` writes the page's table anew from what the tests say of themselves.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "security.md"
TABLE = "| number | what | shown by |\n| --- | --- | --- |\n"
# What the tests of other parts show, which name no numbers. A file and, after "::", the test in it.
ELSEWHERE = {
    "1.2.9": ("searched text is no pattern", "tests/search/test_search.py"),
    "1.3.6": ("the outside is called at fixed addresses", "tests/vendors/test_stripe_wire.py"),
    "2.2.3": ("amounts, currency and order agree", "tests/refunds/test_issue.py"),
    "2.3.1": ("no step is skipped", "tests/test_conventions.py::test_every_class_of_states_is_walked"),
    "2.3.2": ("limits are enforced", "tests/approvals/test_request.py"),
    "2.3.3": ("all or nothing", "tests/plumbing/test_idempotency.py"),
    "2.3.4": ("nothing is done twice", "tests/plumbing/test_idempotency.py"),
    "2.3.5": ("four eyes", "tests/approvals/test_approve.py::test_nobody_approves_their_own"),
    "3.3.2": ("SameSite", "tests/edge/test_headers.py::test_cookies_are_host_bound_over_https"),
    "3.3.3": ("__Host-", "tests/edge/test_headers.py::test_cookies_are_host_bound_over_https"),
    "3.3.4": ("HttpOnly", "tests/edge/test_headers.py::test_cookies_are_host_bound_over_https"),
    "6.1.1": (
        "guessing is slowed down, and how is written",
        "tests/staff/test_sign_in.py::test_guessing_is_slowed_down_and_time_heals",
    ),
    "6.2.1": (
        "length of passwords",
        "tests/staff/test_change_password.py::test_length_counts_and_every_letter_is_welcome",
    ),
    "6.2.2": ("people change their password", "tests/staff/test_change_password.py"),
    "6.2.3": (
        "the old password is asked for",
        "tests/staff/test_change_password.py::test_what_is_refused_changes_nothing",
    ),
    "6.2.4": (
        "common passwords",
        "tests/staff/test_change_password.py::test_what_guessers_try_first_is_refused",
    ),
    "6.2.5": (
        "no rules of composition",
        "tests/staff/test_change_password.py::test_length_counts_and_every_letter_is_welcome",
    ),
    "6.2.8": (
        "to the last letter",
        "tests/staff/test_change_password.py::test_however_a_keyboard_composes_it_and_to_the_last_letter",
    ),
    "6.2.9": (
        "long passwords",
        "tests/staff/test_change_password.py::test_length_counts_and_every_letter_is_welcome",
    ),
    "6.2.12": (
        "breached passwords",
        "tests/staff/test_change_password.py::test_the_operators_list_is_refused_too",
    ),
    "6.3.1": (
        "guessing is slowed down",
        "tests/staff/test_second_factor.py::test_guessing_codes_is_slowed_down_but_not_for_a_known_browser",
    ),
    "6.3.3": (
        "a second factor",
        "tests/staff/test_second_factor.py::test_who_has_no_second_factor_reaches_only_enrolment",
    ),
    "6.3.4": ("no second door", "tests/test_conventions.py::test_what_is_public_is_few_and_known"),
    "6.4.3": (
        "a forgotten password is reset past no second factor",
        "tests/staff/test_reset_password.py::test_from_the_forgotten_password_to_the_new_one",
    ),
    "6.5.1": (
        "a code is good once",
        "tests/staff/test_second_factor.py::test_the_second_step_is_asked_for_and_a_code_is_good_once",
    ),
    "6.5.2": (
        "recovery codes are hashed",
        "tests/staff/test_second_factor.py::test_a_recovery_code_is_good_once_however_it_is_written",
    ),
    "6.5.5": (
        "a code has its half minute",
        "tests/staff/test_second_factor.py::test_the_second_step_is_asked_for_and_a_code_is_good_once",
    ),
    "6.8.1": (
        "nobody takes an account over by its address",
        "tests/staff/test_link_identity.py::test_a_known_address_alone_opens_nothing_until_an_admin_links_it",
    ),
    "6.8.2": (
        "tokens of the provider are checked",
        "tests/staff/test_link_identity.py::test_a_token_that_is_not_the_providers_is_refused",
    ),
    "7.2.1": ("sessions are checked on the server", "tests/staff/test_sign_in.py"),
    "7.2.4": (
        "a new session at sign-in",
        "tests/staff/test_sessions.py::test_a_session_id_that_somebody_planted_is_not_taken_over",
    ),
    "7.3.1": (
        "idle sessions end",
        "tests/staff/test_sessions.py::test_after_fifteen_minutes_without_anybody_a_session_ends",
    ),
    "7.3.2": (
        "sessions end after twelve hours",
        "tests/staff/test_sessions.py::test_moving_the_sandbox_forward_is_no_absence_but_twelve_hours_are_enough",
    ),
    "7.4.1": (
        "signing out ends it on the server",
        "tests/staff/test_sessions.py::test_a_stolen_cookie_is_worth_nothing_after_signing_out",
    ),
    "7.4.2": (
        "who is disabled is out",
        "tests/staff/test_disable.py::test_sessions_end_and_requests_are_void_at_once",
    ),
    "7.4.3": (
        "a new password ends other sessions",
        "tests/staff/test_change_password.py::test_a_new_password_ends_every_other_session",
    ),
    "7.4.5": (
        "an admin ends anybody's sessions",
        "tests/staff/test_sessions.py::test_an_admin_signs_somebody_out_everywhere",
    ),
    "7.5.1": (
        "a fresh proof before factors change",
        "tests/staff/test_second_factor.py::test_what_needs_care_asks_for_a_fresh_proof_and_keeps_what_was_typed",
    ),
    "7.5.2": (
        "people see and end their sessions",
        "tests/staff/test_sessions.py::test_the_list_says_where_one_is_signed_in_and_ends_any",
    ),
    "7.5.3": (
        "a fresh proof before what costs much",
        "tests/staff/test_second_factor.py::test_what_needs_care_asks_for_a_fresh_proof_and_keeps_what_was_typed",
    ),
    "8.1.1": ("who may do what is written", "docs/access.md"),
    "8.1.2": ("who may see what is written", "docs/health-data.md"),
    "8.2.1": (
        "every route states its right",
        "tests/test_conventions.py::test_every_route_states_its_permission",
    ),
    "8.2.2": ("rights on single things", "tests/staff/test_matrix.py"),
    "8.2.3": ("rights on fields", "tests/phi/test_reveal.py"),
    "8.3.1": (
        "rights are checked in services",
        "tests/staff/test_matrix.py::test_every_act_called_directly_is_allowed_or_denied_as_the_table_says",
    ),
    "8.3.2": (
        "changed rights count at once",
        "tests/staff/test_change_role.py::test_the_next_click_is_with_the_new_role",
    ),
    "8.3.3": (
        "later work runs with the requester's rights",
        "tests/approvals/test_approve.py::test_a_requester_who_lost_the_right_gets_nothing",
    ),
    "11.3.2": ("health data is encrypted", "tests/phi/test_sealed.py"),
    "11.3.3": (
        "what was changed does not open",
        "tests/phi/test_sealed.py::test_one_bit_that_differs_is_noticed",
    ),
    "11.4.2": (
        "passwords are hashed slowly",
        "tests/staff/test_change_password.py::test_an_old_hash_is_renewed_at_the_next_sign_in",
    ),
    "13.2.2": (
        "the running role owns nothing",
        "tests/audit/test_verify.py::test_the_console_itself_cannot_touch_entries_or_seals",
    ),
    "13.2.4": ("the outside is called at fixed addresses", "tests/edge/test_production.py"),
    "13.4.5": ("measures and descriptions are not open", "tests/plumbing/test_openapi.py"),
    "15.3.1": ("only the fields that are meant", "tests/plumbing/test_openapi.py"),
    "15.3.2": (
        "redirects of vendors are not followed",
        "tests/vendors/test_stripe_wire.py::test_nonsense_is_an_unknown_outcome",
    ),
    "16.2.1": ("who did what, when", "tests/plumbing/test_timeline.py"),
    "16.3.4": (
        "unexpected errors are logged",
        "tests/phi/test_canaries.py::test_three_hundred_errors_tell_their_kind_and_place_and_never_their_words",
    ),
    "16.4.2": ("the audit cannot be changed unseen", "tests/audit/test_verify.py"),
    "16.5.4": (
        "a last resort for every error",
        "tests/phi/test_canaries.py::test_three_hundred_errors_tell_their_kind_and_place_and_never_their_words",
    ),
}


def claims() -> dict[str, tuple[str, list[str]]]:
    """number -> (what, files): what the modules of tests say of themselves, and what is shown elsewhere."""
    found: dict[str, tuple[str, list[str]]] = {
        number: (what, [file]) for number, (what, file) in ELSEWHERE.items()
    }
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ASVS":
                for number, what in ast.literal_eval(node.value).items():
                    told = found.setdefault(number, (what, []))
                    told[1].append(file.relative_to(ROOT).as_posix())
    return found


def table() -> str:
    rows = sorted(claims().items(), key=lambda row: [int(part) for part in row[0].split(".")])
    return TABLE + "".join(f"| {number} | {what} | {', '.join(files)} |\n" for number, (what, files) in rows)


def test_the_table_is_what_the_tests_say() -> None:
    assert table() in PAGE.read_text(), "run: python -m tests.edge.test_security_page"


def test_every_test_that_is_named_exists() -> None:
    named = set(re.findall(r"tests/[a-z_/]*(?:\.py)?", PAGE.read_text()))
    assert len(named) > 20
    gone = [name for name in named if not (ROOT / name).exists()]
    assert not gone, gone
    for name in named:
        if (ROOT / name).is_file():
            assert re.search(r"^def test_", (ROOT / name).read_text(), re.M), f"{name} tests nothing"

    for name in re.findall(r"tests/[a-z_/]*\.py::\w+", PAGE.read_text()):
        file, _, test = name.partition("::")
        assert f"\ndef {test}(" in (ROOT / file).read_text(), f"{name} is not there"


def test_every_link_leads_somewhere() -> None:
    links = set(re.findall(r"\]\(([a-z-]+\.md)\)", PAGE.read_text()))
    assert {"operations.md", "sign-in.md"} <= links
    gone = [link for link in links if not (PAGE.parent / link).exists()]
    assert not gone, gone


if __name__ == "__main__":
    before, _, rest = PAGE.read_text().partition(TABLE)
    PAGE.write_text(before + table() + "\n" + rest.partition("\n\n")[2])

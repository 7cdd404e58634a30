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
# Written beside this page, and not there yet: taken out of here as soon as they are.
AWAITED = ("tests/phi/", "docs/sign-in.md", "docs/health-data.md", "docs/access.md")
# What the tests of other parts show, which name no numbers.
ELSEWHERE = {
    "1.2.9": ("searched text is no pattern", "tests/search/test_search.py"),
    "1.3.6": ("the outside is called at fixed addresses", "tests/vendors/test_stripe_wire.py"),
    "2.2.3": ("amounts, currency and order agree", "tests/refunds/test_issue.py"),
    "2.3.1": ("no step is skipped", "tests/test_conventions.py"),
    "2.3.2": ("limits are enforced", "tests/approvals/test_request.py"),
    "2.3.3": ("all or nothing", "tests/plumbing/test_idempotency.py"),
    "2.3.4": ("nothing is done twice", "tests/plumbing/test_idempotency.py"),
    "2.3.5": ("four eyes", "tests/approvals/test_approve.py"),
    "6.1.1": ("guessing is slowed down, and how is written", "tests/staff/"),
    "6.2.1": ("length of passwords", "tests/staff/"),
    "6.3.1": ("guessing is slowed down", "tests/staff/"),
    "6.3.3": ("a second factor", "tests/staff/"),
    "6.3.4": ("no second door", "tests/test_conventions.py"),
    "6.4.3": ("a forgotten password is reset past no second factor", "tests/staff/test_reset_password.py"),
    "7.2.1": ("sessions are checked on the server", "tests/staff/test_sign_in.py"),
    "7.2.4": ("a new session at sign-in", "tests/staff/test_sign_in.py"),
    "7.3.1": ("idle sessions end", "tests/staff/"),
    "7.4.1": ("signing out ends it on the server", "tests/staff/test_sign_in.py"),
    "7.4.2": ("who is disabled is out", "tests/staff/"),
    "8.1.1": ("who may do what is written", "docs/access.md"),
    "8.2.1": ("every route states its right", "tests/test_conventions.py"),
    "8.2.2": ("rights on single things", "tests/notes/test_note.py"),
    "8.2.3": ("rights on fields", "tests/phi/"),
    "8.3.1": ("rights are checked in services", "tests/refunds/test_issue.py"),
    "11.3.2": ("health data is encrypted", "tests/phi/"),
    "11.4.2": ("passwords are hashed slowly", "tests/staff/"),
    "13.2.2": ("the running role owns nothing", "tests/audit/test_verify.py"),
    "13.4.5": ("measures and descriptions are not open", "tests/plumbing/test_openapi.py"),
    "16.2.1": ("who did what, when", "tests/plumbing/test_timeline.py"),
    "16.4.2": ("the audit cannot be changed unseen", "tests/audit/test_verify.py"),
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
    gone = [name for name in named if not (ROOT / name).exists() and name not in AWAITED]
    assert not gone, gone
    for name in named:
        if (ROOT / name).is_file():
            assert re.search(r"^def test_", (ROOT / name).read_text(), re.M), f"{name} tests nothing"


def test_every_link_leads_somewhere() -> None:
    links = set(re.findall(r"\]\(([a-z-]+\.md)\)", PAGE.read_text()))
    assert {"operations.md", "sign-in.md"} <= links
    gone = [link for link in links if not (PAGE.parent / link).exists() and f"docs/{link}" not in AWAITED]
    assert not gone, gone


if __name__ == "__main__":
    before, _, rest = PAGE.read_text().partition(TABLE)
    PAGE.write_text(before + table() + "\n" + rest.partition("\n\n")[2])

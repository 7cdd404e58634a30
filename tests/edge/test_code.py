"""What the code may not do, read from the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ASVS = {
    "1.2.1": "escaping", "1.2.3": "no data in scripts", "1.2.4": "SQL by parameters", "1.2.5": "no shell",
    "1.3.2": "no eval", "1.3.7": "no templates from data", "1.5.2": "no unsafe deserialisation",
    "14.3.3": "nothing in browser storage",
}  # fmt: skip
CODE = Path(__file__).parent.parent.parent / "opsconsole"

FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "render_template_string", "os.system", "os.popen", "Markup",
    "markupsafe.Markup", "jinja2.Template", "pickle.load", "pickle.loads", "marshal.loads", "shelve.open",
    "yaml.load", "populate_obj", "tempfile.mktemp", "random.seed", "hashlib.md5", "hashlib.sha1",
    "ssl._create_unverified_context",
}  # fmt: skip
FORBIDDEN_MODULES = {"jinja2", "pickle", "marshal", "shelve", "dill", "xml", "telnetlib", "ftplib"}
ALLOWED: dict[str, set[str]] = {  # file -> the call or module it may use
    "services/staff/_password.py": {"hashlib.sha1"},  # how lists of leaked passwords are published
    "views/_browser.py": {
        "jinja2",
        "Markup",
    },  # keeps templates compiled, and rendered ones that hold no data
    "views/_cells.py": {"Markup", "jinja2"},  # cells of tables, each value escaped where it is put in
}
MAY_SAY_SAFE = {"templates/styleguide/show.html"}  # shows our own markup, which is in the template itself
SQL = re.compile(r"^(.*\.)?(text|execute|exec_driver_sql)$")


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """Every file of the code, by its name."""
    files = sorted(CODE.rglob("*.py"))
    return {file.relative_to(CODE).as_posix(): ast.parse(file.read_text()) for file in files}


def run_as_code(file: str, tree: ast.AST) -> Iterator[str]:
    for name, node in calls(tree):
        last = name.rpartition(".")[2]
        bad = name in FORBIDDEN_CALLS or (
            last in ("populate_obj", "from_string", "render_template_string", "Markup")
        )
        if bad and name not in ALLOWED.get(file, ()):
            yield f"{file}:{node.lineno}: {name}"
        if any(word.arg == "shell" for word in node.keywords):
            yield f"{file}:{node.lineno}: shell="
        if any(word.arg == "verify" and ast.unparse(word.value) == "False" for word in node.keywords):
            yield f"{file}:{node.lineno}: verify=False"
    for node in ast.walk(tree):
        names = (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        )  # fmt: skip
        used = {name.partition(".")[0] for name in names} - ALLOWED.get(file, set())
        if used & FORBIDDEN_MODULES:
            yield f"{file}: {names}"


def put_together(file: str, tree: ast.AST) -> Iterator[str]:
    for name, node in calls(tree):
        if SQL.match(name) and node.args and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
            inserted = {
                ast.unparse(one.value)
                for one in ast.walk(node.args[0])
                if isinstance(one, ast.FormattedValue)
            }
            if not all(part.rpartition(".")[2].replace("_", "").isupper() for part in inserted):
                yield f"{file}:{node.lineno}: {ast.unparse(node.args[0])}"


def test_nothing_is_run_that_was_data(trees: dict[str, ast.Module]) -> None:
    faults = [fault for file, tree in trees.items() for fault in run_as_code(file, tree)]
    assert len(trees) > 400 and not faults, "\n".join(faults)


def test_sql_is_written_and_not_put_together(trees: dict[str, ast.Module]) -> None:
    ours = {file: tree for file, tree in trees.items() if not file.startswith(("demo/", "sandbox/"))}
    faults = [fault for file, tree in ours.items() for fault in put_together(file, tree)]
    assert len(ours) > 400 and not faults, "\n".join(faults)


def test_the_rules_can_trip() -> None:
    tree = ast.parse(
        'text(f"select {what}")\neval(x)\nrun(x, shell=True)\nget(x, verify=False)\nimport pickle'
    )
    assert [*put_together("x.py", tree)] == ["x.py:1: f'select {what}'"]
    assert [*run_as_code("x.py", tree)] == [
        "x.py:2: eval", "x.py:3: shell=", "x.py:4: verify=False", "x.py: ['pickle']"
    ]  # fmt: skip


def unescaped(file: str, page: str) -> Iterator[str]:
    if re.search(r"\|\s*safe\b|autoescape\s+false", page) and file not in MAY_SAY_SAFE:
        yield f"{file}: what is data is said to be markup"
    if re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals='?js:", page):
        yield f"{file}: an inline style or script"
    if re.search(r"<script(?![^>]*\ssrc=\"\{\{ asset\()", page):
        yield f"{file}: a script that is none of our files"
    if re.search(r'(?:src|href|action)="(?:https?:)?//', page) and not file.startswith("sandbox/"):
        yield f"{file}: an address elsewhere"


def test_templates_escape_everything() -> None:
    files = [*CODE.rglob("templates/**/*.html")]
    faults = [
        fault for file in files for fault in unescaped(file.relative_to(CODE).as_posix(), file.read_text())
    ]
    assert len(files) > 200 and not faults, "\n".join(faults)
    for odd in ("{{ x|safe }}", '<p style="x">', "<script>x</script>", '<a href="//elsewhere">'):
        assert len([*unescaped("x.html", odd)]) == 1, odd


@pytest.mark.parametrize("file", sorted(path.name for path in (CODE / "static").glob("*.js")))
def test_scripts_keep_nothing_and_run_nothing(file: str) -> None:
    script = (CODE / "static" / file).read_text()
    assert not re.search(
        r"localStorage|sessionStorage|indexedDB|\beval\(|new Function|document\.write", script
    ), file
    assert file == "trusted.js" or not re.search(r"createPolicy|innerHTML|insertAdjacentHTML", script), file


def test_htmx_may_do_little() -> None:
    head = (CODE / "templates/layout/_head.html").read_text()
    for wanted in (
        '"allowEval": false',
        '"selfRequestsOnly": true',
        '"historyCacheSize": 0',
        '"allowScriptTags": false',
    ):
        assert wanted in head
    assert head.index("trusted.js") < head.index("htmx.min.js")

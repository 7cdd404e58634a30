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
TREES = {
    file.relative_to(CODE).as_posix(): ast.parse(file.read_text()) for file in sorted(CODE.rglob("*.py"))
}
TEMPLATES = {
    file.relative_to(CODE).as_posix(): file.read_text() for file in CODE.rglob("templates/**/*.html")
}

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


@pytest.mark.parametrize("file", TREES)
def test_nothing_is_run_that_was_data(file: str) -> None:
    for name, node in calls(TREES[file]):
        last = name.rpartition(".")[2]
        bad = name in FORBIDDEN_CALLS or (
            last in ("populate_obj", "from_string", "render_template_string", "Markup")
        )
        assert not bad or name in ALLOWED.get(file, ()), f"{file}:{node.lineno}: {name}"
        shell = [word for word in node.keywords if word.arg == "shell"]
        assert not shell, f"{file}:{node.lineno}: shell="
        unverified = [w for w in node.keywords if w.arg == "verify" and ast.unparse(w.value) == "False"]
        assert not unverified, f"{file}:{node.lineno}: verify=False"
    for node in ast.walk(TREES[file]):
        names = (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        )  # fmt: skip
        used = {name.partition(".")[0] for name in names} - ALLOWED.get(file, set())
        assert not used & FORBIDDEN_MODULES, f"{file}: {names}"


@pytest.mark.parametrize("file", [name for name in TREES if not name.startswith(("demo/", "sandbox/"))])
def test_sql_is_written_and_not_put_together(file: str) -> None:
    for name, node in calls(TREES[file]):
        if SQL.match(name) and node.args and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
            parts = ast.unparse(node.args[0])
            inserted = {
                ast.unparse(one.value)
                for one in ast.walk(node.args[0])
                if isinstance(one, ast.FormattedValue)
            }
            constants = all(part.rpartition(".")[2].replace("_", "").isupper() for part in inserted)
            assert constants, f"{file}:{node.lineno}: {parts}"


def test_the_rules_can_trip() -> None:
    tree = ast.parse('text(f"select {what}")\neval(x)\nrun(x, shell=True)')
    assert [name for name, _ in calls(tree)] == ["text", "eval", "run"]
    assert any(name in FORBIDDEN_CALLS for name, _ in calls(tree))


@pytest.mark.parametrize("file", TEMPLATES)
def test_templates_escape_everything(file: str) -> None:
    page = TEMPLATES[file]
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", page) or file in MAY_SAY_SAFE, file
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals='?js:", page), file
    assert not re.search(r"<script(?![^>]*\ssrc=\"\{\{ asset\()", page), file
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page) or file.startswith("sandbox/"), file


@pytest.mark.parametrize("file", sorted(path.name for path in (CODE / "static").glob("*.js")))
def test_scripts_keep_nothing_and_run_nothing(file: str) -> None:
    script = (CODE / "static" / file).read_text()
    assert not re.search(
        r"localStorage|sessionStorage|indexedDB|\beval\(|new Function|document\.write", script
    ), file
    assert file == "trusted.js" or not re.search(r"createPolicy|innerHTML|insertAdjacentHTML", script), file


def test_htmx_may_do_little() -> None:
    head = TEMPLATES["templates/layout/_head.html"]
    for wanted in (
        '"allowEval": false',
        '"selfRequestsOnly": true',
        '"historyCacheSize": 0',
        '"allowScriptTags": false',
    ):
        assert wanted in head
    assert head.index("trusted.js") < head.index("htmx.min.js")

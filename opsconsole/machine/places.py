"""Where the embedded servers live: private directories, and the account they run as under root."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import secrets
import stat
import subprocess
from pathlib import Path

from opsconsole.machine.processes import Account, CannotStart


def server_account() -> Account | None:
    """None for an ordinary user. PostgreSQL refuses to run as root: then an account that exists already."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart(
        "Running as root, and neither the account 'postgres' nor 'nobody' exists to run PostgreSQL as: "
        "start as an ordinary user, or set OPSCONSOLE_DATABASE_URL."
    )


def make_home(home: Path) -> Path:
    """Make the home: closed, but passable for the server's account. One that exists stays as it is."""
    if not home.is_dir():
        home.mkdir(parents=True)
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)  # whatever the umask
    return home.resolve()


def private_directory(path: Path, *, owner: Account | None = None, passable: bool = False) -> Path:
    """Make (or take) a directory of ours, closed to others; `passable` lets them through but not look.

    Raises CannotStart when somebody else owns what is there, or it is a link: /tmp belongs to everyone.
    """
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700, parents=True)
    there = path.lstat()
    if not stat.S_ISDIR(there.st_mode) or there.st_uid not in {
        os.geteuid(),
        owner.uid if owner else os.geteuid(),
    }:
        raise CannotStart(f"{path} exists and belongs to somebody else: remove it and start again.")
    if owner:
        os.chown(path, owner.uid, owner.gid)
    path.chmod(0o711 if passable else 0o700)
    return path


def logs(home: Path) -> Path:
    """Where each part's output goes, for our eyes only."""
    return private_directory(home / "log")


def reachable(path: Path, account: Account | None) -> bool:
    """Can that account get to `path`? A checkout under a 0700 /root cannot be reached by others."""
    if account is None:
        return True
    try:
        tried = subprocess.run(
            ["/bin/sh", "-c", 'test -x "$0"', str(path)],
            cwd="/",
            capture_output=True,
            **account.popen(),
        )
    except OSError:
        return False
    return tried.returncode == 0


def tag(home: Path) -> str:
    """Ten hex digits for this home: of its path, and of a random mark, so that a new home is a new one."""
    mark = home / "mark"
    if not mark.exists():
        part = home / f"mark.{os.getpid()}"
        part.write_text(secrets.token_hex(8))
        with contextlib.suppress(FileExistsError):  # another process was faster: its mark holds
            os.link(part, mark)
        part.unlink()
    return hashlib.sha256(f"{os.geteuid()}:{home.resolve()}:{mark.read_text()}".encode()).hexdigest()[:10]


def sockets(home: Path, server: str, owner: Account | None = None) -> Path:
    """A short private directory for a server's Unix socket: socket paths end at 104 bytes (macOS)."""
    above = private_directory(Path("/tmp") / f"opsc-{tag(home)}", passable=True)
    return private_directory(above / server, owner=owner)

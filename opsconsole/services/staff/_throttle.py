"""Slowing guesses down without locking anybody out.

Wrong tries are counted per account and address, per address, per account and for all together. A browser that the person
has signed in with before has an allowance of its own, which a stranger cannot use up.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from ...db import db, instant
from ...lib.refusal import Refused
from ...models import FailedSignIn, SignIn, Staff

WINDOW = timedelta(minutes=15)
REMEMBERS = timedelta(days=90)  # how long a browser counts as known after a sign-in
HERE, ADDRESS, ACCOUNT, ALL = 10, 50, 100, 3000  # wrong tries in a window
ASKS_HERE, ASKS_ADDRESS, ASKS_ALL = 5, 20, 1000  # links asked for by mail, likewise
WORDS = "Too many wrong passwords or codes. Try again in 15 minutes, or ask an admin."
Doors = dict[str, int]


class TooManyTries(Refused):
    """Too many wrong passwords or codes: the next quarter of an hour brings new tries."""


def doors(account: str, *, address: str, device: str, what: str = "") -> Doors:
    """Where wrong tries are counted, with how many are allowed. `account` is an e-mail address, known or not; `what`
    keeps codes apart from passwords."""
    account = f"{what}account {account[:320]}"
    if device and _known(account.rpartition(" ")[2], device):
        return {f"{account} on {device[:20]}": HERE}
    return {f"{account} from {address}": HERE, f"address {address}": ADDRESS, account: ACCOUNT, "all": ALL}


def doors_of_resets(account: str, *, address: str, device: str) -> Doors:
    """The same for asking for a link by mail, where every ask counts."""
    account = f"reset {account[:320]}"
    if device and _known(account.partition(" ")[2], device):
        return {f"{account} on {device[:20]}": ASKS_HERE}
    return {
        f"{account} from {address}": ASKS_HERE,
        f"resets from {address}": ASKS_ADDRESS,
        "resets": ASKS_ALL,
    }


def refuse_when_full(counted: Doors, words: str = WORDS) -> None:
    """Raises TooManyTries."""
    since = instant() - WINDOW
    query = (
        select(FailedSignIn.what, func.sum(FailedSignIn.count))
        .where(FailedSignIn.what.in_(counted), FailedSignIn.window > since)
        .group_by(FailedSignIn.what)
    )
    if any(tries >= counted[what] for what, tries in db.session.execute(query)):
        raise TooManyTries(words)


def count(counted: Doors) -> None:
    """A wrong try. In the same order everywhere, so that two never wait for each other."""
    for what in sorted(counted):
        row = insert(FailedSignIn).values(what=what, window=func.date_trunc("minute", instant()), count=1)
        db.session.execute(
            row.on_conflict_do_update(
                index_elements=["what", "window"], set_={"count": FailedSignIn.count + 1}
            )
        )


def _known(email: str, device: str) -> bool:
    query = (
        select(SignIn.id)
        .join(Staff, Staff.id == SignIn.staff_id)
        .where(
            Staff.email == email,
            SignIn.device == device,
            SignIn.second_at.is_not(
                None
            ),  # a password alone makes no browser known, or a thief had tries without end
            SignIn.created_at > instant() - REMEMBERS,
        )
    )
    return db.session.scalar(query.limit(1)) is not None

"""The hurdles before an act, in the order in which they are asked: right, banner, second person, amounts, the act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from ...db import db, now
from ...lib.money import Money
from ...lib.refusal import Denied, Invalid, NotFound, Refused
from ...models import REGISTRY, Limit, Record, Role
from .. import approvals, banners, refunds, staff
from .._act import ACTS, Act, parameters
from .._actor import Actor
from .._perform import preview


@dataclass(frozen=True)
class Hurdle:
    """`kind` is right, banner, second, limit or state; `says` what is in the way, `do` what to do next. One that
    `blocks` is in the way of asking too; beyond the others a second person helps. `who` are names."""

    kind: str
    says: str
    do: str
    blocks: bool = True
    who: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spent:
    """A limit of the actor's role: what was given in its window, alone and at most, in cents of US dollars."""

    measure: str
    says: str
    spent: int
    alone: int
    at_most: int | None


@dataclass(frozen=True)
class Explained:
    act: str
    subject: str | None
    hurdles: list[Hurdle]
    spent: list[Spent] = field(default_factory=list)

    @property
    def allowed(self) -> bool:
        """May they ask for it at all, alone or with a second person?"""
        return not any(hurdle.blocks for hurdle in self.hurdles)


def explain(name: str, subject_id: str | None, *, by: Actor) -> Explained:
    """What stands between `by` and the act or page right `name`, on that subject. Raises NotFound for either."""
    if name not in staff.PERMISSIONS and name not in ACTS:
        raise NotFound("There is no such act, and no such right.")
    subject = _subject(subject_id)
    place = subject.url if subject else None
    act = ACTS.get(name)
    if not (act.permits(by) if act else by.may(name)):
        return Explained(name, place, [_without_the_right(name, act, by)])
    if act is None:
        return Explained(name, place, [])
    hurdles = [*_banners(act, subject, by), *_second(act, by)]
    spent = _spent(name, subject, by)
    hurdles += _limits(name, spent, by)
    if subject and not any(one.blocks for one in hurdles):
        hurdles += _state(act, subject, by)
    return Explained(name, place, hurdles, spent)


def _subject(id: str | None) -> Record | None:
    if not id:
        return None
    noun = REGISTRY.get(id.partition("_")[0])
    if noun is None:
        raise NotFound("There is no such thing.")
    return noun.require(id)


def _without_the_right(name: str, act: Act | None, by: Actor) -> Hurdle:
    if act and not act.for_people:
        return Hurdle("right", "Only the console's own processes do this.", "Nothing: it happens by itself.")
    mine = Role.get(by.role)
    roles = [role.name.replace("_", " ") for role in staff.roles_with(name) if role.name != "demo"]
    says = f"It needs the right {name}, which your role{f' ({_words(mine.name)})' if mine else ''} does not have."
    if not roles:
        return Hurdle("right", f"{says} No role has it.", "Ask an admin, if you need it for your work.")
    do = (
        f"Ask somebody who is {_either(roles)} to do it; or an admin for the right, if you need it every day."
    )
    return Hurdle("right", says, do, who=tuple(staff.people_with(name, but=by.id)))


def _banners(act: Act, subject: Record | None, by: Actor) -> Iterator[Hurdle]:
    try:
        banners.check(act, subject.id if subject else None, by)
    except banners.Blocked as blocked:
        yield Hurdle("banner", blocked.message, "Ask them to look at the banner; until then nothing is done.")


def _second(act: Act, by: Actor) -> Iterator[Hurdle]:
    if act.second:
        yield _asks_for_two(act.name, act.second, by)


def _asks_for_two(name: str, says: str, by: Actor) -> Hurdle:
    who = tuple(staff.people_with(name, approvals.APPROVE, but=by.id))
    do = "Do it as usual: it becomes a request, and happens when somebody else has agreed."
    return Hurdle("second", says, do, blocks=False, who=who)


def _spent(name: str, subject: Record | None, by: Actor) -> list[Spent]:
    query = select(Limit).where(Limit.role_id == by.role, Limit.act == name).order_by(Limit.measure)
    customer_id = getattr(subject, "customer_id", None) or (subject.id if subject else None)
    given = refunds.given_so_far(customer_id or "", by.id, now())
    return [
        Spent(one.measure, approvals.MEASURES[one.measure], given[one.measure], one.alone, one.at_most)
        for one in db.session.scalars(query)
        if subject or one.measure == "actor_day"
    ]


def _limits(name: str, spent: list[Spent], by: Actor) -> Iterator[Hurdle]:
    if name in staff.LIMITS and not db.session.scalar(
        select(Limit.id).where(Limit.role_id == by.role).limit(1)
    ):
        yield _asks_for_two(name, "Your role has no limit for this, so no amount is decided alone.", by)
    for one in spent:
        told = f"{Money(one.spent, 'usd')} was given {one.says}"
        if one.at_most is not None and one.spent >= one.at_most:
            says = f"{told}; your role may give {Money(one.at_most, 'usd')}, also with a second person."
            yield Hurdle("limit", says, "Ask an ops lead or finance to do it.")
        elif one.spent >= one.alone:
            says = f"{told}; alone you may give {Money(one.alone, 'usd')}."
            yield _asks_for_two(name, says, by)


def _state(act: Act, subject: Record, by: Actor) -> Iterator[Hurdle]:
    """An act that needs nothing but its subject tells itself why not; others tell on their form."""
    if parameters(act):
        return
    try:
        preview(act, subject.id, {}, by=by)
    except (Refused, Denied) as refused:
        yield Hurdle("state", str(refused), "Look at its page: it says what can be done now.")
    except (Invalid, NotFound):
        return


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _words(name: str) -> str:
    return name.replace("_", " ")

"""Twenty ways of giving one customer 301.00 though each of us may give 300.00 alone. None of them works.

What counts is told by the refunds themselves: whoever made one without a second person, all that the customer had got in
the seven days up to then, this one included, is within what that role may give alone.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from opsconsole.db import db
from opsconsole.lib.money import Money
from opsconsole.services.approvals import cents

from ..house import TOKENS, House
from ..scenes import WINDOW, only_case, processor, refund_elsewhere
from .scenes import decide

ALONE = {"support": 100_00, "ops_lead": 300_00, "finance": 300_00}
LEADS = ("ops_lead", "finance")


class Split:
    """One customer, and everything that is asked for them. `answers` are the statuses, in their order."""

    def __init__(self, house: House, name: str) -> None:
        self.house, self.customer, self.answers = house, f"split-{name}", list[int]()

    def order(self, amount: str = "500.00", **more: Any) -> dict[str, Any]:
        return self.house.order(amount, customer=self.customer, **more)

    def give(self, order: dict[str, Any], amount: str | None, role: str = "ops_lead", **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {TOKENS[role]}", "Accept": "application/json"}
        asked = {"reason": "goodwill", **({"amount": amount} if amount else {}), **body}
        answer = self.house.app.test_client(use_cookies=False).post(
            f"{order['url']}/refund", json=asked, headers=headers
        )
        self.answers.append(answer.status_code)
        return answer.get_json()

    def parts(self, order: dict[str, Any], *amounts: str, roles: tuple[str, ...] = LEADS) -> None:
        for nth, amount in enumerate(amounts):
            self.give(order, amount, roles[nth % len(roles)])


def twenty_parts(split: Split) -> None:
    split.parts(split.order(), *["15.05"] * 20, roles=("ops_lead",))


def a_cent_more(split: Split) -> None:
    split.parts(split.order(), "300.00", "0.01", roles=("finance",))


def two_people_in_turn(split: Split) -> None:
    split.parts(split.order(), *["50.00"] * 6, "1.00")


def everybody_one_after_another(split: Split) -> None:
    split.parts(split.order(), "100.00", "150.00", "51.00", roles=("support", *LEADS))


def support_after_the_others(split: Split) -> None:
    split.parts(split.order(), "90.00", "11.00", roles=("finance", "support"))


def over_midnight(split: Split, zone: str = "UTC") -> None:
    order = split.order()
    [(now,)] = split.house.rows("select instant()")
    here = now.astimezone(ZoneInfo(zone))
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    split.house.later((midnight - here).total_seconds() - 5)
    split.give(order, "200.00")
    split.house.later(10)
    split.give(order, "101.00")


def over_midnight_of_the_company(split: Split) -> None:
    over_midnight(split, "America/New_York")


def over_six_days(split: Split) -> None:
    order = split.order()
    for amount in ("150.00", "100.00", "51.00"):
        split.give(order, amount)
        split.house.later(3 * 24 * 3600 - 60)


def a_program_and_a_person(split: Split) -> None:
    """A token and a colleague's own session."""
    order = split.order()
    split.give(order, "200.00")
    lee = split.house.page("ops_lead")
    lee.get(f"{order['url']}/refund")
    lee.submit(f"{order['url']}/refund", {"amount": "101.00", "reason": "goodwill"})
    split.answers.append(202 if "Nothing was done yet" in lee.html else 201)


def line_by_line(split: Split) -> None:
    order = split.order("310.00")
    [line] = order["lines"]
    for part in ("150.00", "150.00", "1.00"):
        split.give(order, None, lines=[{"line": line["line"], "amount": part}])


def lines_and_amounts(split: Split) -> None:
    order = split.order("310.00")
    split.give(order, None, lines=[{"line": order["lines"][0]["line"], "amount": "200.00"}])
    split.give(order, "101.00", "finance")


def two_orders(split: Split) -> None:
    for order in (split.order(), split.order()):
        split.give(order, "150.50")


def four_orders(split: Split) -> None:
    for _ in range(4):
        split.give(split.order("80.00"), "75.25")


def by_their_payments(split: Split) -> None:
    for order in (split.order(), split.order()):
        split.give(order, "150.50", payment=order["payments"][0].rsplit("/", 1)[-1])


def in_yen(split: Split) -> None:
    order = split.order("60000", currency="jpy")
    split.parts(order, "22500", "22500", "150")


def in_three_currencies(split: Split) -> None:
    split.give(split.order("30000", currency="jpy"), "15000")
    split.give(split.order(currency="eur"), "90.00", "finance")
    split.give(split.order(), "101.00")


def with_withdrawn_ones_in_between(split: Split) -> None:
    """Taking one back gives its room back, and no more than that."""
    order = split.order()
    for amount in ("150.00", "100.00", "50.00"):
        taken_back = split.give(order, "50.00")
        split.house.api("ops_lead").post(f"{taken_back['subject']}/withdraw")
        split.give(order, amount)
    split.give(order, "1.00", "finance")


def with_an_approved_one_in_between(split: Split) -> None:
    order = split.order("800.00")
    asked = split.give(order, "310.00")
    assert decide(split.house.page("finance"), asked["approval"]).status_code == 200
    split.parts(order, "1.00", "1.00")


def with_one_that_waits_meanwhile(split: Split) -> None:
    """What waits does not count yet, and cannot be done as if nothing had been given since."""
    order = split.order("800.00")
    asked = split.give(order, "301.00")
    split.give(order, "300.00", "finance")
    late = decide(split.house.page("finance"), asked["approval"])
    assert (late.status_code, late.get_json()["refused"]["code"]) == (409, "world_changed")
    split.give(order, "1.00")


def trying_again_with_more(split: Split) -> None:
    """One that was declined counts nothing; what it is tried again with does."""
    order = split.order("400.00")
    done = split.give(order, "10.00")
    payment = split.house.api().get(order["payments"][0])["external_id"]
    elsewhere = processor(split.house).refunds.create({"payment_intent": payment, "amount": 395_00})
    split.house.later(WINDOW)
    case = only_case(split.house, done["subject"])
    assert elsewhere.status == "succeeded"
    lee = split.house.api("ops_lead")
    answer = lee.client.post(
        f"{case['url']}/retry", json={"reason": "again", "fix": {"amount": "5.00"}}, headers=lee.headers
    )
    split.answers.append(answer.status_code)


def at_stripes_own_dashboard(split: Split) -> None:
    order = split.order()
    refund_elsewhere(split.house, order, 200_00)
    split.house.drain()
    split.give(order, "101.00")


def all_at_once(split: Split) -> None:
    order = split.order("900.00")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda role: split.give(order, "100.00", role), LEADS * 2))


WAYS: list[Callable[[Split], None]] = [
    twenty_parts, a_cent_more, two_people_in_turn, everybody_one_after_another, support_after_the_others, line_by_line,
    lines_and_amounts, two_orders, four_orders, by_their_payments, a_program_and_a_person, in_yen, in_three_currencies,
    with_withdrawn_ones_in_between, with_an_approved_one_in_between, with_one_that_waits_meanwhile,
    at_stripes_own_dashboard, all_at_once, trying_again_with_more, over_midnight, over_midnight_of_the_company,
    over_six_days,
]  # fmt: skip


def beyond(house: House, customer: str) -> list[str]:
    """The refunds that one person made alone though the customer had got too much by then."""
    rows = house.rows(
        """
        select r.id, r.amount, r.currency, r.created_at, o.name as role,
               exists (select 1 from approvals a where a.done_id = r.id and a.status = 'approved') as approved
        from refunds r join customers c on c.id = r.customer_id
        left join tokens t on t.id = r.by_id left join staff s on s.id = r.by_id
        left join roles o on o.id in (t.role_id, s.role_id)
        where c.reference = :customer and r.status not in ('failed', 'withdrawn', 'canceled')
        """,
        customer=customer,
    )
    return [
        row.id
        for row in rows
        if row.role and not row.approved and _given(rows, row.created_at) > ALONE[row.role]
    ]


def _given(rows: list[Any], until: datetime) -> int:
    week = [row for row in rows if until - timedelta(days=7) < row.created_at <= until]
    return sum(cents(Money(row.amount, row.currency)) or 0 for row in week)


def test_no_way_of_splitting_passes_the_limit_without_a_second_person(house: House) -> None:
    assert len(WAYS) >= 20
    with house.app.app_context():  # so much in one day is another limit, which has tests of its own
        db.session.execute(
            text("update limits set alone = 100000000, at_most = null where measure = 'actor_day'")
        )
        db.session.commit()
    ends: dict[str, Any] = {}
    for way in WAYS:
        split = Split(house, way.__name__)
        way(split)
        ends[way.__name__] = (beyond(house, split.customer), {202, 409} & set(split.answers))
    assert {way: end for way, end in ends.items() if end[0]} == {}, "more than one person may give alone"
    assert [way for way, end in ends.items() if not end[1]] == [], "nothing was stopped: it is no such way"


def test_the_check_itself_finds_what_is_beyond(house: House) -> None:
    """It would have failed: with limits lifted, the same refunds are told as beyond."""
    house.lift_limits()
    split = Split(house, "free")
    split.parts(split.order(), "200.00", "101.00")
    assert split.answers == [201, 201] and len(beyond(house, split.customer)) == 1

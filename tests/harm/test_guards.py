"""Each guard with what breaks it and what is nearly that and right."""

from __future__ import annotations

from opsconsole.services import harm

from ..house import House
from .scenes import (
    alter,
    broken,
    change,
    customer,
    decision,
    fill,
    invoice,
    item,
    message,
    opted_out,
    payment,
    ready,
    refund,
    request,
    rx,
    subscription,
    visit,
    write,
)


def test_two_live_copies(house: House) -> None:
    ready(house)
    whose = customer(house)
    first, second = write(house, rx(whose, "rx-a"), rx(whose, "rx-b"))
    write(house, request(first, whose, "transmit", "confirmed"))
    assert broken(house, "two_copies") == []  # the other one is nowhere yet
    [sent] = write(house, request(second, whose, "transmit", "requested"))
    assert broken(house, "two_copies") == [max(first, second)]
    [asked] = write(house, request(first, whose, "cancel", "requested"))
    assert broken(house, "two_copies") == []  # one of them is being canceled
    alter(house, "update prescription_requests set status = 'denied' where id = :id", id=asked)
    assert broken(house, "two_copies")
    alter(house, "update prescriptions set fills_used = 3 where id = :id", id=first)
    assert broken(house, "two_copies") == []  # 2 refills are 3 fills: nothing is left of the first
    alter(house, "update prescriptions set fills_used = 2 where id = :id", id=first)
    assert broken(house, "two_copies")
    alter(house, "update prescription_requests set status = 'failed' where id = :id", id=sent)
    assert broken(house, "two_copies") == []


def test_shipped_after_deny(house: House) -> None:
    order = ready(house)
    whose, pharmacy = customer(house), house.rows("select id from pharmacies")[0].id
    [seen, made] = write(house, visit(order["id"], whose), fill(order["id"], whose, pharmacy, "sent"))
    assert broken(house, "shipped_after_deny") == []  # nobody decided
    write(house, decision(seen, whose, 1, "deny"))
    assert broken(house, "shipped_after_deny") == [made]
    write(house, decision(seen, whose, 2, "amendment"))
    assert broken(house, "shipped_after_deny") == [made]  # words that were added change nothing
    write(house, decision(seen, whose, 3, "approve"))
    assert broken(house, "shipped_after_deny") == []
    alter(house, "update orders set status = 'rejected' where id = :id", id=order["id"])
    assert broken(house, "shipped_after_deny") == [made]
    alter(house, "update fills set status = 'cancel_requested' where id = :id", id=made)
    assert broken(house, "shipped_after_deny") == []


def test_charged_and_resumed_without_a_prescription(house: House) -> None:
    ready(house)
    whose = customer(house)
    [sub] = write(house, subscription(whose, effective="blocked"))
    write(house, item(sub))
    [draft] = write(house, invoice(sub, whose))
    assert broken(house, "charged_uncovered") == [draft]
    alter(house, "update invoices set auto_advance = false")  # somebody holds it
    assert broken(house, "charged_uncovered") == []
    alter(house, "update invoices set auto_advance = true, finalizes_at = instant() + interval '50 minutes'")
    assert broken(house, "charged_uncovered") == []  # there is time yet to hold it
    alter(house, "update invoices set finalizes_at = instant()")
    assert broken(house, "charged_uncovered") == [draft]
    alter(house, "update subscriptions set effective = 'active'")
    assert broken(house, "charged_uncovered") == []

    [resumes] = write(house, change(sub, whose, "subscriptions.resume"))
    assert broken(house, "resumed_uncovered") == []
    alter(house, "update prescriptions set expires_on = instant()::date - 1")
    assert broken(house, "resumed_uncovered") == [resumes]
    alter(house, "update prescriptions set expires_on = instant()::date")  # its last day counts
    assert broken(house, "resumed_uncovered") == []
    alter(house, "update prescriptions set fills_used = 3")
    assert broken(house, "resumed_uncovered") == [resumes]
    alter(house, "update changes set verb = 'subscriptions.cancel'")
    assert broken(house, "resumed_uncovered") == []


def test_money_and_messages(house: House) -> None:
    ready(house)
    whose = customer(house)
    [paid] = write(house, payment(whose, 6000))
    write(house, refund(paid, whose, 4000), refund(paid, whose, 2000, "planned"))
    assert broken(house, "refunded_beyond_paid") == []
    [more] = write(house, refund(paid, whose, 1))
    assert broken(house, "refunded_beyond_paid") == [paid]
    alter(house, "update refunds set status = 'failed' where id = :id", id=more)
    assert broken(house, "refunded_beyond_paid") == []

    first, second = write(house, subscription(whose), subscription(whose, "sub_2"))
    write(house, item(first), item(second, "si_2", "price_2"))
    assert broken(house, "subscribed_twice") == [max(first, second)]
    alter(house, "update subscriptions set cancel_at = next_charge_at where external_id = 'sub_2'")
    assert broken(house, "subscribed_twice") == []

    optional = harm.GUARDS["written_after_opt_out"].values["optional"]
    write(house, opted_out(whose), message(whose, "refund_issued"))
    assert broken(house, "written_after_opt_out") == []  # what they have to know is sent all the same
    [unwanted] = write(house, message(whose, optional[0]))
    assert broken(house, "written_after_opt_out") == [unwanted]
    alter(house, "update messages set status = 'withdrawn' where id = :id", id=unwanted)
    assert broken(house, "written_after_opt_out") == []

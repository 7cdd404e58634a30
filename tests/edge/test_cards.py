"""No card number gets in, into no text, however it is spaced (PCI DSS 3.2, SAQ A)."""

from __future__ import annotations

import random

import pytest

from opsconsole.lib.cards import holds_card_number, luhn

from ..house import House

ASVS = {"14.2.6": "no card numbers"}
ISSUED = ("4242424242424242", "5555555555554444", "2223003122003222", "378282246310005", "6011111111111117",
          "3056930009020004", "4222222222222", "6205500000000000004")  # fmt: skip
NONE = (
    "", "4242 4242 4242 4241", "pi_3QxK2eLkdIwHu7ix4242", "1Z999AA10123456784", "9400111899223197428490", "2026-11-21 10:30",
    "+1 415 555 2671", "order 1042, 3 of 12", "4242424242424242424242", "10.00 20.00 30.00", "0000000000000000",
)  # fmt: skip


@pytest.mark.parametrize("number", ISSUED)
def test_card_numbers_are_known_however_they_are_written(number: str) -> None:
    fours = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    wide = number.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    for written in (number, fours, fours.replace(" ", "-"), f"card {fours} 12/27 123.", f"({number})", wide):
        assert holds_card_number(written), written


@pytest.mark.parametrize("text", NONE)
def test_other_numbers_are_not(text: str) -> None:
    assert not holds_card_number(text)


def test_two_hundred_made_up_ones() -> None:
    chance = random.Random(1)
    for _ in range(200):
        digits = chance.choice("3456") + "".join(chance.choices("0123456789", k=chance.randint(11, 17)))
        digits += next(last for last in "0123456789" if luhn(digits + last))
        assert holds_card_number(f"paid with {digits}, thanks"), digits


def test_a_note_with_one_is_refused_in_words(house: House) -> None:
    order = house.order()
    before = house.checksum()
    url = f"{order['url']}/note"
    said = house.api("support").post(url, {"text": "she pays with 4242 4242 4242 4242"}, 422)
    assert "payment card" in said["errors"]["text"][0]
    page = house.page("support")
    page.get(url)
    after_sign_in = house.checksum()
    assert "payment card" in page.submit(url, {"text": "5555-5555-5555-4444"}, 422)
    assert house.checksum() == after_sign_in
    assert all(before[table] == after_sign_in[table] for table in ("notes", "audit_entries", "orders"))


def test_the_reason_of_a_refund_too(house: House) -> None:
    order = house.order()
    body = {"amount": "1.00", "reason": "goodwill", "note": "card 378282246310005"}
    assert "note" in house.api().post(f"{order['url']}/refund", body, 422)["errors"]


def test_keys_of_others_may_be_numbers(house: House) -> None:
    """A shop's reference of 13 digits is no card, whatever its sum."""
    house.api("shop").post(
        "/customers", {"reference": "4222222222222", "name": "Jo Field", "email": "j@example.test"}
    )

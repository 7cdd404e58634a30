"""Money: what is written is what is read, in every currency, and nothing is rounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsconsole.lib.money import Money, NotMoney, exponent

currencies = st.sampled_from(["usd", "eur", "jpy", "krw", "kwd", "bhd", "xaf"])
minors = st.integers(-(10**12), 10**12)


@given(minors, currencies)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    places = exponent(currency)
    if abs(minor) < 10 ** (10 + places):
        assert Money.parse(money.amount, currency) == money
    whole, _, decimals = money.amount.partition(".")
    assert len(decimals) == places and money.as_json == {"amount": money.amount, "currency": currency}
    assert int(whole + decimals) == minor or minor < 0


@given(st.integers(0, 10**10 - 1), currencies)
def test_what_people_see_can_be_typed_again(minor: int, currency: str) -> None:
    shown = str(Money(minor, currency)).removesuffix(f" {currency.upper()}")
    assert Money.parse(f"  {shown} ", currency).minor == minor


@given(st.integers(0, 10**9), st.integers(1, 9), currencies)
def test_a_decimal_too_many_is_never_rounded(minor: int, digit: int, currency: str) -> None:
    amount = Money(minor, currency).amount
    finer = f"{amount}{digit}" if "." in amount else f"{amount}.{digit}"
    with pytest.raises(NotMoney, match=currency.upper()):
        Money.parse(finer, currency)


@given(st.text(max_size=12), currencies)
def test_any_text_is_money_or_refused_with_an_example(text: str, currency: str) -> None:
    try:
        read = Money.parse(text, currency)
    except NotMoney as error:
        assert "Write an amount like 10" in str(error) or "write an amount like 10" in str(error)
    else:
        assert {*text.strip()} <= {*"0123456789-.,$"} and isinstance(read.minor, int)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("10", "usd", 1000), ("10.5", "usd", 1050), (".5", "usd", 50), ("$1,234.56", "usd", 123456), ("-0.01", "usd", -1),
     ("1,000,000", "jpy", 1_000_000), ("1.234", "kwd", 1234), ("007", "usd", 700), ("9999999999.99", "usd", 10**12 - 1)],
)  # fmt: skip
def test_read(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "$", ".", "-", "1,50", "1,0000", ",100", "1.2.3", "1e3", "0x10", "1_000", "inf", "nan", "10 usd", "--1",
        "+1", "10000000000", "\u0661\u0660", "\uff11\uff10",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    with pytest.raises(NotMoney):
        Money.parse(text, "usd")


def test_a_dollar_sign_is_no_yen() -> None:
    with pytest.raises(NotMoney):
        Money.parse("$10", "jpy")


def test_shown() -> None:
    assert [str(Money(*m)) for m in ((123456789, "usd"), (-5, "usd"), (1500, "jpy"), (1500, "kwd"))] == [
        "$1,234,567.89", "-$0.05", "1,500 JPY", "1.500 KWD",
    ]  # fmt: skip

"""Amounts stay exact. Not covered: tariffs, VAT and cash rounding."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocapi.lib import money
from ocapi.lib.money import AmountFault, CurrencyMismatch, InvalidAmount, Money


class TestMoney:
    def test_counts_in_cents_both_ways(self) -> None:
        assert money.from_cents(123450) == Money(amount=Decimal("1234.5"))
        assert money.from_cents(-5).cents == -5

    def test_adds_and_compares_within_one_currency(self) -> None:
        one, two = money.from_cents(150), money.from_cents(275)
        assert (one + two, two - one, -one < one) == (money.from_cents(425), money.from_cents(125), True)

    def test_refuses_to_mix_currencies(self) -> None:
        with pytest.raises(CurrencyMismatch):
            money.from_cents(1) + money.from_cents(1, "USD")

    @pytest.mark.parametrize("amount", [Decimal("1.005"), Decimal("NaN"), 1.5])
    def test_refuses_what_is_not_whole_cents(self, amount: Decimal) -> None:
        with pytest.raises((ValueError, TypeError)):
            Money(amount=amount)

    @pytest.mark.parametrize(("amount", "cents"), [("1.005", 101), ("1.004", 100), ("-1.005", -101)])
    def test_rounds_half_up(self, amount: str, cents: int) -> None:
        assert money.rounded(Decimal(amount)).cents == cents


class TestSplit:
    def test_gives_the_left_over_cents_to_the_largest_remainders(self) -> None:
        assert [part.cents for part in money.split(money.from_cents(100), [1, 1, 1])] == [34, 33, 33]
        assert [part.cents for part in money.split(money.from_cents(10), [1, 0, 5])] == [2, 0, 8]

    @settings(max_examples=100, deadline=None)
    @given(cents=st.integers(-(10**9), 10**9), weights=st.lists(st.integers(0, 999), min_size=1, max_size=9))
    def test_always_adds_up(self, cents: int, weights: list[int]) -> None:
        if sum(weights):
            parts = [part.cents for part in money.split(money.from_cents(cents), weights)]
            exact = [cents * weight / sum(weights) for weight in weights]
            assert sum(parts) == cents
            assert all(abs(part - share) < 1 for part, share in zip(parts, exact, strict=True))

    @pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
    def test_refuses_weights_that_share_nothing(self, weights: list[int]) -> None:
        with pytest.raises(ValueError, match="weights"):
            money.split(money.from_cents(1), weights)


class TestDutch:
    @pytest.mark.parametrize(
        ("cents", "shown"),
        [(123450, "€ 1.234,50"), (-1200, "- € 12,00"), (5, "€ 0,05"), (123456789000, "€ 1.234.567.890,00")],
    )
    def test_shows_with_no_break_spaces(self, cents: int, shown: str) -> None:
        assert money.format_dutch(money.from_cents(cents)) == shown.replace(" ", "\u00a0")

    @pytest.mark.parametrize(
        ("text", "cents"),
        [("1.234,50", 123450), ("1234,50", 123450), ("€ 12", 1200), ("-\u00a0€\u00a00,05", -5)],
    )
    def test_reads_dutch_notation(self, text: str, cents: int) -> None:
        assert money.parse_dutch(text).cents == cents

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("1,234.50", AmountFault.ENGLISH_SEPARATORS),
            ("1234.50", AmountFault.ENGLISH_SEPARATORS),
            ("12,5", AmountFault.WRONG_DECIMALS),
            ("12,505", AmountFault.WRONG_DECIMALS),
            ("1.23,50", AmountFault.WRONG_DECIMALS),
            ("twaalf", AmountFault.NOT_AN_AMOUNT),
            ("", AmountFault.NOT_AN_AMOUNT),
            ("1e5", AmountFault.NOT_AN_AMOUNT),
            ("١٢", AmountFault.NOT_AN_AMOUNT),
        ],
    )
    def test_refuses_with_the_reason(self, text: str, fault: AmountFault) -> None:
        with pytest.raises(InvalidAmount) as caught:
            money.parse_dutch(text)
        assert caught.value.fault is fault

    @settings(max_examples=60, deadline=None)
    @given(st.integers(-(10**12), 10**12))
    def test_reads_back_what_it_shows(self, cents: int) -> None:
        assert money.parse_dutch(money.format_dutch(money.from_cents(cents))).cents == cents

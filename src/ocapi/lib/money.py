"""Amounts of money: exact, in cents, never a float; read and shown the Dutch way."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

CENT = Decimal("0.01")
EURO = "EUR"
NO_BREAK = "\u00a0"

_CURRENCY = re.compile(r"[A-Z]{3}")
_DUTCH = re.compile(r"(-?)(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{2}))?", re.ASCII)
_ENGLISH = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d{1,2})|-?\d{1,3}(,\d{3}){2,}", re.ASCII)


class AmountFault(StrEnum):
    """Why a typed amount was refused; the screen explains each in Dutch."""

    ENGLISH_SEPARATORS = "englishSeparators"
    WRONG_DECIMALS = "wrongDecimals"
    NOT_AN_AMOUNT = "notAnAmount"


class InvalidAmount(ValueError):
    """A typed text is no amount in Dutch notation."""

    def __init__(self, fault: AmountFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies cannot be added or compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in whole cents. amount: with at most two decimals. currency: ISO 4217 code."""

    amount: Decimal
    currency: str = EURO

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise TypeError("an amount is a finite Decimal")
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError("a currency is three capitals")
        whole = self.amount.quantize(CENT)
        if whole != self.amount:
            raise ValueError("an amount has two decimals; round it once, with `rounded`")
        object.__setattr__(self, "amount", whole if whole else abs(whole))

    @property
    def cents(self) -> int:
        """Give the amount in cents, as the database stores it."""
        return int(self.amount.scaleb(2))

    def __add__(self, other: "Money") -> "Money":
        return Money(amount=self.amount + self._same(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(amount=self.amount - self._same(other), currency=self.currency)

    def __neg__(self) -> "Money":
        return Money(amount=-self.amount, currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount


def from_cents(cents: int, currency: str = EURO) -> Money:
    """Make an amount from whole cents."""
    return Money(amount=Decimal(cents).scaleb(-2), currency=currency)


def rounded(amount: Decimal, currency: str = EURO) -> Money:
    """Round half up, away from zero, to the cent: once, at the line the regulation names."""
    return Money(amount=amount.quantize(CENT, rounding=ROUND_HALF_UP), currency=currency)


def split(whole: Money, weights: Sequence[int]) -> list[Money]:
    """Share an amount by weights so that the parts add up exactly (largest remainder).

    weights: not negative, at least one positive. Cents left over go to the largest remainders, the first
    of equals first; the parts of a negative amount mirror those of the positive one.
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative and at least one is positive")
    size, sign = abs(whole.cents), -1 if whole.cents < 0 else 1
    parts = [size * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(size * weights[place] % total))
    for place in by_remainder[: size - sum(parts)]:
        parts[place] += 1
    return [from_cents(sign * part, whole.currency) for part in parts]


def format_dutch(money: Money) -> str:
    """Show `€ 1.234,50`, negative `- € 12,00`, with no-break spaces; a free thing says "Gratis" instead."""
    digits = f"{abs(money.amount):,.2f}".translate(str.maketrans(",.", ".,"))
    symbol = "€" if money.currency == EURO else money.currency
    sign = f"-{NO_BREAK}" if money.amount < 0 else ""
    return f"{sign}{symbol}{NO_BREAK}{digits}"


def parse_dutch(text: str, currency: str = EURO) -> Money:
    """Read `1.234,50`, `1234,50` or `1234`, with or without the euro sign; raises InvalidAmount.

    Strict: `1,234.50` is refused as English notation rather than guessed.
    """
    compact = re.sub(r"\s", "", text).replace("€", "", 1)
    if found := _DUTCH.fullmatch(compact):
        sign, whole, decimals = found.groups()
        return Money(amount=Decimal(f"{sign}{whole.replace('.', '')}.{decimals or '00'}"), currency=currency)
    if _ENGLISH.fullmatch(compact):
        raise InvalidAmount(AmountFault.ENGLISH_SEPARATORS)
    if re.fullmatch(r"-?[\d.]+,\d*", compact, re.ASCII):
        raise InvalidAmount(AmountFault.WRONG_DECIMALS)
    raise InvalidAmount(AmountFault.NOT_AN_AMOUNT)

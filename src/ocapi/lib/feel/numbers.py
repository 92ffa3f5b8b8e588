"""Decimal numbers of 34 digits: every operation of FEEL goes through this one context."""

from decimal import (
    ROUND_HALF_EVEN,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

CONTEXT = Context(
    prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, capitals=1,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
MIN_SCALE, MAX_SCALE = -6111, 6176
FAILURES = (InvalidOperation, DivisionByZero, Overflow, Clamped)


def exact(text: str) -> Decimal | None:
    """Give the number a text stands for, rounded to 34 digits; None when it is none or out of range."""
    try:
        value = CONTEXT.create_decimal(text)
    except FAILURES:
        return None
    return value if value.is_finite() else None


def from_int(value: int) -> Decimal:
    """Give an integer as a number."""
    return CONTEXT.create_decimal(value)


def plain(value: Decimal) -> str:
    """Give a number as FEEL writes it: without exponent; minus zero is zero."""
    return format(value, "f") if value else format(abs(value), "f")

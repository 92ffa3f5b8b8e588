"""Built-in functions on numbers."""

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.functions.signatures import Definition, whole_number
from ocapi.lib.feel.numbers import CONTEXT, FAILURES, MAX_SCALE, MIN_SCALE, exact
from ocapi.lib.feel.temporal import DaysDuration, MonthsDuration
from ocapi.lib.feel.values import Value

_ONE, _TWO = Decimal(1), Decimal(2)


def _rounding(mode: str) -> Callable[..., Value]:
    def rounded(run: Run, value: Decimal, scale: Decimal = Decimal(0)) -> Value:
        places = whole_number(scale, "scale")
        if not MIN_SCALE <= places <= MAX_SCALE:
            raise Fault("outOfRange", "scale")
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent >= -places:
            return value
        return _checked(lambda: value.quantize(_ONE.scaleb(-places, CONTEXT), mode, CONTEXT))

    return rounded


def _checked(operation: Callable[[], Decimal]) -> Decimal:
    try:
        return operation()
    except FAILURES:
        raise Fault("outOfRange", "number") from None


def _absolute(run: Run, n: Value) -> Value:
    if isinstance(n, DaysDuration):
        return DaysDuration(abs(n.nanos))
    if isinstance(n, MonthsDuration):
        return MonthsDuration(abs(n.months))
    return CONTEXT.abs(n)


def _modulo(run: Run, dividend: Decimal, divisor: Decimal) -> Value:
    if not divisor:
        raise Fault("divisionByZero")
    rest = _checked(lambda: CONTEXT.remainder(dividend, divisor))
    return CONTEXT.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


def _square_root(run: Run, number: Decimal) -> Value:
    if number < 0:
        raise Fault("outOfRange", "number")
    return CONTEXT.sqrt(number)


def _logarithm(run: Run, number: Decimal) -> Value:
    if number <= 0:
        raise Fault("outOfRange", "number")
    return CONTEXT.ln(number)


def _exponential(run: Run, number: Decimal) -> Value:
    return _checked(lambda: CONTEXT.exp(number))


def _is_even(number: Decimal) -> bool:
    return not _checked(lambda: CONTEXT.remainder(number, _TWO) if number.adjusted() < 34 else Decimal(0))


def _number(
    run: Run, text: str, grouping: str | None = None, separator: str | None = None
) -> Value:
    if grouping not in (None, " ", ",", ".") or separator not in (None, ",", "."):
        raise Fault("wrongSeparator")
    if grouping is not None and grouping == separator:
        raise Fault("wrongSeparator")
    plain = text.replace(grouping, "") if grouping else text
    if separator == ",":
        plain = plain.replace(".", "x").replace(",", ".")
    value = exact(plain) if plain.isascii() and "_" not in plain and plain == plain.strip() else None
    if value is None:
        raise Fault("notANumber", text[:80])
    return value


FUNCTIONS: tuple[Definition, ...] = (
    ("decimal", "n: number, scale: number", _rounding(ROUND_HALF_EVEN)),
    ("floor", "n: number, scale?: number", _rounding(ROUND_FLOOR)),
    ("ceiling", "n: number, scale?: number", _rounding(ROUND_CEILING)),
    ("round up", "n: number, scale: number", _rounding(ROUND_UP)),
    ("round down", "n: number, scale: number", _rounding(ROUND_DOWN)),
    ("round half up", "n: number, scale: number", _rounding(ROUND_HALF_UP)),
    ("round half down", "n: number, scale: number", _rounding(ROUND_HALF_DOWN)),
    ("abs", "n: magnitude", _absolute),
    ("modulo", "dividend: number, divisor: number", _modulo),
    ("sqrt", "number: number", _square_root),
    ("log", "number: number", _logarithm),
    ("exp", "number: number", _exponential),
    ("odd", "number: number", lambda run, n: n == n.to_integral_value() and not _is_even(n)),
    ("even", "number: number", lambda run, n: n == n.to_integral_value() and _is_even(n)),
    ("number", "from: string, grouping separator: string|null, decimal separator: string|null", _number),
    ("number", "from: string", _number),
)

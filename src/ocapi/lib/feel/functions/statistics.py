"""Built-in functions that make one number of a list of numbers; an empty list gives null."""

from collections import Counter
from decimal import Decimal

from ocapi.lib.feel.arithmetic import add
from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.functions.signatures import Definition
from ocapi.lib.feel.numbers import CONTEXT, FAILURES, from_int
from ocapi.lib.feel.temporal import DaysDuration, MonthsDuration
from ocapi.lib.feel.values import Value


def _numbers(run: Run, items: list[Value]) -> list[Decimal]:
    run.spend(1 + len(items))
    if not all(type(item) is Decimal for item in items):
        raise Fault("notANumber", "list")
    return items


def _sum(run: Run, items: list[Value]) -> Value:
    run.spend(1 + len(items))
    if not items:
        return None
    kind = type(items[0])
    if kind not in (Decimal, DaysDuration, MonthsDuration) or any(type(item) is not kind for item in items):
        raise Fault("notANumber", "list")
    total = items[0]
    for item in items[1:]:
        total = add(total, item)
    return total


def _product(run: Run, items: list[Value]) -> Value:
    numbers = _numbers(run, items)
    if not numbers:
        return None
    total = Decimal(1)
    try:
        for number in numbers:
            total = CONTEXT.multiply(total, number)
    except FAILURES:
        raise Fault("outOfRange", "number") from None
    return total


def _mean(run: Run, items: list[Value]) -> Value:
    total = _sum(run, _numbers(run, items))
    return None if total is None else CONTEXT.divide(total, from_int(len(items)))


def _median(run: Run, items: list[Value]) -> Value:
    numbers = sorted(_numbers(run, items))
    if not numbers:
        return None
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return CONTEXT.divide(add(numbers[middle - 1], numbers[middle]), Decimal(2))


def _deviation(run: Run, items: list[Value]) -> Value:
    """Give the standard deviation of a sample: n - 1 below the line."""
    numbers = _numbers(run, items)
    if len(numbers) < 2:
        raise Fault("tooFewItems", "list")
    mean = _mean(run, items)
    squares = Decimal(0)
    try:
        for number in numbers:
            away = CONTEXT.subtract(number, mean)
            squares = CONTEXT.add(squares, CONTEXT.multiply(away, away))
        return CONTEXT.sqrt(CONTEXT.divide(squares, from_int(len(numbers) - 1)))
    except FAILURES:
        raise Fault("outOfRange", "number") from None


def _mode(run: Run, items: list[Value]) -> Value:
    counted = Counter(_numbers(run, items))
    most = max(counted.values(), default=0)
    return sorted(number for number, count in counted.items() if count == most)


FUNCTIONS: tuple[Definition, ...] = (
    ("sum", "list: list*", _sum),
    ("product", "list: list*", _product),
    ("mean", "list: list*", _mean),
    ("median", "list: list*", _median),
    ("stddev", "list: list*", _deviation),
    ("mode", "list: list*", _mode),
)

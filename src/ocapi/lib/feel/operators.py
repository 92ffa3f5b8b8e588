"""Code of arithmetic, comparison and logic. What is known beforehand is folded or kept out of the way."""

import operator
from collections.abc import Callable
from decimal import Decimal

from ocapi.lib.feel import syntax
from ocapi.lib.feel.arithmetic import OPERATIONS, Operation
from ocapi.lib.feel.budget import paid
from ocapi.lib.feel.comparing import equal, ordered
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.numbers import CONTEXT, FAILURES
from ocapi.lib.feel.scope import Code, Compiling, Frame
from ocapi.lib.feel.values import Value, kind_of

DIRECT: dict[str, Callable[[Value, Value], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge,
}
_NUMBERS: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": CONTEXT.add, "-": CONTEXT.subtract, "*": CONTEXT.multiply,
}
_PLAIN = frozenset({Decimal, str})


def chain_code(compiling: Compiling, node: syntax.Chain) -> Code:
    """`a + b - c`, from left to right."""
    first = compiling.code(node.first)
    rest = [(symbol, compiling.code(operand)) for symbol, operand in node.rest]
    if len(rest) == 1:
        made = _arithmetic(rest[0][0], first, rest[0][1], node.position)
    else:
        made = _long_arithmetic(first, [(OPERATIONS[symbol], code) for symbol, code in rest], node.position)
    return folded(compiling, made, first, *(code for _, code in rest))


def _long_arithmetic(first: Code, rest: list[tuple[Operation, Code]], position: int) -> Code:
    """One loop, not a closure in a closure for each operator: a chain may be long."""

    def arithmetic(frame: Frame) -> Value:
        value = first(frame)
        try:
            for operation, code in rest:
                value = paid(frame[0], operation(value, code(frame)))
        except Fault as fault:
            return frame[0].fault(fault.code, position, fault.detail)
        return value

    return arithmetic


def _arithmetic(symbol: str, left: Code, right: Code, position: int) -> Code:
    operation = OPERATIONS[symbol]
    direct = _NUMBERS.get(symbol)
    if direct is None:
        return lambda frame: attempted(frame, operation, left(frame), right(frame), position)

    def arithmetic(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        if type(one) is Decimal and type(other) is Decimal:
            try:
                return direct(one, other)
            except FAILURES:
                return frame[0].fault("outOfRange", position, "number")
        return attempted(frame, operation, one, other, position)

    return arithmetic


def attempted(frame: Frame, operation: Operation, one: Value, other: Value, position: int) -> Value:
    """Apply an operation; a fault is recorded and gives null."""
    try:
        return paid(frame[0], operation(one, other))
    except Fault as fault:
        return frame[0].fault(fault.code, position, fault.detail)


def folded(compiling: Compiling, made: Code, *parts: Code) -> Code:
    """Run code whose parts are all constant once, now; what fails then keeps failing when it runs."""
    if not all(part in compiling.constants for part in parts):
        return made
    value = compiling.trial(made)
    return made if value is None else compiling.constant(value)


def comparison_code(compiling: Compiling, node: syntax.Comparison) -> Code:
    """`left op right`."""
    left, right = compiling.code(node.left), compiling.code(node.right)
    symbol, position = node.operator, node.position
    direct = DIRECT[symbol]
    fixed = compiling.constants.get(right)
    if type(fixed) in _PLAIN:
        kind = type(fixed)

        def with_constant(frame: Frame) -> Value:
            value = left(frame)
            if type(value) is kind:
                return direct(value, fixed)
            return compared(frame, symbol, value, fixed, position)

        return folded(compiling, with_constant, left)

    def comparison(frame: Frame) -> Value:
        one, other = left(frame), right(frame)
        if type(one) is type(other) and type(one) in _PLAIN:
            return direct(one, other)
        return compared(frame, symbol, one, other, position)

    return folded(compiling, comparison, left, right)


def compared(frame: Frame, symbol: str, one: Value, other: Value, position: int) -> Value:
    """Compare any two values; null is recorded with what was compared."""
    run = frame[0]
    if symbol in ("=", "!="):
        answer = equal(run, one, other)
        if answer is not None:
            return answer if symbol == "=" else not answer
    else:
        answer = ordered(symbol, one, other)
        if answer is not None:
            return answer
    return run.fault("notComparable", position, f"{kind_of(one)} {symbol} {kind_of(other)}")


def logic_code(compiling: Compiling, node: syntax.Logic) -> Code:
    """`and` and `or` in three values: null is unknown, and what is no boolean is null."""
    operands = [compiling.code(operand) for operand in node.operands]
    decisive = node.operator == "or"
    position = node.position

    def logic(frame: Frame) -> Value:
        unknown = False
        for operand in operands:
            answer = operand(frame)
            if answer is decisive:
                return decisive
            if type(answer) is not bool:
                unknown = True
                if answer is not None:
                    frame[0].fault("notBoolean", position, kind_of(answer))
        return None if unknown else not decisive

    return logic


def between_code(compiling: Compiling, node: syntax.Between) -> Code:
    """`value between low and high`, both ends included."""
    value, low, high = (compiling.code(part) for part in (node.value, node.low, node.high))
    position = node.position

    def between(frame: Frame) -> Value:
        middle = value(frame)
        above = compared(frame, ">=", middle, low(frame), position)
        below = compared(frame, "<=", middle, high(frame), position)
        return None if above is None or below is None else above and below

    return between

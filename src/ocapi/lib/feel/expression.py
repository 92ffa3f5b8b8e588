"""Compiled expressions and tests, and running them: the two things others do with FEEL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ocapi.lib.feel.budget import DEFAULT, MAX_DEPTH, Limits, Run
from ocapi.lib.feel.compiler import Compiler
from ocapi.lib.feel.errors import BudgetExceeded, Fault, FeelSyntaxError, Issue
from ocapi.lib.feel.functions import BUILT_IN_NAMES
from ocapi.lib.feel.names import Known
from ocapi.lib.feel.natives import detached, require_bounded, to_feel
from ocapi.lib.feel.parser import parse_expression, parse_unary_tests
from ocapi.lib.feel.scope import Code
from ocapi.lib.feel.types import BUILT_IN, Type
from ocapi.lib.feel.unary import tests_code
from ocapi.lib.feel.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an evaluation gave: the value, why parts of it became null, and the steps it took."""

    value: Value
    issues: tuple[Issue, ...] = ()
    steps: int = 0


class Expression:
    """A compiled expression; safe to share between threads, it holds nothing that changes."""

    __slots__ = ("_code", "_size", "names", "text")

    def __init__(self, text: str, names: Sequence[str], code: Code, size: int) -> None:
        self.text = text
        self.names = tuple(names)
        self._code = code
        self._size = size

    def evaluate(
        self, values: Mapping[str, object], *, now: datetime, limits: Limits = DEFAULT
    ) -> Outcome:
        """Evaluate with a value for each name; what is missing is null.

        now: aware, its zone is the local zone. Raises BudgetExceeded, and NotAValue for a value that is none.
        """
        given = [to_feel(values.get(name)) for name in self.names]
        return bounded_run(lambda run: self._code(self._frame(run, given)), now=now, limits=limits)

    def _frame(self, run: Run, given: list[Value]) -> list[Value]:
        return [run, *given, *[None] * (self._size - 1 - len(given))]


class UnaryTests:
    """A compiled cell of a decision table, applied to the value of its input."""

    __slots__ = ("_names", "_size", "_test", "text")

    def __init__(self, text: str, names: Sequence[str], test: Callable[..., Value] | None, size: int) -> None:
        self.text = text
        self._names = tuple(names)
        self._test = test
        self._size = size

    def evaluate(
        self, value: object, values: Mapping[str, object], *, now: datetime, limits: Limits = DEFAULT
    ) -> Outcome:
        """Say whether a value passes; null counts as no in a decision table."""
        test = self._test
        if test is None:
            return Outcome(value=True)
        given = [to_feel(values.get(name)) for name in self._names]
        tested = to_feel(value)
        size = self._size

        def body(run: Run) -> Value:
            return test(tested, [run, *given, *[None] * (size - 1 - len(given))])

        return bounded_run(body, now=now, limits=limits)


def bounded_run(body: Callable[[Run], Value], *, now: datetime, limits: Limits = DEFAULT) -> Outcome:
    """Run code within limits; nothing but BudgetExceeded comes out, whatever the code is fed."""
    run = Run(now=now, limits=limits)
    try:
        value = body(run)
        if type(value) in (list, dict):
            require_bounded(value)
            value = detached(value)
    except Fault as fault:
        run.fault(fault.code, 0, fault.detail)
        value = None
    except RecursionError:
        raise BudgetExceeded("callDepth", MAX_DEPTH) from None
    return Outcome(value=value, issues=tuple(run.issues), steps=run.steps)


def compile_expression(
    text: str, *, names: Iterable[str] = (), properties: Iterable[str] = (),
    types: Mapping[str, Type] = BUILT_IN,
) -> Expression:
    """Compile an expression. names: what it may use; properties: fields with spaces or symbols in their name.

    Raises FeelSyntaxError with the position.
    """
    known = tuple(names)
    compiler = Compiler(known, types)
    node = parse_expression(
        text, known=BUILT_IN_NAMES.plus(known), properties=Known(properties), types=Known(types)
    )
    try:
        code = compiler.code(node)
    except RecursionError:
        raise FeelSyntaxError("nested too deep", text=text, position=0) from None
    return Expression(text, known, code, compiler.size)


def compile_unary_tests(
    text: str, *, names: Iterable[str] = (), properties: Iterable[str] = (),
    types: Mapping[str, Type] = BUILT_IN,
) -> UnaryTests:
    """Compile the cell of a decision table, in which `?` is the value of the input.

    Raises FeelSyntaxError with the position.
    """
    known = tuple(names)
    compiler = Compiler([*known, "?"], types)
    node = parse_unary_tests(
        text, known=BUILT_IN_NAMES.plus(known), properties=Known(properties), types=Known(types)
    )
    try:
        test = tests_code(compiler, node)
    except RecursionError:
        raise FeelSyntaxError("nested too deep", text=text, position=0) from None
    return UnaryTests(text, known, test, compiler.size)

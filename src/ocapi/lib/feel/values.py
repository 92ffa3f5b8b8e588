"""What an expression can be worth: None, bool, Decimal, str, list, dict, temporal values, ranges, functions.

Lists and dicts are never changed once they are a value. A Python object of any other type is not a value and
has no properties.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ocapi.lib.feel.budget import Run
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time

Value = Any
"""A FEEL value; the types are those listed in `KINDS`, and None."""


@dataclass(frozen=True, slots=True)
class Range:
    """An interval. operator: "" for [a..b] and the like, else the operator of (< 10) or (= 10)."""

    low: Value
    high: Value
    low_included: bool
    high_included: bool
    operator: str = ""


class Function:
    """A function value. parameters: (name, type) pairs, result: a type; None is any."""

    __slots__ = ("name", "parameters", "result")

    def __init__(self, name: str, parameters: Sequence[tuple[str, Any]], result: Any = None) -> None:
        self.name = name
        self.parameters = tuple(parameters)
        self.result = result

    def accepts(self, count: int) -> bool:
        """Say whether it can be called with so many arguments."""
        return count == len(self.parameters)

    def call(self, run: Run, arguments: Sequence[Value], names: Sequence[str] | None = None) -> Value:
        """Call with the arguments by place or by name; raises Fault when they do not fit."""
        raise NotImplementedError


def placed(function: Function, arguments: Sequence[Value], names: Sequence[str] | None) -> Sequence[Value]:
    """Give the arguments in the order of the parameters; raises Fault when they do not fit."""
    wanted = [name for name, _ in function.parameters]
    if names is None:
        if len(arguments) != len(wanted):
            raise Fault("wrongNumberOfArguments", function.name)
        return arguments
    if len(set(names)) != len(names) or set(names) - set(wanted):
        raise Fault("unknownParameter", f"{function.name}: {', '.join(names)}")
    by_name = dict(zip(names, arguments, strict=True))
    return [by_name.get(name) for name in wanted]


KINDS: dict[type, str] = {
    bool: "boolean", Decimal: "number", str: "string", list: "list", dict: "context", Date: "date",
    Time: "time", DateTime: "date and time", DaysDuration: "days and time duration",
    MonthsDuration: "years and months duration", Range: "range",
}


def kind_of(value: Value) -> str:
    """Give the name of a value's type."""
    if value is None:
        return "Null"
    return KINDS.get(type(value)) or ("function" if isinstance(value, Function) else "unknown")

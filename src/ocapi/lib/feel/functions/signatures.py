"""How built-in functions declare their parameters, and how arguments are checked against them.

A signature reads `string: string, start position: number, length?: number`. A question mark: may be left out;
`|null`: may be null. A single list as only parameter with `*` also takes its items as arguments.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ocapi.lib.feel.budget import Run, paid
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from ocapi.lib.feel.values import Function, Range, Value, kind_of

Body = Callable[..., Value]
Arguments = list[Value]

_ACCEPTS: dict[str, tuple[type, ...]] = {
    "number": (Decimal,), "string": (str,), "boolean": (bool,), "list": (list,), "context": (dict,),
    "range": (Range,), "date": (Date,), "time": (Time,), "datetime": (DateTime,), "day": (Date, DateTime),
    "days duration": (DaysDuration,), "function": (Function,), "any": (object,),
    "magnitude": (Decimal, DaysDuration, MonthsDuration), "temporal": (Date, DateTime, Time),
}


class Parameter:
    """One parameter of an overload."""

    __slots__ = ("accepts", "is_nullable", "is_optional", "kind", "name")

    def __init__(self, text: str) -> None:
        name, _, kind = text.partition(":")
        kind = kind.strip()
        self.is_optional = name.endswith("?")
        self.name = name.strip().removesuffix("?")
        self.is_nullable = kind.endswith("|null") or kind == "any"
        self.kind = kind.removesuffix("|null")
        self.accepts = _ACCEPTS[self.kind]

    def fitted(self, value: Value) -> Value:
        """Give the value as the parameter wants it: a list of one for its item and the reverse; or Fault."""
        if isinstance(value, self.accepts) and not (type(value) is bool and self.kind == "number"):
            return value
        if value is None:
            if self.is_nullable:
                return None
            raise Fault("nullArgument", self.name)
        if self.kind == "list":
            return [value]
        if type(value) is list and len(value) == 1 and isinstance(value[0], self.accepts):
            return value[0]
        raise Fault("wrongArgumentType", f"{self.name}: {kind_of(value)}")


class Overload:
    """One way to call a function."""

    __slots__ = ("body", "is_variadic", "least", "most", "parameters")

    def __init__(self, signature: str, body: Body) -> None:
        self.is_variadic = signature.endswith("*")  # the last parameter
        parts = [part.strip() for part in signature.removesuffix("*").split(",") if part.strip()]
        self.parameters = tuple(Parameter(part) for part in parts)
        self.body = body
        self.least = sum(not parameter.is_optional for parameter in self.parameters)
        self.most = len(self.parameters)

    def takes(self, count: int, names: Sequence[str] | None) -> bool:
        """Say whether it can be called with so many arguments, or with arguments of these names."""
        if names is None:
            return self.least <= count <= self.most or (self.is_variadic and count >= self.most)
        own = {parameter.name: parameter.is_optional for parameter in self.parameters}
        given = set(names)
        return len(given) == len(names) and given <= own.keys() and all(
            is_optional or name in given for name, is_optional in own.items()
        )

    def call(self, run: Run, arguments: Sequence[Value], names: Sequence[str] | None) -> Value:
        """Fit the arguments and call; raises Fault."""
        if names is not None:
            order = [parameter.name for parameter in self.parameters]
            by_name = dict(zip(names, arguments, strict=True))
            last = max(order.index(name) for name in names)
            fitted = [
                parameter.fitted(by_name[parameter.name]) if parameter.name in by_name else None
                for parameter in self.parameters[:last + 1]
            ]
            return self.body(run, *fitted)
        if self.is_variadic:
            fixed = self.most - 1
            rest = arguments[fixed:]
            if fixed:  # append(list, item, …)
                first = list(map(Parameter.fitted, self.parameters[:fixed], arguments))
                return self.body(run, *first, *rest)
            if len(rest) != 1:
                arguments = [list(rest)]
        return self.body(run, *map(Parameter.fitted, self.parameters, arguments))


class BuiltIn(Function):
    """A built-in function with its overloads. is_pure: the same arguments always give the same value."""

    __slots__ = ("is_pure", "overloads")

    def __init__(self, name: str, overloads: Sequence[Overload], *, is_pure: bool = True) -> None:
        super().__init__(name, [(parameter.name, None) for parameter in overloads[0].parameters])
        self.overloads = tuple(overloads)
        self.is_pure = is_pure

    def accepts(self, count: int) -> bool:
        """Ask it of the overloads."""
        return any(overload.takes(count, None) for overload in self.overloads)

    def matching(self, count: int, names: Sequence[str] | None) -> tuple[Overload, ...]:
        """Give the overloads that can take these arguments."""
        return tuple(overload for overload in self.overloads if overload.takes(count, names))

    def call(self, run: Run, arguments: Sequence[Value], names: Sequence[str] | None = None) -> Value:
        """Call the first overload that the arguments fit; raises Fault."""
        return invoke(run, self.name, self.matching(len(arguments), names), arguments, names)


def invoke(
    run: Run, name: str, overloads: Sequence[Overload], arguments: Sequence[Value],
    names: Sequence[str] | None,
) -> Value:
    """Call the first of the overloads that the arguments fit; raises Fault of the last one that failed."""
    if not overloads:
        raise Fault("wrongArguments", name)
    for overload in overloads[:-1]:
        try:
            return paid(run, overload.call(run, arguments, names))
        except Fault:
            continue
    return paid(run, overloads[-1].call(run, arguments, names))


Definition = tuple[str, str, Body]
"""Name, signature, body; the same name again is another overload."""


def table(*groups: Sequence[Definition], impure: frozenset[str] = frozenset()) -> Mapping[str, BuiltIn]:
    """Give the functions by name."""
    overloads: dict[str, list[Overload]] = {}
    for group in groups:
        for name, signature, body in group:
            overloads.setdefault(name, []).append(Overload(signature, body))
    return {name: BuiltIn(name, found, is_pure=name not in impure) for name, found in overloads.items()}


def whole_number(value: Any, what: str) -> int:
    """Give an integer, or raise Fault."""
    if type(value) is not Decimal or value != value.to_integral_value() or value.adjusted() > 20:
        raise Fault("notAWholeNumber", what)
    return int(value)

"""The types of FEEL and of item definitions: what conforms, and how a value is made to fit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ocapi.lib.feel.budget import CONTAINERS, Run, weigh
from ocapi.lib.feel.errors import Fault
from ocapi.lib.feel.syntax import TypeNode
from ocapi.lib.feel.temporal import Date, DateTime, Time
from ocapi.lib.feel.values import KINDS, Function, Range, Value, kind_of

Constraint = Callable[[Run, Value], bool]


@dataclass(frozen=True, slots=True)
class Type:
    """Any value. constraint: what an item definition allows beyond its type; instance of ignores it."""

    constraint: Constraint | None = field(default=None, compare=False, kw_only=True)

    def has(self, value: Value) -> bool:
        """Say whether a value that is not null is of this type; null parts of it are of every type."""
        return True


@dataclass(frozen=True, slots=True)
class Simple(Type):
    """number, string, boolean, one of the temporal types, list, context, function or range of anything."""

    name: str

    def has(self, value: Value) -> bool:
        """Compare the names."""
        return kind_of(value) == self.name


@dataclass(frozen=True, slots=True)
class ListType(Type):
    """list<item>."""

    item: Type

    def has(self, value: Value) -> bool:
        """Ask it of every item."""
        return type(value) is list and all(item is None or self.item.has(item) for item in value)


@dataclass(frozen=True, slots=True)
class RangeType(Type):
    """range<item>."""

    item: Type

    def has(self, value: Value) -> bool:
        """Ask it of both ends."""
        return type(value) is Range and all(
            end is None or self.item.has(end) for end in (value.low, value.high)
        )


@dataclass(frozen=True, slots=True)
class ContextType(Type):
    """context<key: type, …>; a context with more keys conforms, one with fewer does not."""

    fields: tuple[tuple[str, Type], ...]

    def has(self, value: Value) -> bool:
        """Ask it of every field."""
        return type(value) is dict and all(
            name in value and (value[name] is None or kind.has(value[name])) for name, kind in self.fields
        )


@dataclass(frozen=True, slots=True)
class FunctionType(Type):
    """function<parameters> -> result; parameters of the value may accept more, its result may be less."""

    parameters: tuple[Type, ...]
    result: Type

    def has(self, value: Value) -> bool:
        """Compare the number of parameters and, where both sides declare them, their types."""
        if not isinstance(value, Function) or not value.accepts(len(self.parameters)):
            return False
        return value.result is None or conforms(value.result, self.result)


@dataclass(frozen=True, slots=True)
class Deferred(Type):
    """An item definition that refers to itself: looked up by its name when it is asked."""

    name: str
    known: Mapping[str, Type] = field(compare=False, repr=False)

    @property
    def target(self) -> Type:
        """The type itself."""
        return self.known[self.name]

    def has(self, value: Value) -> bool:
        """Ask it of the type itself."""
        return self.target.has(value)


ANY = Type()
BUILT_IN: dict[str, Type] = {
    "Any": ANY,
    **{
        name: Simple(name)
        for name in ("number", "string", "boolean", "date", "time", "date and time", "days and time duration",
                     "years and months duration", "list", "context", "function", "range", "Null")
    },
}
BUILT_IN["dateTime"] = BUILT_IN["date and time"]
BUILT_IN["dayTimeDuration"] = BUILT_IN["days and time duration"]
BUILT_IN["yearMonthDuration"] = BUILT_IN["years and months duration"]


class UnknownType(LookupError):
    """No type of that name."""


def conforms(narrow: Type, wide: Type) -> bool:
    """Say whether every value of one type is of the other."""
    if wide == ANY or narrow == wide:
        return True
    if isinstance(narrow, ListType) and isinstance(wide, ListType):
        return conforms(narrow.item, wide.item)
    if isinstance(narrow, ContextType) and isinstance(wide, ContextType):
        own = dict(narrow.fields)
        return all(name in own and conforms(own[name], kind) for name, kind in wide.fields)
    return isinstance(wide, Simple) and (
        (wide.name == "list" and isinstance(narrow, ListType))
        or (wide.name == "context" and isinstance(narrow, ContextType))
        or (wide.name == "function" and isinstance(narrow, FunctionType))
    )


def resolve(node: TypeNode, known: Mapping[str, Type]) -> Type:
    """Give the type a type as written stands for; raises UnknownType."""
    if node.name == "list" and node.parts:
        return ListType(resolve(node.parts[0], known))
    if node.name == "range" and node.parts:
        return RangeType(resolve(node.parts[0], known))
    if node.name == "context" and node.keys:
        parts = zip(node.keys, node.parts, strict=True)
        return ContextType(tuple((key, resolve(part, known)) for key, part in parts))
    if node.name == "function" and node.result is not None:
        return FunctionType(tuple(resolve(part, known) for part in node.parts), resolve(node.result, known))
    found = known.get(node.name) or BUILT_IN.get(node.name)
    if found is None:
        raise UnknownType(node.name)
    return found


def coerced(run: Run, value: Value, wanted: Type) -> Value:
    """Make a value fit: as it is, wrapped as a list of one, taken out of one, a date as midnight UTC.

    Raises Fault when it does not fit or a constraint forbids it. Source: DMN 1.5, 10.3.2.9.4.
    """
    if value is None or wanted is ANY:
        return value
    if type(wanted) is Simple and wanted.constraint is None and KINDS.get(type(value)) == wanted.name:
        return value
    if isinstance(wanted, Deferred):
        wanted = wanted.target
    if type(value) in CONTAINERS and type(wanted) is not Simple:
        weigh(run, value)
    found = _fitted(value, wanted)
    if not allowed(run, found, wanted):
        raise Fault("valueNotAllowed", kind_of(found))
    return found


def _fitted(value: Value, wanted: Type) -> Value:
    if wanted.has(value):
        return value
    if type(value) is list and len(value) == 1 and not isinstance(wanted, ListType):
        only = value[0]
        if only is not None and wanted.has(only):
            return only
    if isinstance(wanted, ListType) and type(value) is not list and wanted.item.has(value):
        return [value]
    if isinstance(wanted, Simple) and wanted.name == "date and time" and isinstance(value, Date):
        return DateTime(value, Time(0, 0, 0, 0, 0))
    raise Fault("wrongType", f"{kind_of(value)} given")


def allowed(run: Run, value: Value, wanted: Type) -> bool:
    """Say whether the constraints of an item definition allow a value of its type, in all its parts."""
    if value is None:
        return True
    if isinstance(wanted, Deferred):
        wanted = wanted.target
    if wanted.constraint is not None and not wanted.constraint(run, value):
        return False
    if isinstance(wanted, ListType) and type(value) is list:
        return all(allowed(run, item, wanted.item) for item in value)
    if isinstance(wanted, ContextType) and type(value) is dict:
        return all(allowed(run, value.get(name), kind) for name, kind in wanted.fields)
    return True

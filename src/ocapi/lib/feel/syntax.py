"""The syntax tree: frozen nodes that know where they stand. Two trees are equal wherever they stand."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Node:
    """Any expression; position: offset in the text."""

    position: int = field(compare=False, kw_only=True, default=0)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, string, boolean or null."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    """A date, time, date and time or duration written as @"…"."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name in scope, in its declared spelling; `?` is the input of a unary test."""

    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`source.name`."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`source[condition]`."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`callee(…)`; either all arguments have names or none has."""

    callee: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """`-operand`."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """`first + a - b …` or `first * a / b …` or `first ** a …`, taken from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`left op right`; op: = != < <= > >=."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """`a and b and …` or `a or b or …`."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`value between low and high`."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`value in (tests)`."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: "TypeNode"


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if … then … else if … else …`: pairs of condition and result, then what is left."""

    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """`name in source` or `name in source..until`."""

    name: str
    source: Node
    until: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for a in …, b in … return result`."""

    iterators: tuple[Iterator, ...]
    result: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some|every a in … satisfies condition`."""

    quantifier: str
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class ListNode(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextNode(Node):
    """`{a: …, "b": …}`."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeNode(Node):
    """`[low..high]`, open ends by `(` or `]` and by `)` or `[`."""

    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class UnaryRange(Node):
    """`< end`, `<= end`, `> end`, `>= end`, `= end`, `!= end` as a value or as a test."""

    operator: str
    end: Node


@dataclass(frozen=True, slots=True)
class TypeNode(Node):
    """A type as written: a name, or list | range | context | function with what they hold."""

    name: str
    parts: tuple["TypeNode", ...] = ()
    keys: tuple[str, ...] = ()
    result: "TypeNode | None" = None


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A formal parameter of a function."""

    name: str
    type: TypeNode | None = None


@dataclass(frozen=True, slots=True)
class FunctionNode(Node):
    """`function(a: number) body`; external functions are parsed and never called."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool = False


@dataclass(frozen=True, slots=True)
class Tests(Node):
    """The text of a cell of a decision table: any of the tests, or none of them when negated; empty: `-`."""

    tests: tuple[Node, ...]
    negated: bool = False

"""A decision model as read: what stands in the file, typed, before anything is compiled."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxed:
    """Any boxed expression. id: for messages; type_ref: the declared type, "" when none."""

    id: str = ""
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralBox(Boxed):
    """An expression as text."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A context entry, a binding or a list item; name "" is the result of a context."""

    name: str
    type_ref: str = ""
    value: Boxed


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextBox(Boxed):
    """Entries in order; each sees the ones before it."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationBox(Boxed):
    """A call with named bindings."""

    callee: Boxed
    bindings: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationBox(Boxed):
    """A list of contexts written as a grid."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Boxed, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBox(Boxed):
    """A list of boxed expressions."""

    items: tuple[Boxed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A formal parameter."""

    name: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionBox(Boxed):
    """A function definition; kind FEEL, or Java and PMML, which are never run."""

    parameters: tuple[Parameter, ...]
    body: Boxed | None
    kind: str = "FEEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalBox(Boxed):
    """if, then, else."""

    condition: Boxed
    then: Boxed
    otherwise: Boxed


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterBox(Boxed):
    """The items that match."""

    source: Boxed
    match: Boxed


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopBox(Boxed):
    """kind: for | some | every."""

    kind: str
    variable: str
    source: Boxed
    body: Boxed


@dataclass(frozen=True, slots=True, kw_only=True)
class InputClause:
    """A column of conditions. allowed: the text of the input values."""

    id: str
    label: str
    text: str
    type_ref: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputClause:
    """A column of conclusions. allowed: the text of the output values; default: when no rule matches."""

    id: str
    name: str
    type_ref: str = ""
    allowed: str = ""
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row: a test per input, an expression per output, and remarks."""

    id: str
    tests: tuple[str, ...]
    outputs: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBox(Boxed):
    """A decision table. hit_policy: U A P F R O C; aggregation: "" + < > # for SUM MIN MAX COUNT."""

    hit_policy: str
    aggregation: str
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A node of the requirements graph. key: id, else name; requires: references to other nodes."""

    key: str
    name: str
    type_ref: str = ""
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputData(Element):
    """A value that comes from outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Element):
    """A decision with its logic; None when there is none."""

    logic: Boxed | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge(Element):
    """A business knowledge model: a function others require."""

    function: FunctionBox | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Element):
    """A decision service: decisions offered as one function."""

    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item definition or component. allowed: of the value or each item; constraint: on the whole list."""

    name: str
    type_ref: str = ""
    is_collection: bool = False
    allowed: str = ""
    constraint: str = ""
    components: tuple["Item", ...] = ()
    parameters: tuple[Parameter, ...] | None = None
    result_ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """Another model used here under a name; "" brings its names in as they are."""

    name: str
    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """One file."""

    namespace: str
    name: str
    imports: tuple[Import, ...] = ()
    items: tuple[Item, ...] = ()
    elements: dict[str, Element] = field(default_factory=dict)

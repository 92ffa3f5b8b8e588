"""What shapes say, as data: the model between the reader and the compiler."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ocapi.lib.finding import Finding
from ocapi.lib.rdf.graph import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a path: along a predicate, or against it."""

    predicate: str
    is_inverse: bool = False


Path: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """One parameter of a shape with its values.

    parameter: local name, such as minCount. values: IRIs, literals, members of a list, or names of shapes.
    more: what stands beside it: flags of a pattern, ignored properties, counts of a qualified shape.
    """

    parameter: str
    values: tuple[Value, ...]
    more: Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A node shape (path None) or a property shape. name: IRI, or `_:` and a label."""

    name: str
    path: Path | None
    constraints: tuple[Constraint, ...]
    target_classes: tuple[str, ...] = ()
    target_nodes: tuple[Value, ...] = ()
    target_subjects_of: tuple[str, ...] = ()
    target_objects_of: tuple[str, ...] = ()
    severity: str = "Violation"
    message: str = ""
    label: str = ""
    description: str = ""
    is_active: bool = True
    outside: tuple[str, ...] = ()

    @property
    def has_target(self) -> bool:
        """Tell whether the shape chooses things by itself, rather than by being named in another."""
        return bool(
            self.target_classes or self.target_nodes or self.target_subjects_of or self.target_objects_of
        )

    def values(self, parameter: str) -> tuple[Value, ...]:
        """Give the values of a parameter, empty when the shape does not have it."""
        return tuple(
            value for each in self.constraints if each.parameter == parameter for value in each.values
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapesRead:
    """All shapes of a graph, by name, and what was wrong with them.

    Shapes with something `outside` the compiled constraints are judged by the fallback.
    """

    shapes: Mapping[str, Shape]
    findings: tuple[Finding, ...]

"""What a check finds."""

from typing import NamedTuple, TypeAlias

from ocapi.lib.rdf.graph import Value


class Result(NamedTuple):
    """One broken constraint (SHACL section 3.6.2).

    focus: the thing checked. path: predicate, with `^` before an inverse step and `/` between steps; empty at
    a node shape. component: local name, such as MinCountConstraintComponent. value: what broke it, None for
    counts and languages. shape: name of the shape that says so. limit: what it asks, as text.
    """

    focus: Value
    path: str
    component: str
    value: Value | None
    shape: str
    severity: str = "Violation"
    message: str = ""
    limit: str = ""


Results: TypeAlias = list[Result]

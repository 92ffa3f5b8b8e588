"""What others may know of governance."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Principle:
    """A principle to steer by. kind: policy | supporting. better: higher | lower,
    the good direction of its fact.
    """

    code: str
    kind: str
    order: int
    title: str
    statement: str
    fact: str
    better: str
    measured_by: str


class PrincipleNotFound(LookupError):
    """No principle of that code."""

"""What others may know of onboarding."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceProcess:
    """A process a local authority has. number: in the source list; iri: its identity on the web of data."""

    number: int
    title: str
    iri: str
    group: str
    domain: str
    domain_title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDomain:
    """A domain of processes, and how many processes it holds."""

    code: str
    title: str
    processes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPage:
    """A page of processes by title. next_cursor: opaque; empty on the last page."""

    items: tuple[ReferenceProcess, ...]
    next_cursor: str


class InvalidCursor(ValueError):
    """A cursor that no page of ours gave."""

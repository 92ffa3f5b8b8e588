"""CloudEvents 1.0 envelopes and the typed facts inside them."""

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar, dataclass_transform
from uuid import UUID

TYPE_PATTERN = re.compile(r"be\.ocapi\.[a-z]+(\.[a-z_]+){2}\.v[1-9][0-9]*")


class Fact:
    """Base of every published fact; subclasses are frozen keyword-only dataclasses made by `event`."""

    event_type: ClassVar[str]
    subject_field: ClassVar[str]


F = TypeVar("F", bound=type)


class FactBook:
    """Every declared fact class by its type; a type is declared once."""

    def __init__(self) -> None:
        self._facts: dict[str, type[Fact]] = {}

    def add(self, event_type: str, fact: type[Fact]) -> None:
        """Add a fact class; raises ValueError when another class has the type."""
        held = self._facts.setdefault(event_type, fact)
        if held.__qualname__ != fact.__qualname__:
            raise ValueError(f"{event_type} is declared twice")

    def find(self, event_type: str) -> type[Fact] | None:
        """Give the class declared for a type in this process, or None."""
        return self._facts.get(event_type)


facts = FactBook()


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(event_type: str, *, subject: str = "") -> Callable[[F], F]:
    """Declare a fact class under its type `be.ocapi.<module>.<subject>.<past verb>.v<n>`.

    subject: the field whose value becomes the CloudEvents subject; the first field when left out.
    """
    if not TYPE_PATTERN.fullmatch(event_type):
        raise ValueError(f"{event_type!r} is not be.ocapi.<module>.<subject>.<past verb>.v<n>")

    def declare(cls: F) -> F:
        made: Any = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        made.event_type = event_type
        made.subject_field = subject or dataclasses.fields(made)[0].name
        facts.add(event_type, made)
        return made  # type: ignore[no-any-return]

    return declare


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What a handler knows of a delivered event besides its data.

    sequence: position in the sender's outbox in commit order. actor: label of who caused it, no name.
    """

    event_id: UUID
    event_type: str
    subject: str
    sequence: int
    occurred_at: datetime
    trace_id: str = ""


def cloud_event(
    *, event_id: UUID, event_type: str, source: str, subject: str, occurred_at: datetime, sequence: int,
    data: dict[str, Any], trace_id: str = "",
) -> dict[str, Any]:
    """Build the structured-mode CloudEvents 1.0 JSON object (CloudEvents specification 1.0.2, section 3)."""
    envelope: dict[str, Any] = {
        "specversion": "1.0",
        "id": str(event_id),
        "type": event_type,
        "source": source,
        "subject": subject,
        "time": occurred_at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "sequence": f"{sequence:020d}",
        "data": data,
    }
    if trace_id:
        envelope["traceid"] = trace_id
    return envelope

"""What a search answers."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One found thing; score is only comparable within one answer."""

    kind: str
    uuid: UUID
    url: str
    title: str
    summary: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Hits by falling score. suggestion: the corrected text that was searched instead, or None."""

    text: str
    hits: tuple[Hit, ...]
    suggestion: str | None = None

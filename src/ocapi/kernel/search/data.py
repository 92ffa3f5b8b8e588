"""What search is given, and what it answers."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A thing to be found; never anything with personal data in it.

    audience: public, citizen or desk: who may find it. boost: 1.0 is ordinary, 2.0 counts double.
    """

    kind: str
    uuid: UUID
    url: str
    title: str
    summary: str
    body: str
    keywords: tuple[str, ...] = ()
    audience: str = "public"
    boost: float = 1.0


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

"""Moving running instances to another version: what is asked, what fits, and how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a migration did, or would do, with one instance. refused: why not, by node; empty when moved."""

    instance: UUID
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPlan:
    """From one version to another. nodes: old id to new one; an id left out stays as it is."""

    source: UUID
    target: UUID
    nodes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """An element of the old version that the new one lacks, or has as another kind.

    waiting: runs that stand there now. options: elements of the new version that may take its place, id and
    name; proposed: the one that seems the same, or an empty text.
    """

    node: str
    name: str
    kind: str
    reason: str
    waiting: int
    options: tuple[tuple[str, str], ...]
    proposed: str


class MigrationStage(StrEnum):
    """How far a migration is: first each instance is looked at, then, when somebody says so, each moves."""

    CHECKING = "checking"
    CHECKED = "checked"
    MOVING = "moving"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why instances stay: the element, its name, the reason and of how many instances."""

    node: str
    name: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stayed:
    """An instance that stays at its version, with the reference it is about and the reasons by element."""

    instance: UUID
    business_key: str
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One asked migration. total: instances when it was asked; done: looked at so far in this stage.

    fits: of those, how many can move or have moved. stays: the first fifty that can't.
    """

    uuid: UUID
    process: str
    source: UUID
    target: UUID
    versions: tuple[int, int]
    stage: MigrationStage
    asked_at: datetime
    ended_at: datetime | None
    total: int
    done: int
    fits: int
    refused: tuple[Refusal, ...] = ()
    stays: tuple[Stayed, ...] = ()
    chosen: tuple[tuple[str, str], ...] = ()


class MigrationNotFound(LookupError):
    """There is no migration of this uuid, or it is not ready for what was asked."""

"""Values of a run and their correction: what is held, what a colleague asks, and how that can fail."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ocapi.lib.feel.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldValue:
    """A value a run holds. scope: number of the part it stands in, 1 for the run itself.

    place: what the drawing calls that part, empty for the run itself. is_hidden: of persons, left out.
    """

    scope: int
    place: str
    name: str
    value: Value
    is_hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldValues:
    """The values of a run by part and name, at most 500. revision: rises with each step of the run.

    places: number and name of the parts that can hold a value of a new name.
    """

    revision: int
    items: tuple[HeldValue, ...]
    places: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A wish to give a value of a run another content, which a colleague is to confirm.

    is_new: no value has that name yet. reason: why, in words. is_own: the reader asked for it.
    is_hidden: of persons, both contents are left out.
    """

    uuid: UUID
    scope: int
    place: str
    name: str
    is_new: bool
    before: Value
    value: Value
    is_hidden: bool
    reason: str
    asked_at: datetime
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCorrection:
    """A correction that waits for a colleague, as a list shows it: without who asks it, why, and contents.

    about: the business key of its run.
    """

    instance: UUID
    about: str
    name: str
    asked_at: datetime


class CorrectionNotFound(LookupError):
    """Nobody asks that correction, or the value has changed since it was asked."""


class RunChanged(ValueError):
    """The run took a step since its values were looked at. revision: the newest."""

    def __init__(self, revision: int) -> None:
        super().__init__(str(revision))
        self.revision = revision

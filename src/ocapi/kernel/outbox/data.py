"""What others may know of a published fact, and how publishing can fail."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ocapi.lib import codec
from ocapi.lib.envelope import Fact, Meta, event


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One fact as it stands in the outbox.

    data: JSON object of the fact without its `personal` part. personal: JSON of that part, empty without one;
    it reaches handlers of this organization only. resources: plural of the subject, for types outside.
    actor: label without a name. sequence: place in commit order, counting from 1.
    """

    uuid: UUID
    type: str
    subject: str
    resources: str
    data: bytes
    personal: bytes
    actor: str
    occurred_at: datetime
    trace_id: str
    sequence: int

    @property
    def meta(self) -> Meta:
        """Give what a handler knows of the event besides its data."""
        return Meta(
            event_id=self.uuid, event_type=self.type, subject=self.subject, sequence=self.sequence,
            occurred_at=self.occurred_at, trace_id=self.trace_id,
        )

    def members(self) -> dict[str, codec.JsonValue]:
        """Give the members of the fact, the personal part included: for handlers inside the organization."""
        found = json_object(self.data)
        if self.personal:
            found["personal"] = codec.decode_untyped(self.personal)
        return found


def json_object(raw: bytes) -> dict[str, codec.JsonValue]:
    """Read a JSON object of unknown members; raises MalformedInput for anything else."""
    found = codec.decode_untyped(raw)
    if not isinstance(found, dict):
        raise codec.MalformedInput(codec.Reason.WRONG_TYPE, detail="not an object")
    return found


class OutsideTransaction(RuntimeError):
    """A fact was published outside a transaction: it could be kept while its change is not."""

    def __init__(self, event_type: str) -> None:
        super().__init__(f"{event_type} must be published inside the transaction of its change")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPersons:
    """The persons a change is about."""

    persons: tuple[str, ...]


@event("be.ocapi.platform.change.recorded.v1", subject="resource")
class ChangeRecorded(Fact):
    """Emitted when tenants, accounts or access changed something; not for changes that modules make."""

    action: str
    resource: str
    fields: tuple[str, ...]
    personal: ChangedPersons | None

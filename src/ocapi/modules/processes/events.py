"""Facts of processes. None holds personal data: ids of drawings and instances, and the business key."""

from uuid import UUID

from ocapi.lib.envelope import Fact, event


@event("be.ocapi.processes.instance.started.v1")
class InstanceStarted(Fact):
    """Emitted when an instance begins, whatever started it; not when a process is called by one."""

    instance: UUID
    process: str
    version: int
    business_key: str


@event("be.ocapi.processes.instance.completed.v1")
class InstanceCompleted(Fact):
    """Emitted when the last token of an instance ends; not when it is cancelled."""

    instance: UUID
    process: str
    version: int
    business_key: str


@event("be.ocapi.processes.instance.failed.v1")
class InstanceFailed(Fact):
    """Emitted when an instance is cancelled before its end; not when a step raises an incident."""

    instance: UUID
    process: str
    version: int
    business_key: str


@event("be.ocapi.processes.task.created.v1")
class TaskCreated(Fact):
    """Emitted when work for a person is ready; not when it is claimed or handed on."""

    task: UUID
    instance: UUID
    process: str
    node: str
    group: str
    business_key: str


@event("be.ocapi.processes.task.completed.v1")
class TaskCompleted(Fact):
    """Emitted when a person has done a task; not when the process went on without it."""

    task: UUID
    instance: UUID
    process: str
    node: str
    group: str
    business_key: str


@event("be.ocapi.processes.incident.raised.v1")
class IncidentRaised(Fact):
    """Emitted when a step can't be taken; not when a connector is tried again."""

    incident: UUID
    instance: UUID
    process: str
    node: str
    reason: str
    business_key: str


@event("be.ocapi.processes.variable.corrected.v1")
class VariableCorrected(Fact):
    """Emitted when two colleagues gave a value of an instance another content; not when a step sets one.

    name: of the value; its contents are told to nobody.
    """

    instance: UUID
    process: str
    version: int
    business_key: str
    name: str


@event("be.ocapi.processes.message.published.v1")
class MessagePublished(Fact):
    """Emitted when a service task publishes an event for other systems; not when a step sends a message.

    It names what it is about, no more: whoever needs to know more asks the API. occasion: the same when the
    task is tried again.
    """

    name: str
    reference: str
    occasion: UUID

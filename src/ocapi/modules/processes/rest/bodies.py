"""Bodies of the API, and how answers of the door are written down as such."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Schema

from ocapi.lib.problem import INPUT_EXTENDED, OCAPI, InputRefused, Issue, Problem
from ocapi.modules.processes import api, data
from ocapi.modules.processes.data import (
    Definition,
    DefinitionRefused,
    Incident,
    Instance,
    InstanceLine,
    InstanceState,
    Migration,
    NotRunning,
    Relocation,
    Relocations,
    SamePerson,
    StepNotPossible,
    Task,
    Variables,
)


class StartIn(Schema):
    """What a run is about, and the values it begins with."""

    businessKey: str = Field(max_length=200, description="Reference of what it is about.")  # noqa: N815
    variables: dict[str, Any] = Field(default_factory=dict, max_length=200, description="Values by name.")


class DefinitionIn(Schema):
    """A BPMN 2.0 file."""

    xml: str = Field(max_length=1 << 20, description="Kept as it comes.")


class CompleteIn(Schema):
    """What a task brought."""

    variables: dict[str, Any] = Field(default_factory=dict, max_length=200, description="Values by name.")


class MessageIn(Schema):
    """A message for the one instance that waits for it, or to start a process with."""

    messageName: str = Field(max_length=200, description="Name of the message in the drawing.")  # noqa: N815
    correlationKey: str = Field(max_length=200, description="Key under which it is awaited.")  # noqa: N815
    variables: dict[str, Any] = Field(default_factory=dict, max_length=200, description="Values by name.")


class MigrationIn(Schema):
    """From which version to which, and where runs go on whose activity the other version lacks."""

    sourceDefinition: UUID = Field(description="Version the runs leave.")  # noqa: N815
    targetDefinition: UUID = Field(description="Version of the same process they go on in.")  # noqa: N815
    activities: dict[str, str] = Field(
        default_factory=dict, max_length=500,
        description="Id of an element in the old version to its id in the new one; left out: the same id.",
    )


class RelocationIn(Schema):
    """Which token of a run goes where, and why."""

    token: int = Field(ge=0, lt=1_000_000_000, description="Number of the token, from the list of places.")
    activity: str = Field(max_length=200, description="Id of the element it is to go on at.")
    reason: str = Field(max_length=300, description="Why; a colleague reads it. Name no persons.")


class DefinitionOut(Schema):
    """One version of a process."""

    id: UUID
    processKey: str  # noqa: N815
    version: int
    name: str
    sha256: str = Field(description="Of the BPMN file.")


class DefinitionsOut(Schema):
    """Versions of processes."""

    self: str
    items: list[DefinitionOut]


class InstanceOut(Schema):
    """One run, without its variables."""

    href: str
    id: UUID
    processKey: str  # noqa: N815
    version: int
    businessKey: str  # noqa: N815
    state: str = Field(description="running, suspended, completed or cancelled")
    startedAt: str  # noqa: N815
    endedAt: str | None = None  # noqa: N815
    activities: list[str] = Field(description="Ids of the elements where it stands.")
    incidents: int


class InstanceLineOut(Schema):
    """One run in a list, without where it stands."""

    href: str
    id: UUID
    version: int
    businessKey: str  # noqa: N815
    state: str = Field(description="running, suspended, completed or cancelled")
    startedAt: str  # noqa: N815
    endedAt: str | None = None  # noqa: N815


class InstancesOut(Schema):
    """One page of runs of a version, newest first."""

    self: str
    items: list[InstanceLineOut]
    next: str | None = None


class TaskOut(Schema):
    """Work for a person."""

    id: UUID
    instance: UUID
    activity: str
    title: str
    group: str
    processKey: str  # noqa: N815
    businessKey: str  # noqa: N815
    createdAt: str  # noqa: N815
    dueAt: str | None = None  # noqa: N815


class TasksOut(Schema):
    """One page of open tasks, oldest first."""

    self: str
    items: list[TaskOut]
    next: str | None = None


class IncidentOut(Schema):
    """A step that could not be taken; it says nothing of what the run holds."""

    id: UUID
    instance: UUID
    activity: str
    reason: str = Field(description="Code of why the step could not be taken.")
    raisedAt: str  # noqa: N815


class IncidentsOut(Schema):
    """One page of open incidents, oldest first."""

    self: str
    items: list[IncidentOut]
    next: str | None = None


class CorrelatedOut(Schema):
    """The run that took a message up."""

    instance: UUID
    isNew: bool  # noqa: N815


class RefusalOut(Schema):
    """Why runs stay at their version: the element, the reason and of how many runs."""

    activity: str
    reason: str
    count: int


class MigrationOut(Schema):
    """How far a migration is: first each run is looked at, then, on execution, each moves that can."""

    href: str
    id: UUID
    sourceDefinition: UUID  # noqa: N815
    targetDefinition: UUID  # noqa: N815
    stage: str = Field(description="checking, checked, moving or done")
    total: int = Field(description="Runs when it was asked.")
    done: int = Field(description="Runs looked at so far in this stage.")
    fits: int = Field(description="Of those, how many can move, or have moved.")
    refused: list[RefusalOut]
    askedAt: str  # noqa: N815
    endedAt: str | None = None  # noqa: N815


class ElementOut(Schema):
    """An element of a drawing."""

    activity: str
    name: str


class PlaceOut(Schema):
    """Where a token of a run stands, and the elements beside it where it can go on."""

    token: int
    activity: str
    name: str
    targets: list[ElementOut]


class RelocationOut(Schema):
    """What somebody asks and a colleague is to confirm."""

    href: str
    id: UUID
    source: ElementOut
    target: ElementOut
    reason: str
    askedAt: str  # noqa: N815
    isOwn: bool = Field(description="Whether the caller asked it, and so can't confirm it.")  # noqa: N815


class RelocationsOut(Schema):
    """Where a run stands and can go on elsewhere, and what was asked of it, oldest first."""

    self: str
    places: list[PlaceOut]
    items: list[RelocationOut]


class FourEyes(Exception):
    """Somebody would do alone what asks two persons."""

    @property
    def problem(self) -> Problem:
        """Give the 403 that says who can do it."""
        return Problem(
            status=403, type=f"{OCAPI}processes:samePerson", title="Second person needed",
            detail="this asks two persons: one asks it in a session of their own, a colleague confirms it",
        )


class StateConflict(Exception):
    """What a run is in now does not allow what was asked of it; `state` says what that is."""

    def __init__(self, state: InstanceState) -> None:
        super().__init__(state.value)
        self.state = state

    @property
    def problem(self) -> Problem:
        """Give the 409 with the state."""
        return Problem(
            status=409, type=f"{OCAPI}processes:invalidState", title="Invalid state",
            detail=f"the run is {self.state.value}",
        )


def conflict(refusal: NotRunning) -> StateConflict:
    """Give the conflict for a run that is not in the state something needs."""
    return StateConflict(refusal.state)


def refused(*reasons: str, name: str = "$") -> InputRefused:
    """Give the 400 for what fits neither run nor drawing, an issue per reason. name: the member."""
    return InputRefused(tuple(
        Issue(kind=f"{INPUT_EXTENDED}rejectedInput", place="body", name=name, detail=each[:300])
        for each in reasons
    ))


@contextmanager
def asked_of_two() -> Iterator[None]:
    """Answer what comes in the way of a wish that one person has and another confirms."""
    try:
        yield
    except NotRunning as refusal:
        raise conflict(refusal) from None
    except StepNotPossible as refusal:
        raise refused(refusal.reason) from None
    except SamePerson:
        raise FourEyes from None


def not_executable(refusal: DefinitionRefused) -> InputRefused:
    """Give the 400 of a drawing that can't be executed: an issue per reason, at most 50."""
    report = refusal.report
    reasons = [each for process in report.processes for each in process.reasons]
    told = [data.told(each) for each in (*report.reasons, *reasons)] or ["noProcess"]
    return refused(*told[:50], name="$.xml")


def variables_of(given: dict[str, Any]) -> Variables:
    """Give the values of a body as a run holds them; raises StepNotPossible for what none can hold."""
    return {name: api.value_of_json(value) for name, value in given.items()}


def root_of(request: HttpRequest) -> str:
    """Give the address the API is at, for links: the part of this request's before the name of a list."""
    here = request.build_absolute_uri(request.path)
    base, _slash, _rest = here.partition("/v1/")
    return f"{base}/v1"


def listed(request: HttpRequest, items: list[dict[str, Any]], cursor: str = "") -> dict[str, Any]:
    """Give a page with the link to the next one."""
    body: dict[str, Any] = {"self": request.build_absolute_uri(), "items": items}
    if cursor:
        query = request.GET.copy()
        query["cursor"] = cursor
        body["next"] = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return body


def definition(each: Definition) -> dict[str, Any]:
    """Write a version down."""
    return {
        "id": each.uuid, "processKey": each.key, "version": each.version, "name": each.name,
        "sha256": each.sha256,
    }


def instance(request: HttpRequest, found: Instance) -> dict[str, Any]:
    """Write a run down, with where it stands."""
    return {
        "href": f"{root_of(request)}/instances/{found.uuid}", "id": found.uuid,
        "processKey": found.process, "version": found.version, "businessKey": found.business_key,
        "state": found.state.value, "startedAt": found.started_at.isoformat(),
        "endedAt": found.ended_at.isoformat() if found.ended_at else None,
        "activities": list(dict.fromkeys(found.nodes)), "incidents": len(found.incidents),
    }


def line(request: HttpRequest, found: InstanceLine) -> dict[str, Any]:
    """Write a run of a list down."""
    return {
        "href": f"{root_of(request)}/instances/{found.uuid}", "id": found.uuid, "version": found.version,
        "businessKey": found.business_key, "state": found.state.value,
        "startedAt": found.started_at.isoformat(),
        "endedAt": found.ended_at.isoformat() if found.ended_at else None,
    }


def task(each: Task) -> dict[str, Any]:
    """Write a task down."""
    return {
        "id": each.uuid, "instance": each.instance, "activity": each.node, "title": each.title,
        "group": each.group, "processKey": each.process, "businessKey": each.reference,
        "createdAt": each.created_at.isoformat(), "dueAt": each.due_at.isoformat() if each.due_at else None,
    }


def incident(each: Incident) -> dict[str, Any]:
    """Write an incident down, without its detail: that may quote a value."""
    return {
        "id": each.uuid, "instance": each.instance, "activity": each.node, "reason": each.reason,
        "raisedAt": each.raised_at.isoformat(),
    }


def migration(request: HttpRequest, found: Migration) -> dict[str, Any]:
    """Write a migration down."""
    return {
        "href": f"{root_of(request)}/migrations/{found.uuid}", "id": found.uuid,
        "sourceDefinition": found.source, "targetDefinition": found.target, "stage": found.stage.value,
        "total": found.total, "done": found.done, "fits": found.fits,
        "refused": [
            {"activity": each.node, "reason": each.reason, "count": each.count} for each in found.refused
        ],
        "askedAt": found.asked_at.isoformat(),
        "endedAt": found.ended_at.isoformat() if found.ended_at else None,
    }


def relocation(request: HttpRequest, instance: UUID, each: Relocation) -> dict[str, Any]:
    """Write down what was asked of a run."""
    return {
        "href": f"{root_of(request)}/instances/{instance}/relocations/{each.uuid}", "id": each.uuid,
        "source": _element(*each.source), "target": _element(*each.target), "reason": each.reason,
        "askedAt": each.asked_at.isoformat(), "isOwn": each.is_own,
    }


def relocations(request: HttpRequest, instance: UUID, found: Relocations) -> dict[str, Any]:
    """Write down where a run can be put and what was asked of it."""
    return {
        **listed(request, [relocation(request, instance, each) for each in found.asked]),
        "places": [
            {"token": token, **_element(node, name), "targets": [_element(*each) for each in targets]}
            for token, node, name, targets in found.places
        ],
    }


def _element(node: str, name: str) -> dict[str, str]:
    return {"activity": node, "name": name}

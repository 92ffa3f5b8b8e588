"""The API `processes`, shaped as process engines commonly are: start by key, tasks, messages, instances."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from ocapi.lib.problem import INPUT_EXTENDED, InputRefused, Issue
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    Instance,
    NotInGroup,
    NotRunning,
    StepNotPossible,
    Task,
    TaskClaimed,
    Variables,
)

TITLE = "Processes"
VERSION = "1.0.0"

router = Router(tags=["Processes"])


class StartIn(Schema):
    """What a run is about, and the values it begins with."""

    businessKey: str = Field(max_length=200, description="Reference of what it is about.")  # noqa: N815
    variables: dict[str, Any] = Field(default_factory=dict, max_length=200, description="Values by name.")


class CompleteIn(Schema):
    """What a task brought."""

    variables: dict[str, Any] = Field(default_factory=dict, max_length=200, description="Values by name.")


class MessageIn(Schema):
    """A message for the one instance that waits for it, or to start a process with."""

    messageName: str = Field(max_length=200, description="Name of the message in the drawing.")  # noqa: N815
    correlationKey: str = Field(max_length=200, description="Key under which it is awaited.")  # noqa: N815
    variables: dict[str, Any] = Field(default_factory=dict, max_length=200, description="Values by name.")


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


class CorrelatedOut(Schema):
    """The run that took a message up."""

    instance: UUID
    isNew: bool  # noqa: N815


@router.post(
    "/processDefinitions/{processKey}/instances", response={201: InstanceOut}, operation_id="startInstance",
    summary="Start a process", openapi_extra={"x-ocapi-operation": "processes.start"},
)
def start_instance(
    request: HttpRequest, response: HttpResponse, processKey: str, body: StartIn  # noqa: N803
) -> Any:
    """Start the newest version of a process by its key."""
    try:
        made = api.start(
            process=processKey, business_key=body.businessKey, variables=_variables(body.variables),
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except StepNotPossible as refusal:
        raise _refused(refusal.reason) from None
    shown = _instance(request, made)
    response["Location"] = str(shown["href"])
    return 201, shown


@router.get(
    "/tasks", response=TasksOut, operation_id="listTasks", summary="List open tasks",
    openapi_extra={"x-ocapi-operation": "processes.list_tasks"},
)
def list_tasks(
    request: HttpRequest, group: str = Query("", max_length=200, description="Only tasks of this group."),
    businessKey: str = Query(  # noqa: N803 (the name of the field)
        "", max_length=200, description="Only tasks of what has this key, whole or in part."),
    cursor: str = Query("", max_length=100, description="From `next` of the page before."),
) -> Any:
    """List open tasks, oldest first; nothing of persons."""
    page = api.list_tasks(
        actor=request.actor, group=group, about=businessKey, cursor=cursor,  # type: ignore[attr-defined]
    )
    body: dict[str, Any] = {
        "self": request.build_absolute_uri(), "items": [_task(each) for each in page.items]
    }
    if page.cursor:
        query = request.GET.copy()
        query["cursor"] = page.cursor
        body["next"] = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
    return body


@router.post(
    "/tasks/{uuid:taskId}/complete", response={204: None}, operation_id="completeTask",
    summary="Complete a task", openapi_extra={"x-ocapi-operation": "processes.complete_task"},
)
def complete_task(request: HttpRequest, taskId: UUID, body: CompleteIn) -> Any:  # noqa: N803
    """End an open task with what it brought; one that was done before is not found."""
    try:
        api.complete_task(
            task=taskId, variables=_variables(body.variables),
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except StepNotPossible as refusal:
        raise _refused(refusal.reason) from None
    except (TaskClaimed, NotInGroup, NotRunning) as refusal:
        raise _refused(type(refusal).__name__) from None
    return 204, None


@router.post(
    "/messages", response=CorrelatedOut, operation_id="correlateMessage", summary="Hand over a message",
    openapi_extra={"x-ocapi-operation": "processes.correlate_message"},
)
def correlate_message(request: HttpRequest, body: MessageIn) -> Any:
    """Hand a message to the instance that waits for it under the key, else start a process with it."""
    try:
        done = api.correlate_message(
            name=body.messageName, key=body.correlationKey, variables=_variables(body.variables),
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except StepNotPossible as refusal:
        raise _refused(refusal.reason) from None
    except NotRunning as refusal:
        raise _refused(type(refusal).__name__) from None
    return {"instance": done.instance, "isNew": done.is_new}


@router.get(
    "/instances/{uuid:instanceId}", response=InstanceOut, operation_id="getInstance", summary="Get a run",
    openapi_extra={"x-ocapi-operation": "processes.list_instances"},
)
def get_instance(request: HttpRequest, instanceId: UUID) -> Any:  # noqa: N803
    """Give where a run stands, without its variables."""
    found = api.get_path(instance=instanceId, actor=request.actor)  # type: ignore[attr-defined]
    return _instance(request, found.instance)


def _instance(request: HttpRequest, found: Instance) -> dict[str, Any]:
    return {
        "href": f"{_base(request)}/instances/{found.uuid}", "id": found.uuid,
        "processKey": found.process, "version": found.version, "businessKey": found.business_key,
        "state": found.state.value, "startedAt": found.started_at.isoformat(),
        "endedAt": found.ended_at.isoformat() if found.ended_at else None,
        "activities": list(dict.fromkeys(found.nodes)), "incidents": len(found.incidents),
    }


def _task(each: Task) -> dict[str, Any]:
    return {
        "id": each.uuid, "instance": each.instance, "activity": each.node, "title": each.title,
        "group": each.group, "processKey": each.process, "businessKey": each.reference,
        "createdAt": each.created_at.isoformat(), "dueAt": each.due_at.isoformat() if each.due_at else None,
    }


def _variables(given: dict[str, Any]) -> Variables:
    return {name: api.value_of_json(value) for name, value in given.items()}


def _refused(reason: str) -> InputRefused:
    return InputRefused((Issue(
        kind=f"{INPUT_EXTENDED}rejectedInput", place="body", name="$", detail=reason
    ),))


def _base(request: HttpRequest) -> str:
    here = request.build_absolute_uri(request.path)
    return here.partition("/processDefinitions/")[0].partition("/instances/")[0]

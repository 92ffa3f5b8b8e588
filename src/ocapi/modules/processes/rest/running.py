"""See which processes and runs there are, start one, do its tasks, hand messages over."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from ocapi.lib.actor import Actor
from ocapi.lib.codec import MalformedInput
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    Definition,
    DefinitionRefused,
    InstanceState,
    NotInGroup,
    NotRunning,
    ProcessNotFound,
    StepNotPossible,
    TaskClaimed,
)
from ocapi.modules.processes.rest import bodies

router = Router(tags=["Processes"])


@router.get(
    "/processDefinitions", response=bodies.DefinitionsOut, operation_id="listDefinitions",
    summary="List processes", openapi_extra={"x-ocapi-operation": "processes.read_definitions"},
)
def list_definitions(request: HttpRequest) -> Any:
    """List the newest version of each process, by key."""
    found = api.list_definitions(actor=request.actor)  # type: ignore[attr-defined]
    return bodies.listed(request, [bodies.definition(each) for each in found])


@router.post(
    "/processDefinitions", response={201: bodies.DefinitionsOut}, operation_id="deployDefinitions",
    summary="Deploy processes", openapi_extra={"x-ocapi-operation": "processes.deploy"},
)
def deploy_definitions(request: HttpRequest, body: bodies.DefinitionIn) -> Any:
    """Take a file into use: each of its processes gets a new version; the same file again changes nothing.

    Refused as a whole, with reasons by element, when one can't be executed. Runs keep their version.
    """
    try:
        made = api.deploy(
            raw=body.xml.encode(), actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except DefinitionRefused as refusal:
        raise bodies.not_executable(refusal) from None
    except StepNotPossible as refusal:
        raise bodies.refused(refusal.reason, name="$.xml") from None
    except MalformedInput as refusal:
        raise bodies.refused(str(refusal), name="$.xml") from None
    return 201, bodies.listed(request, [bodies.definition(each) for each in made])


@router.get(
    "/processDefinitions/{processKey}/versions", response=bodies.DefinitionsOut,
    operation_id="listVersions", summary="List the versions of a process",
    openapi_extra={"x-ocapi-operation": "processes.read_definitions"},
)
def list_versions(request: HttpRequest, processKey: str) -> Any:  # noqa: N803
    """List all versions of a process, newest first; runs keep the version they began in."""
    actor = request.actor  # type: ignore[attr-defined]
    return bodies.listed(request, [bodies.definition(each) for each in _versions(processKey, actor)])


def _versions(key: str, actor: Actor) -> tuple[Definition, ...]:
    newest = next((each for each in api.list_definitions(actor=actor) if each.key == key), None)
    if newest is None:
        raise ProcessNotFound(key)
    return api.get_definition(definition=newest.uuid, actor=actor)[1]


@router.get(
    "/processDefinitions/{processKey}/instances", response=bodies.InstancesOut,
    operation_id="listInstances", summary="List the runs of a process",
    openapi_extra={"x-ocapi-operation": "processes.list_instances"},
)
def list_instances(
    request: HttpRequest,
    processKey: str,  # noqa: N803 (the name of the parameter)
    version: int | None = Query(None, ge=1, description="Runs of this version; left out: the newest."),
    state: InstanceState | None = Query(None, description="Only runs in this state."),
    businessKey: str = Query(  # noqa: N803 (the name of the field)
        "", max_length=200, description="Only runs about this, or whose key begins so."),
    cursor: str = Query("", max_length=100, description="From `next` of the page before."),
    pageSize: int = Query(20, ge=1, le=100, description="Runs on a page."),  # noqa: N803
) -> Any:
    """List the runs of one version of a process, newest first, without variables."""
    actor = request.actor  # type: ignore[attr-defined]
    found = next((each for each in _versions(processKey, actor) if version in (None, each.version)), None)
    if found is None:
        raise ProcessNotFound(f"{processKey} {version}")
    page = api.list_instances(
        definition=found.uuid, state=state, about=businessKey, cursor=cursor, page_size=pageSize, actor=actor,
    )
    return bodies.listed(request, [bodies.line(request, each) for each in page.items], page.cursor)


@router.post(
    "/processDefinitions/{processKey}/instances", response={201: bodies.InstanceOut},
    operation_id="startInstance", summary="Start a process",
    openapi_extra={"x-ocapi-operation": "processes.start"},
)
def start_instance(
    request: HttpRequest, response: HttpResponse, processKey: str, body: bodies.StartIn  # noqa: N803
) -> Any:
    """Start the newest version of a process by its key."""
    try:
        made = api.start(
            process=processKey, business_key=body.businessKey, variables=bodies.variables_of(body.variables),
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except StepNotPossible as refusal:
        raise bodies.refused(refusal.reason) from None
    shown = bodies.instance(request, made)
    response["Location"] = str(shown["href"])
    return 201, shown


@router.get(
    "/tasks", response=bodies.TasksOut, operation_id="listTasks", summary="List open tasks",
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
    return bodies.listed(request, [bodies.task(each) for each in page.items], page.cursor)


@router.post(
    "/tasks/{uuid:taskId}/complete", response={204: None}, operation_id="completeTask",
    summary="Complete a task", openapi_extra={"x-ocapi-operation": "processes.complete_task"},
)
def complete_task(request: HttpRequest, taskId: UUID, body: bodies.CompleteIn) -> Any:  # noqa: N803
    """End an open task with what it brought; one that was done before is not found."""
    try:
        api.complete_task(
            task=taskId, variables=bodies.variables_of(body.variables),
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except StepNotPossible as refusal:
        raise bodies.refused(refusal.reason) from None
    except NotRunning as refusal:
        raise bodies.conflict(refusal) from None
    except (TaskClaimed, NotInGroup) as refusal:
        raise bodies.refused(type(refusal).__name__) from None
    return 204, None


@router.post(
    "/messages", response=bodies.CorrelatedOut, operation_id="correlateMessage",
    summary="Hand over a message", openapi_extra={"x-ocapi-operation": "processes.correlate_message"},
)
def correlate_message(request: HttpRequest, body: bodies.MessageIn) -> Any:
    """Hand a message to the instance that waits for it under the key, else start a process with it."""
    try:
        done = api.correlate_message(
            name=body.messageName, key=body.correlationKey, variables=bodies.variables_of(body.variables),
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except StepNotPossible as refusal:
        raise bodies.refused(refusal.reason) from None
    except NotRunning as refusal:
        raise bodies.conflict(refusal) from None
    return {"instance": done.instance, "isNew": done.is_new}


@router.get(
    "/instances/{uuid:instanceId}", response=bodies.InstanceOut, operation_id="getInstance",
    summary="Get a run", openapi_extra={"x-ocapi-operation": "processes.list_instances"},
)
def get_instance(request: HttpRequest, instanceId: UUID) -> Any:  # noqa: N803
    """Give where a run stands, without its variables."""
    found = api.get_path(instance=instanceId, actor=request.actor)  # type: ignore[attr-defined]
    return bodies.instance(request, found.instance)

"""Operations on runs: stop them for a while or for good, repair a step, move them to another version."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    Instance,
    MigrationPlan,
    NotRunning,
    ProcessNotFound,
    StepNotPossible,
)
from ocapi.modules.processes.rest import bodies

router = Router(tags=["Operations"])


@router.post(
    "/instances/{uuid:instanceId}/suspend", response=bodies.InstanceOut, operation_id="suspendInstance",
    summary="Suspend a run", openapi_extra={"x-ocapi-operation": "processes.suspend"},
)
def suspend_instance(request: HttpRequest, instanceId: UUID) -> Any:  # noqa: N803
    """Let a run stand still until it is resumed."""
    return _changed(request, api.suspend, instanceId)


@router.post(
    "/instances/{uuid:instanceId}/resume", response=bodies.InstanceOut, operation_id="resumeInstance",
    summary="Resume a run", openapi_extra={"x-ocapi-operation": "processes.suspend"},
)
def resume_instance(request: HttpRequest, instanceId: UUID) -> Any:  # noqa: N803
    """Let a suspended run go on; timers that fell due meanwhile fire at once."""
    return _changed(request, api.resume, instanceId)


@router.post(
    "/instances/{uuid:instanceId}/cancel", response=bodies.InstanceOut, operation_id="cancelInstance",
    summary="Cancel a run", openapi_extra={"x-ocapi-operation": "processes.cancel"},
)
def cancel_instance(request: HttpRequest, instanceId: UUID) -> Any:  # noqa: N803
    """End a run early, for good."""
    return _changed(request, api.cancel, instanceId)


def _changed(request: HttpRequest, change: Callable[..., Instance], instance: UUID) -> dict[str, Any]:
    try:
        made = change(
            instance=instance, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except NotRunning as refusal:
        raise bodies.conflict(refusal) from None
    return bodies.instance(request, made)


@router.get(
    "/incidents", response=bodies.IncidentsOut, operation_id="listIncidents", summary="List open incidents",
    openapi_extra={"x-ocapi-operation": "processes.list_incidents"},
)
def list_incidents(
    request: HttpRequest,
    cursor: str = Query("", max_length=100, description="From `next` of the page before."),
) -> Any:
    """List the steps that could not be taken, oldest first."""
    page = api.list_incidents(actor=request.actor, cursor=cursor)  # type: ignore[attr-defined]
    return bodies.listed(request, [bodies.incident(each) for each in page.items], page.cursor)


@router.post(
    "/incidents/{uuid:incidentId}/retry", response=bodies.InstanceOut, operation_id="retryIncident",
    summary="Try a failed step again", openapi_extra={"x-ocapi-operation": "processes.repair_incident"},
)
def retry_incident(request: HttpRequest, incidentId: UUID) -> Any:  # noqa: N803
    """Try the step of an incident again; a new incident follows when it fails again."""
    return _repaired(request, incidentId, is_skip=False)


@router.post(
    "/incidents/{uuid:incidentId}/skip", response=bodies.InstanceOut, operation_id="skipIncident",
    summary="Go on past a failed step", openapi_extra={"x-ocapi-operation": "processes.repair_incident"},
)
def skip_incident(request: HttpRequest, incidentId: UUID) -> Any:  # noqa: N803
    """Let the run go on as if the step had been taken without a result."""
    return _repaired(request, incidentId, is_skip=True)


def _repaired(request: HttpRequest, incident: UUID, *, is_skip: bool) -> dict[str, Any]:
    repair = api.skip_incident if is_skip else api.retry_incident
    try:
        made = repair(
            incident=incident, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    except NotRunning as refusal:
        raise bodies.conflict(refusal) from None
    except StepNotPossible as refusal:
        raise bodies.refused(refusal.reason) from None
    return bodies.instance(request, made)


@router.post(
    "/migrations", response={202: bodies.MigrationOut}, operation_id="planMigration",
    summary="Plan to move runs to another version",
    openapi_extra={"x-ocapi-operation": "processes.migrate"},
)
def plan_migration(request: HttpRequest, response: HttpResponse, body: bodies.MigrationIn) -> Any:
    """Let the worker look at each run of a version: can it go on in the other? Nothing moves yet."""
    actor = request.actor  # type: ignore[attr-defined]
    plan = MigrationPlan(
        source=body.sourceDefinition, target=body.targetDefinition, nodes=body.activities
    )
    try:
        asked = api.ask_migration(plan=plan, actor=actor, now=request.now)  # type: ignore[attr-defined]
    except StepNotPossible as refusal:
        raise bodies.refused(refusal.reason) from None
    except ProcessNotFound:
        raise bodies.refused("processNotFound") from None
    return _accepted(request, response, asked)


@router.get(
    "/migrations/{uuid:migrationId}", response=bodies.MigrationOut, operation_id="getMigration",
    summary="Get how far a migration is", openapi_extra={"x-ocapi-operation": "processes.migrate"},
)
def get_migration(request: HttpRequest, migrationId: UUID) -> Any:  # noqa: N803
    """Tell how many runs were looked at or moved, and why others stay."""
    found = api.get_migration(migration=migrationId, actor=request.actor)  # type: ignore[attr-defined]
    return bodies.migration(request, found)


@router.post(
    "/migrations/{uuid:migrationId}/execute", response={202: bodies.MigrationOut},
    operation_id="executeMigration", summary="Carry out a migration that was looked at",
    openapi_extra={"x-ocapi-operation": "processes.migrate"},
)
def execute_migration(
    request: HttpRequest, response: HttpResponse, migrationId: UUID  # noqa: N803
) -> Any:
    """Move each run that can, one by one; the others stay. It is not found before all were looked at."""
    api.carry_out_migration(
        migration=migrationId, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return _accepted(request, response, migrationId)


def _accepted(request: HttpRequest, response: HttpResponse, migration: UUID) -> tuple[int, dict[str, Any]]:
    found = api.get_migration(migration=migration, actor=request.actor)  # type: ignore[attr-defined]
    shown = bodies.migration(request, found)
    response["Location"] = str(shown["href"])
    return 202, shown

"""Putting a run at another element than its drawing leads to: one person asks, another one confirms.

Both use their own session; a system has no person to answer for it, so it is refused.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from ocapi.modules.processes import api
from ocapi.modules.processes.data import RelocationNotFound
from ocapi.modules.processes.rest import bodies

router = Router(tags=["Operations"])


@router.get(
    "/instances/{uuid:instanceId}/relocations", response=bodies.RelocationsOut,
    operation_id="listRelocations", summary="List where a run can be put and what was asked",
    openapi_extra={"x-ocapi-operation": "processes.relocate"},
)
def list_relocations(request: HttpRequest, instanceId: UUID) -> Any:  # noqa: N803
    """List the tokens of a run, the elements each can go to, and what waits for a second person."""
    found = api.list_relocations(
        instance=instanceId, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return bodies.relocations(request, instanceId, found)


@router.post(
    "/instances/{uuid:instanceId}/relocations", response={201: bodies.RelocationOut},
    operation_id="askRelocation", summary="Ask to put a run at another element",
    openapi_extra={"x-ocapi-operation": "processes.relocate"},
)
def ask_relocation(
    request: HttpRequest, response: HttpResponse, instanceId: UUID, body: bodies.RelocationIn  # noqa: N803
) -> Any:
    """Ask a colleague to confirm it; nothing moves yet. Asking again for a token takes its place."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    with bodies.asked_of_two():
        made = api.ask_relocation(
            instance=instanceId, token=body.token, target=body.activity, reason=body.reason,
            actor=actor, now=now,
        )
    shown = _shown(request, instanceId, made)
    response["Location"] = str(shown["href"])
    return 201, shown


@router.get(
    "/instances/{uuid:instanceId}/relocations/{uuid:relocationId}", response=bodies.RelocationOut,
    operation_id="getRelocation", summary="Get what was asked of a run",
    openapi_extra={"x-ocapi-operation": "processes.relocate"},
)
def get_relocation(request: HttpRequest, instanceId: UUID, relocationId: UUID) -> Any:  # noqa: N803
    """Tell what somebody asks; it is not found once the run has gone on."""
    return _shown(request, instanceId, relocationId)


def _shown(request: HttpRequest, instance: UUID, relocation: UUID) -> dict[str, Any]:
    found = api.list_relocations(
        instance=instance, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    wish = next((each for each in found.asked if each.uuid == relocation), None)
    if wish is None:
        raise RelocationNotFound(str(relocation))
    return bodies.relocation(request, instance, wish)


@router.post(
    "/instances/{uuid:instanceId}/relocations/{uuid:relocationId}/confirm", response=bodies.InstanceOut,
    operation_id="confirmRelocation", summary="Confirm what a colleague asked",
    openapi_extra={"x-ocapi-operation": "processes.relocate"},
)
def confirm_relocation(request: HttpRequest, instanceId: UUID, relocationId: UUID) -> Any:  # noqa: N803
    """Let the run go on at the other element; never by the person who asked it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    with bodies.asked_of_two():
        api.confirm_relocation(instance=instanceId, relocation=relocationId, actor=actor, now=now)
    return bodies.instance(request, api.get_path(instance=instanceId, actor=actor).instance)


@router.delete(
    "/instances/{uuid:instanceId}/relocations/{uuid:relocationId}", response={204: None},
    operation_id="withdrawRelocation", summary="Forget what was asked of a run",
    openapi_extra={"x-ocapi-operation": "processes.relocate"},
)
def withdraw_relocation(request: HttpRequest, instanceId: UUID, relocationId: UUID) -> Any:  # noqa: N803
    """Take back what was asked, by the person who asked it or a colleague."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    api.withdraw_relocation(instance=instanceId, relocation=relocationId, actor=actor, now=now)
    return 204, None

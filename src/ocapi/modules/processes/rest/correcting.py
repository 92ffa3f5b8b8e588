"""Values of runs: reading them, and giving one another content, which one person asks and another confirms.

Reading is for systems too; a correction needs two persons, each in a session of their own.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Header, Router, Schema

from ocapi.lib.bpmn.engine.state import ROOT
from ocapi.lib.feel import as_json
from ocapi.lib.feel.natives import NotAValue
from ocapi.lib.feel.types import Simple
from ocapi.lib.feel.values import Value, kind_of
from ocapi.lib.problem import IfMatchStale, revision_of
from ocapi.modules.processes import api
from ocapi.modules.processes.data import (
    Correction,
    CorrectionNotFound,
    RunChanged,
)
from ocapi.modules.processes.rest import bodies

router = Router(tags=["Operations"])
TYPES = (
    "string", "number", "boolean", "date", "time", "date and time", "days and time duration",
    "years and months duration", "list", "context",
)


class VariableIn(Schema):
    """Which content a value is to have, and why."""

    value: Any = Field(None, description="As JSON; moments and durations as ISO 8601 texts.")
    type: str = Field(
        "", max_length=40,
        description="What the content is, as FEEL calls it, such as `date`; left out: as JSON has it.",
    )
    scope: int = Field(
        ROOT, ge=1, lt=1_000_000_000,
        description="Part of the run the value stands in, from the list of variables; left out: the run.",
    )
    reason: str = Field(max_length=300, description="Why; a colleague reads it. Name no persons.")


class VariableOut(Schema):
    """A value of a run. Of persons: without content."""

    name: str
    scope: int = Field(description="Number of the part it stands in, 1 for the run itself.")
    place: str = Field(description="What the drawing calls that part, empty for the run itself.")
    type: str = Field(description="As FEEL calls it; empty when hidden.")
    value: Any = None
    isHidden: bool  # noqa: N815


class VariablesOut(Schema):
    """The values of a run; ETag names the state they were read in."""

    self: str
    items: list[VariableOut]


class CorrectionOut(Schema):
    """What somebody asks of a value and a colleague is to confirm."""

    href: str
    id: UUID
    name: str
    scope: int
    isNew: bool = Field(description="No value has that name yet.")  # noqa: N815
    before: Any = None
    value: Any = None
    isHidden: bool = Field(description="Of persons: both contents are left out.")  # noqa: N815
    reason: str
    askedAt: str  # noqa: N815
    isOwn: bool = Field(description="Whether the caller asked it, and so can't confirm it.")  # noqa: N815


class CorrectionsOut(Schema):
    """What was asked of the values of a run, oldest first."""

    self: str
    items: list[CorrectionOut]


@router.get(
    "/instances/{uuid:instanceId}/variables", response=VariablesOut, operation_id="listVariables",
    summary="List the values of a run", openapi_extra={"x-ocapi-operation": "processes.read_instance"},
)
def list_variables(request: HttpRequest, instanceId: UUID) -> Any:  # noqa: N803
    """List the values of a run and its parts, those of persons without content; each look is logged."""
    found = api.list_masked_values(
        instance=instanceId, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return _answer(bodies.listed(request, [
        {
            "name": each.name, "scope": each.scope, "place": each.place, "isHidden": each.is_hidden,
            "type": "" if each.is_hidden else kind_of(each.value), "value": each.value,
        }
        for each in found.items
    ]), headers={"ETag": f'"{found.revision}"'})


def _answer(
    body: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None
) -> HttpResponse:
    """Write an answer whose numbers stay exact."""
    return HttpResponse(
        as_json.to_json(body), status=status, content_type="application/json", headers=headers)


@router.put(
    "/instances/{uuid:instanceId}/variables/{variableName}", response={202: CorrectionOut},
    operation_id="askCorrection", summary="Ask to correct a value",
    openapi_extra={"x-ocapi-operation": "processes.correct_variable"},
)
def ask_correction(
    request: HttpRequest, instanceId: UUID, variableName: str, body: VariableIn,  # noqa: N803
    if_match: str = Header("", alias="If-Match"),
) -> Any:
    """Ask a colleague to confirm another content; nothing changes yet. Asking again takes its place."""
    revision = revision_of(if_match)
    try:
        with bodies.asked_of_two():
            made = api.ask_correction(
                instance=instanceId, scope=body.scope, name=variableName, value=_content(body),
                reason=body.reason, revision=revision,
                actor=request.actor, now=request.now,  # type: ignore[attr-defined]
            )
    except RunChanged:
        raise IfMatchStale from None
    shown = _shown(request, instanceId, made)
    return _answer(shown, status=202, headers={"Location": str(shown["href"])})


def _content(body: VariableIn) -> Any:
    """Give the content as its type means it, or refuse it."""
    given: Value = api.value_of_json(body.value)  # type: ignore[assignment]
    if not body.type:
        return given
    if body.type not in TYPES:
        raise bodies.refused(f"one of: {', '.join(TYPES)}", name="$.type")
    try:
        return as_json.fitted(given, Simple(name=body.type))
    except NotAValue as refusal:
        raise bodies.refused(str(refusal), name="$.value") from None


@router.get(
    "/instances/{uuid:instanceId}/corrections", response=CorrectionsOut, operation_id="listCorrections",
    summary="List what was asked of the values of a run",
    openapi_extra={"x-ocapi-operation": "processes.correct_variable"},
)
def list_corrections(request: HttpRequest, instanceId: UUID) -> Any:  # noqa: N803
    """List what waits for a second person; of persons without content."""
    found = api.list_masked_corrections(
        instance=instanceId, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    return _answer(bodies.listed(request, [_correction(request, instanceId, each) for each in found]))


@router.get(
    "/instances/{uuid:instanceId}/corrections/{uuid:correctionId}", response=CorrectionOut,
    operation_id="getCorrection", summary="Get what was asked of a value",
    openapi_extra={"x-ocapi-operation": "processes.correct_variable"},
)
def get_correction(request: HttpRequest, instanceId: UUID, correctionId: UUID) -> Any:  # noqa: N803
    """Tell what somebody asks; it is not found once the value has changed."""
    return _answer(_shown(request, instanceId, correctionId))


def _shown(request: HttpRequest, instance: UUID, correction: UUID) -> dict[str, Any]:
    found = api.list_masked_corrections(
        instance=instance, actor=request.actor, now=request.now)  # type: ignore[attr-defined]
    wish = next((each for each in found if each.uuid == correction), None)
    if wish is None:
        raise CorrectionNotFound(str(correction))
    return _correction(request, instance, wish)


def _correction(request: HttpRequest, instance: UUID, each: Correction) -> dict[str, Any]:
    return {
        "href": f"{bodies.root_of(request)}/instances/{instance}/corrections/{each.uuid}",
        "id": str(each.uuid), "name": each.name, "scope": each.scope, "isNew": each.is_new,
        "before": each.before, "value": each.value, "isHidden": each.is_hidden, "reason": each.reason,
        "askedAt": each.asked_at.isoformat(), "isOwn": each.is_own,
    }


@router.post(
    "/instances/{uuid:instanceId}/corrections/{uuid:correctionId}/confirm", response=bodies.InstanceOut,
    operation_id="confirmCorrection", summary="Confirm what a colleague asked of a value",
    openapi_extra={"x-ocapi-operation": "processes.correct_variable"},
)
def confirm_correction(request: HttpRequest, instanceId: UUID, correctionId: UUID) -> Any:  # noqa: N803
    """Give the value its new content, never by the person who asked; try a stuck step again after it."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    with bodies.asked_of_two():
        api.confirm_correction(instance=instanceId, correction=correctionId, actor=actor, now=now)
    return bodies.instance(request, api.get_path(instance=instanceId, actor=actor).instance)


@router.delete(
    "/instances/{uuid:instanceId}/corrections/{uuid:correctionId}", response={204: None},
    operation_id="withdrawCorrection", summary="Forget what was asked of a value",
    openapi_extra={"x-ocapi-operation": "processes.correct_variable"},
)
def withdraw_correction(request: HttpRequest, instanceId: UUID, correctionId: UUID) -> Any:  # noqa: N803
    """Take back what was asked, by the person who asked it or a colleague."""
    actor, now = request.actor, request.now  # type: ignore[attr-defined]
    api.withdraw_correction(instance=instanceId, correction=correctionId, actor=actor, now=now)
    return 204, None

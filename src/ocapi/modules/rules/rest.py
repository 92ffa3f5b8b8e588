"""The API `rules`: see decision models and what they ask for, deploy one, let a decision be answered."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from ocapi.kernel.ui import api as ui
from ocapi.lib.feel import as_json
from ocapi.lib.problem import INPUT_EXTENDED, InputRefused, Issue
from ocapi.modules.rules import api
from ocapi.modules.rules.data import (
    CasesFailed,
    Decided,
    DecisionFailed,
    DecisionNotFound,
    FactRefused,
    ModelNotUsable,
    ModelVersion,
)

TITLE = "Rules"
VERSION = "1.0.0"
router = Router(tags=["Rules"])


class ModelOut(Schema):
    """One version of a decision model."""

    href: str
    id: UUID
    modelKey: str = Field(description="Name of the model in its file.")  # noqa: N815
    version: int
    decisions: list[str] = Field(description="Names of what it decides.")
    testCases: int = Field(description="Test cases beside it, all of which pass.")  # noqa: N815
    sha256: str = Field(description="Of the DMN file.")


class ModelsOut(Schema):
    """The newest version of each decision model."""

    self: str
    items: list[ModelOut]


class InputOut(Schema):
    """A fact that a model asks for."""

    name: str
    type: str = Field(description="As FEEL writes it: number, date, list<string>, …")


class ModelDetailOut(ModelOut):
    """One version of a decision model, with what it asks for."""

    inputs: list[InputOut]


class ModelIn(Schema):
    """A DMN file, and the files it imports."""

    xml: str = Field(max_length=1 << 20, description="DMN 1.2 to 1.5; kept as it comes.")
    imports: list[str] = Field(default_factory=list, max_length=20, description="The files it imports.")


class EvaluationIn(Schema):
    """What is to be decided, and the facts."""

    decision: str = Field(max_length=200, description="Name of the decision.")
    facts: dict[str, Any] = Field(
        default_factory=dict, max_length=200,
        description="Values by the name of the input; dates, times and durations as ISO 8601 texts.",
    )
    version: int | None = Field(None, ge=1, lt=1_000_000_000, description="Of the model; else the newest.")


class RuleOut(Schema):
    """A rule that gave the answer."""

    id: str
    number: int = Field(description="Its place in the table, from 1.")
    remarks: list[str]


class SeenOut(Schema):
    """An input of a table and the value it had."""

    label: str
    value: str = Field(description="As FEEL writes it.")


class TableOut(Schema):
    """One decision table that was asked."""

    decision: str
    table: str
    hitPolicy: str = Field(description="U A P F R O C, with the aggregation behind it.")  # noqa: N815
    inputs: list[SeenOut]
    rules: list[RuleOut]
    output: str = Field(description="As FEEL writes it.")


class EvaluationOut(Schema):
    """An answer with its reasons. Nothing of it is stored: keep with the decision what explains it."""

    decision: str
    modelKey: str  # noqa: N815
    version: int
    value: Any = Field(None, description="Left out when there is no value (null).")
    words: list[str] = Field(description="The reasons in Dutch, a sentence each.")
    tables: list[TableOut]
    issues: list[str] = Field(description="Codes of what made parts of it null.")


@router.get(
    "/decisionModels", response=ModelsOut, operation_id="listDecisionModels", summary="List decision models",
    openapi_extra={"x-ocapi-operation": "rules.read_models"},
)
def list_models(request: HttpRequest) -> Any:
    """List the newest version of each decision model, by key."""
    found = api.list_models(actor=request.actor)  # type: ignore[attr-defined]
    return {"self": request.build_absolute_uri(), "items": [_model(request, each) for each in found]}


@router.get(
    "/decisionModels/{uuid:modelId}", response=ModelDetailOut, operation_id="getDecisionModel",
    summary="Get a decision model", openapi_extra={"x-ocapi-operation": "rules.read_models"},
)
def get_model(request: HttpRequest, modelId: UUID) -> Any:  # noqa: N803 (the name of the parameter)
    """Give one version of a model with the facts it asks for."""
    found, inputs = api.get_version(model=modelId, actor=request.actor)  # type: ignore[attr-defined]
    asked = [{"name": each.name, "type": each.type} for each in inputs]
    return {**_model(request, found), "inputs": asked}


@router.post(
    "/decisionModels", response={201: ModelOut}, operation_id="deployDecisionModel",
    summary="Deploy a decision model", openapi_extra={"x-ocapi-operation": "rules.deploy"},
)
def deploy_model(request: HttpRequest, response: HttpResponse, body: ModelIn) -> Any:
    """Save a file as the newest version, when the test cases beside the one before pass.

    The same file again changes nothing.
    """
    try:
        made = api.deploy(
            raw=body.xml.encode(), imports=[each.encode() for each in body.imports],
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except ModelNotUsable as refusal:
        raise _refused("$.xml", f"{refusal.reason} {refusal.element}".strip()) from None
    except CasesFailed as refusal:
        names = ", ".join(each.name for each in refusal.failed)
        raise _refused("$.xml", f"testCasesFailed {names}") from None
    shown = _model(request, made)
    response["Location"] = str(shown["href"])
    return 201, shown


@router.post(
    "/evaluations", response=EvaluationOut, operation_id="evaluateDecision",
    summary="Let a decision be answered",
    openapi_extra={"x-ocapi-operation": "rules.evaluate"},
)
def evaluate(request: HttpRequest, body: EvaluationIn) -> Any:
    """Answer a decision from facts, with the rules that gave the answer. Numbers are exact both ways."""
    try:
        found = api.evaluate_json(
            decision=body.decision, facts=body.facts, version=body.version,
            actor=request.actor, now=request.now,  # type: ignore[attr-defined]
        )
    except DecisionNotFound:
        raise _refused("$.decision", "no model decides this, or not in that version",
                       kind="referencedResourceNotFound") from None
    except FactRefused as refusal:
        raise _refused(f"$.facts.{refusal.name}"[:200], refusal.detail) from None
    except DecisionFailed as refusal:
        raise _refused("$.facts", refusal.reason) from None
    return HttpResponse(as_json.to_json(_answer(found)), content_type="application/json")


def _refused(name: str, detail: str, *, kind: str = "") -> InputRefused:
    return InputRefused((Issue(
        kind=kind or f"{INPUT_EXTENDED}rejectedInput", place="body", name=name, detail=detail[:300]
    ),))


def _model(request: HttpRequest, each: ModelVersion) -> dict[str, Any]:
    return {
        "href": ui.address(request, f"/api/rules/v1/decisionModels/{each.uuid}"), "id": each.uuid,
        "modelKey": each.key, "version": each.version, "decisions": list(each.decisions),
        "testCases": each.cases, "sha256": each.sha256,
    }


def _answer(found: Decided) -> dict[str, Any]:
    answer: dict[str, Any] = {"decision": found.decision, "modelKey": found.model, "version": found.version}
    if found.value is not None:
        answer["value"] = found.value
    return answer | {
        "words": list(found.words), "issues": list(found.issues),
        "tables": [
            {
                "decision": each.decision, "table": each.table, "hitPolicy": each.hit_policy,
                "inputs": [{"label": seen.label, "value": seen.value} for seen in each.inputs],
                "rules": [
                    {"id": rule.id, "number": rule.number, "remarks": list(rule.remarks)}
                    for rule in each.rules
                ],
                "output": each.output,
            } for each in found.tables
        ],
    }

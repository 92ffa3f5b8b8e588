"""The door of rules: save decision models with their test cases, answer decisions and say why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor
from ocapi.lib.dmn import kit
from ocapi.modules.rules import queries
from ocapi.modules.rules.data import (
    Case,
    Decided,
    DecisionNotFound,
    KitReport,
    ModelVersion,
)
from ocapi.modules.rules.services import versions


def deploy(
    *, raw: bytes, actor: Actor, now: datetime, imports: Sequence[bytes] = (),
    cases: Sequence[Case] | None = None,
) -> ModelVersion:
    """Save a DMN file as a new version of its model, kept verbatim; the same again changes nothing.

    imports: the files it imports. cases: test cases beside it, run now; without them those of the version
    before are run. Emits ModelDeployed. What was decided by an earlier version stays explained by that one.
    Raises ModelNotUsable with element and remedy (circular imports, DTD, too large, broken expressions),
    CasesFailed with the names of those that fail, DecisionTaken, NotAllowed; then nothing is stored.
    """
    access.require(actor, "rules.deploy")
    model = versions.read(raw, imports)
    with transaction.atomic():
        last = versions.latest(model.name)
        beside = tuple(cases) if cases is not None else (versions.cases_of(last) if last else ())
        versions.tried(model, beside, now=now)
        row = versions.deploy(raw, model, imports, beside, actor=actor, now=now)
        audit.changed(
            actor=actor, operation="rules.deploy", resource=f"decisionModel/{row.uuid}", now=now,
            fields=("xml", "cases"),
        )
    return queries.version(row)


def list_models(*, actor: Actor) -> tuple[ModelVersion, ...]:
    """Give the newest version of every decision model, by key. Raises NotAllowed."""
    access.require(actor, "rules.read_models")
    return queries.models()


def export(*, key: str, version: int, actor: Actor) -> bytes:
    """Give the file of a version as it came. Raises DecisionNotFound, NotAllowed."""
    access.require(actor, "rules.read_models")
    return queries.file(key=key, version=version)


def knows(*, decision: str) -> bool:
    """Tell whether a model of the bound organization answers a decision; holds nothing of persons."""
    return versions.find(decision, None) is not None


def evaluate(
    *, decision: str, facts: Mapping[str, object], actor: Actor, now: datetime, version: int | None = None
) -> Decided:
    """Answer a decision from facts by name, with the rules that fired, also in Dutch words.

    version: of the model, the newest when left out. Facts come from the caller and are not stored: who
    decides by the answer stores `Decided.explanation()` with it.
    Raises DecisionNotFound, DecisionFailed, NotAllowed.
    """
    access.require(actor, "rules.evaluate")
    row = versions.find(decision, version)
    if row is None:
        raise DecisionNotFound(decision)
    return versions.answer(row, decision, facts, now=now)


def run_kit(*, folder: Path, now: datetime) -> KitReport:
    """Answer the DMN Technology Compatibility Kit in a folder; touches no organization. Raises KitMissing.

    Source: github.com/dmn-tck/tck, `TestCases/`. Cases that call Java are told apart and never run.
    """
    return kit.run_kit(folder, now=now)

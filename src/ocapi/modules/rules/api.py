"""The door of rules: save decision models with their test cases, answer decisions and say why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor
from ocapi.lib.codec import JsonValue
from ocapi.lib.dmn import kit
from ocapi.modules.rules import queries
from ocapi.modules.rules.data import (
    Case,
    Decided,
    DecisionNotFound,
    Input,
    KitReport,
    ModelDraft,
    ModelVersion,
    Sheet,
    TypedCase,
)
from ocapi.modules.rules.models import ModelVersionRow
from ocapi.modules.rules.services import drafts, versions


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


def list_versions(*, key: str, actor: Actor) -> tuple[ModelVersion, ...]:
    """Give the versions of a model, newest first, at most 100. Raises NotAllowed."""
    access.require(actor, "rules.read_models")
    return queries.versions(key)


def get_version(*, model: UUID, actor: Actor) -> tuple[ModelVersion, tuple[Input, ...]]:
    """Give a version with the facts it asks for. Raises DecisionNotFound, NotAllowed."""
    access.require(actor, "rules.read_models")
    row = queries.row_of(model)
    return queries.version(row), versions.inputs(row)


def list_drafts(*, actor: Actor) -> tuple[ModelDraft, ...]:
    """Give every model that is being worked on, the last changed first. Raises NotAllowed."""
    access.require(actor, "rules.read_drafts")
    return drafts.listed()


def get_draft(*, draft: UUID, actor: Actor, now: datetime) -> ModelDraft:
    """Give a draft with its tables, and its test cases tried now. Raises DraftNotFound, NotAllowed."""
    access.require(actor, "rules.read_drafts")
    return drafts.told(drafts.row_of(draft), now=now)


def read_draft(*, draft: UUID, actor: Actor) -> bytes:
    """Give the file of a draft as it was saved. Raises DraftNotFound, NotAllowed."""
    access.require(actor, "rules.read_drafts")
    return bytes(drafts.row_of(draft).xml)


def create_draft(
    *, actor: Actor, now: datetime, title: str = "", raw: bytes = b"", imports: Sequence[bytes] = (),
    key: str = "",
) -> ModelDraft:
    """Begin a draft: one small table under a title, a file kept as it came, or the newest version of `key`.

    Raises ModelNotUsable for a file that is no DMN or imports what is not there, DecisionNotFound for an
    unknown key, NotAllowed.
    """
    access.require(actor, "rules.edit_draft")
    with transaction.atomic():
        row = drafts.create(title=title, raw=raw, imports=imports, key=key, now=now)
        _draft_changed(actor, row.uuid, ("xml",), now)
    return drafts.told(row, now=now)


def save_sheet(
    *, draft: UUID, place: int, sheet: Sheet, revision: int, actor: Actor, now: datetime
) -> ModelDraft:
    """Save one table of a draft over the revision that was seen; the rest of the file stays as it is.

    Raises DraftChanged with the newest revision, DraftNotFound, ModelNotUsable, NotAllowed; then nothing is
    saved.
    """
    access.require(actor, "rules.edit_draft")
    with transaction.atomic():
        row = drafts.save_sheet(draft, place, sheet, revision=revision, now=now)
        _draft_changed(actor, draft, ("xml",), now)
    return drafts.told(row, now=now)


def save_expression(
    *, draft: UUID, place: int, text: str, revision: int, actor: Actor, now: datetime
) -> ModelDraft:
    """Save the plain expression of one part of a draft; every other byte of the file stays as it is.

    Raises DraftChanged with the newest revision, DraftNotFound, ModelNotUsable, NotAllowed; then nothing is
    saved.
    """
    access.require(actor, "rules.edit_draft")
    with transaction.atomic():
        row = drafts.save_expression(draft, place, text, revision=revision, now=now)
        _draft_changed(actor, draft, ("xml",), now)
    return drafts.told(row, now=now)


def save_cases(
    *, draft: UUID, cases: Sequence[TypedCase], revision: int, actor: Actor, now: datetime
) -> ModelDraft:
    """Save the test cases beside a draft as they were typed, and try them.

    Raises DraftChanged, DraftNotFound, ModelNotUsable for more than 100, NotAllowed.
    """
    access.require(actor, "rules.edit_draft")
    with transaction.atomic():
        row = drafts.save_cases(draft, cases, revision=revision, now=now)
        _draft_changed(actor, draft, ("cases",), now)
    return drafts.told(row, now=now)


def publish_draft(*, draft: UUID, revision: int, actor: Actor, now: datetime) -> ModelVersion:
    """Make a draft the newest version of its model, when all its test cases pass. Emits ModelDeployed.

    Raises DraftChanged, DraftNotFound, ModelNotUsable, CasesFailed, DecisionTaken, NotAllowed.
    """
    access.require(actor, "rules.deploy")
    row = drafts.row_of(draft)
    drafts.require_revision(row, revision)
    return deploy(
        raw=bytes(row.xml), imports=drafts.imports_of(row), cases=drafts.cases_of(row, now=now), actor=actor,
        now=now,
    )


def discard_draft(*, draft: UUID, actor: Actor, now: datetime) -> None:
    """Throw a draft away; versions published from it stay. Raises DraftNotFound, NotAllowed."""
    access.require(actor, "rules.edit_draft")
    with transaction.atomic():
        drafts.row_of(draft).delete()
        _draft_changed(actor, draft, ("xml",), now)


def _draft_changed(actor: Actor, draft: UUID, fields: tuple[str, ...], now: datetime) -> None:
    audit.changed(
        actor=actor, operation="rules.edit_draft", resource=f"decisionModelDraft/{draft}", now=now,
        fields=fields,
    )


def knows(*, decision: str) -> bool:
    """Tell whether a model of the bound organization answers a decision; holds nothing of persons."""
    return versions.find(decision, None) is not None


def texts_of(*, decision: str) -> tuple[str, ...]:
    """Give the texts a decision table can answer, in its order, as far as they stand there; else none."""
    row = versions.find(decision, None)
    return versions.texts(row, decision) if row else ()


def evaluate(
    *, decision: str, facts: Mapping[str, object], actor: Actor, now: datetime, version: int | None = None
) -> Decided:
    """Answer a decision from facts by name, with the rules that fired, also in Dutch words.

    version: of the model, the newest when left out. Facts come from the caller and are not stored: who
    decides by the answer stores `Decided.explanation()` with it.
    Raises DecisionNotFound, DecisionFailed, NotAllowed.
    """
    access.require(actor, "rules.evaluate")
    return versions.answer(_version(decision, version), decision, facts, now=now)


def evaluate_json(
    *, decision: str, facts: Mapping[str, JsonValue], actor: Actor, now: datetime, version: int | None = None
) -> Decided:
    """Answer a decision as `evaluate` does, from decoded JSON: moments and durations are ISO 8601 texts.

    Raises FactRefused for a fact the model does not ask for or that is not of its type, and as `evaluate`.
    """
    access.require(actor, "rules.evaluate")
    row = _version(decision, version)
    return versions.answer(row, decision, versions.facts_of_json(row, facts), now=now)


def _version(decision: str, version: int | None) -> ModelVersionRow:
    row = versions.find(decision, version)
    if row is None:
        raise DecisionNotFound(decision)
    return row


def run_kit(*, folder: Path, now: datetime) -> KitReport:
    """Answer the DMN Technology Compatibility Kit in a folder; touches no organization. Raises KitMissing.

    Source: github.com/dmn-tck/tck, `TestCases/`. Cases that call Java are told apart and never run.
    """
    return kit.run_kit(folder, now=now)
